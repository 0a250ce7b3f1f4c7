"""Whether the numbers in a phrase of a page are those that a card states."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from deckwright.core import terms
from deckwright.facts import comparable
from deckwright.facts.comparable import figure, same_amount
from deckwright.facts.compare import OTHER_WORDS, Match
from deckwright.facts.page_numbers import (
    ABOUT,
    HIGH,
    LOW,
    PageNumber,
    bound_before,
    bound_behind,
    bound_in,
    page_numbers,
    rate_in,
    units_in,
)
from deckwright.facts.page_quotes import Passage, Quote
from deckwright.facts.page_text import Unit, normal
from deckwright.facts.stated_value import Occurrence
from deckwright.markdown.page import ROW

_Amount = tuple[float, str]
_WORD_BEHIND = re.compile(r"[*_`\s]*([A-Za-z%]+)")


def numbers_of(quote: Quote) -> tuple[PageNumber, ...]:
    """Return the numbers in a phrase, with what its sentence or row says of them."""
    return tuple(
        number
        for passage in quote.passages
        for number in _numbers_in(passage, quote.unit)
        if number.start >= passage.start and number.end <= passage.end
    )


def numbers_in_unit(unit: Unit) -> tuple[PageNumber, ...]:
    """Return the numbers in a sentence, or in a row with what its titles say of them."""
    lines = ((column, line) for column, cell in enumerate(unit.cells) for line in cell.split("\n"))
    passages = (Passage(column, normal(line), 0, 0) for column, line in lines)
    return tuple(number for passage in passages for number in _numbers_in(passage, unit))


def _numbers_in(passage: Passage, unit: Unit) -> Iterator[PageNumber]:
    for number in page_numbers(passage.line):
        yield _in_table(number, passage, unit) if unit.kind == ROW else number


def _in_table(number: PageNumber, passage: Passage, unit: Unit) -> PageNumber:
    """Add what a number lacks from the header of its column or the first cell."""
    header = unit.header[passage.column] if passage.column < len(unit.header) else ""
    titles = [header, *([unit.cells[0]] if passage.column else [])]
    for title in titles:
        found = {word.lower() for word in units_in(title)} if not rate_in(title) else set()
        if not number.unit and len(found) == 1 and not _has_own_word(number, passage):
            number = replace(number, unit=found.pop())
        if not number.bound:
            number = replace(number, bound=bound_in(title))
        if not number.rate:
            number = replace(number, rate=rate_in(title))
    return number


def _has_own_word(number: PageNumber, passage: Passage) -> bool:
    """Return whether a word that is no unit follows, such as the `tps` of "80 tps"."""
    found = _WORD_BEHIND.match(passage.line, number.end)
    return found is not None and not terms.is_unit(found[1])


def numbers_differ(
    quote: Quote, occurrence: Occurrence, stated: Sequence[_Amount], text: str
) -> Match | None:
    """Report a stated number that a phrase lacks, or that means something else there.

    `text` is the text of the card.
    """
    said = numbers_of(quote)
    for own in stated:
        same = [number for number in said if _confirms(number, own, text)]
        if not same or comparable.is_unconfirmable(occurrence.text):
            return _not_said(own, said)
        problems = [_means_other(number, occurrence, stated) for number in same]
        if all(problems):
            return problems[0]
    others = [number for number in said if not any(number.number == own[0] for own in stated)]
    others = [o for o in others if not any(same_amount(o.amount, own) for own in stated)]
    if len(others) > 1:  # one more may be the other end of a range
        return Match(
            "the phrase contains several other numbers", "choose a shorter phrase without them"
        )
    return None


def _confirms(said: PageNumber, own: _Amount, text: str) -> bool:
    """Return whether a number is the card's, with a unit or both without.

    A unit that only the page has must be in the card's text somewhere.
    """
    if same_amount(said.amount, own):
        return True
    if said.number != own[0] or own[1]:
        return False
    if said.unit == "bit" or not terms.is_unit(said.unit):
        return not said.unit
    base = _base(said.unit)
    return any(_base(word) == base for word in terms.tokens(text) if terms.is_unit(word))


def _base(unit: str) -> str:
    return next(iter(terms.amounts(1, unit)))[1]


def _not_said(own: _Amount, said: Sequence[PageNumber]) -> Match:
    alike = [number for number in said if number.number == own[0]]
    if alike and alike[0].unit != own[1]:
        page = figure(alike[0].number, alike[0].unit or "and no unit")
        card = figure(own[0], own[1] or "and no unit")
        message = f"the page says {page}, but the card says {card}"
        return Match(message, "state the unit of the page, or choose a phrase that has the unit")
    message = f"the phrase does not contain {figure(*own)}, which the card states"
    return Match(message, OTHER_WORDS)


def _means_other(
    number: PageNumber, occurrence: Occurrence, stated: Sequence[_Amount]
) -> Match | None:
    """Report a bound, a rate or the end of a range that makes it another value."""
    shown = figure(*number.amount)
    own = (
        bound_before(f"{occurrence.before} ")
        or bound_before(_before_number(occurrence.text))
        or bound_behind(occurrence.after)
    )
    if number.end_of_range and len(stated) == 1 and own != number.end_of_range:
        return Match(
            f"on the page, {shown} is only one end of a range",
            "state both ends, or write `up to` or `at least` before the gap if the card means that",
        )
    said = number.bound
    if ABOUT in (own, said) and own != said:
        return Match(f"only one of card and page says `about` before {shown}")
    if {own, said} == {LOW, HIGH}:
        return Match(f"the card says `{own}`, but the page says `{said}` {shown}")
    rate = rate_in(occurrence.after or occurrence.text)
    if rate and number.rate and rate != number.rate:
        message = f"the card says {shown} per {rate}, but the page says per {number.rate}"
        return Match(message)
    return None


def _before_number(text: str) -> str:
    """Return what a value says in front of its number: "at least " of "at least 5"."""
    found = next(iter(page_numbers(text)), None)
    return text[: found.start] if found else ""
