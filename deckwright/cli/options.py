"""Options that several commands share, and the completion of their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.decorators import FC

from deckwright.cli import completers
from deckwright.cli.completers import Completer, Suggestion
from deckwright.cli.context import installed_data
from deckwright.core import report

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]


def complete(completer: Completer) -> Complete:
    """What click calls for the values of a parameter. A value is not offered twice."""

    def offered(
        context: click.Context, parameter: click.Parameter, begun: str
    ) -> list[CompletionItem[str]]:
        given = context.params.get(parameter.name or "")
        used = given if isinstance(given, tuple) else ()
        return _fitting(completer(*_folders(context)), begun, used)

    return offered


def complete_topic(
    context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem[str]]:
    """Topics of the task that --to or --task names, or all."""
    named = str(context.params.get("to") or context.params.get("task") or "")
    return _fitting(completers.topics(*_folders(context), named.partition("/")[0]), begun)


def complete_data(
    context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem[str]]:
    """Names of published data."""
    packages = context.params.get("folder") or installed_data()
    return _fitting(completers.data(*_folders(context), packages), begun)


def _fitting(
    found: Iterable[Suggestion], begun: str, used: tuple[str, ...] = ()
) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    fitting = {
        one.word: one.help for one in found if one.word.startswith(begun) and one.word not in used
    }
    return [CompletionItem(word, help=help_line or None) for word, help_line in fitting.items()]


def _folders(context: click.Context) -> tuple[Path, Path | None]:
    """The folders of project and overlay on a command line that is being typed."""
    typed = context.find_root().params
    root, overlay = typed.get("root") or Path(), typed.get("overlay")
    return root.expanduser(), overlay.expanduser() if overlay else None


form = click.option(
    "--format",
    "form",
    type=click.Choice(sorted(report.FORMATS), case_sensitive=False),
    default="text",
    help="Print the report as text, as JSON, or as annotations for GitHub Actions. Default: text.",
)


def text_or_json(help: str) -> Callable[[FC], FC]:
    """The option --format of a command that does not report diagnostics."""
    choice = click.Choice(["text", "json"])
    return click.option("--format", "form", type=choice, default="text", help=help)


out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The output folder. It must be new or empty, or contain only a previous build. "
    "Default: dist/ in the project.",
)


def dry_run(help: str) -> Callable[[FC], FC]:
    """The option --dry-run."""
    return click.option("--dry-run", is_flag=True, help=help)


data = click.option(
    "--data",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Read the data from this folder, created with `pip install --target`. "
    "Default: the data that `make data` installed.",
)

mirror = click.option(
    "--mirror",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Read the pages from this folder, such as a clone of a mirror. docs/facts.md "
    "describes what the folder contains.",
)

inside = click.option(
    "--in",
    "inside",
    default="",
    metavar="FOLDER",
    shell_complete=complete(completers.roots),
    help="The card folder to use, as listed in decks/project.toml. Default: the folder for your "
    "own cards if you have one; otherwise, the first folder listed.",
)

no_edit = click.option("--no-edit", is_flag=True, help="Don't open an editor.")


def limit(most: int, default: int, what: str) -> Callable[[FC], FC]:
    """The option --limit: how many cards or lines a command shows, up to `most`."""
    number = click.IntRange(1, most)
    text = f"The maximum number of {what} to show. Default: {default}."
    return click.option("--limit", type=number, metavar="NUMBER", default=default, help=text)
