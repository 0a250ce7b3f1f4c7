"""What was released when. Builds only read it; `release` alone will write it.

`decks/ledger.tsv` has one line per card of the project's first root, tab separated, under a heading line: `id`, `state` (live
or retired) and `successor` (of a retired card; empty where there is none).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deckwright.diagnostic import Diagnostic, Outcome
from deckwright.model import Source

COLUMNS = ("id", "state", "successor")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Ids of live cards, and retired ids with their successors (empty where there is none)."""

    live: frozenset[str] = frozenset()
    retired: Mapping[str, str] = field(default_factory=dict)


def read(source: Source) -> Outcome[Ledger]:
    """The ledger, and a complaint for each line that cannot be read."""
    lines = source.text.split("\n")
    help_line = "one tab between the cells: " + "⇥".join(COLUMNS)
    if tuple(lines[0].split("\t")) != COLUMNS:
        return Outcome((), (Diagnostic("V803", "the heading line of the ledger is not as expected", source.lines_span(0, 1), help_line),))
    live: set[str] = set()
    retired: dict[str, str] = {}
    faults = []
    for number, line in enumerate(lines[1:], start=1):
        match line.split("\t"):
            case [""]:
                pass
            case [card_id, "live", ""]:
                live.add(card_id)
            case [card_id, "retired", successor]:
                retired[card_id] = successor
            case _:
                faults.append(
                    Diagnostic("V803", "this line of the ledger cannot be read", source.lines_span(number, number + 1), help_line)
                )
    return Outcome((Ledger(frozenset(live), retired),), tuple(faults))
