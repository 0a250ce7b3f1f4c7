"""Compare the values that cards state with published data, pages, and the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.facts.compare import compare
from deckwright.facts.datasets import Datasets
from deckwright.facts.evidence import PAGE, Evidence, UnconfirmedError, evidence_by_gap, page_url
from deckwright.facts.page_copies import PageCopies
from deckwright.facts.quantities import claims
from deckwright.facts.quotes import quote_in_data, quote_on_page
from deckwright.facts.stated_value import StatedValue, stated_value
from deckwright.project.evidence_record import EvidenceRecord, EvidenceRow
from deckwright.project.vocabulary import Vocabulary

CONFIRMED, CHANGED, NOT_READ = "confirmed", "changed or gone", "not read here"
BY_DATA, BY_PAGE, UNCHECKED = "by data", "by page", "not checkable"
STATES = (BY_DATA, BY_PAGE, CHANGED, NOT_READ, UNCHECKED)  # of a fact

_READ_AGAIN = "read the `source` page, and correct the card or the evidence line"


@dataclass(frozen=True, slots=True)
class Result:
    """What data or a page says of one evidence line.

    `state` is CONFIRMED, CHANGED, or NOT_READ. `package` has the data, or is PAGE; `version` is
    that of the data, or the month or day of the copy. `covers` are the parts of the value that
    are confirmed; if it has CHANGED, `why` and `help` say what is wrong and what to do. `said`
    is empty if the name or phrase of the line is not there. `recorded` is what was recorded for
    the same value; if `from_record`, there is no copy of the page here that is newer.
    """

    line: Evidence
    state: str
    package: str
    version: str = ""
    said: str = ""
    covers: frozenset[str] = frozenset()
    why: str = ""
    help: str = ""
    recorded: EvidenceRow | None = None
    from_record: bool = False


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
        return BY_PAGE if any(result.package == PAGE for result in self.results) else BY_DATA

    @property
    def confirmed(self) -> bool:
        """Whether data or pages confirm the whole value."""
        return self.state in (BY_DATA, BY_PAGE)


def verify(
    cards: Iterable[Card],
    vocabulary: Vocabulary,
    data: Datasets,
    pages: PageCopies,
    records: Mapping[str, EvidenceRecord],
) -> tuple[Fact, ...]:
    """Compare every gap of cards that need a source, and other values with evidence.

    For pages without a copy, `records`, by namespace, are used instead. Evidence lines that
    `check` refuses are left out.
    """
    facts = []
    for card in cards:
        record = records.get(card.namespace, {})
        for gap, lines in evidence_by_gap(card, vocabulary).items():
            if value := stated_value(card, gap):
                results = [
                    _result(line, card, value, data, pages, _row(record, card, line, value))
                    for line in lines
                ]
                facts.append(Fact(card, gap, value, _complete(results, value)))
    return tuple(facts)


def _complete(results: Sequence[Result], value: StatedValue) -> tuple[Result, ...]:
    """Return results of a value, the first as CHANGED if they confirm only parts of it."""
    missing = claims(value).difference(*(result.covers for result in results))
    if missing and results and all(result.state == CONFIRMED for result in results):
        names = ", ".join(sorted(missing))
        why = f"no evidence confirms this part of the value: {names}"
        help_line = f"add an evidence line that confirms {names}"
        results = [replace(results[0], state=CHANGED, why=why, help=help_line), *results[1:]]
    return tuple(results)


def _row(
    record: EvidenceRecord, card: Card, line: Evidence, value: StatedValue
) -> EvidenceRow | None:
    """Return what was recorded of an evidence line, if the card still states the same."""
    row = record.get((card.id, line.span.text))
    return row if row and row.stated == value.text else None


def _result(
    line: Evidence,
    card: Card,
    value: StatedValue,
    data: Datasets,
    pages: PageCopies,
    row: EvidenceRow | None,
) -> Result:
    copy = pages.read(page_url(line.path)) if line.is_page else None
    if line.is_page and (copy is None or (row and _is_older(copy.copied, row.version))):
        return _recorded_result(line, value, row)
    package = PAGE if copy else data.package(line.data)
    version = copy.copied if copy else data.version(package)
    result = Result(line, CHANGED, package, version, recorded=row)
    try:
        quote = quote_on_page(copy, line) if copy else quote_in_data(data, line)
        result = replace(result, said=quote.said)
        covers = compare(line, quote, card, value)
    except UnconfirmedError as error:
        return replace(result, why=str(error), help=error.help)
    return replace(result, state=CONFIRMED, covers=covers)


def _is_older(copied: str, recorded: str) -> bool:
    """Return whether a copy of a page is older than its record, as far as the dates say."""
    both = min(len(copied), len(recorded))
    return copied[:both] < recorded[:both]


def _recorded_result(line: Evidence, value: StatedValue, row: EvidenceRow | None) -> Result:
    if row is None:
        return Result(line, NOT_READ, PAGE)
    covers = claims(value)
    return Result(
        line, CONFIRMED, PAGE, row.version, row.said, covers, recorded=row, from_record=True
    )


def row_of(fact: Fact, result: Result) -> EvidenceRow:
    """Return the row of the evidence record for a result."""
    return EvidenceRow(
        card=fact.card.id,
        evidence=result.line.span.text,
        package=result.package,
        version=result.version,
        stated=fact.value.text,
        said=" ".join(result.said.split()),
    )


def diagnose(facts: Iterable[Fact], recording: bool = False) -> Iterator[Diagnostic]:
    """Yield E101 and E102 (changed or gone), and E104 (no record).

    There is one E104 for all lines, and none if the results are being recorded.
    """
    unrecorded: list[Result] = []
    for fact in facts:
        for result in fact.results:
            if result.state == CHANGED:
                yield _changed(fact, result)
            elif fact.confirmed and not (
                result.recorded and result.recorded.said == row_of(fact, result).said
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
    if row := result.recorded:
        why += f"; recorded from {row.package} {row.version}: {row.said}"
    if not result.said:
        return Diagnostic("E102", why, result.line.path_span, help_line)
    related = (("the card states it here", fact.value.span),)
    return Diagnostic("E101", why, result.line.span, help_line, related)
