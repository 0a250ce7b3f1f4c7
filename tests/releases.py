"""What tests of releases share: a project in its own git repository, and the clock of commands,
which they can move.
"""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import run

LEDGER = "decks/ledger/mini.tsv"


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
    """The clock of commands. `seconds`, since 1970, can be set."""

    def __init__(self, environment: pytest.MonkeyPatch) -> None:
        self._environment = environment

    @property
    def seconds(self) -> int:
        return int(os.environ["DECKWRIGHT_NOW"])

    @seconds.setter
    def seconds(self, seconds: int) -> None:
        self._environment.setenv("DECKWRIGHT_NOW", str(seconds))

    def at(self, day: str) -> None:
        """Set the clock to noon UTC of a day, as in `2028-02-29`."""
        noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        self.seconds = int(noon.timestamp())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of commands, which a test can move."""
    return Clock(monkeypatch)


def retire(project: Path, card_id: str, *options: str, reason: str = "Obsolete.") -> None:
    """Retires a card as a maintainer does: its entry, and then its text."""
    done = run(project, "retire", card_id, "--reason", reason, *options)
    assert done.code == 0, done.err
    path = done.err.rpartition(" ")[2].rpartition(":")[0]
    text = (project / path).read_text("utf-8")
    text = re.sub(rf"(?s)\n## {card_id}\n.*?(?=\n## |\Z)", "", text)
    (project / path).write_text(text, "utf-8")
    if "\n## " not in text:
        (project / path).unlink()
