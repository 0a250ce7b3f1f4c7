"""What a release attaches: the files of the build under names without folders, their
checksums, and a text that a code host shows as it is meant.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPO, edit, run
from releases import Clock, commit, git

SCRIPT = REPO / ".ci" / "attachments.py"
UNRELEASED = """\
# Changelog

## Unreleased

Cards on speech, see
[the guide](docs/updating.md#drafts) and [Polly](https://docs.example.com/polly).

- One item that
  goes on.
- Another.
"""


@pytest.fixture
def released(project: Path, clock: Clock) -> Path:
    """The mini project right after its release 1.0.0."""
    (project / "CHANGELOG.md").write_text(UNRELEASED, "utf-8")
    (project / ".gitignore").write_text("dist/\nbuild/\nsecond/\n")
    commit(project)
    assert run(project, "release", "1.0.0").code == 0
    return project


def attach(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_every_file_of_the_build_is_attached(released: Path) -> None:
    done = attach(released, "v1.0.0")
    assert (done.returncode, done.stderr) == (0, "")
    dist, out = released / "dist", released / "build" / "release" / "files"
    built = {p.relative_to(dist).as_posix(): p for p in dist.rglob("*") if p.is_file()}
    del built["SHA256SUMS"]
    files = {p.name: p for p in out.iterdir()}
    sums = files.pop("SHA256SUMS").read_text("utf-8")
    assert {path.rpartition("/")[2]: p.read_bytes() for path, p in built.items()} == {
        name: p.read_bytes() for name, p in files.items()
    }
    assert dict(line.split("  ")[::-1] for line in sums.splitlines()) == {
        name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in files.items()
    }


def test_the_text_is_the_section_of_the_changelog(released: Path) -> None:
    attach(released, "v1.0.0")
    text = (released / "build" / "release" / "notes.md").read_text("utf-8")
    assert text == (
        "Cards on speech, see the guide and [Polly](https://docs.example.com/polly).\n\n"
        "- One item that goes on.\n- Another.\n\n- Cards: 9 new, 0 changed, 0 retired.\n"
    )


def test_links_into_the_repository_work_once_it_has_an_address(released: Path) -> None:
    settings = released / "decks" / "project.toml"
    text = settings.read_text("utf-8")
    settings.write_text('repository = "https://code.example/you/deck"\n' + text, "utf-8")
    attach(released, "v1.0.0")
    text = (released / "build" / "release" / "notes.md").read_text("utf-8")
    assert "(https://code.example/you/deck/blob/v1.0.0/docs/updating.md#drafts)" in text


def test_two_builds_must_be_the_same(released: Path) -> None:
    git(released, "clone", "-q", ".", "second")
    assert run(released / "second", "decks").code == 0
    assert attach(released, "v1.0.0", "--second", "second/dist").returncode == 0
    other = released / "second" / "dist"
    data = (other / "all.basic.txt").read_bytes() + b"\n"
    (other / "all.basic.txt").write_bytes(data)
    (other / "part" / "reliability.apkg").unlink()
    line = f"{hashlib.sha256(data).hexdigest()}  all.basic.txt"
    sums = (other / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = [line if "all.basic.txt" in s else s for s in sums]
    for rows, named in (
        (sums, "SHA256SUMS"),
        (
            [s for s in sums if "  part/reliability.apkg" not in s],
            " all.basic.txt, part/reliability.apkg\n",
        ),
    ):
        (other / "SHA256SUMS").write_text("\n".join(rows) + "\n", "utf-8")
        done = attach(released, "v1.0.0", "--second", "second/dist")
        assert (done.returncode, named in done.stderr) == (1, True)


def test_only_a_release_is_attached(released: Path) -> None:
    for tag in ("v1.0.1", "v1.0", "1.0.0", ""):
        done = attach(released, "--", tag)
        assert done.returncode == 1
        assert "CHANGELOG.md" in done.stderr
    shutil.rmtree(released / "dist")
    assert "make decks" in attach(released, "v1.0.0").stderr
    edit(released, "\nSpeech.\n", "\nSpoken words.\n")
    assert run(released, "decks").code == 0
    done = attach(released, "v1.0.0")
    assert done.returncode == 1
    assert "draft" in done.stderr
    assert not (released / "build").exists()
