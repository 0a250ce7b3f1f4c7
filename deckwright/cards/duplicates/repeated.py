"""Cards that certainly repeat or contradict an earlier one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from deckwright.cards.duplicates.signature import Signature, certain, contradicts
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.identity import guid


def diagnose(cards: Iterable[tuple[Card, Signature]]) -> Iterator[Diagnostic]:
    """U503, U507, U509: for each card, the first of the cards that it repeats.

    Only cards that share a part of their signatures are compared.
    """
    earlier: dict[bytes, list[tuple[Card, Signature]]] = defaultdict(list)
    for card, own in cards:
        groups = [earlier[key] for key in (own.question, own.prompt, own.statement)]
        sentences = earlier[own.sentence] if own.sentence else []
        compared = (
            _comparison(card, own, other, known)
            for group in (*groups, sentences[:1])
            for other, known in group
            if not is_exempt(card, other)
        )
        if diagnostic := next(filter(None, compared), None):
            yield diagnostic
        for group in (*groups, sentences):
            group.append((card, own))


def is_exempt(one: Card, other: Card) -> bool:
    """Return whether two cards must not be reported as duplicates.

    They have the same identity, or one declares `not-duplicate-of` or `compare`.
    """
    if guid(one.namespace, one.id) == guid(other.namespace, other.id):
        return True
    declared_by_one = (field.value for field in (*one.not_duplicate_of, *one.compare))
    declared_by_other = (field.value for field in (*other.not_duplicate_of, *other.compare))
    return other.id in declared_by_one or one.id in declared_by_other


def _comparison(card: Card, own: Signature, other: Card, known: Signature) -> Diagnostic | None:
    """Return how a card repeats or contradicts another one, if it does."""
    distinct = f"if they ask for different facts, write `- not-duplicate-of: {other.id}`"
    if certain(own, known):
        code, message = "U503", f"this card asks the same thing as `{other.id}`"
        help_line = (
            f"remove one of the two cards, or add the detail that tells them apart; {distinct}"
        )
    elif contradicts(own, known):
        code = "U509"
        message = f"this card asks the same question as `{other.id}`, but has a different answer"
        help_line = "fix the wrong answer, or add the detail that tells the two cards apart"
    elif own.sentence and own.sentence == known.sentence:
        code = "U507"
        message = f"this card has the same sentence as `{other.id}`, with different gaps"
        help_line = (
            "combine the two cards into one with several gaps, "
            f"or rewrite one of the sentences; {distinct}"
        )
    else:
        return None
    related = (("the other card", other.prompt.span),)
    return Diagnostic(code, message, card.prompt.span, help_line, related)
