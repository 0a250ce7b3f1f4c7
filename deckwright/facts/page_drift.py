"""What pages say differently since they were recorded, by what that means for the cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from deckwright.core.card import Card
from deckwright.facts.evidence import Evidence, page_url
from deckwright.facts.page_changes import GONE, KEPT, REWORDED, classify
from deckwright.facts.page_copies import PageCopy
from deckwright.facts.page_verdict import Pages
from deckwright.facts.verdict import CheckedValue
from deckwright.project.evidence_record import EvidenceRecord, EvidenceRow

MOVED = "moved"
LISTS = (GONE, REWORDED, MOVED)
_COUNTS = ("compared", "unrecorded", "unread")


@dataclass(frozen=True, slots=True)
class PageDrift:
    """A recorded evidence line whose page is not what it was.

    `list` is one of LISTS. `before` is the recorded sentence or row of the day or month
    `before_date`, `now` the one that states the value now, or is most like the old one.
    `paste` is the evidence line that quotes `now`; it may be empty. `why` says what was
    found instead of a page that has MOVED.
    """

    list: str
    card: Card
    line: Evidence
    states: str
    url: str
    before_date: str = ""
    before: str = ""
    now_date: str = ""
    now: str = ""
    paste: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class PageDrifts:
    """What changed, how many evidence lines were compared, and how many were not.

    There are two reasons for the latter: they have no record, or there is no copy of
    their page that is newer than the record.
    """

    found: tuple[PageDrift, ...]
    compared: int
    unrecorded: int
    unread: int

    @property
    def failed(self) -> bool:
        """Whether a value is gone from its page."""
        return any(drift.list == GONE for drift in self.found)


def page_drifts(
    facts: Iterable[CheckedValue], records: Mapping[str, EvidenceRecord], pages: Pages
) -> PageDrifts:
    """Compare the copies of pages with the records, by namespace."""
    found: list[PageDrift] = []
    counts: Counter[str] = Counter()
    for fact, line in _page_lines(facts):
        url, states = page_url(line.path), " ".join(fact.value.text.split())
        if why := pages.copies.found(url):
            found.append(PageDrift(MOVED, fact.card, line, states, url, why=why))
            continue
        row = records.get(fact.card.namespace, {}).get((fact.card.id, line.span.text))
        if row is None or row.stated != states:
            counts["unrecorded"] += 1
            continue
        read = pages.read(url)
        if read is None or _is_older(read[0], row):
            counts["unread"] += 1
            continue
        copy, text = read
        change = classify(fact.card, line, fact.value, row.said, text)
        if change.state == GONE and not copy.whole:  # it may be in another part of the page
            counts["unread"] += 1
            continue
        counts["compared"] += 1
        if change.state != KEPT:
            dates = {"before_date": row.version, "now_date": copy.date}
            texts = {"before": row.said, "now": change.said, "paste": change.paste}
            found.append(PageDrift(change.state, fact.card, line, states, url, **dates, **texts))
    found.sort(key=lambda d: (LISTS.index(d.list), d.line.span.path, d.line.span.start))
    return PageDrifts(tuple(found), **{name: counts[name] for name in _COUNTS})


def _page_lines(facts: Iterable[CheckedValue]) -> Iterator[tuple[CheckedValue, Evidence]]:
    for fact in facts:
        for verdict in fact.verdicts:
            if verdict.line.is_page:
                yield fact, verdict.line


def _is_older(copy: PageCopy, row: EvidenceRow) -> bool:
    """Return whether a copy is older than what was recorded, as far as the dates say."""
    both = min(len(copy.date), len(row.version))
    return copy.date[:both] < row.version[:both]
