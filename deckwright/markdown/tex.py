r"""The TeX of formulas: which macros and environments they can use.

Anki shows formulas with MathJax, whose macros can also load files (`\bbox` with a
background), run scripts (`\href`) and cover the page (`\style`). So only the macros in
tex.toml can be used.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from deckwright.core.suggest import closest

MAX_TEX = 2_000  # characters of a formula
MAX_DEPTH = 30  # levels of braces; MathJax and browsers recurse into every level

# An environment, the end of a formula, the end of a row with a distance, a macro (letters,
# or any one character), or a character with a meaning.
_PART = re.compile(
    r"\\(?P<edge>begin|end)\s*\{(?P<name>[^{}]*)\}"
    r"|\\{1,2}(?P<end>[)\]])"
    r"|\\\\\s*\*?\s*\[(?P<distance>[^\]]*)\]?"
    r"|\\(?P<macro>[A-Za-z]+|.|\Z)"
    r"|[{}%#]",
    re.DOTALL,
)
_SMALL = re.compile(r"\s*(?:\d(?:\.\d+)?\s*(?:em|ex)|\d\d?(?:\.\d+)?\s*(?:pt|px|mu))\s*")
_LIST = "deckwright/markdown/tex.toml"


class Problem(NamedTuple):
    """Something in a formula that cannot be used, and its range in the TeX."""

    start: int
    end: int
    message: str
    help: str


class Allowed(NamedTuple):
    """What formulas can use, and `instead`: what to write instead of other macros."""

    macros: frozenset[str]
    environments: frozenset[str]
    instead: dict[str, str]


def problems(tex: str) -> Iterator[Problem]:
    """Yield what a formula must not contain, in order.

    `tex` is what is between the dollar signs. If nothing is yielded, the formula only
    draws. Source: https://docs.mathjax.org/en/v3.2/input/tex/macros/
    """
    if len(tex) > MAX_TEX:
        message = f"the formula has {len(tex):,} characters; the maximum is {MAX_TEX:,}"
        yield Problem(0, len(tex), message, "split it into several formulas")
        return
    depth = 0
    for part in _PART.finditer(tex):
        text = part[0]
        if text == "{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                message = f"the formula has more than {MAX_DEPTH} levels of braces"
                help_line = "split it into several formulas"
                yield Problem(part.start(), part.end(), message, help_line)
        elif text == "}":
            depth -= 1
        elif found := _problem(part):
            yield Problem(part.start(), part.end(), *found)


def _problem(part: re.Match[str]) -> tuple[str, str] | None:
    """Return message and help if a part of a formula cannot be used."""
    text, known = part[0], allowed()
    if text == "%":
        return "`%` hides the rest of the formula", "write `\\%`"
    if text == "#":
        return "`#` can't be in a formula", "write `\\#`"
    if part["end"]:
        return f"`\\{part['end']}` would end the formula", "remove it from the formula"
    if part["distance"] is not None:
        if _SMALL.fullmatch(part["distance"]):
            return None
        message = "a bracket after `\\\\` begins a distance, which must be small"
        return message, "write `\\\\[4pt]`, or `\\\\ {}[` for a bracket in the next row"
    if part["edge"]:
        name = part["name"]
        if name in known.environments:
            return None
        message = f"formulas can't use the environment `{_short(name)}`"
        return message, _similar(name, "", known.environments)
    macro = part["macro"]
    if macro in known.macros or macro.isspace():
        return None
    if macro in ("begin", "end"):
        return f"`{text}` has no name", f"write `{text}{{…}}`"
    if not macro:
        return "there is nothing after the backslash", "remove it, or write `\\backslash`"
    message = f"formulas can't use `\\{_short(macro)}`"
    return message, known.instead.get(macro) or _similar(macro, "\\", known.macros)


@lru_cache(maxsize=1000)
def _similar(name: str, prefix: str, known: frozenset[str]) -> str:
    """Return the help for an unknown name: the most similar known one, or the list.

    Names with another first letter or a very different length are not compared, so that
    a file full of unknown names takes no longer.
    """
    near = sorted(k for k in known if k[0] == name[:1] and abs(len(k) - len(name)) <= 2)
    if len(name) > 2 and (similar := closest(name, near)):
        return f"did you mean `{prefix}{similar}`?"
    what = "macros" if prefix else "environments"
    return f"use something else; all {what} that can be used are in {_LIST}"


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:40]}…"


@cache
def allowed() -> Allowed:
    """Return what tex.toml allows."""
    table = tomllib.loads(files("deckwright.markdown").joinpath("tex.toml").read_text("utf-8"))
    macros, environments = (
        frozenset(name for group in table[kind].values() for name in group.split())
        for kind in ("macros", "environments")
    )
    return Allowed(macros, environments, table["instead"])
