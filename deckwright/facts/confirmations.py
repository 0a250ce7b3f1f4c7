"""The values that cards state, and which of them data or pages confirmed, as on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deckwright.core.card import Card
from deckwright.facts.evidence import PAGE, evidence_by_gap
from deckwright.facts.stated_value import stated_value
from deckwright.project.evidence_record import EvidenceRow
from deckwright.project.project import Project


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """A value that a card states.

    `rows` are the rows of the evidence record that confirm the value, empty if one of its
    evidence lines is not on record. `by_data` and `by_page` say which kind of evidence that
    is: a value needs the page if one of its lines cites one.
    """

    card: Card
    text: str
    rows: tuple[EvidenceRow, ...]

    @property
    def by_page(self) -> bool:
        """Whether a page confirms the value, perhaps together with data."""
        return any(row.package == PAGE for row in self.rows)

    @property
    def by_data(self) -> bool:
        """Whether data alone confirms the value."""
        return bool(self.rows) and not self.by_page


def recorded_values(cards: Iterable[Card], project: Project) -> Iterator[RecordedValue]:
    """Yield all values in the order of the cards.

    A row of the record counts as long as the card states the value that it stated then.
    """
    for card in cards:
        record = project.evidence_records.get(card.namespace, {})
        for gap, lines in evidence_by_gap(card, project.vocabulary).items():
            if value := stated_value(card, gap):
                rows = [record.get((card.id, line.span.text)) for line in lines]
                valid = tuple(row for row in rows if row and row.stated == value.text)
                yield RecordedValue(card, value.text, valid if len(valid) == len(lines) else ())
