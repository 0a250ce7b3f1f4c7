"""American forms of British spellings."""

from __future__ import annotations

import pytest

from deckwright.core.british import american


@pytest.mark.parametrize(
    ("british", "expected"),
    [
        ("maximise", "maximize"),
        ("organisations", "organizations"),
        ("analysing", "analyzing"),
        ("colours", "colors"),
        ("behavioural", "behavioral"),
        ("labelled", "labeled"),
        ("modelling", "modeling"),
        ("kilometres", "kilometers"),
        ("centred", "centered"),
        ("theatre", "theater"),
    ],
)
def test_british_endings_become_american(british: str, expected: str) -> None:
    assert american(british) == expected


@pytest.mark.parametrize("word", ["rise", "four", "hour", "calls", "called", "fire", "acre", "red"])
def test_short_words_that_only_look_british_stay(word: str) -> None:
    assert american(word) == word
