"""Reasons why a project cannot be released now.

Versions are read from the learner's side. The third number is for corrections of cards
that exist. The second is for cards to learn (new cards, new gaps) or to delete (retired
ones). The first is for an update that would cost progress.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from deckwright.core import git
from deckwright.core.errors import UserError
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.core.source import Source
from deckwright.core.wording import listed
from deckwright.pipeline import CHANGELOG, ProjectNotes
from deckwright.project import ledger
from deckwright.project import overlay as overlays
from deckwright.project.ledger import ledger_path, version_key
from deckwright.project.project import Project

# A release needs --mass if it changes more than this share of the released cards, and more
# than this number: it costs learners their tags on all of them.
MASS = 0.05
FEW = 10
_VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")


def tag_of(version: str, project: Project) -> str:
    """Return the name of a release in git: `v1.4.0`, or `namespace-v1.4.0` for an overlay.

    The project that an overlay is based on has its own tags.
    """
    return f"{project.overlay.namespace}-v{version}" if project.overlay else f"v{version}"


def release_folder(project: Project) -> Path:
    """Return the folder, in the repository of the release, that has the ledgers."""
    return project.folder / project.card_folder(project.releasing[0]).base


def changelog_path(project: Project) -> str:
    """Return the path of the changelog of a release, below its folder."""
    return overlays.CHANGELOG if project.overlay else CHANGELOG


def last_version(project: Project) -> str:
    """Return the version of the last release, empty if there is none."""
    last = [project.ledger(name).last for name in project.releasing]
    return max((row.version for row in last if row), key=version_key, default="")


def released_cards(project: Project) -> int:
    """Return the number of cards that learners have of this project's releases."""
    ledgers = [project.ledger(name) for name in project.releasing]
    return sum(row.live for ledger in ledgers for row in ledger.cards.values())


def require_version(version: str) -> None:
    """Raise UserError unless `version` has the form of a version."""
    if not _VERSION.fullmatch(version):
        raise UserError(f"`{version}` isn't a version", "write three numbers, such as 1.4.0")


def problems(
    project: Project, made: ProjectNotes, version: str, time: int, mass: bool
) -> Iterator[UserError]:
    """Yield why there can be no release `version` at `time` (seconds since 1970).

    `version` has the form of one, and `mass` allows it to change many cards.
    """
    yield from _version_problems(project, made, version)
    free = project.last_mod + DRAFT_SECONDS
    if time <= free:
        last = _time(project.last_mod)
        yield UserError(
            f"the clock says {_time(time)}, but drafts use the ten minutes after {last}",
            f"release after {_time(free)}; if the clock is wrong, correct it",
        )
    changed, live = len(made.news.changed), released_cards(project)
    if changed > max(live * MASS, FEW) and not mass:
        cards = f"{changed:,} of {live:,} released cards"
        yield UserError(
            f"the release would change {cards}, more than {MASS:.0%}",
            "learners can lose their own tags and MyNotes on them; to release anyway, use --mass",
        )
    try:
        yield from _repository_problems(project, version)
    except git.GitError as error:
        yield error


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _version_problems(project: Project, made: ProjectNotes, version: str) -> Iterator[UserError]:
    """Yield a problem if the version does not say what the release is for learners."""
    before = last_version(project)
    if not before:
        return
    first, second, third = version_key(before)
    correction, addition = f"{first}.{second}.{third + 1}", f"{first}.{second + 1}.0"
    if version_key(version) <= (first, second, third):
        help_line = f"the next version can be {correction} or {addition}"
        yield UserError(f"{version} doesn't come after {before}", help_line)
        return
    why = _something_to_do(project, made)
    if why and version_key(version)[:2] == (first, second):
        second_number = "a new second number tells learners that they have something to do"
        help_line = f"release it as {addition}; {second_number}"
        yield UserError(f"{version} promises only corrections, but {why}", help_line)


def _something_to_do(project: Project, made: ProjectNotes) -> str:
    """Return why learners have more to do than to import, empty if they have not."""
    if made.news.added:
        return "there are new cards"
    if made.news.retired or made.news.gaps:
        return "cards or gaps are retired"
    for note in made.notes:
        namespace = note.card.namespace
        row = project.row(namespace, note.id) if namespace in project.releasing else None
        if row and ledger.gap_digests(note.card).keys() - row.numbers:
            return f"`{note.id}` has a new gap"
    return ""


def _repository_problems(project: Project, version: str) -> Iterator[UserError]:
    """Yield what is wrong with the repository. Raises GitError."""
    folder = release_folder(project)
    relative = [
        os.path.relpath(project.folder / root.path, folder) for root in project.card_folders
    ]
    parts = {"decks", "schema", *(Path(path).as_posix() for path in relative)}
    inside = [part for part in sorted(parts) if part[:2] != ".." and (folder / part).exists()]
    if files := git.uncommitted(folder, inside):
        help_line = (
            "commit or remove them (dist/ belongs in .gitignore, cards don't); if a release was "
            "interrupted, run git restore --staged --worktree "
            f"decks/ledger {changelog_path(project)}"
        )
        yield UserError(f"there are uncommitted changes: {listed(files)}", help_line)
    elif not git.has_branch(folder):
        help_line = "run git switch BRANCH, because a release outside a branch would be lost"
        yield UserError("no branch is checked out", help_line)
    tags = git.tags(folder, tag_of("", project))
    if tag_of(version, project) in tags:
        yield UserError(f"the tag {tag_of(version, project)} already exists", "choose another")
    before = last_version(project)
    if before and tag_of(before, project) not in tags:
        yield UserError(
            f"the ledger's last release, {tag_of(before, project)}, has no tag in this clone",
            "fetch it, because the ledger is compared with it: git fetch --tags (in a shallow "
            f"clone, git fetch --tags --unshallow); if no clone has it, find the commit “Release "
            f"{before}” with git log, and run git tag -a {tag_of(before, project)} "
            f'-m "Release {before}" COMMIT',
        )
    for tag in tags:
        for namespace in project.releasing:
            yield from _lost_lines(project, folder, tag, namespace)


def _lost_lines(project: Project, folder: Path, tag: str, namespace: str) -> Iterator[UserError]:
    """Yield a problem if a ledger lacks what a tagged release recorded in it.

    The release is on another branch, its commit was reverted, or a merge was resolved by
    hand. Learners have its modification times, and Anki accepts nothing older.
    """
    path = ledger_path(namespace)
    released = ledger.read(Source(path, git.text_at(folder, tag, path))).value
    if released and (lost := missing_rows(released, project.ledger(namespace))):
        yield UserError(
            f"{path} has lost what {tag} released: {listed(lost)}",
            f"merge that release: git merge {tag}; if it was merged and then reverted, copy "
            f"its lines into the ledger: git show {tag}:./{path}",
        )


def missing_rows(before: ledger.Ledger, now: ledger.Ledger) -> tuple[str, ...]:
    """Return the keys of the rows that `now` lacks or has with an earlier `mod`, sorted.

    Names of tags and packages do not count: each release records them again.
    """
    rows, dated = now.rows(), {key: row for key, row in before.rows().items() if row.mod}
    lost = (row.key for key, row in dated.items() if key not in rows or rows[key].mod < row.mod)
    return tuple(sorted(lost))
