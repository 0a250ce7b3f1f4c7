"""`decks/mine.toml`: a learner's own cards, and changes to a project's.

The overlay is in the project's folder or in its own folder with the same layout:
`decks/mine.toml`, `cards/mine/`, `schema/vocabulary/`, and what releases write
(`decks/ledger/`, `decks/retired/`, `decks/mine.changelog.md`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckwright import markdown
from deckwright.core.card import Card
from deckwright.core.source import Source, Span
from deckwright.project import packages
from deckwright.project.packages import PackageSpec
from deckwright.project.toml_file import Reader, Table
from deckwright.project.vocabulary import Vocabulary

SETTINGS = "decks/mine.toml"
CARDS = "cards/mine"
VOCABULARY = "schema/vocabulary/mine.toml"
CHANGELOG = "decks/mine.changelog.md"

# What must not be added to a note: it would make more cards, or need media that the
# note's package does not have.
_UNFIT = {
    "gap": ("Anki would make a new card from it", "remove the braces"),
    "bad-gap": ("Anki would make a new card from it", "remove the braces"),
    "image": (
        "the package doesn't have its file",
        "remove the image, or describe in words what it shows",
    ),
    "html": ("explanations are written in Markdown", "write Markdown"),
    "bad-math": (
        "it doesn't begin or end a formula",
        "put each `$$` on a separate line, or write the formula between single dollar signs",
    ),
    "leftover": (
        "it has no effect as Markdown and would appear on the card as typed",
        "fix the Markdown, or put the characters in backticks",
    ),
    "heading": ("a heading would split the card", "write bold text instead of a heading"),
    "rule": ("such a line would split the card", "remove it"),
}


@dataclass(frozen=True, slots=True)
class CardFilter:
    """A selection of cards: those that match every key. A key that is not there matches all.

    The keys are id, part, service, topic, level, and status.
    """

    values: Mapping[str, frozenset[str]]

    def matches(self, card: Card) -> bool:
        """Return whether the card is among the selected."""
        return all(
            not values.isdisjoint(card.services if key == "service" else (getattr(card, key),))
            for key, values in self.values.items()
        )


@dataclass(frozen=True, slots=True)
class Extension:
    """What is added to cards: tags, and HTML at the end of the explanation."""

    cards: CardFilter
    tags: tuple[str, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay.

    `base` is the path prefix of its folder, relative to the project: empty if it is the
    same folder, otherwise ending in a slash. `place` is where the namespace is given.
    `named_cards` has the card ids in the filters, with their places. `language` is the
    BCP 47 tag of its cards, `off` are the codes of craft rules not checked in them,
    `errors` those that count as errors.
    """

    base: str
    namespace: str
    deck: str
    tag: str
    report: str
    style: str
    place: Span
    left_out: tuple[CardFilter, ...]
    extensions: tuple[Extension, ...]
    named_cards: tuple[tuple[str, Span], ...]
    packages: tuple[PackageSpec, ...]
    language: str = "en-US"
    off: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()

    @property
    def has_own_notetypes(self) -> bool:
        """Whether its cards have their own note types, for a style or a report link."""
        return bool(self.report or self.style)

    def owns(self, card: Card) -> bool:
        """Return whether a card is the overlay's, not the project's."""
        return card.namespace == self.namespace

    def leaves_out(self, card: Card) -> bool:
        """Return whether a card of the project is not built."""
        return not self.owns(card) and any(one.matches(card) for one in self.left_out)

    def effect(self, cards: Iterable[Card]) -> str:
        """How many cards its rules leave out and extend, in words; empty without rules."""
        theirs = [card for card in cards if not self.owns(card)]
        kept = [card for card in theirs if not self.leaves_out(card)]
        extended = sum(any(one.cards.matches(card) for one in self.extensions) for card in kept)
        said = f"{len(theirs) - len(kept):,} left out, {extended:,} extended"
        return said if self.left_out or self.extensions else ""


def base_of(folder: Path, overlay: Path | None) -> str:
    """Return the path prefix of an overlay's folder, relative to the project's folder.

    Empty if there is none or both are the same folder, otherwise ending in a slash.
    """
    if overlay is None or os.path.realpath(overlay) == os.path.realpath(folder):
        return ""
    try:
        return Path(os.path.relpath(overlay, folder)).as_posix() + "/"
    except ValueError:  # another drive
        return Path(os.path.abspath(overlay)).as_posix() + "/"


