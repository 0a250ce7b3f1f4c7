"""`decks/retired/<namespace>.toml`: cards and gaps withdrawn after a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deckwright.core.source import Span
from deckwright.project.toml_file import Reader, Table


@dataclass(frozen=True, slots=True)
class RetiredCard:
    """A withdrawn card. `successors` are the ids of the cards that replace it."""

    id: str
    reason: str
    successors: tuple[str, ...]
    span: Span
    successors_span: Span


@dataclass(frozen=True, slots=True)
class RetiredGap:
    """A gap number of a card that is still taught. The number is never used again."""

    id: str
    number: int
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Retirements:
    """The retired cards of a namespace by id, its gaps by card id and number."""

    cards: Mapping[str, RetiredCard] = field(default_factory=dict)
    gaps: Mapping[tuple[str, int], RetiredGap] = field(default_factory=dict)


def path(namespace: str) -> str:
    """Return the path of a namespace's file, relative to the project or the overlay."""
    return f"decks/retired/{namespace}.toml"


def read(reader: Reader, namespace: str, base: str = "") -> Retirements | None:
    """Read the retirements of a namespace below the path prefix `base`.

    Return None if there is no file, or if it cannot be used; the reader has the
    diagnostics.
    """
    file = base + path(namespace)
    if not (reader.folder / file).exists():
        return None
    table = reader.table(file, "schema/retired.schema.json")
    return Retirements(_cards(reader, table), _gaps(reader, table)) if table else None


def _cards(reader: Reader, table: Table) -> dict[str, RetiredCard]:
    cards: dict[str, RetiredCard] = {}
    for number, entry in enumerate(table.data.get("card", ())):
        card = RetiredCard(
            entry["id"],
            entry["reason"],
            tuple(entry["successors"]),
            table.place("card", number, "id"),
            table.place("card", number, "successors"),
        )
        first = cards.setdefault(card.id, card)
        if first is not card:
            message = f"`{card.id}` is retired twice"
            reader.repeated(message, card.span, first.span, "keep one of the two")
    return cards


def _gaps(reader: Reader, table: Table) -> dict[tuple[str, int], RetiredGap]:
    gaps: dict[tuple[str, int], RetiredGap] = {}
    for number, entry in enumerate(table.data.get("gap", ())):
        place = table.place("gap", number, "number")
        gap = RetiredGap(entry["id"], entry["number"], entry["reason"], place)
        first = gaps.setdefault((gap.id, gap.number), gap)
        if first is not gap:
            message = f"gap {gap.number} of `{gap.id}` is retired twice"
            reader.repeated(message, place, first.span, "keep one of the two")
    return gaps
