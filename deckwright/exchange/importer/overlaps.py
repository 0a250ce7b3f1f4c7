"""Cards to be imported that ask what another card asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

from deckwright import markdown
from deckwright.cards import body
from deckwright.cards.duplicates.card_terms import card_terms, without_synonyms
from deckwright.cards.duplicates.model import LIKELY, probability
from deckwright.cards.duplicates.signature import Signature, certain, contradicts, signature
from deckwright.cards.duplicates.similar import candidates
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
    known = [(card.id, card.content) for card in existing]
    fresh = [(name, content) for name, raw in new.items() if (content := _content(raw)) is not None]
    same: dict[str, str] = {}
    alike: dict[str, list[tuple[str, str]]] = defaultdict(list)
    index = _Index()
    for name, content in known:
        index.add(name, _signature(content))
    for name, content in fresh:
        own = _signature(content)
        near = index.near(own)
        if other := _first(near, own, certain):
            same[name] = other
            continue
        if other := _first(near, own, contradicts):
            alike[name].append(("answers the same question differently than", other))
        index.add(name, own)
    for name, other in _likely(known, fresh):
        if not {name, other} & same.keys():
            alike[name].append(("may ask the same as", other))
    return Overlaps(same, alike)


def _signature(content: Content) -> Signature:
    return signature(cast("Card", SimpleNamespace(content=content, language="en")))


def _content(raw: RawCard) -> Content | None:
    """What a card says; None if its text is not a card, or its front shows nothing."""
    content, _ = body.read(raw, {})
    return content if markdown.plain(raw.sections[0].blocks) else None


class _Index:
    """Signatures of cards, by their parts.

    Of each part, only the first _MOST cards are known. The last two parts are those of
    cards with one answer, so that these are found among any number of cards with one
    question.
    """

    def __init__(self) -> None:
        self._cards: dict[object, list[tuple[str, Signature]]] = defaultdict(list)

    def add(self, name: str, own: Signature) -> None:
        for part in _parts(own):
            known = self._cards[part]
            if len(known) < _MOST:
                known.append((name, own))

    def near(self, own: Signature) -> list[tuple[str, Signature]]:
        return [pair for part in _parts(own) for pair in self._cards.get(part, ())]


def _parts(own: Signature) -> tuple[object, ...]:
    return (
        own.question,
        own.prompt,
        own.statement,
        (own.prompt, own.answer),
        (own.statement, own.answer),
    )


def _first(
    near: Iterable[tuple[str, Signature]],
    own: Signature,
    test: Callable[[Signature, Signature], bool],
) -> str:
    """The id of the first card for which a test holds; empty without one."""
    return next((name for name, other in near if test(own, other)), "")


def _likely(
    known: list[tuple[str, Content]], fresh: list[tuple[str, Content]]
) -> Iterator[tuple[str, str]]:
    """Pairs of a new card and an earlier one that may ask the same."""
    cards = [*known, *fresh]
    loose = [without_synonyms(card_terms(content)) for _, content in cards]
    for earlier, later in candidates(loose):
        if later >= len(known) and probability(loose[earlier], loose[later]) >= LIKELY:
            yield cards[later][0], cards[earlier][0]
