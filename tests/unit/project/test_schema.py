"""JSON Schema violations, described for authors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import REPO

from deckwright.project.schema import NotASchemaError, Schema, Violation

PROPERTIES: dict[str, Any] = {
    "name": {"type": "string", "pattern": "^[a-z]+$", "description": "The name."},
    "size": {"type": "integer", "minimum": 1, "maximum": 9},
    "kind": {"enum": ["one", "two"]},
    "note": {"type": "string", "minLength": 2, "maxLength": 3},
    "also": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
    "any": {"type": "object", "minProperties": 1, "properties": {"id": {}}},
    "tasks": {"type": "object", "minProperties": 1},
    "parts": {
        "description": "All parts.",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["id"],
            "properties": {
                "id": {"type": "integer", "description": "The id."},
                "ref": {"$ref": "#/$defs/name", "description": "A reference."},
            },
        },
    },
}
SCHEMA = Schema(
    json.dumps(
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "size"],
            "properties": PROPERTIES,
            "$defs": {"name": {"type": "string"}},
        }
    )
)


def violations(**instance: Any) -> list[Violation]:
    return list(SCHEMA.violations({"name": "a", "size": 1, **instance}))


@pytest.mark.parametrize(
    ("instance", "rule", "names"),
    [
        ({"size": "x"}, "type", "`x` "),
        ({"name": 1}, "type", "`1` "),
        ({"also": "x"}, "type", "`x` "),
        ({"parts": [3]}, "type", "`3` "),
        ({"kind": "three"}, "enum", "one, two"),
        ({"note": "x"}, "minLength", " 2 "),
        ({"note": "long"}, "maxLength", " 3 "),
        ({"size": 0}, "minimum", " 1"),
        ({"size": 10}, "maximum", " 9"),
        ({"also": []}, "minItems", ""),
        ({"any": {}}, "empty", "table"),
        ({"tasks": {}}, "minProperties", "`{}` "),
        ({"also": ["x", "x"]}, "uniqueItems", ""),
        ({"name": "A"}, "pattern", "`A` "),
        ({"name": "A" * 81}, "pattern", f"`{'A' * 77}…` "),
    ],
)
def test_each_keyword_is_named_with_its_values(
    instance: dict[str, Any], rule: str, names: str
) -> None:
    (found,) = violations(**instance)
    assert (found.rule, names in found.message) == (rule, True), found.message


def test_a_violation_has_its_path_its_keyword_and_the_innermost_description() -> None:
    (found,) = violations(parts=[{"id": 1}, {"id": "x"}])
    assert (found.path, found.rule, found.key) == (("parts", 1, "id"), "type", "id")
    assert found.help == "the id"
    assert [v.help for v in violations(parts="x")] == ["all parts"]
    assert [v.help for v in violations(parts=[{"id": 1, "ref": 2}])] == ["a reference"]
    assert [v.help for v in violations(size=0)] == [""]


def test_unknown_and_missing_properties_are_named() -> None:
    found = SCHEMA.violations({"size": 1, "nmae": "a", "x": 1, "parts": [{}]})
    assert [(v.path, v.rule, v.key) for v in found] == [
        ((), "unknown", "nmae"),
        ((), "unknown", "x"),
        ((), "missing", "name"),
        (("parts", 0), "missing", "id"),
    ]
    keys = ", ".join(PROPERTIES)
    assert [v.help.endswith(keys) for v in found] == [True, True, False, False]
    assert [v.help for v in found[2:]] == ["the name", "the id"]
    assert [f"`{v.key}` " in v.message for v in found] == [True] * 4


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ('{"a": 1,\n}', "JSON", 7),
        ('{"a": x}', "JSON", 6),
        ('{"type": "text"}', "'text'", 0),
        ("true", "property", 0),
        ('{"properties": {"a": true}}', "property", 0),
        ("[" * 100_000, "nested", 0),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place(text: str, reason: str, offset: int) -> None:
    with pytest.raises(NotASchemaError, match=reason) as error:
        Schema(text)
    assert error.value.offset == offset


def test_what_is_plainly_allowed_is_allowed_by_jsonschema() -> None:
    """Plain rules are checked without jsonschema, which takes a while to load."""
    schema = Schema((REPO / "schema/card.schema.json").read_text("utf-8"))
    values = ("", "a", "A b", "kms-key", "2026-09", "2026-13", "x" * 301, "https://a.b/c", "a\n")
    for name in schema.properties:
        for value in (*values, "mla-c02::2.1", "a**b", "C450 a reason", "`a`", "a b::c, d"):
            instance = [value] if schema.repeatable(name) else value
            found = schema.violations({"kind": "a", "topic": "a"} | {name: instance})
            assert bool(schema.value_violations(name, value)) == bool(found), (name, value)
    for names in ({"kind"}, {"kind", "topic"}, {"kind", "topic", "nothing"}):
        keys = dict.fromkeys(names, "a")
        assert bool(schema.key_violations(keys)) == bool(schema.violations(keys))
