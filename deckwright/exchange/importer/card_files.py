"""Drafts as the text of cards, and as new card files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from deckwright.cards.formatter import formatted, meaning
from deckwright.cards.ids import first_free
from deckwright.cards.image_addresses import from_project
from deckwright.cards.parse import parse
from deckwright.cards.sections import fresh
from deckwright.cards.workspace import LONG
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import has_errors
from deckwright.core.source import Source
from deckwright.exchange.importer.destination import Destination, Home
from deckwright.exchange.importer.drafts import Draft
from deckwright.project.project import Project


@dataclass(frozen=True, slots=True)
class CardFile:
    """A new card file, and the ids of the cards in it."""

    path: str
    text: str
    ids: tuple[str, ...]


def card_files(
    drafts: Iterable[Draft],
    destination: Destination,
    project: Project,
    taken: Callable[[str], bool],
) -> list[CardFile]:
    """New files with the drafts, none of them too long.

    `taken` says whether a path is in use.
    """
    by_home: dict[Home, list[Draft]] = {}
    for draft in drafts:
        home = draft.home or destination.home
        assert home is not None, "the plan refuses cards without a home"
        by_home.setdefault(home, []).append(draft)
    files: dict[str, CardFile] = {}
    tried: dict[str, int] = {}

    def free_path(folder: str) -> str:
        return first_free(
            lambda number: f"{folder}/{destination.name}{number}.md",
            lambda path: path in files or taken(path),
            tried,
        )

    for home, group in by_home.items():
        title = project.vocabulary.services[home.service].title
        for run in _runs(group):
            path = free_path(destination.folder(home))
            source = Source(path, fresh(title, map(section, run)))
            text, _ = formatted(source, tuple(project.card_schema.properties))
            ids = tuple(draft.id for draft in run)
            files[path] = CardFile(path, source.text if text is None else text, ids)
    return list(files.values())


def _runs(drafts: Iterable[Draft]) -> list[list[Draft]]:
    """Drafts in their order, as many together as a card file should have lines for."""
    runs: list[list[Draft]] = []
    length = 0
    for draft in drafts:
        lines = section(draft).count("\n")
        if not runs or length + lines > LONG:
            runs.append([])
            length = 0
        runs[-1].append(draft)
        length += lines + 1
    return runs


def section(draft: Draft) -> str:
    """The section of a card file that a draft becomes.

    A list right below the metadata has `*`, or it would be read as part of that list.
    """
    metadata = "\n".join(f"- {key}: {' '.join(value.split())}" for key, value in draft.metadata)
    front, *others = draft.sections
    if front.startswith("- "):
        end = re.search(r"\n(?![- \n])", front)
        at = end.start() if end else len(front)
        front = re.sub(r"(?m)^- ", "* ", front[:at]) + front[at:]
    body = "\n\n---\n\n".join([front, *others])
    return f"## {draft.id}\n\n{metadata}\n\n{body}\n"


def parsed(draft: Draft) -> RawCard | None:
    """Parse the text of a draft; None if it is not exactly one card."""
    found = parse(Source("card.md", section(draft)))
    if len(found.values) != 1 or has_errors(found.diagnostics):
        return None
    raw = found.values[0]
    same = raw.id.value == draft.id and len(raw.sections) == len(draft.sections)
    return raw if same else None


def says_the_same(raw: RawCard, draft: Draft, folder: str) -> bool:
    """Whether a card says what a draft for a `folder` says, metadata aside."""
    other = parsed(draft)
    return other is not None and _said(other, f"{folder}/card.md") == _said(raw, raw.span.path)


def _said(raw: RawCard, path: str) -> list[Any]:
    """What a card in the file `path` says; the same picture is the same from any folder."""
    ((_, _, sections),) = meaning([raw], partial(from_project, path))
    return list(sections)
