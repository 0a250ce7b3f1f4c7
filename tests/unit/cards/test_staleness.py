"""How urgent it is to check a card again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from deckwright.cards.staleness import Aged, age_in_months, aged
from deckwright.project.evidence_record import EvidenceRow
from deckwright.project.project import Project
from deckwright.project.vocabulary import Changed
from unit.examples import make_card

TODAY = date(2026, 11, 20)
WORDS = "A voice is {{c1::neural}}."


@pytest.mark.parametrize(
    ("checked", "months"), [("2026-11", 0), ("2026-10-31", 1), ("2025-10", 13), ("2027-01", 0)]
)
def test_age_counts_calendar_months(checked: str, months: int) -> None:
    assert age_in_months(checked, TODAY) == months


def one(project: Project, text: str = WORDS, **changes: Any) -> Aged:
    (found,) = aged([make_card(text, **changes)], project, TODAY)
    return found


def test_urgency_is_the_age_over_the_time_after_which_a_kind_is_old(small: Project) -> None:
    fresh = small.vocabulary.kinds["quota"].fresh
    found = one(small, checked="2026-05")
    assert (found.months, found.fresh, found.urgency) == (6, fresh, 6 / fresh)
    assert found.risks == ()


def test_a_number_raises_the_risk(small: Project) -> None:
    words, number = one(small), one(small, "A call takes {{c1::5}} names.")
    assert number.urgency == 1.5 * words.urgency
    assert number.risks == ("a number",)


def test_a_value_that_data_confirmed_halves_the_risk(small: Project) -> None:
    line = "polly::shapes.Voice.name"
    row = EvidenceRow("a-card", line, "example-data", "1.2", "neural", "neural")
    project = replace(small, evidence_records={"mini": {("a-card", line): row}})
    card = make_card(WORDS, metadata=f"- evidence: {line}\n")
    (confirmed,), (other,) = aged([card], project, TODAY), aged([card], small, TODAY)
    assert confirmed.urgency == 0.5 * other.urgency
    assert (["data" in risk for risk in confirmed.risks], other.risks) == ([True], ())


def test_a_closed_service_doubles_the_risk_unless_the_status_says_so(small: Project) -> None:
    changed = (Changed(("Ear Trumpet",), "legacy", "https://docs.example.com/"),)
    project = replace(small, vocabulary=replace(small.vocabulary, changed=changed))
    text = "An Ear Trumpet is {{c1::loud}}."
    found = one(project, text)
    assert found.urgency == 2 * one(small, text).urgency
    assert [(entry.names, line) for entry, line in found.changed] == [(("Ear Trumpet",), 6)]
    assert one(project, text, status="legacy").changed == ()


def test_cards_without_a_date_come_first_then_the_most_urgent(small: Project) -> None:
    cards = [
        make_card(WORDS, "new", checked="2026-10"),
        make_card(WORDS, "old", checked="2026-01"),
        make_card(WORDS, "undated", checked=""),
    ]
    assert [found.card.id for found in aged(cards, small, TODAY)] == ["undated", "old", "new"]
