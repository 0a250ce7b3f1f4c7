"""The text that evidence quotes: of a page in Markdown or HTML, or of published data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from deckwright.core import terms
from deckwright.facts.compare import Quote
from deckwright.facts.page_html import Passage, passages_in
from deckwright.markdown.page import page_html

_LONGEST_ROW = 400  # characters; the deck quotes, it does not copy
_HTML_START = re.compile(r"\s*<(?:!doctype|html|\?xml)\b", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_ALIKE = ("'\u2018\u2019", '"\u201c\u201d', "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SENTENCE_END = re.compile(
    r"(?i:(?<!\b(?:e\.g|i\.e|u\.s|etc|inc|fig))(?<!\b(?:vs|no|st|al))(?<!\bapprox))"
    r"[.!?][\"')]?\s+(?=[\"'(\[]?[A-Z0-9<])"
)


@dataclass(frozen=True)
class QuotableText:
    """The passages of a page, or of a text in published data."""

    passages: tuple[Passage, ...]

    def quotes(self, phrase: str) -> Iterator[Quote]:
        """Yield every place where a phrase is.

        In a table, ` | ` separates words of the first cell from words of later cells.
        """
        whole, parts = _pattern(phrase), [_pattern(part) for part in phrase.split("|")]
        for passage in self.passages:
            if len(passage.cells) > 1:
                yield from _quotes_in_row(passage, parts)
                continue
            text = passage.text
            for match in whole.finditer(text):
                said = _sentences_around(text, *match.span())
                before, after = text[: match.start()], text[match.end() :]
                yield Quote(match[0], said, before, after, context=said)

    @cached_property
    def statements(self) -> tuple[Passage, ...]:
        """The rows, and the single sentences of all other passages."""
        out: list[Passage] = []
        for passage in self.passages:
            if len(passage.cells) > 1:
                out.append(passage)
            else:
                out += [Passage((sentence,)) for sentence in sentences(passage.text)]
        return tuple(out)

    def nearest(self, phrase: str) -> str:
        """Return the sentence or row that has most words of a phrase, or nothing."""
        wanted = words_in(phrase)
        shared = {one.text: len(wanted & words_in(one.text)) for one in self.statements}
        best = max(shared, key=lambda text: shared[text], default="")
        return best if best and shared[best] > len(wanted) / 2 else ""


def read_page(text: str) -> QuotableText:
    """Return the text of a page in Markdown or HTML, without front matter."""
    text = _FRONT_MATTER.sub("", text)
    return QuotableText(passages_in(text if is_html(text) else page_html(text)))


def is_html(text: str) -> bool:
    """Return whether a page is HTML; otherwise it is Markdown."""
    return _HTML_START.match(text) is not None


def _pattern(phrase: str) -> re.Pattern[str]:
    """Return what finds words in any case, but no part of a word, name or number.

    Kinds of quotes and dashes, and commas between thousands do not matter.
    """
    phrase = _THOUSANDS.sub("", phrase.strip())
    if not phrase:
        return re.compile(r"(?!)")  # nothing
    before = r"(?<!\w)(?<!\w[.:/_,])(?<![A-Za-z]-)" if phrase[0].isalnum() else ""
    after = r"(?!\w)(?![-.:/_,]\w)" if phrase[-1].isalnum() else ""
    signs = (next((f"[{same}]" for same in _ALIKE if c in same), re.escape(c)) for c in phrase)
    words = re.sub(r"(?<=\d)(?=\d)", ",?", "".join(signs))
    return re.compile(before + words + after, re.IGNORECASE)


def _quotes_in_row(row: Passage, parts: list[re.Pattern[str]]) -> Iterator[Quote]:
    """Yield the quote of a row that has the parts in its first and then in later cells."""
    cells = iter(row.cells)
    quoted: list[tuple[str, re.Match[str]]] = []
    for number, part in enumerate(parts):
        for cell in cells:
            if match := part.search(cell):
                quoted.append((cell, match))
            if match or not number:
                break
    if len(quoted) == len(parts):
        cell, match = quoted[-1]
        said = row.text
        if len(said) > _LONGEST_ROW:
            said = " | ".join(cell for cell, _ in quoted)
        text = " | ".join(match[0] for _, match in quoted)
        context = f"{row.text} {row.header}"
        yield Quote(text, said, cell[: match.start()], cell[match.end() :], context)


def _sentences_around(text: str, start: int, end: int) -> str:
    """Return the sentences of a text that the characters from `start` to `end` are in."""
    ends = _sentence_ends(text)
    begin = max(place for place in ends if place <= start)
    return text[begin : min(place for place in ends if place >= end)].strip()


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    parts = (text[start:end].strip() for start, end in pairwise(_sentence_ends(text)))
    return [sentence for sentence in parts if sentence]


def _sentence_ends(text: str) -> list[int]:
    return [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text without its numbers, which may be what has changed."""
    items = terms.merge_synonyms(terms.items(terms.tokens(text)))
    return items - terms.numbers(items)
