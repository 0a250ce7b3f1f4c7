"""Find evidence lines for a card: where published data may state its value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deckwright.core import terms
from deckwright.facts.comparable import name_parts
from deckwright.facts.datasets import Datasets, Leaf, Value
from deckwright.facts.documentation import prose
from deckwright.project.vocabulary import Vocabulary

BOILERPLATE = 40  # a text that occurs more often in a data set is rarely a fact
LONGEST_PHRASE = 14  # words

_LINE = re.compile(r"[a-z0-9-]+::[^\s.~=]+(?:\.[^\s.~=]+)*(?:$|[~ ])")  # that `check` can read


@dataclass(frozen=True, slots=True)
class Candidate:
    """An evidence line to paste, with what the data says there.

    `score` grows with the words that it matches. `misleads` is why the line must not be
    used, empty if it may.
    """

    line: str
    says: str
    score: float
    misleads: str = ""


def candidates(
    data: Datasets, name: str, asked: Iterable[str], vocabulary: Vocabulary, limit: int
) -> tuple[Candidate, ...]:
    """Return at most `limit` lines that match all words (numbers, too), best first.

    Raises NoPackageError if the package of data set `name` is not installed.
    """
    asked, leaves = tuple(asked), tuple(data.leaves(name))
    wanted = frozenset[str]().union(*(_all_items(word) for word in asked))
    counts = Counter(leaf.value for leaf in leaves if isinstance(leaf.value, str))
    found: list[Candidate] = []
    for leaf in leaves:
        if isinstance(leaf.value, bool):
            continue
        for line, says, text in _evidence_lines(name, leaf, asked, wanted):
            score = _score(asked, leaf.path, text)
            if not score or not _LINE.match(line):
                continue
            if isinstance(leaf.value, str) and counts[leaf.value] > BOILERPLATE:
                score -= 1.5
            elif says == leaf.value:
                score -= 0.5
            misleads = vocabulary.misleads(f"{name}::{leaf.path}")
            found.append(Candidate(line, says, score, misleads))
    found.sort(key=lambda c: (bool(c.misleads), -c.score, len(c.line), c.line))
    return tuple(dict.fromkeys(found))[:limit]


def _evidence_lines(
    name: str, leaf: Leaf, asked: tuple[str, ...], wanted: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield the lines for a value, each with what the data says and what to search."""
    value, at = leaf.value, f"{name}::{leaf.path}"
    if isinstance(value, str) and (" " in value or "<" in value):
        for sentence in re.split(r"(?<=[.!?]) ", prose(value)):
            if wanted & _all_items(sentence):
                yield f"{at}~{_phrase(sentence, wanted)}", sentence, sentence
    elif isinstance(value, tuple):
        yield at, ", ".join(value), " ".join(value)
        for member in value:
            if any(word.casefold() in member.casefold() for word in asked):
                yield f"{at} has {member}", ", ".join(value), member
    else:
        yield at, str(value), _searchable_text(value)


def _searchable_text(value: Value) -> str:
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)


def _all_items(text: str) -> frozenset[str]:
    """Return the items of a text, its numbers with their units and without."""
    found = terms.tokens(text)
    return terms.items(found) | terms.items_without_units(found)


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
    every = sentence.split(" ")
    hits = [n for n, word in enumerate(every) if _all_items(word) & wanted]
    numbers = [n for n in hits or range(len(every)) if any(char.isdigit() for char in every[n])]
    center = numbers or hits or [0]
    begin, end = max(0, center[0] - 3), center[-1] + 4
    if min(len(every), end) - begin > LONGEST_PHRASE:
        end = center[0] + 5
    return " ".join(every[begin:end]).rstrip(".,;:")
