"""Text files as notes: separators, headers, columns, lines that are no notes."""

from __future__ import annotations

import pytest

from deckwright.core.errors import UserError
from deckwright.exchange.importer.text_files import notes

ROWS = [
    ("a\tb\nc\td", False, [("a", "b"), ("c", "d")]),
    ("a;b\nc;d", False, [("a", "b"), ("c", "d")]),
    ("a, 1\tb\nc\td", False, [("a, 1", "b"), ("c", "d")]),
    ('6" pipe;"b,c"\ne;f', True, [('6" pipe', "b,c"), ("e", "f")]),
    ('"a ""b"""\t"c\nd"', False, [('a "b"', "c<br>d")]),
    ('"open\tb\nc\td', False, [('"open', "b"), ("c", "d")]),
    ("#separator:pipe\na|b", False, [("a", "b")]),
    ("# a question\tb", False, [("# a question", "b")]),
    ("a\tb\nmore\n\n \nc\td\n\t\n", False, [("a", "b<br>more"), ("c", "d")]),
    ("1 < 2 & 3\tb", False, [("1 &lt; 2 &amp; 3", "b")]),
    ("a<br>b\tc &nbsp;", False, [("a<br>b", "c &nbsp;")]),
    ("#html:false\n#separator:tab\n<b>\tc", False, [("&lt;b&gt;", "c")]),
]


@pytest.mark.parametrize(("text", "commas", "fields"), ROWS)
def test_cells_are_what_separators_divide(
    text: str, commas: bool, fields: list[tuple[str, ...]]
) -> None:
    found = [tuple(note.fields.values()) for note in notes(text, commas).notes]
    assert found == fields


def test_the_first_row_may_name_the_columns() -> None:
    (note,) = notes("Tags,guid,Meaning,Term,Ch:1\nx y,G1,b,a,1\n", True).notes
    assert note.fields == {"Tags": "x y", "Meaning": "b", "Term": "a", "Ch 1": "1"}
    assert (note.tags_field, note.place) == ("Tags", "line 2")
    assert note.templates == (("{{Term}}", "{{Meaning}}"),)


def test_headers_name_columns_guids_types_and_tags() -> None:
    text = (
        "#separator:tab\n#html:true\n#tags:all\n#columns:Id\tType\tFront\tTags\tDeck\n"
        "#guid column:1\n#notetype column:2\n#deck column:5\n"
        "G1\tBasic\t<b>a</b>\tone two\tD\n# a remark\n"
    )
    found = notes(text, False)
    (note,) = found.notes
    assert (note.tags, note.tags_field) == (("all",), "Tags")
    assert note.fields == {"Front": "<b>a</b>", "Tags": "one two"}
    assert len(found.remarks) == 1


def test_a_note_with_gaps_is_cloze() -> None:
    cloze, basic = notes("a {{c1::b}}\tc\nd\te", False).notes
    assert cloze.templates[0][0] == "{{cloze:column 1}}"
    assert basic.templates[0][0] == "{{column 1}}"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (" \n", "no notes"),
        ("#separator:tab\n# only a remark\n", "no notes"),
        ("one\ntwo\n", "no tabs"),
        ("front,back\n", "question"),
        ('#separator:comma\na,b\nc,"d\n', "line 3 "),
    ],
)
def test_text_without_columns_is_refused(text: str, names: str) -> None:
    with pytest.raises(UserError, match=names):
        notes(text, False)
