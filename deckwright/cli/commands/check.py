"""check: report everything that is wrong with the cards and the project's files."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.diagnostics import WARNING, Diagnostic, Outcome, has_errors
from deckwright.core.report import printable, summary
from deckwright.core.wording import listed

if TYPE_CHECKING:
    from deckwright.live.watch import Look
    from deckwright.pipeline import Checked


@click.command(cls=Command)
@options.form
@click.option(
    "--similar",
    is_flag=True,
    help="Look for likely and possible duplicates and for cards that are easily confused, too.",
)
@click.option("--strict", is_flag=True, help="Exit 1 on warnings as well.")
@click.option("--watch", is_flag=True, help="Look again whenever a file is saved, until Ctrl-C.")
@pass_session
def command(session: Session, form: str, similar: bool, strict: bool, watch: bool) -> None:
    """Look at every card and every project file; write nothing.
    Exit 1 where something is wrong, with --strict on warnings, too.

    \b
    ./build.py check
    ./build.py check --watch            again at every saved file
    ./build.py check --similar          what a learner might take for the same card
    ./build.py check --format github    annotations for a code host
    ./build.py --root ../other check    another project
    """
    if watch:
        from deckwright.live.watch import looks

        session.require_project()
        follow(session, form, looks(session.root, session.today, session.overlay))
        return
    checked = session.check()
    diagnostics = checked.diagnostics
    if similar and checked.values:
        from deckwright import pipeline

        found = pipeline.similar(checked.values[0], session.progress)
        diagnostics = (*diagnostics, *found.diagnostics)
    session.report(diagnostics, form)
    if form == "text":
        session.say(_summary(checked, diagnostics))
    warned = any(d.severity == WARNING for d in diagnostics)
    sys.exit(1 if has_errors(diagnostics) or (strict and warned) else 0)


def follow(session: Session, form: str, looks: Iterable[Look]) -> None:
    """Report what each look at the project found, until Ctrl-C."""
    try:
        for look in looks:
            if look.saved:
                session.say(f"saved: {listed([printable(path) for path in look.saved])}")
            session.report(look.here, form)
            session.say(_summary(look.outcome, look.outcome.diagnostics))
            sys.stdout.flush()
            gc.collect()  # now, when nobody is waiting for a result
    except KeyboardInterrupt:
        session.say("")


def _summary(checked: Outcome[Checked], diagnostics: tuple[Diagnostic, ...]) -> str:
    cards = sum(value.written for value in checked.values)
    files = sum(len(value.found.sources) for value in checked.values)
    return summary(diagnostics, cards, files)
