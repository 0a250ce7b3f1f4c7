"""Suggestions for a word that is not known: `did you mean …?`"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

_CUTOFF = 0.6  # difflib's ratio, 0 to 1, from which a word counts as similar


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the help text "did you mean `…`?", empty if no known word is similar."""
    close = closest(word, known)
    return f"did you mean `{close}`?" if close else ""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most similar to `word`, None if none is.

    A known word that `word` only puts a prefix before (`aws-s3` for `s3`) comes first, then
    the only one that begins with `word` (`batch-training` for `batch`).
    """
    return _closest(word, tuple(known))


@lru_cache(1_000)
def _closest(word: str, words: tuple[str, ...]) -> str | None:
    unprefixed = next((name for name in words if word.endswith(f"-{name}")), None)
    longer = [name for name in words if name.startswith(f"{word}-")]
    if unprefixed or len(longer) == 1:
        return unprefixed or longer[0]
    similar = get_close_matches(word, words, n=3, cutoff=_CUTOFF)
    return next((name for name in similar if _differs_little(word, name)), None)


def _differs_little(word: str, name: str) -> bool:
    """Whether words that begin with the same name, such as `kms-`, are similar after it."""
    first, hyphen, rest = name.partition("-")
    if not hyphen or not f"{word}-".startswith(first + hyphen):
        return True
    return SequenceMatcher(None, word[len(first) + 1 :], rest).ratio() >= _CUTOFF
