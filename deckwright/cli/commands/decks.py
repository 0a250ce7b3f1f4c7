"""decks: check everything, then build all packages into dist/."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from deckwright import pipeline
from deckwright.cache.fingerprints import of_states
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.card import Cloze
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import Artifact
from deckwright.core.report import problems
from deckwright.core.wording import count, size
from deckwright.output.modification_times import Changes
from deckwright.output.publish import publish
from deckwright.pipeline import Built, Checked


@click.command(cls=Command)
@options.form
@options.out
@pass_session
def command(session: Session, form: str, out: Path | None) -> None:
    """Build the Anki packages into dist/.

    Checks the cards, and then writes the packages (.apkg files) that decks/project.toml lists.
    Next to each package, it writes a text update: one text file per note type. Importing
    these files instead of the package updates the cards in Anki but keeps the learner's own
    tags and MyNotes, the field for personal notes (see docs/updating.md).

    A successful build replaces the previous build in the output folder. If the build fails,
    or if the folder contains anything other than a previous build, the folder stays as it is.
    Exits with 1 if cards have errors, and with 2 if the output folder can't be written or
    contains files that aren't from a build.

    \b
    ./build.py decks                          build into dist/
    ./build.py decks --out ~/Desktop/cards    build into another folder
    """
    folder = out or session.root / "dist"
    checked, warnings = session.buildable(form, "nothing was built")
    last = session.memo("last-build")
    inputs = pipeline.input_fingerprint(checked)
    output, text = last.find(inputs) or ("", "")
    if checked.project.fingerprint and output == of_states(folder):
        session.report(warnings, form)
    else:
        built = pipeline.build(checked, session.progress, session.memo("build"))
        publish_or_exit(session, form, warnings, built.artifacts, folder)
        text = summary(built, folder, checked)
        last.put(inputs, (of_states(folder), text))
        last.save()
    if form == "text":
        if warnings:
            session.say(problems(warnings))
        session.say(text)


def publish_or_exit(
    session: Session,
    form: str,
    warnings: tuple[Diagnostic, ...],
    artifacts: Iterable[Artifact],
    folder: Path,
) -> None:
    """Write a build into `folder` and report its warnings. Exit with 2 on failure."""
    problems = publish(artifacts, folder, session.progress)
    session.report((*warnings, *session.as_seen_from_root(problems)), form)
    if problems:
        sys.exit(2)


def summary(built: Built, folder: Path, checked: Checked) -> str:
    """What a build wrote, what an overlay does, and whether it is a draft."""
    overlay = checked.project.overlay
    effect = overlay.effect(checked.cards) if overlay else ""
    packages = [a for a in built.artifacts if a.path.endswith(".apkg")]
    notes = count(len(built.made.notes), "note")
    contents = [note.card.content for note in built.made.notes]
    made = sum(len({g.number for g in c.gaps}) if isinstance(c, Cloze) else 1 for c in contents)
    cards = f" ({count(made, 'card')} in Anki)" if packages else ""
    data = size(sum(len(package.data) for package in packages))
    return (
        f"{folder.as_posix()}/: {count(len(packages), 'package')} with {notes}{cards}, "
        f"{data}{effect and '; '}{effect}\n{draft(built.made.drafts, built.made.news)}"
    )


def draft(drafts: Changes, own: Changes) -> str:
    """One line: what a build contains that no release does.

    `own` is the part of `drafts` that a release of the overlay would contain, or the same
    as `drafts` if there is no overlay.
    """
    if not drafts:
        return "There are no unreleased changes."
    parts = [
        f"{len(ids):,} {word}"
        for ids, word in (
            (drafts.added, "new"),
            (drafts.changed, "changed"),
            (drafts.retired, "to retire"),
        )
        if ids
    ]
    if drafts.gaps:
        parts.append(f"{count(len(drafts.gaps), 'gap')} to retire")
    if drafts.tombstones:
        parts.append(count(len(drafts.tombstones), "retirement notice"))
    if drafts.types:
        parts.append(count(len(drafts.types), "note type"))
    listed = f"({', '.join(parts)})"
    always = "set Update notes and Update note types to Always (but first see DRAFT.md)."
    if not own:
        return (
            f"You have no unreleased changes, but the project's cards are a draft {listed}. "
            f"To update these cards, {always}"
        )
    return f"This is a draft {listed}. To update cards with it, {always}"
