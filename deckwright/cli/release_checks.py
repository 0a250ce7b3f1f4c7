"""Reasons why a project cannot be released now.

Versions are read from the learner's side. The third number is for corrections of cards
that exist. The second is for cards to learn (new cards, new gaps) or to delete (retired
ones). The first is for an update that would cost progress.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deckwright.core.git import Commit, GitError, Repository
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.core.source import Source
from deckwright.core.wording import listed
from deckwright.pipeline import Rendered
from deckwright.project import ledger
from deckwright.project.ledger import ledger_path, version_key
from deckwright.project.overlay import CHANGELOG as OVERLAY_CHANGELOG
from deckwright.project.project import Project

CHANGELOG = "CHANGELOG.md"
DAY = 86_400  # seconds
# A release needs --mass if it changes more than this share of the released cards, and more
# than this number: it costs learners their tags on all of them.
MASS = 0.05
FEW = 10
_VERSION = r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no release now, and what to do."""

    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Wish:
    """The release that is wanted. `time` is now, in seconds since 1970."""

    version: str
    time: int
    mass: bool = False
    late: bool = False
    apart: bool = False


def tag(version: str, project: Project) -> str:
    """The name of a release in git: `v1.4.0`, or `namespace-v1.4.0` for an overlay.

    The project that an overlay is based on has its own tags.
    """
    return f"{project.overlay.namespace}-v{version}" if project.overlay else f"v{version}"


def home(project: Project) -> Path:
    """The folder whose repository takes the release: that of the ledger."""
    return project.folder / project.root(project.releasing[0]).base


def changelog_path(project: Project) -> str:
    """The changelog that the release is written to, from its home."""
    return OVERLAY_CHANGELOG if project.overlay else CHANGELOG


def history_refusals(
    found: Repository, head: Commit | None, wish: Wish, project: Project
) -> Iterator[Refusal]:
    """Problems with the repository. Raises GitError."""
    yield from _tree(found, head, project)
    if head is not None:
        yield from _unseen(found, project)
        yield from _lost(found, wish, project)
    yield from _taken(found, wish, project)


def _tree(found: Repository, head: Commit | None, project: Project) -> Iterator[Refusal]:
    """No commit, no branch, or changes that are not committed."""
    if head is None:
        yield Refusal("the repository has no commits", "commit the cards first")
    elif not head.branch:
        help_line = "run git switch <branch>, because a release outside a branch would be lost"
        yield Refusal("no branch is checked out", help_line)
    here = home(project)
    folders = (os.path.relpath(project.folder / root.path, here) for root in project.roots)
    roots = (Path(folder).as_posix() for folder in folders)
    parts = [part for part in ("decks", "schema", *roots) if not part.startswith("..")]
    dirty = found.dirty(part for part in parts if (here / part).exists())
    if not dirty:
        return
    help_line = "commit or remove them; dist/ belongs in .gitignore, cards do not"
    if _interrupted(found, head, dirty, changelog_path(project)):
        undo = "run git reset --hard, then build again"
        help_line = f"an interrupted release left them: {undo}"
    yield Refusal(f"there are uncommitted changes: {listed(dirty)}", help_line)


def _interrupted(
    found: Repository, head: Commit | None, dirty: tuple[str, ...], changelog: str
) -> bool:
    """True if HEAD is a release and only files that a release writes differ from it."""
    ledgers = f"{found.prefix}decks/ledger/"
    others = [p for p in dirty if p != found.prefix + changelog and not p.startswith(ledgers)]
    return head is not None and not others and found.is_tagged(head.sha)


def _taken(found: Repository, wish: Wish, project: Project) -> Iterator[Refusal]:
    """The version has a tag already."""
    name = tag(wish.version, project)
    if re.fullmatch(_VERSION, wish.version) and found.has(f"refs/tags/{name}"):
        help_line = f"choose another version, such as {_next(wish.version, 2)}"
        yield Refusal(f"the tag {name} already exists", help_line)


