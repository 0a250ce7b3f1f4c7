"""The elements, attributes, properties and functions of SVG images that only draw."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Names(NamedTuple):
    """What svg.toml lists.

    `active` is what runs or loads something, `idle` what draws nothing; `instead` has
    what to do about some of it. `prefixes` are by namespace.
    """

    elements: frozenset[str]
    attributes: frozenset[str]
    free_text: frozenset[str]
    text_prefixes: tuple[str, ...]
    properties: frozenset[str]
    functions: frozenset[str]
    prefixes: dict[str, str]
    active: frozenset[str]
    idle: frozenset[str]
    instead: dict[str, str]


@cache
def names() -> Names:
    """Read svg.toml."""
    text = files("deckwright.cards.rules").joinpath("svg.toml").read_text("utf-8")
    table = tomllib.loads(text)

    def group(kind: str) -> frozenset[str]:
        return frozenset(name for names in table[kind].values() for name in names.split())

    given = table["attributes"]
    return Names(
        elements=group("elements"),
        attributes=frozenset(given["geometry"].split()),
        free_text=frozenset(given["text"].split()),
        text_prefixes=tuple(given["text_prefixes"].split()),
        properties=group("properties"),
        functions=group("functions"),
        prefixes=table["namespaces"],
        active=frozenset(table["reasons"]["active"].split()),
        idle=frozenset(table["reasons"]["idle"].split()),
        instead=table["instead"],
    )
