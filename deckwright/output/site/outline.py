"""The exam outline: each line with its topics, and the cards of each topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from deckwright.cards.coverage import OutlineRow, TopicRow
from deckwright.core.note import Note
from deckwright.output.site.cards import title
from deckwright.output.site.edition import Edition, page

LEVELS = ("no cards", "less than half of the cards", "half of the cards or more", "complete")


@dataclass(frozen=True, slots=True)
class Tile:
    """A topic in a line of the outline.

    `marked` is the number of its cards of the first level, `cards` are all its cards as
    (path, title).
    """

    row: TopicRow
    level: int
    marked: int
    cards: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the outline with its topics; `again` are those that have a tile elsewhere."""

    text: str
    tiles: tuple[Tile, ...]
    again: tuple[TopicRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OutlinePart:
    """A part with its topics, and its lines by heading.

    `marked` is the number of its cards of the first level.
    """

    title: str
    rows: tuple[TopicRow, ...]
    marked: int
    headings: tuple[tuple[str, tuple[Line, ...]], ...]

    @property
    def have(self) -> int:
        """How many cards the topics of the part have."""
        return sum(row.have for row in self.rows)

    @property
    def missing(self) -> int:
        """How many cards the topics of the part miss."""
        return sum(row.missing for row in self.rows)


def level(row: TopicRow) -> int:
    """Return how well a topic is covered by its cards, as an index of LEVELS."""
    if not row.missing:
        return 3
    if not row.have:
        return 0
    return 2 if row.have * 2 >= row.have + row.missing else 1


def outline_page(path: str, edition: Edition) -> bytes:
    """Return the page of the outline."""
    counted = edition.coverage
    tally = Counter(level(row) for row in counted.topics)
    return page(
        path,
        "outline.html",
        edition,
        parts=_parts(edition),
        mark=_mark(edition),
        legend=tuple((n, words, tally[n]) for n, words in enumerate(LEVELS) if tally[n]),
        topics=len(counted.topics),
        lines=len(counted.outline),
        have=len(edition.notes),
        missing=counted.missing,
    )


def _mark(edition: Edition) -> str:
    """Return the level that is marked: the first, unless it is the usual one."""
    first = next(iter(edition.project.vocabulary.levels), "")
    return "" if first == edition.project.vocabulary.default_level else first


def _parts(edition: Edition) -> tuple[OutlinePart, ...]:
    """Return the parts in teaching order, with topics without a line last."""
    vocabulary = edition.project.vocabulary
    rows = {row.topic: row for row in edition.coverage.topics}
    lines = _lines_by_part(edition)
    homes = _homes(lines, rows)
    cards = _cards(edition.notes, edition)
    mark = _mark(edition)

    def tile(row: TopicRow) -> Tile:
        marked = row.levels.get(mark, 0)
        return Tile(row, level(row), marked, cards.get(row.topic, ()))

    def filled(line: OutlineRow) -> Line:
        named = [row for row in rows.values() if row.topic in line.topics]
        here = tuple(tile(row) for row in named if homes[row.topic] is line)
        return Line(line.text, here, tuple(row for row in named if homes[row.topic] is not line))

    made = []
    for slug, among in lines.items():
        own = tuple(row for row in rows.values() if row.part == slug)
        headings = [
            (heading if heading != vocabulary.parts[slug].title else "", tuple(map(filled, group)))
            for heading, group in groupby(among, key=lambda line: line.heading)
        ]
        if others := tuple(tile(row) for row in own if row.topic not in homes):
            headings.append(("Other topics" if headings else "", (Line("", others),)))
        if headings:
            marked = sum(row.levels.get(mark, 0) for row in own)
            made.append(OutlinePart(vocabulary.parts[slug].title, own, marked, tuple(headings)))
    return tuple(made)


def _lines_by_part(edition: Edition) -> dict[str, list[OutlineRow]]:
    """Return the lines of each part: those of whose topics most belong to it."""
    parts = {row.topic: row.part for row in edition.coverage.topics}
    lines: dict[str, list[OutlineRow]] = {slug: [] for slug in edition.project.vocabulary.parts}
    for line in edition.coverage.outline:
        for slug, _ in Counter(parts[topic] for topic in line.topics).most_common(1):
            lines[slug].append(line)
    return lines


def _homes(
    lines: Mapping[str, Iterable[OutlineRow]], rows: Mapping[str, TopicRow]
) -> dict[str, OutlineRow]:
    """Return the line where each topic has its tile: the first of its own part, if any."""
    homes: dict[str, OutlineRow] = {}
    for own in (True, False):
        for slug, among in lines.items():
            for line in among:
                for topic in line.topics:
                    if (rows[topic].part == slug) == own:
                        homes.setdefault(topic, line)
    return homes


def _cards(notes: Iterable[Note], edition: Edition) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the cards of each topic as (path, title)."""
    cards: dict[str, list[tuple[str, str]]] = {}
    for note in notes:
        path = edition.paths[note.card.namespace, note.id]
        cards.setdefault(note.card.topic, []).append((path, title(note.card)))
    return {topic: tuple(among) for topic, among in cards.items()}
