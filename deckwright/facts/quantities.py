"""The numbers, units, bounds such as "at least", and words that a text states."""

from __future__ import annotations

import re

from deckwright.core import terms

Amount = tuple[float, str]  # a number and its unit; the unit can be empty

_BOUNDS = {
    bound: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for bound, words in (
        ("at least", "at least|minimum|(?:no|not) (?:fewer|less) than|(?<!no )(?<!not )more than"
                   "|or more|over|above|beyond"),
        ("at most", "at most|maximum|(?:no|not) more than|up to|(?<!no )(?<!not )(?:fewer|less)"
                  r" than|(?:not|\w+n't) exceed|or (?:less|fewer)|under|below"),
        ("about", "about|around|approximately|roughly|nearly|almost|some"),
    )
}  # fmt: skip
_NOT = re.compile(r"(?:can)?n['’]t\b|\bcannot\b")
_NAME_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# How publishers write what `terms` knows under another name.
_SPELLINGS = (
    (re.compile(r"(?<=\d)\s?K\b"), " thousand"),
    (re.compile(r"(?<=\d)\s?M\b"), " million"),
    (re.compile(r"(?<![A-Za-z])([KMGT]i?B)(?:ps|/s|/sec)\b"), r"\1"),
    (re.compile(r"(?<![A-Za-z])[KMGTk]i?b(?:it)?s?(?:ps)?\b"), " bits"),
    (re.compile(r"(?<=\d)-(?=[A-Za-z])"), " "),
)


def figure(number: float, unit: str = "") -> str:
    """Return a number as people read it: `1,024 MB`."""
    return f"{number:,.12g} {unit}".strip()


def amounts_in(text: str) -> tuple[Amount, ...]:
    """Return the numbers of a text in order, each with its unit."""
    return terms.quantities(terms.tokens(_respelled(text)))


def units_in(text: str) -> frozenset[str]:
    """Return the units that a text names, also in names in code: `mb` for "Size (MB)"."""
    text = _respelled(text)
    words = re.findall(r"[A-Za-z]+|%", f"{text} {name_parts(text)}")
    return frozenset(word.lower() for word in words if terms.is_unit(word))


def _respelled(text: str) -> str:
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    return text


def same_amount(one: Amount, other: Amount) -> bool:
    """Return whether two numbers with units are the same amount: 24 h and 86,400 s."""
    (number, unit), (other_number, other_unit) = one, other
    if not unit or not other_unit:
        return number == other_number and not unit and not other_unit
    if not terms.is_unit(unit) or not terms.is_unit(other_unit):
        return False
    return bool(terms.amounts(number, unit) & terms.amounts(other_number, other_unit))


def bounds(text: str) -> frozenset[str]:
    """Return the bounds that a text names: `at least`, `at most`, `about`."""
    return frozenset(bound for bound, words in _BOUNDS.items() if words.search(text))


def content_terms(text: str) -> frozenset[str]:
    """Return the items of a text without numbers; its bounds begin with `~`."""
    stated = bounds(text)
    for bound in stated:
        text = _BOUNDS[bound].sub(" ", text)
    items = terms.items(terms.tokens(_NOT.sub(" not", text)))
    return frozenset(item for item in items if item[0] != "#") | {f"~{one}" for one in stated}


def name_parts(name: str) -> str:
    """Return the words of a name in code: `MaxItems` gives `Max Items`."""
    return " ".join(_NAME_PART.findall(name))


def name_terms(name: str) -> frozenset[str]:
    """Return the terms of a name in code, whole and in parts: maxitems, max, items."""
    whole = content_terms(name) | content_terms(re.sub(r"[\s_-]", "", name))
    return whole | content_terms(name_parts(name))
