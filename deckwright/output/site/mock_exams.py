"""The multiple-choice cards that can be drawn for mock exams, by exam and part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deckwright.cards.duplicates.similar import giving_away
from deckwright.core.note import Note
from deckwright.project.vocabulary import Exam, Vocabulary
from deckwright.project.words import SiteWords

_FEWEST = 20  # questions: with fewer, each is worth more than 5 percent
_COMPLETE = 95  # percent: domains with less are only a part of an exam
_QUESTIONS = 40  # of a mock exam by part of the deck


@dataclass(frozen=True, slots=True)
class ExamPart:
    """A domain of an exam, or a part of the deck, with its share of the questions."""

    slug: str
    title: str
    weight: int


@dataclass(frozen=True, slots=True)
class MockExam:
    """An exam, or the deck by its parts if no exam has weights.

    `tasks` are slug, title, and the index of the part of each task; in an exam without tasks,
    each part is one. `asks` are the indexes of the tasks that each question serves.
    """

    slug: str
    name: str
    title: str
    about: str
    sources: tuple[str, ...]
    questions: int
    parts: tuple[ExamPart, ...]
    tasks: tuple[tuple[str, str, int], ...]
    asks: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """The multiple-choice cards, and the exams that ask them; neither if there are too few."""

    notes: tuple[Note, ...] = ()
    exams: tuple[MockExam, ...] = ()

    def apart(self) -> tuple[tuple[int, ...], ...]:
        """For each card, the indexes of those that must not be in one exam with it.

        One of the two might give the other away.
        """
        apart: list[set[int]] = [set() for _ in self.notes]
        for one, other in giving_away([note.card for note in self.notes]):
            apart[one].add(other)
            apart[other].add(one)
        return tuple(tuple(sorted(others)) for others in apart)


def mock_exams(
    notes: Sequence[Note], vocabulary: Vocabulary, deck: str, words: SiteWords
) -> Questions:
    """Return what mock exams ask: by the weights of exams, or evenly by part if none has any."""
    among = tuple(note for note in notes if note.card.type == "multiple-choice")
    weighted = [
        _of_exam(exam, among, words)
        for exam in vocabulary.exams.values()
        if not exam.superseded and sum(domain.weight for domain in exam.domains) >= _COMPLETE
    ]
    made = weighted or [_of_parts(among, vocabulary, deck)]
    exams = tuple(exam for exam in made if sum(map(bool, exam.asks)) >= _FEWEST)
    return Questions(among, exams) if exams else Questions()


def _of_exam(exam: Exam, notes: Sequence[Note], words: SiteWords) -> MockExam:
    """Return the mock exam by the domains and tasks of an exam."""
    numbers = {domain.number: place for place, domain in enumerate(exam.domains)}
    tasks = tuple(
        (f"{exam.slug}::{number}", f"{number} {title}", numbers[number.partition(".")[0]])
        for number, title in exam.tasks.items()
        if number.partition(".")[0] in numbers
    )
    places = {slug: place for place, (slug, _, _) in enumerate(tasks)}
    return MockExam(
        exam.slug,
        exam.slug.upper(),
        exam.title,
        exam.about,
        exam.sources,
        exam.questions,
        tuple(
            ExamPart(
                f"{exam.slug}::{one.number}",
                words.say("domain", number=one.number, title=one.title),
                one.weight,
            )
            for one in exam.domains
        ),
        tasks,
        tuple(tuple(places[t] for t in note.card.exams if t in places) for note in notes),
    )


def _of_parts(notes: Sequence[Note], vocabulary: Vocabulary, deck: str) -> MockExam:
    """Return the mock exam that asks as many questions of one part of the deck as of another."""
    used = {note.card.part for note in notes}
    parts = tuple(
        ExamPart(slug, part.title, 1) for slug, part in vocabulary.parts.items() if slug in used
    )
    places = {part.slug: place for place, part in enumerate(parts)}
    tasks = tuple((part.slug, part.title, place) for place, part in enumerate(parts))
    asks = tuple((places[note.card.part],) for note in notes)
    return MockExam("", deck, deck, "", (), _QUESTIONS, parts, tasks, asks)
