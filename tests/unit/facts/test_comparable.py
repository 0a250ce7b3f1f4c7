"""Numbers, words and names in comparable form."""

from __future__ import annotations

import pytest

from deckwright.facts import comparable
from deckwright.facts.stated_value import Occurrence


def test_the_first_number_of_a_range_takes_the_unit_of_the_second() -> None:
    assert comparable.numbers(Occurrence("1 to 5 MB")) == [(1, "mb"), (5, "mb")]
    assert comparable.numbers(Occurrence("1 to 5", unit="GB")) == [(1, "GB"), (5, "GB")]


def test_a_figure_has_thousands_separators_and_its_unit() -> None:
    assert comparable.figure(86400, "s") == "86,400 s"
    assert comparable.figure(2.5) == "2.5"


def test_a_name_in_code_is_compared_whole_and_in_parts() -> None:
    assert {"maxitem", "max", "item"} <= {
        term.removeprefix("!") for term in comparable.name_terms("MaxItems")
    }


def test_names_are_equal_without_case_hyphens_and_underscores() -> None:
    assert comparable.name_key("INFREQUENT_ACCESS") == comparable.name_key("Infrequent Access.")
    assert comparable.name_key("a:b") != comparable.name_key("a-b")


def test_contractions_and_bounds_are_terms() -> None:
    assert comparable.content_terms("It isn't kept") == comparable.content_terms("It is not kept")
    assert "~more" in comparable.content_terms("more than 5")


def test_a_list_in_words_has_pieces() -> None:
    assert comparable.list_pieces("neural, long-form and standard.") == [
        "neural", "long-form", "standard",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["-5", "1,85", "5+", "$5", "1/5", "6 Mb", "10²"])
def test_some_ways_to_write_a_number_cannot_be_confirmed(text: str) -> None:
    assert comparable.is_unconfirmable(text)


@pytest.mark.parametrize("text", ["5", "1,850", "3,000,000", "6 MB", "a-5", "1 to 5"])
def test_plain_numbers_can_be_confirmed(text: str) -> None:
    assert not comparable.is_unconfirmable(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((24, "hours"), (86400, "s"), True),
        ((6, "MB"), (6 * 1024**2, "bytes"), True),
        ((6, "MB"), (6_000_000, "bytes"), True),
        ((6, "MB"), (6, "GB"), False),
        ((5, ""), (5, ""), True),
        ((5, ""), (5, "MB"), False),
        ((5, "things"), (5, "things"), False),
    ],
)
def test_amounts_are_compared_with_their_units(
    one: tuple[float, str], other: tuple[float, str], same: bool
) -> None:
    assert comparable.same_amount(one, other) == same
    assert comparable.same_amount(other, one) == same
