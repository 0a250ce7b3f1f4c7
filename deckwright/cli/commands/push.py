"""push: send cards straight to the Anki that runs on this computer."""

from __future__ import annotations

import os
import sys

import click

from deckwright import pipeline
from deckwright.cli import options
from deckwright.cli.context import Command, Session, explained, pass_session
from deckwright.core.errors import UserError
from deckwright.core.report import printable
from deckwright.exchange.push import ankiconnect, sync
from deckwright.exchange.push.ankiconnect import Anki
from deckwright.exchange.push.plan import PushPlan, as_lines, plan, selected, unfinished
from deckwright.pipeline import Checked


@click.command(cls=Command)
@click.argument("names", metavar="[CARDS]...", nargs=-1, shell_complete=options.complete_card)
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
    help="Also push cards whose text in Anki isn't from the last release, for example because "
    "you edited them in Anki. Their text in Anki is replaced. Default: skip these cards.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    metavar="PORT",
    default=ankiconnect.PORT,
    help=f"The port of AnkiConnect. Default: {ankiconnect.PORT}.",
)
@pass_session
def command(
    session: Session,
    names: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    types: bool,
    overwrite: bool,
    port: int,
) -> None:
    """Send cards straight to Anki on this computer.

    Shows which cards would be added or updated, and then asks for confirmation. If you already
    have a card, the command never changes its reviews, deck, or flags, your own tags, or MyNotes
    (the field for personal notes). Anki must be running with the AnkiConnect add-on (see
    docs/pushing.md). Make a backup first (in Anki, File › Create Backup), because Undo doesn't
    revert changed cards. You can interrupt the command and run it again.

    CARDS can be card IDs, parts, or services. By default, all cards are pushed. If
    AnkiConnect requires an API key, set the environment variable ANKICONNECT_KEY. Exits with 1
    if any card wasn't pushed (the output says why), and with 2 if Anki can't be reached or
    reports an error.

    \b
    ./build.py push                          show the plan, and then ask
    ./build.py push --dry-run                show only the plan
    ./build.py push security --yes           push one part without asking
    ./build.py push one-card another-card    push two cards
    ./build.py push --types                  also update the card design
    """
    checked = session.valid()
    notes = pipeline.notes_of(checked, session.progress).notes
    try:
        anki = ankiconnect.connect(port, os.environ.get("ANKICONNECT_KEY", ""))
        collection = sync.read(anki, checked.project)
        planned = plan(selected(notes, names), notes, collection, checked.project, overwrite)
        session.write("".join(f"{printable(line)}\n" for line in as_lines(planned, types)))
        as_planned = True
        if not (planned.added or planned.updates or (types and planned.designs)):
            session.say("there is nothing to do")
        elif dry_run or not (yes or _agreed()):
            session.say("nothing was done; to carry out this plan, push with --yes")
        else:
            as_planned = _carry_out(session, anki, planned, checked, types)
    except UserError as error:
        session.say(f"not pushed: {explained(error)}")
        sys.exit(2)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped; to finish, push again") from None
    sys.exit(0 if as_planned and not planned.refused else 1)


def _carry_out(
    session: Session, anki: Anki, planned: PushPlan, checked: Checked, types: bool
) -> bool:
    """Carry the plan out. Returns whether Anki then has the notes as planned."""
    for line in sync.carry_out(anki, planned, checked.project, checked.files.images, types):
        session.say(line)
    different = unfinished(planned, sync.read(anki, checked.project), checked.project)
    if different:
        session.say(f"different in Anki from what was sent: {', '.join(different)}")
        session.say("  help: close Anki's browser and editor windows, then push again")
    else:
        session.say("done, and verified in Anki")
    return not different


def _agreed() -> bool:
    return sys.stdin.isatty() and click.confirm("Make these changes in Anki now?", err=True)
