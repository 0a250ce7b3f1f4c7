"""Compare the values that cards state with published data, pages and the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic
from deckwright.facts import evidence
from deckwright.facts.compare import Match, compare, quote
from deckwright.facts.datasets import Datasets, FoundValue, NoPackageError
from deckwright.facts.documentation import nearest_sentence
from deckwright.facts.evidence import Evidence
from deckwright.facts.page_verdict import Pages, page_verdict
from deckwright.facts.stated_value import StatedValue, stated_value
from deckwright.facts.verdict import (
    AGREES,
    CONFIRMED,
    DIFFERS,
    GONE,
    PARTLY,
    CheckedValue,
    Verdict,
    state_of,
    unconfirmed,
)
from deckwright.project.evidence_record import EvidenceRecord, EvidenceRow
from deckwright.project.vocabulary import Vocabulary

_READ_AGAIN = (
    "read the `source` page, and correct the card; "
    "if the page agrees with the card, point the evidence line to other data, or remove it"
)


def verify(
    cards: Iterable[Card],
    vocabulary: Vocabulary,
    data: Datasets,
    pages: Pages | None = None,
    records: Mapping[str, EvidenceRecord] | None = None,
) -> tuple[CheckedValue, ...]:
    """Compare every gap of cards that need a source, and other values with evidence.

    `pages` are the copies that this machine has. For pages without a copy, `records`, by
    namespace, are used instead. Evidence lines that `check` refuses are left out. Raises
    NoPackageError if evidence needs a package that is not installed.
    """
    found = []
    for card in cards:
        record = (records or {}).get(card.namespace, {})
        for gap, lines in evidence_by_gap(card, vocabulary).items():
            if value := stated_value(card, gap):
                verdicts = tuple(
                    page_verdict(line, value, card, pages, record.get((card.id, line.span.text)))
                    if line.is_page
                    else _verdict(line, value, data)
                    for line in lines
                )
                found.append(CheckedValue(card, gap, value, verdicts, state_of(verdicts, value)))
    return tuple(found)


def evidence_by_gap(card: Card, vocabulary: Vocabulary) -> dict[int, list[Evidence]]:
    """Return the evidence lines of a card by gap (0 for an answer or right options).

    A card whose kind needs a source has an entry for each gap, without evidence an
    empty one.
    """
    lines = [line for given in card.evidence for line in evidence.read(given).values]
    out: dict[int, list[Evidence]] = {}
    first = 0
    if not lines and not vocabulary.kinds[card.kind].needs_source:
        return out
    if isinstance(card.content, Cloze):
        numbers = sorted({mark.number for mark in card.content.gaps})
        first = numbers[0]
        if vocabulary.kinds[card.kind].needs_source:
            out = {number: [] for number in numbers}
    for line in lines:
        out.setdefault(line.gap or first, []).append(line)
    return out


def _verdict(line: Evidence, value: StatedValue, data: Datasets) -> Verdict:
    found = data.resolve(line.data, line.path)
    if not isinstance(found, FoundValue):
        match = Match(found.why, found.help or data.hint(line.data))
        return Verdict(line, GONE, match, "", found.package, found.version)
    match = compare(line, found.value, value)
    said = quote(line, found.value)
    if not match.why:
        state = AGREES
    else:
        state = DIFFERS if said else GONE
    near = ""
    if line.phrase and not said and isinstance(found.value, str):
        near = nearest_sentence(found.value, line.phrase)
    return Verdict(line, state, match, said, found.package, found.version, near)


def diagnose(
    values: Iterable[CheckedValue], records: Mapping[str, EvidenceRecord]
) -> tuple[Diagnostic, ...]:
    """Return E101 (differs), E102 (gone), E103 (partly confirmed), E104 (no record).

    `records` are the evidence records by namespace. There is one E104 for all lines.
    """
    out = []
    unrecorded: list[Diagnostic] = []
    for checked in values:
        for verdict in checked.verdicts:
            if problem := _verdict_diagnostic(checked, verdict):
                out.append(problem)
            elif checked.state in CONFIRMED and not _is_recorded(checked, verdict, records):
                message = "the evidence record is missing or out of date for this line"
                unrecorded.append(
                    Diagnostic(
                        "E104", message, verdict.line.span, "run `./build.py verify --record`"
                    )
                )
        if checked.state == PARTLY:
            missing = ", ".join(sorted(unconfirmed(checked.verdicts, checked.value)))
            message = f"no evidence confirms this part of the value: {missing}"
            help_line = f"add an evidence line that confirms {missing}"
            out.append(Diagnostic("E103", message, checked.verdicts[0].line.span, help_line))
    if unrecorded:
        count = len(unrecorded) - 1
        more = f" and {count} more" if count else ""
        out.append(replace(unrecorded[0], message=unrecorded[0].message + more))
    return tuple(out)


def _verdict_diagnostic(checked: CheckedValue, verdict: Verdict) -> Diagnostic | None:
    """Return E101 or E102 for an evidence line whose data differs or is gone."""
    related = (("the card states it here", checked.value.span),)
    help_line = verdict.match.help or _READ_AGAIN
    if verdict.state == DIFFERS:
        return Diagnostic("E101", verdict.match.why, verdict.line.span, help_line, related)
    if verdict.state == GONE:
        if verdict.near:
            help_line = f"the {'page' if verdict.line.is_page else 'text'} says: {verdict.near}"
        return Diagnostic("E102", verdict.match.why, verdict.line.path_span, help_line, related)
    return None


def _on_record(
    checked: CheckedValue, verdict: Verdict, records: Mapping[str, EvidenceRecord]
) -> EvidenceRow | None:
    record = records.get(checked.card.namespace, {})
    return record.get((checked.card.id, verdict.line.span.text))


def _is_recorded(
    checked: CheckedValue, verdict: Verdict, records: Mapping[str, EvidenceRecord]
) -> bool:
    """Return whether a verdict is on record; a newer copy with the same words is, too."""
    row, now = _on_record(checked, verdict, records), recorded(checked, verdict)
    if row and verdict.line.is_page:
        return replace(row, version=now.version) == now
    return row == now


def recorded(checked: CheckedValue, verdict: Verdict) -> EvidenceRow:
    """Return the row of the evidence record for a verdict."""
    return EvidenceRow(
        card=checked.card.id,
        evidence=verdict.line.span.text,
        package=verdict.package,
        version=verdict.version,
        stated=" ".join(checked.value.text.split()),
        said=" ".join(verdict.said.split()),
        hash=verdict.digest,
    )


@dataclass(frozen=True, slots=True)
class Drift:
    """A recorded evidence line for which the data says something else now.

    `holds` is true if the card is still right. `near` is the sentence most similar to a
    phrase that is gone.
    """

    card: Card
    line: Evidence
    before: EvidenceRow
    now: EvidenceRow
    holds: bool
    near: str = ""


def drift(
    values: Iterable[CheckedValue], records: Mapping[str, EvidenceRecord]
) -> tuple[Drift, ...]:
    """Return the recorded evidence lines for which the data says something else now."""
    out = []
    for checked in values:
        for verdict in (one for one in checked.verdicts if not one.line.is_page):
            before, now = _on_record(checked, verdict, records), recorded(checked, verdict)
            if before and before.said != now.said:
                holds = verdict.state == AGREES
                out.append(Drift(checked.card, verdict.line, before, now, holds, verdict.near))
    return tuple(out)


def needed(cards: Iterable[Card], data: Datasets) -> tuple[str, ...]:
    """Return the packages that evidence needs and that are not installed."""
    names = {
        line.data
        for card in cards
        for given in card.evidence
        for line in evidence.read(given).values
        if not line.is_page
    }
    missing = set()
    for name in names:
        try:
            data.resolve(name, "")
        except NoPackageError as error:
            missing.add(str(error))
    return tuple(sorted(missing))
