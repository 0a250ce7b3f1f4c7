"""Somebody's editor, opened at a line. It has the terminal until it ends."""

from __future__ import annotations

import shlex
import signal
import subprocess
from pathlib import Path, PurePath

# How editors take a line, by the name of the program.
_PLUS = {
    "vi",
    "vim",
    "nvim",
    "view",
    "gvim",
    "nano",
    "pico",
    "emacs",
    "emacsclient",
    "mg",
    "joe",
    "micro",
    "kak",
    "gedit",
}  # +N file
_GOTO = {"code", "code-insiders", "codium", "cursor"}  # -g file:N
_COLON = {"subl", "hx", "helix", "zed", "zeditor"}  # file:N
_WAITING = _GOTO | {"subl", "zed", "zeditor"}  # these return at once unless they are told to wait


def command(editor: str, path: Path, line: int) -> list[str]:
    """The program and its arguments. `editor` is what $VISUAL or $EDITOR says: a program, perhaps with arguments. ValueError where its
    quotes do not close."""
    words = shlex.split(editor)
    name = PurePath(words[0]).name.removesuffix(".exe") if words else ""
    if name in _WAITING and not {"-w", "--wait"} & set(words):
        words.append("--wait")
    if name in _PLUS:
        return [*words, f"+{line}", str(path)]
    if name in _GOTO:
        return [*words, "-g", f"{path}:{line}"]
    if name in _COLON:
        return [*words, f"{path}:{line}"]
    return [*words, str(path)]


def edit(editor: str, path: Path, line: int) -> int:
    """Opens the file and waits; the exit code of the editor. OSError where it cannot be run, ValueError as `command`.

    What is typed meanwhile is the editor's, Ctrl-C and Ctrl-\\ too: we wait on, or it would lose its terminal and somebody's text.
    """
    # Caught, not ignored: a program that is started takes over what is ignored, and gets back what is caught.
    before = {
        number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)
    }
    try:
        return subprocess.Popen(command(editor, path, line)).wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
