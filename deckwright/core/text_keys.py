"""Text compared as a reader would compare it: case, white space and punctuation do not make a difference, signs and numbers do."""

from __future__ import annotations

import re
import unicodedata

# Within numbers a comma only groups digits and a point divides: 3,000 is 3000, 1.5 is not 15.
_GROUPING = re.compile(r"(?<=\d),(?=\d{3}\b)")
# Kept: letters, digits, a point between digits, a minus before a digit, and signs that change the meaning.
_KEPT = re.compile(
    r"[^\W_]+(?:\.(?=\d)[^\W_]+)*|(?<!\S)[-−]\d[^\W_]*(?:\.\d+)*|!=|[%#&@/*+<>=$€£~^|\\±×÷≤≥≠\u2190-\u2bff\U0001f000-\U0001faff]|…"
)


def key(text: str) -> str:
    """The words and signs of a text in one form: equal keys mean that a reader sees the same sentence."""
    folded = _GROUPING.sub("", unicodedata.normalize("NFC", text).casefold())
    return " ".join(_KEPT.findall(folded))


def literal(text: str) -> str:
    """A text in one form but for its signs: case, white space and the full stop at the end do not make a difference."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip(".;")
