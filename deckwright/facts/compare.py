"""Compare the value that a card states with what data or a page says about it."""

from __future__ import annotations

from dataclasses import dataclass

from deckwright import markdown
from deckwright.core.card import Card
from deckwright.facts.evidence import Evidence, UnconfirmedError
from deckwright.facts.quantities import (
    ABOUT,
    AT_LEAST,
    AT_MOST,
    NEGATIONS,
    Amount,
    amounts_in,
    bounds,
    claims,
    content_terms,
    figure,
    is_unconfirmable,
    list_pieces,
    name_key,
    name_parts,
    name_terms,
    same_amount,
    stated_amounts,
    units_in,
)
from deckwright.facts.stated_value import Occurrence, StatedValue

_BEFORE = 3  # words in front of a quote that can be a bound, or a "not"
_OTHER_WORDS = "choose a phrase that contains the card's value"


@dataclass(frozen=True, slots=True)
class Quote:
    """What data or a page says at the place that an evidence line points to.

    `text` is the number, name, or phrase, in the publisher's words; `before` are the words in
    front of it, and `after` those behind it. `context` (the sentence, or the row with its
    header) may name the unit. `said` is the sentence or row that is recorded. `path` is the
    path in the data, whose names say what the value is about.
    """

    text: str
    said: str
    before: str = ""
    after: str = ""
    context: str = ""
    path: str = ""

    @property
    def publisher(self) -> str:
        """What says it: the data, or the page."""
        return "the data" if self.path else "the page"


def compare(line: Evidence, quote: Quote, card: Card, value: StatedValue) -> frozenset[str]:
    """Return those of the `claims` of a stated value that a quote confirms.

    Raises UnconfirmedError if it says something else.
    """
    text = markdown.plain(card.prompt.blocks)
    confirmed: set[str] = set()
    for occurrence in value.occurrences:
        if line.means:
            _require_same_meaning(line, quote, occurrence)
        elif stated_amounts(occurrence):
            confirmed |= _confirmed_numbers(quote, occurrence, text)
            words = f"{_last_words(quote.before)} {quote.text} {quote.context}"
            confirmed |= content_terms(words) | name_terms(quote.path)
        else:
            confirmed |= _confirmed_words(quote, occurrence, text)
    return claims(value) if line.means else claims(value) & confirmed


def _confirmed_numbers(quote: Quote, occurrence: Occurrence, text: str) -> set[str]:
    next_word = " ".join(quote.after.split()[:1])
    said = amounts_in(" ".join([quote.text, *units_in(next_word)]))
    near = units_in(f"{quote.context} {name_parts(quote.path)}")
    own_near = units_in(text) | units_in(name_parts(text))
    stated = stated_amounts(occurrence)
    pairs = [(a, b) for a in said for b in stated if _same(a, b, near, own_near)]
    if not pairs or is_unconfirmable(occurrence.text):
        shown = ", ".join(figure(*own) for own in stated)
        if not said:
            raise UnconfirmedError(f"the phrase does not contain {shown}", _OTHER_WORDS)
        figures = ", ".join(figure(*one) for one in said)
        help_line = ""
        if {number for number, _ in said} & {number for number, _ in stated}:
            help_line = "write the unit after the path, or after the gap on the card"
        raise UnconfirmedError(
            f"{quote.publisher} says {figures}, but the card says {shown}", help_line
        )
    if len(set(said) - {one for one, _ in pairs}) > 1:  # one more may be the end of a range
        raise UnconfirmedError(
            "the phrase contains several other numbers", "choose a shorter phrase without them"
        )
    _require_same_bounds(quote, occurrence)
    return {figure(*own) for _, own in pairs}


def _same(said: Amount, stated: Amount, near: frozenset[str], own_near: frozenset[str]) -> bool:
    """Return whether two numbers are the same amount; a unit can be one of those `near`."""
    if said[0] == stated[0] and not (said[1] or stated[1]):
        return True
    units = {said[1]} if said[1] else {"", *near}
    own_units = {stated[1]} if stated[1] else {"", *own_near}
    return any(
        same_amount((said[0], unit), (stated[0], own)) for unit in units for own in own_units
    )


def _require_same_bounds(quote: Quote, occurrence: Occurrence) -> None:
    """Refuse "at least" on the card and "at most" in the text, or "about" in only one."""
    own = bounds(f"{_last_words(occurrence.before, 6)} {occurrence.text}")
    said = bounds(f"{_last_words(quote.before)} {quote.text}")
    for one, other in ((AT_LEAST, AT_MOST), (AT_MOST, AT_LEAST)):
        if one in own - said and other in said - own:
            raise UnconfirmedError(f"the card says `{one}`, but {quote.publisher} says `{other}`")
    if ABOUT in own ^ said:
        raise UnconfirmedError(f"either the card or {quote.publisher} says `about`, but not both")


def _confirmed_words(quote: Quote, occurrence: Occurrence, text: str) -> frozenset[str]:
    """Compare a value without numbers; a "not" of the quote may be elsewhere on the card."""
    stated = content_terms(occurrence.text)
    said = content_terms(f"{_last_words(quote.before, 2)} {quote.text}")
    if not stated:
        message = f"`{occurrence.text}` contains no word that can be compared"
        help_line = "begin the line with a gap that has a number or a name, such as `c2 …`"
        raise UnconfirmedError(message, help_line)
    negations = stated & NEGATIONS
    if negations - said or (said & NEGATIONS and not negations | content_terms(text) & NEGATIONS):
        message = f"either the card or {quote.publisher} is negated, but not both"
        raise UnconfirmedError(message, _OTHER_WORDS)
    if " " not in quote.text:
        said |= name_terms(quote.text)
    confirmed: set[str] = set()
    if not occurrence.code or _contains(quote.text, occurrence.code):
        for piece in [occurrence.text, *list_pieces(occurrence.text)]:
            own = content_terms(piece)
            by_words = own & said and own <= said | name_terms(quote.path)
            if by_words or _contains(quote.text, piece):
                confirmed |= own
    if not confirmed:
        message = f"{quote.publisher} says `{quote.text}`, but the card says {occurrence.text}"
        raise UnconfirmedError(message, _OTHER_WORDS)
    return frozenset(confirmed)


def _contains(phrase: str, text: str) -> bool:
    """Return whether a text is a run of whole words of a phrase, in any case and spelling."""
    key, words = name_key(text), phrase.split()
    runs = (words[start:end] for end in range(len(words) + 1) for start in range(end))
    return bool(key) and any(name_key(" ".join(run)) == key for run in runs)


def _require_same_meaning(line: Evidence, quote: Quote, occurrence: Occurrence) -> None:
    """Refuse `means` with another value than the card's, or for another number."""
    if name_key(line.means) != name_key(occurrence.text):
        message = f"the line is about the value `{line.means}`, but the card says {occurrence.text}"
        raise UnconfirmedError(message, "read the page again, and write what the phrase means")
    own = [amount for amount in stated_amounts(occurrence) if amount[0]]
    said = amounts_in(quote.text)
    if own and said and not any(same_amount(a, b) or a[0] == b[0] for a in said for b in own):
        message = f"the phrase says {figure(*said[0])}, which is another number"
        raise UnconfirmedError(message, "a number that the page does not state has no evidence")


def _last_words(text: str, most: int = _BEFORE) -> str:
    return " ".join(text.split()[-most:])
