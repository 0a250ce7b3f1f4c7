"""Compare the value that a card states with published data, or with a phrase on a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from deckwright import markdown
from deckwright.core.card import Basic, Card, Cloze
from deckwright.core.suggest import nearest
from deckwright.core.wording import count
from deckwright.facts import comparable
from deckwright.facts.comparable import (
    ABOUT,
    AT_LEAST,
    AT_MOST,
    NEGATIONS,
    content_terms,
    figure,
    identifiers,
    list_pieces,
    name_key,
    name_parts,
    name_terms,
    parts,
    same_amount,
    units_in,
)
from deckwright.facts.datasets import Value
from deckwright.facts.documentation import first_quote
from deckwright.facts.evidence import Evidence
from deckwright.facts.page_text import PageText, Quote
from deckwright.facts.stated_value import Occurrence, StatedValue

_LONGEST_NAME = 6  # words; a longer text is prose, and evidence has to choose a phrase of it
_LISTED = 8  # entries of a list that a message names
_BEFORE = 3  # words in front of a phrase that can be a bound, or a "not"

_EXCEPT = re.compile(r"\b(?:but|except|instead|other than)\b", re.IGNORECASE)
# By the last name of a path: its bound, and terms that mean the same.
_BOUNDS = {
    "max": (AT_MOST, frozenset({"!most", "!max", "!maximum", "~at most"})),
    "min": (AT_LEAST, frozenset({"!least", "!min", "!minimum", "~at least"})),
}
_OTHER_WORDS = "choose a phrase that contains the card's value"


@dataclass(frozen=True, slots=True)
class Match:
    """The result of a comparison; `why` is empty if card and evidence agree.

    `covers` are the parts of the stated value that the evidence confirms. `said` is what
    the evidence says: a number, a list, a name, a sentence, or a row of a table. It is
    empty if the name or phrase of the line is not there; then `nearest` can be the sentence
    that is most like the phrase.
    """

    why: str = ""
    help: str = ""
    covers: frozenset[str] = frozenset()
    said: str = ""
    nearest: str = ""


def compare_data(line: Evidence, data: Value, card: Card, value: StatedValue) -> Match:
    """Compare a published value with a stated one, as the evidence line asks."""
    if line.phrase:
        if not isinstance(data, str):
            return Match("the data has no text here", "remove the phrase")
        quote = first_quote(line.phrase, data)
        if quote is None:
            return _not_there(line, PageText(data, is_html=True))
        match = _compare_quote(line, quote, card, value)
        return replace(match, covers=match.covers | name_terms(line.path))
    if line.member:
        match = _compare_member(line, data, value)
        known = isinstance(data, tuple) and line.member in data
        return replace(match, said=line.member if known else "")
    said = ", ".join(data) if isinstance(data, tuple) else data
    if isinstance(said, int | float):
        said = f"{said:.12g}"
    return replace(_compare_whole(line, data, value), said=said)


def _compare_whole(line: Evidence, data: Value, value: StatedValue) -> Match:
    if isinstance(data, bool):
        help_line = "point the line at text that contains the value, and add `~PHRASE`"
        return Match("the data says only true or false", help_line)
    if isinstance(data, int | float):
        return _compare_number(line, data, value)
    if line.unit:
        return Match("the data has no number here", f"remove `{line.unit}`")
    if isinstance(data, str) and len(data.split()) > _LONGEST_NAME:
        help_line = "after the path, add `~` and a short phrase of the text that contains the value"
        return Match("the data has text here, not a single value", help_line)
    names = (data,) if isinstance(data, str) else data
    if len(names) == 1:
        steps = line.path.split(".")
        if any(_is_name(occurrence, names[0], steps) for occurrence in value.occurrences):
            return Match(covers=parts(value))
    if {name_key(piece) for piece in _pieces(value)} == {name_key(name) for name in names}:
        return Match(covers=parts(value))
    return Match(f"the data says {_few(names)}, but the card says {value.text}")


def _compare_number(line: Evidence, data: float, value: StatedValue) -> Match:
    bound, same_bound = _BOUNDS.get(line.path.rpartition(".")[2].casefold(), ("", frozenset()))
    covers = name_terms(line.path) | same_bound
    for occurrence in value.occurrences:
        amounts = comparable.numbers(occurrence)
        if not amounts:
            message = f"the data says {figure(data)}, but the card states no number"
            help_line = "begin the line with the gap that has the number, such as `c2 …`"
            return Match(message, help_line)
        said = comparable.bounds(_last_words(occurrence.before))
        if bound and {bound, *said} >= {AT_LEAST, AT_MOST}:
            message = f"the card says `{min(said - {bound})}`, but the data has the other bound"
            return Match(message, "use the path of the other bound")
        same = {figure(*own) for own in amounts if same_amount((data, line.unit), own)}
        if not same or comparable.is_unconfirmable(occurrence.text):
            shown = ", ".join(figure(*own) for own in amounts)
            message = f"the data says {figure(data, line.unit)}, but the card says {shown}"
            units = {unit for number, unit in amounts if number == data}
            return Match(message, _unit_help(line.unit, units))
        covers |= same
    return Match(covers=covers)


def _unit_help(unit: str, stated: set[str]) -> str:
    """Say where to write a unit that only the line or only the card has."""
    if not unit and any(stated):
        return "after the path, write the unit that the data counts in"
    return "write the unit after the number or after the gap" if unit and "" in stated else ""


def _compare_member(line: Evidence, data: Value, value: StatedValue) -> Match:
    """Look for one name of a list in the stated value."""
    member, steps = line.member, line.path.split(".")
    if not isinstance(data, tuple):
        return Match("the data has no list here", f"remove ` has {member}`")
    if member not in data:
        return Match(f"`{member}` is not in the list: {_few(data)}", nearest(member, data))
    for occurrence in value.occurrences:
        if _is_name(occurrence, member, steps):
            return Match(covers=parts(StatedValue((occurrence,), value.span)))
    name, context = name_terms(member), name_terms(line.path)
    for piece in _pieces(value):
        own = content_terms(piece)
        if name_key(piece) == name_key(member) or (own & name and own <= name | context):
            return Match(covers=name | context)
    message = f"the card says {value.text}, not `{member}`"
    return Match(message, "begin the line with the gap that has the name, such as `c2 …`")


def _is_name(occurrence: Occurrence, name: str, steps: Sequence[str]) -> bool:
    """Return whether a value is a name: its text, or the one name in code in its text.

    `steps` are the names of the path: `step:name` counts as the name, too.
    """
    wanted = {name_key(name), *(name_key(f"{step}:{name}") for step in steps)} - {""}
    if name_key(occurrence.text) in wanted:
        return True
    negated = _EXCEPT.search(occurrence.text) or content_terms(occurrence.text) & NEGATIONS
    return not negated and bool(occurrence.code) and name_key(occurrence.code) in wanted


def _pieces(value: StatedValue) -> list[str]:
    return [piece for occurrence in value.occurrences for piece in list_pieces(occurrence.text)]


def _few(names: Iterable[str]) -> str:
    names = tuple(names)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def compare_page(line: Evidence, page: PageText, card: Card, value: StatedValue) -> Match:
    """Compare a stated value with the one place of a page where a phrase is."""
    quotes = list(page.quotes(line.phrase))
    if not quotes:
        return _not_there(line, page)
    if len(quotes) > 1:
        message = f"the phrase is {count(len(quotes), 'time')} on the page"
        help_line = "add words of its sentence or row until it is there only once"
        return Match(message, help_line, said=quotes[0].said)
    return _compare_quote(line, quotes[0], card, value)


def _not_there(line: Evidence, page: PageText) -> Match:
    help_line = "copy whole words from one sentence"
    if line.is_page:
        help_line += "; from a table, words of the first cell, ` | `, and words of the value's cell"
    message = f"the {'page' if line.is_page else 'text'} does not contain `{line.phrase}`"
    return Match(message, help_line, nearest=page.nearest(line.phrase))


def _compare_quote(line: Evidence, quote: Quote, card: Card, value: StatedValue) -> Match:
    text = card_text(card)
    covers: set[str] = set()
    for occurrence in value.occurrences:
        amounts = comparable.numbers(occurrence)
        if line.means:
            match = _other_meaning(line, quote, occurrence)
        elif amounts:
            match = _other_numbers(line, quote, occurrence, text)
        else:
            match = _other_words(quote, occurrence, text)
        if match:
            return replace(match, said=quote.said)
        covers |= {figure(*amount) for amount in amounts}
        covers |= _terms_in(quote.text, occurrence.text)
        covers |= content_terms(quote.unit.header) & content_terms(occurrence.text)
    return Match(covers=parts(value) if line.means else frozenset(covers), said=quote.said)


def _other_numbers(line: Evidence, quote: Quote, occurrence: Occurrence, text: str) -> Match | None:
    """Report a number that a phrase lacks, or that has another bound there."""
    next_word = quote.after.split()[:1]
    said = comparable.quantities(" ".join([quote.text, *units_in(" ".join(next_word))]))
    near = units_in(f"{quote.unit.text} {quote.unit.header}")
    if not near and not line.is_page:  # data often has the unit only in a name
        near = frozenset({occurrence.unit})
    stated = comparable.numbers(occurrence)
    for own in stated:
        if not any(_confirms(one, own, near, text) for one in said):
            alike = [figure(*one) for one in said if one[0] == own[0]]
            if alike:
                return Match(f"the text says {alike[0]}, but the card says {figure(*own)}")
            message = f"the phrase does not contain {figure(*own)}, which the card states"
            return Match(message, _OTHER_WORDS)
    if comparable.is_unconfirmable(occurrence.text):
        return Match(f"{occurrence.text} cannot be compared", _OTHER_WORDS)
    others = [one for one in said if not any(_confirms(one, own, near, text) for own in stated)]
    if len(others) > 1:  # one more may be the other end of a range
        message = "the phrase contains several other numbers"
        return Match(message, "choose a shorter phrase without them")
    return _other_bound(quote, occurrence)


def _confirms(
    said: tuple[float, str], own: tuple[float, str], near: frozenset[str], text: str
) -> bool:
    """Return whether a phrase's number is the card's.

    Its unit can be one of those `near`, elsewhere in the sentence or row; the unit of the
    card's number can be anywhere in the card's `text`.
    """
    units = {said[1]} if said[1] else {"", *near}
    own_units = {own[1]} if own[1] else {"", *units_in(text), *units_in(name_parts(text))}
    if said[0] == own[0] and not (said[1] or own[1]):
        return True
    return any(
        same_amount((said[0], unit), (own[0], own_unit)) for unit in units for own_unit in own_units
    )


def _other_bound(quote: Quote, occurrence: Occurrence) -> Match | None:
    """Report "at least" on the card and "at most" in the text, or "about" in only one."""
    own = comparable.bounds(f"{_last_words(occurrence.before, 6)} {occurrence.text}")
    said = comparable.bounds(f"{_last_words(quote.before)} {quote.text}")
    pairs = ((AT_LEAST, AT_MOST), (AT_MOST, AT_LEAST))
    for one, other in pairs:
        if one in own and other not in own and other in said and one not in said:
            return Match(f"the card says `{one}`, but the text says `{other}`")
    if ABOUT in own ^ said:
        return Match("only one of card and text says `about`")
    return None


def _other_words(quote: Quote, occurrence: Occurrence, text: str) -> Match | None:
    """Report a value without numbers whose words, or whose "not", a phrase lacks.

    A "not" of the phrase may also be elsewhere on the card.
    """
    stated = content_terms(occurrence.text)
    said = content_terms(f"{_last_words(quote.before, 2)} {quote.text}")
    if not stated:
        message = f"`{occurrence.text}` contains no word that can be compared"
        help_line = "begin the line with a gap that has a number or a name, such as `c2 …`"
        return Match(message, help_line)
    negations = stated & NEGATIONS
    if negations - said or (said & NEGATIONS and not negations | content_terms(text) & NEGATIONS):
        return Match("either the card or the text is negated, but not both", _OTHER_WORDS)
    missing = identifiers(occurrence.text) - identifiers(quote.text)
    if missing or _terms_in(quote.text, occurrence.text) != stated:
        message = f"the phrase does not contain what the card states: {occurrence.text}"
        return Match(message, _OTHER_WORDS)
    return None


def _other_meaning(line: Evidence, quote: Quote, occurrence: Occurrence) -> Match | None:
    """Report `means` with another value than the card's, or for another number."""
    own = comparable.numbers(occurrence)
    meant = comparable.numbers(replace(occurrence, text=line.means))
    same_number = own == meant and content_terms(line.means) == content_terms(occurrence.text)
    if name_key(line.means) != name_key(occurrence.text) and not (own and same_number):
        message = f"the line is about the value `{line.means}`, but the card says {occurrence.text}"
        return Match(message, "read the page again, and write what the phrase means")
    said = comparable.quantities(quote.text)
    numbers = {number for number, _ in own if number}
    if numbers and said and not any(same_amount(a, b) or a[0] == b[0] for a in said for b in own):
        message = f"the phrase says {figure(*said[0])}, which is another number"
        return Match(message, "a number that the page does not state has no evidence")
    return None


def _terms_in(phrase: str, text: str) -> frozenset[str]:
    """Return the terms of a text that a phrase has; all if it has the whole text."""
    stated, key, words = content_terms(text), name_key(text), phrase.split()
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + len(key)) + 1):
            if name_key(" ".join(words[start:end])).strip("()") == key:
                return stated
    return stated & content_terms(phrase)


def _last_words(text: str, most: int = _BEFORE) -> str:
    return " ".join(text.split()[-most:])


def card_text(card: Card) -> str:
    """Return the text of a card: what it asks, its answer, hints, and explanation."""
    content = card.content
    text = f"{markdown.plain(card.prompt.blocks)} {markdown.plain(content.extra.blocks)}"
    if isinstance(content, Basic):
        text += f" {markdown.plain(content.answer.blocks)}"
    if isinstance(content, Cloze):
        text += " ".join(["", *(mark.extra for mark in content.gaps)])
    return text
