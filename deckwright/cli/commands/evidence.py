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
@click.argument("service", shell_complete=options.complete_data)
@click.argument("words", nargs=-1)
@options.limit(500, 12, "lines")
@options.data
@pass_session
def command(
    session: Session, service: str, words: tuple[str, ...], limit: int, folder: Path | None
) -> None:
    """Search the data that AWS publishes for a value.

    AWS publishes many limits and names in machine-readable form, for example in its SDKs. To
    install this data, run `make data`. The command prints `evidence` lines that you can paste
    into a card. `verify` then compares the card with the data.

    SERVICE is the name of a dataset. It is either a service, by its name in the AWS SDK for
    Python, such as cloudwatch or kms, or a name in schema/vocabulary/evidence.toml, such as
    iam-actions or instance-types. A line matches if its path or its text contains all WORDS,
    including numbers. Without WORDS, every line matches. Exits with 1 if nothing matches, and
    with 2 if there is no such dataset or it isn't installed.

    \b
    ./build.py evidence cloudwatch metrics 1,000          search for a limit
    ./build.py evidence instance-types p5.48xlarge gpu    search by instance type
    """
    checked = session.readable()
    data = session.datasets(checked, folder)
    names = data.names()
    if service not in names:
        hint = data.hint(service) or f"{count(len(names), 'name')} known"
        raise click.UsageError(f"there is no data named `{service}`; {hint}")
    found = candidates(data, service, words, checked.project.vocabulary, limit)
    for one in found:
        misleads = f"   (misleading: {one.misleads})" if one.misleads else ""
        says = one.says if len(one.says) <= LONG else one.says[:LONG] + "…"
        session.write(f"- evidence: {one.line}{misleads}\n    {printable(says)}\n")
    nothing = f"nothing in {service} contains all of: {' '.join(words)}"
    session.say(f"{len(found)} found" if found else nothing)
    sys.exit(0 if found else 1)
