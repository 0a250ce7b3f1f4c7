"""The items of a text: numbers with their units, and stems of content words.

An item is a string: a stem (`encrypt`), `#3000` for a number, `#60 s` for a number in
the base unit of english.toml, `!not` for a word of contrast. This is the only importer
of PyStemmer, the snowball stemmer (https://snowballstem.org).
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import Stemmer

_TOKEN = re.compile(
    r"[A-Za-z][A-Za-z0-9]*(?:[._:/*-][A-Za-z0-9*]++)*+"  # words, with points and hyphens inside
    r"|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d)|\d[\d,]*(?:\.\d+)?"  # numbers
    r"|[%$…]|[<>=≤≥]+"
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# Letters of scripts that put no blanks between words: Thai, Lao, Khmer, Kana, Han.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
_ANY_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[{_UNSPACED}]+|[^\W\d_{_UNSPACED}][^\W_{_UNSPACED}]*")
_PAUSE = re.compile(rf"(?<=[{_UNSPACED}])[^\w\s]+(?=[{_UNSPACED}])")
# The snowball stemmers, by the first part of a language tag (BCP 47).
_STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "es": "spanish",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "id": "indonesian", "it": "italian",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
_NO_WORDS = "%$…"

_BRITISH_ENDINGS = (
    (re.compile(r"(?<=[a-z]{2})is(e|ed|es|er|ers|ing|able|ation|ations)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z])ys(e|ed|es|er|ers|ing)$"), r"yz\1"),
    (re.compile(r"(?<=[a-z]{2})our(s|ed|ing|ite|ites|able|al)?$"), r"or\1"),
    (re.compile(r"(?<=[a-z]{2}[ae])ll(ed|ing|er|ers)$"), r"l\1"),
    (re.compile(r"(cent|met|lit|fib|theat)re(s?)$"), r"\1er\2"),
    (re.compile(r"(cent|met|lit|fib|theat)red$"), r"\1ered"),
)

# Any of these endings, in one search, since few words have one.
_BRITISH = re.compile("|".join(ending.pattern for ending, _ in _BRITISH_ENDINGS))


@dataclass(frozen=True, slots=True)
class _English:
    stop: frozenset[str]
    contrast: frozenset[str]
    direction: frozenset[str]
    numbers: Mapping[str, float]
    multiples: Mapping[str, float]
    units: Mapping[str, tuple[str, float]]
    synonyms: Mapping[str, str]


@cache
def _english() -> _English:
    table = tomllib.loads(files("deckwright.core").joinpath("english.toml").read_text("utf-8"))
    units = {name: (base, float(count)) for name, (base, count) in table["units"].items()}
    plurals = {f"{name}s": unit for name, unit in units.items() if len(name) > 2}
    groups = [entry["words"].split() for entry in table["same"]]
    return _English(
        stop=frozenset(table["stop"].split()),
        contrast=frozenset(table["contrast"].split()),
        direction=frozenset(table["direction"].split()),
        numbers=dict(table["numbers"]),
        multiples=dict(table["multiples"]),
        units={**units, **plurals, "%": ("%", 1.0)},
        synonyms={_stem(word): _stem(group[0]) for group in groups for word in group},
    )


@cache
def _stemmer(name: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(name, 0)


@cache
def _stem(word: str) -> str:
    stem: str = _stemmer("english").stemWord(american(word.replace("-", "")))
    return stem


def american(word: str) -> str:
    """Return the American spelling of a word in lowercase: `colors` for `colours`.

    The rules know no words: `flour` gives `flor`. So compare such forms with each
    other, or look them up in a list of words; do not show them.
    """
    if _BRITISH.search(word):
        for ending, replacement in _BRITISH_ENDINGS:
            word = ending.sub(replacement, word)
    return word


def is_english(language: str) -> bool:
    """Return whether a language tag (BCP 47), such as `en-US`, means English."""
    return language.partition("-")[0].lower() == "en"


def items_of_any_language(text: str, language: str) -> tuple[str, ...]:
    """Return the items of a text in a language other than English, in order.

    They are numbers and stems; without a stemmer for the language, whole words. Where
    no blanks separate words, each pair of neighboring letters is an item.
    """
    stemmer = _STEMMERS.get(language.partition("-")[0].lower(), "")
    out: list[str] = []
    for token in _ANY_TOKEN.findall(_PAUSE.sub("", text.casefold())):
        if token[0].isdigit():
            out.append(f"#{re.sub('[.,]', '', token)}")
        elif re.match(f"[{_UNSPACED}]", token):
            out += [token[at : at + 2] for at in range(max(1, len(token) - 1))]
        else:
            out.append(_stemmer(stemmer).stemWord(token) if stemmer else token)
    return tuple(out)


def tokens(text: str) -> list[str]:
    """Return the words, numbers and signs of a text, in order.

    A hyphen after a number word separates: `one-minute` gives `one` and `minute`.
    """
    numbers = _english().numbers
    out: list[str] = []
    for token in _TOKEN.findall(text):
        first, _, rest = token.partition("-")
        out += [first, rest] if rest and first.lower() in numbers else [token]
    return out


def items(found: Sequence[str]) -> frozenset[str]:
    """Return the items of a text, given its tokens."""
    return frozenset(items_in_order(found))


def items_in_order(found: Sequence[str]) -> tuple[str, ...]:
    """Return the items of a text in the order of its tokens, repeated ones repeated."""
    units = _english().units
    out: list[str] = []
    for word, number in _words_and_numbers(found):
        if number is not None:
            base, count = units.get(word, ("", 1.0))
            out.append(f"#{number * count:.12g} {base}".rstrip())
        elif item := _word_item(word):
            out.append(item)
    return tuple(out)


@cache
def _word_item(word: str) -> str:
    """Return the item of a word that is no number, empty for a stop word or a sign."""
    english = _english()
    if word in english.contrast:
        return f"!{word}"
    return "" if word in english.stop or word in _NO_WORDS else _stem(word)


def _words_and_numbers(found: Sequence[str]) -> Iterator[tuple[str, float | None]]:
    """Yield words in lowercase as (word, None), numbers as (unit or "", number)."""
    english = _english()
    low = [token.lower() for token in found]
    at = 0
    while at < len(low):
        word, before = low[at], low[at - 1] if at else ""
        at += 1
        number = _number(word)
        after = low[at] if at < len(low) else ""
        if number is None or _is_only_a_word(word, before, after):
            yield word, None
            continue
        if after in english.multiples:
            number *= english.multiples[after]
            at += 1
            after = low[at] if at < len(low) else ""
        if after in english.units:
            yield after, number
            at += 1
        else:
            yield "", number


def _is_only_a_word(word: str, before: str, after: str) -> bool:
    """Tell `one` without a unit, and the `once` of "at once", from numbers."""
    if word == "one":
        return after not in _english().units
    return word == "once" and before == "at"


def quantities(found: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """Return the numbers of a text in order, each with its unit ("" for none)."""
    return tuple((number, word) for word, number in _words_and_numbers(found) if number is not None)


def amounts(number: float, unit: str) -> frozenset[tuple[float, str]]:
    """Return what a number of a unit is in the base unit, as (number, base unit).

    kB, MB, … give two amounts, because they are powers of 1,000 to some and of 1,024 to
    others. Raises KeyError if `unit` is no unit.
    """
    base, count = _english().units[unit.lower()]
    power = round(math.log(count, 1000)) if base == "byte" else 0
    found = {(number * count, base)}
    if power > 0 and count == 1000.0**power:
        found.add((number * 1024.0**power, base))
    return frozenset(found)


def is_unit(word: str) -> bool:
    """Return whether a word names a unit, in any case: `s`, `minutes`, `MB`, `%`."""
    return word.lower() in _english().units


def units() -> tuple[str, ...]:
    """Return the names of all units, in lowercase."""
    return tuple(_english().units)


@cache
def _number(word: str) -> float | None:
    if word[0].isdigit():
        digits = re.sub(r"[,\s]", "", word)
        return float(digits) if _NUMBER.fullmatch(digits) else None
    return _english().numbers.get(word)


def merge_synonyms(found: Iterable[str]) -> frozenset[str]:
    """Return items with one word for all synonyms, without words of contrast."""
    return frozenset(merge_synonyms_in_order(found))


def merge_synonyms_in_order(found: Iterable[str]) -> tuple[str, ...]:
    """Do the same for items in order, repeated ones repeated."""
    synonyms = _english().synonyms
    return tuple(synonyms.get(item, item) for item in found if not item.startswith("!"))


def items_without_units(found: Sequence[str]) -> frozenset[str]:
    """Return the items of tokens, with plain numbers: `15` for `15 days`, too."""
    units = _english().units
    values, words = [], []
    for word in (token.lower() for token in found):
        number = _number(word)
        if number is not None:
            values.append(f"#{number:.12g}")
        elif word not in units:
            words.append(word)
    return frozenset([*values, *items_in_order(words)])


def numbers(found: Iterable[str]) -> frozenset[str]:
    """Return those of the items that are numbers."""
    return frozenset(item for item in found if item.startswith("#"))


def directions(found: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Return words of direction with their next content words: `from csv`."""
    english = _english()
    low = [token.lower() for token in found]
    out = set()
    for at, word in enumerate(low):
        if word in english.direction:
            content = (w for w in low[at + 1 :] if w not in english.stop and w not in _NO_WORDS)
            if after := next(content, ""):
                out.add((word, _stem(after)))
    return frozenset(out)
