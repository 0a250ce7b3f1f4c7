"""The numbers and rules of each service: the cards of kinds that need a source, as tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from deckwright.cards.coverage import first_service
from deckwright.core.note import Note
from deckwright.markdown.html import GAP
from deckwright.output.html_text import without_comments
from deckwright.output.site.edition import Edition, page, shown
from deckwright.output.site.templating import trusted

# What a sentence says of a limit, in parentheses.
_LIMIT = re.compile(r"\s*\((?:both |all )?(default(?:, adjustable)?|adjustable|fixed)\)")


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A card: its sentence with the values marked, and what that says of the limit.

    `path` is its page, `exams` are the exam tasks that it serves, and `sources` are
    addresses with short names.
    """

    note: Note
    path: str
    sentence: str
    limit: str
    exams: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]


def numbers_page(path: str, edition: Edition) -> bytes:
    """Return the page: a table for each service, with the rows in the order of the kinds."""
    vocabulary = edition.project.vocabulary
    kinds = list(vocabulary.kinds)
    tables: dict[str, list[NumberRow]] = {row.title: [] for row in edition.coverage.services}
    for note in sorted(edition.numbers, key=lambda note: kinds.index(note.card.kind)):
        service = vocabulary.services[first_service(note.card, vocabulary)]
        tables.setdefault(service.title, []).append(_row(note, edition))
    return page(path, "numbers.html", edition, tables=tables, tasks=vocabulary.exam_tasks)


def _row(note: Note, edition: Edition) -> NumberRow:
    notetype = edition.project.notetypes[note.type]
    tasks = edition.project.vocabulary.exam_tasks
    text = note.fields[notetype.sort_field]
    sentence = without_comments(shown(GAP.sub(r'<mark class="gap">\2</mark>', text), ""))
    limits = set(_LIMIT.findall(sentence))
    limit = limits.pop() if len(limits) == 1 else ""
    if limit:
        sentence = _LIMIT.sub("", sentence)
    return NumberRow(
        note,
        edition.paths[note.card.namespace, note.id],
        trusted(sentence),
        limit,
        tuple(tasks[task] for task in note.card.exams if task in tasks),
        tuple((source, _short(source)) for source in note.card.sources),
    )


def _short(source: str) -> str:
    """Return the name of a page in its address, without `.html`."""
    address = urlsplit(source)
    name = address.path.rstrip("/").rpartition("/")[2]
    return name.partition(".")[0] or address.netloc
