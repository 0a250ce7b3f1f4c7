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
from deckwright.core.report import problems
from deckwright.core.wording import reason


@click.command(cls=Command)
@options.form
@options.out
@click.option(
    "--watch",
    is_flag=True,
    help="Serve the site on this computer, and update it whenever a file is saved, until you press "
    "Ctrl-C. Prints the address to open, and writes no files.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="The port for --watch. Default: any free port.",
)
@pass_session
def command(session: Session, form: str, out: Path | None, watch: bool, port: int | None) -> None:
    """Build the packages and a site that shows every card.

    Writes the site to the site/ folder of the output folder, next to the packages. To view it,
    open site/index.html in a browser, or upload the folder to any static web host.

    A successful build replaces the previous build in the output folder. If the build fails,
    or if the folder contains anything other than a previous build, the folder stays as it is.
    Exits with 1 if cards have errors, and with 2 if the output folder can't be written or
    contains files that aren't from a build.

    \b
    ./build.py preview            build the site in dist/site/
    ./build.py preview --watch    see the cards in a browser while you write
    """
    if not watch and port is not None:
        raise click.UsageError("--port can be used only with --watch")
    if watch and out is not None:
        raise click.UsageError("--watch writes no files; leave out --out")
    if watch:
        _serve(session, form, port or 0)
    else:
        _build(session, form, out or session.root / "dist")


def _build(session: Session, form: str, folder: Path) -> None:
    checked, warnings = session.buildable(form, "nothing was built")
    memo = session.memo("build")
    made = pipeline.preview(checked, session.today, session.progress, memo)
    if has_errors(made.diagnostics):
        session.report((*warnings, *made.diagnostics), form)
        session.say(f"{problems(made.diagnostics)}; nothing was built")
        sys.exit(1)
    publish_or_exit(session, form, warnings, made.artifacts, folder)
    if form == "text":
        session.say(summary(made.built, folder, checked))
        site = f"{folder.as_posix()}/site/"
        session.say(f"{site}: {len(made.pages):,} files; open {site}index.html")


def _serve(session: Session, form: str, port: int) -> None:
    """Show the site on 127.0.0.1, and report what `check --watch` does."""
    from deckwright.live.preview_server import PreviewServer

    session.require_project()
    try:
        server = PreviewServer(port)
    except OSError as error:
        message = f"port {port} can't be used: {reason(error)}; choose another port"
        raise click.UsageError(message) from error
    session.say(f"serving the site at {server.address} (press Ctrl-C to stop)")
    follow(session, form, server.watch(session.root, session.today, session.overlay))