def _unseen(found: Repository, project: Project) -> Iterator[Refusal]:
    """The last release has no tag here, so that `_lost` would see nothing.

    Before the first release there is none. But if the ledger is gone, it only looks as if
    there was none: the history must be complete and without a ledger.
    """
    last = [project.ledger(space).last for space in project.releasing]
    versions = [row.version for row in last if row]
    shallow = found.is_shallow()
    fetch = "git fetch --tags --unshallow" if shallow else "git fetch --tags"
    if versions:
        name = tag(max(versions, key=version_key), project)
        if not found.has(f"refs/tags/{name}"):
            message = f"the ledger's last release, {name}, has no tag in this clone"
            yield Refusal(
                message, f"fetch the tag, so that the ledger can be compared with it: {fetch}"
            )
    elif any(map(_release(project).fullmatch, (*found.tags(True), *found.tags(False)))):
        return  # `_lost` compares the ledger with these
    elif shallow:
        message = "this clone has only part of the history; the rest might contain releases"
        yield Refusal(message, f"fetch the rest of the history: {fetch}")
    else:
        for path in map(ledger_path, project.releasing):
            if found.knew(path):
                message = f"{path} is in the git history, but this clone has no release tags"
                yield Refusal(message, f"fetch the tags: {fetch}")


def _release(project: Project) -> re.Pattern[str]:
    """What the tags of a project's releases look like."""
    return re.compile(re.escape(tag("", project)) + _VERSION)


def _lost(found: Repository, wish: Wish, project: Project) -> Iterator[Refusal]:
    """Rows of a tagged release that the ledgers do not have.

    Its commit was reverted or reset, a merge was resolved by hand, or a file was lost.
    Learners have these modification times, and Anki accepts nothing older.
    """
    release = _release(project)
    for merged in (True, False):
        if not merged and wish.apart:
            continue
        for name in filter(release.fullmatch, found.tags(merged)):
            spaces = project.releasing
            lost = [row for space in spaces for row in _lost_rows(found, name, space, project)]
            if not lost:
                continue
            back = f"git restore --source {name} decks/ledger, then commit"
            if merged:
                message = f"the ledger has lost rows that {name} released: {listed(lost)}"
                yield Refusal(message, f"restore them: {back}")
                continue
            undone = f"if that release was withdrawn, run {back}"
            yield Refusal(
                f"{name} was released on another branch; this branch lacks: {listed(lost)}",
                f"merge it: git merge {name}; {undone}; to keep them separate, use --apart",
            )


def outdated(project: Project) -> Refusal | None:
    """A ledger is older than the newest release in the history of HEAD.

    None without a repository, and where the tags are missing, as in most shallow clones. A
    fork with its own namespace has no ledger in the tags of its origin.
    """
    found, release = Repository(home(project), ""), _release(project)
    try:
        names = [name for name in found.tags(merged=True) if release.fullmatch(name)]
        versions = sorted((version_key(name.rpartition("v")[2]), name) for name in names)
        for space in project.releasing:
            last = _last(project.ledger(space))
            for version, name in [one for one in reversed(versions) if one[0] > last]:
                released = _ledger_at(found, name, ledger_path(space))
                if released and _last(released) == version:
                    message = f"{ledger_path(space)} is older than the release {name}"
                    return Refusal(message, _restoring(found, name, project))
    except GitError:
        pass
    return None


def _last(book: ledger.Ledger) -> tuple[int, ...]:
    return version_key(book.last.version) if book.last else ()


def _restoring(found: Repository, name: str, project: Project) -> str:
    """How to get the ledger of a release back, after an interruption or a revert."""
    head = found.head()
    if head is None or not found.is_tagged(head.sha):
        return f"restore it: git restore --source {name} decks/ledger, then commit"
    where = "" if home(project) == project.folder else f"-C {home(project)} "
    paths = f"decks/ledger {changelog_path(project)}"
    undo = f"git {where}restore --staged --worktree {paths}"
    return f"if a release was interrupted, run {undo}, then build again"


