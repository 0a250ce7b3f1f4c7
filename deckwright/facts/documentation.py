"""Documentation strings of published data: their text, and a phrase in it."""

from __future__ import annotations

import html
import re

from deckwright.facts.page_text import Quote, Unit, pattern_of

_TAG = re.compile(r"</?(?:code|a|b|i|em|strong)\b[^>]*>|(<[^>]+>)")


def prose(text: str) -> str:
    """Return the text without tags, with single spaces."""
    return " ".join(html.unescape(_TAG.sub(lambda m: " " if m[1] else "", text)).split())


def first_quote(phrase: str, text: str) -> Quote | None:
    """Return the first place of a phrase, with its sentence; None if there is none."""
    whole = prose(text)
    match = pattern_of(phrase).search(whole)
    if match is None:
        return None
    start, end = match.span()
    begin = whole.rfind(". ", 0, start) + len(". ") if ". " in whole[:start] else 0
    stop = whole.find(". ", end - 1)
    stop = stop + 1 if stop >= 0 else len(whole)
    sentence = whole[begin:stop].strip()
    return Quote(Unit((sentence,)), match[0], whole[begin:start], whole[end:stop], sentence)
