"""Texts that read the same have the same key."""

from __future__ import annotations

import pytest

from deckwright.core.text_keys import key, literal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("At most 3,000 bytes.", "at most 3000  bytes"),
        ("Which one?", "which one"),
        ("caf\u00e9", "cafe\u0301"),
        ("S3: `GetObject`", "S3 GetObject"),
    ],
)
def test_case_punctuation_and_white_space_make_no_difference(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5 GB", "15 GB"),
        ("1,5", "15"),
        ("-5 degrees", "5 degrees"),
        ("a > b", "a < b"),
        ("C#", "C"),
        ("s3:*", "s3"),
        ("10%", "10"),
    ],
)
def test_numbers_and_signs_make_a_difference(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_a_literal_keeps_signs_and_punctuation_inside() -> None:
    assert literal(" The  `a:b`. ") == literal("the `A:B`")
    assert literal("a, b") != literal("a b")
