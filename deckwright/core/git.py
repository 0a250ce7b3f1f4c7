"""The project's git history: the door of git, which is run as a program. What git has against something is a GitError."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deckwright.core.errors import UserError


class GitError(UserError):
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
        except (GitError, ValueError):
            return None
        try:
            branch = _git(self.folder, "symbolic-ref", "HEAD").strip()
        except GitError:
            branch = ""
        return Commit(sha, int(time), branch)

    def dirty(self, parts: Iterable[str]) -> tuple[str, ...]:
        """Paths that differ from the commit, untracked ones included, from the top of the repository; and below `parts` (folders of
        the project) those that git was told to ignore, for a build reads them all the same."""
        out = _git(self.folder, "status", "--porcelain", "-z", "--untracked-files=all")
        ignored = _git(
            self.folder,
            "ls-files",
            "-z",
            "--others",
            "--ignored",
            "--exclude-standard",
            "--",
            *parts,
        )
        hidden = [
            path
            for path in ignored.split("\0")
            if path and not path.rsplit("/", 1)[-1].startswith(".")
        ]
        return (
            *(entry[3:] for entry in out.split("\0") if len(entry) > 3 and entry[2] == " "),
            *hidden,
        )

    def has(self, revision: str) -> bool:
        """Whether something like `v1.0.0` or a commit's name is known."""
        try:
            _git(
                self.folder,
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{revision}^{{commit}}",
            )
        except GitError:
            return False
        return True

    def is_tagged(self, commit: str) -> bool:
        """Whether a tag leads to just this commit."""
        return bool(_git(self.folder, "tag", "--points-at", commit).strip())

    def tags(self, merged: bool) -> tuple[str, ...]:
        """Names of the tags that lead to the commit that the tree stands on, or of those that do not."""
        return tuple(
            _git(
                self.folder, "tag", "--list", "--merged" if merged else "--no-merged", "HEAD"
            ).split()
        )

    def names(self, revision: str, folder: str) -> tuple[str, ...]:
        """Paths of the files directly in a folder of the project at a revision."""
        out = _git(self.folder, "ls-tree", "-z", "--name-only", revision, "--", f"{folder}/")
        return tuple(path for path in out.split("\0") if path)

    def text(self, revision: str, path: str) -> str | None:
        """A file of the project as it was at a revision; None where there was none."""
        try:
            return _git(self.folder, "show", "--end-of-options", f"{revision}:./{path}")
        except GitError:
            return None

    def export(self, revision: str) -> dict[str, bytes]:
        """The project's regular files at `revision` by path."""
        data = _run(self.folder, "archive", "--format=tar", revision).stdout
        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                files = [
                    (member.name, archive.extractfile(member))
                    for member in archive
                    if member.isreg()
                ]
                return {name: file.read() for name, file in files if file}
        except tarfile.TarError as error:
            raise GitError(f"{revision} cannot be read: {error}") from error

    def side(self, stage: int, path: str) -> str | None:
        """One side of a merge that stopped: 2 is ours, 3 theirs. `path` is relative to the project."""
        try:
            return _git(self.folder, "show", f":{stage}:./{path}")
        except GitError:
            return None

    def unmerged(self, folder: str) -> tuple[str, ...]:
        """Paths below `folder`, relative to the project, on which a merge stopped."""
        out = _git(
            self.folder, "diff", "--name-only", "--diff-filter=U", "--relative", "-z", "--", folder
        )
        return tuple(path for path in out.split("\0") if path)

    def commit(self, files: Mapping[str, bytes], message: str, on: Commit) -> str:
        """Makes, but does not show, a commit after `on` that differs from it in `files` (by path in the project); returns its
        name. Index, working tree and branches are as before."""
        with tempfile.TemporaryDirectory(prefix="deckwright-") as scratch:
            env = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
            _git(self.folder, "read-tree", on.sha, env=env)
            for path, data in files.items():
                blob = _git(self.folder, "hash-object", "-w", "--stdin", data=data).strip()
                _git(
                    self.folder,
                    "update-index",
                    "--add",
                    "--cacheinfo",
                    f"100644,{blob},{self.prefix}{path}",
                    env=env,
                )
            tree = _git(self.folder, "write-tree", env=env).strip()
        return _git(self.folder, "commit-tree", tree, "-p", on.sha, data=message.encode()).strip()

    def tag_object(self, name: str, commit: str, message: str) -> str:
        """Makes, but does not show, an annotated tag of `commit`; returns its name."""
        tagger = _git(self.folder, "var", "GIT_COMMITTER_IDENT").strip()
        text = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message}\n"
        return _git(self.folder, "mktag", data=text.encode()).strip()

    def move(self, branch: str, before: str, after: str, tag: str, tag_object: str) -> None:
        """Moves the branch and shows the tag, both in one step or neither; not if somebody has moved the branch."""
        lines = [
            "start",
            f"update {branch} {after} {before}",
            f"create refs/tags/{tag} {tag_object}",
            "prepare",
            "commit",
            "",
        ]
        _git(
            self.folder,
            "update-ref",
            "--stdin",
            "-m",
            f"release {tag}",
            data="\n".join(lines).encode(),
        )

    def move_back(self, branch: str, before: str, after: str, tag: str, tag_object: str) -> None:
        """Undoes `move`."""
        lines = [
            "start",
            f"update {branch} {before} {after}",
            f"delete refs/tags/{tag} {tag_object}",
            "prepare",
            "commit",
            "",
        ]
        _git(
            self.folder,
            "update-ref",
            "--stdin",
            "-m",
            f"release {tag} undone",
            data="\n".join(lines).encode(),
        )

    def follow(self, before: str, after: str) -> None:
        """Brings index and working tree from one commit to another; files that are the same in both stay untouched."""
        top = _git(self.folder, "rev-parse", "--show-toplevel").rstrip("\n")
        _git(Path(top), "read-tree", "-m", "-u", before, after)


def repository(folder: Path) -> Repository:
    """The repository that `folder` lies in; GitError where there is none, or no git."""
    return Repository(folder, _git(folder, "rev-parse", "--show-prefix").rstrip("\n"))


def _git(
    folder: Path, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None
) -> str:
    return _run(folder, *arguments, data=data, env=env).stdout.decode("utf-8", "surrogateescape")


def _run(
    folder: Path, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", **(env or {})}
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=folder,
            input=data,
            env=environment,
            capture_output=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(
            said[0].removeprefix("fatal: ") if said else f"git {arguments[0]} failed"
        ) from error
