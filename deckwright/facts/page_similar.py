"""The sentence or row of a page that is most similar to another text."""

from __future__ import annotations

from deckwright.core import terms
from deckwright.facts.page_text import PageText, Unit

LEAST = 0.5  # of the words of a text, from which a unit counts as similar


def nearest_unit(text: str, page: PageText) -> Unit | None:
    """Return the unit that has most words of a text, None if none has half of them."""
    found = similar_units(text, page)
    return found[0][1] if found and found[0][0] >= LEAST else None


def similar_units(text: str, page: PageText) -> list[tuple[float, Unit]]:
    """Return the units with their similarity to a text (0 to 1), the most similar first.

    That is the part of the text's words that a unit has; among equals, shorter units
    come first. Numbers do not count: they may be what has changed.
    """
    scored = [(similarity(text, unit.text), unit) for unit in page.units]
    return sorted(scored, key=lambda pair: (-pair[0], len(pair[1].text)))


def similarity(text: str, other: str) -> float:
    """Return the part of the words of a text that another has, from 0 to 1."""
    wanted = _words(text)
    return len(wanted & _words(other)) / len(wanted) if wanted else 0.0


def _words(text: str) -> frozenset[str]:
    found = terms.merge_synonyms(terms.items(terms.tokens(text)))
    return found - terms.numbers(found)
