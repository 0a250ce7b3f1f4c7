"""Compare the value that a card states with what data or a page says about it."""

from __future__ import annotations

import re

from deckwright import markdown
from deckwright.core.card import Card
from deckwright.facts.evidence import Evidence, EvidenceError
from deckwright.facts.quantities import (
    Amount,
    amounts_in,
    bounds,
    content_terms,
    figure,
    name_terms,
    same_amount,
    units_in,
)
from deckwright.facts.quotes import Quote
from deckwright.facts.stated_value import Occurrence, StatedValue

_NEGATIONS = frozenset({"!not", "!nor", "!never", "!without"})
_SEPARATORS = re.compile(r"\s*(?:[,;/|+&–—\n]|\b(?:and|or|then)\b|\bas well as\b)\s*")
# A number in this form cannot be confirmed.
_UNCONFIRMABLE = re.compile(
    r"\d,(?:\d{1,2}(?!\d)|\d{4})"  # commas that separate no thousands: 1,85
    r"|(?<![\w)])[-−]\d"  # below zero
    r"|\d\s?[+²³^]|[$€£~^]\s?\d|\d/\d"  # signs that make another number of it
    r"|\d\s?[KMGTk]?b(?:it)?s?\b"  # bits
)
_BEFORE = 3  # words in front of a quote that can be a bound, or a "not"
_OTHER_WORDS = "choose a phrase that contains the card's value"


def claims(value: StatedValue) -> frozenset[str]:
    """Return what evidence has to confirm of a value: numbers with units, and terms."""
    out: set[str] = set()
    for occurrence in value.occurrences:
        out |= {figure(*amount) for amount in stated_amounts(occurrence)}
        out |= content_terms(occurrence.text)
    return frozenset(out)


def stated_amounts(occurrence: Occurrence) -> list[Amount]:
    """Return the numbers of a stated value in order, each with its unit.

    In a range the first number takes the unit of the second.
    """
    out: list[Amount] = []
    unit = occurrence.unit
    for number, own in reversed(amounts_in(occurrence.text)):
        unit = own or unit
        out.append((number, unit))
    return out[::-1]


def compare(line: Evidence, quote: Quote, card: Card, value: StatedValue) -> frozenset[str]:
    """Return those of the `claims` of a stated value that a quote confirms.

    Raises EvidenceError if it says something else.
    """
    text = markdown.plain(card.prompt.blocks)
    names = "" if line.is_page else line.path  # they say what the value is about
    confirmed: set[str] = set()
    for occurrence in value.occurrences:
        if line.means:
            _require_same_meaning(line, quote, occurrence)
        elif stated_amounts(occurrence):
            confirmed |= _confirmed_numbers(quote, occurrence, text, names)
            words = f"{_last_words(quote.before)} {quote.text} {quote.said} {quote.header}"
            confirmed |= content_terms(words) | name_terms(names)
        else:
            confirmed |= _confirmed_words(quote, occurrence, text, names)
    return claims(value) if line.means else claims(value) & confirmed


def _confirmed_numbers(quote: Quote, occurrence: Occurrence, text: str, names: str) -> set[str]:
    next_word = " ".join(quote.after.split()[:1])
    said = amounts_in(" ".join([quote.text, *units_in(next_word)]))
    near, own_near = units_in(f"{quote.said} {quote.header} {names}"), units_in(text)
    stated = stated_amounts(occurrence)
    pairs = [(a, b) for a in said for b in stated if _same(a, b, near, own_near)]
    if not pairs or _UNCONFIRMABLE.search(occurrence.text):
        shown = ", ".join(figure(*own) for own in stated)
        if not said:
            raise EvidenceError(f"the phrase doesn't contain {shown}", _OTHER_WORDS)
        figures = ", ".join(figure(*one) for one in said)
        help_line = ""
        if {number for number, _ in said} & {number for number, _ in stated}:
            help_line = "write the unit after the path, or after the gap on the card"
        publisher = _publisher(names)
        raise EvidenceError(f"{publisher} says {figures}, but the card says {shown}", help_line)
    if len(set(said) - {one for one, _ in pairs}) > 1:  # one more may be the end of a range
        message = "the phrase contains several other numbers"
        raise EvidenceError(message, "choose a shorter phrase without them")
    _require_same_bounds(quote, occurrence, _publisher(names))
    return {figure(*own) for _, own in pairs}


