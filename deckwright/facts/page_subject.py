"""Whether a phrase on a page is about what the card is about.

A page states many values, and the same number can be in several rows. So the sentence or
row shares words with the card, and no other row with the same number shares more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deckwright import markdown
from deckwright.core import terms
from deckwright.core.card import Basic, Card, Cloze
from deckwright.facts.comparable import content_terms, numbers, same_amount
from deckwright.facts.compare import Match
from deckwright.facts.page_numbers import PageNumber, page_numbers
from deckwright.facts.page_quotes import Quote, words_to_find
from deckwright.facts.page_text import PageText, Unit, folded, normal
from deckwright.facts.stated_value import StatedValue
from deckwright.markdown.page import ITEM, ROW

# Words that say nothing about the subject of a limit, because every limit has them.
_GENERAL = """
maximum minimum default limit quota number value each supported region account resource adjustable
amount total use using used can per following note service amazon aws
"""
_NOTHING_IN_COMMON = Match(
    "the phrase and the card have no word in common except the value",
    "choose a phrase that names what the value is about",
)
_ABOVE = 2  # words that a card shares with a sentence and its headings, if none with the phrase
_NOUN = re.compile(r"[\s-]*([A-Za-z]+)")
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def card_text(card: Card) -> str:
    """Return the text of a card: what it asks, its answer, and the explanation."""
    content = card.content
    sections = [card.prompt, content.extra]
    if isinstance(content, Basic):
        sections.append(content.answer)
    text = " ".join(markdown.plain(section.blocks) for section in sections)
    if isinstance(content, Cloze):
        text += " " + " ".join(mark.extra for mark in content.gaps)
    return text


def subject_terms(text: str) -> frozenset[str]:
    """Return the words of a text that can name a subject, also those within names."""
    words = (word for word in _PARTS.findall(text) if not terms.is_unit(word))
    every = f"{_unit_words().sub(' ', text)} {' '.join(words)}"
    found = (item for item in content_terms(every) if item[0] not in "!~")
    return terms.merge_synonyms(found) - _general()


@cache
def _unit_words() -> re.Pattern[str]:
    names = "|".join(filter(str.isalpha, terms.units()))
    return re.compile(rf"\b(?:{names})\b", re.IGNORECASE)


@cache
def _general() -> frozenset[str]:
    return terms.merge_synonyms(terms.items(terms.tokens(_GENERAL)))


def other_subject(
    card: Card, value: StatedValue, quote: Quote, page: PageText, literal: bool
) -> Match | None:
    """Report a phrase that shares no word with the card, or fits it less than another row.

    It is `literal` if it has the value itself; then the value's own words do not count.
    """
    own, unit = subject_terms(card_text(card)), quote.unit
    if not literal:
        return None if own & subject_terms(_all_words(unit)) else _NOTHING_IN_COMMON
    own -= subject_terms(value.text)
    words = f"{quote.text} {unit.cells[0] if unit.kind == ROW else ''}"
    if any(content_terms(one.text) for one in value.occurrences):
        words = _all_words(unit)  # a value in words may be all that the phrase has
    if not own & subject_terms(words) and not _is_below_its_subject(own, card, unit):
        return _NOTHING_IN_COMMON
    return _other_unit(own, card, value, quote, page) if unit.kind in (ROW, ITEM) else None


def _other_unit(
    own: frozenset[str], card: Card, value: StatedValue, quote: Quote, page: PageText
) -> Match | None:
    """Report an item of a list or table if another is more clearly what the card is about."""
    unit = quote.unit
    if unit.kind == ROW:
        name = quote.passages[0].text
        for other in page.units_with(words_to_find(name), frozenset({ROW})):
            if folded(other.cells[0]) == folded(name) != folded(unit.cells[0]):
                help_line = f"name the row that has the value: {unit.cells[0]}"
                return Match(f"another row of the page is named `{name}`", help_line)
    fit = _fit(own, unit)
    stated = {number.number for number in page_numbers(normal(card_text(card)))}
    for other in _rivals(value, quote, page, stated):
        if _fit(own, other) > fit:
            kind = "row" if unit.kind == ROW else "list item"
            message = f"another {kind} of the page is more about what the card is about"
            return Match(message, f"read both of them; the other one is: {other.text}")
    return None


def _fit(own: frozenset[str], unit: Unit) -> tuple[int, int]:
    """Return how well a unit fits a card: by words that both have, in a row's name if it is one.

    Of two rows, that with fewer other words in its name fits better.
    """
    words = subject_terms(unit.cells[0])
    return len(own & words), -len(words - own) if unit.kind == ROW else 0


def _is_below_its_subject(own: frozenset[str], card: Card, unit: Unit) -> bool:
    """Return whether the headings of a unit name the subject, not only the service."""
    service = subject_terms(card.service)
    return len((own - service) & subject_terms(_all_words(unit))) >= _ABOVE


def _all_words(unit: Unit) -> str:
    return " ".join([unit.text, *unit.header, *unit.context])


def amounts_of(value: StatedValue) -> set[tuple[float, str]]:
    """Return the numbers of a value with their units."""
    return {amount for one in value.occurrences for amount in numbers(one)}


def _rivals(value: StatedValue, quote: Quote, page: PageText, stated: set[float]) -> Iterator[Unit]:
    """Yield other units that state an amount of the same kind, which the card does not state.

    They are in the same section, or are rows with the same number in the same column.
    """
    wanted, unit, passage = amounts_of(value), quote.unit, quote.passages[-1]
    kinds = {kind for kind, number in counted(passage.line) if is_one_of(number, wanted)}
    for other in page.section_of(unit) if wanted else ():
        said = counted(_cell(other, passage.column))
        is_stated = any(is_one_of(n, wanted) or n.number in stated for _, n in said)
        if not is_stated and kinds & {kind for kind, _ in said}:
            yield other
    for number, _ in wanted if unit.kind == ROW else ():
        for other in page.units_with([f"{number:.12g}"], frozenset({ROW})):
            if any(is_one_of(n, wanted) for _, n in counted(_cell(other, passage.column))):
                yield other


def _cell(unit: Unit, column: int) -> str:
    return unit.cells[column] if column < len(unit.cells) else ""


def counted(text: str) -> list[tuple[str, PageNumber]]:
    """Return the numbers of a text, each with what it counts: a base unit, or a noun."""
    out = []
    for number in page_numbers(text):
        noun = _NOUN.match(text, number.end)
        kind = noun[1].lower() if noun and not number.unit else number.unit
        if terms.is_unit(kind):
            kind = next(iter(terms.amounts(1, kind)))[1]
        out.append((kind, number))
    return out


def is_one_of(number: PageNumber, wanted: set[tuple[float, str]]) -> bool:
    """Return whether a number is one of several amounts; a missing unit may be any."""
    return any(
        number.number == amount[0] or same_amount(number.amount, amount) for amount in wanted
    )
