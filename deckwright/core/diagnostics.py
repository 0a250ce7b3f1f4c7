"""Diagnostics, the table of their codes, and Outcome, which every stage returns."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from deckwright.core.source import Span

T = TypeVar("T")

ERROR = "error"
WARNING = "warning"
NOTE = "note"  # worth a look now and then; no command fails because of it
SUGGESTIONS = 100  # as many diagnostics of one report get a help that takes a while to find

# One folder per code: its text (code.toml), a wrong example (bad.md or bad/), a right one
# (good.md or good/), and the report that is expected for the wrong one (bad.txt).
CODES = Path(__file__).with_name("codes")


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of diagnostic.

    `title` is one sentence, `why` the text that `explain` prints. If `craft` is true,
    the rule is one of style: a card may break it on purpose with an `allow` line that
    gives the reason.
    """

    code: str
    severity: str
    title: str
    why: str
    craft: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: what is wrong (`message`), where (`span`), how to fix it (`help`).

    `related` are other places with a label for each. `replacement` is the text that
    fixes the problem if it replaces `span`; None if no single text does. `find_help`
    returns a better help that takes a while to find. Print `advice`, not `help`. With
    `stops`, it is an error whatever its code says.
    """

    code: str
    message: str
    span: Span
    help: str = ""
    related: tuple[tuple[str, Span], ...] = ()
    replacement: str | None = None
    find_help: Callable[[], str] | None = field(default=None, compare=False, repr=False)
    stops: bool = False

    @property
    def advice(self) -> str:
        """How to fix the problem; empty if nothing can be said."""
        return self.find_help() if self.find_help else self.help

    @property
    def severity(self) -> str:
        """One of ERROR, WARNING and NOTE."""
        return ERROR if self.stops else find_code(self.code).severity

    @property
    def order(self) -> tuple[str, int, int, str]:
        """The key to sort by: path, place, code."""
        return self.span.path, self.span.start, self.span.end, self.code


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a stage returns: its value, or None if there is none, and its diagnostics."""

    value: T
    diagnostics: tuple[Diagnostic, ...] = ()


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether at least one diagnostic is an error."""
    return any(d.severity == ERROR for d in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort diagnostics by place. Equal ones are kept once.

    Only the first SUGGESTIONS keep a `find_help`.
    """
    ordered = sorted(dict.fromkeys(diagnostics), key=lambda d: d.order)
    for at in [at for at, d in enumerate(ordered) if d.find_help][SUGGESTIONS:]:
        ordered[at] = replace(ordered[at], find_help=None)
    return tuple(ordered)


@cache
def find_code(name: str) -> Code:
    """Read one code from `codes/<CODE>/code.toml`.

    Raises FileNotFoundError if there is no such code.
    """
    entry = tomllib.loads((CODES / name / "code.toml").read_text("utf-8"))
    return Code(
        name,
        entry.get("severity", ERROR),
        entry["title"],
        entry["why"].strip(),
        entry.get("craft", False),
    )


@cache
def codes() -> dict[str, Code]:
    """Return all codes by name, in alphabetical order."""
    return {name: find_code(name) for name in sorted(path.name for path in CODES.iterdir())}
