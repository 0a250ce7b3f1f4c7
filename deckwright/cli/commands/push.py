"""push: send cards straight to the Anki that runs on this machine."""

from __future__ import annotations

import os
import sys

import click

from deckwright import pipeline
from deckwright.cli import options
from deckwright.cli.context import Command, Session, explained, pass_session
from deckwright.core.errors import UserError
from deckwright.core.report import printable
from deckwright.exchange.push import ankiconnect
from deckwright.exchange.push import session as push


@click.command(cls=Command)
@click.argument("cards", nargs=-1, shell_complete=options.complete_card)
@click.option(
    "--task",
    "tasks",
    multiple=True,
    help="Push only cards for this task. Can be repeated.",
)
@click.option(
    "--service",
    "services",
    multiple=True,
    help="Push only cards for this service. Can be repeated.",
)
@options.dry_run("Show the plan, but change nothing.")
@click.option("--yes", is_flag=True, help="Show the plan, and carry it out without asking first.")
@click.option(
    "--types",
    is_flag=True,
    help="Also update the card design: the styling and templates of the deck's note types. "
    "Replaces your own changes to them.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Also replace text in Anki that neither the last release nor a push wrote, such as "
    "your own edits. Without this option, cards with such text are not pushed. Without CARDS, "
    "--task, or --service, your edits on all cards are replaced.",
)
@click.option(
    "--url",
    default="",
    metavar="URL",
    help="The address of AnkiConnect. It must be on this machine. Default: http://127.0.0.1:8765.",
)
@pass_session
def command(
    session: Session,
    cards: tuple[str, ...],
    tasks: tuple[str, ...],
    services: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    types: bool,
    overwrite: bool,
    url: str,
) -> None:
    """Send cards straight to Anki on this machine.

    Anki must be running with the AnkiConnect add-on installed (see docs/pushing.md). The
    command shows a plan, and asks before it adds new cards or updates changed ones. On cards
    that are already in Anki, it never changes reviews, decks, flags, your own tags, or MyNotes
    (the field for personal notes). Undo in Anki doesn't revert changed cards, so make a backup
    first (File › Create Backup). You can interrupt the command and run it again.

    CARDS are card IDs. The default is all cards. If AnkiConnect requires an API key, set the
    environment variable ANKICONNECT_KEY. Exits with 1 if any card was not pushed (the output
    says why), and with 2 if Anki can't be reached or reports an error.

    \b
    ./build.py push                          show the plan, and ask before any change
    ./build.py push --dry-run                show only the plan
    ./build.py push --task 4.2 --yes         push one task without asking
    ./build.py push one-card another-card    push two cards
    ./build.py push --types                  also update the card design
    """
    if dry_run and yes:
        raise click.UsageError("--dry-run and --yes cannot be used together")
    checked = session.sound()
    notes = pipeline.rendered(checked, session.progress).notes
    wanted = push.selected(notes, checked.project.vocabulary, cards, tasks, services)
    try:
        anki = ankiconnect.connect(url or ankiconnect.URL, os.environ.get("ANKICONNECT_KEY", ""))
        planned = push.prepare(anki, checked, notes, wanted, types, overwrite, session.progress)
        session.write("".join(f"{printable(line)}\n" for line in planned.lines()))
        outcome = _outcome(session, planned, dry_run, yes)
    except UserError as error:
        session.say(f"not pushed: {explained(error)}")
        sys.exit(2)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped; to finish, push again") from None
    session.write("".join(f"{printable(line)}\n" for line in outcome.lines))
    session.say(outcome.message)
    sys.exit(outcome.exit_code)


def _outcome(session: Session, planned: push.Push, dry_run: bool, yes: bool) -> push.Outcome:
    """Carry the plan out unless there is nothing to do or the user does not want it."""
    if dry_run:
        return planned.skipped()
    if planned.empty:
        return planned.needless()
    question = "Make these changes in Anki now?"
    if not yes and not (sys.stdin.isatty() and click.confirm(question, err=True)):
        return planned.declined()
    for line in planned.carry_out(session.progress):
        session.say(line)
    return planned.verified(session.progress)
