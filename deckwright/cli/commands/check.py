"""check: report everything that is wrong with the cards and the project's files."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deckwright.cards.fixes import FixedFile, fixed_files
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.paths import named
from deckwright.core.diagnostics import WARNING, Diagnostic, Outcome, has_errors
from deckwright.core.errors import UserError
from deckwright.core.report import found, printable, shortened, summary
from deckwright.core.wording import count, listed

if TYPE_CHECKING:
    from deckwright.live.watch import Look
    from deckwright.pipeline import Checked

_ROUNDS = 5  # a fix may make another problem visible


@click.command(cls=Command)
@options.form
@click.option(
    "--similar",
    is_flag=True,
    help="Look for likely and possible duplicates and for cards that are easily confused, too.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings, too.")
@click.option("--fix", is_flag=True, help="First fix the problems that have only one fix.")
@click.option("--all", "every", is_flag=True, help="List all warnings, not three of each code.")
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved, until Ctrl-C.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@pass_session
def command(
    session: Session,
    form: str,
    similar: bool,
    strict: bool,
    fix: bool,
    every: bool,
    watch: bool,
    paths: tuple[Path, ...],
) -> None:
    """Check all cards and project files and report every problem.

    PATHS are card files or folders: then only problems in them are reported. With
    --fix, misspelled keys and the like are corrected in the card files; nothing else in
    them changes. Exits with 1 if there are errors, with --strict also on warnings, and
    with 2 if PATHS name no card file.

    \b
    ./build.py check
    ./build.py check cards/4.2-services/polly.md
    ./build.py check --fix              correct what has only one correction
    ./build.py check --watch            check again at every saved file
    ./build.py check --similar          cards that a learner might take for the same
    ./build.py check --format github    annotations for a code host
    ./build.py --root ../other check    check another project
    """
    if watch and (fix or paths):
        raise click.UsageError("--watch checks all files and fixes none")
    if watch:
        _watch(session, form)
        return
    checked = session.check()
    wanted = _wanted(session, paths, checked)
    if fix:
        checked = _fixed(session, checked, wanted)
    diagnostics = _found(session, checked, wanted, similar)
    _report(session, diagnostics, form, every)
    if form == "text":
        session.say(_summary(checked, diagnostics, wanted))
    warned = any(d.severity == WARNING for d in diagnostics)
    sys.exit(1 if has_errors(diagnostics) or (strict and warned) else 0)


def _watch(session: Session, form: str) -> None:
    from deckwright.live.watch import looks

    session.require_project()
    follow(session, form, looks(session.root, session.today, session.overlay))


def _found(
    session: Session, checked: Outcome[Checked], wanted: frozenset[str] | None, similar: bool
) -> tuple[Diagnostic, ...]:
    """What is wrong with the wanted files, or with all of them if `wanted` is None."""
    diagnostics = checked.diagnostics
    if similar and checked.values:
        from deckwright import pipeline

        alike = pipeline.similar(checked.values[0], session.progress)
        diagnostics = (*diagnostics, *alike.diagnostics)
    if wanted is None:
        return diagnostics
    return tuple(d for d in diagnostics if not wanted.isdisjoint(_files(d)))


def _wanted(
    session: Session, paths: tuple[Path, ...], checked: Outcome[Checked]
) -> frozenset[str] | None:
    """The card files that `paths` name; None for all files of the project."""
    if not paths or not checked.values:
        return None
    sources = {source.path for source in checked.values[0].found.sources}
    files, unknown = named(session.root, paths, sources)
    if unknown:
        raise UserError(f"there is no card file at {unknown[0]}", "name a file below a card folder")
    return frozenset(files)


def _files(diagnostic: Diagnostic) -> set[str]:
    """The files that a diagnostic is about."""
    return {diagnostic.span.path, *(span.path for _, span in diagnostic.related)}


def _report(session: Session, diagnostics: tuple[Diagnostic, ...], form: str, every: bool) -> None:
    """Print diagnostics; as text only some warnings of each code, unless `every`."""
    if every or form != "text":
        session.report(diagnostics, form)
        return
    shown, left_out = shortened(diagnostics)
    session.report(shown, form)
    if left_out:
        more = ", ".join(f"{number:,} more {code}" for code, number in left_out.items())
        session.write(f"… and {more}; `./build.py check --all` lists them\n\n")


def _fixed(
    session: Session, checked: Outcome[Checked], wanted: frozenset[str] | None
) -> Outcome[Checked]:
    """Write the card files with fixes, say what was fixed, and check again."""
    refused: set[tuple[str, str, str]] = set()
    for _ in range(_ROUNDS):
        if not checked.values:
            break
        may_change = {s.path for s in checked.values[0].found.sources}
        may_change &= may_change if wanted is None else wanted
        fixable = [d for d in checked.diagnostics if d.span.path in may_change]
        files = fixed_files(d for d in fixable if _name(d) not in refused)
        if not files:
            break
        for file in files:
            sound = _sound(session, checked, file)
            refused |= {_name(d) for d in file.fixed if not sound or d not in sound.fixed}
            if sound:
                _write(session, checked.values[0], sound)
        checked = session.check()
    return checked


def _name(diagnostic: Diagnostic) -> tuple[str, str, str]:
    """What stays of a diagnostic when its file changes elsewhere."""
    return diagnostic.span.path, diagnostic.code, diagnostic.message


def _sound(session: Session, checked: Outcome[Checked], file: FixedFile) -> FixedFile | None:
    """The fixes of a file that cause no new problem; None if there are none."""
    path = file.source.path
    if (session.root / path).read_bytes() != file.source.text.encode():
        session.say(f"{path}: nothing fixed; run `./build.py fmt {path}` first")
        return None
    if not _new_problem(session, checked, file):
        return file
    sound: FixedFile | None = None
    for one in file.fixed:
        (longer,) = fixed_files([*(sound.fixed if sound else ()), one])
        if worse := _new_problem(session, checked, longer):
            session.say(printable(f"{path}:{one.span.line}: {one.code} not fixed: then {worse}"))
        else:
            sound = longer
    return sound


def _new_problem(session: Session, checked: Outcome[Checked], file: FixedFile) -> str:
    """The first problem that a file would have and does not have now; empty without one."""
    from deckwright import pipeline

    path, project = file.source.path, checked.values[0].project
    again = pipeline.check_cards(project, session.today, unsaved={path: file.text.encode()})
    known = {(d.code, d.message) for d in checked.diagnostics if d.span.path == path}
    after = (d for d in again.diagnostics if d.span.path == path)
    return next((d.message for d in after if (d.code, d.message) not in known), "")


def _write(session: Session, checked: Checked, file: FixedFile) -> None:
    """Write a file, unless it was changed meanwhile, and say what was fixed in it."""
    from deckwright.cards.workspace import Workspace, write

    write(Workspace(checked.project, checked.found, {}), {file.source.path: file.text})
    for d in file.fixed:
        new = d.replacement or ""
        change = f"`{d.span.text}` → `{new}`" if new and "\n" not in new else d.help
        session.say(printable(f"{d.span.path}:{d.span.line}: fixed {d.code}: {change}"))


def follow(session: Session, form: str, looks: Iterable[Look]) -> None:
    """Report what each look at the project found, until Ctrl-C."""
    try:
        for look in looks:
            if look.saved:
                session.say(f"saved: {listed([printable(path) for path in look.saved])}")
            _report(session, look.here, form, every=False)
            session.say(_summary(look.outcome, look.outcome.diagnostics))
            sys.stdout.flush()
            gc.collect()  # now, when nobody is waiting for a result
    except KeyboardInterrupt:
        session.say("")


def _summary(
    checked: Outcome[Checked],
    diagnostics: tuple[Diagnostic, ...],
    wanted: frozenset[str] | None = None,
) -> str:
    if wanted is not None:
        return f"{count(len(wanted), 'file')}: {found(diagnostics)}"
    cards = sum(value.written for value in checked.values)
    files = sum(len(value.found.sources) for value in checked.values)
    return summary(diagnostics, cards, files)
