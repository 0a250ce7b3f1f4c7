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
    """Run the language server for editors.

    It speaks the Language Server Protocol on standard input and output. Editors start it
    (docs/editors.md). Exits with 1 if the editor closes the connection without shutting the
    server down.

    \b
    ./build.py lsp                        started by an editor
    ./build.py --overlay ../my-cards lsp
    """
    session.require_project()
    if sys.stdin.isatty():
        session.say("this command is started by editors (docs/editors.md); press Ctrl-D to end it")
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
