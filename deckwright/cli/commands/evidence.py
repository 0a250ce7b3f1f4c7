"""evidence: find where data or a page states a value, and print the line to paste."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.card import Card
from deckwright.core.report import printable
from deckwright.core.suggest import nearest
from deckwright.core.wording import count, shortened
from deckwright.facts.evidence import evidence_by_gap
from deckwright.facts.stated_value import stated_value
from deckwright.facts.suggestions import Suggestion, in_data, on_page
from deckwright.project.project import Project

LONG = 300  # characters of what data or a page says that are shown
SUGGESTED = 3  # sentences or rows of a page


@click.command(cls=Command)
@click.argument("service", metavar="DATASET|CARD")
@click.argument("words", nargs=-1)
@options.limit(500, 12, "values")
@options.data
@pass_session
def command(
    session: Session, service: str, words: tuple[str, ...], limit: int, folder: Path | None
) -> None:
    """Find a value in published data or on a card's source pages.

    Suggests lines such as `- evidence: kms::shapes.LimitType.max` to paste into a card's
    metadata. With these lines, `verify` can compare the card with data or a page. Read the page
    before you paste a line, because a sentence with the same number can be about something else.

    With DATASET, the command searches published data. DATASET is a service in the AWS SDK for
    Python (cloudwatch, kms, …), or another name from the `[[data]]` tables in
    schema/vocabulary/. To install the data, run `make data`. WORDS can be words or numbers.
    The command finds each value whose text, or whose path in the data, contains all WORDS.
    Without WORDS, it lists every name and number in the dataset, but no sentences.

    With CARD (the ID of a card), the command searches copies of the card's source pages. To
    make these copies, first run `pages CARD`. For each page, it prints up to three sentences or
    table rows that contain the card's value.

    Exits with 1 if nothing is found, and with 2 if there is no such dataset or card, or
    if the data isn't installed.

    \b
    Find a limit of PutMetricData:
      ./build.py evidence cloudwatch metrics 1,000
    Find how many GPUs a p5.48xlarge instance has:
      ./build.py evidence instance-types p5.48xlarge gpu
    Find what the pages of a card say:
      ./build.py evidence my-card
    """
    checked = session.readable()
    card = next((card for card in checked.cards if card.id == service and not words), None)
    if card:
        sys.exit(0 if _suggest(session, card, checked.project) else 1)
    data = session.datasets(checked, folder)
    names = data.names()
    if service not in names:
        hint = nearest(service, names) or f"{count(len(names), 'dataset')} installed"
        raise click.UsageError(f"there is no dataset named `{service}`; {hint}")
    lines = in_data(data, service, words, checked.project.vocabulary, limit)
    _show(session, lines)
    nothing = f"no value in {service} contains all of these words: {' '.join(words)}"
    session.say(f"{count(len(lines), 'value')} found" if lines else nothing)
    sys.exit(0 if lines else 1)


def _show(session: Session, lines: Iterable[Suggestion]) -> None:
    for line, says in lines:
        session.write(f"- evidence: {line}\n    {printable(shortened(says, LONG))}\n")


def _suggest(session: Session, card: Card, project: Project) -> int:
    """Print what the pages of a card say of its values. Returns how many lines to paste."""
    pages = session.page_copies()
    copies = {url: pages.read(url) for url in card.sources}
    total = 0
    for gap in evidence_by_gap(card, project.vocabulary) or {0: []}:
        value = stated_value(card, gap)
        for url, copy in copies.items():
            if value is None or copy is None:
                continue
            dated = f" ({copy.copied})" if copy.copied else ""
            session.write(printable(f"{value.text}: {url}{dated}") + "\n")
            lines = on_page(url, copy, card, gap, value, SUGGESTED)
            _show(session, lines)
            total += len(lines)
            if not lines:
                session.write("    no sentence or row that confirms the value\n")
    session.say(f"{count(total, 'line')} to paste; read each page first")
    if missing := sum(copy is None for copy in copies.values()):
        session.say(
            f"no copy of {count(missing, 'source')}; to fetch all: ./build.py pages {card.id}"
        )
    return total
