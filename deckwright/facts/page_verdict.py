"""The result for a line of evidence that cites a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from deckwright.core.card import Card
from deckwright.facts.comparable import parts
from deckwright.facts.compare import Match
from deckwright.facts.evidence import PAGE, Evidence, page_url
from deckwright.facts.page_copies import HTML, PageCopies, PageCopy
from deckwright.facts.page_evidence import compare_with_page
from deckwright.facts.page_similar import nearest_unit
from deckwright.facts.page_text import PageText
from deckwright.facts.stated_value import StatedValue
from deckwright.facts.verdict import DIFFERS, GONE, NOT_READ, PAGE_AGREES, Verdict
from deckwright.project.evidence_record import EvidenceRow


@dataclass(frozen=True)
class Pages:
    """The copies of pages that this machine has, with their texts; each is read once."""

    copies: PageCopies
    _texts: dict[str, PageText] = field(default_factory=dict, repr=False)

    def read(self, url: str) -> tuple[PageCopy, PageText] | None:
        """Return the copy of a page and its text, None if there is none here."""
        copy = self.copies.read(url)
        if copy is None:
            return None
        if url not in self._texts:
            self._texts[url] = PageText(copy.text, copy.media_type == HTML)
        return copy, self._texts[url]


def page_verdict(
    line: Evidence,
    value: StatedValue,
    card: Card,
    pages: Pages | None,
    row: EvidenceRow | None,
) -> Verdict:
    """Return the verdict on a value by a page, or by the record where no copy is here.

    `row` is what was recorded of the line, if anything was.
    """
    found = pages.read(page_url(line.path)) if pages else None
    if found is None:
        return _from_record(line, value, row)
    copy, text = found
    result = compare_with_page(line, value, card, text)
    if result.unit is None:
        if not copy.whole:  # the phrase may be in another part of the page
            return _from_record(line, value, row)
        near = nearest_unit(line.phrase, text)
        near_text = near.text if near else ""
        return Verdict(line, GONE, result.match, "", PAGE, copy.date, near_text)
    state = DIFFERS if result.match.why else PAGE_AGREES
    digest = result.unit.digest
    return Verdict(line, state, result.match, result.said, PAGE, copy.date, digest=digest)


def _from_record(line: Evidence, value: StatedValue, row: EvidenceRow | None) -> Verdict:
    if row is None or row.stated != " ".join(value.text.split()):
        return Verdict(line, NOT_READ, Match(""), "", PAGE, "")
    match = Match("", covers=parts(value))
    return Verdict(
        line, PAGE_AGREES, match, row.said, PAGE, row.version, digest=row.hash, from_record=True
    )
