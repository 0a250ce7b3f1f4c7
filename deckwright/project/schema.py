"""Validate against a JSON Schema and describe violations in plain words.

The draft is 2020-12. The only importer of jsonschema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from deckwright.core.suggest import nearest
from deckwright.core.wording import as_help

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a schema.

    `path` leads to the value inside the instance. `rule` is the schema keyword, or
    `unknown` for a property that the schema does not have, or `missing` for one that it
    requires; both name the property in `key`. `help` is the description of the
    property.
    """

    path: tuple[str | int, ...]
    rule: str
    key: str
    message: str
    help: str


_TYPES = {
    "integer": "a whole number",
    "string": "text in quotes",
    "array": "a list in brackets",
    "object": "a table",
    "boolean": "true or false",
}


# Keywords whose rules `Schema` knows itself, for the whole and for one property.
_PLAIN_KEYS = {
    "$schema", "title", "description", "type", "properties", "required", "additionalProperties"
}  # fmt: skip
_PLAIN_RULES = {
    "description", "type", "items", "uniqueItems", "pattern", "minLength", "maxLength"
}  # fmt: skip


class NotASchemaError(ValueError):
    """Why a text is no usable JSON Schema.

    `offset` is where reading stopped; 0 if the text is JSON but not a usable schema.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.offset = offset


class Schema:
    """A JSON Schema that instances can be validated against.

    `properties` are its top-level properties by name, in the order of the schema.
    Raises NotASchemaError if `text` is no usable JSON Schema. `is_sound` says that it is
    known to be usable, and is not checked again.
    """

    def __init__(self, text: str, is_sound: bool = False) -> None:
        self.text = text
        self._schema = json.loads(text) if is_sound else _loaded(text)
        self.properties: Mapping[str, Mapping[str, Any]] = self._schema.get("properties", {})
        if not all(isinstance(p, dict) for p in self.properties.values()):
            raise NotASchemaError("it needs an object for each property", 0)
        self._known: dict[tuple[str, str], tuple[Violation, ...]] = {}

    @cached_property
    def _whole(self) -> Draft202012Validator:
        return _validator(self._schema)

    @cached_property
    def _keys(self) -> Draft202012Validator:
        named: dict[str, Any] = {name: {} for name in self.properties}
        return _validator({**self._schema, "properties": named})

    @cached_property
    def _values(self) -> dict[str, Draft202012Validator]:
        definitions = {"$defs": self._schema.get("$defs", {})}
        return {name: _validator({**definitions, **p}) for name, p in self.properties.items()}

    def repeatable(self, name: str) -> bool:
        """Return whether a property is an array, so a card may repeat its key."""
        return self.properties.get(name, {}).get("type") == "array"

    def description(self, name: str) -> str:
        """Return the description of a top-level property; empty if it has none."""
        return str(self.properties.get(name, {}).get("description", ""))

    def violations(self, instance: Any) -> tuple[Violation, ...]:
        """Return every violation of the whole schema, in order of place."""
        errors = sorted(
            self._whole.iter_errors(instance), key=lambda e: [str(p) for p in e.absolute_path]
        )
        return tuple(
            violation
            for error in errors
            for violation in self._described(error, tuple(error.absolute_path), self._schema)
        )

    def key_violations(self, names: Mapping[str, Any]) -> tuple[Violation, ...]:
        """Return the violations of the set of names: unknown and missing properties."""
        is_plain = self._schema.keys() <= _PLAIN_KEYS
        if (
            is_plain
            and set(self._schema.get("required", ())) <= names.keys() <= self.properties.keys()
        ):
            return ()
        key = ("", "\n".join(sorted(names)))
        if key not in self._known:
            self._known[key] = tuple(
                violation
                for error in self._keys.iter_errors(dict(names))
                for violation in self._described(error, (), self._schema)
            )
        return self._known[key]

    def value_violations(self, name: str, value: str) -> tuple[Violation, ...]:
        """Return the violations of one property's value (of an array: of one item)."""
        if self._surely_allows(name, value):
            return ()
        key = (name, value)
        if key not in self._known:
            instance = [value] if self.repeatable(name) else value
            self._known[key] = tuple(
                violation
                for error in self._values[name].iter_errors(instance)
                for violation in self._described(error, (name,), self.properties[name])
            )
        return self._known[key]

    def _surely_allows(self, name: str, value: str) -> bool:
        """Return whether a value follows plain rules, so that jsonschema need not be loaded.

        That would take longer than all other checks of an edited card.
        """
        whole = self.properties[name]
        rule = whole.get("items") if self.repeatable(name) else whole
        return (
            isinstance(rule, dict)
            and whole.keys() | rule.keys() <= _PLAIN_RULES
            and rule.get("type") == "string"
            and rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value))
            and re.search(rule.get("pattern", ""), value) is not None
        )

    def __reduce__(self) -> tuple[type[Schema], tuple[str, bool]]:
        return Schema, (self.text, True)

    def _described(
        self, error: ValidationError, path: tuple[str | int, ...], schema: Mapping[str, Any]
    ) -> Iterator[Violation]:
        if error.validator == "additionalProperties":
            allowed = error.schema.get("properties", {})
            keys = f"the keys are {', '.join(allowed)}"
            for name in error.instance:
                if name not in allowed:
                    message = f"`{name}` isn't a key here"
                    hint = nearest(name, allowed)
                    help_line = f"{hint} T{keys[1:]}" if hint else keys
                    yield Violation(path, "unknown", name, message, help_line)
        elif error.validator == "required":
            # One error per missing property, which only the message names.
            absent = [name for name in error.validator_value if name not in error.instance]
            name = next(name for name in absent if f"'{name}'" in error.message)
            described = error.schema.get("properties", {}).get(name, {}).get("description", "")
            help_line = as_help(described or self.description(name))
            yield Violation(path, "missing", name, f"`{name}` is missing", help_line)
        elif error.instance == {} and (keys := error.schema.get("properties")):
            help_line = f"add one or more of its keys: {', '.join(keys)}"
            yield Violation(path, "empty", "", "this table is empty", help_line)
        else:
            key = str(path[-1]) if path else ""
            help_line = as_help(_innermost_description(error, schema))
            yield Violation(path, str(error.validator), key, _describe(error), help_line)


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema)


