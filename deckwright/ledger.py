"""What was released when. Builds only read it; `release` alone will write it.

`decks/ledger.tsv` has one line per card, tab separated, under a heading line. Read today: `id`, `state` (live or retired)
and `successor`.
"""

from __future__ import annotations

from dataclasses import dataclass

from deckwright.diagnostic import Diagnostic, Outcome
from deckwright.model import Source

COLUMNS = ("id", "state", "successor")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Retired card ids and their successors (empty where there is none)."""

    retired: tuple[tuple[str, str], ...] = ()

    def successor(self, card_id: str) -> str | None:
        """Successor of a retired id, empty if it has none; None if the id was never retired."""
        return dict(self.retired).get(card_id)


def read(source: Source) -> Outcome[Ledger]:
    lines = source.text.split("\n")
    if tuple(lines[0].split("\t")) != COLUMNS:
        span = source.lines_span(0, 1)
        return Outcome((), (Diagnostic("V803", "the heading line of the ledger is not as expected", span, "write: " + " ".join(COLUMNS)),))
    retired, faults = [], []
    for number, line in enumerate(lines[1:], start=1):
        if not line:
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS) or cells[1] not in ("live", "retired"):
            faults.append(
                Diagnostic(
                    "V803", "this line of the ledger cannot be read", source.lines_span(number, number + 1), "write: " + " ".join(COLUMNS)
                )
            )
        elif cells[1] == "retired":
            retired.append((cells[0], cells[2]))
    return Outcome((Ledger(tuple(retired)),), tuple(faults))
