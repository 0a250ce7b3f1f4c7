"""release: date what changed, write ledgers and changelog, commit, tag, and build."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from deckwright import pipeline
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.release_checks import (
    changelog_path,
    last_version,
    problems,
    release_folder,
    released_cards,
    require_version,
    tag_of,
)
from deckwright.core import git
from deckwright.core.errors import UserError
from deckwright.core.files import read_source, replace_files
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.output import changelog
from deckwright.output.modification_times import Changes
from deckwright.output.publish import publish
from deckwright.output.tombstones import search
from deckwright.project import ledger
from deckwright.project.ledger import ledger_path
from deckwright.project.project import Project


@click.command(cls=Command)
@click.argument("version")
@options.dry_run("Show what the changelog would say, but write nothing.")
@click.option(
    "--mass",
    is_flag=True,
    help="Release even if many cards have changed (more than ten, and more than 5% of all released "
    "cards). Learners can lose their own tags and their notes (the MyNotes field) on these cards.",
)
@options.out
@pass_session
def command(session: Session, version: str, dry_run: bool, mass: bool, out: Path | None) -> None:
    """Commit, tag, and build a release.

    VERSION consists of three numbers, such as 1.4.0. The command records new, changed, and retired
    cards in the ledger (the list of all released cards, with the time of each card's last
    change), writes the changelog, creates a git commit and a tag, and builds the packages. To
    publish the commit and the tag, run `git push --follow-tags`; the command doesn't push them.

    Exits with 1 if cards have errors, and with 2 if a release isn't possible now, for example
    because of uncommitted changes. In both cases, nothing is changed. With --dry-run, the exit
    codes are the same.

    \b
    ./build.py release 1.4.0 --dry-run            show what would change
    ./build.py release 1.4.0                      release, with packages in dist/
    ./build.py release 1.4.0 --out ../packages    build into another folder
    """
    require_version(version)
    checked, now = session.valid(), session.now
    project, before = checked.project, last_version(checked.project)
    made = pipeline.notes_of(checked, session.progress)
    facts = _facts(project, made.news)
    session.write(f"{version}\n\n{facts}\n")
    if before:
        changes = f'git diff --word-diff {tag_of(before, project)} -- "*.md"'
        session.say(f"to see the changed texts: {changes}")
    if why := tuple(problems(project, made, version, now, mass)):
        raise UserError("nothing was released", more=why)
    if dry_run:
        return
    done = pipeline.release(checked, version, now)
    built = pipeline.build(done, session.progress)
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    texts = {
        ledger_path(name): ledger.write(done.project.ledgers[name])
        for name in project.releasing
        if name in done.project.ledgers
    }
    path = changelog_path(project)
    text = _text(release_folder(project), path)
    texts[path] = changelog.with_release(text, f"{version}, {day}", facts)
    _commit_and_tag(project, texts, version)
    _say_what_was_done(session, project, version, now)
    folder = out or session.root / "dist"
    if diagnostics := publish(built.artifacts, folder, session.progress):
        session.report(session.as_seen_from_root(diagnostics))
        session.say("to build the packages of this release later, run ./build.py decks")
        sys.exit(2)
    session.say(f"packages: {folder.as_posix()}/")


def _facts(project: Project, news: Changes) -> str:
    """Return what the changelog says about a release besides its author's words."""
    entries = [project.retired(name).cards for name in project.releasing]
    retired = {name: entry for cards in entries for name, entry in cards.items()}
    tag = project.card_folder(project.releasing[0]).tag
    return changelog.facts(news, released_cards(project), retired, search(tag))


def _text(folder: Path, path: str) -> str:
    """Return the text of the changelog, empty if there is none. Raises UserError."""
    if not (folder / path).exists():
        return ""
    outcome = read_source(folder, path)
    if outcome.value is None:
        raise UserError("nothing was released", diagnostics=outcome.diagnostics)
    return outcome.value.text


def _commit_and_tag(project: Project, texts: Mapping[str, str], version: str) -> None:
    """Write files, and commit and tag them. If that fails, put everything back, and raise."""
    folder, name = release_folder(project), tag_of(version, project)
    start = git.head(folder)
    before = {path: (folder / path).read_bytes() for path in texts if (folder / path).exists()}
    replace_files(folder, texts)
    try:
        git.commit(folder, texts, f"Release {version}")
        git.tag(folder, name, f"Release {version}")
    except BaseException:
        replace_files(folder, before, texts.keys() - before.keys())
        git.go_back(folder, start, texts)
        raise


def _say_what_was_done(session: Session, project: Project, version: str, now: int) -> None:
    folder = release_folder(project)
    where = "" if folder == project.folder else f"-C {folder} "
    session.say(f"released {version}: committed and tagged {tag_of(version, project)}")
    session.say(f"to publish it: git {where}push --follow-tags")
    free = datetime.fromtimestamp(now + DRAFT_SECONDS, UTC).strftime("%H:%M:%S UTC")
    why = "because drafts use the ten minutes after a release"
    session.say(f"The next release is possible after {free}, {why}.")
