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

    You don't normally run this command yourself: your editor starts it. To set up your
    editor, see docs/editors.md. The server speaks the Language Server Protocol on standard
    input and output, and writes no files. Exits with 1 if the editor closes the connection
    without shutting the server down.

    \b
    ./build.py lsp                          serve the project in this folder
    ./build.py --overlay ../my-cards lsp    also serve your own cards
    """
    session.require_project()
    if sys.stdin.isatty():
        session.say(
            "your editor runs this command for you (see docs/editors.md); press Ctrl-D to stop it"
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
