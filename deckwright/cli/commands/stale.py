"""stale: rank cards by how urgently they should be checked again."""

from __future__ import annotations

from collections.abc import Sequence

import click

from deckwright.cards.staleness import Aged, aged
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session


@click.command(cls=Command)
@options.limit(100_000, 40, "cards")
@pass_session
def command(session: Session, limit: int) -> None:
    """List the cards that most need rechecking.

    Ranks cards by urgency: the months since the last check, divided by the months after which a
    card of that kind is outdated (see docs/facts.md). Urgency is higher if the value contains a
    number, or if the card has no `status` line but names something closed. It is lower if data
    or pages confirm the value. The `why` column lists these reasons. Cards with an urgency of 1 or
    more are due, and so are cards without a check date. After you recheck a card, update the
    date in its `checked` line.

    Below the table, the command lists all cards that name a closed or discontinued service but have
    no `status` line. --limit doesn't shorten this list.

    Exits with 0 even if cards are due.

    \b
    ./build.py stale               list the 40 most urgent cards
    ./build.py stale --limit 10    list the 10 most urgent cards
    """
    checked = session.valid()
    rows = aged(checked.cards, checked.project, session.today)
    session.write(_table(rows, limit))
    due = sum(1 for a in rows if a.undated or a.urgency >= 1)
    session.say(f"{len(rows):,} cards, {due:,} of them due for rechecking")


def _table(rows: Sequence[Aged], limit: int) -> str:
    """The most urgent cards, then closed services that cards name as if open."""
    shown = rows[:limit]
    width = max([4, *(len(a.card.id) for a in shown)])
    out = [f"{'urgency':>7}  {'months':>6}  {'kind':<9}  {'card':<{width}}  why"]
    for a in shown:
        number = "no date" if a.undated else f"{a.urgency:.2f}"
        why = ", ".join([f"outdated after {a.fresh} months", *a.risks])
        out.append(f"{number:>7}  {a.months:>6}  {a.card.kind:<9}  {a.card.id:<{width}}  {why}")
    closed = [(a, entry, line) for a in rows for entry, line in a.changed]
    if closed:
        out += ["", "Cards without a status that name a closed or discontinued service:"]
        out += [
            f"{a.card.span.path}:{line}: {a.card.id}: {entry.names[0]}, {entry.status}"
            for a, entry, line in closed
        ]
    return "\n".join(line.rstrip() for line in out) + "\n"
