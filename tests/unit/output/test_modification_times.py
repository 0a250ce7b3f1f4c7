"""What is new in a build, and what a release writes into the ledgers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import values
from values import EPOCH, NOWHERE, card, note, notetype, row

from deckwright.core.card import Card
from deckwright.core.identity import guid
from deckwright.core.note import Note, Row
from deckwright.output.modification_times import Changes, changes, with_release, with_retired
from deckwright.project.ledger import (
    GONE,
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
RESTYLED = notetype(css="b {}")
OVERLAY = Overlay("", "mine", "Mine", "mine", "", "", NOWHERE, (), (), (), ())


def ledger(*rows: CardRow) -> Ledger:
    """A ledger whose last release was 1.0.0, with the note type as it is."""
    cards = {one.id: one for one in rows}
    return Ledger({"1.0.0": Release("1.0.0", 1_000)}, {"cloze": TYPE}, cards)


def project(*rows: CardRow, **changed: Any) -> Project:
    return values.project(ledgers={"mini": ledger(*rows)}, **changed)


def released(of: Card) -> Note:
    """A note that is as the row of its card."""
    known = row(of.id)
    same = {"fingerprint": known.fingerprint, "mod": known.mod, "note_id": known.note_id}
    return note(of, draft=False, **same)


def tombstone(of: CardRow, **changed: Any) -> Row:
    made = Row(of.id, of.guid, "cloze", (), (), "D", 1, "e" * 64, 2_000, of.note_id, True)
    return replace(made, **changed)


def test_what_differs_from_the_ledger_is_new_changed_or_retired() -> None:
    names = {"a": RetiredCard("a", "Wrong.", ("b",), NOWHERE, NOWHERE)}
    names["old"] = RetiredCard("old", "Wrong.", (), NOWHERE, NOWHERE)
    gaps = {("c", number): RetiredGap("c", number, "Moved.", NOWHERE) for number in (1, 2)}
    gone = row("old", state="1.0.0")
    before = project(
        row("a"), gone, row("c", gaps=((1, GONE), (2, "2" * 8))), row("d"),
        retirements={"mini": Retirements(names, gaps)},
        notetypes={"cloze": RESTYLED},
        roots=(*values.project().roots, Root("theirs", "other", "Other", "other")),
    )  # fmt: skip
    notes = [note(card("b")), note(card("c")), released(card("d"))]
    notes.append(note(card("e", namespace="other")))
    tombstones = [tombstone(gone), tombstone(row("d"), draft=False), tombstone(row("stranger"))]
    ours = Changes(("b",), ("c",), ("a",), (("c", 2),), ("old",), ("cloze",))
    assert changes(notes, tombstones, before, ("mini",)) == ours
    assert changes(notes, tombstones, before, ("mini", "other")).added == ("b", "e")
    assert changes((), (), before, ("other",)) == Changes()
    assert not Changes()
    done = with_retired(before, "1.1.0").ledgers["mini"].cards
    assert done["a"] == row("a", state="1.1.0", successors=("b",))
    assert done["old"] == gone
    assert done["c"].gaps == ((1, GONE), (2, GONE))


def test_only_what_is_new_or_changed_gets_the_time_of_the_release() -> None:
    rows = (row("a", shown="2025-01", gaps=((2, GONE),)), row("b"), row("old", state="1.0.0"))
    notes = [note(card("a"), note_id=512_000), released(card("b")), note(card("new"))]
    tombstones = [tombstone(rows[2])]
    done = with_release(project(*rows), notes, tombstones, "1.1.0", TIME).ledgers["mini"]
    gaps = tuple(gap_digests(card("a")).items())
    assert done.cards["a"] == replace(
        rows[0], mod=TIME, fingerprint="f" * 64, shown="2026-08", gaps=(*gaps, (2, GONE))
    )
    assert done.cards["b"] == row("b", gaps=gaps)
    assert done.cards["old"] == replace(rows[2], mod=TIME, fingerprint="e" * 64)
    new = done.cards["new"]
    assert new == replace(
        row("new", mod=TIME, fingerprint="f" * 64, first="1.1.0", gaps=gaps), note_id=new.note_id
    )
    assert TIME * 1000 - 1024 <= new.note_id < TIME * 1000
    assert (done.types, done.releases["1.1.0"]) == ({"cloze": TYPE}, Release("1.1.0", TIME))
    before = project(notetypes={"cloze": RESTYLED})
    types = with_release(before, (), (), "1.1.0", TIME).ledgers["mini"].types
    assert types == {"cloze": replace(TYPE, fingerprint=RESTYLED.fingerprint, mod=TIME)}


def test_the_first_ledger_records_the_release_and_others_only_if_they_change() -> None:
    names = ("mini", "same", "changed")
    before = values.project(
        roots=tuple(Root(name, name, name, name) for name in names),
        ledgers={name: ledger() for name in names},
    )
    done = with_release(before, [note(card("a", namespace="changed"))], (), "1.1.0", TIME)
    recorded = {name for name in names if "1.1.0" in done.ledgers[name].releases}
    assert recorded == {"mini", "changed"}
    assert done.ledgers["same"] == ledger()


def test_an_overlay_records_the_projects_notes_that_it_changed_and_leaves_its_ledger() -> None:
    roots = (*values.project().roots, Root("cards/mine", "mine", "Mine", "mine"))
    gone = row("old", state="1.0.0")
    known = ExtendedRow("mini/old", gone.guid, "0" * 64, 1)
    ledgers = {
        "mini": ledger(row("a"), row("b"), gone),
        "mine": Ledger(extended={known.key: known}),
    }
    before = values.project(ledgers=ledgers, roots=roots, overlay=OVERLAY)
    extended, own = note(card("a"), extended=True), note(card("c", namespace="mine"))
    notes = [extended, released(card("b")), own, note(card("d"))]
    tombstones = [tombstone(gone, extended=True)]
    news = changes(notes, tombstones, before, before.releasing)
    assert news == Changes(added=("c",), changed=("a",), tombstones=("old",))
    done = with_release(before, notes, tombstones, "0.1.0", TIME)
    mine = done.ledgers["mine"]
    assert mine.extended == {
        "mini/a": ExtendedRow("mini/a", guid("mini", "a"), "f" * 64, TIME),
        "mini/old": ExtendedRow("mini/old", gone.guid, "e" * 64, TIME),
    }
    assert (list(mine.cards), done.ledgers["mini"]) == (["c"], before.ledgers["mini"])
    assert mine.cards["c"].note_id >= TIME * 1000 - 1024  # no id is spent on the project's notes
    again = [replace(extended, draft=False), *notes[1:]]
    after = with_release(done, again, (), "0.2.0", TIME + 9)
    assert after.ledgers["mine"].extended == mine.extended
    new = note(card("old"), extended=True)
    assert changes([new], (), before, before.releasing).changed == ("old",)
