"""Stage 4, on demand: pairs of cards that are likely or possibly the same, and groups that are easily confused.

Comparing every card with every other would take minutes at ten thousand cards. So only cards that share two rare words, or one
and the answer, are compared; and two words lead to a bounded number of cards, so that the work grows with the deck and not with
its square.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from deckwright.cards import similarity
from deckwright.cards.duplicates import apart
from deckwright.cards.similarity import LIKELY, POSSIBLE, Loose
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.progress import SILENT, Progress

RARE = 8  # words of a card by which its neighbours are sought: its rarest
CROWD = 12  # cards behind two words beyond which they find nobody: the two are a phrase of the deck


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cards, the later one first, how alike they are (0 to 1), the tier, and whether their answers are the same."""

    card: Card
    other: Card
    score: float
    tier: str
    agree: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Cards whose statements differ in a word or two and in their answers: easily confused. `words` are those that differ."""

    cards: tuple[Card, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    pairs: tuple[Pair, ...]
    groups: tuple[Group, ...]


def neighbours(cards: Iterable[Card], progress: Progress = SILENT) -> Neighbours:
    """Pairs by falling score, and groups in the order of their first card."""
    cards = tuple(cards)
    readings = [
        similarity.read(card.content) for card in progress.over("reading for likeness", cards)
    ]
    loose = [similarity.loosened(reading) for reading in readings]
    pairs: list[Pair] = []
    links: list[tuple[int, int, tuple[frozenset[str], frozenset[str]]]] = []
    with progress.during("choosing pairs"):
        chosen = tuple(candidates(loose))
    for i, j in progress.over("comparing pairs", chosen):
        if swap := similarity.swapped(readings[i], readings[j]):
            links.append((i, j, swap))
        if similarity.certain(readings[i], readings[j]):
            continue
        score = similarity.score(loose[i], loose[j])
        if tier := similarity.tier_of(score):
            pairs.append(
                Pair(cards[j], cards[i], score, tier, readings[i].values == readings[j].values)
            )
    pairs.sort(
        key=lambda pair: (-pair.score, pair.card.span.path, pair.card.span.start, pair.other.id)
    )
    return Neighbours(tuple(pairs), tuple(_groups(cards, links)))


def look(found: Neighbours, cards: Iterable[Card]) -> Outcome[Card]:
    """Complaints: likely duplicates (U510), possible ones (U511), verdicts that no longer say anything (U506), confusable groups that
    no card contrasts (U512)."""
    cards = tuple(cards)
    diagnostics = [*_doubles(found), *_stale(cards), *_confusable(found)]
    return Outcome(cards, tuple(diagnostics))


def _doubles(found: Neighbours) -> Iterator[Diagnostic]:
    said = {
        LIKELY: ("U510", "probably asks the same as"),
        POSSIBLE: ("U511", "may ask the same as"),
    }
    for pair in found.pairs:
        if apart(pair.card, pair.other):
            continue
        code, words = said[pair.tier]
        message = f"this {words} `{pair.other.id}`" + (
            ", with the same answer" if pair.agree else ""
        )
        help_line = (
            f"if not: `- not-duplicate-of: {pair.other.id}`, or `- compare: {pair.other.id}` where a learner may mix them up; if so: "
            "take one out, or make them differ"
        )
        yield Diagnostic(
            code,
            message,
            pair.card.prompt.span,
            help_line,
            (("the other card", pair.other.prompt.span),),
        )


def _stale(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    by_id = {card.id: card for card in cards}
    for card in cards:
        for given in card.distinct:
            other = by_id.get(given.value)
            if other and not similarity.tier(
                similarity.read(card.content), similarity.read(other.content)
            ):
                message = f"nobody would take this for a duplicate of `{other.id}` any more"
                yield Diagnostic(
                    "U506",
                    message,
                    given.value_span,
                    "take the line out",
                    (("the other card", other.prompt.span),),
                )


def _confusable(found: Neighbours) -> Iterator[Diagnostic]:
    for group in found.groups:
        ids = {card.id for card in group.cards}
        if any(given.value in ids for card in group.cards for given in card.compare):
            continue
        first, *others = group.cards
        message = f"easily confused with {', '.join(f'`{card.id}`' for card in others)}: {' / '.join(group.words)}"
        help_line = f"show them beside each other: `- compare: {others[0].id}`, or write a card that asks for the difference and compare it"
        related = tuple(("beside this", card.prompt.span) for card in others)
        yield Diagnostic("U512", message, first.prompt.span, help_line, related)


def candidates(loose: list[Loose]) -> Iterator[tuple[int, int]]:
    """Pairs of places that are worth a comparison, the smaller place first, each once: they share two of the rarest words of each,
    or one and the answer."""
    known: Counter[str] = Counter(item for reading in loose for item in reading.statement)
    behind: dict[object, list[int]] = defaultdict(list)
    for place, reading in enumerate(loose):
        rare = sorted(
            (item for item in reading.statement if known[item] > 1),
            key=lambda item: (known[item], item),
        )[:RARE]
        for two in combinations(sorted(rare), 2):
            behind[two].append(place)
        for item in rare if reading.answer else ():
            behind[item, reading.answer].append(place)
    crowds = (places for places in behind.values() if 1 < len(places) <= CROWD)
    yield from sorted({pair for places in crowds for pair in combinations(places, 2)})


def _groups(
    cards: tuple[Card, ...], links: list[tuple[int, int, tuple[frozenset[str], frozenset[str]]]]
) -> Iterator[Group]:
    """Cards that are linked, directly or through others."""
    leader = {place: place for i, j, _ in links for place in (i, j)}

    def first(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    for i, j, _ in links:
        a, b = sorted((first(i), first(j)))
        leader[b] = a
    members: dict[int, set[int]] = defaultdict(set)
    said: dict[int, set[str]] = defaultdict(set)
    for i, j, swap in links:
        members[first(i)] |= {i, j}
        said[first(i)] |= swap[0] | swap[1]
    for head in sorted(members):
        yield Group(tuple(cards[n] for n in sorted(members[head])), tuple(sorted(said[head])))
