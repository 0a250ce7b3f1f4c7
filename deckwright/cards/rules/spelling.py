"""English words: the door of pyspellchecker, whose list of 160,000 words comes with it.

The list has most British spellings; those that it lacks are known by their American ones.
"""

from __future__ import annotations

import gzip
import json
import pkgutil
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_BRITISH = (
    (re.compile(r"(?<=[a-z]{2})is(e|ed|es|er|ers|ing|able|ation|ations)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z])yse(d|s|r)?$"), r"yze\1"),
    (re.compile(r"(?<=[a-z]{2})our(s|ed|ing|ite|ites|able|al)?$"), r"or\1"),
    (re.compile(r"(?<=[a-z]{2}[ae])ll(ed|ing|er|ers)$"), r"l\1"),
    (re.compile(r"((?:^|[a-z])(?:cent|met|lit|fib|theat))re(s|d)?$"), r"\1er\2"),
)


@cache
def english() -> frozenset[str]:
    """All words, in small letters: the keys of the package's JSON, cut out at its quotes, which takes half the time of reading it."""
    data = pkgutil.get_data("spellchecker", "resources/en.json.gz")
    text = gzip.decompress(data).decode() if data else "{}"
    return frozenset(json.loads(text) if "\\" in text else text.split('"')[1::2])


def is_english(word: str) -> bool:
    """Whether a word is English, in its American or British spelling."""
    small = word.lower()
    return small in english() or any(
        form.search(small) and form.sub(american, small) in english() for form, american in _BRITISH
    )


def correction(word: str, own: Iterable[str]) -> str:
    """The word that was meant: one of `own` that is close, or an English word one letter away; empty where there is none."""
    found = (_speller().candidates(word.lower()) or set()) - {word.lower()}
    close = get_close_matches(word, sorted(own), n=1, cutoff=0.8) or get_close_matches(
        word.lower(), sorted(found), n=1, cutoff=0
    )
    return close[0] if close else ""


@cache
def _speller() -> SpellChecker:
    from spellchecker import (
        SpellChecker,
    )  # a tenth of a second, spent only where something is wrong

    return SpellChecker("en", distance=1)
