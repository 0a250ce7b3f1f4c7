"""Two builds side by side."""

from __future__ import annotations

import json
import re
from typing import Any

import values
from values import NOWHERE, card, note, notetype

from deckwright.core.note import Note
from deckwright.output.comparison import (
    ChangedNote,
    ChangedPart,
    Difference,
    as_json,
    as_released,
    as_text,
    compare,
)
from deckwright.output.modification_times import Changes
from deckwright.project.retirements import RetiredCard, Retirements

NOTHING = Difference((), (), (), (), ())
RETIRED = {"mini": Retirements({"a": RetiredCard("a", "Wrong.", ("b", "c"), NOWHERE, NOWHERE)})}


def with_text(text: str, extra: str = "", **changed: Any) -> Note:
    return note(card("a", text), fields=("a", text, extra, ""), **changed)


def compared(before: Note, after: Note) -> ChangedNote | None:
    found = compare([before], [after], values.project(), values.project())
    assert (found.added, found.gone, found.retired, found.types) == ((), (), (), ())
    return found.changed[0] if found.changed else None


def test_equal_notes_make_no_difference() -> None:
    one = with_text("A {{c1::gap}}.")
    assert compared(one, one) is None
    assert compare([], [], values.project(), values.project()) == NOTHING


def test_of_a_changed_field_the_lines_that_differ_are_shown() -> None:
    before = with_text("{{c1::x}}", extra="<p>One &amp; two.</p><ul><li>a</li><li>b</li></ul>")
    after = with_text("{{c1::x}}", extra="<p>One &amp; two.</p><ul><li>a</li><li>c</li></ul>")
    assert compared(before, after) == ChangedNote("a", (ChangedPart("Extra", ("b",), ("c",)),))


def test_a_change_of_markup_only_has_no_lines() -> None:
    change = compared(with_text("{{c1::x}} y"), with_text("{{c1::x}} <b>y</b>"))
    assert change == ChangedNote("a", (ChangedPart("Text", (), ()),))


def test_a_new_gap_is_counted() -> None:
    change = compared(with_text("{{c1::x}} y"), with_text("{{c1::x}} {{c2::y}}"))
    assert change is not None
    assert change.gaps == (2,)


def test_tags_deck_and_note_type_are_compared_too() -> None:
    types = {"cloze": notetype(), "basic": notetype("basic")}
    whole = values.project(notetypes=types)
    before = with_text("x", tags=("d", "a", "b"), deck="D")
    after = with_text("x", tags=("c", "b"), deck="E", type="basic")
    assert compare([before], [after], whole, whole).changed[0].parts == (
        ChangedPart("Tags", ("a", "d"), ("c",)),
        ChangedPart("Deck", ("D",), ("E",)),
        ChangedPart("Note type", ("cloze",), ("basic",)),
    )
    more = compared(before, with_text("x", tags=("d", "a", "b", "c"), deck="D"))
    assert more == ChangedNote("a", (ChangedPart("Tags", (), ("c",)),))


def test_a_note_that_is_gone_is_retired_if_the_project_says_so() -> None:
    one = with_text("Q {{c1::x}}?")
    assert compare([one], [], values.project(), values.project()).gone == (("a", "Q {{c1::x}}?"),)
    after = values.project(retirements=RETIRED)
    found = compare([one], [], values.project(), after)
    ((name, why),) = found.retired
    assert (found.gone, name, why.startswith("Wrong. ")) == ((), "a", True)
    assert why.endswith(" b, c.")
    assert compare([], [one], values.project(), after).added == (("a", "Q {{c1::x}}?"),)


def test_note_types_that_are_new_or_changed_are_named() -> None:
    before = values.project(notetypes={"cloze": notetype(), "basic": notetype("basic")})
    after = values.project(
        notetypes={"cloze": notetype(css="x"), "basic": notetype("basic"), "new": notetype("new")}
    )
    assert compare([], [], before, after).types == ("cloze", "new")


def test_what_the_ledger_calls_changed_is_shown_even_without_details() -> None:
    part = ChangedPart("Text", ("x",), ("y",))
    difference = Difference(
        added=(("n", "N?"), ("m", "M?")),
        changed=(ChangedNote("c", (part,)), ChangedNote("d", (part,))),
        retired=(),
        gone=(("g", "G?"),),
        types=(),
    )
    news = Changes(added=("n", "o"), changed=("c", "e"), retired=("a",), types=("cloze",))
    found = as_released(difference, news, values.project(retirements=RETIRED))
    assert found.added == (("n", "N?"), ("o", ""))
    assert found.changed == (ChangedNote("c", (part,)), ChangedNote("e", ()))
    assert [name for name, _ in found.retired] == ["a"]
    assert (found.gone, found.types) == ((), ("cloze",))


FULL = Difference(
    added=(("n", "N" * 100),),
    changed=(
        ChangedNote("c", (ChangedPart("Text", ("x",), ("y", "z")), ChangedPart("Extra", (), ()))),
        ChangedNote("e", (ChangedPart("Tags", (), ("t",)),)),
        ChangedNote("d", (), (2, 3)),
    ),
    retired=(("r", "Wrong."),),
    gone=(("g", ""), ("h", "H?")),
    types=("basic", "cloze"),
)


def test_the_text_lists_cards_and_lines() -> None:
    pattern = r"""1 .*added
  \+ n  N{89}…
1 .*retired
  - r  Wrong\.
2 .*removed
  - g
  - h  H\?
3 .*changed
  ~ c
      Text
      - x
      \+ y
      \+ z
      Extra: .*
  ~ e
      Tags
      \+ t
  ~ d  \(.* 2, 3\)
      .*
.*: basic, cloze
"""
    assert re.fullmatch(pattern, as_text(FULL))
    assert as_text(NOTHING) == "no differences\n"


def test_the_json_has_the_same() -> None:
    value = json.loads(as_json(FULL))
    assert value["added"] == [{"id": "n", "question": "N" * 100}]
    assert value["changed"][0]["parts"][0] == {"name": "Text", "before": ["x"], "after": ["y", "z"]}
    assert value["changed"][2] == {"id": "d", "gaps": [2, 3], "parts": []}
    assert value["retired"] == [{"id": "r", "why": "Wrong."}]
    assert [entry["id"] for entry in value["gone"]] == ["g", "h"]
    assert value["types"] == ["basic", "cloze"]