def _same(said: Amount, stated: Amount, near: frozenset[str], own_near: frozenset[str]) -> bool:
    """Return whether two numbers are the same amount; a unit can be one of those `near`."""
    units = {said[1]} if said[1] else {"", *near}
    own_units = {stated[1]} if stated[1] else {"", *own_near}
    return any(
        same_amount((said[0], unit), (stated[0], own)) for unit in units for own in own_units
    )


def _require_same_bounds(quote: Quote, occurrence: Occurrence, publisher: str) -> None:
    """Refuse "at least" on the card and "at most" in the text, or "about" in only one."""
    own = bounds(f"{occurrence.before} {occurrence.text}")
    said = bounds(f"{_last_words(quote.before)} {quote.text}")
    if "about" in own ^ said:
        raise EvidenceError(f"either the card or {publisher} says `about`, but not both")
    if own - said and said - own:
        (one,), (other,) = own - said, said - own
        raise EvidenceError(f"the card says `{one}`, but {publisher} says `{other}`")


def _confirmed_words(quote: Quote, occurrence: Occurrence, text: str, names: str) -> set[str]:
    """Compare a value without numbers; a "not" of the quote may be elsewhere on the card."""
    stated = content_terms(occurrence.text)
    said = content_terms(f"{_last_words(quote.before, 2)} {quote.text}")
    negations = stated & _NEGATIONS
    if negations - said or (said & _NEGATIONS and not negations | content_terms(text) & _NEGATIONS):
        message = f"either the card or {_publisher(names)} is negated, but not both"
        raise EvidenceError(message, _OTHER_WORDS)
    confirmed: set[str] = set()
    if not occurrence.code or _contains(quote.text, occurrence.code):
        for piece in [occurrence.text, *_SEPARATORS.split(occurrence.text)]:
            own = content_terms(piece)
            by_words = own & said and own <= said | name_terms(names)
            if by_words or _contains(quote.text, piece):
                confirmed |= own
    if not confirmed:
        message = f"{_publisher(names)} says `{quote.text}`, but the card says {occurrence.text}"
        raise EvidenceError(message, _OTHER_WORDS)
    return confirmed


def _contains(phrase: str, text: str) -> bool:
    """Return whether a text is a run of whole words of a phrase, in any case and spelling."""
    key, words = _name_key(text), phrase.split()
    runs = (words[start:end] for end in range(len(words) + 1) for start in range(end))
    return bool(key) and any(_name_key(" ".join(run)) == key for run in runs)


def _require_same_meaning(line: Evidence, quote: Quote, occurrence: Occurrence) -> None:
    """Refuse `means` with another value than the card's, or for another number."""
    if _name_key(line.means) != _name_key(occurrence.text):
        message = f"the line is about the value `{line.means}`, but the card says {occurrence.text}"
        raise EvidenceError(message, "read the page again, and write what the phrase means")
    own = [amount for amount in stated_amounts(occurrence) if amount[0]]
    said = amounts_in(quote.text)
    if own and said and not any(same_amount(a, b) or a[0] == b[0] for a in said for b in own):
        message = f"the phrase says {figure(*said[0])}, which is another number"
        raise EvidenceError(message, "a number that the page doesn't state has no evidence")


def _name_key(text: str) -> str:
    """Return a name without case, white space, hyphens and underscores.

    INFREQUENT_ACCESS and "Infrequent Access" give the same.
    """
    return re.sub(r"[\s_-]", "", text.casefold()).strip(".,;:!?…()[]{}\"'“”")


def _publisher(names: str) -> str:
    return "the data" if names else "the page"


def _last_words(text: str, most: int = _BEFORE) -> str:
    return " ".join(text.split()[-most:])
