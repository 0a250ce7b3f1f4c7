"""No regular expression of the compiler can take exponential time.

That happens where a repetition is inside a repetition and the same text can be divided
between them in many ways, as in `(a+)+` or `(?:\\w+:.*\\n|\\s*\\n)*`.
"""

from __future__ import annotations

import ast
import re
import re._compiler as sre_compiler
import re._constants as sre
import re._parser as sre_parser
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import REPO

from deckwright.project import project

MANY = 40  # a repetition of at most this many characters is no danger

# One character of each kind that an expression can distinguish.
ALPHABET = [chr(n) for n in range(128)] + list("\x85\xa0é·–—“”…日\u2028😀")


def literals() -> Iterator[tuple[str, str, int]]:
    """Yield every expression in the code as (place, pattern, flags)."""
    for path in sorted((REPO / "deckwright").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not re.fullmatch(
                r"re\.\w+", ast.unparse(node.func)
            ):
                continue
            first = node.args[0]
            if isinstance(first, ast.JoinedStr):  # what is put in is a name or a number
                pattern = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "x"
                    for part in first.values
                )
            elif isinstance(first, ast.Constant) and isinstance(first.value, str):
                pattern = first.value
            else:
                continue
            flags = re.DOTALL if "DOTALL" in ast.dump(node) else 0
            yield f"{path.relative_to(REPO)}:{node.lineno}", pattern, flags


class Follow:
    """What a part of an expression can begin with, and whether it can be empty."""

    def __init__(self, first: frozenset[str], empty: bool) -> None:
        self.first, self.empty = first, empty


def matching(item: Any, flags: int) -> frozenset[str]:
    """Return the characters that one item of a parsed expression matches."""
    op, argument = item
    options = [item] if op is sre.LITERAL else argument if op is sre.IN else []
    characters = {*ALPHABET, *(chr(value) for kind, value in options if kind is sre.LITERAL)}
    state = sre_parser.State()
    state.flags = flags
    expression = sre_compiler.compile(sre_parser.SubPattern(state, [item]), flags)
    return frozenset(filter(expression.match, characters))


def _joined(items: list[Follow], then: Follow) -> Follow:
    """Return what a sequence followed by `then` can begin with."""
    first: frozenset[str] = frozenset()
    for item in [*items, then]:
        first |= item.first
        if not item.empty:
            return Follow(first, False)
    return Follow(first, True)


NOTHING = Follow(frozenset(), True)


def beginning(items: Any, flags: int) -> Follow:
    """Return what a parsed expression can begin with."""
    return _joined([_one(item, flags) for item in items], NOTHING)


def _one(item: Any, flags: int) -> Follow:
    op, argument = item
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF, sre.GROUPREF_EXISTS):
        return NOTHING
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        low, _, inside = argument
        found = beginning(inside, flags)
        return Follow(found.first, found.empty or low == 0)
    if op is sre.SUBPATTERN:
        return beginning(argument[3], flags)
    if op is sre.ATOMIC_GROUP:
        return beginning(argument, flags)
    if op is sre.BRANCH:
        branches = [beginning(branch, flags) for branch in argument[1]]
        return Follow(
            frozenset().union(*(b.first for b in branches)), any(b.empty for b in branches)
        )
    return Follow(matching(item, flags), False)


def ambiguous(items: Any, flags: int, again: Follow | None = None) -> Iterator[str]:
    """Yield a reason for each repetition in a repetition that shares characters with what follows.

    `again` is what the next turn of the loop around `items` begins with.
    """
    items = list(items)
    for number, (op, argument) in enumerate(items):
        rest = [_one(item, flags) for item in items[number + 1 :]]
        after = _joined(rest, again or NOTHING)
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            _, high, inside = argument
            endless = high is sre.MAXREPEAT or high > MANY
            own = beginning(inside, flags)
            if endless and again is not None and own.first & after.first:
                yield f"shares {sorted(own.first & after.first)[:3]} with what follows in the loop"
            if endless and own.empty:
                yield "repeats something that can be empty"
            outside = after if again is not None else None
            loop = Follow(own.first | (after.first if outside else frozenset()), own.empty)
            yield from ambiguous(inside, flags, loop if endless else outside)
        elif op is sre.SUBPATTERN:
            yield from ambiguous(argument[3], flags, after if again is not None else None)
        elif op is sre.BRANCH:
            for branch in argument[1]:
                yield from ambiguous(branch, flags, after if again is not None else None)
            starts = [beginning(branch, flags) for branch in argument[1]]
            if again is not None and sum(start.empty for start in starts) > 1:
                yield "has several empty branches in a loop"


def problems(pattern: str, flags: int = 0) -> list[str]:
    parsed = sre_parser.parse(pattern, flags)
    return list(ambiguous(parsed, parsed.state.flags | flags))


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+b", r"---\n(?:[\w-]+:.*\n|\s*\n)*---\n", r"(?:\s*a?)*", r"(\w+\s?)*$", r"(?:a|b+)*b"],
)
def test_dangerous_expressions_are_found(pattern: str) -> None:
    assert problems(pattern)


@pytest.mark.parametrize(
    "pattern", [r"(?:a+b)+", r"(?:[\w-]+:.*\n|[^\S\n]*\n)*x", r"(?:\\.|[^$\\])+", r"a*a*b"]
)
def test_harmless_expressions_are_not(pattern: str) -> None:
    assert not problems(pattern)


def test_no_expression_of_the_compiler_can_take_exponential_time() -> None:
    styles = project.load(REPO).value.vocabulary.styles
    places = [*literals(), *((f"style {style.pattern}", style.pattern, 0) for style in styles)]
    assert len(places) > 150
    found = {place: bad for place, pattern, flags in places if (bad := problems(pattern, flags))}
    assert found == {}
