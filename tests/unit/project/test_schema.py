"""JSON Schema violations, described for authors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deckwright.project.schema import NotASchemaError, Schema, Violation

PROPERTIES: dict[str, Any] = {
    "name": {"type": "string", "pattern": "^[a-z]+$", "description": "The name."},
    "size": {"type": "integer", "minimum": 1, "maximum": 9},
    "kind": {"enum": ["one", "two"]},
    "note": {"type": "string", "minLength": 2, "maxLength": 3},
    "also": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
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
    ("instance", "message"),
    [
        ({"size": "x"}, "`x` is not a whole number"),
        ({"name": 1}, "`1` is not text in quotes"),
        ({"also": "x"}, "`x` is not a list"),
        ({"parts": [3]}, "`3` is not a table"),
        ({"kind": "three"}, "`three` is not one of one, two"),
        ({"note": "x"}, "`x` is shorter than 2 characters"),
        ({"note": "long"}, "`long` is longer than 3 characters"),
        ({"size": 0}, "`0` is less than 1"),
        ({"size": 10}, "`10` is greater than 9"),
        ({"also": []}, "the list is too short"),
        ({"also": ["x", "x"]}, "a value is given twice"),
        ({"name": "A"}, "`A` has the wrong form"),
        ({"name": "A" * 81}, f"`{'A' * 77}…` has the wrong form"),
    ],
)
def test_each_keyword_has_its_words(instance: dict[str, Any], message: str) -> None:
    assert [v.message for v in violations(**instance)] == [message]


def test_a_violation_has_its_path_its_keyword_and_the_innermost_description() -> None:
    assert violations(parts=[{"id": 1}, {"id": "x"}]) == [
        Violation(("parts", 1, "id"), "type", "id", "`x` is not a whole number", "the id")
    ]
    assert [v.help for v in violations(parts="x")] == ["all parts"]
    assert [v.help for v in violations(parts=[{"id": 1, "ref": 2}])] == ["a reference"]
    assert [v.help for v in violations(size=0)] == [""]


def test_unknown_and_missing_properties_are_named() -> None:
    found = SCHEMA.violations({"size": 1, "nmae": "a", "x": 1, "parts": [{}]})
    assert [(v.path, v.rule, v.key, v.help) for v in found] == [
        ((), "unknown", "nmae", f"the keys are {', '.join(PROPERTIES)}"),
        ((), "unknown", "x", f"the keys are {', '.join(PROPERTIES)}"),
        ((), "missing", "name", "the name"),
        (("parts", 0), "missing", "id", "the id"),
    ]
    assert found[0].message == "`nmae` is not a key here"
    assert found[2].message == "`name` is missing"


def test_keys_and_values_can_be_validated_separately() -> None:
    found = SCHEMA.key_violations({"name": "", "nmae": ""})
    assert [(v.rule, v.key) for v in found] == [("unknown", "nmae"), ("missing", "size")]
    assert SCHEMA.key_violations({"name": 1, "size": "x"}) == ()
    assert [v.path for v in SCHEMA.value_violations("name", "A")] == [("name",)]
    assert SCHEMA.value_violations("name", "a") == ()
    assert SCHEMA.value_violations("name", "a") is SCHEMA.value_violations("name", "a")


def test_a_value_of_an_array_is_one_of_its_items() -> None:
    assert SCHEMA.repeatable("also")
    assert not SCHEMA.repeatable("name")
    assert not SCHEMA.repeatable("no such key")
    assert SCHEMA.value_violations("also", "x") == ()


def test_descriptions_of_top_level_properties_can_be_read() -> None:
    assert SCHEMA.description("name") == "The name."
    assert SCHEMA.description("size") == SCHEMA.description("no such key") == ""


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ('{"a": 1,\n}', "it is not valid JSON", 7),
        ('{"a": x}', "it is not valid JSON", 6),
        ('{"type": "text"}', "type: 'text' is not valid", 0),
        ("true", "it needs an object for each property", 0),
        ('{"properties": {"a": true}}', "it needs an object for each property", 0),
        ("[" * 100_000, "it is nested too deeply", 0),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place(text: str, reason: str, offset: int) -> None:
    with pytest.raises(NotASchemaError) as error:
        Schema(text)
    assert str(error.value).startswith(reason)
    assert error.value.offset == offset
