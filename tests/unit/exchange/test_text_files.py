"""Text files as notes: separators, headers, columns, lines that are no notes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from deckwright.core.errors import UserError
from deckwright.exchange.importer.notes import ForeignTemplate
from deckwright.exchange.importer.text_files import notes


def rows(text: str, commas: bool = False) -> list[Sequence[str]]:
    """The fields of all notes of a text."""
    return [tuple(note.fields.values()) for note in notes(text, commas).notes]


@pytest.mark.parametrize(
    ("text", "commas", "fields"),
    [
        ("a\tb\nc\td", False, [("a", "b"), ("c", "d")]),
        ("a;b\nc;d", False, [("a", "b"), ("c", "d")]),
        ("a,b\nc,d", False, [("a", "b"), ("c", "d")]),
        ("a, 1\tb\nc\td", False, [("a, 1", "b"), ("c", "d")]),
        ("a;b,c;d\ne;f;g", True, [("a", "b,c", "d"), ("e", "f", "g")]),
        ('"a ""b"""\t"c\nd"', False, [('a "b"', "c<br>d")]),
        ('6" pipe\tb', False, [('6" pipe', "b")]),
        ('"open\tb\nc\td', False, [('"open', "b"), ("c", "d")]),
        ("#separator:pipe\na|b", False, [("a", "b")]),
        ("# a question\tb", False, [("# a question", "b")]),
        ("a\tb\nmore\nc\td", False, [("a", "b<br>more"), ("c", "d")]),
        ("a\tb\n\n \nc\td\n", False, [("a", "b"), ("c", "d")]),
    ],
)
def test_cells_are_what_separators_divide(
    text: str, commas: bool, fields: list[Sequence[str]]
) -> None:
    assert rows(text, commas) == fields


def test_the_first_row_may_name_the_columns() -> None:
    (note,) = notes("Tags,Term,Definition,Chapter\nx y,a,b,1\n", True).notes
    assert note.fields == {"Front": "a", "Back": "b", "Chapter": "1"}
    assert note.tags == ("x", "y")
    assert note.templates == {0: ForeignTemplate("", ("Front",), ("Back", "Chapter"))}


def test_headers_name_columns_guids_types_and_tags() -> None:
    text = (
        "#separator:tab\n#html:true\n#tags:all\n#columns:Id\tType\tFront\tTags\n#guid column:1\n"
        "#notetype column:2\nG1\tBasic\t<b>a</b>\tone two\n# a remark\n"
    )
    found = notes(text, False)
    (note,) = found.notes
    assert (note.origin, note.notetype, note.tags) == ("G1", "Basic", ("all", "one", "two"))
    assert note.fields == {"Front": "<b>a</b>"}
    assert ["line 8 " in remark for remark in found.remarks] == [True]


def test_text_is_escaped_and_html_is_not() -> None:
    assert rows("1 < 2 & 3\tb") == [("1 &lt; 2 &amp; 3", "b")]
    found = notes("a<br>b\tc &nbsp;", False)
    assert found.notes[0].fields == {"Front": "a<br>b", "Back": "c &nbsp;"}
    assert ["HTML" in remark for remark in found.remarks] == [True]
    assert rows("#html:false\n#separator:tab\n<b>\tc") == [("&lt;b&gt;", "c")]


def test_a_note_with_gaps_is_cloze() -> None:
    cloze, basic = notes("a {{c1::b}}\tc\nd\te", False).notes
    assert (cloze.cloze, cloze.templates) == (True, {})
    assert not basic.cloze


def test_the_same_question_again_is_another_note() -> None:
    first, second, other = notes("a\tb\na\tc\nd\te", False).notes
    assert second.origin == f"{first.origin}.2"
    assert first.origin.startswith("text-")
    assert other.origin != first.origin


def test_a_row_of_separators_is_left_out() -> None:
    found = notes("a\tb\n\t\nc\td", False)
    assert len(found.notes) == 2
    assert ["line 2 " in remark for remark in found.remarks] == [True]


def test_columns_without_a_name_get_a_number() -> None:
    (note,) = notes("a\tb\tc\td\n", False).notes
    assert list(note.fields) == ["Front", "Back", "Field 3", "Field 4"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (" \n", "no notes"),
        ("#separator:tab\n#html:true\n# only a remark\n", "no notes"),
        ("one\ntwo\n", "no tabs"),
        ("front,back\n", "question"),
        ("#tags column:0\na\tb", "`0`"),
        ('#separator:comma\na,b\nc,"d\n', "line 3 "),
    ],
)
def test_text_without_columns_is_refused(text: str, names: str) -> None:
    with pytest.raises(UserError, match=names):
        notes(text, False)
