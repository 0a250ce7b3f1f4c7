"""Cards to be imported that ask what another card asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from deckwright import markdown
from deckwright.cards import body, similarity
from deckwright.cards.lookalikes import candidates
from deckwright.cards.similarity import Reading
from deckwright.core.card import Card, Content, RawCard

_MOST = 20  # earlier cards of one signature that a card is compared with


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What new cards share with others, by their ids.

    `same` has the id of a card that certainly asks the same. `alike` has, for other new
    cards, how they are like others and the ids of these.
    """

    same: Mapping[str, str]
    alike: Mapping[str, list[tuple[str, str]]]


def overlaps(existing: Iterable[Card], new: Mapping[str, RawCard]) -> Overlaps:
    """Compare new cards with existing ones and with the new ones before them."""
    known = [(card.id, similarity.read(card.content)) for card in existing]
    fresh = [
        (name, similarity.read(content))
        for name, raw in new.items()
        if (content := _content(raw)) is not None
    ]
    same: dict[str, str] = {}
    alike: dict[str, list[tuple[str, str]]] = defaultdict(list)
    index = _Index()
    for name, reading in known:
        index.add(name, reading)
    for name, reading in fresh:
        near = index.near(reading)
        if other := _first(near, reading, similarity.certain):
            same[name] = other
            continue
        if other := _first(near, reading, similarity.contradicts):
            alike[name].append(("answers the same question differently than", other))
        index.add(name, reading)
    for name, other in _likely(known, fresh):
        if not {name, other} & same.keys():
            alike[name].append(("may ask the same as", other))
    return Overlaps(same, alike)


def _content(raw: RawCard) -> Content | None:
    """What a card says; None if its text is not a card, or its front shows nothing."""
    content, _ = body.read(raw, {})
    return content if markdown.plain(raw.sections[0].blocks) else None


class _Index:
    """Readings of cards, by their signatures.

    Of each signature, only the first _MOST cards are known. The last two signatures are
    those of cards with one answer, so that these are found among any number of cards
    with one question.
    """

    def __init__(self) -> None:
        self._readings: dict[object, list[tuple[str, Reading]]] = defaultdict(list)

    def add(self, name: str, reading: Reading) -> None:
        for signature in _signatures(reading):
            known = self._readings[signature]
            if len(known) < _MOST:
                known.append((name, reading))

    def near(self, reading: Reading) -> list[tuple[str, Reading]]:
        return [
            pair for signature in _signatures(reading) for pair in self._readings.get(signature, ())
        ]


def _signatures(reading: Reading) -> tuple[object, ...]:
    return (
        *similarity.signatures(reading),
        ("prompt and answer", (reading.prompt, reading.answer)),
        ("statement and values", (reading.statement, reading.values)),
    )


def _first(
    near: Iterable[tuple[str, Reading]],
    reading: Reading,
    test: Callable[[Reading, Reading], bool],
) -> str:
    """The id of the first card for which a test holds; empty without one."""
    return next((name for name, other in near if test(reading, other)), "")


def _likely(
    known: list[tuple[str, Reading]], fresh: list[tuple[str, Reading]]
) -> Iterator[tuple[str, str]]:
    """Pairs of a new card and an earlier one that may ask the same."""
    cards = [*known, *fresh]
    loose = [similarity.loosened(reading) for _, reading in cards]
    for earlier, later in candidates(loose):
        if later < len(known):
            continue
        score = similarity.score(loose[earlier], loose[later])
        if similarity.tier_of(score) == similarity.LIKELY:
            yield cards[later][0], cards[earlier][0]
