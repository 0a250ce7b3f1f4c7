"""JSON Schema (draft 2020-12) to Faults that an author can read: the door of jsonschema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation. `path` leads to the value inside the instance; `rule` is the schema keyword, with `unknown` for a
    property that the schema does not have and `missing` for one that it requires (both name it in `key`); `help` is the
    description of the property."""

    path: tuple[str | int, ...]
    rule: str
    key: str
    message: str
    help: str


_TYPES = {
    "integer": "a whole number",
    "string": "text in quotes",
    "array": "a list",
    "object": "a table",
    "boolean": "true or false",
}


class NotASchemaError(ValueError):
    """Why a text is no JSON Schema, and the offset where reading stopped (0 where it is JSON, but no schema)."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.offset = offset


class Schema:
    """One schema, ready to be asked. Raises NotASchemaError if `text` is no usable JSON Schema."""

    def __init__(self, text: str) -> None:
        try:
            self._schema = json.loads(text)
            Draft202012Validator.check_schema(self._schema)
        except json.JSONDecodeError as error:
            before = text[: error.pos].rstrip()
            at = (
                len(before) - 1 if before.endswith(",") else error.pos
            )  # where newer Pythons point, too
            raise NotASchemaError(
                "a `,` too many, or a name without quotes, stands here", at
            ) from None
        except SchemaError as error:
            raise NotASchemaError(f"{_spot(error)}: {error.message}", 0) from None
        except RecursionError:
            raise NotASchemaError("it is nested too deeply", 0) from None
        if not isinstance(self._schema, dict) or not all(
            isinstance(p, dict) for p in self.properties.values()
        ):
            raise NotASchemaError("a schema with an object for each property is wanted", 0)
        named: dict[str, Any] = {name: {} for name in self.properties}
        self._whole = Draft202012Validator(self._schema)
        self._keys = Draft202012Validator({**self._schema, "properties": named})
        definitions = {"$defs": self._schema.get("$defs", {})}
        self._values = {
            name: Draft202012Validator({**definitions, **prop})
            for name, prop in self.properties.items()
        }
        self._seen: dict[tuple[str, str], tuple[Violation, ...]] = {}

    @property
    def properties(self) -> Mapping[str, Mapping[str, Any]]:
        """The top-level properties by name, in the order of the schema."""
        properties: Mapping[str, Mapping[str, Any]] = self._schema.get("properties", {})
        return properties

    def repeatable(self, name: str) -> bool:
        """Whether a property is an array, so that a card may give it on several lines."""
        return self.properties.get(name, {}).get("type") == "array"

    def description(self, name: str) -> str:
        return str(self.properties.get(name, {}).get("description", ""))

    def violations(self, instance: Any) -> tuple[Violation, ...]:
        """Every violation of the whole schema, in order of place."""
        errors = sorted(
            self._whole.iter_errors(instance), key=lambda e: [str(p) for p in e.absolute_path]
        )
        return tuple(
            diagnostic
            for error in errors
            for diagnostic in self._read(error, tuple(error.absolute_path), self._schema)
        )

    def key_violations(self, names: Mapping[str, Any]) -> tuple[Violation, ...]:
        """Violations by the set of names alone: unknown and missing properties."""
        key = ("", "\n".join(sorted(names)))
        if key not in self._seen:
            self._seen[key] = tuple(
                f
                for e in self._keys.iter_errors(dict(names))
                for f in self._read(e, (), self._schema)
            )
        return self._seen[key]

    def value_violations(self, name: str, value: str) -> tuple[Violation, ...]:
        """Violations by the value of one property (for an array: of one of its items). Answers are remembered."""
        key = (name, value)
        if key not in self._seen:
            instance = [value] if self.repeatable(name) else value
            self._seen[key] = tuple(
                f
                for e in self._values[name].iter_errors(instance)
                for f in self._read(e, (name,), self.properties[name])
            )
        return self._seen[key]

    def _read(
        self, error: ValidationError, path: tuple[str | int, ...], schema: Any
    ) -> Iterator[Violation]:
        help_line = _described(error, schema)
        if error.validator == "additionalProperties":
            allowed = error.schema.get("properties", {})
            for name in [n for n in error.instance if n not in allowed]:
                yield Violation(
                    path,
                    "unknown",
                    name,
                    f"`{name}` is not a key here",
                    "keys: " + ", ".join(allowed),
                )
        elif error.validator == "required":
            missing = [n for n in error.validator_value if n not in error.instance]
            name = next(n for n in missing if f"'{n}'" in error.message)
            described = error.schema.get("properties", {}).get(name, {}).get("description", "")
            yield Violation(
                path, "missing", name, f"`{name}` is missing", described or self.description(name)
            )
        else:
            yield Violation(
                path, str(error.validator), str(path[-1]) if path else "", _words(error), help_line
            )


def _described(error: ValidationError, schema: Any) -> str:
    """The description of the innermost property on the way to the keyword that was broken."""
    node = schema
    described = ""
    for step in error.absolute_schema_path:
        if isinstance(node, dict) and step not in node:
            break  # behind a $ref
        node = node[step]
        if isinstance(node, dict) and isinstance(node.get("description"), str):
            described = node["description"]
    return described


def _spot(error: SchemaError) -> str:
    return "/".join(map(str, error.absolute_path)) or "the schema"


def _words(error: ValidationError) -> str:
    """A violation in words, without regular expressions."""
    value = (
        error.instance
        if isinstance(error.instance, str)
        else json.dumps(error.instance, ensure_ascii=False, default=str)
    )
    shown = f"`{value if len(value) <= 80 else value[:77] + '…'}`"
    match error.validator:
        case "type":
            return f"{shown} is not {_TYPES.get(str(error.validator_value), error.validator_value)}"
        case "enum":
            return f"{shown} is none of " + ", ".join(map(str, error.validator_value))
        case "minLength":
            return f"{shown} is shorter than {error.validator_value} characters"
        case "maxLength":
            return f"{shown} is longer than {error.validator_value} characters"
        case "minimum" | "maximum":
            bound = "below" if error.validator == "minimum" else "above"
            return f"{shown} is {bound} {error.validator_value}"
        case "minItems":
            return "the list is too short"
        case "uniqueItems":
            return "a value is given twice"
        case _:
            return f"{shown} does not have the right form"
