"""The cards that topics, the outline, and the skills of exams have, need, and miss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deckwright.core.card import TYPES, Card
from deckwright.project.vocabulary import OutlineLine, Shortfall, Skill, Topic, Vocabulary


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic with counts of cards.

    `have` is all cards, `types` counts them by type, `levels` by level, `core` is how
    many the topic needs. `missing` is how many are still needed, less what a shortfall allows;
    `shortfall` is the number of cards that it allows (None without one), `reason` why.
    """

    topic: str
    title: str
    covers: str
    task: str
    priority: int
    have: int
    core: int
    missing: int
    types: Mapping[str, int]
    levels: Mapping[str, int]
    shortfall: int | None
    reason: str


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
class Coverage:
    """The rows of all topics, outline lines, and skills, in the order of the vocabulary."""

    topics: tuple[TopicRow, ...]
    outline: tuple[OutlineRow, ...]
    skills: tuple[SkillRow, ...]

    @property
    def missing(self) -> int:
        """How many cards all topics miss."""
        return sum(row.missing for row in self.topics)


def coverage(cards: Iterable[Card], vocabulary: Vocabulary) -> Coverage:
    """Count cards by topic and outline line; a card counts once, with all its gaps."""
    cards = tuple(cards)
    counts = Counter((card.topic, card.type) for card in cards)
    by_level = Counter((card.topic, card.level) for card in cards)
    levels = {t: {name: by_level[t, name] for name in vocabulary.levels} for t in vocabulary.topics}
    types = {topic: {name: counts[topic, name] for name in TYPES} for topic in vocabulary.topics}
    have = {topic: sum(by_type.values()) for topic, by_type in types.items()}
    shortfalls = {entry.topic: entry for entry in vocabulary.shortfalls}
    return Coverage(
        tuple(
            _topic_row(topic, types[topic.slug], levels[topic.slug], shortfalls.get(topic.slug))
            for topic in vocabulary.topics.values()
        ),
        tuple(_outline_row(line, have, vocabulary) for line in vocabulary.outline),
        tuple(_skill_row(skill, have) for skill in vocabulary.skills),
    )


def _topic_row(
    topic: Topic,
    types: Mapping[str, int],
    levels: Mapping[str, int],
    shortfall: Shortfall | None,
) -> TopicRow:
    have = sum(types.values())
    needed = min(topic.core, shortfall.cards) if shortfall else topic.core
    return TopicRow(
        topic=topic.slug,
        title=topic.title,
        covers=topic.covers,
        task=topic.task,
        priority=topic.priority,
        have=have,
        core=topic.core,
        missing=max(0, needed - have),
        types=types,
        levels=levels,
        shortfall=shortfall.cards if shortfall else None,
        reason=shortfall.reason if shortfall else "",
    )


def _outline_row(line: OutlineLine, have: Mapping[str, int], vocabulary: Vocabulary) -> OutlineRow:
    return OutlineRow(
        heading=line.heading,
        text=line.text,
        topics=line.topics,
        have=sum(have[topic] for topic in line.topics),
        core=sum(vocabulary.topics[topic].core for topic in line.topics),
        empty=tuple(topic for topic in line.topics if not have[topic]),
    )


def _skill_row(skill: Skill, have: Mapping[str, int]) -> SkillRow:
    cards = sum(have[topic] for topic in skill.topics)
    return SkillRow(skill.exam, skill.number, skill.text, skill.topics, cards)
