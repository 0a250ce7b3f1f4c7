"""check: report everything that is wrong with the cards and the project's files."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.fixing import with_fixes
from deckwright.cli.paths import named
from deckwright.core.diagnostics import WARNING, Diagnostic, Outcome, has_errors
from deckwright.core.errors import UserError
from deckwright.core.report import printable, problems, shortened, summary
from deckwright.core.wording import count, listed

if TYPE_CHECKING:
    from deckwright.live.watch import WatchResult
    from deckwright.pipeline import Checked


@click.command(cls=Command)
@options.form
@click.option(
    "--similar",
    is_flag=True,
    help="Also look for possible duplicates and for cards that learners might confuse.",
)
@click.option("--strict", is_flag=True, help="Also exit with 1 if there are warnings.")
@click.option(
    "--fix", is_flag=True, help="Fix problems that have only one possible fix, and then check."
)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="List every warning instead of up to three for each code.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Recheck all files whenever one is saved, until you press Ctrl-C. "
    "Can't be used with --fix or PATHS.",
)
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
    """List problems in the cards and how to fix each one.

    Checks all card files and the project's settings. By default, lists every error and up to
    three warnings for each code (see `explain`). With PATHS (card files or folders), lists
    only the problems in those files. With --fix, first fixes the problems that have only one
    possible fix, such as misspelled metadata keys. Nothing else in the card files changes.

    Exits with 1 if there are errors, or if the ledger (see `release`) is older than the newest
    release in the git history. With --strict, also exits with 1 if there are warnings. Exits
    with 2 if a path matches no card file.

    \b
    ./build.py check                       check everything
    ./build.py check cards/security        list only the problems in one folder
    ./build.py check --fix                 fix every problem that has only one fix
    ./build.py check --watch               recheck whenever a file is saved
    ./build.py check --similar             find cards that learners might confuse
    ./build.py check --format github       print annotations for GitHub Actions
    ./build.py --root ../other check       check the project in another folder
    """
    if watch and (fix or paths):
        raise click.UsageError("--watch can't be used with --fix or PATHS")
    if watch:
        _watch(session, form)
        return
    checked = session.check()
    wanted = _wanted(session, paths, checked)
    if fix:
        checked = with_fixes(session, checked, wanted)
    diagnostics = _found(session, checked, wanted, similar)
    again = " ".join(["check", *["--similar"] * similar, "--all", *map(str, paths)])
    _report(session, diagnostics, form, every, again)
    if form == "text":
        session.say(_summary(checked, diagnostics, wanted))
    warned = any(d.severity == WARNING for d in diagnostics)
    sys.exit(1 if has_errors(diagnostics) or (strict and warned) else 0)


def _watch(session: Session, form: str) -> None:
    from deckwright.live.watch import watch

    session.require_project()
    follow(session, form, watch(session.root, session.today, session.overlay))


def _found(
    session: Session, checked: Outcome[Checked | None], wanted: frozenset[str] | None, similar: bool
) -> tuple[Diagnostic, ...]:
    """What is wrong with the wanted files, or with all of them if `wanted` is None."""
    diagnostics = checked.diagnostics
    if similar and checked.value:
        from deckwright import pipeline

        alike = pipeline.similar(checked.value, session.progress)
        diagnostics = (*diagnostics, *alike)
    if wanted is None:
        return diagnostics
    return tuple(d for d in diagnostics if not wanted.isdisjoint(_files(d)))


def _wanted(
    session: Session, paths: tuple[Path, ...], checked: Outcome[Checked | None]
) -> frozenset[str] | None:
    """The card files that `paths` name; None for all files of the project."""
    if not paths or checked.value is None:
        return None
    sources = {source.path for source in checked.value.files.sources}
    files, unknown = named(session.root, paths, sources)
    if unknown:
        raise UserError(
            f"there is no card file at {unknown[0]}", "name a card file or a folder of card files"
        )
    return frozenset(files)


def _files(diagnostic: Diagnostic) -> set[str]:
    """The files that a diagnostic is about."""
    return {diagnostic.span.path, *(span.path for _, span in diagnostic.related)}


def _report(
    session: Session, diagnostics: tuple[Diagnostic, ...], form: str, every: bool, again: str
) -> None:
    """Print diagnostics; as text only some warnings of each code, unless `every`.

    `again` are the words of the command that lists them all.
    """
    if every or form != "text":
        session.report(diagnostics, form)
        return
    shown, left_out = shortened(diagnostics)
    session.report(shown, form)
    if left_out:
        more = ", ".join(f"{number:,} more {code}" for code, number in left_out.items())
        session.write(f"… and {more}; `./build.py {again}` lists them\n\n")


def follow(session: Session, form: str, results: Iterable[WatchResult]) -> None:
    """Report what each look at the project found, until Ctrl-C."""
    try:
        for result in results:
            if result.saved:
                session.say(f"saved: {listed([printable(path) for path in result.saved])}")
            _report(session, result.here, form, every=False, again="check --all")
            session.say(_summary(result.outcome, result.outcome.diagnostics))
            sys.stdout.flush()
    except KeyboardInterrupt:
        session.say("")


def _summary(
    checked: Outcome[Checked | None],
    diagnostics: tuple[Diagnostic, ...],
    wanted: frozenset[str] | None = None,
) -> str:
    if wanted is not None:
        return f"{count(len(wanted), 'file')}: {problems(diagnostics)}"
    if checked.value is None:
        return f"no cards were read: {problems(diagnostics)}"
    read = checked.value
    effect = read.project.overlay.effect(read.cards) if read.project.overlay else ""
    return summary(diagnostics, read.count, len(read.files.sources), effect)
