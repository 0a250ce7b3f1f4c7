"""The exam outline as a heat map of its cards, and every card by topic."""

from __future__ import annotations

from itertools import groupby

from deckwright.cards.coverage import TopicRow
from deckwright.core.note import Note
from deckwright.output.site.cards import title
from deckwright.output.site.edition import Edition, page

LEVELS = ("no cards", "less than half", "half or more", "complete")


def level(row: TopicRow) -> int:
    """Return how well a topic is covered by its cards, as an index of LEVELS."""
    if not row.missing:
        return 3
    if not row.have:
        return 0
    return 2 if row.have * 2 >= row.have + row.missing else 1


def outline_page(path: str, edition: Edition) -> bytes:
    """Return the page of the outline."""
    rows = {row.topic: row for row in edition.coverage.topics}
    lines = tuple(
        (
            heading,
            tuple(
                (line.text, tuple((rows[topic], level(rows[topic])) for topic in line.topics))
                for line in lines
            ),
        )
        for heading, lines in groupby(edition.coverage.outline, key=lambda line: line.heading)
    )
    cards: dict[str, list[tuple[str, str, str]]] = {}
    for note in edition.notes:
        cards.setdefault(note.card.topic, []).append(_link(note, edition))
    tasks = tuple(
        (
            task,
            tuple(
                (row, level(row), tuple(cards.get(row.topic, ())))
                for row in edition.coverage.topics
                if row.task == task.slug
            ),
        )
        for task in edition.project.vocabulary.tasks.values()
    )
    tally = [
        sum(level(row) == number for row in edition.coverage.topics)
        for number in range(len(LEVELS))
    ]
    return page(
        path,
        "outline.html",
        edition,
        lines=lines,
        tasks=tasks,
        legend=tuple(zip(LEVELS, tally, strict=True)),
        have=len(edition.notes),
        missing=edition.coverage.missing,
    )


def _link(note: Note, edition: Edition) -> tuple[str, str, str]:
    return edition.paths[note.card.namespace, note.id], note.id, title(note.card)
