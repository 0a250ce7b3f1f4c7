"""The cards of a note as pages for frames, which look like the pages of Anki's mobile apps.

The scripts of note types are files, so that pages of cards do not repeat them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deckwright.core.note import Note
from deckwright.output.site.card_sides import SCRIPT, CardSides, card_sides
from deckwright.output.site.edition import Edition, shown
from deckwright.output.site.templating import fill, trusted


def sides(note: Note, edition: Edition, up: str) -> Iterator[CardSides]:
    """Yield the cards of a note as HTML for frames.

    `up` leads from the page to the folder of the site.
    """
    for one in card_sides(note, edition.project.notetypes[note.type]):
        front, back = (
            _with_files(side, edition.script_files, up) for side in (one.front, one.back)
        )
        yield CardSides(one.ord, one.name, front, back)


def faces(note: Note, edition: Edition, up: str) -> tuple[dict[str, object], ...]:
    """Return the cards of a note for the macro of sides.html."""
    return tuple(
        {
            "name": one.name,
            "ord": one.ord,
            "sides": tuple(
                {"name": name, "page": frame(side, one.ord, name, up)}
                for name, side in (("front", one.front), ("back", one.back))
            ),
        }
        for one in sides(note, edition, up)
    )


def frame(side: str, number: int, name: str, up: str) -> str:
    """Return the page with a side of a card; `number` is that of the card, from 0."""
    return fill("frame.html", title=name, ord=number + 1, up=up, side=trusted(side))


def _with_files(side: str, files: Mapping[str, str], up: str) -> str:
    return SCRIPT.sub(
        lambda match: (
            f'<script src="{up}{files[match[1]]}"></script>' if match[1] in files else match[0]
        ),
        shown(side, up),
    )
