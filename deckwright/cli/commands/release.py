"""`release`: stamps what changed, writes ledgers, changelog and packages, commits and tags; all of it or nothing.

Versions are read from the learner's side: the third number for corrections of cards that are there, the second when there are
cards to learn (new ones, new gaps) or to delete (retired ones), the first for an update that would cost progress.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from deckwright import pipeline
from deckwright.cli.commands.diff import Side, at_revision, between
from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.errors import UserError
from deckwright.core.git import Commit, GitError, Repository, repository
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.output import publish
from deckwright.output.changelog import released
from deckwright.output.comparison import Difference, as_released
from deckwright.output.render import deck
from deckwright.output.tombstones import search
from deckwright.pipeline import Checked, Rendered
from deckwright.project import ledger
from deckwright.project.ledger import ledger_path, version_key
from deckwright.project.overlay import CHANGELOG as OVERLAY_CHANGELOG
from deckwright.project.project import Project

CHANGELOG = "CHANGELOG.md"
DAY = 86_400  # seconds
_VERSION = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
MASS = 0.05  # the share of released cards above which a restamp needs a flag: it costs learners their tags on all of them


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no release now, and what to do."""

    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. `time` is now, in seconds since 1970."""

    version: str
    time: int
    mass: bool = False
    late: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release would do. `before` is the version before (empty for the first), `difference` what learners will see;
    `remark` says why there is no before and after in it; `head` is the commit that the release follows (None: there is none)."""

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
    """How a release ended: made, unless there are refusals or complaints; `remark` is what is still to be done by hand."""

    refusals: tuple[Refusal, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    remark: str = ""


def plan(checked: Checked, wish: Wish, progress: Progress = SILENT) -> Plan:
    """Looks at project, history and clock; changes nothing. `checked` is a project without errors."""
    project, rows = checked.project, pipeline.rendered(checked, progress)
    books = [project.ledger(name) for name in project.releasing]
    last = max(
        (book.last for book in books if book.last),
        key=lambda r: version_key(r.version),
        default=None,
    )
    before = last.version if last else ""
    live = sum(row.live for book in project.ledgers.values() for row in book.cards.values())
    refusals: list[Refusal] = []
    found: Repository | None = None
    head: Commit | None = None
    try:
        found = repository(_home(project))
        head = found.head()
        refusals += [
            *_tree(found, head, project),
            *_lost(found, project, wish),
            *_tags(wish, found, project),
        ]
    except GitError as error:
        new = "not a git repository" in str(error)
        refusals.append(
            Refusal(
                f"git: {error}",
                "a release is a commit and a tag: git init, git add, git commit"
                if new
                else "mend this first",
            )
        )
    side, remark = _side(found, before, wish.time, project, progress)
    text, unreadable = _changelog(_home(project), _changelog_path(project))
    refusals += [
        *unreadable,
        *_version(wish, before, rows, project),
        *_clock(wish, project, head),
        *_mass(wish, len(rows.news.changed), live),
    ]
    here = Side(checked, rows, 0)
    known = {n.guid for n in rows.notes if project.row(n.card.namespace, n.id)}
    without_history = replace(
        here, rendered=replace(rows, notes=tuple(n for n in rows.notes if n.guid in known))
    )
    difference = as_released(between(side or without_history, here), rows.news, project)
    return Plan(wish, checked, rows, before, live, difference, remark, text, head, tuple(refusals))


def tag(version: str, project: Project) -> str:
    """The name of a release in git: `v1.4.0`, and of an overlay's `namespace-v1.4.0`, for the project has tags of its own."""
    return f"{project.overlay.namespace}-v{version}" if project.overlay else f"v{version}"


def _home(project: Project) -> Path:
    """The folder whose repository takes the release: that of the ledger."""
    return project.folder / project.root(project.releasing[0]).base


def _changelog_path(project: Project) -> str:
    return OVERLAY_CHANGELOG if project.overlay else CHANGELOG


def _side(
    found: Repository | None, version: str, time: int, project: Project, progress: Progress
) -> tuple[Side | None, str]:
    """The release before, built again from its tag."""
    if not version:
        return None, ""
    if project.overlay and project.overlay.base:
        return (
            None,
            "no before and after: the overlay's history does not say on which cards of the project it stood",
        )
    try:
        if found is None:
            raise UserError("there is no git history")
        return at_revision(
            found,
            tag(version, project),
            datetime.fromtimestamp(time, UTC).date(),
            progress=progress,
        ), ""
    except (UserError, GitError) as error:
        return None, f"no before and after: {error}"


def _changelog(folder: Path, path: str) -> tuple[str, tuple[Refusal, ...]]:
    """The text of the changelog; empty where there is none yet."""
    if not (folder / path).exists():
        return "", ()
    outcome = files.read_source(folder, path)
    if outcome.values:
        return outcome.values[0].text, ()
    return "", tuple(Refusal(f"{path}: {d.message}", d.help) for d in outcome.diagnostics)


def _tree(found: Repository, head: Commit | None, project: Project) -> Iterator[Refusal]:
    if head is None:
        yield Refusal("the repository has no commit", "commit the cards first")
    elif not head.branch:
        yield Refusal(
            "no branch is checked out",
            "git switch <branch>: a release that no branch holds would be lost",
        )
    here = _home(project)
    parts = (
        "decks",
        "schema",
        *(os.path.relpath(project.folder / root.path, here) for root in project.roots),
    )
    dirty = found.dirty(
        part for part in parts if (here / part).exists() and not part.startswith("..")
    )
    if not dirty:
        return
    listed = ", ".join(dirty[:5]) + (" …" if len(dirty) > 5 else "")
    help_line = "commit them, or take them away; dist/ belongs into .gitignore, cards do not"
    if _killed(found, head, dirty, _changelog_path(project)):
        help_line = "they are of a release that was interrupted after it was made: git reset --hard, then build again"
    yield Refusal(f"there are changes that are not committed: {listed}", help_line)


def _killed(found: Repository, head: Commit | None, dirty: tuple[str, ...], changelog: str) -> bool:
    """Whether the tree stands on a release, and nothing differs but what a release writes."""
    ours = {
        found.prefix + changelog,
        *(path for path in dirty if path.startswith(f"{found.prefix}decks/ledger/")),
    }
    return head is not None and set(dirty) <= ours and found.is_tagged(head.sha)


def _tags(wish: Wish, found: Repository, project: Project) -> Iterator[Refusal]:
    name = tag(wish.version, project)
    if re.fullmatch(_VERSION, wish.version) and found.has(f"refs/tags/{name}"):
        yield Refusal(
            f"there is a tag {name} already",
            f"a version is given once; the next is {_next(wish.version, 2)}, or later",
        )


def _lost(found: Repository, project: Project, wish: Wish) -> Iterator[Refusal]:
    """Rows of a tagged release that the ledgers do not have: its commit was reverted or reset away, a merge was settled by hand, a
    file was lost. Learners hold those stamps, and Anki takes nothing older."""
    if found.head() is None:
        return
    for merged in (True, False):
        for name in found.tags(merged):
            if not re.fullmatch(re.escape(tag("", project)) + _VERSION, name) or (
                not merged and wish.apart
            ):
                continue
            lost = [
                row
                for namespace in project.releasing
                for row in _lost_rows(found, name, namespace, project)
            ]
            if not lost:
                continue
            listed = ", ".join(lost[:5]) + (" …" if len(lost) > 5 else "")
            back = f"python build.py merge-ledger --from {name}, then commit"
            if merged:
                yield Refusal(
                    f"the ledger has lost what {name} released: {listed}", f"bring it back: {back}"
                )
            else:
                message = f"{name} was released on another branch, and this ledger does not know of it: {listed}"
                yield Refusal(
                    message,
                    f"git merge {name}; if that release was taken back: {back}; if both lines are to go on: --apart",
                )


def _lost_rows(found: Repository, tag: str, namespace: str, project: Project) -> tuple[str, ...]:
    text = found.text(tag, ledger_path(namespace))
    outcome = ledger.read(Source(tag, text)) if text else None
    return (
        ledger.missing(outcome.values[0], project.ledger(namespace))
        if outcome and outcome.values
        else ()
    )


def _version(wish: Wish, before: str, rows: Rendered, project: Project) -> Iterator[Refusal]:
    if not re.fullmatch(_VERSION, wish.version):
        yield Refusal(f"`{wish.version}` is no version", "three numbers, as 1.4.0")
        return
    if not before:
        return
    if version_key(wish.version) <= version_key(before):
        yield Refusal(
            f"{wish.version} does not come after {before}",
            f"the next are {_next(before, 2)} and {_next(before, 1)}",
        )
    elif version_key(wish.version)[:2] == version_key(before)[:2] and (
        why := _something_to_learn(rows, project)
    ):
        message = f"{wish.version} would be a release of corrections, but {why}"
        yield Refusal(
            message,
            f"release it as {_next(before, 1)}: the second number tells learners that there is something to do",
        )


def _something_to_learn(rows: Rendered, project: Project) -> str:
    """Why learners have more to do than to import: cards to learn or to delete."""
    if rows.news.added:
        return "there are new cards"
    if rows.news.retired or rows.news.gaps:
        return "cards or gaps are retired"
    for note in rows.notes:
        row = (
            project.row(note.card.namespace, note.id)
            if note.card.namespace in project.releasing
            else None
        )
        if row and ledger.gap_digests(note.card).keys() - row.numbers:
            return f"`{note.id}` has a new gap"
    return ""


def _next(version: str, place: int) -> str:
    parts = list(version_key(version))
    return ".".join(map(str, [*parts[:place], parts[place] + 1, *[0] * (2 - place)]))


def _clock(wish: Wish, project: Project, head: Commit | None) -> Iterator[Refusal]:
    """A stamp lies after every other, and is true: what the clock says must fit what the ledgers and the commit say."""
    last = project.last_mod
    if wish.time <= last:
        yield Refusal(
            f"the clock says {_when(wish.time)}, but something was stamped {_when(last)}",
            "set the clock right",
        )
    elif wish.time <= last + DRAFT_SECONDS:
        message = f"drafts of the ten minutes after {_when(last)} have their stamps in them"
        yield Refusal(message, f"release after {_when(last + DRAFT_SECONDS)}")
    if head and wish.time < head.time:
        message = (
            f"the clock says {_when(wish.time)}, but the last commit was made {_when(head.time)}"
        )
        yield Refusal(
            message,
            "set the clock right; if it is the commit that is wrong: git commit --amend --no-edit --reset-author",
        )
    elif head and wish.time > head.time + DAY and not wish.late:
        message = f"the last commit is from {_when(head.time)}, more than a day ago"
        yield Refusal(message, "is the clock right, and is this the newest commit? Then: --late")


def _mass(wish: Wish, changed: int, live: int) -> Iterator[Refusal]:
    if live and changed > live * MASS and not wish.mass:
        message = f"the release would rewrite {changed:,} of {live:,} released cards, more than {MASS:.0%}"
        yield Refusal(
            message,
            "learners lose their own tags and MyNotes on each of them; if it is meant: --mass",
        )


def _when(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def carry_out(wanted: Plan, out: Path, progress: Progress = SILENT) -> Done:
    """Makes the release of a plan without refusals: packages into `out`, ledgers and changelog into a commit and a tag. One step of
    git decides: before it nothing has changed, after it the release is there."""
    done = pipeline.release(wanted.checked, wanted.wish.version, wanted.wish.time)
    built = pipeline.build(done, progress)
    if built.rendered.news or wanted.head is None:
        raise AssertionError(f"a release left something unstamped: {built.rendered.news}")
    staged = publish.stage(built.artifacts, out, progress)
    if not staged.values:
        return Done(diagnostics=staged.diagnostics)
    try:
        return _commit(wanted, done.project, wanted.head, staged.values[0])
    except GitError as error:
        return Done(
            (Refusal(f"git: {error}", "nothing was released; mend this, and release again"),)
        )
    finally:
        publish.discard(staged.values[0])


def _commit(wanted: Plan, project: Project, head: Commit, staged: publish.Staged) -> Done:
    found = repository(_home(project))
    version, name = wanted.wish.version, tag(wanted.wish.version, project)
    commit = found.commit(
        _files(wanted, project), f"Release {version}\n\n{_summary(wanted)}\n", head
    )
    tag_object = found.tag_object(name, commit, f"Release {version}")
    found.move(head.branch, head.sha, commit, name, tag_object)
    if diagnostics := publish.swap(staged):
        found.move_back(head.branch, head.sha, commit, name, tag_object)
        return Done(diagnostics=diagnostics)
    try:
        found.follow(head.sha, commit)
    except GitError as error:
        return Done(
            remark=f"the files here are still those before the release ({error}); bring them up to it: git reset --hard"
        )
    return Done()


def _files(wanted: Plan, project: Project) -> dict[str, bytes]:
    """The files of the release's commit by path."""
    books = {
        ledger_path(name): ledger.write(project.ledgers[name]).encode()
        for name in project.releasing
        if name in project.ledgers
    }
    day = datetime.fromtimestamp(wanted.wish.time, UTC).date()
    retired = [
        project.retirements[name] for name in project.releasing if name in project.retirements
    ]
    entries = {entry.id: entry for found in retired for entry in found.cards.values()}
    heading = f"{wanted.wish.version}, {day.isoformat()}"
    text = released(
        wanted.changelog,
        heading,
        wanted.rendered.news,
        wanted.released,
        entries,
        search(project.root(project.releasing[0]).tag),
    )
    return {**books, _changelog_path(project): text.encode()}


def _summary(wanted: Plan) -> str:
    news = wanted.rendered.news
    return f"{len(news.added):,} cards new, {len(news.changed):,} changed, {len(news.retired):,} retired."


def as_lines(wanted: Plan) -> list[str]:
    """What the release means to a learner, one line each."""
    news = wanted.rendered.news
    since = f"since {wanted.before}" if wanted.before else "there was no release before"
    lines = [f"{wanted.wish.version}: {_summary(wanted)[:-1]} ({since})"]
    if wanted.released:
        share = len(news.changed) / wanted.released
        lines.append(
            f"An update rewrites {len(news.changed):,} of {wanted.released:,} notes that learners may have ({share:.1%})."
        )
    lines += [f"Gap {number} of {name} is retired." for name, number in news.gaps]
    lines += [f"The retired card {name} gets other last words." for name in news.tombstones]
    moved = _moved(wanted)
    lines += [f"{name} stays in its deck, {deck}, where it was released." for name, deck in moved]
    return lines


def _moved(wanted: Plan) -> list[tuple[str, str]]:
    """Cards that changed and whose file says another home than the ledger."""
    project, changed = wanted.checked.project, set(wanted.rendered.news.changed)
    return [
        (n.id, n.deck)
        for n in wanted.rendered.notes
        if n.id in changed and n.deck != deck(n.card, project)
    ]
