"""Compare the values that cards state with published data, pages, and the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.facts import evidence
from deckwright.facts.comparable import parts
from deckwright.facts.compare import Match, compare_data, compare_page
from deckwright.facts.datasets import Datasets, NoPackageError
from deckwright.facts.evidence import (
    PAGE,
    Evidence,
    evidence_by_gap,
    page_url,
    recorded_page,
)
from deckwright.facts.page_copies import PageCopies
from deckwright.facts.stated_value import StatedValue, stated_value
from deckwright.project.evidence_record import EvidenceRecord, EvidenceRow
from deckwright.project.vocabulary import Vocabulary

CONFIRMED, CHANGED, NOT_READ = "confirmed", "changed or gone", "not read here"
BY_DATA, BY_PAGE, PARTLY, UNCHECKED = "by data", "by page", "partly", "not checkable"
STATES = (BY_DATA, BY_PAGE, PARTLY, CHANGED, NOT_READ, UNCHECKED)  # of a fact

_READ_AGAIN = (
    "read the `source` page, and correct the card; "
    "if the page agrees with the card, point the evidence line to other data, or remove it"
)
_MOVED = "find the page, and correct the `source` and evidence lines"


@dataclass(frozen=True, slots=True)
class Result:
    """What data or a page says of one evidence line.

    `state` is CONFIRMED, CHANGED, or NOT_READ. `version` is that of `package`; or the month
    or day of the copy, if `package` is PAGE. If `from_record`, there is no copy of the page
    here, and the rest is what was recorded before.
    """

    line: Evidence
    state: str
    match: Match
    package: str
    version: str
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
        """BY_DATA or BY_PAGE only if the lines confirm every number and name."""
        states = {result.state for result in self.results}
        for state in (CHANGED, NOT_READ):
            if state in states:
                return state
        if not self.results:
            return UNCHECKED
        if self.unconfirmed:
            return PARTLY
        return BY_PAGE if any(result.package == PAGE for result in self.results) else BY_DATA

    @property
    def confirmed(self) -> bool:
        """Whether data or pages confirm the whole value."""
        return self.state in (BY_DATA, BY_PAGE)

    @property
    def unconfirmed(self) -> frozenset[str]:
        """The parts of the value that no evidence confirms."""
        return parts(self.value).difference(*(result.match.covers for result in self.results))


def verify(
    cards: Iterable[Card],
    vocabulary: Vocabulary,
    data: Datasets,
    pages: PageCopies | None = None,
    records: Mapping[str, EvidenceRecord] | None = None,
) -> tuple[Fact, ...]:
    """Compare every gap of cards that need a source, and other values with evidence.

    For pages without a copy, `records`, by namespace, are used instead. Evidence lines that
    `check` refuses are left out. Raises NoPackageError if evidence needs a package that is
    not installed.
    """
    facts = []
    for card in cards:
        record = (records or {}).get(card.namespace, {})
        for gap, lines in evidence_by_gap(card, vocabulary).items():
            if value := stated_value(card, gap):
                results = tuple(
                    _page_result(line, card, value, pages, record.get((card.id, line.span.text)))
                    if line.is_page
                    else _data_result(line, card, value, data)
                    for line in lines
                )
                facts.append(Fact(card, gap, value, results))
    return tuple(facts)


def _data_result(line: Evidence, card: Card, value: StatedValue, data: Datasets) -> Result:
    found = data.resolve(line.data, line.path)
    if found.value is None:
        match = Match(found.why, found.help)
    else:
        match = compare_data(line, found.value, card, value)
    return Result(line, CHANGED if match.why else CONFIRMED, match, found.package, found.version)


def _page_result(
    line: Evidence,
    card: Card,
    value: StatedValue,
    pages: PageCopies | None,
    row: EvidenceRow | None,
) -> Result:
    """Compare a value with a page, or with the record `row` where no copy is here."""
    url = page_url(line.path)
    if pages and (where := pages.instead_of(url)):
        return Result(line, CHANGED, Match(f"the page has {where}", _MOVED), PAGE, "")
    copy = pages.read(url) if pages else None
    if copy:
        match = compare_page(line, copy.page, card, value)
        if match.said or copy.whole:  # otherwise the phrase may be in another part of the page
            state = CHANGED if match.why else CONFIRMED
            return Result(line, state, match, PAGE, copy.date)
    if row is None or row.stated != " ".join(value.text.split()):
        return Result(line, NOT_READ, Match(), PAGE, "")
    match = Match(covers=parts(value), said=row.said)
    return Result(line, CONFIRMED, match, PAGE, row.version, from_record=True)


def recorded(fact: Fact, result: Result) -> EvidenceRow:
    """Return the row of the evidence record for a result, without a hash."""
    return EvidenceRow(
        card=fact.card.id,
        evidence=result.line.span.text,
        package=result.package,
        version=result.version,
        stated=" ".join(fact.value.text.split()),
        said=" ".join(result.match.said.split()),
    )


def diagnose(facts: Iterable[Fact], records: Mapping[str, EvidenceRecord]) -> Iterator[Diagnostic]:
    """Yield E101 and E102 (changed or gone), E103 (partly confirmed), E104 (no record).

    `records` are the evidence records by namespace. There is one E104 for all lines.
    """
    unrecorded: list[Result] = []
    for fact in facts:
        for result in fact.results:
            if result.state == CHANGED:
                yield _changed(fact, result)
            elif fact.confirmed and not _is_recorded(fact, result, records):
                unrecorded.append(result)
        if fact.state == PARTLY:
            missing = ", ".join(sorted(fact.unconfirmed))
            message = f"no evidence confirms this part of the value: {missing}"
            help_line = f"add an evidence line that confirms {missing}"
            yield Diagnostic("E103", message, fact.results[0].line.span, help_line)
    if unrecorded:
        message = "the evidence record is missing or out of date for this line"
        if more := len(unrecorded) - 1:
            message += f" and {more} more"
        help_line = "run `./build.py verify --record`"
        yield Diagnostic("E104", message, unrecorded[0].line.span, help_line)


def _changed(fact: Fact, result: Result) -> Diagnostic:
    """Return E101 if data or page say something else, E102 if they say nothing."""
    related = (("the card states it here", fact.value.span),)
    match, line = result.match, result.line
    if match.said:
        return Diagnostic("E101", match.why, line.span, match.help or _READ_AGAIN, related)
    help_line = match.help or _READ_AGAIN
    if match.nearest:
        help_line = f"the {'page' if line.is_page else 'text'} says: {match.nearest}"
    return Diagnostic("E102", match.why, line.path_span, help_line, related)


def _row_of(
    fact: Fact, result: Result, records: Mapping[str, EvidenceRecord]
) -> EvidenceRow | None:
    record = records.get(fact.card.namespace, {})
    return record.get((fact.card.id, result.line.span.text))


def _is_recorded(fact: Fact, result: Result, records: Mapping[str, EvidenceRecord]) -> bool:
    """Return whether a result is on record; a newer copy with the same words is, too."""
    row, now = _row_of(fact, result, records), recorded(fact, result)
    if row and result.line.is_page:
        return replace(row, version=now.version, hash="") == now
    return row == now


@dataclass(frozen=True, slots=True)
class Change:
    """A recorded evidence line that data or a page no longer confirms."""

    fact: Fact
    result: Result
    before: EvidenceRow


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed since it was recorded, and how many evidence lines were compared.

    Lines are not compared if they are not on record (`unrecorded`), or if there is no copy of
    their page that is newer than the record (`unread`).
    """

    changes: tuple[Change, ...]
    compared: int
    unrecorded: int
    unread: int


