"""`stale`: the cards to check again first, as a table or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from deckwright.cards.staleness import Aged


def as_text(found: Iterable[Aged], limit: int) -> str:
    """The most urgent cards, then what the deck names as if it were open."""
    every = tuple(found)
    shown = every[:limit]
    width = max([4, *(len(a.card.id) for a in shown)])
    out = [f"{'urgency':>7}  {'months':>6}  {'kind':<9}  {'card':<{width}}  why"]
    for a in shown:
        number = "no date" if a.undated else f"{a.urgency:.2f}"
        why = ", ".join([f"old after {a.fresh} months", *a.risks])
        out.append(f"{number:>7}  {a.months:>6}  {a.card.kind:<9}  {a.card.id:<{width}}  {why}")
    closed = [(a, entry, line) for a in every for entry, line in a.changed]
    if closed:
        out += ["", "Named without a status though it was closed or is gone:"]
        out += [
            f"{a.card.span.path}:{line}: {a.card.id}: {entry.names[0]}, {entry.status}"
            for a, entry, line in closed
        ]
    return "\n".join(line.rstrip() for line in out) + "\n"


def summary(found: Iterable[Aged]) -> str:
    """One line: how many cards are due."""
    found = tuple(found)
    due = sum(1 for a in found if a.undated or a.urgency >= 1)
    return f"{len(found):,} cards, {due:,} of them due for another check"


def as_json(found: Iterable[Aged]) -> str:
    rows = [
        {
            "card": a.card.id,
            "kind": a.card.kind,
            "service": a.card.service,
            "checked": a.card.checked,
            "months": None if a.undated else a.months,
            "fresh": a.fresh,
            "urgency": None if a.undated else round(a.urgency, 3),
            "risks": list(a.risks),
            "closed": [
                {"name": entry.names[0], "status": entry.status, "line": line}
                for entry, line in a.changed
            ],
            "path": a.card.span.path,
            "line": a.card.span.line,
        }
        for a in found
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
