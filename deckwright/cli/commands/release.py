"""release: date what changed, write ledgers, changelog, and packages, commit, and tag.

Either all of this is done or nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from deckwright import pipeline
from deckwright.cli import options
from deckwright.cli.commands.diff import Side, at_revision, between
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.release_checks import (
    Refusal,
    Wish,
    changelog_path,
    clock_refusals,
    history_refusals,
    home,
    mass_refusals,
    tag,
    version_refusals,
)
from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.errors import UserError
from deckwright.core.git import Commit, GitError, NoRepositoryError, Repository, repository
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.core.progress import SILENT, Progress
from deckwright.core.report import printable
from deckwright.core.wording import count
from deckwright.output import publish
from deckwright.output.changelog import released
from deckwright.output.comparison import Difference, as_released, as_text
from deckwright.output.render import deck
from deckwright.output.tombstones import search
from deckwright.pipeline import Checked, Rendered
from deckwright.project import ledger
from deckwright.project.ledger import ledger_path, version_key
from deckwright.project.project import Project


@click.command(cls=Command)
@click.argument("version")
@options.dry_run("Show what would change for learners, but write nothing.")
@click.option(
    "--mass",
    is_flag=True,
    help="Release even if more than ten cards, and more than 5% of the released cards, change. "
    "Learners can lose their own tags and their notes (the MyNotes field) on these cards.",
)
@click.option(
    "--late",
    is_flag=True,
    help="Release even if the last commit is more than a day old. An old commit can mean that the "
    "computer's clock is wrong or that your branch lacks newer commits, so check both first.",
)
@click.option(
    "--apart",
    is_flag=True,
    help="Release even if another branch has a release that isn't merged into this one. Use this "
    "only if both branches will continue separately.",
)
@options.out
@pass_session
def command(
    session: Session,
    version: str,
    dry_run: bool,
    mass: bool,
    late: bool,
    apart: bool,
    out: Path | None,
) -> None:
    """Build, commit, and tag a release.

    VERSION has three numbers, such as 1.4.0. The command records new, changed, and retired
    cards in the ledger (the record of all released cards and of when each last changed),
    writes the changelog and the packages, and creates a git commit and a tag. If any step
    fails, nothing is released. To publish the commit and the tag, run
    `git push --follow-tags`; the command doesn't push them.

    Exits with 1 if cards have errors, and with 2 if a release isn't possible now, for example
    because of uncommitted changes. With --dry-run, the exit codes are the same.

    \b
    ./build.py release 1.4.0 --dry-run            show what would change
    ./build.py release 1.4.0                      release, with packages in dist/
    ./build.py release 1.4.0 --out ../packages    put the packages in another folder
    """
    checked, folder = session.sound(), out or session.root / "dist"
    now = session.now
    planned = plan(checked, Wish(version, now, mass, late, apart), session.progress)
    if dry_run or not planned.refusals:
        session.write(as_text(planned.difference))
        for line in [*as_lines(planned), *filter(None, [planned.remark])]:
            session.say(line)
    _exit_if_refused(session, planned.refusals)
    if dry_run:
        return
    done = carry_out(planned, folder, session.progress)
    session.report(session.as_seen_from_root(done.diagnostics))
    _exit_if_refused(session, done.refusals)
    if done.diagnostics:
        sys.exit(2)
    _say_what_was_done(session, checked.project, version, folder, now)
    if done.remark:
        session.say(done.remark)
        sys.exit(2)


def _say_what_was_done(
    session: Session, project: Project, version: str, out: Path, now: int
) -> None:
    """Say what was released, how to publish it, and when the next one is possible."""
    packages, place = f"packages in {out.as_posix()}/", home(project)
    tagged = f"committed and tagged {tag(version, project)}"
    where = "" if place == project.folder else f"-C {place} "
    publishing = f"to publish: git {where}push --follow-tags"
    session.say(f"released {version}: {packages}, {tagged}; {publishing}")
    free = datetime.fromtimestamp(now + DRAFT_SECONDS, UTC).strftime("%H:%M:%S UTC")
    until = "drafts use the ten minutes until then"
    session.say(f"The next release is possible after {free}; {until}.")


def _exit_if_refused(session: Session, refusals: Iterable[Refusal]) -> None:
    """Say why there can be no release, and exit with 2."""
    lines = [
        f"not released: {printable(refusal.message)}\n  help: {printable(refusal.help)}"
        for refusal in refusals
    ]
    for line in lines:
        session.say(line)
    if lines:
        sys.exit(2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release would do.

    `before` is the version before (empty for the first), `released` the number of
    released cards, and `head` the commit that the release follows. `difference` is what
    learners will see; `remark` says why it cannot show cards before and after.
    """

    wish: Wish
    checked: Checked
    rendered: Rendered
    before: str
    released: int
    difference: Difference
    remark: str
    changelog: str
    head: Commit | None
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """How a release ended: made, unless there are refusals or diagnostics.

    `remark` is what is left to do by hand.
    """

    refusals: tuple[Refusal, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _History:
    """The repository as it is, as far as git can read it."""

    found: Repository | None
    head: Commit | None
    refusals: tuple[Refusal, ...]


def plan(checked: Checked, wish: Wish, progress: Progress = SILENT) -> Plan:
    """Look at the project, its history, and the clock; change nothing.

    `checked` is a project without errors.
    """
    project, rows = checked.project, pipeline.rendered(checked, progress)
    before = _last_version(project)
    live = sum(row.live for book in project.ledgers.values() for row in book.cards.values())
    history = _history(wish, project)
    side, remark = _side_before(history.found, before, wish.time, project, progress)
    text, unreadable = _changelog(home(project), changelog_path(project))
    refusals = (
        *history.refusals,
        *unreadable,
        *version_refusals(wish, before, rows, project),
        *clock_refusals(wish, project, history.head),
        *mass_refusals(wish, len(rows.news.changed), live),
    )
    here = Side(checked, rows, 0)
    difference = as_released(between(side or _known(here), here), rows.news, project)
    return Plan(wish, checked, rows, before, live, difference, remark, text, history.head, refusals)


def _last_version(project: Project) -> str:
    """The version of the last release; empty if there is none."""
    last = [project.ledger(name).last for name in project.releasing]
    return max((row.version for row in last if row), key=version_key, default="")


def _history(wish: Wish, project: Project) -> _History:
    found: Repository | None = None
    head: Commit | None = None
    try:
        found = repository(home(project))
        head = found.head()
        return _History(found, head, tuple(history_refusals(found, head, wish, project)))
    except GitError as error:
        help_line = error.help or "fix this problem first"
        if isinstance(error, NoRepositoryError) and not _last_version(project):
            help_line = "create one first: git init, git add, git commit"
        return _History(found, head, (Refusal(str(error), help_line),))


def _side_before(
    found: Repository | None, version: str, time: int, project: Project, progress: Progress
) -> tuple[Side | None, str]:
    """The release before, built again from its tag, or a remark on why it cannot be."""
    if not version:
        return None, ""
    if project.overlay and project.overlay.base:
        why = "the history of your cards does not say which version of the project they used"
        return None, f"cannot show the changed texts: {why}"
    if found is None:
        return None, "cannot show the changed texts: there is no git history"
    day = datetime.fromtimestamp(time, UTC).date()
    try:
        return at_revision(found, tag(version, project), day, progress=progress), ""
    except UserError as error:
        return None, f"cannot show the changed texts: {error}"


def _known(here: Side) -> Side:
    """A build with only those of its cards that were released: they did not change."""
    project, rows = here.checked.project, here.rendered
    notes = tuple(note for note in rows.notes if project.row(note.card.namespace, note.id))
    return replace(here, rendered=replace(rows, notes=notes))


def _changelog(folder: Path, path: str) -> tuple[str, tuple[Refusal, ...]]:
    """The text of the changelog; empty if there is none yet."""
    if not (folder / path).exists():
        return "", ()
    outcome = files.read_source(folder, path)
    if outcome.values:
        return outcome.values[0].text, ()
    return "", tuple(Refusal(f"{path}: {d.message}", d.help) for d in outcome.diagnostics)


def carry_out(planned: Plan, out: Path, progress: Progress = SILENT) -> Done:
    """Make the release of a plan without refusals.

    Packages go into `out`, ledgers and changelog into a commit and a tag. One step of
    git decides: before it nothing has changed, after it the release is there.
    """
    done = pipeline.release(planned.checked, planned.wish.version, planned.wish.time)
    built = pipeline.build(done, progress)
    if built.rendered.news or planned.head is None:
        raise AssertionError(f"a release left something unstamped: {built.rendered.news}")
    staged = publish.stage(built.artifacts, out, progress)
    if not staged.values:
        return Done(diagnostics=staged.diagnostics)
    try:
        return _commit(planned, done.project, planned.head, staged.values[0])
    except GitError as error:
        help_line = "nothing was released; fix this problem, then release again"
        return Done((Refusal(str(error), help_line),))
    finally:
        publish.discard(staged.values[0])


def _commit(planned: Plan, project: Project, head: Commit, staged: publish.Staged) -> Done:
    found = repository(home(project))
    version, name = planned.wish.version, tag(planned.wish.version, project)
    message = f"Release {version}\n\n{_summary(planned)}\n"
    commit = found.commit(_files(planned, project), message, head)
    tag_object = found.tag_object(name, commit, f"Release {version}")
    found.move(head.branch, head.sha, commit, name, tag_object)
    if diagnostics := publish.swap(staged):
        found.move_back(head.branch, head.sha, commit, name, tag_object)
        return Done(diagnostics=diagnostics)
    try:
        found.follow(head.sha, commit)
    except GitError as error:
        state = f"the release is done, but your working files are still the old ones ({error})"
        return Done(remark=f"{state}; to update them, run: git reset --hard")
    return Done()


def _files(planned: Plan, project: Project) -> dict[str, bytes]:
    """The files of the release's commit, by path."""
    books = {
        ledger_path(name): ledger.write(project.ledgers[name]).encode()
        for name in project.releasing
        if name in project.ledgers
    }
    day = datetime.fromtimestamp(planned.wish.time, UTC).date()
    names = [name for name in project.releasing if name in project.retirements]
    retired = {
        entry.id: entry for name in names for entry in project.retirements[name].cards.values()
    }
    text = released(
        planned.changelog,
        f"{planned.wish.version}, {day.isoformat()}",
        planned.rendered.news,
        planned.released,
        retired,
        search(project.root(project.releasing[0]).tag),
    )
    return {**books, changelog_path(project): text.encode()}


def _summary(planned: Plan) -> str:
    news = planned.rendered.news
    new, changed, retired = len(news.added), len(news.changed), len(news.retired)
    return f"{count(new, 'new card')}, {changed:,} changed, {retired:,} retired."


def as_lines(planned: Plan) -> list[str]:
    """What the release means to a learner, one line each."""
    news = planned.rendered.news
    changed = set(news.changed)
    since = f"since {planned.before}" if planned.before else "the first release"
    lines = [f"{planned.wish.version}: {_summary(planned)[:-1]} ({since})"]
    if planned.released:
        notes = f"{len(changed):,} of {planned.released:,} released notes"
        lines.append(f"The update replaces {notes} ({len(changed) / planned.released:.1%}).")
    lines += [f"Gap {number} of {name} is retired." for name, number in news.gaps]
    lines += [f"The retired card {name} gets a new retirement notice." for name in news.tombstones]
    lines += [
        f"{note.id} stays in the deck in which it was released, {note.deck}."
        for note in planned.rendered.notes
        if note.id in changed and note.deck != deck(note.card, planned.checked.project)
    ]
    return lines
