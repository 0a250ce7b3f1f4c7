"""Evidence lines to paste into a card: where data or a page may state its value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from deckwright import markdown
from deckwright.core import files
from deckwright.core.card import Card
from deckwright.facts.compare import claims, compare, stated_amounts
from deckwright.facts.datasets import Datasets, Value
from deckwright.facts.evidence import LONGEST_PHRASE, PAGE, Evidence, EvidenceError, page_name
from deckwright.facts.page_copies import PageCopy
from deckwright.facts.page_html import Passage, passages_in
from deckwright.facts.quantities import amounts_in, name_parts, same_amount
from deckwright.facts.quotes import quote_phrase, words_in
from deckwright.facts.stated_value import StatedValue
from deckwright.project.vocabulary import Vocabulary

_MOST_TRIED = 12  # sentences or rows of a page
_TITLE = 6  # words of a row's first cell that are in a phrase

Suggestion = tuple[str, str]  # an evidence line to paste, and what data or a page says there


def in_data(
    data: Datasets, name: str, words: Sequence[str], vocabulary: Vocabulary, limit: int
) -> tuple[Suggestion, ...]:
    """Return at most `limit` lines of a dataset that have all words in their path or text.

    Those with the words in their path come first, and short ones before long ones. Misleading
    ones come last, with the reason instead of what the data says.
    """
    wanted = [_plain(word) for word in words]
    out = []
    for path, value in data.leaves(name):
        in_path = _plain(f"{path} {name_parts(path)}")
        rest = [word for word in wanted if word not in in_path]
        if not re.search(r"[\s~]", path):
            why = vocabulary.misleads(f"{name}::{path}")
            for line, says in _lines(f"{name}::{path}", value, rest):
                shown = f"(misleading: {why})" if why else says
                out.append((bool(why), len(rest), len(says), line, shown))
    return tuple((line, shown) for *_, line, shown in sorted(out)[:limit])


def _plain(text: str) -> str:
    return text.casefold().replace(",", "")


def _lines(at: str, value: Value, words: Sequence[str]) -> Iterator[Suggestion]:
    """Yield the lines for a value with all words."""
    if isinstance(value, tuple):
        listed = ", ".join(value)
        yield from ((f"{at} has {one}", listed) for one in value if words and _has(one, words))
    elif isinstance(value, float) or " " not in value:
        says = value if isinstance(value, str) else f"{value:.12g}"
        if _has(says, words):
            yield at, says
    elif words:
        for one in passages_in(value):
            if _has(one.text, words):
                runs = _runs(one.text.split(), LONGEST_PHRASE)
                phrase = max(runs, key=lambda run: sum(word in _plain(run) for word in words))
                yield f"{at}~{phrase}", one.text


def _has(text: str, words: Sequence[str]) -> bool:
    text = _plain(text)
    return all(word in text for word in words)


def on_page(
    url: str, copy: PageCopy, card: Card, gap: int, value: StatedValue, limit: int
) -> tuple[Suggestion, ...]:
    """Return the sentences and rows that confirm a value and have most words of the card."""
    own = words_in(markdown.plain(card.prompt.blocks))
    line = Evidence(gap, PAGE, page_name(url), files.nowhere(url), files.nowhere(url))
    begin = f"{f'c{gap} ' if gap > 1 else ''}{PAGE}::{line.path}~"
    statements = (one for one in copy.passages if _holds(one, value))
    ranked = sorted(statements, key=lambda one: -len(own & words_in(one.text)))
    out = []
    for one in ranked[:_MOST_TRIED]:
        for phrase in _phrases(one):
            try:
                quote = quote_phrase(replace(line, phrase=phrase), copy.passages)
                confirmed = compare(line, quote, card, value)
            except EvidenceError:
                continue
            if confirmed == claims(value):
                out.append((f"{begin}{phrase}", quote.said))
                break
    return tuple(out[:limit])


def _holds(one: Passage, value: StatedValue) -> bool:
    """Return whether a text has a number of a value; if that has none, its words."""
    stated = [amount for each in value.occurrences for amount in stated_amounts(each)]
    if not stated:
        return any(words_in(each.text) <= words_in(one.text) for each in value.occurrences)
    said = amounts_in(one.text)
    return any(a[0] == b[0] or same_amount(a, b) for a in said for b in stated)


def _phrases(one: Passage) -> Iterator[str]:
    """Yield the runs of words that can be a phrase, of a row with words of its first cell."""
    first, *cells = (cell.split() for cell in one.cells)
    if not cells:
        yield from _runs(first, LONGEST_PHRASE)
    title = " ".join(first[:_TITLE])
    for words in cells:
        for run in _runs(words, LONGEST_PHRASE - _TITLE):
            yield f"{title} | {run}"


def _runs(words: Sequence[str], most: int) -> Iterator[str]:
    for start in range(max(1, len(words) - most + 1)):
        yield " ".join(words[start : start + most]).strip("\"'(),;:.")
