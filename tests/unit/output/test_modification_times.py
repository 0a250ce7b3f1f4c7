"""What is new in a build, and what a release writes into the ledgers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import values
from values import EPOCH, NOWHERE, card, note, notetype, row

from deckwright.core.card import Card
from deckwright.core.identity import guid
from deckwright.core.note import Note, Row
from deckwright.output.modification_times import Changes, changes, stamped, with_retired
from deckwright.project.ledger import (
    GONE,
    LIVE,
    UNKNOWN,
    CardRow,
    ExtendedRow,
    Ledger,
    Release,
    TypeRow,
    gap_digests,
)
from deckwright.project.notetypes import shape
from deckwright.project.overlay import Overlay
from deckwright.project.project import Project, Root
from deckwright.project.retirements import RetiredCard, RetiredGap, Retirements

TIME = EPOCH + 5_000
TYPE = TypeRow("cloze", 1, shape(notetype()), notetype().fingerprint, 1_000)


def book(*rows: CardRow, **changed: Any) -> Ledger:
    """A ledger whose last release was 1.0.0, with the note type as it is."""
    ledger = Ledger(
        releases={"1.0.0": Release("1.0.0", 1_000)},
        types={"cloze": TYPE},
        cards={one.id: one for one in rows},
    )
    return replace(ledger, **changed)


def project(*rows: CardRow, **changed: Any) -> Project:
    return values.project(ledgers={"mini": book(*rows)}, **changed)


def released(of: Card, **changed: Any) -> Note:
    """A note that is as the row of its card."""
    known = row(of.id)
    same = {"fingerprint": known.fingerprint, "mod": known.mod, "note_id": known.note_id}
    return note(of, draft=False, **(same | changed))


def retirements(*ids: str, gaps: tuple[tuple[str, int], ...] = ()) -> dict[str, Retirements]:
    cards = {name: RetiredCard(name, "Wrong.", ("b",), NOWHERE, NOWHERE) for name in ids}
    entries = {key: RetiredGap(*key, "Moved.", NOWHERE) for key in gaps}
    return {"mini": Retirements(cards, entries)}


def tombstone(of: CardRow, **changed: Any) -> Row:
    made = Row(of.id, of.guid, "cloze", (), (), "D", 1, "e" * 64, 2_000, of.note_id, True)
    return replace(made, **changed)


def overlay(namespace: str = "mine") -> Overlay:
    return Overlay("", namespace, "Mine", "mine", "", "", NOWHERE, (), (), (), ())


def test_a_note_without_a_row_is_added_and_one_with_a_row_is_changed() -> None:
    notes = [note(card("b")), note(card("a")), released(card("c"))]
    found = changes(notes, (), project(row("a"), row("c")), ("mini",))
    assert found == Changes(added=("b",), changed=("a",))
    assert found
    assert not Changes()


def test_notes_of_other_namespaces_do_not_count() -> None:
    notes = [note(card("a")), note(card("b", namespace="other"))]
    roots = (*values.project().roots, Root("theirs", "other", "Other", "other"))
    both = project(roots=roots)
    assert changes(notes, (), both, ("mini",)).added == ("a",)
    assert changes(notes, (), both, both.namespaces).added == ("a", "b")


def test_cards_and_gaps_are_newly_retired_once() -> None:
    rows = (row("a"), row("b", state="1.0.0"), row("c", gaps=((1, GONE), (2, "22222222"))))
    entries = retirements("a", "b", "never-released", gaps=(("c", 1), ("c", 2)))
    found = changes((), (), project(*rows, retirements=entries), ("mini",))
    assert found == Changes(retired=("a",), gaps=(("c", 2),))


def test_a_tombstone_with_other_words_is_a_change() -> None:
    gone = row("a", state="1.0.0")
    drafts = [tombstone(gone), tombstone(row("b"), draft=False), tombstone(row("stranger"))]
    assert changes((), drafts, project(gone, row("b")), ("mini",)).tombstones == ("a",)


def test_a_note_type_that_differs_from_its_row_is_a_change() -> None:
    assert changes((), (), project(), ("mini",)).types == ()
    restyled = {"cloze": notetype(css="b {}")}
    assert changes((), (), project(notetypes=restyled), ("mini",)).types == ("cloze",)
    assert changes((), (), project(notetypes=restyled), ("other",)).types == ()


def test_a_retired_card_gets_the_version_and_needs_a_new_stamp() -> None:
    entries = retirements("a", "b", gaps=(("c", 2),))
    rows = (row("a"), row("b", state="1.0.0"), row("c", gaps=((1, "1" * 8), (2, "2" * 8))))
    cards = with_retired(project(*rows, retirements=entries), "1.1.0").ledgers["mini"].cards
    assert cards["a"] == row("a", state="1.1.0", successors=("b",), fingerprint=UNKNOWN)
    assert cards["b"] == row("b", state="1.0.0", successors=("b",))
    assert cards["c"].gaps == ((1, "1" * 8), (2, GONE))


def test_a_new_note_gets_a_row_with_an_id_below_the_time_of_the_release() -> None:
    new = note(card("b"))
    done = stamped(project(row("a")), [released(card("a")), new], (), "1.1.0", TIME)
    made = done.ledgers["mini"].cards["b"]
    assert made == CardRow(
        id="b",
        guid=new.guid,
        type="cloze",
        home="4.1/s3",
        deck=new.deck,
        gaps=tuple(gap_digests(new.card).items()),
        note_id=made.note_id,
        fingerprint=new.fingerprint,
        mod=TIME,
        first="1.1.0",
        shown="2026-08",
        state=LIVE,
    )
    assert TIME * 1000 - 1024 <= made.note_id < TIME * 1000


def test_only_a_changed_note_gets_the_time_of_the_release() -> None:
    rows = (row("a", shown="2025-01"), row("b"))
    notes = [note(card("a"), note_id=512_000), released(card("b"))]
    cards = stamped(project(*rows), notes, (), "1.1.0", TIME).ledgers["mini"].cards
    assert (cards["a"].mod, cards["a"].fingerprint) == (TIME, "f" * 64)
    assert (cards["a"].shown, cards["a"].first, cards["a"].note_id) == (
        "2026-08",
        "1.0.0",
        512_000,
    )
    assert cards["b"] == row("b", gaps=tuple(gap_digests(card("b")).items()))


def test_a_retired_gap_stays_in_the_row() -> None:
    before = row("a", gaps=((2, GONE),))
    cards = stamped(project(before), [note(card("a"))], (), "1.1.0", TIME).ledgers["mini"].cards
    assert cards["a"].gaps == (*gap_digests(card("a")).items(), (2, GONE))


def test_a_new_tombstone_is_stamped_and_an_old_one_is_not() -> None:
    rows = (row("a", state="1.1.0"), row("b", state="1.0.0"))
    stones = [tombstone(rows[0]), tombstone(rows[1], draft=False)]
    cards = stamped(project(*rows), (), stones, "1.1.0", TIME).ledgers["mini"].cards
    assert cards["a"] == replace(rows[0], mod=TIME, fingerprint="e" * 64)
    assert cards["b"] == rows[1]


def test_the_first_ledger_records_the_release_and_others_only_if_they_change() -> None:
    roots = (
        *values.project().roots,
        Root("x", "same", "X", "x"),
        Root("y", "changed", "Y", "y"),
    )
    ledgers = {name: book() for name in ("mini", "same", "changed")}
    before = values.project(roots=roots, ledgers=ledgers)
    done = stamped(before, [note(card("a", namespace="changed"))], (), "1.1.0", TIME)
    assert {name for name, one in done.ledgers.items() if "1.1.0" in one.releases} == {
        "mini",
        "changed",
    }
    assert done.ledgers["same"] == book()


def test_a_changed_note_type_is_stamped_in_the_first_ledger() -> None:
    restyled = notetype(css="b {}")
    done = stamped(project(notetypes={"cloze": restyled}), (), (), "1.1.0", TIME)
    assert done.ledgers["mini"].types["cloze"] == TypeRow(
        "cloze", 1, shape(restyled), restyled.fingerprint, TIME
    )
    assert stamped(project(), (), (), "1.1.0", TIME).ledgers["mini"].types == {"cloze": TYPE}


def test_an_overlay_records_the_projects_notes_that_it_changed_and_leaves_its_ledger() -> None:
    roots = (*values.project().roots, Root("cards/mine", "mine", "Mine", "mine"))
    before = project(row("a"), row("b"), roots=roots, overlay=overlay())
    notes = [
        note(card("a"), extended=True),
        released(card("b")),
        note(card("c", namespace="mine")),
        note(card("d")),
        note(card("e")),
    ]
    assert changes(notes, (), before, before.releasing) == Changes(added=("c",), changed=("a",))
    done = stamped(before, notes, (), "0.1.0", TIME)
    mine = done.ledgers["mine"]
    assert mine.extended == {"mini/a": ExtendedRow("mini/a", guid("mini", "a"), "f" * 64, TIME)}
    assert list(mine.cards) == ["c"]
    assert done.ledgers["mini"] == before.ledgers["mini"]
    assert mine.cards["c"].note_id >= TIME * 1000 - 1024  # no id is spent on the project's notes
    again = [replace(notes[0], draft=False), *notes[1:]]
    kept = stamped(done, again, (), "0.2.0", TIME + 9)
    assert kept.ledgers["mine"].extended == mine.extended


def test_an_overlay_records_the_tombstone_of_a_note_that_it_changed() -> None:
    gone = row("a", state="1.0.0")
    extended = {"mini/a": ExtendedRow("mini/a", gone.guid, "0" * 64, 1)}
    ledgers = {"mini": book(gone), "mine": Ledger(extended=extended)}
    before = values.project(ledgers=ledgers, overlay=overlay())
    stones = [tombstone(gone, extended=True), tombstone(row("b"), extended=True)]
    assert changes((), stones, before, before.releasing).tombstones == ("a", "b")
    mine = stamped(before, (), stones, "0.1.0", TIME).ledgers["mine"]
    assert mine.extended == {"mini/a": ExtendedRow("mini/a", gone.guid, "e" * 64, TIME)}


def test_a_note_that_only_an_overlay_released_is_changed_not_added() -> None:
    key = "mini/a"
    mine = Ledger(extended={key: ExtendedRow(key, guid("mini", "a"), "0" * 64, 1)})
    before = values.project(ledgers={"mine": mine}, overlay=overlay())
    found = changes([note(card("a"), extended=True)], (), before, before.releasing)
    assert (found.added, found.changed) == ((), ("a",))
