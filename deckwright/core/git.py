"""The project's history. The only module that runs git, as a program.

What git refuses is raised as GitError, in git's own words.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deckwright.core.errors import UserError

# Settings of a user or a repository that would change what git prints, in which encoding it
# prints or stores a message, or which files a checkout leaves out.
_SETTINGS = (
    "i18n.logOutputEncoding=UTF-8",
    "i18n.commitEncoding=UTF-8",
    "log.showSignature=false",
    "color.ui=false",
    "column.ui=never",
    "column.tag=never",
    "core.quotePath=false",
    "core.sparseCheckout=false",
)


class GitError(UserError):
    """Git refused. The message begins with `git: `."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(f"git: {reason}", help)


class NoRepositoryError(GitError):
    """The folder is not in a repository, for example a download of the files of a project."""

    def __init__(self) -> None:
        clone = "clone the repository instead of downloading its files: git clone ADDRESS"
        super().__init__("this folder is not in a git repository, so it has no history", clone)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with its committer's time, in seconds since 1970.

    `branch` is the branch that ends in it, or empty if none is checked out.
    """

    sha: str
    time: int
    branch: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree.

    `folder` is the project's folder. `prefix` is its path from the top of the working
    tree: empty, or ending in a slash. Every method raises GitError.
    """

    folder: Path
    prefix: str

    def head(self) -> Commit | None:
        """The commit that is checked out; None in a new repository."""
        try:
            sha, time = _git(self.folder, "log", "-1", "--format=%H %ct").split()
        except (GitError, ValueError):
            return None
        try:
            branch = _git(self.folder, "symbolic-ref", "HEAD").strip()
        except GitError:
            branch = ""
        return Commit(sha, int(time), branch)

    def dirty(self, parts: Iterable[str]) -> tuple[str, ...]:
        """Paths that differ from the commit or are not tracked.

        Paths start at the top of the repository. Below `parts` (folders of the project)
        ignored files count too, because a build reads them.
        """
        out = _git(self.folder, "status", "--porcelain", "-z", "--untracked-files=all")
        options = ("-z", "--others", "--ignored", "--exclude-standard", "--", *parts)
        ignored = _git(self.folder, "ls-files", *options).split("\0")
        hidden = [path for path in ignored if path and not path.split("/")[-1].startswith(".")]
        changed = [entry[3:] for entry in out.split("\0") if len(entry) > 3 and entry[2] == " "]
        return (*changed, *hidden)

    def has(self, revision: str) -> bool:
        """True if git knows a revision, such as `v1.0.0` or the name of a commit."""
        options = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        try:
            _git(self.folder, "rev-parse", *options)
        except GitError:
            return False
        return True

    def require(self, revision: str) -> None:
        """Raise UserError if git does not know a revision."""
        if self.has(revision):
            return
        help_line = "name a tag, a branch, or a commit; to get new tags, run git fetch --tags"
        if self.is_shallow():
            part = "this clone has only part of the history; to get the rest, run"
            help_line = f"{part} git fetch --tags --unshallow"
        raise UserError(f"there is no revision {revision}", help_line)

    def is_shallow(self) -> bool:
        """True if the clone has only the newest part of the history."""
        return _git(self.folder, "rev-parse", "--is-shallow-repository").strip() == "true"

    def knew(self, path: str) -> bool:
        """True if a commit in the history of HEAD changed a file of the project."""
        return bool(_git(self.folder, "log", "-1", "--format=%H", "--", path).strip())

    def is_tagged(self, commit: str) -> bool:
        """True if a tag points at exactly this commit."""
        return bool(_git(self.folder, "tag", "--points-at", commit).strip())

    def tags(self, merged: bool) -> tuple[str, ...]:
        """Names of the tags in the history of HEAD, or of all others."""
        which = "--merged" if merged else "--no-merged"
        return tuple(_git(self.folder, "tag", "--list", which, "HEAD").split())

    def names(self, revision: str, folder: str) -> tuple[str, ...]:
        """Paths of the files directly in a folder of the project at a revision."""
        out = _git(self.folder, "ls-tree", "-z", "--name-only", revision, "--", f"{folder}/")
        return tuple(path for path in out.split("\0") if path)

    def text(self, revision: str, path: str) -> str | None:
        """A file of the project as it was at a revision; None if there was none."""
        try:
            return _git(self.folder, "show", "--end-of-options", f"{revision}:./{path}")
        except GitError:
            return None

    def check_out(self, revision: str, folder: Path) -> Path:
        """Write the project's files at `revision` below an empty folder; return where.

        They are what a checkout writes: unlike `git archive`, it leaves out nothing that
        .gitattributes marks with export-ignore.
        """
        with tempfile.TemporaryDirectory(prefix="deckwright-") as scratch:
            env = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
            _git(self.folder, "read-tree", revision, env=env)
            target = f"--prefix={folder.as_posix()}/"
            _git(self.folder, "checkout-index", "--all", target, env=env)
        return folder / self.prefix

    def side(self, stage: int, path: str) -> str | None:
        """One side of a merge that stopped: stage 2 is ours, 3 is theirs.

        `path` is relative to the project. None if that side does not have the file.
        """
        try:
            return _git(self.folder, "show", f":{stage}:./{path}")
        except GitError:
            return None

    def unmerged(self, folder: str) -> tuple[str, ...]:
        """Paths below `folder` on which a merge stopped, relative to the project."""
        options = (
            "--no-ext-diff",
            "--name-only",
            "--diff-filter=U",
            "--relative",
            "-z",
            "--",
            folder,
        )
        return tuple(path for path in _git(self.folder, "diff", *options).split("\0") if path)

    def commit(self, files: Mapping[str, bytes], message: str, on: Commit) -> str:
        """Make a commit after `on` that differs from it in `files`, by path.

        Returns its name. Index, working tree, and branches stay as they are.
        """
        with tempfile.TemporaryDirectory(prefix="deckwright-") as scratch:
            env = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
            _git(self.folder, "read-tree", on.sha, env=env)
            for path, data in files.items():
                blob = _git(self.folder, "hash-object", "-w", "--stdin", data=data).strip()
                entry = f"100644,{blob},{self.prefix}{path}"
                _git(self.folder, "update-index", "--add", "--cacheinfo", entry, env=env)
            tree = _git(self.folder, "write-tree", env=env).strip()
        return _git(self.folder, "commit-tree", tree, "-p", on.sha, data=message.encode()).strip()

    def tag_object(self, name: str, commit: str, message: str) -> str:
        """Make an annotated tag of `commit`, but no reference; return its name."""
        tagger = _git(self.folder, "var", "GIT_COMMITTER_IDENT").strip()
        text = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message}\n"
        return _git(self.folder, "mktag", data=text.encode()).strip()

    def move(self, branch: str, before: str, after: str, tag: str, tag_object: str) -> None:
        """Move the branch and create the tag, both in one step or neither.

        Fails if the branch is no longer at `before`.
        """
        references = (f"update {branch} {after} {before}", f"create refs/tags/{tag} {tag_object}")
        self._update(f"release {tag}", references)

    def move_back(self, branch: str, before: str, after: str, tag: str, tag_object: str) -> None:
        """Undo `move`."""
        references = (f"update {branch} {before} {after}", f"delete refs/tags/{tag} {tag_object}")
        self._update(f"release {tag} undone", references)

    def _update(self, message: str, references: Iterable[str]) -> None:
        lines = "\n".join(["start", *references, "prepare", "commit", ""])
        _git(self.folder, "update-ref", "--stdin", "-m", message, data=lines.encode())

    def follow(self, before: str, after: str) -> None:
        """Bring the index and the working tree from one commit to another.

        Files that are the same in both are not touched.
        """
        top = _git(self.folder, "rev-parse", "--show-toplevel").rstrip("\n")
        _git(Path(top), "read-tree", "-m", "-u", before, after)


def repository(folder: Path) -> Repository:
    """The repository that contains `folder`. Raises NoRepositoryError if there is none."""
    try:
        return Repository(folder, _git(folder, "rev-parse", "--show-prefix").rstrip("\n"))
    except GitError as error:
        if "not a git repository" in str(error):
            raise NoRepositoryError from error
        raise


def last_change(folder: Path) -> str:
    """The day (YYYY-MM-DD) of the last commit that changed a file below `folder`.

    Empty if `folder` is in no repository, or in one that ignores it.
    """
    try:
        return _git(folder, "log", "-1", "--format=%cs", "--", ".").strip()
    except GitError:
        return ""


def _git(
    folder: Path, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None
) -> str:
    return _run(folder, *arguments, data=data, env=env).stdout.decode("utf-8", "surrogateescape")


def _run(
    folder: Path, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", **(env or {})}
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = ["git", "--no-pager", *settings, *arguments]
    try:
        return subprocess.run(
            command, cwd=folder, input=data, env=environment, capture_output=True, check=True
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed", "install git, and try again") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        first = said[0].removeprefix("fatal: ") if said else f"git {arguments[0]} failed"
        raise GitError(first) from error