def _loaded(text: str) -> dict[str, Any]:
    """Parse a JSON Schema. Raise NotASchemaError if it is none, or not an object."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        schema = json.loads(text)
        Draft202012Validator.check_schema(schema)
    except json.JSONDecodeError as error:
        before = text[: error.pos].rstrip()
        # Python 3.13 and newer point at a trailing comma, older versions behind it.
        at = len(before) - 1 if before.endswith(",") else error.pos
        message = "it isn't valid JSON; perhaps there is an extra `,` or a name without quotes"
        raise NotASchemaError(message, at) from None
    except ValueError:  # of Python, for a number of more than 4,300 digits
        raise NotASchemaError("it has a number that is too long", 0) from None
    except SchemaError as error:
        where = "/".join(map(str, error.absolute_path)) or "the schema"
        raise NotASchemaError(f"{where}: {error.message}", 0) from None
    except RecursionError:
        raise NotASchemaError("it is nested too deeply", 0) from None
    if not isinstance(schema, dict):
        raise NotASchemaError("it needs an object for each property", 0)
    return schema


def _innermost_description(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """Return the description of the innermost property around the violation."""
    node: Any = schema
    described = ""
    for step in error.absolute_schema_path:
        if isinstance(node, dict) and step not in node:
            break  # behind a $ref
        node = node[step]
        if isinstance(node, dict) and isinstance(node.get("description"), str):
            described = node["description"]
    return described


def _describe(error: ValidationError) -> str:
    """Describe a violation in words, without regular expressions."""
    value = error.instance
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, default=str)
    value = value if len(value) <= 80 else value[:77] + "…"
    shown = f"`` {value} ``" if "`" in value else f"`{value}`"
    match error.validator:
        case "type":
            return f"{shown} isn't {_TYPES.get(str(error.validator_value), error.validator_value)}"
        case "enum":
            return f"{shown} isn't one of " + ", ".join(map(str, error.validator_value))
        case "minLength":
            return f"{shown} is shorter than {error.validator_value} characters"
        case "maxLength":
            return f"{shown} is longer than {error.validator_value} characters"
        case "minimum":
            return f"{shown} is less than {error.validator_value}"
        case "maximum":
            return f"{shown} is greater than {error.validator_value}"
        case "minItems":
            return "the list is too short"
        case "uniqueItems":
            return "a value is given twice"
        case "pattern" if error.validator_value.startswith("^[a-z0-9]+("):
            return f"{shown} isn't lowercase letters and digits with single hyphens between them"
        case _:
            return f"{shown} has the wrong form"
