"""Cards counted by topic and by line of the outline."""

from __future__ import annotations

from deckwright.cards.coverage import coverage
from deckwright.project.project import Project
from unit.examples import make_card

CLOZE, BASIC = "A {{c1::gap}} and {{c2::two}}.", "What?\n\n---\n\nThat."


def test_a_card_counts_once_for_its_topic(small: Project) -> None:
    cards = [make_card(CLOZE), make_card(BASIC), make_card(BASIC)]
    voices = next(row for row in coverage(cards, small.vocabulary).topics if row.topic == "voices")
    assert (voices.have, voices.core, voices.missing) == (3, 4, 1)


def test_a_shortfall_lowers_what_is_missing(small: Project) -> None:
    rows = {row.topic: row for row in coverage([], small.vocabulary).topics}
    assert (rows["words"].core, rows["words"].shortfall, rows["words"].missing) == (3, 2, 2)
    assert (rows["copies"].shortfall, rows["copies"].missing) == (None, 2)
    assert coverage([], small.vocabulary).missing == 4 + 2 + 2


def test_more_cards_than_needed_miss_nothing(small: Project) -> None:
    cards = [make_card(BASIC, topic="copies")] * 5
    rows = {row.topic: row for row in coverage(cards, small.vocabulary).topics}
    assert rows["copies"].missing == 0


def test_a_line_of_the_outline_adds_its_topics_up(small: Project) -> None:
    line = coverage([make_card(BASIC)], small.vocabulary).outline[0]
    assert (line.topics, line.have, line.core) == (("voices", "words"), 1, 7)
    assert line.empty == ("words",)
