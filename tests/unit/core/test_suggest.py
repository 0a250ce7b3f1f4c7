"""Suggestions for words that are not known."""

from __future__ import annotations

from deckwright.core.suggest import closest, nearest


def test_a_word_with_a_typo_is_recognized() -> None:
    assert closest("quotta", ["concept", "quota"]) == "quota"
    assert "`quota`" in nearest("quotta", ["concept", "quota"])


def test_a_prefix_before_a_known_word_is_recognized_first() -> None:
    assert closest("aws-s3", ["aws-s4", "s3"]) == "s3"


def test_there_is_no_suggestion_if_nothing_is_similar() -> None:
    assert closest("weather", ["concept", "quota"]) is None
    assert nearest("weather", ["concept", "quota"]) == ""
    assert nearest("weather", []) == ""
