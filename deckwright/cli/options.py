"""Options that several commands share, and the completion of ids and topics."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from click.decorators import FC

from deckwright.core import report

_HEADING = re.compile(r"(?m)^## ([a-z][a-z0-9-]*)$")


def complete_card(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The ids of cards that begin with a word, for shell completion."""
    texts = _texts(context, "cards/**/*.md")
    return [name for text in texts for name in _HEADING.findall(text) if name.startswith(begun)]


def complete_topic(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """The topics that begin with a word, for shell completion."""
    names = []
    for text in _texts(context, "schema/vocabulary/*.toml"):
        try:
            names += [topic["slug"] for topic in tomllib.loads(text).get("topic", [])]
        except (ValueError, TypeError, KeyError):
            continue  # `check` reports it
    return [name for name in names if name.startswith(begun)]


def _texts(context: click.Context, pattern: str) -> Iterator[str]:
    """The files of the project and the overlay on a command line that is being typed."""
    typed = context.find_root().params
    for folder in (typed.get("root") or Path(), typed.get("overlay")):
        for path in sorted(folder.glob(pattern)) if folder else ():
            yield path.read_text("utf-8", "replace")


topic = click.option(
    "--topic",
    default="",
    metavar="TOPIC",
    shell_complete=complete_topic,
    help="The topic. To list all topics, run `coverage --all`.",
)

form = click.option(
    "--format",
    "form",
    type=click.Choice([*report.FORMATS], case_sensitive=False),
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

inside = click.option(
    "--in",
    "inside",
    default="",
    metavar="FOLDER",
    help="The card folder to use, as listed in decks/project.toml. Default: the folder for your "
    "own cards if you have one; otherwise, the first folder listed.",
)


def limit(most: int, default: int, what: str) -> Callable[[FC], FC]:
    """The option --limit: how many cards or lines a command shows, up to `most`."""
    number = click.IntRange(1, most)
    text = f"The maximum number of {what} to show. Default: {default}."
    return click.option("--limit", type=number, metavar="NUMBER", default=default, help=text)
