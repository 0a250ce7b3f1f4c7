"""Copies of a project without all of its history: what they can do, and what they say about
the rest.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import edit, run
from releases import Clock, commit, git
from reproduce import digests


def no_tags(project: Path, copy: Path) -> None:
    git(copy.parent, "clone", "-q", "--no-tags", project.as_uri(), copy.name)


def shallow(project: Path, copy: Path) -> None:
    git(copy.parent, "clone", "-q", "--depth", "1", project.as_uri(), copy.name)


def archive(project: Path, copy: Path) -> None:
    """What a code host offers for download."""
    git(project, "archive", "--prefix=copy/", "-o", f"{copy.parent}/copy.zip", "HEAD")
    shutil.unpack_archive(copy.parent / "copy.zip", copy.parent)


Copy = Callable[[Path, Path], None]
FETCH, UNSHALLOW = "git fetch --tags", "git fetch --tags --unshallow"


@pytest.fixture
def released(project: Path, clock: Clock) -> Path:
    """A project with two releases and a change after them."""
    clock.seconds += 3600
    assert run(project, "release", "1.0.0").code == 0
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    commit(project)
    clock.seconds += 3600
    assert run(project, "release", "1.0.1", "--mass").code == 0
    edit(project, "\nSpoken words.\n", "\nA voice.\n")
    commit(project)
    return project


@pytest.mark.parametrize("kind", [no_tags, shallow, archive])
def test_a_copy_checks_builds_and_previews(kind: Copy, released: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    kind(released, copy)
    for command in ("check", "coverage", "stale", "find speech", "decks", "preview", "fmt --check"):
        here, there = run(copy, *command.split()), run(released, *command.split())
        assert (here.code, here.out) == (there.code, there.out), command
    assert digests(copy / "dist") == digests(released / "dist")
    assert (copy / "dist/site/index.html").exists()


@pytest.mark.parametrize(
    ("kind", "names"), [(no_tags, FETCH), (shallow, UNSHALLOW), (archive, "git init")]
)
def test_a_copy_says_why_it_cannot_release(
    kind: Copy, names: str, released: Path, tmp_path: Path, clock: Clock
) -> None:
    copy = tmp_path / "copy"
    kind(released, copy)
    before = digests(copy)
    clock.seconds += 3600
    done = run(copy, "release", "1.0.2", "--mass")
    assert (done.code, names in done.err) == (2, True)
    assert digests(copy) == before
    if kind is not archive:
        subprocess.run(names.split(), cwd=copy, check=True, capture_output=True)
        assert run(copy, "release", "1.0.2", "--mass", "--dry-run").code == 0


def test_without_git(
    released: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(released, "check").code == 0
    assert run(released, "decks").code == 0
    done = run(released, "release", "1.0.2")
    assert (done.code, "install git" in done.err) == (2, True)


def test_an_archive_in_another_repository(released: Path, tmp_path: Path, clock: Clock) -> None:
    """Git finds the repository around it, which must not get a release by mistake."""
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q", "-b", "main")
    (outer / "notes.txt").write_text("x")
    commit(outer)
    archive(released, outer / "copy")
    (outer / "copy.zip").unlink()
    clock.seconds += 3600
    done = run(outer / "copy", "release", "1.0.2", "--mass")
    assert (done.code, ": copy/" in done.err) == (2, True)
    commit(outer)
    done = run(outer / "copy", "release", "1.0.2", "--mass")
    assert (done.code, FETCH in done.err) == (2, True)
    assert git(outer, "tag") == ""
