"""Compare the values that cards state with published data, pages, and the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.facts.compare import claims, compare
from deckwright.facts.datasets import Datasets
from deckwright.facts.evidence import PAGE, Evidence, EvidenceError, evidence_by_gap, page_url
from deckwright.facts.page_copies import PageCopies
from deckwright.facts.quotes import quote_phrase, quote_value
from deckwright.facts.stated_value import StatedValue, stated_value
from deckwright.project.evidence_record import EvidenceRecord, EvidenceRow
from deckwright.project.project import Project

CONFIRMED, CHANGED, NOT_READ = "confirmed", "changed or gone", "not read here"
BY_DATA, BY_PAGE, UNCHECKED = "by data", "by page", "not checkable"
STATES = (BY_DATA, BY_PAGE, CHANGED, NOT_READ, UNCHECKED)  # of a fact

_READ_AGAIN = "read the `source` page, and correct the card or the evidence line"


@dataclass(frozen=True, slots=True)
class Result:
    """What data or a page says of one evidence line.

    `state` is CONFIRMED, CHANGED, or NOT_READ. `row` can be put on record; its `said` is empty
    if the name or phrase of the line is not there. `recorded` is what was recorded for the same
    value. `covers` are the parts of the value that are confirmed; if it has CHANGED, `why` and
    `help` say what is wrong and what to do.
    """

    line: Evidence
    state: str
    row: EvidenceRow
    recorded: EvidenceRow | None
    covers: frozenset[str] = frozenset()
    why: str = ""
    help: str = ""

    @property
    def from_record(self) -> bool:
        """Whether only the record confirms the line."""
        return self.row is self.recorded


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that a card states, with a result for each of its evidence lines.

    `gap` is 0 for an answer or right options. `state` is one of STATES.
    """

    card: Card
    gap: int
    value: StatedValue
    results: tuple[Result, ...]

    @property
    def state(self) -> str:
        """BY_DATA or BY_PAGE only if all lines confirm the value."""
        states = {result.state for result in self.results}
        if not states:
            return UNCHECKED
        for state in (CHANGED, NOT_READ):
            if state in states:
                return state
        return BY_PAGE if any(result.line.is_page for result in self.results) else BY_DATA

    @property
    def confirmed(self) -> bool:
        """Whether data or pages confirm the whole value."""
        return self.state in (BY_DATA, BY_PAGE)


def verify(
    cards: Iterable[Card],
    project: Project,
    data: Datasets | None = None,
    pages: PageCopies | None = None,
) -> Iterator[Fact]:
    """Compare every gap of cards that need a source, and other values with evidence.

    Without data, or without a copy of a page, the record counts instead, as long as the card
    states the value that it stated then. Evidence lines that `check` refuses are left out.
    """
    for card in cards:
        record = project.evidence_records.get(card.namespace, {})
        for gap, lines in evidence_by_gap(card, project.vocabulary).items():
            if value := stated_value(card, gap):
                results = [_result(line, card, value, record, data, pages) for line in lines]
                yield Fact(card, gap, value, _complete(results, value))


def _complete(results: Sequence[Result], value: StatedValue) -> tuple[Result, ...]:
    """Return results of a value, the first as CHANGED if they confirm only parts of it."""
    missing = claims(value).difference(*(result.covers for result in results))
    if missing and results and all(result.state == CONFIRMED for result in results):
        names = ", ".join(sorted(missing))
        why = f"no evidence confirms this part of the value: {names}"
        help_line = f"add an evidence line that confirms {names}"
        results = [replace(results[0], state=CHANGED, why=why, help=help_line), *results[1:]]
    return tuple(results)


def _result(
    line: Evidence,
    card: Card,
    value: StatedValue,
    record: EvidenceRecord,
    data: Datasets | None,
    pages: PageCopies | None,
) -> Result:
    row = EvidenceRow(card.id, line.span.text, PAGE, "", value.text, "")
    recorded = record.get((row.card, row.evidence))
    if recorded and recorded.stated != row.stated:
        recorded = None
    copy = pages.read(page_url(line.path)) if pages and line.is_page else None
    try:
        # A date can be a month or a day; a copy without a date counts as new.
        if copy and not (recorded and copy.copied < recorded.version[: len(copy.copied)]):
            row = replace(row, version=copy.copied)
            if copy.gone:
                help_line = "find the page, and correct the `source` and this line"
                raise EvidenceError(f"the page {copy.gone}", help_line)
            quote = quote_phrase(line, copy.passages)
        elif data and not line.is_page:
            package, version = data.package(line.data)
            row = replace(row, package=package, version=version)
            quote = quote_value(line, data.value(line.data, line.path))
        elif recorded:
            return Result(line, CONFIRMED, recorded, recorded, claims(value))
        else:
            return Result(line, NOT_READ, row, None)
        row = replace(row, said=" ".join(quote.said.split()))
        covers = compare(line, quote, card, value)
    except EvidenceError as error:
        return Result(line, CHANGED, row, recorded, why=str(error), help=error.help)
    return Result(line, CONFIRMED, row, recorded, covers)


def diagnose(facts: Iterable[Fact], recording: bool = False) -> Iterator[Diagnostic]:
    """Yield E101 and E102 (changed or gone), and E104 (no record).

    There is one E104 for all lines, and none if the results are being recorded.
    """
    unrecorded: list[Result] = []
    for fact in facts:
        for result in fact.results:
            if result.state == CHANGED:
                yield _changed(fact, result)
            elif fact.confirmed and (
                result.recorded is None or result.recorded.said != result.row.said
            ):
                unrecorded.append(result)
    if unrecorded and not recording:
        message = "the evidence record is missing or out of date for this line"
        if more := len(unrecorded) - 1:
            message += f" and {more} more"
        help_line = "run `./build.py verify --record`"
        yield Diagnostic("E104", message, unrecorded[0].line.span, help_line)


def _changed(fact: Fact, result: Result) -> Diagnostic:
    """Return E101 if data or page say something else, E102 if they say nothing."""
    why, help_line = result.why, result.help or _READ_AGAIN
    if not (result.row.said or result.help or result.line.is_page):
        help_line = f"search the data with `./build.py evidence {result.line.data} WORDS`, and "
        help_line += "correct the card or the evidence line"
    if row := result.recorded:
        why += f"; recorded from {row.package} {row.version}: {row.said}"
    if not result.row.said:
        return Diagnostic("E102", why, result.line.path_span, help_line)
    related = (("the card states it here", fact.value.span),)
    return Diagnostic("E101", why, result.line.span, help_line, related)
