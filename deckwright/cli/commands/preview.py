"""preview: build all packages and a site that shows every card."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from deckwright import pipeline
from deckwright.cli import options
from deckwright.cli.commands.check import follow
from deckwright.cli.commands.decks import publish_or_exit, summary
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.diagnostics import has_errors
from deckwright.core.report import found
from deckwright.core.wording import reason


@click.command(cls=Command)
@options.form
@options.out
@click.option(
    "--watch",
    is_flag=True,
    help="Write nothing: show the site on this machine and follow every saved file, until Ctrl-C.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="With --watch: the port on 127.0.0.1. Default: one that is free.",
)
@pass_session
def command(session: Session, form: str, out: Path | None, watch: bool, port: int | None) -> None:
    """Build all packages, and beside them in site/ a site with every card: a file to
    open, or a folder for any static host.

    The folder is replaced as a whole, as by `decks`, which leaves the site out: exit 1
    where cards have errors, 2 where it cannot be written.

    \b
    ./build.py preview                    then open dist/site/index.html
    ./build.py preview --watch            write cards and see them
    """
    if not watch and port is not None:
        raise click.UsageError("--port belongs to --watch")
    if watch and out is not None:
        raise click.UsageError("--watch writes nothing: leave out --out")
    if watch:
        _serve(session, form, port or 0)
    else:
        _build(session, form, out or session.root / "dist")


def _build(session: Session, form: str, folder: Path) -> None:
    checked, warnings = session.buildable(form, "nothing was built")
    made = pipeline.preview(checked, session.today, session.progress)
    if has_errors(made.diagnostics):
        session.report((*warnings, *made.diagnostics), form)
        session.say(f"{found(made.diagnostics)}; nothing was built")
        sys.exit(1)
    publish_or_exit(session, form, warnings, made.artifacts, folder)
    if form == "text":
        session.say(summary(made.built, folder, session.elapsed))
        site = f"{folder.as_posix()}/site/"
        session.say(f"{site}: {len(made.pages):,} files; open {site}index.html")


def _serve(session: Session, form: str, port: int) -> None:
    """Show the site on 127.0.0.1, and report what `check --watch` does."""
    from deckwright.live.preview_server import Server

    session.require_project()
    try:
        server = Server(port)
    except OSError as error:
        message = f"port {port} cannot be used: {reason(error)}; name another, or none"
        raise click.UsageError(message) from error
    with server:
        session.say(f"{server.address} shows the cards; Ctrl-C ends it")
        follow(session, form, server.looks(session.root, session.today, session.overlay))
