"""lsp: the language server for editors."""

from __future__ import annotations

import contextlib
import signal
import sys

import click

from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.errors import UserError


@click.command(cls=Command)
@pass_session
def command(session: Session) -> None:
    """Run the language server for editors.

    You don't normally run this command yourself: your editor starts it. To set up your
    editor, see docs/editors.md. The server speaks the Language Server Protocol on standard
    input and output, and writes no files. Exits with 1 if the editor closes the connection
    without shutting the server down, and with 2 if the packages that it needs are missing.
    To install them, run `pip install pygls` (in a clone, `make decks`).

    \b
    ./build.py lsp                          serve the project in this folder
    ./build.py --overlay ../my-cards lsp    also serve your own cards
    """
    session.require_project()
    try:
        from deckwright.live.language_server import serve
    except ModuleNotFoundError as error:
        help_line = "in a clone, run: make decks; elsewhere, run: pip install pygls"
        raise UserError("the language server needs the package pygls", help_line) from error
    if sys.stdin.isatty():
        session.say(
            "your editor runs this command for you (see docs/editors.md); press Ctrl-D to stop it"
        )
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a thread that waits for input would ignore it
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.redirect_stdout(sys.stderr):  # nothing else may write between two messages
        code = serve(session.root, session.overlay, lambda: session.today, incoming, outgoing)
    sys.exit(code)
