"""The cards of a note as pages for frames, which look like the pages of Anki's mobile apps.

The scripts of note types are files, so that pages of cards do not repeat them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deckwright.core.note import Note
from deckwright.output.site.card_sides import CardSides, card_sides
from deckwright.output.site.edition import ASSETS, MEDIA, Edition, shown
from deckwright.output.site.templating import fill
from deckwright.project.words import SiteWords

_FILE = re.compile(rf'(<(?:img|script) src=")(?=(?:{MEDIA}|{ASSETS})/)')


def sides(note: Note, edition: Edition, up: str) -> tuple[CardSides, ...]:
    """Return the cards of a note as HTML for frames.

    `up` leads from the page to the folder of the site.
    """
    made, cards = edition.made_sides.get(note.guid, (None, ()))
    if made is not note:
        cards = tuple(_at_the_top(note, edition))
        edition.made_sides[note.guid] = note, cards
    if not up:
        return cards
    return tuple(
        CardSides(one.ord, one.name, _moved(one.front, up), _moved(one.back, up)) for one in cards
    )


def faces(note: Note, edition: Edition, up: str) -> tuple[dict[str, object], ...]:
    """Return the cards of a note for the macro of sides.html."""
    return tuple(
        {
            "name": one.name,
            "ord": one.ord,
            "sides": tuple(
                {"name": name, "page": _frame(side, one.ord, name, up, edition)}
                for name, side in (("front", one.front), ("back", one.back))
            ),
        }
        for one in sides(note, edition, up)
    )


def frame(up: str, edition: Edition) -> str:
    """Return the page for a side of a card, with `{title}`, `{card}` and `{side}` in it.

    `{card}` is the number of the card, from 1.
    """
    return _blank(up, edition.project.card_folders[0].language)


@cache
def _blank(up: str, lang: str) -> str:
    values = {"title": "{title}", "ord": "{card}", "side": "{side}", "up": up, "lang": lang}
    return fill("frame.html", SiteWords({}), **values)


def _frame(side: str, number: int, name: str, up: str, edition: Edition) -> str:
    title = edition.project.words.say(name)
    page = frame(up, edition).replace("{title}", title).replace("{card}", str(number + 1))
    return page.replace("{side}", side)


def _moved(side: str, up: str) -> str:
    return _FILE.sub(rf"\g<1>{up}", side) if 'src="' in side else side


def _at_the_top(note: Note, edition: Edition) -> Iterator[CardSides]:
    """Yield the cards of a note for pages in the folder of the site."""
    gap = edition.project.words.text("gap")
    for one in card_sides(note, edition.notetypes[note.type], gap):
        yield CardSides(one.ord, one.name, *(str(shown(s, "")) for s in (one.front, one.back)))
