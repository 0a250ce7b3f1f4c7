"""The project's git history: the door of git, which is run as a program. What git has against something is a HistoryError."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class HistoryError(Exception):
    """Git refused, in its own words."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, and the branch that ends in it (empty where none is checked out). `time` is the committer's, in seconds."""

    sha: str
    time: int
    branch: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree. `prefix` leads from its top to the project's folder: empty, or ending in a slash."""

    folder: Path
    prefix: str

    def head(self) -> Commit | None:
        """The commit that the tree stands on; none in a new repository."""
        try:
            sha, time = _git(self.folder, "log", "-1", "--format=%H %ct").split()
        except (HistoryError, ValueError):
            return None
        try:
            branch = _git(self.folder, "symbolic-ref", "HEAD").strip()
        except HistoryError:
            branch = ""
        return Commit(sha, int(time), branch)

    def dirty(self) -> tuple[str, ...]:
        """Paths that differ from the commit, untracked ones included, from the top of the repository."""
        out = _git(self.folder, "status", "--porcelain", "-z", "--untracked-files=all")
        return tuple(entry[3:] for entry in out.split("\0") if len(entry) > 3 and entry[2] == " ")

    def has(self, revision: str) -> bool:
        """Whether something like `v1.0.0` or a commit's name is known."""
        try:
            _git(self.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except HistoryError:
            return False
        return True

    def tags(self) -> tuple[str, ...]:
        """Names of the tags on the way to the commit that the tree stands on."""
        try:
            return tuple(_git(self.folder, "tag", "--list", "--merged", "HEAD").split())
        except HistoryError:
            return ()

    def export(self, revision: str, folder: Path) -> None:
        """Writes the project's files as they were at `revision` into `folder`."""
        data = _run(self.folder, "archive", "--format=tar", revision).stdout
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(folder, filter="data")

    def side(self, stage: int, path: str) -> str | None:
        """One side of a merge that stopped: 2 is ours, 3 theirs. `path` is relative to the project."""
        try:
            return _git(self.folder, "show", f":{stage}:./{path}")
        except HistoryError:
            return None

    def unmerged(self, folder: str) -> tuple[str, ...]:
        """Paths below `folder`, relative to the project, on which a merge stopped."""
        out = _git(self.folder, "diff", "--name-only", "--diff-filter=U", "--relative", "-z", "--", folder)
        return tuple(path for path in out.split("\0") if path)

    def commit(self, files: Mapping[str, bytes], message: str, on: Commit) -> str:
        """Makes, but does not show, a commit after `on` that differs from it in `files` (by path in the project); returns its
        name. Index, working tree and branches are as before."""
        with tempfile.TemporaryDirectory(prefix="deckwright-") as scratch:
            env = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
            _git(self.folder, "read-tree", on.sha, env=env)
            for path, data in files.items():
                blob = _git(self.folder, "hash-object", "-w", "--stdin", data=data).strip()
                _git(self.folder, "update-index", "--add", "--cacheinfo", f"100644,{blob},{self.prefix}{path}", env=env)
            tree = _git(self.folder, "write-tree", env=env).strip()
        return _git(self.folder, "commit-tree", tree, "-p", on.sha, data=message.encode()).strip()

    def tag_object(self, name: str, commit: str, message: str) -> str:
        """Makes, but does not show, an annotated tag of `commit`; returns its name."""
        tagger = _git(self.folder, "var", "GIT_COMMITTER_IDENT").strip()
        text = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message}\n"
        return _git(self.folder, "mktag", data=text.encode()).strip()

    def move(self, branch: str, before: str, after: str, tag: str, tag_object: str) -> None:
        """Moves the branch and shows the tag, both in one step or neither; not if somebody has moved the branch."""
        lines = ["start", f"update {branch} {after} {before}", f"create refs/tags/{tag} {tag_object}", "prepare", "commit", ""]
        _git(self.folder, "update-ref", "--stdin", "-m", f"release {tag}", data="\n".join(lines).encode())

    def move_back(self, branch: str, before: str, after: str, tag: str, tag_object: str) -> None:
        """Undoes `move`."""
        lines = ["start", f"update {branch} {before} {after}", f"delete refs/tags/{tag} {tag_object}", "prepare", "commit", ""]
        _git(self.folder, "update-ref", "--stdin", "-m", f"release {tag} undone", data="\n".join(lines).encode())

    def follow(self, before: str, after: str) -> None:
        """Brings index and working tree from one commit to another; files that are the same in both stay untouched."""
        top = _git(self.folder, "rev-parse", "--show-toplevel").rstrip("\n")
        _git(Path(top), "read-tree", "-m", "-u", before, after)


def repository(folder: Path) -> Repository | None:
    """The repository that `folder` lies in; none where there is none, or no git."""
    try:
        prefix = _git(folder, "rev-parse", "--show-prefix").rstrip("\n")
    except HistoryError:
        return None
    return Repository(folder, prefix)


def _git(folder: Path, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    return _run(folder, *arguments, data=data, env=env).stdout.decode("utf-8", "surrogateescape")


def _run(folder: Path, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", **(env or {})}
    try:
        return subprocess.run(["git", *arguments], cwd=folder, input=data, env=environment, capture_output=True, check=True)
    except FileNotFoundError as error:
        raise HistoryError("git is not installed") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        raise HistoryError(said[0] if said else f"git {arguments[0]} failed") from error
