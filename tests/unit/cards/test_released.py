"""What an update must not break, for a project with one released card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deckwright.cards import released
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
CARD = make_card("A call takes {{c1::five}} names and {{c2::two}} voices.")
OTHER = replace(CARD, id="other")
ROW = CardRow(
    id=CARD.id,
    guid=guid("mini", CARD.id),
    type="cloze",
    home="services/polly",
    deck="Mini::2 Services::Polly",
    gaps=tuple(gap_digests(CARD).items()),
    note_id=1,
    content_fingerprint="",
    labels_fingerprint="",
    mod=1,
    first="1.0.0",
)
SHORTER = make_card("A call takes {{c1::five}} names.")


def retired_card(*successors: str) -> Retirements:
    return Retirements({CARD.id: RetiredCard(CARD.id, "Why.", successors, NOWHERE, NOWHERE)}, {})


def retired_gap(number: int) -> Retirements:
    return Retirements({}, {(CARD.id, number): RetiredGap(CARD.id, number, "Why.", NOWHERE)})


@pytest.mark.parametrize(
    ("cards", "row", "retired", "diagnosed"),
    [
        ([CARD], {}, None, []),
        ([make_card("Now {{c2::two}} voices and {{c1::**Five**}} names.")], {}, None, []),
        # a card that is missing, and one that has another id
        ([], {}, None, [("L002", LEDGER)]),
        ([replace(CARD, id="a-cards")], {}, None, [("L002", CARD.id)]),
        ([OTHER], {}, None, [("L002", LEDGER)]),
        # retired cards
        ([], {}, retired_card(), []),
        ([CARD], {}, retired_card(), [("L003", RETIRED)]),
        ([], {"state": "1.1.0"}, None, [("L003", LEDGER)]),
        ([OTHER], {}, retired_card("other"), []),
        ([OTHER], {}, retired_card("a-card", "no"), [("L003", RETIRED)] * 2),
        ([], {"id": "x", "guid": guid("mini", "x"), "state": "1.1.0"}, retired_card(),
         [("L003", LEDGER), ("L003", RETIRED)]),
        # another note type, namespace, or deck
        ([make_card("What?\n\n---\n\nThat.")], {}, None, [("L004", CARD.id)]),
        ([CARD], {"guid": guid("other", CARD.id)}, None, [("L008", LEDGER)]),
        ([CARD], {"deck": "Mini::2 Services::Voices"}, None, [("L007", LEDGER)]),
        # gaps
        ([SHORTER], {}, None, [("L005", "A call takes {{c1::five}} names.")]),
        ([SHORTER], {}, retired_gap(2), []),
        ([CARD], {}, retired_gap(2), [("L006", "{{c2::two}}")]),
        ([CARD], {}, retired_gap(3), [("L003", RETIRED)]),
        ([make_card("A call takes {{c2::five}} names and {{c1::two}} voices.")], {}, None,
         [("L006", "{{c1::two}}"), ("L006", "{{c2::five}}")]),
        ([make_card("A call takes {{c2::five}} names and {{c3::three}} voices.")], {}, None,
         [("L006", "{{c2::five}}")]),
        ([CARD], {"gaps": (ROW.gaps[0], (2, GONE))}, retired_gap(2), [("L006", "{{c2::two}}")]),
        ([SHORTER], {"gaps": (ROW.gaps[0], (2, GONE))}, None, [("L003", LEDGER)]),
    ],
)  # fmt: skip
def test_what_was_released_is_there_or_retired(
    cards: list[Card],
    row: dict[str, object],
    retired: Retirements | None,
    diagnosed: list[tuple[str, str]],
    small: Project,
) -> None:
    last = replace(ROW, **row)
    project = replace(
        small,
        ledgers={"mini": Ledger(cards={last.id: last})},
        retirements={"mini": retired} if retired else {},
    )
    written = {("mini", card.id): card.id_span for card in cards}
    result = released.diagnose(cards, written, project)
    assert [(d.code, d.span.text or d.span.path) for d in result] == diagnosed


def test_a_note_type_keeps_its_id_and_shape(small: Project) -> None:
    cloze = small.notetypes["cloze"]

    def differences(**changes: object) -> list[str]:
        row = replace(TypeRow("cloze", cloze.id, shape(cloze), "", 1), **changes)
        project = replace(small, ledgers={"mini": Ledger(types={"cloze": row})})
        result = released.diagnose([], {}, project)
        return [d.message.partition(" in its ")[2] for d in result if d.code == "L009"]

    kind, sort_field, fields, templates = shape(cloze).split(";")
    first, second, *others = fields.split(",")
    swapped = ",".join((second, first, *others))
    assert differences() == []
    assert differences(id=7) == ["ID (it was 7)"]
    assert differences(shape=f"{kind};{sort_field};{swapped};{templates}") == ["fields"]
    assert differences(shape=f"normal;7;{fields};7") == ["kind, sort field, and templates"]
