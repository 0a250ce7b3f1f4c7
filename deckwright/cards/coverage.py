"""Every topic and every line of the outline against the cards: have, core, missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deckwright.core.card import TYPES, Card
from deckwright.project.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic: how many cards it has (in all and by type), how many it needs, how many are missing after its shortfall."""

    topic: str
    title: str
    covers: str
    task: str
    priority: int
    have: int
    core: int
    missing: int
    types: Mapping[str, int]
    shortfall: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One line of the outline: cards of all its topics together, and whether each of them has a card."""

    heading: str
    text: str
    topics: tuple[str, ...]
    have: int
    core: int
    empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    topics: tuple[TopicRow, ...]
    outline: tuple[OutlineRow, ...]

    @property
    def missing(self) -> int:
        return sum(row.missing for row in self.topics)


def coverage(cards: Iterable[Card], vocabulary: Vocabulary) -> Coverage:
    """Counts cards (a card is one heading, however many gaps) by topic and by outline line."""
    cards = tuple(cards)
    have = Counter(card.topic for card in cards)
    by_type = Counter((card.topic, card.type) for card in cards)
    allowed = {s.topic: s for s in vocabulary.shortfalls}
    rows = []
    for topic in vocabulary.topics.values():
        entry = allowed.get(topic.slug)
        needed = min(topic.core, entry.cards) if entry else topic.core
        rows.append(
            TopicRow(
                topic=topic.slug,
                title=topic.title,
                covers=topic.covers,
                task=topic.task,
                priority=topic.priority,
                have=have[topic.slug],
                core=topic.core,
                missing=max(0, needed - have[topic.slug]),
                types={name: by_type[topic.slug, name] for name in TYPES},
                shortfall=entry.cards if entry else None,
                reason=entry.reason if entry else "",
            )
        )
    outline = tuple(
        OutlineRow(
            line.heading,
            line.text,
            line.topics,
            sum(have[t] for t in line.topics),
            sum(vocabulary.topics[t].core for t in line.topics),
            tuple(t for t in line.topics if not have[t]),
        )
        for line in vocabulary.outline
    )
    return Coverage(tuple(rows), outline)
