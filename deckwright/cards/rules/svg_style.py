"""What svg.toml lists, and styles in SVG images: what they set, and whether they only draw.

Only what is listed can be in a style, and no backslash or comment. So the places where a
value ends are the same here and in a browser, and text is split at fixed characters
only, which takes a time in proportion to its length.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

_NAME = re.compile(r"[\w-]*\Z")
_OWN_PART = re.compile(r"#([\w.:-]+)|([\"'])#([\w.:-]+)\2")
_FORBIDDEN = re.compile(r"[\\@<]|/\*")


class StyleError(Exception):
    """A style has something that it cannot have; the text is the first such part."""


@cache
def mapping(section: str) -> Mapping[str, str]:
    """Return a section of svg.toml."""
    text = files("deckwright.cards.rules").joinpath("svg.toml").read_text("utf-8")
    table: Mapping[str, Any] = tomllib.loads(text)
    return table[section]  # type: ignore[no-any-return]


@cache
def listed(section: str, name: str = "") -> frozenset[str]:
    """Return the words of a list in a section of svg.toml, or of all its lists."""
    lists = mapping(section)
    return frozenset((lists[name] if name else " ".join(lists.values())).split())


def declarations(style: str) -> dict[str, str]:
    """Return what a `style` attribute sets, by property.

    Raise StyleError if it sets something else than what images can set.
    """
    require_passive(style)
    found: dict[str, str] = {}
    for part in style.split(";"):
        key, colon, value = part.partition(":")
        key = key.strip().lower()
        if colon and key in listed("properties") and not set("{}") & set(value):
            found[key] = value.strip()
        elif part.strip():
            raise StyleError(part.strip() if not colon or "{" in part else key)
    return found


def require_passive(value: str) -> None:
    """Raise StyleError if a value, or a style with all of its values, loads something."""
    if match := _FORBIDDEN.search(value):
        raise StyleError(value[match.start() : match.start() + 40])
    if "(" in value:
        for function, inside in _functions(value):
            known = function.lower() in listed("functions")
            if not known or (function.lower() == "url" and not _OWN_PART.fullmatch(inside)):
                raise StyleError(f"{function}({inside})")


def references(value: str) -> Iterator[str]:
    """Yield the ids in a value's `url(#…)`."""
    if "(" in value:
        for function, inside in _functions(value):
            match = _OWN_PART.fullmatch(inside)
            if match and function.lower() == "url":
                yield match[1] or match[3]


def _functions(value: str) -> Iterator[tuple[str, str]]:
    """Yield the name before each parenthesis, and the text up to the next closing one."""
    before, *parts = value.split("(")
    for part in parts:
        name = _NAME.search(before.rstrip()[-40:])
        yield name[0] if name else "", part.partition(")")[0].strip()
        before = part
