"""Phrases that messages share."""

from __future__ import annotations

import pytest

from deckwright.core.suggest import closest
from deckwright.core.wording import listed


@pytest.mark.parametrize(
    ("word", "suggested"),
    [("pollly-mark", "polly-marks"), ("polly-tags", None), ("s3", "s3-long-name"), ("polly", None)],
)
def test_a_suggestion_is_similar_behind_the_name_that_all_begin_with(
    word: str, suggested: str | None
) -> None:
    assert closest(word, ["polly-e", "polly-marks", "s3-long-name"]) == suggested


def test_a_long_list_ends_after_a_few_names() -> None:
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(("a", "b", "c"), 2) == "a, b …"
