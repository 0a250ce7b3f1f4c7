"""TOML files with places."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from deckwright.core.source import Source
from deckwright.project.toml_file import Reader, Table

TEXT = """\
# A comment: deck = "no"
deck = "Mini"
list = [1]



[[topic]]
slug = "a"
core = 1

[[topic]]
slug = "b"

[[part]]
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
def reader(tmp_path: Path) -> Reader:
    (tmp_path / "schema.json").write_text(SCHEMA, "utf-8")
    return Reader(tmp_path)


def read(reader: Reader, text: str) -> Table | None:
    (reader.folder / "x.toml").write_text(text, "utf-8")
    return reader.table("x.toml", "schema.json")


@pytest.mark.parametrize(
    ("path", "line", "text"),
    [
        (("deck",), 2, '"Mini"'),
        (("topic", 0, "slug"), 8, '"a"'),
        (("topic", 1, "slug"), 12, '"b"'),
        (("part", 0, "slug"), 15, '"c"'),
        (("topic", 1, "core"), 11, "[[topic]]"),  # not the core of another topic
        (("topic", 2), 1, '# A comment: deck = "no"'),
        (("topic", 0), 7, "[[topic]]"),
        (("no", "such", "key"), 1, '# A comment: deck = "no"'),
    ],
)
def test_every_value_has_its_place(path: tuple[str | int, ...], line: int, text: str) -> None:
    place = Table(Source("x.toml", TEXT), tomllib.loads(TEXT)).place(*path)
    assert (place.line, place.text) == (line, text)


def test_every_violation_has_its_place(reader: Reader) -> None:
    assert read(reader, 'dekc = "x"\n\n[[topic]]\n\n[[topic]]\ncore = "y"\n') is None
    found = [(d.code, d.span.line, d.span.text) for d in reader.diagnostics]
    assert found == [("V803", 1, "dekc"), ("V803", 1, 'dekc = "x"'), ("V803", 6, '"y"')]
    assert reader.diagnostics[2].help.endswith("; `core`: how many")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('deck = "x"\ntopic = [1,,]\n', 2, 12),
        ("deck = ", 1, 8),
        ('deck = "x\n', 1, 10),
        (f"deck = {'[' * 5000}{']' * 5000}\n", 1, 1),
    ],
)
def test_a_syntax_error_has_its_place(reader: Reader, text: str, line: int, column: int) -> None:
    assert read(reader, text) is None
    (problem,) = reader.diagnostics
    assert (problem.code, problem.span.line, problem.span.column) == ("V802", line, column)
