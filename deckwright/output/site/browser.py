"""The browser of all cards: a page, and a script with the data that it searches.

The data are in a script because a page that was opened from a file cannot load anything
else.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from html import escape
from typing import Any

from deckwright.core.card import Basic, Cloze, MultipleChoice
from deckwright.core.note import Note
from deckwright.markdown.html import GAP
from deckwright.output.html_text import without_comments
from deckwright.output.site.cards import title
from deckwright.output.site.edition import Edition, page, shown
from deckwright.project.project import Project


def browser_page(path: str, edition: Edition) -> bytes:
    """Return the page. Without JavaScript it links to the list of cards by topic."""
    return page(
        path,
        "cards.html",
        edition,
        total=len(edition.notes),
        facets=tuple(_titles(edition.project)),
    )


def browser_data(edition: Edition) -> bytes:
    """Return a script that sets `window.deckCards`.

    It has the titles in use from the vocabulary, the sets of exams, domains, and tasks that
    cards serve, the most frequent first, and a row per card in curriculum order. A row has
    the number of its sets unless that is 0, and its page unless the ID tells it.
    """
    frequent = Counter(note.card.exams for note in edition.notes).most_common()
    numbers = {exams: number for number, (exams, _) in enumerate(frequent)}
    rows = [_row(note, numbers[note.card.exams], edition) for note in edition.notes]
    titles, facets = _titles(edition.project), {}
    served = map(edition.project.vocabulary.served, numbers)
    sets = [{name: one[name] for name in one if name in titles} for one in served]
    for name, among in titles.items():
        used = {slug for row in (*rows, *sets) for slug in row.get(name, ())}
        facets[name] = [[slug, title] for slug, title in among.items() if slug in used]
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    lines = ",\n".join(map(encode, rows))
    return (
        f"window.deckCards = {{\nfacets: {encode(facets)},\nsets: {encode(sets)},\n"
        f"cards: [\n{lines}\n]}};\n"
    ).encode()


def _titles(project: Project) -> dict[str, dict[str, str]]:
    """Return the titles of what the filters select by, by name of the filter and slug.

    If there are cards of one's own besides the project's, a filter selects by deck.
    """
    vocabulary = project.vocabulary
    titles = {
        "part": {slug: one.title for slug, one in vocabulary.parts.items()},
        "service": {slug: one.title for slug, one in vocabulary.services.items()},
        "topic": {slug: one.title for slug, one in vocabulary.topics.items()},
        **{name: dict(exams) for name, exams in vocabulary.exam_titles.items() if exams},
        "kind": {slug: slug for slug in vocabulary.kinds},
        "level": {
            slug: f"{slug.capitalize()}: {one.title}" for slug, one in vocabulary.levels.items()
        },
        "status": {slug: one.title for slug, one in vocabulary.statuses.items()},
    }
    if len(project.namespaces) > 1:
        titles["deck"] = {name: project.card_folder(name).deck for name in project.namespaces}
    return titles


def _row(note: Note, exams: int, edition: Edition) -> dict[str, Any]:
    card = note.card
    fields = dict(
        zip((f.name for f in edition.project.notetypes[note.type].fields), note.fields, strict=True)
    )
    front, back = _sides(note, fields)
    path = edition.paths[card.namespace, note.id]
    return {
        "id": note.id,
        **({} if path == f"card/{note.id}.html" else {"page": path}),
        **({"exams": exams} if exams else {}),
        "part": [card.part],
        "service": list(card.services),
        "topic": [card.topic],
        "kind": [card.kind],
        "level": [card.level],
        "status": [card.status],
        **({"deck": [card.namespace]} if len(edition.project.namespaces) > 1 else {}),
        "title": title(card),
        "front": without_comments(shown(front, "")),
        "back": without_comments(shown(back, "")),
    }


def _asked(hint: str | None) -> str:
    return f"{hint.removesuffix('?')}?" if hint else "…"


def _sides(note: Note, fields: dict[str, str]) -> tuple[str, str]:
    """Return prompt and answer as short HTML.

    A cloze card has all its gaps closed, then open; a multiple-choice card has its
    options, then the right ones.
    """
    content, extra = note.card.content, fields["Extra"]
    if isinstance(content, Cloze):
        closed = GAP.sub(lambda m: f'<span class="gap">[{_asked(m[3])}]</span>', fields["Text"])
        return closed, GAP.sub(r'<mark class="gap">\2</mark>', fields["Text"]) + extra
    if isinstance(content, Basic):
        return fields["Question"], f'<div class="lead">{fields["Answer"]}</div>{extra}'
    assert isinstance(content, MultipleChoice)
    right = set(fields["Key"].split())
    options = re.findall(r'<li data-n="(\d+)">(.*?)</li>', fields["Options"])
    answers = "".join(
        f'<li value="{place}">{option}</li>'
        for place, (number, option) in enumerate(options, start=1)
        if number in right
    )
    ask = "" if len(right) == 1 else f"<p>Choose {escape(fields['Pick'])}.</p>"
    return (
        f"{fields['Question']}{ask}{fields['Options']}",
        f'<ol class="lead">{answers}</ol>{extra}',
    )
