"""The facts to check again next, by the age of their check dates, kind and risk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from deckwright.cards.rules.lifecycle import changes_named
from deckwright.core import terms
from deckwright.core.card import Card
from deckwright.facts.verify import BY_DATA, Fact, verify
from deckwright.project.project import Project
from deckwright.project.vocabulary import Changed

# What `risk`, 1 by default, grows or shrinks by.
_NAMES_CHANGED, _HAS_NUMBER, _CONFIRMED = 1, 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Aged:
    """A card and how urgent it is to check it again; from 1 on a check is due.

    `urgency` is the age in `months` since the check date, over `fresh`, the months
    after which a card of its kind is old, times the risk. An `undated` card has no
    check date, and comes first. `risks` says what raises or lowers the risk. `changed`
    are closed services that the card names although its status says nothing, with their
    lines.
    """

    card: Card
    urgency: float
    months: int
    fresh: int
    undated: bool
    risks: tuple[str, ...]
    changed: tuple[tuple[Changed, int], ...]


def aged(cards: Iterable[Card], project: Project, today: date) -> tuple[Aged, ...]:
    """Return all cards, the most urgent first."""
    cards = tuple(cards)
    facts: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in verify(cards, project):
        facts[fact.card.namespace, fact.card.id].append(fact)
    out = [_aged(card, facts[card.namespace, card.id], project, today) for card in cards]
    out.sort(key=lambda a: (not a.undated, -a.urgency, a.card.span.path, a.card.span.start))
    return tuple(out)


def _aged(card: Card, facts: Sequence[Fact], project: Project, today: date) -> Aged:
    vocabulary = project.vocabulary
    fresh = vocabulary.kinds[card.kind].fresh
    months = age_in_months(card.checked, today) if card.checked else 0
    changed: tuple[tuple[Changed, int], ...] = ()
    if card.status == vocabulary.default_status:
        found = changes_named(card, vocabulary.changed)
        changed = tuple((entry, place.line) for entry, place in found)
    risk = 1.0
    risks = []
    if changed:
        risk += _NAMES_CHANGED
        risks.append("names something closed")
    if any(terms.quantities(terms.tokens(fact.value.text)) for fact in facts):
        risk += _HAS_NUMBER
        risks.append("a number")
    if facts and all(fact.confirmed for fact in facts):
        risk *= _CONFIRMED
        by_data = all(fact.state == BY_DATA for fact in facts)
        risks.append(f"confirmed by {'data' if by_data else 'its page'}")
    undated = not card.checked
    return Aged(card, months / fresh * risk, months, fresh, undated, tuple(risks), changed)


def age_in_months(checked: str, today: date) -> int:
    """Return the months from a check date (YYYY-MM[-DD]) to `today`, at least 0."""
    return max(0, (today.year - int(checked[:4])) * 12 + today.month - int(checked[5:7]))
