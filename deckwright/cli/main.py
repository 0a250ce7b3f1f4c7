"""The command line itself: its groups of commands, its options, and its exit codes."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from deckwright.cli.commands import GROUPS, SUMMARIES, module
from deckwright.cli.program import as_called, version
from deckwright.core.progress import SILENT

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Commands(click.Group):
    """All commands. The module of a command is imported when the command is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Click takes the names from here. What is called comes from `get_command`.
        self.commands = {name: click.Command(name, help=line) for name, line in SUMMARIES.items()}

    def list_commands(self, context: click.Context) -> list[str]:
        return list(SUMMARIES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in SUMMARIES:
            return None
        command: click.Command = import_module(module(name)).command
        return command

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(name, help=line)
            for name, line in SUMMARIES.items()
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, context, incomplete)]

    def get_help(self, context: click.Context) -> str:
        return as_called(super().get_help(context), context)

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, SUMMARIES))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{width}}", line) for name, line in commands.items()])
        click.Command.format_options(self, context, formatter)

    def main(self, *arguments: Any, **settings: Any) -> Any:
        _take_any_character()
        try:
            return super().main(*arguments, **settings)
        except OSError as error:
            from deckwright.core.wording import reason

            with contextlib.suppress(OSError):
                sys.stdout.close()  # otherwise Python fails again when it flushes it at exit
            click.echo(f"the output can't be written: {reason(error)}", err=True)
            sys.exit(2)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except KeyboardInterrupt as interrupt:
            _stop(context, str(interrupt) or "stopped")
        except click.Abort as abort:  # click turns Ctrl-C at a question into this
            if isinstance(abort.__context__, KeyboardInterrupt):
                _stop(context, "stopped")
            raise


def _take_any_character() -> None:
    """Let no character end a run, whatever the encoding of a pipe is (on Windows, a small one)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8" if os.name == "nt" else None, errors="replace")


def _stop(context: click.Context, message: str) -> NoReturn:
    """End a run after Ctrl-C with the exit code that shells use; ignore more of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    progress = context.obj.progress if context.obj else SILENT
    progress.clear()
    if sys.stderr.isatty():  # the terminal has written ^C on the line
        click.echo("\n" if progress is SILENT else "\r\x1b[K", err=True, nl=False)
    click.echo(message, err=True)
    sys.exit(130)


def _show_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"deckwright {version()}")
        context.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nExit codes:\n"
    "  0    Success.\n"
    "  1    The cards have errors, or there is another problem that\n"
    "       the command's --help describes.\n"
    "  2    Invalid arguments, or a disk, git, or Anki error.\n"
    "  130  Interrupted with Ctrl-C.",
)
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="FOLDER",
    help="The project's folder, which contains cards/, decks/, and schema/. "
    "Default: the current folder.",
)
@click.option(
    "--overlay",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="DECKWRIGHT_OVERLAY",
    metavar="FOLDER",
    help="The folder that holds your own cards, if they are outside the project (see `fork`). "
    "Default: the value of the environment variable DECKWRIGHT_OVERLAY.",
)
@click.option(
    "--no-cache",
    is_flag=True,
    help="Don't use or save cached results. The command takes longer. Use this option if you "
    "suspect that a cached result is wrong.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(context: click.Context, root: Path, overlay: Path | None, no_cache: bool) -> None:
    """Turn Markdown cards into Anki packages.

    Every command has its own --help, with examples. To get started:

    \b
    ./build.py check                    list problems and how to fix each one
    ./build.py preview --watch          see the cards in a browser while you write
    ./build.py decks                    build all packages into dist/
    ./build.py find kms rotation        search the cards
    ./build.py explain C407             learn what the code C407 means
    ./build.py new --help               learn how to start a card
    """
    from deckwright.cli.context import Session
    from deckwright.cli.progress_bar import terminal_bar

    gc.disable()  # one short run: looking for garbage would double its time
    session = Session(root, overlay, terminal_bar(), cached=not no_cache)
    context.obj = session
    context.call_on_close(session.progress.clear)
