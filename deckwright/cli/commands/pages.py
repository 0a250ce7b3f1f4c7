"""pages: copy the pages that confirm values on cards, and check the addresses of sources."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urldefrag

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.program import version
from deckwright.core.card import Card
from deckwright.core.errors import UserError
from deckwright.core.report import printable
from deckwright.core.suggest import nearest
from deckwright.core.wording import count
from deckwright.exchange.pages import fetch
from deckwright.exchange.pages.fetch import GONE, UNREAD, PageState
from deckwright.exchange.pages.visits import Visits
from deckwright.facts.page_copies import pages_with_evidence

Citing = Mapping[str, Sequence[Card]]  # by page, the cards that cite it


@click.command(cls=Command)
@click.argument("cards", nargs=-1, shell_complete=options.complete_card)
@click.option(
    "--links",
    "only_links",
    is_flag=True,
    help="Instead of copying, check that the address of every source still leads to a page.",
)
@pass_session
def command(session: Session, cards: tuple[str, ...], only_links: bool) -> None:
    """Copy source pages so that `verify` can read them.

    Copies the pages that `evidence` lines quote to .data/pages/. With CARDS (card IDs), copies
    all sources of these cards instead, so that `evidence` can suggest lines. The copies stay on
    your computer.

    A page that already has a copy is downloaded again only if it has changed. A page that was
    checked today isn't requested again, so you can interrupt the command and run it again later.

    The command waits 5 seconds between two requests to the same site. If a site refuses a
    request, the command skips the site's remaining pages. Copying 170 pages takes about
    15 minutes. Checking all sources (--links) takes more than an hour.

    The command lists pages that have moved or are gone, with the cards that cite them. Exits
    with 1 if there are any, and with 2 if pages couldn't be read.

    \b
    ./build.py pages            copy the pages that evidence lines quote
    ./build.py pages my-card    copy all sources of a card
    ./build.py pages --links    find sources that have moved or are gone
    """
    checked = session.readable() if cards else session.valid()
    chosen = _named(checked.cards, cards)
    citing = _citing(chosen, every_source=bool(cards) or only_links)
    project = checked.project
    address = project.repository or project.site
    visits = Visits(f"deckwright/{version()}{f' (+{address})' if address else ''}")
    stage = "checking addresses" if only_links else "copying pages"
    urls = session.progress.over(stage, tuple(citing))
    if only_links:
        states = fetch.check_links(urls, visits)
    else:
        states = fetch.fetch(urls, visits, session.page_copies(), session.today.isoformat())
    counts = Counter(_shown(session, states, citing))
    session.say(_summary(counts))
    sys.exit(2 if counts[UNREAD] else 1 if counts[GONE] else 0)


def _named(cards: Iterable[Card], names: tuple[str, ...]) -> tuple[Card, ...]:
    """The cards with these IDs, all if there are none. Raises UserError."""
    cards = tuple(cards)
    known = {card.id for card in cards}
    for name in names:
        if name not in known:
            raise UserError(f"there is no card {name}", nearest(name, known))
    return tuple(card for card in cards if not names or card.id in names)


def _citing(cards: Iterable[Card], every_source: bool) -> Citing:
    """The pages to ask for, sorted."""
    citing = defaultdict(list)
    for card in cards:
        for source in card.sources if every_source else pages_with_evidence(card):
            citing[urldefrag(source).url].append(card)
    return dict(sorted(citing.items()))


def _shown(session: Session, pages: Iterable[PageState], citing: Citing) -> Iterator[str]:
    """The states of pages. Reports at once what is wrong with one, because more may take long.

    What is wrong with several pages is reported once.
    """
    reasons = set()
    for page in pages:
        if page.state == GONE:
            for card in citing[page.url]:
                place = f"{card.span.path}:{card.span.line}: {card.id}"
                session.write(printable(f"{place}: {page.url} {page.why}") + "\n")
        elif page.state == UNREAD and page.why not in reasons:
            reasons.add(page.why)
            session.say(printable(f"{page.url} wasn't read: {page.why}"))
        yield page.state


def _summary(counts: Mapping[str, int]) -> str:
    if not counts:
        return "no card quotes a page in its evidence; to copy the sources of cards, name the cards"
    parts = [f"{counts[state]:,} {state}" for state in fetch.STATES if counts.get(state)]
    return f"{count(sum(counts.values()), 'page')}: {', '.join(parts)}"
