"""`check --fix`: write the replacements that diagnostics name into the card files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from deckwright.cards.fixes import FixedFile, fixed_files
from deckwright.cli.context import Session
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.report import printable

if TYPE_CHECKING:
    from deckwright.cache.memo import Memo
    from deckwright.pipeline import Checked

_ROUNDS = 5  # a fix may make another problem visible

_Names = set[tuple[str, str, str]]  # of diagnostics: path, code, message


def with_fixes(
    session: Session, checked: Outcome[Checked], wanted: frozenset[str] | None
) -> Outcome[Checked]:
    """Write the card files with fixes, say what was fixed, and check again.

    `wanted` are the files that may change; None for all card files.
    """
    from deckwright.cache.memo import Memo

    refused: _Names = set()
    memo = Memo()
    for _ in range(_ROUNDS):
        files = _fixable(session, checked, wanted, refused)
        if not files:
            break
        for file, sound in _sound_files(session, checked, files, memo):
            refused |= {_name(d) for d in file.fixed if not sound or d not in sound.fixed}
            if sound:
                _write(session, checked.values[0], sound)
        checked = session.check()
    return checked


def _fixable(
    session: Session, checked: Outcome[Checked], wanted: frozenset[str] | None, refused: _Names
) -> tuple[FixedFile, ...]:
    """The card files with all fixes that were not refused before."""
    if not checked.values:
        return ()
    sources = {source.path for source in checked.values[0].files.sources}
    paths = sources if wanted is None else sources & wanted
    open_ones = [d for d in checked.diagnostics if d.span.path in paths]
    files = fixed_files(d for d in open_ones if _name(d) not in refused)
    return tuple(file for file in files if _is_as_read(session, file, refused))


def _is_as_read(session: Session, file: FixedFile, refused: _Names) -> bool:
    """Whether a file has the very bytes of its text; the fixes of others are refused."""
    path = file.source.path
    if (session.root / path).read_bytes() == file.source.text.encode():
        return True
    refused |= {_name(d) for d in file.fixed}
    session.say(f"{path}: nothing fixed; format the file first: ./build.py fmt {path}")
    return False


def _sound_files(
    session: Session, checked: Outcome[Checked], files: tuple[FixedFile, ...], memo: Memo
) -> Iterator[tuple[FixedFile, FixedFile | None]]:
    """Each file, and the same file with only the fixes that cause no new problem in it."""
    from deckwright.pipeline import check_cards

    unsaved = {file.source.path: file.text.encode() for file in files}
    project = checked.values[0].project
    again = check_cards(project, session.today, memo, unsaved=unsaved)
    for file in files:
        sound: FixedFile | None = file
        if _new_problem(checked.diagnostics, again.diagnostics, file):
            sound = _one_by_one(session, checked, file, memo)
        yield file, sound


def _one_by_one(
    session: Session, checked: Outcome[Checked], file: FixedFile, memo: Memo
) -> FixedFile | None:
    """The fixes of a file that cause no new problem; None if there are none."""
    from deckwright.pipeline import check_cards

    path, project = file.source.path, checked.values[0].project
    sound: FixedFile | None = None
    for one in file.fixed:
        (longer,) = fixed_files([*(sound.fixed if sound else ()), one])
        unsaved = {path: longer.text.encode()}
        again = check_cards(project, session.today, memo, unsaved=unsaved)
        if worse := _new_problem(checked.diagnostics, again.diagnostics, longer):
            why = f"the fix would cause another problem: {worse}"
            session.say(printable(f"{path}:{one.span.line}: {one.code} not fixed; {why}"))
        else:
            sound = longer
    return sound


def _new_problem(before: Iterable[Diagnostic], after: Iterable[Diagnostic], file: FixedFile) -> str:
    """The first problem that a file would have and does not have now; empty without one."""
    path = file.source.path
    known = {(d.code, d.message) for d in before if d.span.path == path}
    new = (d for d in after if d.span.path == path and (d.code, d.message) not in known)
    return next((d.message for d in new), "")


def _name(diagnostic: Diagnostic) -> tuple[str, str, str]:
    """What stays of a diagnostic when its file changes elsewhere."""
    return diagnostic.span.path, diagnostic.code, diagnostic.message


def _write(session: Session, checked: Checked, file: FixedFile) -> None:
    """Write a file, unless it was changed meanwhile, and say what was fixed in it."""
    from deckwright.cards.workspace import Workspace, write

    write(Workspace(checked.project, checked.files, {}), {file.source.path: file.text})
    for d in file.fixed:
        new = d.replacement or ""
        change = f"`{d.span.text}` → `{new}`" if new and "\n" not in new else d.help
        session.say(printable(f"{d.span.path}:{d.span.line}: fixed {d.code}: {change}"))
