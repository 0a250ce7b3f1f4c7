"""Evidence lines to paste into a card: where data or a page may state its value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

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

_BOILERPLATE = 40  # a text that occurs more often in a dataset is rarely a fact
_LONGEST_PHRASE = 14  # words of data
_MOST_TRIED = 12  # sentences or rows of a page
_TITLE = 6  # words of a row's first cell that are in a phrase

_LINE = re.compile(r"[a-z0-9-]+::[^\s.~=]+(?:\.[^\s.~=]+)*(?:$|[~ ])")  # that `check` can read


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An evidence line to paste, with what data or page say there.

    `score` grows with the words that it matches. `misleads` is why the line must not be
    used, empty if it may.
    """

    line: str
    says: str
    score: float
    misleads: str = ""


def in_data(
    data: Datasets, name: str, asked: tuple[str, ...], vocabulary: Vocabulary, limit: int
) -> tuple[Suggestion, ...]:
    """Return at most `limit` lines that match all words (numbers, too), best first.

    Raises NoPackageError if the package of dataset `name` is not installed.
    """
    leaves = [(path, value) for path, value in data.leaves(name) if not isinstance(value, bool)]
    counts = Counter(value for _, value in leaves if isinstance(value, str))
    out: list[Suggestion] = []
    for path, value in leaves:
        for line, says, text in _evidence_lines(f"{name}::{path}", value, asked):
            score = _score(asked, path, text)
            if score and _LINE.match(line):
                if isinstance(value, str) and counts[value] > _BOILERPLATE:
                    score -= 1.5
                elif says == value:
                    score -= 0.5
                out.append(Suggestion(line, says, score, vocabulary.misleads(f"{name}::{path}")))
    out.sort(key=lambda one: (bool(one.misleads), -one.score, len(one.line), one.line))
    return tuple(dict.fromkeys(out))[:limit]


def _evidence_lines(
    at: str, value: Value, asked: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """Yield the lines for a value, each with what the data says and what to search."""
    wanted = frozenset[str]().union(*(_all_items(word) for word in asked))
    if isinstance(value, str) and (" " in value or "<" in value):
        for sentence in re.split(r"(?<=[.!?]) ", prose(value)):
            if wanted & _all_items(sentence):
                yield f"{at}~{_phrase(sentence, wanted)}", sentence, sentence
    elif isinstance(value, tuple):
        says = ", ".join(value)
        yield at, says, " ".join(value)
        for member in value:
            if any(word.casefold() in member.casefold() for word in asked):
                yield f"{at} has {member}", says, member
    else:
        yield at, str(value), f"{value:.12g}" if isinstance(value, int | float) else value


def _all_items(text: str) -> frozenset[str]:
    """Return the items of a text, its numbers with their units and without."""
    tokens = terms.tokens(text)
    return terms.items(tokens) | terms.items_without_units(tokens)


def _name_items(name: str) -> frozenset[str]:
    """Return the items of a name in code: `MaxConcurrency` is max, concurrency."""
    return terms.items(terms.tokens(name_parts(name)))


def _score(asked: Iterable[str], path: str, text: str) -> float:
    """Return 0 if a word is neither in the path nor in the text; else more than 1.

    Words in the path count, and shorter texts come before longer ones.
    """
    in_path = terms.merge_synonyms(_name_items(path))
    in_text = terms.merge_synonyms(_all_items(text) | _name_items(text))
    low, score = path.casefold(), 1.0
    for word in asked:
        items = terms.merge_synonyms(terms.items(terms.tokens(word)))
        if items <= in_path or word.casefold() in low:
            score += 1
        elif not (items and items <= in_path | in_text) and word.casefold() not in text.casefold():
            return 0.0
    return score + 1 / (1 + len(in_text))


def _phrase(sentence: str, wanted: frozenset[str]) -> str:
    """Return the part of a sentence with the wanted words and a few around them."""
    words = sentence.split(" ")
    hits = [n for n, word in enumerate(words) if _all_items(word) & wanted]
    figures = [n for n in hits or range(len(words)) if any(char.isdigit() for char in words[n])]
    center = figures or hits or [0]
    begin, end = max(0, center[0] - 3), center[-1] + 4
    if min(len(words), end) - begin > _LONGEST_PHRASE:
        end = center[0] + 5
    return " ".join(words[begin:end]).rstrip(".,;:")


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
                score = len(own & words_in(unit.text))
                out.append(Suggestion(f"{line.text}{phrase}", match.said, score))
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
        for start in range(max(1, len(words) - room + 1)):
            run = " ".join(words[start : start + room]).strip("\"'(),;:.")
            yield f"{' '.join(title)} | {run}" if cells else run
