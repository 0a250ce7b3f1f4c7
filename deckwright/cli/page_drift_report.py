"""What `verify --drift` says about pages: three lists, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from deckwright.core.report import printable
from deckwright.core.wording import count
from deckwright.facts.page_changes import GONE, REWORDED
from deckwright.facts.page_drift import MOVED, PageDrift, PageDrifts

_TITLES = {
    GONE: "Values that their pages no longer state:",
    REWORDED: "Values whose sentences were reworded:",
    MOVED: "Pages that moved or are gone:",
}


def as_text(drifts: PageDrifts) -> str:
    """The lists that are not empty, each under its title."""
    lists = []
    for name, found in groupby(drifts.found, key=lambda drift: drift.list):
        lines = [printable(line) for drift in found for line in _lines(drift)]
        lists.append("".join(f"{line}\n" for line in [_TITLES[name], *lines]))
    return "\n".join(lists)


def _lines(drift: PageDrift) -> Iterator[str]:
    span = drift.line.span
    place = f"{span.path}:{span.line}: {drift.card.id}: the card says {drift.states}"
    if drift.list == MOVED:
        yield f"{place}; {drift.url} {drift.why}"
        return
    yield f"{place}; {drift.url}"
    nothing = "(no similar sentence)"
    closest = " (the closest match)" if drift.list == GONE and drift.now else ""
    yield f"  {drift.before_date}: {drift.before}"
    yield f"  {drift.now_date}: {drift.now or nothing}{closest}"
    if drift.paste == drift.line.span.text:
        yield f"  the evidence line still fits: {drift.paste}"
    else:
        yield f"  - evidence: {drift.paste or drift.line.span.text}"


def as_rows(drifts: PageDrifts) -> list[dict[str, Any]]:
    """The lists as values for JSON."""
    return [
        {
            "list": drift.list,
            "card": drift.card.id,
            "path": drift.line.span.path,
            "line": drift.line.span.line,
            "states": drift.states,
            "evidence": drift.line.text,
            "page": drift.url,
            "why": drift.why,
            "before": {"date": drift.before_date, "said": drift.before},
            "now": {"date": drift.now_date, "said": drift.now},
            "paste": drift.paste,
        }
        for drift in drifts.found
    ]


def summary(drifts: PageDrifts) -> str:
    """How many evidence lines were compared, what came of it, and how many were not."""
    if not (drifts.found or drifts.compared or drifts.unrecorded or drifts.unread):
        return "no card quotes a page"
    numbers = dict.fromkeys(_TITLES, 0)
    for drift in drifts.found:
        numbers[drift.list] += 1
    text = (
        f"{count(drifts.compared, 'value')} compared with pages: {numbers[GONE]:,} gone, "
        f"{numbers[REWORDED]:,} reworded; {numbers[MOVED]:,} on pages that moved or are gone"
    )
    if drifts.unread:
        run = "to copy the pages, run ./build.py pages"
        text += (
            f"\nnot compared, because no newer copy is here: {count(drifts.unread, 'value')}; {run}"
        )
    if drifts.unrecorded:
        run = "to record them, run ./build.py verify --record"
        text += (
            f"\nnot compared, because not recorded yet: {count(drifts.unrecorded, 'value')}; {run}"
        )
    return text
