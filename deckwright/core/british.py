"""British spellings and their American forms, by the ends of words."""

from __future__ import annotations

import re

_ENDINGS = (
    (re.compile(r"(?<=[a-z]{2})is(e|ed|es|er|ers|ing|able|ation|ations)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z])ys(e|ed|es|er|ers|ing)$"), r"yz\1"),
    (re.compile(r"(?<=[a-z]{2})our(s|ed|ing|ite|ites|able|al)?$"), r"or\1"),
    (re.compile(r"(?<=[a-z]{2}[ae])ll(ed|ing|er|ers)$"), r"l\1"),
    (re.compile(r"(cent|met|lit|fib|theat)re(s?)$"), r"\1er\2"),
    (re.compile(r"(cent|met|lit|fib|theat)red$"), r"\1ered"),
)

# Any of these endings, in one search, since few words have one.
_BRITISH = re.compile("|".join(ending.pattern for ending, _ in _ENDINGS))


def american(word: str) -> str:
    """Return the American spelling of a word in lowercase: `colors` for `colours`.

    The rules know no words: `flour` gives `flor`. So compare such forms with each
    other, or look them up in a list of words; do not show them.
    """
    if _BRITISH.search(word):
        for ending, replacement in _ENDINGS:
            word = ending.sub(replacement, word)
    return word
