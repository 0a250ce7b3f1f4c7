"""The mock exam: a page that asks multiple-choice cards, and scripts with their questions.

Each script has a few questions, and the page loads it when it needs one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial

from deckwright.core.note import Note
from deckwright.output.site.edition import ASSETS, Edition, card_key, page, shown
from deckwright.output.site.practice import Packages
from deckwright.output.site.scripts import deck_script, encode

EXAM_ASSETS = ("exam.css", "exam.js")  # which no site without one needs

_FOLDER = f"{ASSETS}/exam"
_PER_SCRIPT = 5  # questions


def exam_page(path: str, edition: Edition) -> bytes:
    """Return the page. It needs JavaScript."""
    return page(path, "exam.html", edition, exams=edition.questions.exams)


def exam_scripts(edition: Edition) -> dict[str, Callable[[], bytes]]:
    """Return a function for each script that makes it, by path."""
    notes = edition.questions.notes
    made: dict[str, Callable[[], bytes]] = {f"{_FOLDER}/deck.js": partial(_deck, edition)}
    for start in range(0, len(notes), _PER_SCRIPT):
        few = notes[start : start + _PER_SCRIPT]
        made[f"{_FOLDER}/{start // _PER_SCRIPT}.js"] = partial(_questions, few, edition)
    return made


def _deck(edition: Edition) -> bytes:
    """Return a script that sets `window.deckExam`: what the page needs to draw an exam.

    A card is a row: its key, the index of its topic, how many of its options are right, the
    indexes of cards that might give it away, and for each exam the indexes of its tasks.
    """
    made, packages = edition.questions, Packages(edition)
    topics = {note.card.topic: None for note in made.notes}
    numbers = {slug: number for number, slug in enumerate(topics)}
    rows = [
        [
            card_key(note, edition),
            numbers[note.card.topic],
            sum(note.card.right_options),
            apart,
            *(exam.asks[number] for exam in made.exams),
        ]
        for number, (note, apart) in enumerate(zip(made.notes, made.apart(), strict=True))
    ]
    exams = []
    for exam in made.exams:
        guids = {n.guid for n, tasks in zip(made.notes, exam.asks, strict=True) if tasks}
        number = packages.number(guids)
        package = None if number is None else packages.offered[number]
        exams.append({**asdict(exam), "asks": None, "package": package})
    deck = {
        "name": edition.project.deck,
        "perScript": _PER_SCRIPT,
        "exams": exams,
        "topics": [[slug, edition.project.vocabulary.topics[slug].title] for slug in topics],
    }
    return deck_script("deckExam", deck, rows)


def _questions(notes: Sequence[Note], edition: Edition) -> bytes:
    """Return a script with the question, options, right numbers, reasons, and sources of cards."""
    cards = {}
    for note in notes:
        names = (field.name for field in edition.project.notetypes[note.type].fields)
        fields = dict(zip(names, note.fields, strict=True))
        parts = [shown(fields[name], "") for name in ("Question", "Options", "Why", "Source")]
        cards[card_key(note, edition)] = [*parts, fields["Key"], note.card.language]
    return f"deckExam.add({encode(cards)});\n".encode()
