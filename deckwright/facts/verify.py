"""Compare the values that cards state with published data, pages, and the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.suggest import nearest
from deckwright.core.wording import count, shortened
from deckwright.facts.compare import Quote, compare
from deckwright.facts.datasets import Datasets, Value
from deckwright.facts.evidence import PAGE, Evidence, UnconfirmedError, evidence_by_gap, page_url
from deckwright.facts.page_copies import PageCopies, PageCopy
from deckwright.facts.page_html import passages_in
from deckwright.facts.page_text import QuotableText
from deckwright.facts.quantities import parts
from deckwright.facts.stated_value import StatedValue, stated_value
from deckwright.project.evidence_record import EvidenceRecord, EvidenceRow
from deckwright.project.vocabulary import Vocabulary

CONFIRMED, CHANGED, NOT_READ = "confirmed", "changed or gone", "not read here"
BY_DATA, BY_PAGE, UNCHECKED = "by data", "by page", "not checkable"
STATES = (BY_DATA, BY_PAGE, CHANGED, NOT_READ, UNCHECKED)  # of a fact

_LONGEST_NAME = 6  # words; a longer text is prose, and evidence has to choose a phrase of it
_SAME_BOUND = {"max": "at most", "min": "at least"}  # by the last name of a path
_READ_AGAIN = "read the `source` page, and correct the card or the evidence line"
_LONGEST = 200  # characters of a list in a message


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
    missing = parts(value).difference(*(result.covers for result in results))
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
    look_up: Callable[[], Quote]
    if line.is_page:
        copy = pages.read(page_url(line.path))
        if copy is None or (row and _is_older(copy.copied, row.version)):
            return _recorded_result(line, value, row)
        package, version = PAGE, copy.copied
        look_up = partial(quote_on, copy, line)
    else:
        package = data.package(line.data)
        version = data.version(package)
        look_up = partial(_quote_in, data, line)
    result = Result(line, CHANGED, package, version, recorded=row)
    try:
        quote = look_up()
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
    covers = parts(value)
    return Result(
        line, CONFIRMED, PAGE, row.version, row.said, covers, recorded=row, from_record=True
    )


def quote_on(copy: PageCopy, line: Evidence) -> Quote:
    """Return the one place of a page where a phrase is. Raises UnconfirmedError."""
    if copy.gone:
        message = f"the page has {copy.gone}"
        raise UnconfirmedError(message, "find the page, and correct the `source` and this line")
    return _only_quote(copy.page, line)


def _only_quote(text: QuotableText, line: Evidence) -> Quote:
    where = "page" if line.is_page else "text"
    quotes = list(text.quotes(line.phrase))
    if len(quotes) == 1:
        return quotes[0]
    if quotes:
        message = f"the phrase is {count(len(quotes), 'time')} in the {where}"
        help_line = "add words of its sentence or row until it is there only once"
    else:
        message = f"the {where} does not contain `{line.phrase}`"
        nearest = text.nearest(line.phrase)
        help_line = f"the {where} says: {nearest}" if nearest else "copy whole words of a sentence"
    raise UnconfirmedError(message, help_line)


def _quote_in(data: Datasets, line: Evidence) -> Quote:
    """Return what data says at the path of a line. Raises UnconfirmedError."""
    value, path = data.value(line.data, line.path), line.path
    if line.phrase and isinstance(value, str):
        return replace(_only_quote(QuotableText(passages_in(value)), line), path=path)
    if line.member and isinstance(value, tuple):
        if line.member not in value:
            message = f"`{line.member}` is not in the list: {shortened(', '.join(value), _LONGEST)}"
            raise UnconfirmedError(message, nearest(line.member, value))
        return Quote(line.member, line.member, path=path)
    if not (line.phrase or line.member):
        if isinstance(value, float):
            said = f"{value:.12g}"
            before = _SAME_BOUND.get(path.rpartition(".")[2].casefold(), "")
            return Quote(f"{said} {line.unit}".strip(), said, before, path=path)
        if isinstance(value, str) and len(value.split()) <= _LONGEST_NAME and not line.unit:
            return Quote(value, value, path=path)
    raise UnconfirmedError(*_other_form(value))


def _other_form(value: Value) -> tuple[str, str]:
    """Return what data has at a path, and how evidence lines point to it."""
    if isinstance(value, tuple):
        return "the data has a list here", "after the path, write `has` and a name of the list"
    if isinstance(value, bool):
        return "the data says only true or false", "point the line to a text that states the value"
    if isinstance(value, str):
        return "the data has a text here", "after the path, write `~` and a phrase of the text"
    return "the data has a number here", "after the path, write only its unit, if it has one"


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
