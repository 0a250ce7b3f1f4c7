"""The cards that topics, the outline, the skills of exams, and services have and need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from deckwright.core.card import Card
from deckwright.project.vocabulary import Shortfall, Topic, Vocabulary


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic with counts of cards.

    `have` is all cards, `levels` counts them by level, `core` is how many the topic needs.
    `missing` is how many are still needed, less what a shortfall allows; `shortfall` is the
    number of cards that it allows (None without one), `reason` why.
    """

    topic: str
    title: str
    part: str
    have: int
    core: int
    missing: int
    levels: Mapping[str, int]
    shortfall: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """A line of the outline with the cards of its topics; `empty` topics have none."""

    heading: str
    text: str
    topics: tuple[str, ...]
    have: int
    core: int
    empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkillRow:
    """A skill of an exam with the number of cards that its topics have."""

    exam: str
    number: str
    text: str
    topics: tuple[str, ...]
    have: int


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service with the numbers of its cards by kind, of the kinds that need a source."""

    service: str
    title: str
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The rows of all topics, outline lines, skills, and services, as the vocabulary has them."""

    topics: tuple[TopicRow, ...]
    outline: tuple[OutlineRow, ...]
    skills: tuple[SkillRow, ...]
    services: tuple[ServiceRow, ...]

    @property
    def missing(self) -> int:
        """How many cards all topics miss."""
        return sum(row.missing for row in self.topics)


def coverage(cards: Iterable[Card], vocabulary: Vocabulary) -> Coverage:
    """Count cards by topic, outline line, and service; a card counts once, with all its gaps."""
    cards = tuple(cards)
    have = Counter(card.topic for card in cards)
    by_level = Counter((card.topic, card.level) for card in cards)
    shortfalls = {entry.topic: entry for entry in vocabulary.shortfalls}
    topics = {}
    for slug, topic in vocabulary.topics.items():
        levels = {name: by_level[slug, name] for name in vocabulary.levels}
        topics[slug] = _topic_row(topic, have[slug], levels, shortfalls.get(slug))
    outline = [
        OutlineRow(
            heading=line.heading,
            text=line.text,
            topics=line.topics,
            have=sum(topics[slug].have for slug in line.topics),
            core=sum(topics[slug].core for slug in line.topics),
            empty=tuple(slug for slug in line.topics if not topics[slug].have),
        )
        for line in vocabulary.outline
    ]
    skills = [
        SkillRow(
            exam=skill.exam,
            number=skill.number,
            text=skill.text,
            topics=skill.topics,
            have=sum(topics[slug].have for slug in skill.topics),
        )
        for skill in vocabulary.skills
    ]
    services = tuple(_service_rows(cards, vocabulary))
    return Coverage(tuple(topics.values()), tuple(outline), tuple(skills), services)


def first_service(card: Card, vocabulary: Vocabulary) -> str:
    """Return the first service of a card that is no theme; if there is none, its home."""
    services = (slug for slug in card.services if not vocabulary.services[slug].theme)
    return next(services, card.service)


def _service_rows(cards: Iterable[Card], vocabulary: Vocabulary) -> Iterator[ServiceRow]:
    kinds = [slug for slug, kind in vocabulary.kinds.items() if kind.needs_source]
    count = Counter((first_service(card, vocabulary), card.kind) for card in cards)
    for slug, service in vocabulary.services.items():
        by_kind = {kind: count[slug, kind] for kind in kinds}
        if any(by_kind.values()):
            yield ServiceRow(slug, service.title, by_kind)


def _topic_row(
    topic: Topic, have: int, levels: Mapping[str, int], shortfall: Shortfall | None
) -> TopicRow:
    needed = min(topic.core, shortfall.cards) if shortfall else topic.core
    return TopicRow(
        topic=topic.slug,
        title=topic.title,
        part=topic.part,
        have=have,
        core=topic.core,
        missing=max(0, needed - have),
        levels=levels,
        shortfall=shortfall.cards if shortfall else None,
        reason=shortfall.reason if shortfall else "",
    )
