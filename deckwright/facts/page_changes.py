"""What has become of a recorded sentence or row on a newer copy of its page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from deckwright.core.card import Card
from deckwright.facts.comparable import content_terms
from deckwright.facts.evidence import Evidence
from deckwright.facts.page_evidence import compare_with_page
from deckwright.facts.page_numbers import page_numbers
from deckwright.facts.page_phrases import holds, phrase_for, runs
from deckwright.facts.page_quotes import quotes_of
from deckwright.facts.page_similar import LEAST, similar_units, similarity
from deckwright.facts.page_subject import amounts_of
from deckwright.facts.page_text import PageText, Unit, folded
from deckwright.facts.stated_value import StatedValue

KEPT, REWORDED, GONE = "kept", "reworded", "gone"

_MOST_UNITS = 12  # similar units that are tried
_DISTANT = 0.3  # of the words of the old text: below it, a unit is about something else
_SAME = 0.9  # of the words, in the same order: from it on, a unit is the old one
_NUMBER = re.compile(r"\d[\d,.]*")
_NONE = re.compile(r"\b(?:no|not|never|without|zero|free|nothing|none|cannot)\b|n't\b", re.I)


@dataclass(frozen=True, slots=True)
class PageChange:
    """The `state` of a recorded text, KEPT, REWORDED or GONE, and what the page `said` now.

    `said` is the sentence or row that confirms the value now; for GONE the most similar
    one, or nothing. `paste` is the evidence line for it, empty for GONE.
    """

    state: str
    said: str
    paste: str = ""


def classify(
    card: Card, line: Evidence, value: StatedValue, before: str, page: PageText
) -> PageChange:
    """Compare the recorded text `before` of an evidence line with a page.

    A text counts as kept if its words are, in the same order. It counts as reworded if
    another text on the page, similar to it, confirms the value.
    """
    found = compare_with_page(line, value, card, page)
    if found.unit and not found.match.why:
        same = folded(found.said) == folded(before)
        return PageChange(KEPT if same else REWORDED, found.said, line.span.text)
    similar = similar_units(before, page)[:_MOST_UNITS]
    if other := next((unit for _, unit in similar if _has_other_number(unit, before, value)), None):
        return PageChange(GONE, other.text)
    for degree, unit in similar:
        if degree < _DISTANT:
            break
        if line.means:
            phrase = _phrase_that_means(line, page, unit)
        else:
            phrase = phrase_for(line, value, card, page, unit)
        if phrase:
            return PageChange(REWORDED, unit.text, _with_phrase(line, phrase))
    is_near = bool(similar) and similar[0][0] >= LEAST
    return PageChange(GONE, similar[0][1].text if is_near else "")


def _has_other_number(unit: Unit, before: str, value: StatedValue) -> bool:
    """Return whether a unit is the old text with another number instead of the value."""
    if not amounts_of(value) or holds(unit, value):
        return False
    old, new = (_NUMBER.sub("0", folded(text)).split() for text in (before, unit.text))
    return SequenceMatcher(None, old, new, autojunk=False).ratio() >= _SAME


def _with_phrase(line: Evidence, phrase: str) -> str:
    """Return an evidence line with another phrase."""
    gap = f"c{line.gap} " if line.gap else ""
    means = f" means {line.means}" if line.means else ""
    return f"{gap}{line.data}::{line.path}~{phrase}{means}"


def _phrase_that_means(line: Evidence, page: PageText, unit: Unit) -> str:
    """Return the phrase of a unit that is most similar to the old one, or nothing.

    Nothing else shows that it still means the value. So it has the old numbers, and says
    "no" or "without" if the old one did.
    """
    old = [number.amount for number in page_numbers(folded(line.phrase))]
    wanted = content_terms(line.phrase)
    best, most = "", 0.0
    for phrase in runs(unit):
        if [number.amount for number in page_numbers(folded(phrase))] != old:
            continue
        if bool(_NONE.search(phrase)) != bool(_NONE.search(line.phrase)):
            continue
        shared = similarity(line.phrase, phrase) - len(content_terms(phrase) - wanted) / 100
        if shared > most and len(list(quotes_of(phrase, page))) == 1:
            best, most = phrase, shared
    return best if most >= LEAST else ""