def drift(facts: Iterable[Fact], records: Mapping[str, EvidenceRecord]) -> Drift:
    """Compare results with what was recorded of them."""
    changes: list[Change] = []
    compared = unrecorded = unread = 0
    for fact in facts:
        for result in fact.results:
            row, now = _row_of(fact, result, records), recorded(fact, result)
            if row is None or row.stated != now.stated:
                unrecorded += 1
            elif result.state == NOT_READ or result.from_record or _is_older(now, row):
                unread += 1
            else:
                compared += 1
                if result.state == CHANGED:
                    changes.append(Change(fact, result, row))
    return Drift(tuple(changes), compared, unrecorded, unread)


def _is_older(copy: EvidenceRow, row: EvidenceRow) -> bool:
    """Return whether a copy of a page is older than its record, as far as the dates say."""
    both = min(len(copy.version), len(row.version)) if row.package == PAGE else 0
    return copy.version[:both] < row.version[:both]


def changed_pages(records: Mapping[str, EvidenceRecord], pages: PageCopies) -> frozenset[str]:
    """Return the pages whose text is not what it was when it was recorded."""
    changed = set()
    for row in (row for record in records.values() for row in record.values() if row.hash):
        url = recorded_page(row)
        copy = pages.read(url)
        if copy and copy.whole and copy.date > row.version and copy.page.digest != row.hash:
            changed.add(url)
    return frozenset(changed)


def needed(cards: Iterable[Card], data: Datasets) -> tuple[str, ...]:
    """Return the packages that evidence needs and that are not installed."""
    lines = (
        line for card in cards for field in card.evidence if (line := evidence.read(field).value)
    )
    missing = set()
    for name in {line.data for line in lines if not line.is_page}:
        try:
            data.resolve(name, "")
        except NoPackageError as error:
            missing.add(str(error))
    return tuple(sorted(missing))
