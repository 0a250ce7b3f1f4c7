"""Compare a published value with the value that a card states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deckwright.core import terms
from deckwright.core.suggest import nearest
from deckwright.facts import comparable
from deckwright.facts.comparable import (
    NEGATIONS,
    content_terms,
    figure,
    identifiers,
    list_pieces,
    name_key,
    name_terms,
    parts,
    same_amount,
)
from deckwright.facts.datasets import Value
from deckwright.facts.documentation import find_phrase, prose, sentence
from deckwright.facts.evidence import Evidence
from deckwright.facts.stated_value import Occurrence, StatedValue

LONGEST_NAME = 6  # words; a longer text is prose, and evidence has to choose a phrase of it
LISTED = 8  # entries of a list that a message names

_EXCEPT = re.compile(r"\b(?:but|except|instead|other than)\b", re.IGNORECASE)
_LOWER = re.compile(
    r"(?:at least|minimum(?: of)?|no (?:fewer|less) than|more than|from)$", re.IGNORECASE
)
_UPPER = re.compile(
    r"(?:at most|maximum(?: of)?|no more than|up to|fewer than|less than)$", re.IGNORECASE
)
# By the last name of a path: words before a gap that mean the other bound.
_OTHER_BOUND = {"max": _LOWER, "min": _UPPER}
# By the last name of a path: terms that mean the same bound.
_SAME_BOUND = {
    "max": frozenset({"!most", "!max", "!maximum", "~up to"}),
    "min": frozenset({"!least", "!min", "!minimum"}),
}
NEGATED = "either the card or the phrase is negated, but not both"
OTHER_WORDS = "choose a phrase of the text that contains the card's value"


@dataclass(frozen=True, slots=True)
class Match:
    """The result of a comparison; `why` is empty if card and data agree.

    `covers` are the parts of the stated value that the data confirms.
    """

    why: str
    help: str = ""
    covers: frozenset[str] = frozenset()


def compare(line: Evidence, found: Value, value: StatedValue) -> Match:
    """Compare a published value with a stated one, as the evidence line asks."""
    if line.phrase:
        return _compare_phrase(line, found, value)
    if line.member:
        return _compare_member(line, found, value)
    if isinstance(found, bool):
        help_line = "point the line at text that contains the value, and add `~PHRASE`"
        return Match("the data says only true or false", help_line)
    if isinstance(found, int | float):
        return _compare_number(line, found, value)
    if line.unit:
        return Match("the data has no number here", f"remove `{line.unit}`")
    if isinstance(found, str) and len(found.split()) > LONGEST_NAME:
        help_line = "after the path, add `~` and a short phrase of the text that contains the value"
        return Match("the data has text here, not a single value", help_line)
    return _compare_names(line, (found,) if isinstance(found, str) else found, value)


def quote(line: Evidence, found: Value) -> str:
    """Return what the data says, as the evidence record keeps it.

    That is a number, a list, or the name or sentence that the line asks for; empty if
    the data has no such name or phrase.
    """
    if line.phrase:
        return sentence(found, line.phrase) if isinstance(found, str) else ""
    if line.member:
        return line.member if isinstance(found, tuple) and line.member in found else ""
    if isinstance(found, tuple):
        return ", ".join(found)
    return found if isinstance(found, str) else f"{found:.12g}"


def _compare_number(line: Evidence, found: float, value: StatedValue) -> Match:
    bound = line.path.rpartition(".")[2].casefold()
    covers: set[str] = set()
    for occurrence in value.occurrences:
        numbers = comparable.numbers(occurrence)
        mismatch = _other_bound(bound, occurrence) or _other_unit(line, found, numbers, value)
        if mismatch:
            return mismatch
        same = {figure(*own) for own in numbers if same_amount((found, line.unit), own)}
        if not same or comparable.is_unconfirmable(occurrence.text):
            shown = _with_unit(value, occurrence)
            return Match(f"the data says {figure(found, line.unit)}, but the card says {shown}")
        covers |= same
    return Match("", covers=name_terms(line.path) | _SAME_BOUND.get(bound, frozenset()) | covers)


def _other_bound(bound: str, occurrence: Occurrence) -> Match | None:
    """Report "at least" on a card where the data has a maximum, or the reverse."""
    words = _OTHER_BOUND.get(bound)
    if words is None or not words.search(occurrence.before):
        return None
    said = " ".join(occurrence.before.split()[-2:])
    return Match(
        f"the card says `{said}`, but the data has a {bound}imum", "use the path of the other bound"
    )


def _other_unit(
    line: Evidence, found: float, numbers: Sequence[tuple[float, str]], value: StatedValue
) -> Match | None:
    """Report a card without a number, or a unit that only the card or line has."""
    if not numbers:
        message = f"the data says {figure(found)}, but the card states no number"
        return Match(message, "begin the line with the gap that has the number, such as `c2 …`")
    units = [own for number, own in numbers if number == found]
    if not line.unit and any(units):
        message = f"the card says {value.text}, but the data has a number without a unit"
        return Match(message, "after the path, write the unit that the data counts in")
    if line.unit and not all(units):
        message = f"the data counts in {line.unit}, but the card's number has no unit"
        return Match(message, "write the unit after the number or after the gap")
    return None


def _with_unit(value: StatedValue, occurrence: Occurrence) -> str:
    """Return the stated value with the unit from its sentence, if its text has none."""
    own_unit = any(unit for _, unit in terms.quantities(terms.tokens(occurrence.text)))
    if own_unit or not occurrence.unit:
        return value.text
    return f"{value.text} {occurrence.unit}"


def _compare_names(line: Evidence, found: Sequence[str], value: StatedValue) -> Match:
    """Compare a whole list, or a single word."""
    if len(found) == 1:
        steps = line.path.split(".")
        if any(_is_name(occurrence, found[0], steps) for occurrence in value.occurrences):
            return Match("", covers=parts(value))
    if {name_key(piece) for piece in _pieces(value)} == {name_key(name) for name in found}:
        return Match("", covers=parts(value))
    return Match(f"the data says {_few(found)}, but the card says {value.text}")


def _compare_member(line: Evidence, found: Value, value: StatedValue) -> Match:
    """Look for one name of a list in the stated value."""
    member, steps = line.member, line.path.split(".")
    if not isinstance(found, tuple):
        return Match("the data has no list here", f"remove ` has {member}`")
    if member not in found:
        return Match(f"`{member}` is not in the list: {_few(found)}", nearest(member, found))
    for occurrence in value.occurrences:
        if _is_name(occurrence, member, steps):
            return Match("", covers=parts(StatedValue((occurrence,), value.span)))
    name, context = name_terms(member), name_terms(line.path)
    for piece in _pieces(value):
        own = content_terms(piece)
        if name_key(piece) == name_key(member) or (own & name and own <= name | context):
            return Match("", covers=name | context)
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
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _compare_phrase(line: Evidence, found: Value, value: StatedValue) -> Match:
    phrase = line.phrase
    if not isinstance(found, str):
        return Match("the data has no text here", "remove the phrase")
    if find_phrase(phrase, prose(found)) is None:
        help_line = "copy whole words from the text"
        return Match(f"the text does not contain `{phrase}`", help_line)
    covers: set[str] = set()
    for occurrence in value.occurrences:
        numbers = comparable.numbers(occurrence)
        if numbers:
            mismatch = _numbers_not_in_phrase(phrase, numbers, occurrence)
        else:
            mismatch = words_not_in_phrase(phrase, occurrence)
        if mismatch:
            return mismatch
        covers |= {figure(*number) for number in numbers}
        covers |= terms_in_phrase(phrase, occurrence.text)
    return Match("", covers=name_terms(line.path) | covers)


def _numbers_not_in_phrase(
    phrase: str, numbers: Sequence[tuple[float, str]], occurrence: Occurrence
) -> Match | None:
    """Report a number that a phrase lacks, or a phrase with several other numbers."""
    said = terms.quantities(terms.tokens(phrase))
    for own in numbers:
        confirmed = any(_confirms(other, own, occurrence.unit) for other in said)
        if comparable.is_unconfirmable(occurrence.text) or not confirmed:
            message = f"the phrase does not contain {figure(*own)}, which the card states"
            return Match(message, OTHER_WORDS)
    others = [other for other in said if not any(_may_be(other, own) for own in numbers)]
    if len(others) > 1:  # one more may be the other end of a range
        message = "the phrase contains several other numbers"
        return Match(message, "choose a shorter phrase without them")
    return None


def _confirms(said: tuple[float, str], stated: tuple[float, str], unit_beside: str) -> bool:
    """Return whether a phrase's number is the card's, perhaps without its unit."""
    if same_amount(said, stated):
        return True
    unit_may_be_missing = not stated[1] or (not said[1] and stated[1] == unit_beside)
    return said[0] == stated[0] and unit_may_be_missing


def _may_be(said: tuple[float, str], stated: tuple[float, str]) -> bool:
    """Return whether two numbers are equal, as far as their units are known."""
    return same_amount(said, stated) or (said[0] == stated[0] and not (said[1] and stated[1]))


def words_not_in_phrase(phrase: str, occurrence: Occurrence, around: str = "") -> Match | None:
    """Report a value without numbers whose words, or whose "not", a phrase lacks.

    A "not" of the phrase may also be in the text `around` the value.
    """
    stated, said = content_terms(occurrence.text), content_terms(phrase)
    if not stated:
        message = f"`{occurrence.text}` contains no word that can be compared"
        help_line = "begin the line with a gap that has a number or a name, such as `c2 …`"
        return Match(message, help_line)
    negations = stated & NEGATIONS
    if negations - said or (said & NEGATIONS and not negations | content_terms(around) & NEGATIONS):
        return Match(NEGATED, OTHER_WORDS)
    missing = identifiers(occurrence.text) - identifiers(phrase)
    if missing or terms_in_phrase(phrase, occurrence.text) != stated:
        message = f"the phrase does not contain what the card states: {occurrence.text}"
        return Match(message, OTHER_WORDS)
    return None


def terms_in_phrase(phrase: str, text: str) -> frozenset[str]:
    """Return the terms of a text that a phrase has; all if it has the whole text."""
    stated = content_terms(text)
    return stated if name_key(text) in _runs(phrase) else stated & content_terms(phrase)


def _runs(phrase: str) -> frozenset[str]:
    """Return the `name_key` of every run of words of a phrase."""
    every = phrase.split()
    return frozenset(
        name_key(" ".join(every[i:j])).strip("()")
        for i in range(len(every))
        for j in range(i + 1, len(every) + 1)
    )
