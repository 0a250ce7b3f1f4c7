"""What an update must not break, for a project with one released card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from deckwright.cards import compatibility
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.identity import guid
from deckwright.core.source import Source
from deckwright.project.ledger import GONE, CardRow, Ledger, TypeRow, gap_digests
from deckwright.project.notetypes import shape
from deckwright.project.project import Project
from deckwright.project.retirements import RetiredCard, RetiredGap, Retirements
from unit.examples import make_card

LEDGER, RETIRED = "decks/ledger", "decks/retired/mini.toml"
NOWHERE = Source(RETIRED, "").span(0, 0)
CARD = make_card("A call takes {{c1::five}} names and {{c2::two}} voices.")
ROW = CardRow(
    id=CARD.id,
    guid=guid("mini", CARD.id),
    type="cloze",
    home="4.2/polly",
    deck="Mini::2 Services::Polly",
    gaps=tuple(gap_digests(CARD).items()),
    note_id=1,
    fingerprint="",
    mod=1,
    first="1.0.0",
    shown="",
)
Diagnose = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def diagnose(small: Project) -> Diagnose:
    """Diagnose cards against a ledger with one row; returns codes and places."""

    def run(*cards: Card, row: CardRow = ROW, retired: Retirements | None = None) -> object:
        project = replace(
            small,
            ledgers={"mini": Ledger(cards={row.id: row})},
            retirements={"mini": retired} if retired else {},
        )
        written = {("mini", card.id): card.id_span for card in cards}
        found: tuple[Diagnostic, ...] = compatibility.diagnose(cards, written, project)
        return [(d.code, d.span.text or d.span.path) for d in found]

    return run  # type: ignore[return-value]


def retired_card(*successors: str) -> Retirements:
    return Retirements({CARD.id: RetiredCard(CARD.id, "Why.", successors, NOWHERE, NOWHERE)}, {})


def retired_gap(number: int, id: str = CARD.id) -> Retirements:
    return Retirements({}, {(id, number): RetiredGap(id, number, "Why.", NOWHERE)})


def test_a_card_may_change_its_text_around_the_gaps(diagnose: Diagnose) -> None:
    assert diagnose(make_card("Now {{c2::two}} voices and {{c1::**Five**}} names.")) == []


def test_a_missing_card_is_reported_with_a_similar_new_id(diagnose: Diagnose) -> None:
    assert diagnose() == [("L002", LEDGER)]
    renamed = make_card("A call takes {{c1::five}} names and {{c2::two}} voices.", id="a-cards")
    assert diagnose(renamed) == [("L002", "a-cards")]
    assert diagnose(replace(CARD, id="other")) == [("L002", LEDGER)]


def test_a_retired_card_is_not_missing(diagnose: Diagnose) -> None:
    assert diagnose(retired=retired_card()) == []
    assert diagnose(CARD, retired=retired_card()) == [("L003", RETIRED)]


def test_a_retired_card_keeps_its_reason(diagnose: Diagnose) -> None:
    assert diagnose(row=replace(ROW, state="1.1.0")) == [("L003", LEDGER)]


def test_successors_exist_and_are_other_cards(diagnose: Diagnose) -> None:
    other = replace(CARD, id="other")
    assert diagnose(other, retired=retired_card("other")) == []
    assert diagnose(other, retired=retired_card("a-card", "no")) == [("L003", RETIRED)] * 2


def test_a_gap_that_was_released_is_there_or_retired(diagnose: Diagnose) -> None:
    shorter = make_card("A call takes {{c1::five}} names.")
    assert diagnose(shorter) == [("L005", "A call takes {{c1::five}} names.")]
    assert diagnose(shorter, retired=retired_gap(2)) == []
    assert diagnose(CARD, retired=retired_gap(2)) == [("L006", "{{c2::two}}")]


def test_an_answer_does_not_change_its_number(diagnose: Diagnose) -> None:
    swapped = make_card("A call takes {{c2::five}} names and {{c1::two}} voices.")
    assert diagnose(swapped) == [("L006", "{{c1::two}}"), ("L006", "{{c2::five}}")]
    other = make_card("A call takes {{c2::five}} names and {{c3::three}} voices.")
    assert diagnose(other) == [("L006", "{{c2::five}}")]


def test_the_number_of_a_retired_gap_is_not_used_again(diagnose: Diagnose) -> None:
    row = replace(ROW, gaps=(ROW.gaps[0], (2, GONE)))
    assert diagnose(CARD, row=row, retired=retired_gap(2)) == [("L006", "{{c2::two}}")]


def test_only_released_cards_and_gaps_can_be_retired(diagnose: Diagnose) -> None:
    assert diagnose(CARD, retired=retired_gap(3)) == [("L003", RETIRED)]
    row = replace(ROW, id="other", guid=guid("mini", "other"))
    assert ("L003", RETIRED) in diagnose(row=row, retired=retired_card())


def test_a_note_type_keeps_its_id_and_shape(small: Project) -> None:
    cloze = small.notetypes["cloze"]

    def differences(**changes: object) -> list[str]:
        row = replace(TypeRow("cloze", cloze.id, shape(cloze), "", 1), **changes)
        project = replace(small, ledgers={"mini": Ledger(types={"cloze": row})})
        found = compatibility.diagnose([], {}, project)
        return [d.message for d in found if d.code == "L009"]

    kind, sort_field, fields, templates = shape(cloze).split(";")
    first, second, *others = fields.split(",")
    name = cloze.fields[0].name
    assert differences() == []
    assert differences(id=7)[0].endswith(" 7")
    fewer = ";".join((kind, sort_field, ",".join((second, *others)), templates))
    assert differences(shape=fewer)[0].endswith(f": added {name}")
    other = ";".join((kind, sort_field, ",".join(("7", second, *others)), templates))
    assert differences(shape=other)[0].endswith(f": added {name}; removed 7")
    swapped = ";".join((kind, sort_field, ",".join((second, first, *others)), templates))
    assert "order" in differences(shape=swapped)[0]
