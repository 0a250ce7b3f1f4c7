"""push: send cards straight to the Anki that runs on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from deckwright import pipeline
from deckwright.cli import completers, options
from deckwright.cli.context import Command, Session, explained, pass_session
from deckwright.cli.options import complete
from deckwright.cli.prompts import agreed
from deckwright.core.errors import UserError
from deckwright.core.note import Note
from deckwright.core.report import printable
from deckwright.core.suggest import nearest
from deckwright.exchange.push import ankiconnect
from deckwright.exchange.push.plan import Plan, as_lines, plan, refusal
from deckwright.pipeline import Checked
from deckwright.project.project import Project


@click.command(cls=Command)
@click.argument("cards", nargs=-1, shell_complete=complete(completers.cards))
@click.option(
    "--task",
    "tasks",
    multiple=True,
    shell_complete=complete(completers.tasks),
    help="Only cards of this task; may be given again.",
)
@click.option(
    "--service",
    "services",
    multiple=True,
    shell_complete=complete(completers.services),
    help="Only cards that name this service; may be given again.",
)
@options.dry_run("Show the plan; ask nothing, change nothing.")
@click.option("--yes", is_flag=True, help="Show the plan and carry it out without asking.")
@click.option(
    "--types",
    is_flag=True,
    help="Replace styling and templates of our note types where they differ.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace texts, too, that neither the last release nor a push put into Anki.",
)
@click.option(
    "--url",
    default="",
    help="AnkiConnect's address on this machine. Default: http://127.0.0.1:8765",
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
    """Bring cards into the Anki that runs on this machine, through its add-on
    AnkiConnect. Shows a plan and asks first.

    CARDS are ids; none means all. Reviews, decks, flags, your own tags and MyNotes are
    never touched. Stopped or repeated, it does nothing twice. An API key is read from
    the environment variable ANKICONNECT_KEY. Exit 1 where something was left alone, 2
    where there is no talking to Anki.

    \b
    python build.py push                          the plan, then a question
    python build.py push --dry-run                the plan alone
    python build.py push --task 4.2 --yes         one task, without a question
    python build.py push --service s3             what names a service
    python build.py push one-card another-card    two cards
    python build.py push --types                  the look of the cards, too
    """
    if dry_run and yes:
        raise click.UsageError("give --dry-run or --yes")
    checked = session.sound()
    notes = pipeline.rendered(checked, session.progress).notes
    wanted = _wanted(checked.project, notes, cards, tasks, services)
    key = os.environ.get("ANKICONNECT_KEY", "")
    try:
        anki = ankiconnect.connect(url or ankiconnect.URL, key)
        held = ankiconnect.held(anki, checked.project, session.progress)
        record = ankiconnect.read_record(checked.project)
        planned = plan(notes, wanted, held, checked.project, record, overwrite)
        session.write("".join(f"{printable(line)}\n" for line in as_lines(planned, types)))
        code = 1 if planned.refused else 0
        if _goes_on(session, checked, planned, dry_run, yes, types):
            code = max(code, _carry_out(session, anki, checked, planned, types))
    except UserError as error:
        session.say(f"not pushed: {explained(error)}")
        sys.exit(2)
    except KeyboardInterrupt:
        last_words = "stopped; what was done stays, and another push does the rest"
        raise KeyboardInterrupt(last_words) from None
    sys.exit(code)


def _wanted(
    project: Project,
    notes: Iterable[Note],
    cards: tuple[str, ...],
    tasks: tuple[str, ...],
    services: tuple[str, ...],
) -> list[str]:
    """The guids of the notes to push. Raises UsageError if a name is unknown."""
    for kind, given, known in (
        ("card", cards, {note.id for note in notes}),
        ("task", tasks, project.vocabulary.tasks.keys()),
        ("service", services, project.vocabulary.services.keys()),
    ):
        for name in given:
            if name not in known:
                hint = nearest(name, known) or "look at `python build.py coverage` and cards/"
                raise click.UsageError(f"there is no {kind} {name}; {hint}")
    return [note.guid for note in ankiconnect.selected(notes, cards, tasks, services)]


def _goes_on(
    session: Session, checked: Checked, planned: Plan, dry_run: bool, yes: bool, types: bool
) -> bool:
    """True if there is something to do and the user wants it done."""
    if dry_run:
        session.say("nothing was done")
        return False
    if planned.empty and not (types and planned.types):
        ankiconnect.keep_record(checked.project, planned.same)
        session.say("nothing to do")
        return False
    if not yes and not agreed(session, "Do this in Anki now?"):
        session.say("nothing was done; --yes does it without a question")
        return False
    return True


def _carry_out(
    session: Session, anki: ankiconnect.Anki, checked: Checked, planned: Plan, types: bool
) -> int:
    """Do what was planned and read it back from Anki; returns the exit code."""
    project = checked.project
    ankiconnect.keep_record(project, planned.same)
    images = checked.found.images
    for line in ankiconnect.carry_out(anki, planned, project, images, types, session.progress):
        session.say(line)
    unmet = ankiconnect.verified(anki, planned, project, session.progress)
    for refused in unmet:
        session.write("".join(f"{printable(line)}\n" for line in refusal(refused)))
    session.say("done, but not all of it" if unmet else "done, and read back from Anki")
    return 1 if unmet else 0
