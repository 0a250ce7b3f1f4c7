"""Which facts to look at next: cards by the age of their check, measured by what ages how fast, and by what is at stake."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from deckwright.cards.rules.lifecycle import named
from deckwright.core import terms
from deckwright.core.card import Card
from deckwright.facts.report import Reported, reported
from deckwright.project.project import Project
from deckwright.project.vocabulary import Changed


@dataclass(frozen=True, slots=True)
class Aged:
    """A card and how urgent it is to check it again: `urgency` is its age in months (since the date that its pages were read for)
    over the months after which its kind is old, times the risk; 1 and more is due. `undated`: it says no date, which comes first.
    `risks` are words for what raises or lowers it; `changed` is what it names that was closed, without a status."""

    card: Card
    urgency: float
    months: int
    fresh: int
    undated: bool
    risks: tuple[str, ...]
    changed: tuple[tuple[Changed, int], ...]


def aged(cards: Iterable[Card], project: Project, today: date) -> tuple[Aged, ...]:
    """All cards that state something of a source, the most urgent first."""
    cards = tuple(cards)
    by_card: dict[tuple[str, str], list[Reported]] = {}
    for fact in reported(cards, project):
        by_card.setdefault((fact.card.namespace, fact.card.id), []).append(fact)
    found = [
        _aged(card, by_card.get((card.namespace, card.id), []), project, today) for card in cards
    ]
    return tuple(
        sorted(
            found, key=lambda a: (not a.undated, -a.urgency, a.card.span.path, a.card.span.start)
        )
    )


def _aged(card: Card, facts: list[Reported], project: Project, today: date) -> Aged:
    vocabulary = project.vocabulary
    fresh = vocabulary.kinds[card.kind].fresh
    months = age_in_months(card.checked, today) if card.checked else None
    open_names = (
        tuple((entry, place.line) for entry, place in named(card, vocabulary.changed))
        if card.status == vocabulary.default_status
        else ()
    )
    risk = 1.0
    risks: list[str] = []
    if open_names:
        risk, risks = risk + 1, [*risks, "names what was closed"]
    if any(terms.quantities(terms.tokens(fact.states)) for fact in facts):
        risk, risks = risk + 0.5, [*risks, "a number"]
    if facts and all(fact.said for fact in facts):
        risk, risks = risk / 2, [*risks, "held against data"]
    return Aged(
        card,
        (months or 0) / fresh * risk,
        months or 0,
        fresh,
        months is None,
        tuple(risks),
        open_names,
    )


def age_in_months(checked: str, today: date) -> int:
    """Whole calendar months from a check date (YYYY-MM or YYYY-MM-DD) to `today`; never below 0."""
    return max(0, (today.year - int(checked[:4])) * 12 + today.month - int(checked[5:7]))
