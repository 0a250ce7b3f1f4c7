"""Cards that probably ask the same thing, and cards that learners might confuse.

To compare every card with every other would take minutes for ten thousand cards. So
only cards that share two rare terms, or one and the answer, are compared, and terms
that lead to many cards are ignored: the work grows with the number of cards, not with
its square.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from deckwright.cards.duplicates.card_terms import CardTerms, Terms, card_terms, without_synonyms
from deckwright.cards.duplicates.model import LIKELY, probability
from deckwright.cards.duplicates.repeated import certain, is_exempt, signature
from deckwright.core import terms
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.progress import SILENT, Progress
from deckwright.core.wording import joined

RARE = 8  # of the rarest terms of a card, how many lead to similar ones
AKIN = 0.3  # at this probability or above, one card may give the other away
CROWD = 12  # cards that share two terms; with more cards the terms are a phrase of the deck


def diagnose_similar(cards: Sequence[Card], progress: Progress = SILENT) -> tuple[Diagnostic, ...]:
    """Return the diagnostics for cards that are similar or no longer so: U506, U510, U512."""
    exact = [
        card_terms(card.content, card.language)
        for card in progress.over("preparing the comparison", cards)
    ]
    loose = [without_synonyms(one) for one in exact]
    with progress.during("selecting pairs"):
        chosen = candidates(loose)
    diagnostics: list[Diagnostic] = []
    confused: set[int] = set()
    for i, j in progress.over("comparing pairs", chosen):
        card, other = cards[j], cards[i]
        if is_exempt(card, other):
            continue
        likely = probability(loose[i], loose[j]) >= LIKELY
        if likely and not certain(signature(card), signature(other)):
            diagnostics.append(_likely(card, other))
        replaced = replaced_terms(exact[i], exact[j])
        if replaced and j not in confused and not (card.compare or other.compare):
            confused.add(j)
            diagnostics.append(_easily_confused(card, other, replaced))
    return (*diagnostics, *_needless(cards, loose))


def giving_away(cards: Sequence[Card]) -> set[tuple[int, int]]:
    """Return the pairs of cards, as indexes, of which one may give the other away in an exam.

    Their authors related them, or what they ask and answer is similar.
    """
    loose = [without_synonyms(card_terms(card.content, card.language)) for card in cards]
    place = {card.id: number for number, card in enumerate(cards)}
    related = {
        (number, place[field.value])
        for number, card in enumerate(cards)
        for field in (*card.compare, *card.not_duplicate_of)
        if field.value in place
    }
    return related | {
        (i, j) for i, j in candidates(loose) if probability(loose[i], loose[j]) >= AKIN
    }


def candidates(cards: Sequence[CardTerms]) -> list[tuple[int, int]]:
    """Return the pairs worth a comparison, as indexes in `cards`, the smaller first.

    They share two of the rarest terms of each, or one of them and the answer.
    """
    count = Counter(term for card in cards for term in card.statement)
    places_by_key: dict[object, list[int]] = defaultdict(list)
    for place, card in enumerate(cards):
        shared = [term for term in card.statement if count[term] > 1]
        rare = sorted(sorted(shared, key=lambda term: (count[term], term))[:RARE])
        for two in combinations(rare, 2):
            places_by_key[two].append(place)
        for term in rare if card.answer.terms else ():
            places_by_key[term, card.answer.terms].append(place)
    crowds = (places for places in places_by_key.values() if 1 < len(places) <= CROWD)
    return sorted({pair for places in crowds for pair in combinations(places, 2)})


def replaced_terms(one: CardTerms, other: CardTerms) -> Terms:
    """Return the terms in which two similar statements with different answers differ.

    For example `neural` and `standard`: learners may confuse such cards. Each card may
    have one such term, or two if the answers are numbers; if more differs, there are none.
    """
    mine, theirs = one.statement - one.answer.terms, other.statement - other.answer.terms
    here, there = mine - theirs, theirs - mine
    both_numbers = terms.numbers(one.answer.bare) and terms.numbers(other.answer.bare)
    most = 2 if both_numbers else 1
    if one.answer.bare == other.answer.bare or len(mine & theirs) < 3:
        return frozenset()
    return here | there if 0 < len(here) <= most and 0 < len(there) <= most else frozenset()


def _likely(card: Card, other: Card) -> Diagnostic:
    """U510: two cards probably ask the same thing."""
    help_line = (
        "if so, remove one of the two cards, or add the detail that tells them apart; "
        f"if not, write `- not-duplicate-of: {other.id}`, "
        f"or `- compare: {other.id}` if learners might confuse them"
    )
    message = f"this card may ask the same as `{other.id}`"
    related = (("the other card", other.prompt.span),)
    return Diagnostic("U510", message, card.prompt.span, help_line, related)


def _easily_confused(card: Card, other: Card, replaced: Terms) -> Diagnostic:
    """U512: two cards differ in a word or two, and neither shows a card to compare."""
    words = joined([f"`{term.lstrip('!')}`" for term in sorted(replaced)], "and")
    message = f"this card is easily confused with `{other.id}`; the words that differ are {words}"
    help_line = (
        f"write `- compare: {other.id}` to show that card on the back of this one, "
        "or write a card that asks for the difference, and compare with that card"
    )
    related = (("easily confused with this card", other.prompt.span),)
    return Diagnostic("U512", message, card.prompt.span, help_line, related)


def _needless(cards: Sequence[Card], loose: Sequence[CardTerms]) -> Iterator[Diagnostic]:
    """U506: a `not-duplicate-of` between cards of which neither mentions the other's answer."""
    place = {card.id: number for number, card in enumerate(cards)}
    for card, own in zip(cards, loose, strict=True):
        for field in card.not_duplicate_of:
            if field.value not in place:
                continue
            other, its = cards[place[field.value]], loose[place[field.value]]
            if not (own.answer.terms & its.statement or its.answer.terms & own.statement):
                message = f"this card no longer looks like a duplicate of `{other.id}`"
                related = (("the other card", other.prompt.span),)
                yield Diagnostic("U506", message, field.value_span, "remove the line", related)
