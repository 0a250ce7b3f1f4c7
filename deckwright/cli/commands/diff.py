"""diff: what changed for learners between two revisions, or since one."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from deckwright import pipeline
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.errors import UserError
from deckwright.core.git import Repository, repository
from deckwright.core.progress import SILENT, Progress
from deckwright.core.wording import count
from deckwright.output.comparison import Difference, as_json, as_text, compare
from deckwright.pipeline import Checked


@click.command(cls=Command)
@click.argument("revision")
@click.argument("other", required=False, default="")
@options.text_or_json("Print text for people or JSON for programs. Default: text.")
@pass_session
def command(session: Session, revision: str, other: str, form: str) -> None:
    """Show what changed for learners between two versions.

    REVISION and OTHER are git tags, branches, or commits. Without OTHER, compares REVISION
    with your working files. Cards with errors are left out. Exits with 2 if either version
    can't be built.

    \b
    ./build.py diff v1.3.0           compare a release with your working files
    ./build.py diff v1.2.0 v1.3.0    compare two releases
    ./build.py diff HEAD             show your uncommitted changes
    """
    found = repository(session.root)
    settings = (session.today, session.overlay, session.progress)
    before = at_revision(found, revision, *settings)
    after = at_revision(found, other, *settings) if other else side(session.root, *settings)
    difference = between(before, after)
    session.write(as_json(difference) if form == "json" else as_text(difference))
    if form == "text":
        for number in dict.fromkeys(one.left_out for one in (before, after) if one.left_out):
            session.say(f"left out because of errors: {count(number, 'card')}")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two builds. `left_out` counts the cards with errors."""

    checked: Checked
    rendered: pipeline.Rendered
    left_out: int


def between(before: Side, after: Side) -> Difference:
    """What a learner would see between two builds."""
    return compare(
        before.rendered.notes, after.rendered.notes, before.checked.project, after.checked.project
    )


def at_revision(
    found: Repository,
    revision: str,
    today: date,
    overlay: Path | None = None,
    progress: Progress = SILENT,
) -> Side:
    """The project as it was at a revision, built by this compiler.

    An overlay in another folder is used as it is now. Raises UserError if there is no
    such revision, or if it cannot be built.
    """
    found.require(revision)
    with tempfile.TemporaryDirectory(prefix="deckwright-") as scratch:
        folder = found.check_out(revision, Path(scratch))
        try:
            return side(folder, today, overlay, progress)
        except UserError as error:
            message = f"{revision} cannot be built by this version of the compiler: {error}"
            raise UserError(message) from error


def side(
    folder: Path, today: date, overlay: Path | None = None, progress: Progress = SILENT
) -> Side:
    """The project in a folder, without the cards that have errors.

    Raises UserError if decks/ or schema/ cannot be used.
    """
    outcome = pipeline.check(folder, today, overlay=overlay, progress=progress)
    if not outcome.values:
        first = outcome.diagnostics[0].message if outcome.diagnostics else "no files found"
        raise UserError(first, diagnostics=outcome.diagnostics)
    checked = outcome.values[0]
    return Side(checked, pipeline.rendered(checked, progress), checked.written - len(checked.cards))
