"""Drafts as the text of cards, and as new card files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from deckwright.cards.formatter import formatted, meaning
from deckwright.cards.image_addresses import from_project
from deckwright.cards.parse import parse
from deckwright.cards.sections import fresh
from deckwright.cards.workspace import LONG
from deckwright.core.card import RawCard
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
    drafts: Iterable[Draft], where: Destination, project: Project, paths: Collection[str]
) -> list[CardFile]:
    """New files with the drafts in their order, none of them too long.

    `paths` are in use. The order of the new paths is that of the drafts.
    """

    def taken(path: str) -> bool:
        return path in paths or (project.folder / path).exists()

    by_home: dict[Home, list[Draft]] = {}
    for draft in drafts:
        home = draft.home or where.home
        assert home is not None, "a draft without a home is refused before"
        by_home.setdefault(home, []).append(draft)
    files = []
    for home, group in by_home.items():
        runs = _runs(group)
        stem = f"{where.folder(home)}/{where.name}"
        new = [f"{stem}.md"]
        if len(runs) > 1 or taken(new[0]):
            width = max(2, len(str(len(runs))))
            numbered = (f"{stem}-{number:0{width}}.md" for number in count(1))
            free = (path for path in numbered if not taken(path))
            new = [next(free) for _ in runs]
        title = project.vocabulary.services[home.service].title
        for path, run in zip(new, runs, strict=True):
            source = Source(path, fresh(title, map(section, run)))
            text, _ = formatted(source, tuple(project.card_schema.properties))
            files.append(CardFile(path, text or source.text, tuple(draft.id for draft in run)))
    return files


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


def says_the_same(raw: RawCard, draft: Draft, folder: str) -> bool:
    """Whether a card says what a draft for a `folder` says, metadata aside."""
    path = f"{folder}/card.md"
    other = parse(Source(path, section(draft))).value
    return bool(other) and _said(other[0], path) == _said(raw, raw.span.path)


def _said(raw: RawCard, path: str) -> list[Any]:
    """What a card in the file `path` says; the same picture is the same from any folder."""
    ((_, _, sections),) = meaning([raw], partial(from_project, path))
    return list(sections)
