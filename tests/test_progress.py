"""What a terminal shows of a long run, and what Ctrl-C leaves behind: at a real pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bench import make
from conftest import REPO

SECONDS = 120
WIPED = "\r\x1b[K"
LONG = 4000  # cards: some seconds


@contextlib.contextmanager
def terminal(folder: Path, *arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """build.py with standard output in a pipe and the rest at a pseudo-terminal, as its session's foreground, so that ^C reaches it."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", START, str(REPO / "build.py"), "--root", str(folder), *arguments]
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        os.close(ours)


START = """
import fcntl, runpy, sys, termios
fcntl.ioctl(2, termios.TIOCSCTTY, 0)
fcntl.ioctl(2, termios.TIOCSWINSZ, b"\\x18\\x00\\x64\\x00" + bytes(4))
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def read(screen: int, until: Callable[[str], object] = lambda _: False) -> str:
    """What the terminal was sent, up to the end or until `until` says so."""
    seen, end = b"", time.monotonic() + SECONDS
    while not until(seen.decode("utf-8", "replace")):
        assert time.monotonic() < end, seen[-2000:]
        if select.select([screen], [], [], 0.1)[0]:
            try:
                data = os.read(screen, 65536)
            except OSError:  # Linux: nobody has the other end any more
                break
            if not data:
                break
            seen += data
    return seen.decode("utf-8", "replace")


def left(sent: str) -> list[str]:
    """The lines that stand on a terminal in the end."""
    lines = []
    for line in sent.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part.removesuffix("\x1b[K") if "\x1b[K" in part else part + shown[len(part) :]
            shown = part.split("\x1b[K")[-1] if part.startswith("\x1b[K") else shown
        lines.append(shown)
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that takes some seconds."""
    folder = tmp_path_factory.mktemp("long") / "p"
    make(folder, LONG)
    return folder


def test_a_long_run_shows_its_stages_with_counts_and_takes_them_away(long: Path) -> None:
    with terminal(long, "check") as (process, screen):
        sent = read(screen)
        out, _ = process.communicate()
    assert re.search(r"\r\[#+-*\] checking cards: [\d,]+ of 4,000\x1b\[K", sent)
    assert left(sent) == ["4,000 cards in 160 files: nothing to complain about"]
    assert out == b""


def test_complaints_stand_alone(long: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(long, tmp_path / "p")
    file = next((folder / "cards").rglob("part-*.md"))
    file.write_text(file.read_text("utf-8").replace("kind: concept", "kind: concpet", 1), "utf-8")
    with terminal(folder, "decks", "--format", "github") as (process, screen):
        sent = read(screen)
        out, _ = process.communicate()
    assert "checking cards" in sent
    assert out.startswith(b"::error file=")
    assert b"\x1b" not in out
    assert b"\r" not in out
    assert left(sent) == ["1 error; nothing was built"]


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": ""}], ids=["dumb", "unknown"])
def test_a_terminal_that_cannot_take_back_a_line_gets_none(long: Path, environment: dict[str, str]) -> None:
    with terminal(long, "check", **environment) as (_, screen):
        assert read(screen) == "4,000 cards in 160 files: nothing to complain about\r\n"


def test_no_colour_is_ever_used(long: Path) -> None:
    with terminal(long, "check", NO_COLOR="1") as (_, screen):
        sent = read(screen)
    assert "checking cards" in sent
    assert set(re.findall(r"\x1b\[[^A-Za-z]*[A-Za-z]", sent)) == {"\x1b[K"}


def test_no_terminal_no_bar(long: Path) -> None:
    done = subprocess.run([sys.executable, str(REPO / "build.py"), "--root", str(long), "check"], capture_output=True, text=True)
    assert done.stderr == "4,000 cards in 160 files: nothing to complain about\n"
    assert done.stdout == ""


def test_a_short_run_shows_nothing(mini: Path) -> None:
    with terminal(mini, "coverage") as (_, screen):
        assert read(screen) == ""


def test_ctrl_c_leaves_one_line_and_no_file(long: Path, tmp_path: Path) -> None:
    """Wherever it comes: while cards are read, while packages are written."""
    before = sorted(path.name for path in tmp_path.iterdir())
    for stage in ("checking cards: ", "rendering cards: "):
        with terminal(long, "decks", "--out", str(tmp_path / "dist")) as (process, screen):
            sent = read(screen, lambda text, stage=stage: stage in text)  # type: ignore[misc]
            os.write(screen, b"\x03")
            sent += read(screen)
            assert process.wait(timeout=SECONDS) == 130
        assert left(sent) == ["stopped"]
        assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_ctrl_c_before_anything_is_shown(long: Path) -> None:
    for stage in ("", "dumb"):
        with terminal(long, "check", **({"TERM": stage} if stage else {})) as (process, screen):
            while not children_run(process.pid):
                time.sleep(0.01)
            os.write(screen, b"\x03")
            sent = read(screen)
            assert process.wait(timeout=SECONDS) == 130
        assert left(sent)[-1] == "stopped"
        assert "Traceback" not in sent


def children_run(pid: int) -> bool:
    """Whether the process has got as far as the compiler."""
    try:
        return "markdown_it" in Path(f"/proc/{pid}/maps").read_text() or (os.times().elapsed > 0 and _read_a_card(pid))
    except OSError:
        return True


def _read_a_card(pid: int) -> bool:
    return bool(Path(f"/proc/{pid}/io").read_text().split("rchar: ")[1].split()[0] > "3000000")
