"""evidence: find where published data states a value, and print the line to paste."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.report import printable
from deckwright.facts.search import candidates

LONG = 300  # characters of what the data says that are shown


@click.command(cls=Command)
@click.argument("service", shell_complete=options.complete_data)
@click.argument("words", nargs=-1)
@options.limit(500, 12, "lines")
@options.data
@pass_session
def command(
    session: Session, service: str, words: tuple[str, ...], limit: int, folder: Path | None
) -> None:
    """Find where published data may state a value, and print the line to paste into a
    card.

    SERVICE is what stands before the `::`; the words (numbers too) all have to be found
    in path or text. Exit 1 where nothing has them, 2 where the data is not known or not
    installed.

    \b
    ./build.py evidence cloudwatch metrics 1,000
    ./build.py evidence instance-types p5.48xlarge gpu
    """
    checked = session.readable()
    data = session.datasets(checked, folder)
    names = data.names()
    if service not in names:
        hint = data.hint(service) or f"{len(names)} are known"
        raise click.UsageError(f"there is no data {service}; {hint}")
    found = candidates(data, service, words, checked.project.vocabulary, limit)
    for one in found:
        misleads = f"   (no: {one.misleads})" if one.misleads else ""
        says = one.says if len(one.says) <= LONG else one.says[:LONG] + "…"
        session.write(f"- evidence: {one.line}{misleads}\n    {printable(says)}\n")
    nothing = f"nothing in {service} has all of: {' '.join(words)}"
    session.say(f"{len(found)} found" if found else nothing)
    sys.exit(0 if found else 1)
