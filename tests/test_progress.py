"""What a terminal shows of a long run, and what Ctrl-C leaves behind: at a real pseudo-terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from authoring import Terminal
from conftest import REPO, run_process
from foreign_decks import tree

from deckwright.cli import progress_bar
from deckwright.cli.progress_bar import Bar, line
from deckwright.core import files

BUILD = str(REPO / "build.py")


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


def test_a_long_run_shows_its_stages_and_takes_them_away() -> None:
    """In the end the terminal shows what goes into pipes, and nothing else."""
    piped = run_process(REPO, "--no-cache", "check", "--all", "--similar")
    assert re.match(r"[\d,]+ cards in \d+ files: ", piped.stderr)
    assert "\x1b" not in piped.stdout + piped.stderr
    terminal = Terminal(REPO, "--no-cache", "check", "--all", "--similar", kind="xterm")
    assert terminal.end() == piped.returncode
    assert re.search(r"\r\[#*-*\] checking cards: \d+ of \d+\x1b\[K", terminal.shown)
    assert left(terminal.shown) == [
        text for text in (piped.stdout + piped.stderr).split("\n") if text
    ]
    codes = set(re.findall(r"\x1b\[[^A-Za-z]*[A-Za-z]", terminal.shown))
    assert codes == {"\x1b[K"}  # no color is used


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


def test_ctrl_c_leaves_one_line_and_no_file(tmp_path: Path) -> None:
    """Wherever it comes: while cards are checked, while notes are made of them."""
    for stage in ("checking cards: ", "making notes: "):
        out = str(tmp_path / "dist")
        terminal = Terminal(REPO, "--no-cache", "decks", "--out", out, kind="xterm")
        terminal.answer(stage, "\x03")
        assert terminal.end() == 130
        assert left(terminal.shown) == ["stopped"]
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
    command = [sys.executable, "-c", hook, BUILD, "--root", str(mini), "decks"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stopped\n")
    assert sorted(mini.iterdir()) == before


@pytest.mark.parametrize(
    ("owner", "name", "calls"), [(os, "replace", 1), (os, "replace", 2), (Path, "unlink", 1)]
)
def test_ctrl_c_right_after_a_file_was_replaced_or_deleted_puts_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, calls: int
) -> None:
    for path in ("old.md", "gone.md"):
        (tmp_path / path).write_text(path, "utf-8")
    before, call = tree(tmp_path), getattr(owner, name)
    left = calls

    def interrupted(*given: str | Path, **options: bool) -> None:
        nonlocal left
        call(*given, **options)
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(owner, name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.replace_files(tmp_path, {"deep/new.md": "card\n", "old.md": ""}, ["gone.md"])
    assert tree(tmp_path) == before
    assert not (tmp_path / "deep").exists()


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