def read(
    reader: Reader, base: str, settings: Table | None, vocabulary: Vocabulary | None
) -> Overlay | None:
    """Read the overlay below the path prefix `base`.

    Return None if it cannot be used; the reader has the diagnostics. It is checked
    against the project's `settings` and vocabulary if these could be read. (Whether the
    card ids exist is checked once the cards are read.)
    """
    table = reader.table(f"{base}{SETTINGS}", "schema/mine.schema.json")
    if table is None:
        return None
    data, before = table.data, len(reader.diagnostics)
    extensions = tuple(
        Extension(_filter(entry), tuple(entry.get("tags", ())), _html(reader, table, number))
        for number, entry in enumerate(data.get("extend", ()))
    )
    style = _style(reader, base, data.get("style", ""), table.place("style"))
    if len(reader.diagnostics) > before:
        return None
    if settings and vocabulary:
        _check_names(reader, table, settings)
        for kind in ("leave-out", "extend"):
            for number in range(len(data.get(kind, ()))):
                packages.check_slugs(reader, table, kind, number, vocabulary)
        packages.check_overlay_packages(reader, table, settings, vocabulary)
    return Overlay(
        base=base,
        namespace=data["namespace"],
        deck=data["deck"],
        tag=data["tag"],
        report=data.get("report", ""),
        style=style,
        place=table.place("namespace"),
        left_out=tuple(map(_filter, data.get("leave-out", ()))),
        extensions=extensions,
        named_cards=tuple(_named_cards(table)),
        packages=tuple(_package(entry, data, settings) for entry in data.get("package", ())),
        language=data.get("language", "en-US"),
        off=frozenset(data.get("off", ())),
        errors=frozenset(data.get("errors", ())),
    )


def _style(reader: Reader, base: str, name: str, place: Span) -> str:
    source = reader.text(f"{base}decks/{name}", place) if name else None
    return source.text if source else ""


def _filter(entry: Mapping[str, Any]) -> CardFilter:
    keys = ("id", "part", "service", "topic", "level", "status")
    return CardFilter({key: frozenset(entry[key]) for key in keys if entry.get(key)})


def _named_cards(table: Table) -> Iterator[tuple[str, Span]]:
    for kind in ("leave-out", "extend"):
        for number, entry in enumerate(table.data.get(kind, ())):
            for name in entry.get("id", ()):
                yield name, table.place(kind, number, "id")


def _package(
    entry: Mapping[str, Any], data: Mapping[str, Any], settings: Table | None
) -> PackageSpec:
    """Return a package of the overlay's cards, the project's, or both."""
    project = tuple(root["namespace"] for root in settings.data["root"]) if settings else ()
    namespaces = {"mine": (data["namespace"],), "project": project}
    return packages.package(entry, namespaces.get(entry.get("cards", ""), ()))


def _html(reader: Reader, table: Table, number: int) -> str:
    """Return the text of an extension in HTML, and record what must not be in it."""
    blocks = markdown.parse(Source(table.source.path, table.data["extend"][number].get("text", "")))
    place = table.place("extend", number, "text")
    parts = [(block.kind, block.span) for outer in blocks for block in outer.walk()]
    parts += [(mark.kind, mark.span) for block in blocks for mark in block.marks]
    for kind, span in parts:
        if kind in _UNFIT:
            why, help_line = _UNFIT[kind]
            text = span.text.split("\n")[0]
            quoted = f"`` {text} ``" if "`" in text else f"`{text}`"
            message = f"the added text can't contain {quoted}, because {why}"
            reader.error("V809", message, place, help_line)
    return markdown.field_html(blocks, str)


def _check_names(reader: Reader, table: Table, settings: Table) -> None:
    """Check that namespace, deck and tag differ from the project's, ignoring case."""
    data = settings.data
    taken = {
        "namespace": [root["namespace"] for root in data["root"]],
        "deck": [data["deck"]],
        "tag": [data["tag"]],
    }
    for key, names in taken.items():
        if table.data[key].casefold() in {name.casefold() for name in names}:
            message = f"the {key} `{table.data[key]}` belongs to the project"
            help_line = "choose another, so that nobody mistakes your cards for the project's"
            reader.error("V804", message, table.place(key), help_line)
