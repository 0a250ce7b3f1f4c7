"""`decks/retired/<namespace>.toml`: cards and gaps that their authors took back after a release, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deckwright.core.source import Span
from deckwright.project.toml_file import Reader


@dataclass(frozen=True, slots=True)
class RetiredCard:
    """A card that is no longer taught. `successors` are the ids of the cards that took its place, none or several."""

    id: str
    reason: str
    successors: tuple[str, ...]
    span: Span
    successors_span: Span


@dataclass(frozen=True, slots=True)
class RetiredGap:
    """A gap number of a living card that is never used again."""

    id: str
    number: int
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Retirements:
    """Everything that was retired below one root, by card id, and by card id and gap number."""

    cards: Mapping[str, RetiredCard]
    gaps: Mapping[tuple[str, int], RetiredGap]


def path(namespace: str) -> str:
    """Where the file of a root lies in the project."""
    return f"decks/retired/{namespace}.toml"


def read(reader: Reader, namespace: str, base: str = "") -> Retirements | None:
    """The retirements of a root, whose file lies below `base`; none, with complaints in the reader where it cannot be used."""
    file = base + path(namespace)
    if not (reader.folder / file).exists():
        return None
    table = reader.table(file, "schema/retired.schema.json")
    if table is None:
        return None
    cards: dict[str, RetiredCard] = {}
    for number, entry in enumerate(table.data.get("card", ())):
        place = table.place("card", number, "id")
        if entry["id"] in cards:
            first = (("first given here", cards[entry["id"]].span),)
            reader.error(
                "V804", f"`{entry['id']}` is retired twice", place, "give each card once", first
            )
            continue
        successors = tuple(entry["successors"])
        cards[entry["id"]] = RetiredCard(
            entry["id"],
            entry["reason"],
            successors,
            place,
            table.place("card", number, "successors"),
        )
    gaps: dict[tuple[str, int], RetiredGap] = {}
    for number, entry in enumerate(table.data.get("gap", ())):
        key, place = (entry["id"], entry["number"]), table.place("gap", number, "number")
        if key in gaps:
            first = (("first given here", gaps[key].span),)
            reader.error(
                "V804",
                f"gap {key[1]} of `{key[0]}` is retired twice",
                place,
                "give each gap once",
                first,
            )
            continue
        gaps[key] = RetiredGap(entry["id"], entry["number"], entry["reason"], place)
    return Retirements(cards, gaps)
