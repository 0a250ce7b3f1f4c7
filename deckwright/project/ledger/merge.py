"""The merge of two branches' ledgers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from deckwright.core.identity import apart
from deckwright.project.ledger.rows import (
    GONE,
    UNKNOWN,
    CardRow,
    ExtendedRow,
    Ledger,
    Release,
    TypeRow,
    version_key,
)

Row = TypeVar("Row", Release, TypeRow, CardRow, ExtendedRow)
NoteRow = TypeVar("NoteRow", TypeRow, CardRow, ExtendedRow)


@dataclass(frozen=True, slots=True)
class Merged:
    """The merge of two ledgers. `conflicts` describe what no rule can decide."""

    ledger: Ledger
    conflicts: tuple[str, ...]


def merge(one: Ledger, other: Ledger) -> Merged:
    """Merge the ledgers of two branches. The result is the same in either order.

    Every key of either ledger stays. Of two rows the one with the later `mod` stays,
    even if the merged cards differ from it: some learners have that `mod`, and Anki
    ignores anything older. If the merged card differs, the next release stamps it with
    a later one.

    A card or gap that one side retired is retired. The row that was released first
    keeps its deck and note id. If two notes have the same id (it is only a time), the
    one that was released later gets the next free one.
    """
    ledger = Ledger(
        releases=_union(one.releases, other.releases, _merged_release),
        types=_union(one.types, other.types, _merged_row),
        cards=_with_distinct_note_ids(_union(one.cards, other.cards, _merged_card)),
        extended=_union(one.extended, other.extended, _merged_row),
    )
    conflicts = (
        *_conflicts(one.releases, other.releases, _release_conflicts),
        *_conflicts(one.types, other.types, _type_conflicts),
        *_conflicts(one.cards, other.cards, _card_conflicts),
    )
    return Merged(ledger, conflicts)


def _union(
    one: Mapping[str, Row], other: Mapping[str, Row], merged: Callable[[Row, Row], Row]
) -> dict[str, Row]:
    both = {key: merged(one[key], other[key]) for key in one.keys() & other.keys()}
    return dict(sorted({**one, **other, **both}.items()))


def _conflicts(
    one: Mapping[str, Row],
    other: Mapping[str, Row],
    found: Callable[[Row, Row], Iterator[str]],
) -> Iterator[str]:
    for key in sorted(one.keys() & other.keys()):
        yield from found(one[key], other[key])


def _release_conflicts(one: Release, other: Release) -> Iterator[str]:
    if one.time != other.time:
        yield (
            f"both branches have a release {one.version}, made at different times: "
            "learners have different packages with the same name"
        )


def _type_conflicts(one: TypeRow, other: TypeRow) -> Iterator[str]:
    if (one.id, one.shape) != (other.id, other.shape):
        yield (
            f"the note type `{one.slug}` differs between the branches: "
            "learners of one branch cannot import the other's cards"
        )


def _card_conflicts(one: CardRow, other: CardRow) -> Iterator[str]:
    for what, mine, theirs in (
        ("note types", one.type, other.type),
        ("identities", one.guid, other.guid),
    ):
        if mine != theirs:
            yield (
                f"`{one.id}` was released with two {what}, {mine} and {theirs}: "
                "retire it on one branch before the merge"
            )


def _merged_release(one: Release, other: Release) -> Release:
    return max(one, other, key=lambda release: release.time)


def _merged_row(one: NoteRow, other: NoteRow) -> NoteRow:
    """Return the later row; the fingerprint is UNKNOWN if only it differs."""
    later = max(one, other, key=lambda row: (row.mod, row.fingerprint))
    if one.mod == other.mod and one.fingerprint != other.fingerprint:
        return replace(later, fingerprint=UNKNOWN)
    return later


def _merged_card(one: CardRow, other: CardRow) -> CardRow:
    first = min(one, other, key=lambda row: (version_key(row.first), row.note_id))
    later = max(one, other, key=lambda row: (row.mod, row.fingerprint))
    older = other if later is one else one
    retired = next((row for row in (later, older) if not row.live), None)
    merged = replace(
        _merged_row(one, other),
        home=first.home,
        deck=first.deck,
        note_id=first.note_id,
        first=first.first,
        gaps=_merged_gaps(older, later),
    )
    if retired is None:
        return merged
    if retired is not later:
        # The `mod` that stays is the live card's; its tombstone needs a later one.
        merged = replace(merged, fingerprint=UNKNOWN)
    return replace(merged, state=retired.state, successors=retired.successors)


def _merged_gaps(older: CardRow, later: CardRow) -> tuple[tuple[int, str], ...]:
    """Return all gaps of two rows; a gap that one of them retired is retired."""
    retired = dict.fromkeys(older.retired_gaps | later.retired_gaps, GONE)
    return tuple(sorted({**dict(older.gaps), **dict(later.gaps), **retired}.items()))


def _with_distinct_note_ids(cards: Mapping[str, CardRow]) -> dict[str, CardRow]:
    """Return the cards with distinct note ids; two branches may have used the same."""
    rows = sorted(cards.values(), key=lambda row: (version_key(row.first), row.id))
    ids = dict(zip((row.id for row in rows), apart(row.note_id for row in rows), strict=True))
    return {name: replace(row, note_id=ids[name]) for name, row in cards.items()}
