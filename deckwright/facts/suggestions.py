"""Evidence lines to paste into a card: where data or a page may state its value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter

from deckwright.core import terms
from deckwright.core.card import Card
from deckwright.facts.comparable import name_parts, numbers, parts, quantities, same_amount
from deckwright.facts.compare import card_text, compare_page
from deckwright.facts.datasets import Datasets, Value
from deckwright.facts.documentation import prose
from deckwright.facts.evidence import LONGEST_PHRASE, Evidence
from deckwright.facts.page_text import PageText, Unit, words_in
from deckwright.facts.stated_value import StatedValue
from deckwright.project.vocabulary import Vocabulary

_MOST_TRIED = 12  # sentences or rows of a page
_TITLE = 6  # words of a row's first cell that are in a phrase

_LINE = re.compile(r"[a-z0-9-]+::[^\s.~=]+(?:\.[^\s.~=]+)*(?:$|[~ ])")  # that `check` can read


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An evidence line to paste, with what data or page say there.

    `misleads` is why the line must not be used, empty if it may.
    """

    line: str
    says: str
    misleads: str = ""


def in_data(
    data: Datasets, name: str, asked: tuple[str, ...], vocabulary: Vocabulary, limit: int
) -> tuple[Suggestion, ...]:
    """Return at most `limit` lines that match all words (numbers, too).

    Those with the words in their path come first, and short texts before long ones. Raises
    NoPackageError if the package of dataset `name` is not installed.
    """
    out = []
    for path, value in data.leaves(name):
        misleads = vocabulary.misleads(f"{name}::{path}")
        in_path = [_has(path, word) for word in asked]
        for line, says in _evidence_lines(f"{name}::{path}", value, asked):
            matches = all(known or _has(says, w) for known, w in zip(in_path, asked, strict=True))
            if matches and _LINE.match(line):
                is_text = isinstance(value, str)
                rank = (bool(misleads), -sum(in_path), is_text, len(says), len(line), line)
                out.append((rank, Suggestion(line, says, misleads)))
    return tuple(dict.fromkeys(one for _, one in sorted(out, key=itemgetter(0))))[:limit]


def _evidence_lines(at: str, value: Value, asked: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the lines for a value, each with what the data says."""
    if isinstance(value, str) and (" " in value or "<" in value):
        for sentence in re.split(r"(?<=[.!?]) ", prose(value)) if asked else ():
            if any(_has(sentence, word) for word in asked):
                yield f"{at}~{_phrase(sentence, asked)}", sentence
    elif isinstance(value, tuple):
        yield at, ", ".join(value)
        for member in value:
            if any(_has(member, word) for word in asked):
                yield f"{at} has {member}", ", ".join(value)
    elif not isinstance(value, bool):
        yield at, value if isinstance(value, str) else f"{value:.12g}"


def _phrase(sentence: str, asked: tuple[str, ...]) -> str:
    """Return the run of words of a sentence that has most of the words literally."""
    literal = [word.casefold().replace(",", "") for word in asked]

    def matches(run: str) -> int:
        return sum(word in run.casefold().replace(",", "") for word in literal)

    return max(_runs(sentence.split(), LONGEST_PHRASE), key=matches)


def _has(text: str, word: str) -> bool:
    """Return whether a text has a word, or all words in it, in any form."""
    if word.casefold() in text.casefold():
        return True
    wanted = terms.merge_synonyms(terms.items(terms.tokens(word)))
    return bool(wanted) and wanted <= _items(text)


@cache
def _items(text: str) -> frozenset[str]:
    """Return the items of a text and of names in it, numbers with their units and without."""
    tokens = terms.tokens(f"{text} {name_parts(text)}")
    return terms.merge_synonyms(terms.items(tokens) | terms.items_without_units(tokens))


def on_page(
    line: Evidence, page: PageText, card: Card, value: StatedValue, limit: int
) -> tuple[Suggestion, ...]:
    """Return the sentences and rows that confirm a value and have most words of the card.

    `line` is an evidence line about the page that lacks only its phrase.
    """
    own = words_in(card_text(card))
    holding = [unit for unit in page.units if _holds(unit, value)]
    holding.sort(key=lambda unit: -len(own & words_in(unit.text)))
    out = []
    for unit in holding[:_MOST_TRIED]:
        for phrase in _phrases(unit):
            match = compare_page(replace(line, phrase=phrase), page, card, value)
            if not match.why and parts(value) <= match.covers:
                out.append(Suggestion(f"{line.text}{phrase}", match.said))
                break
    return tuple(out[:limit])


def _holds(unit: Unit, value: StatedValue) -> bool:
    """Return whether a sentence or row has a number of a value; if that has none, its words."""
    amounts = [amount for occurrence in value.occurrences for amount in numbers(occurrence)]
    if not amounts:
        return any(words_in(one.text) <= words_in(unit.text) for one in value.occurrences)
    said = quantities(unit.text)
    return any(a[0] == b[0] or same_amount(a, b) for a in said for b in amounts)


def _phrases(unit: Unit) -> Iterator[str]:
    """Yield the runs of words that can be a phrase, of a row with words of its first cell."""
    first, *cells = (cell.split() for cell in unit.cells)
    title = first[:_TITLE] if cells else []
    room = LONGEST_PHRASE - len(title)
    for words in cells or [first]:
        for run in _runs(words, room):
            yield f"{' '.join(title)} | {run}" if cells else run


def _runs(words: list[str], most: int) -> Iterator[str]:
    for start in range(max(1, len(words) - most + 1)):
        yield " ".join(words[start : start + most]).strip("\"'(),;:.")
