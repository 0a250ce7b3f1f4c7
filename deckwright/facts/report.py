"""`facts.json` and `facts.txt`: the values that cards state, with their sources.

That is the source, when it was read, and which published data or page said the same
when `verify --record` last compared them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deckwright import markdown
from deckwright.core.card import Card, Cloze
from deckwright.core.note import Artifact
from deckwright.core.wording import count
from deckwright.facts.evidence import PAGE, evidence_by_gap, recorded_page
from deckwright.facts.stated_value import stated_value
from deckwright.project.evidence_record import EvidenceRow
from deckwright.project.project import Project


@dataclass(frozen=True, slots=True)
class ReportedValue:
    """A value that a card states, in gap `gap` (0 for an answer or right options).

    `text` is the sentence or question; `said` are the rows of the evidence record that
    confirm the value, empty if one of its evidence lines is not on record. `by_data` and
    `by_page` say which kind of evidence that is: a value needs the page if one of its
    lines cites one.
    """

    card: Card
    gap: int
    states: str
    text: str
    said: tuple[EvidenceRow, ...]

    @property
    def by_page(self) -> bool:
        """Whether a page confirms the value, perhaps together with data."""
        return any(row.package == PAGE for row in self.said)

    @property
    def by_data(self) -> bool:
        """Whether data alone confirms the value."""
        return bool(self.said) and not self.by_page


@dataclass(frozen=True, slots=True)
class Confirmations:
    """How many values there are, and how many data and pages confirm; none is in both."""

    values: int
    by_data: int
    by_page: int

    @property
    def read_only(self) -> int:
        """How many values only people have read."""
        return self.values - self.by_data - self.by_page


def confirmations(values: Iterable[ReportedValue]) -> Confirmations:
    """Count values by what confirms them."""
    found = tuple(values)
    by_data, by_page = sum(v.by_data for v in found), sum(v.by_page for v in found)
    return Confirmations(len(found), by_data, by_page)


def reported(cards: Iterable[Card], project: Project) -> tuple[ReportedValue, ...]:
    """Return all values in the order of the cards.

    A row of the record counts as long as the card states the value that it stated then.
    """
    return tuple(value for card in cards for value in _reported_values(card, project))


def _reported_values(card: Card, project: Project) -> Iterator[ReportedValue]:
    record = project.evidence_records.get(card.namespace, {})
    for gap, lines in evidence_by_gap(card, project.vocabulary).items():
        value = stated_value(card, gap)
        if value is None:
            continue
        text = markdown.plain(card.prompt.blocks)
        states = " ".join(value.text.split())
        rows = [record.get((card.id, line.span.text)) for line in lines]
        said = tuple(row for row in rows if row and row.said and row.stated == states)
        yield ReportedValue(card, gap, states, text, said if len(said) == len(lines) else ())


def fact_report(cards: Iterable[Card], project: Project) -> tuple[Artifact, ...]:
    """Return the report for programs, facts.json, and for people, facts.txt."""
    values = reported(cards, project)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    rows = ",\n".join(encode(_row(value)) for value in values)
    return (
        Artifact("facts.json", f"[\n{rows}\n]\n".encode() if rows else b"[]\n"),
        Artifact("facts.txt", _facts_txt(values, project).encode()),
    )


def _row(value: ReportedValue) -> dict[str, object]:
    card = value.card
    return {
        "card": card.id,
        "gap": value.gap,
        "states": value.states,
        "text": value.text,
        "kind": card.kind,
        "part": card.part,
        "service": card.service,
        "topic": card.topic,
        "status": card.status,
        "sources": list(card.sources),
        "checked": card.checked,
        "data": [
            {
                "evidence": row.evidence,
                "package": row.package,
                "version": row.version,
                "said": row.said,
            }
            for row in value.said
            if row.package != PAGE
        ],
        "pages": [
            {
                "evidence": row.evidence,
                "page": recorded_page(row),
                "read": row.version,
                "said": row.said,
            }
            for row in value.said
            if row.package == PAGE
        ],
    }


def _facts_txt(values: tuple[ReportedValue, ...], project: Project) -> str:
    counted = confirmations(values)
    out = [
        f"{count(counted.values, 'fact')}. Confirmed by published data: {counted.by_data:,}. "
        f"Confirmed by a page that the card cites: {counted.by_page:,}. "
        f"Only read by people: {counted.read_only:,}.",
        "",
    ]
    for service in project.vocabulary.services.values():
        mine = [value for value in values if value.card.service == service.slug]
        if mine:
            out += [service.title, "=" * len(service.title), ""]
        for value in mine:
            out += [*_fact_lines(value), ""]
    return "\n".join(out)


def _fact_lines(value: ReportedValue) -> Iterator[str]:
    card = value.card
    yield f"{card.id}: {value.states}"
    whole = value.text if isinstance(card.content, Cloze) else f"{value.text} {value.states}"
    for line in whole.split("\n"):
        yield f"    {line}"
    for source in card.sources:
        yield f"    read {card.checked}: {source}"
    for row in value.said:
        if row.package == PAGE:
            yield f"    the page said: {row.said} (read {row.version}, {recorded_page(row)})"
        else:
            yield f"    {row.package} {row.version}, {row.evidence}: {row.said}"
