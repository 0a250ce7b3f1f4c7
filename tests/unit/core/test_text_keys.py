"""Texts that read the same have the same key."""

from __future__ import annotations

import pytest

from deckwright.core.text_keys import key, literal


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("At most 3,000 bytes.", "at most 3000  bytes", True),
        ("Which one?", "which one", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("S3: `GetObject`", "S3 GetObject", True),
        ("1.5 GB", "15 GB", False),
        ("1,5", "15", False),
        ("-5 degrees", "5 degrees", False),
        ("a > b", "a < b", False),
        ("C#", "C", False),
        ("s3:*", "s3", False),
        ("10%", "10", False),
    ],
)
def test_only_numbers_and_signs_make_a_difference(one: str, other: str, same: bool) -> None:
    assert (key(one) == key(other)) == same


def test_a_literal_keeps_signs_and_punctuation_inside() -> None:
    assert literal(" The  `a:b`. ") == literal("the `A:B`")
    assert literal("a, b") != literal("a b")
