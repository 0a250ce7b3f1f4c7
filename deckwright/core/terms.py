"""What a text is about, as a set: stems of its content words, numbers with their units, words that turn a fact round. The door
of the snowball stemmer (https://snowballstem.org, English).

An item is a string: a stem; `#3000` a number, `#60 s` a number in the unit that `english.toml` counts in; `!not` a word of contrast.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import Stemmer

# Words with their inner points, slashes and hyphens; numbers with their digits grouped by comma, point or (thin) space; signs.
_TOKEN = re.compile(
    r"[A-Za-z][A-Za-z0-9]*(?:[._:/*-][A-Za-z0-9*]+)*|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d)|\d[\d,]*(?:\.\d+)?|[%$…]|[<>=≤≥]+"
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_BRITISH = ((re.compile(r"(?<=[a-z]{3})is(e|ed|es|ing|ation|ations|er)$"), r"iz\1"), (re.compile(r"(?<=[a-z]{3})our(s|ed|ing)?$"), r"or\1"),
            (re.compile(r"(?<=[a-z]{2})(el|al)l(ed|ing|er)$"), r"\1\2"), (re.compile(r"^(.*(?:met|cent|lit|fib))re(s?)$"), r"\1er\2"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _English:
    stop: frozenset[str]
    contrast: frozenset[str]
    direction: frozenset[str]
    numbers: Mapping[str, float]
    multiples: Mapping[str, float]
    units: Mapping[str, tuple[str, float]]
    same: Mapping[str, str]


@cache
def _english() -> _English:
    table = tomllib.loads(files("deckwright.core").joinpath("english.toml").read_text("utf-8"))
    units = {name: (unit, float(count)) for name, (unit, count) in table["units"].items()}
    units |= {f"{name}s": value for name, value in units.items() if len(name) > 2} | {
        "%": ("%", 1.0)
    }
    groups = [entry["words"].split() for entry in table["same"]]
    same = {_stem(word): _stem(group[0]) for group in groups for word in group}
    return _English(
        frozenset(table["stop"].split()),
        frozenset(table["contrast"].split()),
        frozenset(table["direction"].split()),
        {**table["numbers"]},
        {**table["multiples"]},
        units,
        same,
    )


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english", 0)


@cache
def _stem(word: str) -> str:
    word = word.replace("-", "")
    for pattern, instead in _BRITISH:
        word = pattern.sub(instead, word)
    stem: str = _stemmer().stemWord(word)
    return stem


def tokens(text: str) -> list[str]:
    """The words, numbers and signs of a text, in order. A number word stands alone: `one-minute` is `one`, `minute`."""
    numbers = _english().numbers
    out: list[str] = []
    for token in _TOKEN.findall(text):
        first, _, rest = token.partition("-")
        out += [first, rest] if rest and first.lower() in numbers else [token]
    return out


def items(found: Sequence[str]) -> frozenset[str]:
    """What the tokens of a text are about."""
    return frozenset(_items(found))


def items_in_order(found: Sequence[str]) -> tuple[str, ...]:
    """The same as they stand, each as often."""
    return tuple(_items(found))


def _items(found: Sequence[str]) -> Iterable[str]:
    units = _english().units
    for word, number in _parts(found):
        if number is not None:
            unit, count = units.get(word, ("", 1.0))
            yield f"#{number * count:.12g} {unit}".rstrip()
        elif item := _item(word):
            yield item


@cache
def _item(word: str) -> str:
    """What a word stands for that is no number; nothing for a filling word."""
    english = _english()
    if word in english.contrast:
        return f"!{word}"
    return "" if word in english.stop or word in "%$…" else _stem(word)


def _parts(found: Sequence[str]) -> Iterable[tuple[str, float | None]]:
    """The words of a text in small letters, each with None; and its numbers, each with the unit that follows (or nothing)."""
    english = _english()
    low = [token.lower() for token in found]
    at = 0
    while at < len(low):
        word = low[at]
        at += 1
        number = _number(word)
        at_once = word == "once" and at > 1 and low[at - 2] == "at"
        if (
            number is None
            or at_once
            or (word == "one" and not (at < len(low) and low[at] in english.units))
        ):
            yield word, None
            continue
        if at < len(low) and low[at] in english.multiples:
            number *= english.multiples[low[at]]
            at += 1
        if at < len(low) and low[at] in english.units:
            yield low[at], number
            at += 1
        else:
            yield "", number


def quantities(found: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """The numbers of a text in their order, each with the unit as it is written there (or nothing)."""
    return tuple((number, word) for word, number in _parts(found) if number is not None)


def amounts(number: float, unit: str) -> frozenset[tuple[float, str]]:
    """What a number and a unit's name come to, in the unit that `english.toml` counts in: one amount, or two for kB, MB, …, which
    are powers of 1,000 for some and of 1,024 for others. KeyError for what is no unit."""
    base, count = _english().units[unit.lower()]
    power = round(math.log(count, 1000)) if base == "byte" else 0
    thousands = power > 0 and count == 1000.0**power
    return frozenset(
        {(number * count, base), *([(number * 1024.0**power, base)] if thousands else [])}
    )


def is_unit(word: str) -> bool:
    return word.lower() in _english().units


def units() -> tuple[str, ...]:
    """The names of all units, in small letters."""
    return tuple(_english().units)


@cache
def _number(word: str) -> float | None:
    if word[0].isdigit():
        plain = re.sub(r"[,\s]", "", word)
        return float(plain) if _NUMBER.fullmatch(plain) else None
    return _english().numbers.get(word)


def loose(found: Iterable[str]) -> frozenset[str]:
    """The items without contrast, with one word for all that say the same."""
    return frozenset(loose_in_order(found))


def loose_in_order(found: Iterable[str]) -> tuple[str, ...]:
    """The same as they stand."""
    same = _english().same
    return tuple(same.get(item, item) for item in found if not item.startswith("!"))


def bare(found: Sequence[str]) -> frozenset[str]:
    """What tokens are about, with numbers as they stand and without their units: `15 days` and `15` are the same."""
    english = _english()
    low = [token.lower() for token in found]
    values = {f"#{number:.12g}" for word in low if (number := _number(word)) is not None}
    return frozenset(values) | frozenset(
        _items([w for w in low if _number(w) is None and w not in english.units])
    )


def contrasts(found: Iterable[str]) -> frozenset[str]:
    return frozenset(item for item in found if item.startswith("!"))


def numbers(found: Iterable[str]) -> frozenset[str]:
    return frozenset(item for item in found if item.startswith("#"))


def directions(found: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Words of direction with the content word that follows: (`from`, `csv`), (`to`, `parquet`)."""
    english = _english()
    low = [token.lower() for token in found]
    out = set()
    for at, word in enumerate(low):
        if word in english.direction:
            after = next((w for w in low[at + 1 :] if w not in english.stop and w not in "%$…"), "")
            if after:
                out.add((word, _stem(after)))
    return frozenset(out)
