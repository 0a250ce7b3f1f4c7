"""Compare the value that a card states with a phrase on a page that the card cites.

The phrase has to stand once on the page, in one sentence, list item or table row. It
confirms a value by the rules for other evidence, and by more: the rest of the sentence,
the row and its headings say what the phrase is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deckwright.core.card import Card
from deckwright.core.wording import count
from deckwright.facts import comparable
from deckwright.facts.comparable import content_terms, figure, name_key, parts, same_amount
from deckwright.facts.compare import NEGATED, Match, terms_in_phrase, words_not_in_phrase
from deckwright.facts.evidence import LONGEST_PHRASE, Evidence, words_of
from deckwright.facts.page_number_check import numbers_differ, numbers_of
from deckwright.facts.page_quotes import (
    Quote,
    passages_in,
    pattern_of,
    quotes_of,
    words_to_find,
)
from deckwright.facts.page_subject import card_text, other_subject
from deckwright.facts.page_text import PageText, Unit, normal
from deckwright.facts.stated_value import Occurrence, StatedValue
from deckwright.markdown.page import ROW

_NEGATED = re.compile(
    r"(?:\b(?:not|never|nor|without|cannot)|n't|\bno(?! (?:more|fewer|less|later|longer)\b))\W+"
    r"(?:\w+\W+)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PageMatch:
    """The result of a comparison, and the unit with the phrase, None if there is none.

    `said` is the text of the unit, as the evidence record keeps it.
    """

    match: Match
    unit: Unit | None = None
    said: str = ""


def compare_with_page(line: Evidence, value: StatedValue, card: Card, page: PageText) -> PageMatch:
    """Compare the value that a card states with a page, as the evidence line asks."""
    quotes = list(quotes_of(line.phrase, page))
    if not quotes:
        return PageMatch(_not_on_page(line.phrase, page))
    quote = quotes[0]
    if len(quotes) > 1:
        message = f"the phrase is {count(len(quotes), 'time')} on the page"
        help_line = "add words of its sentence or row until it is there only once"
        return PageMatch(Match(message, help_line), quote.unit, quote.said)
    match = (
        (None if line.means else _cut_off(quote, value))
        or (_other_meaning(line, quote, value, page) if line.means else None)
        or other_subject(card, value, quote, page, literal=not line.means)
    )
    if match is None and line.means:
        match = Match("", covers=parts(value))
    elif match is None:
        match = compare_quote(quote, value, card_text(card))
        if match.why and (not match.help or match.why == NEGATED):
            help_line = f"read the page; if it means what the card says, add ` means {value.text}`"
            match = Match(match.why, help_line)
    return PageMatch(match, quote.unit, quote.said)


def _not_on_page(phrase: str, page: PageText) -> Match:
    """Say why a phrase is nowhere on a page."""
    rows = page.units_with(words_to_find(phrase), frozenset({ROW})) if "|" not in phrase else ()
    for unit in rows:
        every = range(len(unit.cells))
        if next(passages_in(unit, every, pattern_of(normal(phrase))), None):
            space = max(1, LONGEST_PHRASE - len(words_of(phrase)))
            first = " ".join(unit.cells[0].split()[:space])
            message = "the phrase does not name the first cell of its table row"
            return Match(message, f"write `{first} | {phrase}`, or shorten it")
    message = f"no sentence, list item, or table row of the page contains `{phrase}`"
    return Match(message, "copy the words as they are on the page, from one sentence or row")


def _cut_off(quote: Quote, value: StatedValue) -> Match | None:
    """Report a phrase without a number that leaves out a "not" directly in front of it."""
    if any(comparable.numbers(occurrence) for occurrence in value.occurrences):
        return None
    for passage in quote.passages:
        if found := _NEGATED.search(passage.line[: passage.start]):
            message = f"on the page, `{found[0].strip()}` is in front of the phrase"
            return Match(message, "begin the phrase with that word")
    return None


def _other_meaning(
    line: Evidence, quote: Quote, value: StatedValue, page: PageText
) -> Match | None:
    """Report `means` for another value than the card's, or for another number."""
    whole = f"{line.phrase} means {line.means}"
    if next(quotes_of(whole, page), None):
        message = "`means` is a word of the page here"
        return Match(message, "choose a phrase without it")
    said = [number.amount for number in numbers_of(quote)]
    for occurrence in value.occurrences:
        own = comparable.numbers(occurrence)
        meant = comparable.numbers(Occurrence(line.means, unit=occurrence.unit))
        same = name_key(line.means) == name_key(occurrence.text) or (
            bool(own)
            and own == meant
            and content_terms(line.means) == content_terms(occurrence.text)
        )
        if not same:
            message = f"the line is about the value `{line.means}`, but the card says {value.text}"
            return Match(message, "read the page again, and write what the phrase means")
        stated = [amount for amount in own if amount[0]]
        if stated and said and not any(same_amount(a, b) for a in said for b in stated):
            message = f"the phrase says {figure(*said[0])}, which is another number"
            return Match(message, "a number that the page does not state has no evidence")
    return None


def compare_quote(quote: Quote, value: StatedValue, text: str) -> Match:
    """Compare the value that a card states with the words of a phrase.

    `text` is the text of the card.
    """
    covers: set[str] = set()
    row_title = f"{quote.text} {' '.join(quote.unit.header)}"
    for occurrence in value.occurrences:
        numbers = comparable.numbers(occurrence)
        if numbers:
            mismatch = numbers_differ(quote, occurrence, numbers, text)
        else:
            mismatch = words_not_in_phrase(quote.text, occurrence, text)
        if mismatch:
            return mismatch
        covers |= {figure(*number) for number in numbers}
        covers |= terms_in_phrase(row_title, occurrence.text)
    return Match("", covers=frozenset(covers))
