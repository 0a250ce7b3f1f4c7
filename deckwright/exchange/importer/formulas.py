"""Formulas as Anki marks them in a field: `\\(x\\)`, `\\[x\\]`, `[$]x[/$]`, `[latex]x[/latex]`.

One pass finds all of them, so many beginnings without an end take no longer than other text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from deckwright.markdown import tex

_LONGEST = 3000  # characters of HTML; a beginning whose end is farther away is text
_ENDS = {
    "\\(": re.compile(r"\\\)"),
    "\\[": re.compile(r"\\\]"),
    "[$]": re.compile(r"\[/\$\]"),
    "[$$]": re.compile(r"\[/\$\$\]"),
    "[latex]": re.compile(r"\[/latex\]", re.IGNORECASE),
}
_BEGIN = re.compile(r"\\[(\[]|\[\${1,2}\]|\[latex\]", re.IGNORECASE)


class Formula(NamedTuple):
    """A formula, its range in the HTML, and the HTML between its marks.

    `display` says that it is on its own line, `latex` that Anki makes a picture of it.
    """

    start: int
    end: int
    html: str
    display: bool
    latex: bool


def problem(text: str) -> str:
    """Why a card cannot have a formula, in words for the user; empty if it can."""
    return next((found.message for found in tex.problems(text)), "")


def formulas(html: str) -> Iterator[Formula]:
    """The formulas of a field, in order."""
    ends: dict[str, list[tuple[int, int]]] = {}
    at = 0
    while begin := _BEGIN.search(html, at):
        kind = begin[0].lower()
        if kind not in ends:
            ends[kind] = [match.span() for match in _ENDS[kind].finditer(html)]
        following = bisect_left(ends[kind], (begin.end() + 1,))
        found = ends[kind][following] if following < len(ends[kind]) else None
        if found is None or found[0] - begin.end() > _LONGEST:
            at = begin.start() + 1
            continue
        inner = html[begin.end() : found[0]]
        yield Formula(begin.start(), found[1], inner, kind in ("\\[", "[$$]"), kind == "[latex]")
        at = found[1]
