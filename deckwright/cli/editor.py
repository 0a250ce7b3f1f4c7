"""Open the user's editor at a line, and report what is wrong with the file afterwards."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import PurePath

import click

from deckwright.cli.context import Session
from deckwright.core import report
from deckwright.core.diagnostics import has_errors
from deckwright.core.wording import reason

# How editors take a line number, by the name of the program. Other editors get only the file.
_AT_LINE = {
    **dict.fromkeys(("vi", "vim", "nvim", "nano", "emacs", "emacsclient"), ("+{line}", "{path}")),
    **dict.fromkeys(("code", "codium"), ("--wait", "--goto", "{path}:{line}")),
    **dict.fromkeys(("subl", "zed"), ("--wait", "{path}:{line}")),
    "hx": ("{path}:{line}",),
}


def edit(session: Session, path: str, line: int) -> None:
    """Open a file of the project in $VISUAL or $EDITOR, wait, and check the file.

    Does nothing without a terminal. Otherwise exits: with 1 if the file has errors, else with 0.
    Raises UsageError if the editor cannot be run.
    """
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if not editor.strip():
        session.say("to open the card in an editor, set $VISUAL or $EDITOR")
        return
    # Ctrl-C is for the editor. A new program inherits ignored signals, but not caught ones.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        program, *rest = command(editor, os.path.normpath(session.root / path), line)
        program = shutil.which(program) or program  # Windows runs code.cmd only by its full name
        subprocess.run([program, *rest], check=False)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error).lower()
        message = f"`{report.printable(editor)}` can't be run: {why}"
        help_line = "the card was written; to open it, correct $VISUAL or $EDITOR"
        raise click.UsageError(f"{message}\n  help: {help_line}") from error
    finally:
        signal.signal(signal.SIGINT, before)
    problems = tuple(d for d in session.check().diagnostics if d.span.path == path)
    session.report(problems)
    session.say(report.problems(problems))
    sys.exit(1 if has_errors(problems) else 0)


def command(editor: str, path: str, line: int) -> list[str]:
    """The program and its arguments. `editor` may have arguments, and quotes around a path.

    Raises ValueError if a quote is not closed.
    """
    words = shlex.split(editor, posix=os.name != "nt")  # a backslash is part of a path there
    words = [word.strip("\"'") for word in words]
    name = PurePath(words[0]).name.removesuffix(".exe").removesuffix(".cmd")
    at_line = _AT_LINE.get(name, ("{path}",))
    return [*words, *(part.format(path=path, line=line) for part in at_line)]
