"""Which problems the question about a folder's language takes the place of."""

from __future__ import annotations

import re

from deckwright.cards.language_hint import MISLED
from deckwright.cards.rules.lists import ENGLISH


def test_all_problems_of_english_words_are_among_them() -> None:
    codes = set()
    for rule in ENGLISH:
        named = re.findall(r"C(\d+)(?: to C(\d+))?", rule.__doc__ or "")
        assert named, rule.__name__
        codes |= {f"C{n}" for a, b in named for n in range(int(a), int(b or a) + 1)}
    assert {code for code in MISLED if code[0] == "C"} == codes
