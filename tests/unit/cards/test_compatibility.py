"""What an update must not break, for a project with one released card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deckwright.cards import compatibility
from deckwright.core.card import Card
from deckwright.core.identity import guid
from deckwright.core.source import Source
from deckwright.project.ledger import GONE, CardRow, Ledger, TypeRow, gap_digests
from deckwright.project.notetypes import shape
from deckwright.project.project import Project
from deckwright.project.retirements import RetiredCard, RetiredGap, Retirements
from unit.examples import make_card

LEDGER, RETIRED = "decks/ledger", "decks/retired/mini.toml"
NOWHERE = Source(RETIRED, "").span(0, 0)
TEXT = "A call takes {{c1::five}} names and {{c2::two}} voices."
CARD = make_card(TEXT)
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
RENAMED = make_card(TEXT, id="a-cards")
OTHER = replace(CARD, id="other")
SHORTER = make_card("A call takes {{c1::five}} names.")
SWAPPED = make_card("A call takes {{c2::five}} names and {{c1::two}} voices.")
REPLACED = make_card("A call takes {{c2::five}} names and {{c3::three}} voices.")
AROUND = make_card("Now {{c2::two}} voices and {{c1::**Five**}} names.")
NONE = Retirements({}, {})


def retired_card(*successors: str) -> Retirements:
    return Retirements({CARD.id: RetiredCard(CARD.id, "Why.", successors, NOWHERE, NOWHERE)}, {})


def retired_gap(number: int) -> Retirements:
    return Retirements({}, {(CARD.id, number): RetiredGap(CARD.id, number, "Why.", NOWHERE)})


@pytest.mark.parametrize(
    ("cards", "changes", "retired", "expected"),
    [
        ([AROUND], {}, NONE, []),
        ([], {}, NONE, [("L002", LEDGER)]),
        ([RENAMED], {}, NONE, [("L002", "a-cards")]),
        ([OTHER], {}, NONE, [("L002", LEDGER)]),
        ([], {}, retired_card(), []),
        ([CARD], {}, retired_card(), [("L003", RETIRED)]),
        ([CARD], {"state": "1.1.0"}, NONE, [("L003", LEDGER)]),
        ([OTHER], {}, retired_card("other"), []),
        ([OTHER], {}, retired_card("a-card", "no"), [("L003", RETIRED)] * 2),
        (
            [],
            {"id": "other", "guid": guid("mini", "other")},
            retired_card(),
            [("L002", LEDGER), ("L003", RETIRED)],
        ),
        ([SHORTER], {}, NONE, [("L005", "A call takes {{c1::five}} names.")]),
        ([SHORTER], {}, retired_gap(2), []),
        ([CARD], {}, retired_gap(2), [("L006", "{{c2::two}}")]),
        ([CARD], {}, retired_gap(3), [("L003", RETIRED)]),
        ([SWAPPED], {}, NONE, [("L006", "{{c1::two}}"), ("L006", "{{c2::five}}")]),
        ([REPLACED], {}, NONE, [("L006", "{{c2::five}}")]),
        ([CARD], {"gaps": (ROW.gaps[0], (2, GONE))}, retired_gap(2), [("L006", "{{c2::two}}")]),
    ],
)
def test_what_an_update_would_break_has_its_code_and_place(
    cards: list[Card],
    changes: dict[str, Any],
    retired: Retirements,
    expected: list[tuple[str, str]],
    small: Project,
) -> None:
    row = replace(ROW, **changes)
    ledgers = {"mini": Ledger(cards={row.id: row})}
    project = replace(small, ledgers=ledgers, retirements={"mini": retired})
    written = {("mini", card.id): card.id_span for card in cards}
    found = compatibility.diagnose(cards, written, project)
    assert [(d.code, d.span.text or d.span.path) for d in found] == expected


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
