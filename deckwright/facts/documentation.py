"""Documentation strings of published data: their text and their sentences."""

from __future__ import annotations

import html
import re

from deckwright.core import terms
from deckwright.facts.comparable import content_terms

_TAG = re.compile(r"</?(?:code|a|b|i|em|strong)\b[^>]*>|(<[^>]+>)")


def prose(text: str) -> str:
    """Return the text without tags, with single spaces."""
    return " ".join(html.unescape(_TAG.sub(lambda m: " " if m[1] else "", text)).split())


def find_phrase(phrase: str, text: str) -> re.Match[str] | None:
    """Find a phrase in any case, but not the end or beginning of a word or number."""
    before = r"(?<!\w)(?<!\d[.,])" if phrase[0].isalnum() else ""
    after = r"(?!\w)(?![.,]\d)" if phrase[-1].isalnum() else ""
    return re.search(before + re.escape(phrase) + after, text, re.IGNORECASE)


def sentence(text: str, phrase: str) -> str:
    """Return the sentence of a documentation string with a phrase, or nothing."""
    whole = prose(text)
    found = find_phrase(phrase, whole)
    if found is None:
        return ""
    at = found.start()
    begin = whole.rfind(". ", 0, at) + len(". ") if ". " in whole[:at] else 0
    end = whole.find(". ", at + len(phrase) - 1)
    return whole[begin : end + 1 if end >= 0 else len(whole)].strip()


def nearest_sentence(text: str, phrase: str) -> str:
    """Return the sentence with most words of a phrase, if at least half of them."""
    wanted = terms.merge_synonyms(content_terms(phrase))

    def shared(one: str) -> int:
        return len(wanted & terms.merge_synonyms(content_terms(one)))

    every = re.split(r"(?<=[.!?:]) ", prose(text))
    best = max(every, key=lambda one: (shared(one), -len(one)))
    return best if wanted and shared(best) * 2 >= len(wanted) else ""
