"""What tests of releases share: a project in a git repository of its own, and a clock they
can move.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

POLLY = "cards/4.2-services/polly.md"
BOOK = "decks/ledger/mini.tsv"


@pytest.fixture
def own_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git as on a machine without settings, with a name for commits."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Test")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "test@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def commit(folder: Path, message: str = "Cards") -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


@pytest.fixture
def project(mini: Path, own_git: None) -> Path:
    """The mini project in a repository of its own, committed."""
    (mini / ".gitignore").write_text("dist/\n")
    git(mini, "init", "-q", "-b", "main")
    commit(mini)
    return mini


class Clock:
    """Stands in for the module `time` in the command line: the releases of a test are an hour apart."""  # noqa: E501

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def time(self) -> float:
        return self.seconds

    def perf_counter(self) -> float:
        return 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from deckwright.cli import context

    clock = Clock(int(time.time()) + 60)
    monkeypatch.setattr(context, "time", clock)
    return clock


def edit(project: Path, old: str, new: str, path: str = POLLY) -> None:
    file = project / path
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
