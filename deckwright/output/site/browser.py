"""The browser of all cards: a page, a script with the data to filter by, and scripts with texts.

The page loads a text when it shows it, and all of them when it searches.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from html import escape

from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.note import Note
from deckwright.markdown.html import GAP
from deckwright.output.html_text import without_comments
from deckwright.output.site.edition import ASSETS, Edition, page, shown
from deckwright.output.site.scripts import deck_script, encode
from deckwright.project.words import SiteWords

_PER_SCRIPT = 20  # cards
_NAMES = ("part", "service", "topic", "kind", "level", "status", "deck")  # filters not by exam


def browser_page(path: str, edition: Edition) -> bytes:
    """Return the page. Without JavaScript it links to the list of cards by topic."""
    return page(
        path,
        "cards.html",
        edition,
        total=len(edition.notes),
        facets=tuple(_titles(edition)),
    )


def browser_scripts(edition: Edition) -> dict[str, Callable[[], bytes]]:
    """Return a function for each script that makes it, by path."""
    made: dict[str, Callable[[], bytes]] = {f"{ASSETS}/cards.js": partial(_deck, edition)}
    for start in range(0, len(edition.notes), _PER_SCRIPT):
        number = start // _PER_SCRIPT
        made[f"{ASSETS}/cards/{number}.js"] = partial(_texts, number, edition)
    return made


def _deck(edition: Edition) -> bytes:
    """Return a script that sets `window.deckCards`: what the page needs to filter cards.

    It has the titles in use from the vocabulary, the sets of exams, domains, and tasks that
    cards serve, the most frequent first, and a row per card in curriculum order: the number
    of its set, and the numbers of its values in each of the other filters (`names`).
    """
    titles = _titles(edition)
    frequent = [exams for exams, _ in Counter(n.card.exams for n in edition.notes).most_common()]
    sets = [edition.project.vocabulary.served(exams) for exams in frequent]
    values = [_values(note.card) for note in edition.notes]
    facets = {name: _used(titles[name], name, (*values, *sets)) for name in titles}
    numbers = {
        name: {slug: number for number, (slug, _) in enumerate(facets[name])} for name in facets
    }
    exams, names = (tuple(n for n in titles if (n in _NAMES) == own) for own in (False, True))
    deck = {
        "perScript": _PER_SCRIPT,
        "exams": exams,
        "names": names,
        "facets": facets,
        "sets": [_numbered(one, exams, numbers) for one in sets],
    }
    places = {exams: number for number, exams in enumerate(frequent)}
    rows = (
        [places[note.card.exams], *_numbered(row, names, numbers)]
        for note, row in zip(edition.notes, values, strict=True)
    )
    return deck_script("deckCards", deck, rows)


def _used(
    titles: Mapping[str, str], name: str, rows: Iterable[Mapping[str, Sequence[str]]]
) -> list[tuple[str, str]]:
    """Return the slugs and titles that rows have in a filter."""
    used = {slug for row in rows for slug in row.get(name, ())}
    return [(slug, title) for slug, title in titles.items() if slug in used]


def _numbered(
    row: Mapping[str, Sequence[str]], names: Iterable[str], numbers: Mapping[str, Mapping[str, int]]
) -> list[int | list[int]]:
    """Return the numbers of a row's values in these filters; where there is one, only that."""
    found = ([numbers[name][slug] for slug in row[name]] for name in names)
    return [some[0] if len(some) == 1 else some for some in found]


def _texts(number: int, edition: Edition) -> bytes:
    """Return a script with the ID, page, language, front, and back of some cards."""
    few = edition.notes[number * _PER_SCRIPT : (number + 1) * _PER_SCRIPT]
    lines = ",\n".join(encode(_text(note, edition)) for note in few)
    return f"deckCards.add({number}, [\n{lines}\n]);\n".encode()


def _titles(edition: Edition) -> dict[str, dict[str, str]]:
    """Return the titles of what the filters select by, by name of the filter and slug.

    If there are cards of one's own besides the project's, a filter selects by deck.
    """
    project, vocabulary = edition.project, edition.project.vocabulary
    titles = {
        "part": {slug: one.title for slug, one in vocabulary.parts.items()},
        "service": {slug: one.title for slug, one in vocabulary.services.items()},
        "topic": {slug: one.title for slug, one in vocabulary.topics.items()},
        **{name: dict(exams) for name, exams in edition.exam_titles.items() if exams},
        "kind": {slug: slug.capitalize() for slug in vocabulary.kinds},
        "level": {slug: slug.capitalize() for slug in vocabulary.levels},
        "status": {slug: one.title for slug, one in vocabulary.statuses.items()},
    }
    if len(project.namespaces) > 1:
        titles["deck"] = {name: project.card_folder(name).deck for name in project.namespaces}
    return titles


def _values(card: Card) -> dict[str, tuple[str, ...]]:
    """Return the slugs of a card in each filter but those by exam."""
    values = (
        (card.part,),
        card.services,
        (card.topic,),
        (card.kind,),
        (card.level,) if card.level else (),
        (card.status,),
        (card.namespace,),
    )
    return dict(zip(_NAMES, values, strict=True))


def _text(note: Note, edition: Edition) -> list[str]:
    names = (field.name for field in edition.project.notetypes[note.type].fields)
    sides = _sides(note, dict(zip(names, note.fields, strict=True)), edition.project.words)
    path = edition.paths[note.card.namespace, note.id]
    return [note.id, path, note.card.language, *(without_comments(shown(s, "")) for s in sides)]


def _asked(hint: str | None) -> str:
    return f"{hint.removesuffix('?')}?" if hint else "…"


def _sides(note: Note, fields: dict[str, str], words: SiteWords) -> tuple[str, str]:
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
    said = len(right) == 1 or "(Choose " in fields["Question"]
    ask = "" if said else f"<p>{escape(words.say('choose', pick=fields['Pick']))}</p>"
    return (
        f"{fields['Question']}{ask}{fields['Options']}",
        f'<ol class="lead">{answers}</ol>{extra}',
    )
