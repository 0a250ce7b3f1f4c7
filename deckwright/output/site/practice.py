"""Practice in the browser: a page that asks cards in rounds, and scripts with their HTML.

Each script has a few cards, and the page loads it when it needs one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from deckwright.core.card import TYPES, Card
from deckwright.core.note import Note
from deckwright.core.wording import size
from deckwright.output.site.card_sides import handlers
from deckwright.output.site.cards import title
from deckwright.output.site.edition import ASSETS, Edition, card_key, page
from deckwright.output.site.frames import frame, sides
from deckwright.output.site.home import package_title
from deckwright.output.site.scripts import deck_script, encode
from deckwright.project.packages import paths

_FOLDER = f"{ASSETS}/practice"
_PER_SCRIPT = 10  # cards


@dataclass(frozen=True)
class _Facet:
    """What a learner can choose cards by.

    `titles` are those of its values, `more` explains values whose titles are short, and
    `of` are the values of each card of the deck.
    """

    name: str
    titles: Mapping[str, str]
    of: tuple[tuple[str, ...], ...]
    more: Mapping[str, str]


def practice_page(path: str, edition: Edition) -> bytes:
    """Return the page. It needs JavaScript."""
    kinds = edition.project.notetypes
    clicks = dict.fromkeys(
        run for note in edition.notes for run in handlers(note, kinds[note.type])
    )
    return page(path, "practice.html", edition, clicks)


def practice_scripts(edition: Edition) -> dict[str, Callable[[], bytes]]:
    """Return a function for each script that makes it, by path."""
    made: dict[str, Callable[[], bytes]] = {f"{_FOLDER}/deck.js": partial(_deck, edition)}
    for start in range(0, len(edition.notes), _PER_SCRIPT):
        few = edition.notes[start : start + _PER_SCRIPT]
        made[f"{_FOLDER}/{start // _PER_SCRIPT}.js"] = partial(_cards, few, edition)
    return made


def _deck(edition: Edition) -> bytes:
    """Return a script that sets `window.deckPractice`: what the page needs to choose cards.

    A card is a row: its key, and the numbers of its values in each facet. A facet's value
    is its slug, its title, the number of the package to import, and an explanation.
    `all` and the number are null while there are no packages.
    """
    facets = _facets(edition)
    numbers = [{slug: n for n, slug in enumerate(facet.titles)} for facet in facets]
    rows = [
        [card_key(note, edition)]
        + [[known[slug] for slug in slugs] for known, slugs in zip(numbers, values, strict=True)]
        for note, *values in zip(edition.notes, *(facet.of for facet in facets), strict=True)
    ]
    packages = Packages(edition)
    deck = {
        "name": edition.project.deck,
        "perScript": _PER_SCRIPT,
        "frame": frame("", edition),
        "packages": packages.offered,
        "all": packages.number({note.guid for note in edition.notes}),
        "facets": [
            {
                "name": facet.name,
                "title": edition.project.words.say(f"by-{facet.name}"),
                "values": _values(facet, packages, edition),
            }
            for facet in facets
        ],
    }
    return deck_script("deckPractice", deck, rows)


def _values(facet: _Facet, packages: Packages, edition: Edition) -> list[list[str | int | None]]:
    guids: dict[str, set[str]] = {slug: set() for slug in facet.titles}
    for note, slugs in zip(edition.notes, facet.of, strict=True):
        for slug in slugs:
            guids[slug].add(note.guid)
    return [
        [slug, words, packages.number(guids[slug]), facet.more.get(slug, "")]
        for slug, words in facet.titles.items()
    ]


def _cards(notes: Sequence[Note], edition: Edition) -> bytes:
    """Return a script with the title and the sides of cards."""
    lines = ",\n".join(
        f"{encode(card_key(note, edition))}:"
        + encode([title(note.card), [[s.ord, s.front, s.back] for s in sides(note, edition, "")]])
        for note in notes
    )
    return f"deckPractice.add({{\n{lines}\n}});\n".encode()


def _facets(edition: Edition) -> list[_Facet]:
    """Return the facets in which cards differ, with the values that they have."""
    vocabulary = edition.project.vocabulary
    levels = {slug: slug.capitalize() for slug in vocabulary.levels}
    types = {name: edition.project.words.say(f"type-{name}") for name in TYPES}
    decks = {name: edition.project.card_folder(name).deck for name in edition.project.namespaces}
    parts, topics = _titles(vocabulary.parts), _titles(vocabulary.topics)
    services = _titles(vocabulary.services)
    every: tuple[tuple[str, dict[str, str], Callable[[Card], Iterable[str]]], ...] = (
        ("part", parts, lambda card: (card.part,)),
        ("topic", topics, lambda card: (card.topic,)),
        ("service", services, lambda card: card.services),
        *(
            (
                name,
                {slug: title.partition(":")[0] for slug, title in titles.items()},
                lambda card, name=name: vocabulary.served(card.exams)[name],
            )
            for name, titles in edition.exam_titles.items()
        ),
        ("level", levels, lambda card: (card.level,) if card.level else ()),
        ("type", types, lambda card: (card.type,)),
        ("deck", decks, lambda card: (card.namespace,)),
    )
    more = {
        **edition.exam_titles,
        "exam": _titles(vocabulary.exams),
        "level": _titles(vocabulary.levels),
    }
    facets = []
    for name, titles, values_of in every:
        of = tuple(tuple(values_of(note.card)) for note in edition.notes)
        in_use = {slug for slugs in of for slug in slugs}
        used = {slug: words for slug, words in titles.items() if slug in in_use}
        facets += [_Facet(name, used, of, more.get(name, {}))] if len(set(of)) > 1 else []
    return facets


def _titles(terms: Mapping[str, Any]) -> dict[str, str]:
    return {slug: term.title for slug, term in terms.items()}


class Packages:
    """The packages with cards that can be downloaded, the smallest first.

    `offered` has the path, the title, the number of cards, and the size of each.
    """

    def __init__(self, edition: Edition) -> None:
        inside: dict[str, set[str]] = {}
        for guid, names in edition.files.items():
            for path in names:
                inside.setdefault(path, set()).add(guid)
        made = [artifact for artifact in edition.packages if artifact.path in inside]
        made.sort(key=lambda artifact: artifact.notes)
        titles = {
            path: package_title(spec, slug, edition)
            for spec in edition.project.packages
            for slug, path in paths(spec, edition.project.vocabulary).items()
        }
        self.offered = [
            [one.path, titles[one.path], one.notes, size(len(one.data))] for one in made
        ]
        self._inside = [inside[one.path] for one in made]

    def number(self, guids: set[str]) -> int | None:
        """Return the number of the smallest package that contains all these notes."""
        return next((n for n, inside in enumerate(self._inside) if guids <= inside), None)
