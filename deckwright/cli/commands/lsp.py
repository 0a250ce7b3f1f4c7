"""lsp: the language server for editors."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from deckwright.cli.context import Command, Session, pass_session
from deckwright.live.language_server import serve


@click.command(cls=Command)
@pass_session
def command(session: Session) -> None:
    """A language server for editors: speaks the Language Server Protocol on standard
    input and output (docs/editors.md).

    Exit 1 where the editor left without a word.

    \b
    ./build.py lsp                        not by hand: an editor starts it
    ./build.py --overlay ../my-cards lsp
    """
    session.require_project()
    if sys.stdin.isatty():
        session.say(
            "this is for an editor, which starts it by itself (docs/editors.md); Ctrl-D ends it"
        )
    # Own copies of the streams: nothing else may write between two messages, and a
    # thread is still reading when the process ends.
    incoming = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with contextlib.redirect_stdout(sys.stderr):
        try:
            code = serve(session.root, lambda: session.today, session.overlay, incoming, outgoing)
        except KeyboardInterrupt:
            code = 130
    sys.exit(code)
