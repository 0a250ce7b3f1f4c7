"""What to check next, and how old the checks are: a list, and a table by kind and age."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from deckwright.cards.staleness import Aged, aged
from deckwright.facts.verify import BY_DATA, BY_PAGE, verify
from deckwright.output.site.cards import title
from deckwright.output.site.edition import Edition, page

_FIRST = 10  # how many cards of the list are not folded
_NEXT = 10  # how many cards the list has if none is due
_YEARS = 24  # months; the last column begins here at the latest


@dataclass(frozen=True, slots=True)
class Cell:
    """The cards of a kind in a column of ages.

    `due` of them are due for another check, and `share` is their share in percent.
    """

    cards: int
    due: int

    @property
    def share(self) -> int:
        """How many of 100 cards are due, at least 1 if any is."""
        return math.ceil(100 * self.due / self.cards) if self.cards else 0


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind with the cells of its dated cards by age, and how many of them are due."""

    kind: str
    cards: int
    due: int
    cells: tuple[Cell, ...]


def ages_page(path: str, edition: Edition) -> bytes:
    """Return the page with what to check next and the ages of all checks."""
    cards = aged((note.card for note in edition.notes), edition.project, edition.today)
    due = [one for one in cards if is_due(one)]
    listed = [
        (one, _fresh(one), edition.paths[one.card.namespace, one.card.id], title(one.card))
        for one in (due or cards[:_NEXT])
    ]
    facts = Counter(f.state for f in verify((n.card for n in edition.notes), edition.project))
    months = sorted(one.months for one in cards if not one.undated)
    columns, rows = table(cards, edition)
    return page(
        path,
        "ages.html",
        edition,
        due=len(due),
        first=listed[:_FIRST],
        rest=listed[_FIRST:],
        columns=columns,
        rows=rows,
        dated=len(months),
        undated=len(cards) - len(months),
        median=months[len(months) // 2] if months else None,
        facts=facts.total(),
        by_data=facts[BY_DATA],
        by_page=facts[BY_PAGE],
    )


def is_due(one: Aged) -> bool:
    """Return whether a card is due for another check."""
    return one.undated or one.urgency >= 1


def table(cards: Sequence[Aged], edition: Edition) -> tuple[tuple[str, ...], tuple[KindRow, ...]]:
    """Return the columns (months of age) and the rows (kinds) of the table of dated cards.

    A column begins where a kind becomes old, so that no cell is partly old.
    """
    dated = [one for one in cards if not one.undated]
    kinds = edition.project.vocabulary.kinds
    used = [kind for kind in kinds if any(one.card.kind == kind for one in dated)]
    last = max((one.months for one in dated), default=0)
    starts = sorted(
        {0, *(kinds[kind].fresh for kind in used), *([_YEARS] if last >= _YEARS else [])}
    )
    count: Counter[tuple[str, int]] = Counter()
    due: Counter[tuple[str, int]] = Counter()
    for one in dated:
        place = one.card.kind, bisect_right(starts, one.months) - 1
        count[place] += 1
        due[place] += is_due(one)
    rows = []
    for kind in used:
        cells = tuple(Cell(count[kind, n], due[kind, n]) for n in range(len(starts)))
        dated_cards = sum(cell.cards for cell in cells)
        rows.append(KindRow(kind, dated_cards, sum(cell.due for cell in cells), cells))
    columns = [_column(a, b) for a, b in zip(starts, [*starts[1:], None], strict=True)]
    return tuple(columns), tuple(rows)


def _column(start: int, end: int | None) -> str:
    if end is None:
        return f"{start}+"
    return str(start) if end == start + 1 else f"{start}–{end - 1}"


def _fresh(one: Aged) -> int:
    """Return after how many months a card is due: sooner or later than its kind, by its risk."""
    return math.ceil(round(one.months / one.urgency, 6)) if one.urgency else one.fresh
