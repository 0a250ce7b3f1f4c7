"""TOML files with places."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source
from deckwright.project.toml_file import Reader, Table

TEXT = """\
# A comment: deck = "no"
deck = "Mini"
list = [
  { name = "One", id = 1 },
]

[[topic]]
slug = "a"
core = 1

[[topic]]
slug = "b"

[[task]]
slug = "c"
"""
SCHEMA = """{
  "type": "object", "additionalProperties": false, "required": ["deck"],
  "properties": {
    "deck": {"type": "string"},
    "topic": {
      "type": "array",
      "items": {"properties": {"core": {"type": "integer", "description": "How many."}}}
    }
  }
}"""


@pytest.fixture
def table() -> Table:
    return Table(Source("x.toml", TEXT), tomllib.loads(TEXT))


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    (tmp_path / "schema.json").write_text(SCHEMA, "utf-8")
    return Reader(tmp_path)


def read(reader: Reader, text: str) -> Table | None:
    (reader.folder / "x.toml").write_text(text, "utf-8")
    return reader.table("x.toml", "schema.json")


def found(reader: Reader) -> list[tuple[str, int, str]]:
    return [(d.code, d.span.line, d.span.text) for d in reader.diagnostics]


@pytest.mark.parametrize(
    ("path", "line", "text"),
    [
        (("deck",), 2, '"Mini"'),
        (("topic", 0, "slug"), 8, '"a"'),
        (("topic", 1, "slug"), 12, '"b"'),
        (("task", 0, "slug"), 15, '"c"'),
        (("topic", 1, "core"), 11, "[[topic]]"),  # not the core of another topic
        (("topic", 0), 7, "[[topic]]"),
        (("no", "such", "key"), 1, '# A comment: deck = "no"'),
    ],
)
def test_every_value_has_its_place(
    table: Table, path: tuple[str | int, ...], line: int, text: str
) -> None:
    place = table.place(*path)
    assert (place.line, place.text) == (line, text)


def test_names_of_keys_and_entries_of_inline_tables_have_places(table: Table) -> None:
    assert (table.key("topic", 1, "slug").line, table.key("topic", 1, "slug").text) == (12, "slug")
    assert table.entry("One").text == 'name = "One"'
    assert table.entry("Two").line == 1


def test_a_table_that_follows_its_schema_is_returned(reader: Reader) -> None:
    made = read(reader, 'deck = "x"\n')
    assert made is not None
    assert made.data == {"deck": "x"}
    assert found(reader) == []


def test_every_violation_has_its_place(reader: Reader) -> None:
    assert read(reader, 'dekc = "x"\n\n[[topic]]\n\n[[topic]]\ncore = "y"\n') is None
    assert found(reader) == [
        ("V803", 1, "dekc"),
        ("V803", 1, 'dekc = "x"'),
        ("V803", 6, '"y"'),
    ]
    assert reader.diagnostics[2].help.endswith("; `core`: how many")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('deck = "x"\ntopic = [1,,]\n', 2, 12), ("deck = ", 1, 8), ('deck = "x\n', 1, 10)],
)
def test_a_syntax_error_has_its_place(reader: Reader, text: str, line: int, column: int) -> None:
    assert read(reader, text) is None
    (problem,) = reader.diagnostics
    assert (problem.code, problem.span.line, problem.span.column) == ("V802", line, column)


def test_what_is_nested_too_deeply_is_refused(reader: Reader) -> None:
    assert read(reader, f"deck = {'[' * 5000}{']' * 5000}\n") is None
    assert [d.code for d in reader.diagnostics] == ["V802"]


def test_a_schema_is_read_once_and_reported_once(reader: Reader) -> None:
    assert reader.schema("schema.json") is reader.schema("schema.json")
    (reader.folder / "bad.json").write_text('{\n "a": 1,\n}', "utf-8")
    assert reader.schema("bad.json") is reader.schema("bad.json") is None
    assert [(d.code, d.span.line, d.span.column) for d in reader.diagnostics] == [("V802", 2, 8)]


def test_a_file_that_is_required_is_reported_if_it_is_missing(reader: Reader) -> None:
    assert reader.table("x.toml", "schema.json") is None
    assert [(d.code, d.span.path) for d in reader.diagnostics] == [("V801", "x.toml")]


def test_an_optional_file_may_be_missing_but_not_wrong(reader: Reader) -> None:
    def parse(source: Source) -> Outcome[str | None]:
        if source.text == "bad":
            return Outcome(None, (Diagnostic("L001", "bad", source.lines_span(0, 1)),))
        return Outcome(source.text)

    assert reader.optional("x.txt", parse) is None
    assert reader.diagnostics == []
    (reader.folder / "x.txt").write_text("good", "utf-8")
    assert reader.optional("x.txt", parse) == "good"
    (reader.folder / "x.txt").write_text("bad", "utf-8")
    assert reader.optional("x.txt", parse) is None
    assert [d.code for d in reader.diagnostics] == ["L001"]


def test_a_name_that_is_not_in_the_vocabulary_comes_with_the_closest(reader: Reader) -> None:
    place = Source("x.toml", "pooly").span(0, 5)
    reader.unknown("service", "pooly", ["polly", "s3"], place)
    reader.unknown("task of next", "9.9", ["1.1"], place)
    near, far = reader.diagnostics
    assert (near.code, "`pooly`" in near.message, "`polly`" in near.help) == ("V805", True, True)
    assert (far.code, "`9.9`" in far.message, "`[[task]]`" in far.help) == ("V805", True, True)
