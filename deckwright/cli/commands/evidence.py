"""evidence: find where published data states a value, and print the line to paste."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.report import printable
from deckwright.core.wording import count
from deckwright.facts.search import candidates

LONG = 300  # characters of what the data says that are shown


@click.command(cls=Command)
@click.argument("service", metavar="DATASET", shell_complete=options.complete_data)
@click.argument("words", nargs=-1)
@options.limit(500, 12, "values")
@options.data
@pass_session
def command(
    session: Session, service: str, words: tuple[str, ...], limit: int, folder: Path | None
) -> None:
    """Find a value in published data.

    Some publishers offer limits and names in machine-readable form, as AWS does in its SDKs.
    The `[[data]]` tables in schema/vocabulary/ name the packages with this data. To install
    it, run `make data`. For each value that it finds, the command prints an `evidence` line.
    Paste this line into a card, so that `verify` can compare the card with the data.

    DATASET is the `name` of a `[[data]]` table. If a table is named `*`, it has further
    datasets, such as cloudwatch and kms for the services in the AWS SDK for Python.

    WORDS can be words or numbers. Finds the values that contain all WORDS in their text or in
    their path (their place in the data). Without WORDS, lists the names and numbers in the
    dataset, but not sentences. Exits with 1 if nothing is found, and with 2 if DATASET is
    unknown or isn't installed.

    \b
    Find a limit of PutMetricData:
      ./build.py evidence cloudwatch metrics 1,000
    Find how many GPUs a p5.48xlarge instance has:
      ./build.py evidence instance-types p5.48xlarge gpu
    """
    checked = session.readable()
    data = session.datasets(checked, folder)
    names = data.names()
    if service not in names:
        hint = data.hint(service) or f"{count(len(names), 'dataset')} installed"
        raise click.UsageError(f"there is no dataset named `{service}`; {hint}")
    found = candidates(data, service, words, checked.project.vocabulary, limit)
    for one in found:
        misleads = f"   (misleading: {one.misleads})" if one.misleads else ""
        says = one.says if len(one.says) <= LONG else one.says[:LONG] + "…"
        session.write(f"- evidence: {one.line}{misleads}\n    {printable(says)}\n")
    nothing = f"no value in {service} contains all of these words: {' '.join(words)}"
    session.say(f"{count(len(found), 'value')} found" if found else nothing)
    sys.exit(0 if found else 1)
