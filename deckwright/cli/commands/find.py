"""`find`: the cards that have all of some words in their text, id, path, or tags, the likeliest first. Cards with errors are found, too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deckwright import markdown
from deckwright.cards.discover import discover
from deckwright.cards.parse import parse
from deckwright.cards.validate import home
from deckwright.core import report
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Source
from deckwright.project import project
from deckwright.project.project import Project

# What a word counts for by the place where it stands: the id, the slugs of topic, kind, service and so on, the prompt, the rest.
_ID, _TAG, _PROMPT, _REST = 8, 4, 3, 1

_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A card that has every word, and how well (more is better). `prompt` is its first section as plain text."""

    card: RawCard
    prompt: str
    score: int


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, best first, and what is wrong with the project where it cannot be read."""

    hits: tuple[Hit, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def find(folder: Path, words: Iterable[str], overlay: Path | None = None) -> Search:
    """Looks through the cards of the project in `folder`. Case makes no difference, and a word may be a part of a longer one."""
    wanted = tuple(dict.fromkeys(word.casefold() for word in words if word.strip()))
    loaded = project.load(folder, overlay)
    if not loaded.values or not wanted:
        return Search((), loaded.diagnostics)
    hits = []
    for source in discover(loaded.values[0]).values[0].sources:
        around = _around(source, loaded.values[0])
        # Only the files that can hold such a card are parsed: signs may stand otherwise there (`kind: quota` for kind::quota), letters may not.
        whole = " ".join((around, source.text.casefold()))
        if all(run in whole for word in wanted for run in _LETTERS.findall(word)):
            hits += [hit for raw in parse(source).values if (hit := _hit(raw, around, wanted))]
    return Search(
        tuple(sorted(hits, key=lambda hit: (-hit.score, hit.card.span.path, hit.card.span.start)))
    )


def as_text(hits: Iterable[Hit], prefix: str, limit: int) -> str:
    """Two lines a card: `path:line:id`, and what it asks."""
    out = []
    for hit in tuple(hits)[:limit]:
        path = f"{prefix}/{hit.card.span.path}" if prefix else hit.card.span.path
        prompt = hit.prompt if len(hit.prompt) <= 160 else hit.prompt[:159] + "…"
        out += [
            report.printable(f"{path}:{hit.card.span.line}:{hit.card.id.value}"),
            f"    {report.printable(prompt)}",
        ]
    return "".join(f"{line}\n" for line in out)


def summary(search: Search, limit: int) -> str:
    number = len(search.hits)
    shown = f"; the first {limit:,} are shown, --limit shows more" if number > limit else ""
    return (f"{number:,} cards" if number != 1 else "1 card") + shown


def _around(source: Source, known: Project) -> str:
    """What a card has from its file: the path, and the names of task and service."""
    where, _ = home(source, known.vocabulary)
    names = f" task::{where[0].slug} service::{where[1].slug} {where[1].title}" if where else ""
    return (source.path + names).casefold()


def _hit(raw: RawCard, around: str, wanted: tuple[str, ...]) -> Hit | None:
    tags = around + " " + " ".join(f"{f.name}::{f.value}" for f in raw.metadata).casefold()
    prompt = markdown.plain(
        block for top in raw.sections[:1] for one in top.blocks for block in one.walk()
    )
    rest = markdown.plain(
        block for section in raw.sections[1:] for one in section.blocks for block in one.walk()
    ).casefold()
    small = prompt.casefold()
    score = 0
    for word in wanted:
        places = (
            (raw.id.value, _ID),
            (tags, _TAG),
            (small, _PROMPT),
            (rest, _REST),
            (raw.span.text.casefold(), _REST),
        )
        best = sum(weight for text, weight in places if word in text)
        if not best:
            return None
        score += best
    return Hit(raw, prompt, score)
