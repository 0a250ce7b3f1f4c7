"""Likely and possible duplicates, and groups of cards that are easily confused.

To compare every card with every other would take minutes for ten thousand cards. So
only cards that share two rare words, or one and the answer, are compared, and words
that lead to many cards are ignored: the work grows with the number of cards, not with
its square.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from deckwright.cards import similarity
from deckwright.cards.duplicates import is_exempt
from deckwright.cards.measures import Items, Loose
from deckwright.cards.similarity import LIKELY, POSSIBLE
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.progress import SILENT, Progress
from deckwright.core.wording import joined

RARE = 8  # of the rarest words of a card, how many lead to similar ones
CROWD = 12  # cards that share two words; with more cards the words are a phrase of the deck

Link = tuple[int, int, Items]  # two cards, by place, and the items in which they differ


@dataclass(frozen=True, slots=True)
class Pair:
    """Two similar cards, the later one first.

    `score` is the probability (0 to 1) that they are duplicates, `tier` LIKELY or
    POSSIBLE; `agree` is true if their answers are the same.
    """

    card: Card
    other: Card
    score: float
    tier: str
    agree: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Cards that differ only in `words` and in their answers."""

    cards: tuple[Card, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """Pairs by falling score, and groups in the order of their first cards."""

    pairs: tuple[Pair, ...]
    groups: tuple[Group, ...]


def find_lookalikes(cards: Iterable[Card], progress: Progress = SILENT) -> Lookalikes:
    """Return likely and possible duplicates, and groups that are easily confused."""
    cards = tuple(cards)
    readings = [
        similarity.read(card.content, card.language)
        for card in progress.over("preparing the comparison", cards)
    ]
    loose = [similarity.loosened(reading) for reading in readings]
    pairs: list[Pair] = []
    links: list[Link] = []
    with progress.during("selecting pairs"):
        chosen = tuple(candidates(loose))
    for i, j in progress.over("comparing pairs", chosen):
        if swap := similarity.swapped(readings[i], readings[j]):
            links.append((i, j, swap[0] | swap[1]))
        if similarity.certain(readings[i], readings[j]):
            continue
        score = similarity.score(loose[i], loose[j])
        if tier := similarity.tier_of(score):
            agree = readings[i].values == readings[j].values
            pairs.append(Pair(cards[j], cards[i], score, tier, agree))
    pairs.sort(key=lambda p: (-p.score, p.card.span.path, p.card.span.start, p.other.id))
    return Lookalikes(tuple(pairs), tuple(_groups(cards, links)))


def candidates(loose: Sequence[Loose]) -> Iterator[tuple[int, int]]:
    """Yield the pairs worth a comparison, as indexes in `loose`, the smaller first.

    They share two of the rarest words of each, or one of them and the answer.
    """
    known = Counter(item for reading in loose for item in reading.statement)
    places_by_key: dict[object, list[int]] = defaultdict(list)
    for place, reading in enumerate(loose):
        shared = [item for item in reading.statement if known[item] > 1]
        rare = sorted(sorted(shared, key=lambda item: (known[item], item))[:RARE])
        for two in combinations(rare, 2):
            places_by_key[two].append(place)
        for item in rare if reading.answer else ():
            places_by_key[item, reading.answer].append(place)
    crowds = (places for places in places_by_key.values() if 1 < len(places) <= CROWD)
    yield from sorted({pair for places in crowds for pair in combinations(places, 2)})


def _groups(cards: tuple[Card, ...], links: Sequence[Link]) -> Iterator[Group]:
    """Yield the groups of cards that are linked, directly or through others."""
    parent = {place: place for i, j, _ in links for place in (i, j)}

    def first(place: int) -> int:
        while parent[place] != place:
            place = parent[place]
        return place

    for i, j, _ in links:
        smaller, larger = sorted((first(i), first(j)))
        parent[larger] = smaller
    members: dict[int, set[int]] = defaultdict(set)
    words: dict[int, set[str]] = defaultdict(set)
    for i, j, different in links:
        members[first(i)] |= {i, j}
        words[first(i)] |= different
    for head in sorted(members):
        yield Group(tuple(cards[n] for n in sorted(members[head])), tuple(sorted(words[head])))


def diagnose(found: Lookalikes, cards: Iterable[Card]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics for lookalikes among `cards`: U506, U510, U511, U512."""
    return (*_duplicates(found), *_needless_verdicts(tuple(cards)), *_confusable(found))


def _duplicates(found: Lookalikes) -> Iterator[Diagnostic]:
    """U510, U511: likely and possible duplicates."""
    reports = {
        LIKELY: ("U510", "may ask the same as"),
        POSSIBLE: ("U511", "may ask the same as"),
    }
    for pair in found.pairs:
        if is_exempt(pair.card, pair.other):
            continue
        code, words = reports[pair.tier]
        same = ", with the same answer" if pair.agree else ""
        name = pair.other.id
        help_line = (
            "if so, remove one of the two cards, or add the detail that tells them apart; "
            f"if not, write `- not-duplicate-of: {name}`, "
            f"or `- compare: {name}` if learners might confuse them"
        )
        related = (("the other card", pair.other.prompt.span),)
        message = f"this card {words} `{name}`{same}"
        yield Diagnostic(code, message, pair.card.prompt.span, help_line, related)


def _needless_verdicts(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    """U506: a `not-duplicate-of` between cards that are far from duplicates."""
    by_id = {card.id: card for card in cards}
    for card in cards:
        for given in card.distinct:
            other = by_id.get(given.value)
            if other and similarity.unlike(
                similarity.read(card.content, card.language),
                similarity.read(other.content, other.language),
            ):
                message = f"this card no longer looks like a duplicate of `{other.id}`"
                related = (("the other card", other.prompt.span),)
                yield Diagnostic("U506", message, given.value_span, "remove the line", related)


def _confusable(found: Lookalikes) -> Iterator[Diagnostic]:
    """U512: a group in which no card is compared with another of the group."""
    for group in found.groups:
        ids = {card.id for card in group.cards}
        if any(given.value in ids for card in group.cards for given in card.compare):
            continue
        first, *others = group.cards
        names = joined([f"`{card.id}`" for card in others], "and")
        words = joined([f"`{word.lstrip('!')}`" for word in group.words], "and")
        message = f"this card is easily confused with {names}; the words that differ are {words}"
        help_line = (
            f"write `- compare: {others[0].id}` to show that card on the back of this one, "
            "or write a card that asks for the difference, and compare with that card"
        )
        related = tuple(("easily confused with this card", card.prompt.span) for card in others)
        yield Diagnostic("U512", message, first.prompt.span, help_line, related)
