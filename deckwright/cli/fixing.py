"""`check --fix`: write the replacements that diagnostics name into the card files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deckwright.cli.context import Session
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.files import replace_file
from deckwright.core.report import printable
from deckwright.core.source import Source

if TYPE_CHECKING:
    from deckwright.pipeline import Checked


def with_fixes(
    session: Session, checked: Outcome[Checked | None], wanted: frozenset[str] | None
) -> Outcome[Checked | None]:
    """Write the card files with fixes, say what was fixed, and check again.

    `wanted` are the files that may change; None for all card files.
    """
    here = (d for d in checked.diagnostics if wanted is None or d.span.path in wanted)
    files = [file for file in fixed_files(here) if _is_as_read(session, file)]
    if not files:
        return checked
    for file in files:
        replace_file(session.root / file.source.path, file.text)
    after = session.check()
    for file in files:
        if _new_problem(checked, after, file):
            file = _one_by_one(session, checked, file)
        for d in file.fixed:
            new = d.replacement or ""
            change = f"`{d.span.text}` → `{new}`" if new and "\n" not in new else d.help
            session.say(printable(f"{d.span.path}:{d.span.line}: fixed {d.code}: {change}"))
    return session.check()


def _is_as_read(session: Session, file: FixedFile) -> bool:
    """Whether a file has the very bytes of its text, and not, for example, other line ends."""
    path = file.source.path
    if (session.root / path).read_bytes() == file.source.text.encode():
        return True
    session.say(f"{path}: nothing fixed; format the file first: ./build.py fmt {path}")
    return False


def _one_by_one(session: Session, checked: Outcome[Checked | None], file: FixedFile) -> FixedFile:
    """Write only the fixes of a file that cause no new problem, and return them."""
    path = session.root / file.source.path
    best = FixedFile(file.source, file.source.text, ())
    for one in file.fixed:
        (longer,) = fixed_files([*best.fixed, one])
        replace_file(path, longer.text)
        if worse := _new_problem(checked, session.check(), longer):
            why = f"the fix would cause another problem: {worse}"
            session.say(printable(f"{one.span.path}:{one.span.line}: {one.code} not fixed; {why}"))
        else:
            best = longer
    replace_file(path, best.text)
    return best


def _new_problem(
    before: Outcome[Checked | None], after: Outcome[Checked | None], file: FixedFile
) -> str:
    """The first problem that a file has now and did not have before; empty without one."""

    def problems(checked: Outcome[Checked | None]) -> list[tuple[str, str]]:
        return [(d.code, d.message) for d in checked.diagnostics if d.span.path == file.source.path]

    known = problems(before)
    return next((message for code, message in problems(after) if (code, message) not in known), "")


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A card file, its new text, and the diagnostics whose replacements are in it."""

    source: Source
    text: str
    fixed: tuple[Diagnostic, ...]


def fixed_files(diagnostics: Iterable[Diagnostic]) -> tuple[FixedFile, ...]:
    """Replace the spans of all diagnostics that have a replacement, and nothing else.

    If two spans of a file overlap, only the first one is replaced. The files are sorted
    by path.
    """
    by_path: dict[str, list[Diagnostic]] = {}
    for diagnostic in dict.fromkeys(diagnostics):
        if diagnostic.replacement is not None and diagnostic.span.source.text:
            by_path.setdefault(diagnostic.span.path, []).append(diagnostic)
    return tuple(_fixed(by_path[path]) for path in sorted(by_path))


def _fixed(diagnostics: list[Diagnostic]) -> FixedFile:
    source = diagnostics[0].span.source
    parts: list[str] = []
    applied: list[Diagnostic] = []
    at = 0
    for one in sorted(diagnostics, key=lambda d: d.order):
        if one.span.start >= at:
            parts += [source.text[at : one.span.start], one.replacement or ""]
            at = one.span.end
            applied.append(one)
    return FixedFile(source, "".join(parts) + source.text[at:], tuple(applied))
