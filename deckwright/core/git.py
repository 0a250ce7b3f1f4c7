"""The project's history. The only module that runs git, as a program.

`folder` is always the project's folder, or the overlay's, and paths start there. What git
refuses is raised as GitError, in git's own words.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path

from deckwright.core.errors import UserError


class GitError(UserError):
    """Git refused. The message begins with `git: `."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(f"git: {reason}", help)


def head(folder: Path) -> str:
    """Return the name of the commit that is checked out."""
    return _git(folder, "rev-parse", "--verify", "HEAD").strip()


def has_branch(folder: Path) -> bool:
    """Return whether a branch is checked out, and not only a commit."""
    return _git(folder, "rev-parse", "--symbolic-full-name", "HEAD").startswith("refs/heads/")


def uncommitted(folder: Path, parts: Iterable[str]) -> tuple[str, ...]:
    """Return the files that differ from the commit, or that it does not have.

    Paths start at the top of the repository. Below `parts`, which are folders, this includes
    files that git ignores, because a build reads them.
    """
    status = ("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
    changed = [entry[3:] for entry in _git(folder, *status).split("\0") if entry]
    ignored = ("ls-files", "-z", "--full-name", "--others", "--ignored", "--exclude-standard")
    hidden = _git(folder, *ignored, "--", *parts).split("\0")
    return (*changed, *(path for path in hidden if path and path.split("/")[-1][0] != "."))


def tags(folder: Path, prefix: str) -> tuple[str, ...]:
    """Return the names of all tags that begin with `prefix`."""
    pattern = f"refs/tags/{prefix}*"
    return tuple(_git(folder, "for-each-ref", "--format=%(refname:strip=2)", pattern).split())


def text_at(folder: Path, tag: str, path: str) -> str:
    """Return a file as it was at a tag, empty if there was none."""
    try:
        return _git(folder, "cat-file", "blob", f"refs/tags/{tag}:./{path}")
    except GitError:
        return ""


def commit(folder: Path, paths: Collection[str], message: str) -> None:
    """Commit the files at `paths`, and no others."""
    _git(folder, "add", "--", *paths)
    _git(folder, "commit", "--quiet", f"--message={message}", "--", *paths)


def tag(folder: Path, name: str, message: str) -> None:
    """Make an annotated tag of the commit that is checked out."""
    _git(folder, "tag", "--annotate", f"--message={message}", name)


def go_back(folder: Path, commit: str, paths: Collection[str]) -> None:
    """Move the branch back to `commit` and forget what was added at `paths`.

    The files themselves stay as they are.
    """
    _git(folder, "reset", "--quiet", "--soft", commit)
    _git(folder, "reset", "--quiet", "--", *paths)


def _git(folder: Path, *arguments: str) -> str:
    """Return what a command of git prints."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise GitError("git isn't installed", "install git, and try again") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = lines[0].removeprefix("fatal: ") if lines else f"git {arguments[0]} failed"
        help_line = ""
        if reason.startswith("not a git repository"):
            reason = "this folder isn't in a git repository, so it has no history"
            help_line = "clone the repository, or create one: git init, git add, git commit"
        raise GitError(reason, help_line) from error
    return done.stdout.decode("utf-8", "surrogateescape")
