"""Numbers in the text of a page, with what makes another value of the same digits.

That is the unit, a bound such as "at least", a rate such as "per second", and being the
end of a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from deckwright.core import terms

LOW, HIGH, ABOUT = "at least", "at most", "about"  # bounds

_NUMBER_OR_WORD = re.compile(
    r"(?<![\w.])(?<![A-Za-z][-:/_])(?P<digits>\d(?:[\d,]*\d)?(?:\.\d+)?)(?P<suffix>[A-Za-z]*|%)(?!\w)"
    r"|(?<![\w.])(?P<word>[A-Za-z]+)"
)
_MULTIPLES = {"K": 1e3, "k": 1e3, "M": 1e6}
_UNIT_WITHIN = 3  # words behind a number
_WORD = re.compile(r"[-\s(]*([A-Za-z%]+)")
_RANGE = re.compile(r"\s*(?:[A-Za-z%]+\s*)?(?:-|\b(?:up\s+)?to\b|\bthrough\b)\s*")
_BETWEEN = re.compile(r"\s*(?:[A-Za-z%]+\s*)?\band\s*")
_BITS = re.compile(r"[KMGT]i?b(?:it)?s?(?:ps|/s)?|[kKMGT]?bits?(?:ps)?")  # case tells from bytes
_BOUNDS = (
    (LOW, r"at least|minimum(?: of)?|min|(?:no|not) (?:fewer|less|lower) than|"
          r"over|above|exceeds|exceeding|(?<!no )(?<!not )(?:more|greater|longer|later) than|"
          r"lowest|smallest|shortest"),
    (HIGH, r"at most|maximum(?: of)?|max|(?:not|cannot|can't|don't|doesn't) exceed|"
           r"up to|limited to|(?<!no )(?<!not )(?:fewer|less) than|under|below|highest|largest|"
           r"longest|(?:no|not) (?:more|greater|longer|later) than"),
    (ABOUT, r"about|around|approximately|roughly|nearly|almost|some"),
)  # fmt: skip
_BOUND_BEFORE = (
    *(
        (bound, re.compile(rf"\b(?:{words})\W+(?:\w+\W+)?$", re.IGNORECASE))
        for bound, words in _BOUNDS
    ),
    (LOW, re.compile(r"\b(?:at least|minimum)\W+(?:[A-Za-z]+\W+){0,4}$", re.IGNORECASE)),
    (HIGH, re.compile(r"\b(?:at most|maximum|up to)\W+(?:[A-Za-z]+\W+){0,4}$", re.IGNORECASE)),
)
_BOUND_IN = tuple(
    (bound, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for bound, words in _BOUNDS[:2]
)
_BOUND_BEHIND = re.compile(
    r"[\W_]*(?:[A-Za-z]+[\W_]+){0,2}?(?:(or more|or longer|or later|at least|(?:at )?minimum\b)"
    r"|or (?:less|fewer)|at most|(?:at )?maximum\b)",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"\b(?:per|a|an|each|every)[\s-]+(second|minute|hour|day|week|month|year)\b"
    r"|/(s|sec|second|min|minute|h|hour|day|month)\b|\b([tr]ps)\b|[KMGT]i?B(ps)\b",
    re.IGNORECASE,
)
_PERIODS = {"s": "second", "sec": "second", "min": "minute", "h": "hour", "tps": "second",
            "rps": "second", "ps": "second"}  # fmt: skip
_NEAR = 45  # characters behind a number in which its unit and rate are


@dataclass(frozen=True, slots=True)
class PageNumber:
    """A number from `start` to `end` in a text.

    `unit` is a unit that `terms` knows, or "bit" for all sizes in bits. `bound` is LOW,
    HIGH, ABOUT or empty. `end_of_range` is LOW for the first number of a range, HIGH for
    the second. `rate` is the period that it counts in: "second" for 5 per second.
    """

    number: float
    unit: str
    start: int
    end: int
    bound: str = ""
    end_of_range: str = ""
    rate: str = ""

    @property
    def amount(self) -> tuple[float, str]:
        """The number with its unit."""
        return self.number, self.unit


def page_numbers(text: str) -> tuple[PageNumber, ...]:
    """Return the numbers of a text in order; digits in names, as in AES-256, are none."""
    found = list(_numbers(text))
    for at, (first, second) in enumerate(pairwise(list(found))):
        between = text[first.end : min(second.start, first.end + _NEAR)]
        before = text[max(0, first.start - _NEAR) : first.start]
        is_between = re.search(r"\bbetween\s*$", before, re.IGNORECASE)
        if _RANGE.fullmatch(between) or (is_between and _BETWEEN.fullmatch(between)):
            unit = first.unit or second.unit
            found[at] = replace(first, unit=unit, end_of_range=LOW)
            found[at + 1] = replace(second, end_of_range=HIGH)
    return tuple(found)


def rate_in(text: str) -> str:
    """Return the period of the first rate in a text: "second" for "5 per second"."""
    found = _RATE.search(text)
    word = next(filter(None, found.groups())).lower() if found else ""
    return _PERIODS.get(word, word)


def bound_before(text: str) -> str:
    """Return the bound that the end of a text puts on a number behind it."""
    clause = re.split(r"[;|(]|[.,]\s", text)[-1]
    return next((bound for bound, words in _BOUND_BEFORE if words.search(clause)), "")


def bound_behind(text: str) -> str:
    """Return the bound that the beginning of a text puts on a number in front of it."""
    found = _BOUND_BEHIND.match(text)
    return (LOW if found[1] else HIGH) if found else ""


def bound_in(text: str) -> str:
    """Return LOW or HIGH if a title, such as "Maximum size", has just one of them."""
    found = [bound for bound, words in _BOUND_IN if words.search(text)]
    return found[0] if len(found) == 1 else ""


def units_in(text: str) -> tuple[str, ...]:
    """Return the names of units in a title, such as "MB" in "Size (MB)"."""
    words = re.findall(r"[A-Za-z]+|%", text)
    return tuple(word for word in words if terms.is_unit(word))


def _numbers(text: str) -> Iterator[PageNumber]:
    done = 0
    for found in _NUMBER_OR_WORD.finditer(text):
        read = None
        if found.start() >= done:
            behind = text[found.end() : found.end() + _NEAR]
            read = _word(found["word"], behind) if found["word"] else _digits(found, behind)
        if read is None:
            continue
        number, length, suffix = read
        done = end = found.end() + length
        yield PageNumber(
            number,
            _unit(suffix, text[end : end + _NEAR]),
            found.start(),
            end,
            bound=_bound(text, found.start(), end),
            rate=rate_in(_up_to_next_number(text, found.end() - len(suffix))),
        )


_Read = tuple[float, int, str]  # a number, the length of a word behind it, letters on it


def _word(word: str, behind: str) -> _Read | None:
    """Read a word as a number, perhaps together with the next one: two million."""
    found = _WORD.match(behind)
    alone = terms.quantities([word, "s"])
    times = terms.quantities(["1", found[1]])[0][0] if found else 1.0
    if not alone or (word.lower() == "one" and times == 1 and not _is_amount(word, found)):
        return None
    if found and times > 1:
        return alone[0][0] * times, found.end(), ""
    return alone[0][0], 0, ""


def _is_amount(word: str, found: re.Match[str] | None) -> bool:
    """Return whether a number word is one because of the unit behind it: one hour."""
    return found is not None and bool(terms.quantities([word, found[1]]))


def _digits(found: re.Match[str], behind: str) -> _Read:
    """Read digits, with a suffix such as the K of 10K or a word such as million."""
    number, suffix = float(found["digits"].replace(",", "")), found["suffix"] or ""
    if suffix in _MULTIPLES:
        return number * _MULTIPLES[suffix], 0, ""
    word = _WORD.match(behind) if not suffix else None
    times = terms.quantities(["1", word[1]])[0][0] if word else 1.0
    return (number * times, word.end(), "") if word and times > 1 else (number, 0, suffix)


def _unit(suffix: str, behind: str) -> str:
    """Return the unit in one of the words behind a number."""
    words = [suffix] if suffix else []
    for _ in range(_UNIT_WITHIN):
        found = _WORD.match(behind)
        if found is None:
            break
        words.append(found[1])
        behind = behind[found.end() :]
    for word in (re.sub(r"(?<=B)ps$", "", word) for word in words):
        if _BITS.fullmatch(word):
            return "bit"
        if word.lower() in ("per", "a", "an", "each", "every", "of", "in", "for", "to"):
            return ""
        if terms.is_unit(word):
            return word.lower()
    return ""


def _bound(text: str, start: int, end: int) -> str:
    before = text[max(0, start - 2 * _NEAR) : start]
    return bound_before(before) or bound_behind(text[end : end + _NEAR])


def _up_to_next_number(text: str, start: int) -> str:
    near = text[start : start + _NEAR]
    found = re.search(r"\d", near)
    return near[: found.start()] if found else near
