"""Phrases that messages share."""

from __future__ import annotations

from deckwright.core.wording import listed


def test_a_long_list_ends_after_a_few_names() -> None:
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(("a", "b", "c"), 2) == "a, b …"
