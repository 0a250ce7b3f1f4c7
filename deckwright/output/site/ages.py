"""The ages of check dates: a plot by kind and month, and a list of the oldest."""

from __future__ import annotations

from collections import Counter

from deckwright.cards.staleness import age_in_months
from deckwright.core.note import Note
from deckwright.facts.report import confirmations, reported
from deckwright.output.site.cards import title
from deckwright.output.site.edition import Edition, page

OLDEST = 40  # how many cards the list of the oldest has
_LONGEST = 24  # months; the last column has everything older
_CELL, _LEFT, _TOP = 28, 92, 10  # pixels


def ages_page(path: str, edition: Edition) -> bytes:
    """Return the page with the ages of check dates."""
    dated = [
        (age_in_months(note.card.checked, edition.today), note)
        for note in edition.notes
        if note.card.checked
    ]
    undated = [note for note in edition.notes if not note.card.checked]
    oldest = sorted(dated, key=lambda pair: (-pair[0], pair[1].card.checked, pair[1].position))[
        :OLDEST
    ]
    return page(
        path,
        "ages.html",
        edition,
        plot=_plot(dated, edition),
        oldest=tuple(
            (age, note, edition.paths[note.card.namespace, note.id], title(note.card))
            for age, note in oldest
        ),
        undated=tuple(
            (note, edition.paths[note.card.namespace, note.id], title(note.card))
            for note in undated
        ),
        median=sorted(age for age, _ in dated)[len(dated) // 2] if dated else None,
        dated=len(dated),
        facts=confirmations(reported((note.card for note in edition.notes), edition.project)),
    )


def _plot(dated: list[tuple[int, Note]], edition: Edition) -> dict[str, object]:
    """Return what the template needs to draw the plot, all in pixels.

    Rows are kinds, columns are months of age, and the area of a square grows with the
    number of cards.
    """
    last = min(_LONGEST, max((age for age, _ in dated), default=0))
    width = max(last, 7) + 1
    kinds = [
        kind
        for kind in edition.project.vocabulary.kinds
        if any(note.card.kind == kind for _, note in dated)
    ]
    number = Counter((note.card.kind, min(age, _LONGEST)) for age, note in dated)
    most = max(number.values(), default=1)
    rows = []
    for y, kind in enumerate(kinds):
        cells = [(age, number[kind, age]) for age in range(width) if number[kind, age]]
        ages = sorted(age for age, note in dated if note.card.kind == kind)
        fresh = edition.project.vocabulary.kinds[kind].fresh
        rows.append(
            {
                "kind": kind,
                "fresh": fresh,
                "old": _LEFT + fresh * _CELL if fresh < width else None,
                "y": _TOP + y * _CELL + _CELL / 2,
                "squares": [_square(age, y, cards, most) for age, cards in cells],
                "cells": cells,
                "cards": len(ages),
                "median": ages[len(ages) // 2],
                "oldest": ages[-1],
            }
        )
    return {
        "width": _LEFT + width * _CELL + 8,
        "height": _TOP + len(kinds) * _CELL + 46,
        "left": _LEFT,
        "floor": _TOP + len(kinds) * _CELL,
        "right": _LEFT + width * _CELL,
        "rows": rows,
        "ticks": [(age, _LEFT + age * _CELL + _CELL / 2) for age in range(0, width, 3)],
        "capped": last == _LONGEST,
        "most": most,
    }


def _square(age: int, y: int, cards: int, most: int) -> dict[str, object]:
    """Return a square centered in its cell; its area shows the number of cards."""
    side = round(6 + (_CELL - 9) * (cards / most) ** 0.5, 1)
    x = _LEFT + age * _CELL + (_CELL - side) / 2
    return {
        "x": round(x, 1),
        "y": round(_TOP + y * _CELL + (_CELL - side) / 2, 1),
        "side": side,
        "cards": cards,
        "age": age,
    }
