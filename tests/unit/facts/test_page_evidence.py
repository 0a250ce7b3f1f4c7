"""Phrases on pages: what confirms a value, what is refused, and what has become of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from deckwright.core.card import Card
from deckwright.facts import evidence
from deckwright.facts.comparable import parts
from deckwright.facts.evidence import Evidence
from deckwright.facts.page_changes import GONE, KEPT, REWORDED, PageChange, classify
from deckwright.facts.page_evidence import PageMatch, compare_with_page
from deckwright.facts.page_phrases import proposals
from deckwright.facts.page_text import PageText
from deckwright.facts.stated_value import StatedValue, stated_value
from unit.examples import make_card

PAGES = Path(__file__).parents[2] / "pages"


def rows(name: str) -> list[list[str]]:
    """The lines of a table; `\\n` in a cell is a line feed."""
    lines = (PAGES / f"{name}.tsv").read_text("utf-8").splitlines()
    return [[cell.replace("\\n", "\n") for cell in line.split("\t")] for line in lines]


FACTS, LIES = rows("facts"), rows("lies")
REWORDINGS, NEW_VALUES = rows("rewordings"), rows("new-values")


@cache
def source(name: str) -> str:
    return (PAGES / f"{name}.md").read_text("utf-8")


@cache
def page(name: str) -> PageText:
    return PageText(source(name))


def on_card(text: str, tail: str, name: str = "limits") -> tuple[Card, Evidence, StatedValue]:
    """A card, its evidence and its value; `tail` is the evidence after `page::PAGE~`."""
    line = f"- evidence: page::parrot/latest/dg/{name}~{tail}\n"
    card = make_card(text, metadata=line)
    (found,) = evidence.read(card.evidence[0]).values
    value = stated_value(card, found.gap)
    assert value is not None
    return card, found, value


def compared(text: str, tail: str, name: str = "limits") -> PageMatch:
    card, line, value = on_card(text, tail, name)
    return compare_with_page(line, value, card, page(name))


def why_not(text: str, tail: str, name: str = "limits") -> str:
    """Why a page does not confirm a value, empty if it does."""
    _, _, value = on_card(text, tail, name)
    match = compared(text, tail, name).match
    return match.why or ", ".join(parts(value) - match.covers)


@pytest.mark.parametrize(("name", "text", "tail"), FACTS, ids=range(len(FACTS)))
def test_a_phrase_confirms_the_value(name: str, text: str, tail: str) -> None:
    assert why_not(text, tail, name) == ""


@pytest.mark.parametrize(("_lie", "name", "text", "tail"), LIES, ids=range(len(LIES)))
def test_a_lie_is_refused(_lie: str, name: str, text: str, tail: str) -> None:
    assert why_not(text, tail, name)


def test_there_are_enough_lies_of_each_kind() -> None:
    kinds = [lie[0] for lie in LIES]
    assert len(LIES) >= 40
    for kind in ("number", "unit", "subject", "row", "old"):
        assert kinds.count(kind) >= 8


def changed(
    name: str, text: str, tail: str, old: str, new: str
) -> tuple[Card, StatedValue, PageChange, PageText]:
    """What becomes of a recorded text if the page has `new` instead of `old`."""
    card, line, value = on_card(text, tail, name)
    before = compared(text, tail, name)
    assert before.unit is not None
    assert before.match.why == ""
    assert source(name).count(old) == 1
    later = PageText(source(name).replace(old, new))
    return card, value, classify(card, line, value, before.unit.text, later), later


@pytest.mark.parametrize("row", REWORDINGS, ids=range(len(REWORDINGS)))
def test_a_rewording_is_found_with_a_line_that_confirms_the_value(row: list[str]) -> None:
    card, value, change, later = changed(*row)
    assert change.state == REWORDED
    _, line, _ = on_card(row[1], change.paste.partition("~")[2], row[0])
    match = compare_with_page(line, value, card, later).match
    assert match.why == ""
    assert parts(value) <= match.covers


def test_there_are_enough_rewordings() -> None:
    assert len(REWORDINGS) >= 40


@pytest.mark.parametrize("row", NEW_VALUES, ids=range(len(NEW_VALUES)))
def test_a_new_value_is_no_rewording(row: list[str]) -> None:
    _, _, change, _ = changed(*row)
    assert (change.state, change.paste) == (GONE, "")


def test_a_sentence_that_is_still_there_is_kept() -> None:
    text, tail = FACTS[0][1:]
    new = "You can store up to 200 glossaries per account."
    change = changed("limits", text, tail, "You can store up to 100 glossaries per account.", new)
    assert change[2].state == KEPT


def test_a_changed_sentence_with_the_same_phrase_is_to_be_read_again() -> None:
    text, tail = FACTS[0][1:]
    change = changed("limits", text, tail, "characters in size.", "characters in size, if plain.")
    assert change[2].state == REWORDED
    assert change[2].paste.endswith(tail)


@pytest.mark.parametrize(
    ("text", "tail", "names"),
    [
        (
            "Parrot bills {{c1::the characters outside SSML tags}}.",
            "SSML tags are not counted as billed characters means the characters outside SSML tags",
            "2 times",
        ),
        (
            "A Parrot recording can last up to {{c1::8}} hours.",
            "Each supported Region: 28,800 Seconds",
            "first cell",
        ),
        (
            "A Parrot glossary can be up to {{c1::40,000}} characters.",
            "per account. Each glossary can be up to 40,000 characters",
            "`per account. Each glossary can be up to 40,000 characters`",
        ),
        (
            "Automatic detection of names costs {{c1::5 cents}}.",
            "name detection is available at no additional charge means nothing",
            "`nothing`",
        ),
    ],
)
def test_the_reason_is_said(text: str, tail: str, names: str) -> None:
    assert names in why_not(text, tail)


def test_a_value_can_be_what_a_phrase_means() -> None:
    text = "Encrypted traffic of {{c1::Parrot}} is not encrypted twice."
    assert why_not(text, "encrypted twice means Parrot") == ""


def test_the_first_cell_to_write_is_shown() -> None:
    text = "A Parrot recording can last up to {{c1::8}} hours."
    help_line = compared(text, "Each supported Region: 28,800 Seconds").match.help
    assert "`Maximum recording length | Each supported Region: 28,800 Seconds`" in help_line


def test_of_a_very_long_row_only_the_quoted_lines_are_recorded() -> None:
    other = "Another line of the cell.<br />" * 20
    text = PageText(f"| Name | Limit |\n| - | - |\n| Parrot<br />calls | {other}Up to 5 calls |\n")
    card, line, value = on_card("Parrot takes {{c1::5}} calls.", "Parrot | Up to 5 calls")
    found = compare_with_page(line, value, card, text)
    assert (found.match.why, found.said) == ("", "Parrot / calls | Up to 5 calls")
    change = classify(card, line, value, found.said, text)
    assert change.state == KEPT


def test_means_is_a_word_of_the_page() -> None:
    text = PageText("# Recovery\n\nThis means 5 minutes of recovery time.\n")
    card, line, value = on_card(
        "A Parrot recovery takes {{c1::5 minutes of recovery time}}.",
        "This means 5 minutes of recovery time",
    )
    assert "`means`" in compare_with_page(line, value, card, text).match.why


def test_proposals_have_a_phrase_that_confirms_the_value() -> None:
    text = "A Parrot glossary can be up to {{c1::40,000}} characters."
    card, line, value = on_card(text, "x")
    (best,) = proposals(line, value, card, page("limits"), 3)
    assert best.unit.text == "Each glossary can be up to 40,000 characters in size."
    assert why_not(text, best.phrase) == ""


def test_a_row_with_the_same_number_is_proposed_only_if_it_is_the_right_one() -> None:
    card, line, value = on_card("A speaker can have {{c1::100,000}} recordings in Parrot.", "x")
    found = proposals(line, value, card, page("limits"), 3)
    assert [one.unit.cells[0] for one in found] == ["Recordings per speaker"]
