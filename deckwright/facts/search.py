"""`evidence`: finds where published data may state a value, and prints the line to paste."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deckwright.core import terms
from deckwright.facts import evidence
from deckwright.facts.datasets import Datasets, Leaf
from deckwright.facts.evidence import Value
from deckwright.project.vocabulary import Vocabulary

CROWD = 40  # a text that stands so often in a data set is part of its form, and rarely a fact

_PATH = re.compile(
    r"[a-z0-9-]+::[^\s.~=]+(?:\.[^\s.~=]+)*(?:$|[~ ])"
)  # what `check` takes for a path


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line to paste, what the data says there, how much of what was asked for it has, and why it may not be used."""

    line: str
    says: str
    score: float
    misleads: str = ""


def candidates(
    data: Datasets, name: str, asked: Iterable[str], vocabulary: Vocabulary, limit: int
) -> tuple[Candidate, ...]:
    """The likeliest paths for some words (numbers too), best first. Raises NoPackageError."""
    asked, leaves = tuple(asked), tuple(data.leaves(name))
    wanted = frozenset[str]().union(*(_said(word) for word in asked))
    common = {
        text
        for text, count in Counter(
            leaf.value for leaf in leaves if isinstance(leaf.value, str)
        ).items()
        if count > CROWD
    }
    found: list[Candidate] = []
    for leaf in leaves:
        if isinstance(leaf.value, bool):
            continue
        for line, says, text in _lines(name, leaf, asked, wanted):
            score = _score(asked, leaf.path, text)
            if score and _PATH.match(line):
                score -= 1.5 if leaf.value in common else 0.5 if says == leaf.value else 0
                found.append(
                    Candidate(line, says, score, vocabulary.misleads(f"{name}::{leaf.path}"))
                )
    found.sort(key=lambda c: (bool(c.misleads), -c.score, len(c.line), c.line))
    return tuple(dict.fromkeys(found))[:limit]


def _lines(
    name: str, leaf: Leaf, asked: tuple[str, ...], wanted: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """Lines for one value: (the line, what it says, the text that is searched beside the path)."""
    value, at = leaf.value, f"{name}::{leaf.path}"
    if isinstance(value, str) and (" " in value or "<" in value):
        for sentence in re.split(r"(?<=[.!?]) ", evidence.prose(value)):
            if wanted & _said(sentence):
                yield f"{at}~{_short(sentence, wanted)}", sentence, sentence
    elif isinstance(value, tuple):
        yield at, ", ".join(value), " ".join(value)
        for member in value:
            if any(word.casefold() in member.casefold() for word in asked):
                yield f"{at} has {member}", ", ".join(value), member
    else:
        yield at, str(value), _text(value)


def _text(value: Value) -> str:
    return f"{value:.12g}" if isinstance(value, int | float) else str(value)


def _said(text: str) -> frozenset[str]:
    """What a text is about, its numbers with their units and without."""
    found = terms.tokens(text)
    return terms.items(found) | terms.bare(found)


def _spelt(name: str) -> frozenset[str]:
    """The words in a name of code: `MaxConcurrency` is max, concurrency."""
    return terms.items(terms.tokens(" ".join(evidence.PARTS.findall(name))))


def _score(asked: Iterable[str], path: str, text: str) -> float:
    """Every word has to be found, in the path or in the text; the path counts more, and of texts the shorter."""
    in_path, in_text = terms.loose(_spelt(path)), terms.loose(_said(text) | _spelt(text))
    low, score = path.casefold(), 1.0
    for word in asked:
        items = terms.loose(terms.items(terms.tokens(word)))
        if items <= in_path or word.casefold() in low:
            score += 1
        elif not (items and items <= in_path | in_text) and word.casefold() not in text.casefold():
            return 0.0
    return score + 1 / (1 + len(in_text))


def _short(sentence: str, wanted: frozenset[str]) -> str:
    """The part of a sentence that holds the words that were asked for, and a word or two around it."""
    every = sentence.split(" ")
    hits = [n for n, word in enumerate(every) if _said(word) & wanted]
    numbers = [n for n in hits or range(len(every)) if any(char.isdigit() for char in every[n])]
    centre = numbers or hits or [0]
    begin, end = max(0, centre[0] - 3), min(len(every), centre[-1] + 4)
    if end - begin > 14:
        begin, end = max(0, centre[0] - 3), min(len(every), centre[0] + 5)
    return " ".join(every[begin:end]).rstrip(".,;:")
