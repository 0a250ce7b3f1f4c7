"""Comparison keys: two texts with the same key read the same to a person."""

from __future__ import annotations

import re
import unicodedata

# Commas in numbers only group digits, points matter: 3,000 is 3000, but 1.5 is not 15.
_GROUPING = re.compile(r"(?<=\d),(?=\d{3}\b)")
# What a key keeps: letters, digits, a point between digits, a minus before a digit, and signs
# that change the meaning.
_KEPT = re.compile(
    r"[^\W_]+(?:\.(?=\d)[^\W_]+)*"
    r"|(?<!\S)[-−]\d[^\W_]*(?:\.\d+)*"
    r"|!=|[%#&@/*+<>=$€£~^|\\±×÷≤≥≠\u2190-\u2bff\U0001f000-\U0001faff]|…"
)


def key(text: str) -> str:
    """Return the words and signs of a text, without case and punctuation.

    Permanent: ledgers have digests of the keys of answers (`ledger.gap_digests`).
    """
    folded = _GROUPING.sub("", unicodedata.normalize("NFC", text).casefold())
    return " ".join(_KEPT.findall(folded))


def literal(text: str) -> str:
    """Return a text without case, extra white space and a final period; signs stay."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip(".;")
