"""Complaints as values: Diagnostic, the table of codes, and Outcome, which every stage returns."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from deckwright.core.source import Span

T = TypeVar("T")

ERROR = "error"
WARNING = "warning"
NOTE = "note"  # for a look now and then; nothing ever fails on it

# One folder per code: its text (code.toml), what is wrong (bad.md or bad/), what is right (good), and the expected report (bad.txt).
CODES = Path(__file__).with_name("codes")


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of complaint. `title` is a sentence, `why` the page that `explain` prints; a rule of `craft` may be broken on
    purpose by a card that says why."""

    code: str
    severity: str
    title: str
    why: str
    craft: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One complaint: what is wrong (`message`), where (`span`), and what to type (`help`). `instead` is the text that mends it in the
    place of `span`, where there is one such."""

    code: str
    message: str
    span: Span
    help: str = ""
    related: tuple[tuple[str, Span], ...] = ()
    instead: str | None = None

    @property
    def severity(self) -> str:
        return find_code(self.code).severity

    @property
    def order(self) -> tuple[str, int, int, str]:
        return self.span.path, self.span.start, self.span.end, self.code


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a stage returns: the values that survived and everything it has to say."""

    values: tuple[T, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(d.severity == ERROR for d in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place, the same complaint about the same place once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: d.order))


@cache
def find_code(name: str) -> Code:
    """One code, from `codes/<CODE>/code.toml` beside this module. Raises FileNotFoundError if there is no such code."""
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
    """All codes by name, in alphabetical order."""
    return {name: find_code(name) for name in sorted(path.name for path in CODES.iterdir())}
