"""English words: the only importer of pyspellchecker and its list of 160,000 words.

The list has most British spellings; others are looked up in their American form.
"""

from __future__ import annotations

import gzip
import json
import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from deckwright.core.british import american

if TYPE_CHECKING:
    from spellchecker import SpellChecker


@cache
def english() -> frozenset[str]:
    """Return all words, in lowercase."""
    data = pkgutil.get_data("spellchecker", "resources/en.json.gz")
    text = gzip.decompress(data).decode() if data else "{}"
    if "\\" in text:
        return frozenset(json.loads(text))
    return frozenset(text.split('"')[1::2])  # the keys of the JSON, in half the time of json


def is_english(word: str) -> bool:
    """Return whether a word is English, in its American or British spelling."""
    small = word.lower()
    return small in english() or american(small) in english()


def correction(word: str, own: Iterable[str]) -> str:
    """Return the word that was probably meant, empty if there is none.

    That is one of `own` that is similar, or else an English word one letter away.
    """
    found = (_speller().candidates(word.lower()) or set()) - {word.lower()}
    close = get_close_matches(word, sorted(own), n=1, cutoff=0.8)
    close = close or get_close_matches(word.lower(), sorted(found), n=1, cutoff=0)
    return close[0] if close else ""


@cache
def _speller() -> SpellChecker:
    from spellchecker import SpellChecker  # takes 0.1 s, so only if a word is wrong

    return SpellChecker("en", distance=1)
