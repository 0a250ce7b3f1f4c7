"""What tests of authors' commands share: views of a project, and a command in a terminal."""

from __future__ import annotations

import codecs
import os
import pty
import select
import signal
import sys
import time
from datetime import date
from pathlib import Path

from conftest import FULL, REPO, clock_of
from hypothesis import HealthCheck, settings

from deckwright import pipeline
from deckwright.cards.parse import parse
from deckwright.core.note import Note
from deckwright.core.source import Source

CHOOSING = "cards/services/polly/choosing.md"


VOICES = ("new", "--topic", "voices", "--service", "polly")


RANDOM = settings(
    max_examples=400 if FULL else 25,
    deadline=None,
    derandomize=not FULL,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def digest(folder: Path) -> dict[str, bytes]:
    """Every file and every folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def notes(folder: Path) -> dict[str, Note]:
    """What the cards compile to, by id; all of them, though other cards may have warnings."""
    checked = pipeline.check(folder, date(2026, 11, 1))
    assert not [d.message for d in checked.diagnostics if d.severity == "error"]
    return {note.id: note for note in pipeline.notes_of(checked.value).notes}


def order(folder: Path, path: str) -> list[str]:
    """The ids of a file's cards as they stand there."""
    return [raw.id.value for raw in parse(Source(path, (folder / path).read_text("utf-8"))).value]


class Terminal:
    """The command line behind a pseudo-terminal: answers are typed when what they answer
    has been asked.
    """

    def __init__(self, folder: Path, *arguments: str, editor: str = "", kind: str = "dumb") -> None:
        self.shown = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.mark = 0
        self.deadline = time.monotonic() + 120
        own = {"VISUAL": "", "EDITOR": editor, "TERM": kind, **clock_of(folder)}
        environment = {**os.environ, **own}
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.chdir(folder)
            os.execve(
                sys.executable, [sys.executable, str(REPO / "build.py"), *arguments], environment
            )

    def answer(self, asked: str, text: str) -> None:
        while asked not in self.shown[self.mark :]:
            assert self._read(), f"{asked!r} was never shown:\n{self.shown}"
        self.mark = self.shown.index(asked, self.mark) + len(asked)
        os.write(self.fd, text.encode())

    def _read(self) -> bool:
        """Reads on; whether there may be more."""
        if time.monotonic() > self.deadline:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"it waits for something:\n{self.shown}")
        if not select.select([self.fd], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # so Linux says that the other side is closed
            return False
        self.shown += self.decoder.decode(data).replace("\r\n", "\n")
        return bool(data)

    def end(self) -> int:
        """The exit code."""
        while self._read():
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def program(path: Path, text: str) -> str:
    """A script of the shell; gives its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return str(path)
