"""Numbers, words and names in comparable form."""

from __future__ import annotations

import pytest

from deckwright.facts import comparable
from deckwright.facts.stated_value import Occurrence


def test_the_first_number_of_a_range_takes_the_unit_of_the_second() -> None:
    assert comparable.numbers(Occurrence("1 to 5 MB")) == [(1, "mb"), (5, "mb")]
    assert comparable.numbers(Occurrence("1 to 5", unit="GB")) == [(1, "GB"), (5, "GB")]


def test_names_are_equal_without_case_hyphens_and_underscores() -> None:
    assert comparable.name_key("INFREQUENT_ACCESS") == comparable.name_key("Infrequent Access.")
    assert comparable.name_key("a:b") != comparable.name_key("a-b")


@pytest.mark.parametrize("text", ["-5", "1,85", "5+", "$5", "1/5", "6 Mb", "10²"])
def test_some_ways_to_write_a_number_cannot_be_confirmed(text: str) -> None:
    assert comparable.is_unconfirmable(text)


@pytest.mark.parametrize("text", ["5", "1,850", "3,000,000", "6 MB", "a-5", "1 to 5"])
def test_plain_numbers_can_be_confirmed(text: str) -> None:
    assert not comparable.is_unconfirmable(text)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("10K pixels", 10_000, ""),
        ("1M characters", 1_000_000, ""),
        ("2MBps for the rest", 2, "mb"),
        ("up to 6 Mb of audio", 6, ""),
        ("a minimum of two weeks", 2, "weeks"),
        ("in 14-day steps", 14, "day"),
        ("up to 1,000 or", 1_000, ""),
    ],
)
def test_numbers_are_read_as_publishers_write_them(text: str, number: float, unit: str) -> None:
    assert comparable.quantities(text) == ((number, unit),)


def test_digits_in_names_are_no_numbers() -> None:
    assert comparable.quantities("AES-256, SSE-S3, p4d.24xlarge, us-east-1 and EC2") == ()


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
    assert comparable.same_amount(one, other) == comparable.same_amount(other, one) == same
