"""Phrases that messages share."""

from __future__ import annotations

import pytest

from deckwright.core.wording import as_help, count, listed, reason


@pytest.mark.parametrize(
    ("number", "phrase"), [(0, "0 cards"), (1, "1 card"), (2, "2 cards"), (1112, "1,112 cards")]
)
def test_a_number_has_its_noun_in_the_right_form(number: int, phrase: str) -> None:
    assert count(number, "card") == phrase


def test_the_reason_of_the_operating_system_is_a_phrase_without_a_number() -> None:
    assert reason(OSError(28, "No space left on device")) == "no space left on device"
    assert reason(OSError("Odd")) == "odd"


def test_a_long_list_ends_after_a_few_names() -> None:
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(("a", "b", "c"), 2) == "a, b …"


def test_a_description_becomes_a_help_line() -> None:
    assert as_help("Write a date. Not a time.") == "write a date. Not a time"
    assert as_help("") == ""
