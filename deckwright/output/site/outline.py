"""The outline: domains, tasks, and skills of exams, or parts, with topics and their cards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import groupby

from deckwright.cards.coverage import OutlineRow, TopicRow
from deckwright.output.site.cards import title
from deckwright.output.site.edition import Edition, page
from deckwright.project.vocabulary import Exam, OutlineLine, Topic, Vocabulary

LEVELS = ("covered-not", "covered-little", "covered-half", "covered")  # words of the site


@dataclass(frozen=True, slots=True)
class Tile:
    """A topic in a line of the outline.

    `marked` is the number of its cards of the first level, `cards` are all its cards as
    (path, title, whether it serves the exam of the section).
    """

    row: TopicRow
    level: int
    marked: int
    cards: tuple[tuple[str, str, bool], ...]

    @property
    def outside(self) -> int:
        """How many of its cards don't serve the exam of the section."""
        return sum(not serves for *_, serves in self.cards)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the outline with its topics; `again` are those whose tile opens elsewhere."""

    text: str
    tiles: tuple[Tile, ...]
    again: tuple[TopicRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OutlineGroup:
    """Lines below a heading. If the heading is a task of an exam, `task` is its slug."""

    heading: str
    task: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class OutlineSection:
    """A domain of an exam, a part of the deck, or another section of an outline.

    `domain` is the slug of a domain, `share` the domain's share of its exam in percent,
    `part` the slug of a part. `marked` is the number of its cards of the first level.
    """

    title: str
    domain: str
    part: str
    share: int
    rows: tuple[TopicRow, ...]
    have: int
    marked: int
    groups: tuple[OutlineGroup, ...]

    @property
    def exam(self) -> str:
        """The slug of a domain's exam."""
        return self.domain.partition("::")[0]

    @property
    def missing(self) -> int:
        """How many cards the topics of the section miss."""
        return sum(row.missing for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A section before its topics have their tiles.

    If a topic of `part` is in several sections, its tile is in this one. `domain` is the
    slug of an exam's domain.
    """

    title: str
    lines: tuple[OutlineLine, ...]
    part: str = ""
    domain: str = ""
    share: int = 0


def level(row: TopicRow) -> int:
    """Return how well a topic is covered by its cards, as an index of LEVELS."""
    if not row.missing:
        return 3
    if not row.have:
        return 0
    return 2 if row.have * 2 >= row.have + row.missing else 1


def outline_page(path: str, edition: Edition) -> bytes:
    """Return the page of the outline."""
    counted, vocabulary = edition.coverage, edition.project.vocabulary
    tally = Counter(level(row) for row in counted.topics)
    drafts = _drafts_by_domain(edition) if _examined(vocabulary) else _drafts_by_part(edition)
    return page(
        path,
        "outline.html",
        edition,
        exams=_examined(vocabulary),
        skills=Counter(skill.exam for skill in vocabulary.skills),
        folds=_folds(_sections(drafts, edition), vocabulary),
        mark=_mark(edition),
        legend=tuple((n, word, tally[n]) for n, word in enumerate(LEVELS) if tally[n]),
        topics=len(counted.topics),
        lines=len(counted.outline),
        level=level,
        missing=counted.missing,
        mocked={part.slug for exam in edition.questions.exams for part in exam.parts},
    )


def _mark(edition: Edition) -> str:
    """Return the level that is marked: the first, unless it is the usual one."""
    first = next(iter(edition.project.vocabulary.levels), "")
    return "" if first == edition.project.vocabulary.default_level else first


def _examined(vocabulary: Vocabulary) -> tuple[Exam, ...]:
    """Return the exams with domains and skills, by which the outline is made."""
    skilled = {skill.exam for skill in vocabulary.skills}
    return tuple(e for e in vocabulary.exams.values() if e.domains and e.slug in skilled)


def _sections(drafts: Iterable[_Draft], edition: Edition) -> tuple[OutlineSection, ...]:
    """Return the sections with a tile for each topic."""
    rows = {row.topic: row for row in edition.coverage.topics}
    homes = _homes(drafts, rows)
    vocabulary = edition.project.vocabulary
    tasks = {title: slug for slug, title in vocabulary.exam_titles["task"].items()}
    cards, mark = _cards(edition), _mark(edition)

    def filled(line: OutlineLine, exam: str) -> Line:
        named = [row for row in rows.values() if row.topic in line.topics]
        tiles = tuple(
            Tile(
                row,
                level(row),
                row.levels.get(mark, 0),
                tuple(
                    (path, title, not exam or exam in exams)
                    for path, title, exams in cards.get(row.topic, ())
                ),
            )
            for row in named
            if homes[row.topic] is line
        )
        return Line(line.text, tiles, tuple(row for row in named if homes[row.topic] is not line))

    def section(draft: _Draft) -> OutlineSection:
        named = {topic for line in draft.lines for topic in line.topics}
        own = tuple(
            row
            for row in rows.values()
            if row.part == draft.part or (row.topic in named and not draft.part)
        )
        topics = {row.topic for row in own}
        levels = [
            card.level
            for card in (note.card for note in edition.notes)
            if draft.domain in vocabulary.served(card.exams)["domain"]
            or (card.topic in topics and not draft.domain)
        ]
        exam = draft.domain.partition("::")[0]
        groups = tuple(
            OutlineGroup(head, tasks.get(head, ""), tuple(filled(line, exam) for line in lines))
            for head, lines in groupby(draft.lines, key=lambda line: line.heading)
        )
        have, marked = len(levels), levels.count(mark) if mark else 0
        return OutlineSection(
            draft.title, draft.domain, draft.part, draft.share, own, have, marked, groups
        )

    return tuple(section(draft) for draft in drafts)


def _folds(
    sections: Iterable[OutlineSection], vocabulary: Vocabulary
) -> list[tuple[Exam | None, list[OutlineSection]]]:
    """Return the sections; those of an exam after the first with skills are together, with it."""
    main = _examined(vocabulary)[:1]
    others = {e.slug.upper(): e for e in vocabulary.exams.values() if main and e not in main}

    def exam(section: OutlineSection) -> Exam | None:
        return others.get(section.exam.upper() or re.split("[ :]", section.title)[0])

    return [(exam, [*among]) for exam, among in groupby(sections, key=exam)]


def _drafts_by_domain(edition: Edition) -> list[_Draft]:
    """Return the domains of exams, and around them what has no skill.

    A part is a section by itself if skills name fewer than half of its topics. Sections
    of the other outlines, and topics without any line, are last.
    """
    vocabulary = edition.project.vocabulary
    skilled = {topic for skill in vocabulary.skills for topic in skill.topics}
    topics = _topics_by_part(vocabulary)
    alone = {slug for slug, own in topics.items() if 2 * len(skilled & {*own}) < len(own)}
    parts = [_part(slug, own, vocabulary) for slug, own in topics.items() if slug in alone]
    first = next((number for number, slug in enumerate(topics) if slug not in alone), len(parts))
    drafts = [*parts[:first], *_domains(skilled, alone, edition), *parts[first:]]
    drafts += _outlines(edition.coverage.outline, vocabulary)
    named = {topic for draft in drafts for line in draft.lines for topic in line.topics}
    for slug, own in topics.items():
        if rest := tuple(topic for topic in own if topic not in named):
            drafts.append(_part(slug, rest, vocabulary))
    return drafts


def _outlines(rows: Iterable[OutlineRow], vocabulary: Vocabulary) -> Iterator[_Draft]:
    """Yield the lines of outlines: a section for what comes before ` · ` in headings."""
    titles = {title.split(":")[0]: title for title in vocabulary.exam_titles["task"].values()}
    for head, among in groupby(rows, key=lambda row: row.heading.partition(" · ")[0]):
        lines = [OutlineLine(r.heading.partition(" · ")[2], r.text, r.topics) for r in among]
        yield _Draft(titles.get(head, head), tuple(lines))


def _topics_by_part(vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    topics = vocabulary.topics.values()
    return {part: tuple(t.slug for t in topics if t.part == part) for part in vocabulary.parts}


def _part(slug: str, topics: tuple[str, ...], vocabulary: Vocabulary) -> _Draft:
    return _Draft(vocabulary.parts[slug].title, (OutlineLine("", "", topics),), slug)


def _domains(skilled: Set[str], alone: Set[str], edition: Edition) -> Iterator[_Draft]:
    """Yield the domains: for each task, its skills, and then its topics without a skill.

    Topics of parts that are sections by themselves are there.
    """
    vocabulary, titles = edition.project.vocabulary, edition.exam_titles
    topics, other_topics = (
        vocabulary.topics.values(),
        edition.project.words.say("other-topics-of-task"),
    )
    others = [t for t in topics if t.slug not in skilled and t.part not in alone]

    def lines(exam: str, number: str) -> Iterator[OutlineLine]:
        title = titles["task"][f"{exam}::{number}"]
        for skill in vocabulary.skills:
            if (skill.exam, skill.number.rpartition(".")[0]) == (exam, number):
                yield OutlineLine(title, f"{skill.number} {skill.text}", skill.topics)
        if rest := tuple(t.slug for t in others if _first_task(t, exam) == number):
            yield OutlineLine(title, other_topics, rest)

    for exam in _examined(vocabulary):
        for domain in exam.domains:
            numbers = [task for task in exam.tasks if task.partition(".")[0] == domain.number]
            among = tuple(line for number in numbers for line in lines(exam.slug, number))
            slug = f"{exam.slug}::{domain.number}"
            yield _Draft(titles["domain"][slug], among, domain=slug, share=domain.weight)


def _first_task(topic: Topic, exam: str) -> str:
    return next((t.partition("::")[2] for t in topic.exams if t.startswith(f"{exam}::")), "")


def _drafts_by_part(edition: Edition) -> list[_Draft]:
    """Return the parts, each with the lines of whose topics most belong to it."""
    vocabulary = edition.project.vocabulary
    lines: dict[str, list[OutlineLine]] = {slug: [] for slug in vocabulary.parts}
    for row in edition.coverage.outline:
        parts = Counter(vocabulary.topics[topic].part for topic in row.topics)
        for slug, _ in parts.most_common(1):
            heading = row.heading if row.heading != vocabulary.parts[slug].title else ""
            lines[slug].append(OutlineLine(heading, row.text, row.topics))
    named = {topic for row in edition.coverage.outline for topic in row.topics}
    for slug, topics in _topics_by_part(vocabulary).items():
        if others := tuple(topic for topic in topics if topic not in named):
            heading = edition.project.words.say("other-topics") if lines[slug] else ""
            lines[slug].append(OutlineLine(heading, "", others))
    return [
        _Draft(vocabulary.parts[slug].title, tuple(among), slug)
        for slug, among in lines.items()
        if among
    ]


def _homes(drafts: Iterable[_Draft], rows: Mapping[str, TopicRow]) -> dict[str, OutlineLine]:
    """Return the line where each topic has its tile: the first of its own part, if any."""
    homes: dict[str, OutlineLine] = {}
    for own in (True, False):
        for draft in drafts:
            for line in draft.lines:
                for topic in line.topics:
                    if (rows[topic].part == draft.part) == own:
                        homes.setdefault(topic, line)
    return homes


def _cards(edition: Edition) -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    """Return the cards of each topic as (path, title, exams)."""
    cards: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for note in edition.notes:
        path = edition.paths[note.card.namespace, note.id]
        exams = edition.project.vocabulary.served(note.card.exams)["exam"]
        cards.setdefault(note.card.topic, []).append((path, title(note.card), exams))
    return cards
