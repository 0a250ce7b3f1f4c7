"""Open the user's editor at a line, and report what is wrong afterwards."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

import click

from deckwright.cards.parse import parse
from deckwright.cli.context import Session
from deckwright.cli.prompts import on_a_terminal
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.report import found, printable
from deckwright.core.source import Source
from deckwright.core.wording import reason

# How editors take a line number, by the name of the program.
_PLUS = {
    "vi", "vim", "nvim", "view", "gvim", "nano", "pico", "emacs", "emacsclient", "mg", "joe",
    "micro", "kak", "gedit",
}  # +N file  # fmt: skip
_GOTO = {"code", "code-insiders", "codium", "cursor"}  # -g file:N
_COLON = {"subl", "hx", "helix", "zed", "zeditor"}  # file:N
_WAITING = _GOTO | {"subl", "zed", "zeditor"}  # these return at once without --wait


@dataclass(frozen=True, slots=True)
class EditResult:
    """The problems in a file after it was edited.

    `gone` are the ids that are no longer in it. The cards are `lost` if no other card
    took their place.
    """

    diagnostics: tuple[Diagnostic, ...]
    gone: tuple[str, ...] = ()
    lost: bool = False


def edit_cards(
    session: Session, path: str, line: int, ids: Iterable[str], others: Iterable[str]
) -> None:
    """Open a file of the project in the user's editor, then check its cards `ids`.

    `others` are the other cards of the file. Does nothing without a terminal. Otherwise
    exits: with 1 if there are errors or one of the cards is lost, else with 0.
    """
    program = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if not on_a_terminal() or not sys.stdout.isatty():
        return
    if not program.strip():
        session.say("to open the card in an editor, set $VISUAL or $EDITOR")
        return
    if code := _edited(program, Path(os.path.normpath(session.root / path)), line):
        session.say(f"the editor exited with code {code}")
    checked = session.check()
    result = EditResult(checked.diagnostics)
    for value in checked.values:
        result = about(checked.diagnostics, value.files.sources, path, ids, others)
    session.report(result.diagnostics)
    for name in result.gone:
        heading = f"; its heading was `## {name}`" * result.lost
        session.say(f"{name} is no longer in {printable(path)}{heading}")
    if result.diagnostics or not result.lost:
        session.say(found(result.diagnostics))
    sys.exit(1 if result.lost or has_errors(result.diagnostics) else 0)


def _edited(program: str, path: Path, line: int) -> int:
    """The exit code of the editor. Raises UsageError if it cannot be run."""
    try:
        return edit(program, path, line)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error).lower()
        message = f"`{printable(program)}` cannot be run: {why}"
        help_line = "the card was written; to open it, correct $VISUAL or $EDITOR"
        raise click.UsageError(f"{message}\n  help: {help_line}") from error


def about(
    diagnostics: Iterable[Diagnostic],
    sources: Iterable[Source],
    path: str,
    ids: Iterable[str],
    others: Iterable[str],
) -> EditResult:
    """What there is to say about the cards `ids` of a file.

    Its `others` are left out, unless one of `ids` is no longer there: then its text may
    belong to them now.
    """
    source = next((s for s in sources if s.path == path), Source(path, ""))
    ids, others = tuple(ids), frozenset(others)
    cards = parse(source).values
    known = {raw.id.value for raw in cards}
    gone = tuple(name for name in ids if name not in known)
    skipped = [] if gone else [raw.span for raw in cards if raw.id.value in others]
    here = tuple(
        d
        for d in diagnostics
        if d.span.path == path and not any(s.start <= d.span.start < s.end for s in skipped)
    )
    own = sum(raw.id.value not in others for raw in cards)
    return EditResult(here, gone, bool(gone) and own < len(ids))


def command(editor: str, path: Path, line: int) -> list[str]:
    """The editor's program and its arguments.

    `editor` is the value of $VISUAL or $EDITOR: a program, perhaps with arguments.
    Raises ValueError if its quotes are not closed.
    """
    words = shlex.split(editor)
    if os.name == "nt":  # a backslash is part of a path there
        words = [word.strip("\"'") for word in shlex.split(editor, posix=False)]
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
    """Open the file in the editor and wait; returns the editor's exit code.

    Raises OSError if the editor cannot be run, and ValueError as `command` does. Ctrl-C
    and Ctrl-\\ are for the editor: if we ended on them, it would lose its terminal and
    the user's text.
    """
    # Caught, not ignored: a new program inherits ignored signals, but not caught ones.
    known = (getattr(signal, name, None) for name in ("SIGINT", "SIGQUIT"))  # no SIGQUIT on Windows
    before = {number: signal.signal(number, lambda *_: None) for number in known if number}
    try:
        return subprocess.Popen(command(editor, path, line)).wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
