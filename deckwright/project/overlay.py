"""`decks/mine.toml`: somebody's own cards beside those of a project, and what becomes of the project's cards for them.

The overlay lies in the project's folder or in one of its own with the same layout: `decks/mine.toml`, `cards/mine/`,
`schema/vocabulary/`, and what releases write, `decks/ledger/`, `decks/retired/` and `decks/mine.changelog.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckwright import markdown
from deckwright.core.blocks import Block
from deckwright.core.card import Card
from deckwright.core.source import Source, Span
from deckwright.project.toml_file import Reader, Table

SETTINGS = "decks/mine.toml"
CARDS = "cards/mine"
CHANGELOG = "decks/mine.changelog.md"

_KEYS = ("id", "task", "service", "topic", "status")
# What would give a learner's note other cards, or media that its package does not have.
_UNFIT = {
    "gap": "a gap would make new cards of somebody else's note",
    "bad-gap": "a gap would make new cards of somebody else's note",
    "image": "a picture stands beside cards of your own, not here",
    "html": "HTML is not Markdown",
    "bad-math": "the formula is not closed",
    "leftover": "this is Markdown that was not understood",
}


@dataclass(frozen=True, slots=True)
class CardFilter:
    """Cards that fit every key; a key without names fits all."""

    id: frozenset[str] = frozenset()
    task: frozenset[str] = frozenset()
    service: frozenset[str] = frozenset()
    topic: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()

    def fits(self, card: Card) -> bool:
        return (
            (not self.id or card.id in self.id)
            and (not self.task or card.task in self.task)
            and (not self.service or not self.service.isdisjoint(card.services))
            and (not self.topic or card.topic in self.topic)
            and (not self.status or card.status in self.status)
        )


@dataclass(frozen=True, slots=True)
class Extension:
    """What is added to cards: tags below `mark` in the overlay's tag root, and blocks at the end of the explanation."""

    cards: CardFilter
    tags: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlay:
    """Somebody's own part of a project. `base` leads from the project's folder to the overlay's: empty where they are one, or ending
    in a slash. `named` has the place of every card id that the rules name; `packages` are the tables as they were read."""

    base: str
    namespace: str
    deck: str
    tag: str
    report: str
    style: str
    place: Span
    left_out: tuple[CardFilter, ...]
    extensions: tuple[Extension, ...]
    named: tuple[tuple[str, Span], ...]
    packages: tuple[Mapping[str, Any], ...]

    @property
    def own_look(self) -> bool:
        """Whether the overlay's cards have note types of their own."""
        return bool(self.report or self.style)

    def owns(self, card: Card) -> bool:
        return card.namespace == self.namespace

    def leaves_out(self, card: Card) -> bool:
        """Whether a card is not built; a card of the overlay's own always is."""
        return not self.owns(card) and any(choice.fits(card) for choice in self.left_out)


def base_of(folder: Path, overlay: Path | None) -> str:
    """The way from the project's folder to that of its overlay: empty where they are one, or ending in a slash."""
    if overlay is None or os.path.realpath(overlay) == os.path.realpath(folder):
        return ""
    try:
        return Path(os.path.relpath(overlay, folder)).as_posix() + "/"
    except ValueError:  # another drive
        return Path(os.path.abspath(overlay)).as_posix() + "/"


def read(reader: Reader, base: str) -> tuple[Overlay, Table] | None:
    """The overlay whose folder is `base`, and the table that it was read from; None with complaints in the reader where it cannot be
    used."""
    table = reader.table(f"{base}{SETTINGS}", "schema/mine.schema.json")
    if table is None:
        return None
    data, before = table.data, len(reader.diagnostics)
    extensions = tuple(
        Extension(
            _filter(entry), tuple(entry.get("tags", ())), _blocks(reader, table, number, entry)
        )
        for number, entry in enumerate(data.get("extend", ()))
    )
    style = ""
    if name := data.get("style", ""):
        source = reader.text(f"{base}decks/{name}")
        style = source.text if source else ""
    if len(reader.diagnostics) > before:
        return None
    overlay = Overlay(
        base=base,
        namespace=data["namespace"],
        deck=data["deck"],
        tag=data["tag"],
        report=data.get("report", ""),
        style=style,
        place=table.place("namespace"),
        left_out=tuple(map(_filter, data.get("leave-out", ()))),
        extensions=extensions,
        named=tuple(_named(table)),
        packages=tuple(data.get("package", ())),
    )
    return overlay, table


def _filter(entry: Mapping[str, Any]) -> CardFilter:
    return CardFilter(**{key: frozenset(entry.get(key, ())) for key in _KEYS})


def _named(table: Table) -> Iterator[tuple[str, Span]]:
    for kind in ("leave-out", "extend"):
        for number, entry in enumerate(table.data.get(kind, ())):
            for name in entry.get("id", ()):
                yield name, table.place(kind, number, "id")


def _blocks(
    reader: Reader, table: Table, number: int, entry: Mapping[str, Any]
) -> tuple[Block, ...]:
    """The Markdown of an extension, with a complaint for what cannot stand there."""
    blocks = markdown.parse(Source(table.source.path, entry.get("text", "")))
    place = table.place("extend", number, "text")
    for block in (inner for outer in blocks for inner in outer.walk()):
        if block.kind in ("heading", "rule"):
            reader.error(
                "V809",
                f"a {'heading' if block.kind == 'heading' else 'line'} would cut the card",
                place,
                "write plain text",
            )
    for mark in (mark for block in blocks for mark in block.marks):
        if mark.kind in _UNFIT:
            reader.error(
                "V809",
                f"`{mark.span.text}` cannot be added to a card: {_UNFIT[mark.kind]}",
                place,
                "take it out of the text",
            )
    return blocks
