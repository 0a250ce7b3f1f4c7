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

from deckwright.core.terms import american

if TYPE_CHECKING:
    from spellchecker import SpellChecker

# British words whose American form no rule finds.
_BRITISH = {
    "artefact": "artifact", "artefacts": "artifacts", "behaviour": "behavior",
    "behaviours": "behaviors", "catalogue": "catalog", "catalogues": "catalogs",
    "defence": "defense", "fulfil": "fulfill",
    "grey": "gray", "judgement": "judgment", "learnt": "learned", "licence": "license",
    "licences": "licenses", "manoeuvre": "maneuver", "offence": "offense",
    "programme": "program", "programmes": "programs", "sceptical": "skeptical",
    "spelt": "spelled", "towards": "toward", "tyre": "tire", "tyres": "tires",
    "whilst": "while",
}  # fmt: skip

_BOTH = frozenset({"analyses"})  # British verbs that are also plurals of American nouns


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


@cache
def american_form(word: str, own: frozenset[str]) -> str:
    """Return the American spelling of a British one; empty for all other words.

    A word of `own`, such as a name, is never British.
    """
    small = word.lower()
    meant = _BRITISH.get(small) or american(small)
    if meant == small or word in own or small in own or small in _BOTH:
        return ""
    if small not in _BRITISH and (meant not in english() or not small.isalpha()):
        return ""
    return meant.capitalize() if word[0].isupper() else meant


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