def _ledger_at(found: Repository, tag: str, path: str) -> ledger.Ledger | None:
    """A ledger as it was at a tag; None if there was none that can be read."""
    text = found.text(tag, path)
    return next(iter(ledger.read(Source(tag, text)).values), None) if text else None


def _lost_rows(found: Repository, tag: str, namespace: str, project: Project) -> tuple[str, ...]:
    """The cards of one root's ledger at a tag that its ledger now does not have."""
    released = _ledger_at(found, tag, ledger_path(namespace))
    return ledger.missing(released, project.ledger(namespace)) if released else ()


def version_refusals(
    wish: Wish, before: str, rows: Rendered, project: Project
) -> Iterator[Refusal]:
    """The version is none, or does not say what the release is for learners.

    `before` is the version of the last release; empty if there is none.
    """
    if not re.fullmatch(_VERSION, wish.version):
        yield Refusal(f"`{wish.version}` is not a version", "write three numbers, such as 1.4.0")
        return
    if not before:
        return
    if version_key(wish.version) <= version_key(before):
        help_line = f"the next version can be {_next(before, 2)} or {_next(before, 1)}"
        yield Refusal(f"{wish.version} does not come after {before}", help_line)
        return
    correction = version_key(wish.version)[:2] == version_key(before)[:2]
    if correction and (why := _something_to_do(rows, project)):
        second = "a new second number tells learners that they have something to do"
        yield Refusal(
            f"{wish.version} promises only corrections, but {why}",
            f"release it as {_next(before, 1)}; {second}",
        )


def _something_to_do(rows: Rendered, project: Project) -> str:
    """Why learners have more to do than to import; empty if they have not."""
    if rows.news.added:
        return "there are new cards"
    if rows.news.retired or rows.news.gaps:
        return "cards or gaps are retired"
    for note in rows.notes:
        namespace = note.card.namespace
        row = project.row(namespace, note.id) if namespace in project.releasing else None
        if row and ledger.gap_digests(note.card).keys() - row.numbers:
            return f"`{note.id}` has a new gap"
    return ""


def _next(version: str, place: int) -> str:
    """The next version that differs in the number at `place`, counted from 0."""
    parts = list(version_key(version))
    return ".".join(map(str, [*parts[:place], parts[place] + 1, *[0] * (2 - place)]))


def clock_refusals(wish: Wish, project: Project, head: Commit | None) -> Iterator[Refusal]:
    """The clock disagrees with the ledgers or the last commit.

    A modification time must be true, and later than every other.
    """
    last, now = project.last_mod, f"the clock says {_time(wish.time)}"
    if wish.time <= last:
        message = f"{now}, but the ledger already has the time {_time(last)}"
        yield Refusal(message, "correct the clock")
    elif wish.time <= last + DRAFT_SECONDS:
        message = f"the ten minutes after {_time(last)} are reserved for drafts"
        yield Refusal(message, f"release after {_time(last + DRAFT_SECONDS)}")
    if head and wish.time < head.time:
        amend = "git commit --amend --no-edit --reset-author"
        yield Refusal(
            f"{now}, but the last commit was made {_time(head.time)}",
            f"correct the clock; if the date of the commit is wrong, run {amend}",
        )
    elif head and wish.time > head.time + DAY and not wish.late:
        message = f"the last commit is from {_time(head.time)}, more than a day ago"
        yield Refusal(message, "if the clock is right and this is the newest commit, use --late")


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def mass_refusals(wish: Wish, changed: int, live: int) -> Iterator[Refusal]:
    """The release would rewrite many of the released cards."""
    if changed > max(live * MASS, FEW) and not wish.mass:
        cards = f"{changed:,} of {live:,} released cards"
        yield Refusal(
            f"the release would change {cards}, more than {MASS:.0%}",
            "learners can lose their own tags and MyNotes on them; to release anyway, use --mass",
        )
