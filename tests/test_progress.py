"""What a terminal shows of a long run, and what Ctrl-C leaves behind: at a real pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from bench import make
from conftest import REPO, run

from deckwright.cli import progress_bar
from deckwright.cli.main import main
from deckwright.cli.progress_bar import Bar, line
from deckwright.core import files
from deckwright.core.progress import SILENT

SECONDS = 60
LONG = 8000  # cards: some seconds


@contextlib.contextmanager
def terminal(
    folder: Path, *arguments: str, all_there: bool = False, **environment: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """build.py at a pseudo-terminal, standard output only where `all_there` says so, as
    its session's foreground, so that ^C reaches it.
    """
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-c",
        START,
        str(REPO / "build.py"),
        "--root",
        str(folder),
        *arguments,
    ]
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs if all_there else subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", **environment},
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
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
    """The lines that stand on the terminal in the end."""
    lines, at = [""], 0
    for sign in re.findall(r"\x1b\[K|.", sent, re.DOTALL):
        if sign == "\r":
            at = 0
        elif sign == "\n":
            lines.append("")
            at = 0
        elif sign == "\x1b[K":
            lines[-1] = lines[-1][:at]
        else:
            lines[-1] = lines[-1][:at] + sign + lines[-1][at + 1 :]
            at += 1
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that takes some seconds."""
    folder = tmp_path_factory.mktemp("long") / "p"
    make(folder, LONG)
    return folder


def test_a_long_run_shows_its_stages_and_takes_them_away(long: Path) -> None:
    """In the end the terminal shows what goes into pipes, and nothing else."""
    command = [
        sys.executable,
        str(REPO / "build.py"),
        "--root",
        str(long),
        "--no-cache",
        "check",
        "--all",
    ]
    piped = subprocess.run(command, capture_output=True, text=True)
    assert piped.stderr.startswith("8,000 cards in 160 files: ")
    assert "\x1b" not in piped.stdout + piped.stderr
    with terminal(long, "--no-cache", "check", "--all", all_there=True) as (_, screen):
        sent = read(screen)
    assert re.search(r"\r\[#*-*\] checking cards: \d+ of 160\x1b\[K", sent)
    assert left(sent) == [text for text in (piped.stdout + piped.stderr).split("\n") if text]
    assert set(re.findall(r"\x1b\[[^A-Za-z]*[A-Za-z]", sent)) == {"\x1b[K"}  # no color is used


@pytest.mark.parametrize(
    ("kind", "is_terminal", "shown"),
    [("xterm", True, True), ("xterm", False, False), ("dumb", True, False), ("", True, False)],
)
def test_only_a_terminal_that_can_erase_a_line_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, kind: str, is_terminal: bool, shown: bool
) -> None:
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    assert isinstance(progress_bar.terminal_bar(), Bar) == shown


def test_ctrl_c_leaves_one_line_and_no_file(long: Path, tmp_path: Path) -> None:
    """Wherever it comes: while cards are checked, while they are rendered."""
    for stage in ("checking cards: ", "rendering cards: "):
        with terminal(long, "--no-cache", "decks", "--out", str(tmp_path / "dist")) as (
            process,
            screen,
        ):
            sent = read(screen, lambda text, stage=stage: stage in text)  # type: ignore[misc]
            os.write(screen, b"\x03")
            sent += read(screen)
            assert process.wait(timeout=SECONDS) == 130
        assert left(sent) == ["stopped"]
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("import", "click"),
        ("import", "deckwright.core.report"),
        ("import", "deckwright.pipeline"),
        ("import", "genanki"),
        ("open", "polly.md"),
        ("open", ".apkg"),
    ],
)
def test_ctrl_c_is_no_traceback_while_modules_are_loaded_or_files_written(
    mini: Path, event: str, name: str
) -> None:
    hook = f"""
import runpy, signal, sys
def stop(event, given):
    if event == {event!r} and str(given[0]).endswith({name!r}):
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(stop)
sys.argv = sys.argv[1:]
sys.path.insert(0, {str(REPO)!r})
runpy.run_path(sys.argv[0], run_name="__main__")
"""
    before = sorted(mini.iterdir())
    command = [sys.executable, "-c", hook, str(REPO / "build.py"), "--root", str(mini), "decks"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stopped\n")
    assert sorted(mini.iterdir()) == before


NEEDED = {
    "completion": ("bash",),
    "evidence": ("x",),
    "find": ("x",),
    "fork": ("x",),
    "import": ("x",),
    "init": ("x",),
    "release": ("1.0.0",),
    "retire": ("x", "--reason", "x."),
}


@pytest.mark.parametrize("name", sorted(main.commands))
def test_ctrl_c_ends_every_command_with_130_and_one_line(
    mini: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    command = main.get_command(click.Context(main), name)
    monkeypatch.setattr(command, "callback", interrupted)
    result = run(mini, name, *NEEDED.get(name, ()))
    assert (result.code, result.out, result.err) == (130, "", "stopped\n")


@pytest.mark.parametrize("done", [1, 2])
def test_ctrl_c_right_after_a_file_was_replaced_puts_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    (tmp_path / "old.md").write_text("card\n", "utf-8")
    replace, calls = os.replace, 0

    def interrupted(*given: str | Path) -> None:
        nonlocal calls
        replace(*given)
        calls += 1
        if calls == done:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.replace_files(tmp_path, {"deep/new.md": "card\n", "old.md": ""})
    assert {
        path.relative_to(tmp_path).as_posix(): path.read_text("utf-8")
        for path in tmp_path.rglob("*")
        if path.is_file()
    } == {"old.md": "card\n"}
    assert not (tmp_path / "deep").exists()


def test_ctrl_c_right_after_a_file_was_deleted_puts_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.md").write_text("card\n", "utf-8")
    unlink = Path.unlink

    def interrupted(path: Path, **given: bool) -> None:
        unlink(path, **given)
        if path.name == "old.md":
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.replace_files(tmp_path, {"new.md": "card\n"}, ["old.md"])
    assert [path.name for path in tmp_path.iterdir()] == ["old.md"]


def test_a_stage_fits_its_line() -> None:
    assert line("packing", 7, 14, 80) == "[############------------] packing: 7 of 14"
    assert line("packing", 7, 14, 20) == "packing: 7 of 14"
    assert line("packing", 7, 14, 5) == "packi"
    assert line("packing", 0, 0, 80) == "packing ..."


def test_a_bar_waits_a_second_and_wipes_what_a_broken_stage_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 50.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    written: list[str] = []
    bar = Bar(written.append, lambda: 80)
    stage = iter(bar.over("counting", [1, 2, 3]))
    next(stage)
    now += progress_bar.DELAY - 0.1
    next(stage)
    assert written == []
    now += 0.1
    next(stage)
    assert "counting: 2 of 3" in written[-1]
    del stage  # nobody asks for the rest
    assert written[-1] == progress_bar.WIPE


def test_who_does_not_watch_gets_what_was_given() -> None:
    items = [1, 2]
    assert SILENT.over("anything", items) is items
