from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean …?` where one of `known` is close to `word`, else nothing."""
    close = closest(word, known)
    return f"did you mean `{close}`?" if close else ""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that is close to `word`."""
    words = list(known)
    close = [k for k in words if word.endswith(f"-{k}")] or get_close_matches(
        word, words, n=1, cutoff=0.6
    )
    return close[0] if close else None
