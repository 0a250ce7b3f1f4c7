"""The text of a page that a card cites: its sentences, list items and table rows.

Pages are Markdown, as AWS serves them, or HTML. What is not the page's own text is left
out: front matter, link targets, lists of links, and the footer about AI coding assistants
that AWS has put under nearly every page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from deckwright.core import terms
from deckwright.facts.page_html import html_blocks
from deckwright.markdown.page import (
    CODE,
    HEADER,
    HEADING,
    ITEM,
    RAW_HTML,
    ROW,
    PageBlock,
    page_blocks,
    plain_text,
)

_LONGEST_ROW = 400  # characters; the deck quotes, it does not copy
_LETTERS = re.compile(r"[a-z]{3,}")

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_HTML_TABLE = re.compile(r"(<table\b.*?</table[^>]*>)", re.DOTALL | re.IGNORECASE)
_FOOTER = re.compile(r"\s*\**skills for ai coding assistants\b", re.IGNORECASE)
_ONLY_A_LINK = re.compile(r"\s*\[[^\[\]]*\]\([^()\s]*\)\s*")
_ADMONITION = re.compile(r"\s*\*\*(?:note|important|tip|warning|caution)\*\*:?\s*\n", re.IGNORECASE)
_REPLACEABLE = re.compile(r"\{\{(.*?)\}\}")
_SIGNS = str.maketrans(
    {"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2018": "'", "\u2019": "'", "\u201c": '"',
     "\u201d": '"', "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-",
     "\u2015": "-", "\u2212": "-", "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "",
     "\u00ad": "", "`": ""}
)  # fmt: skip
_EMPHASIS = re.compile(r"\*{2,}|(?<!\S)\*(?=\w)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SENTENCE_END = re.compile(r"[.!?][\"')]?\s+(?=[\"'(\[]?[A-Z0-9<])")
_LONGEST_ABBREVIATION = 10  # characters, with one in front of it
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|no|inc|approx|u\.s|st|al|fig)\.$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, list item, table row, or line of code: what a phrase can be a part of.

    `cells` are a row's cells, otherwise the one text. `header` is the header row of the
    table in one line.
    """

    cells: tuple[str, ...]
    header: str = ""

    @property
    def text(self) -> str:
        """The text in one line, its cells separated by ` | `."""
        return " | ".join(self.cells)


@dataclass(frozen=True, slots=True)
class Quote:
    """A phrase where it is on a page, in the page's words.

    `before` are the words in front of its last part, `after` those behind it; `said` is the
    whole sentence or row, of a very long row only the first cell and the quoted ones.
    """

    unit: Unit
    text: str
    before: str
    after: str
    said: str


@dataclass(frozen=True)
class PageText:
    """The text of a page; `is_html` if it is HTML, otherwise it is Markdown."""

    source: str
    is_html: bool = False

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All units of the page, in order."""
        return tuple(unit for entry in self._entries for unit in _units(*entry))

    @cached_property
    def digest(self) -> str:
        """A hash of the text, which does not change with links, markup or line breaks."""
        text = "\n".join(folded(unit.text) for unit in self.units)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def quotes(self, phrase: str) -> Iterator[Quote]:
        """Yield every place of the page where a phrase is.

        In a table, ` | ` separates words of the first cell from words of later cells.
        """
        parts = [normal(part).strip() for part in phrase.split("|")]
        if not all(parts):
            return
        patterns = [pattern_of(part) for part in parts]
        words = _LETTERS.findall(folded(phrase))
        for block, header in self._entries:
            raw = "\n".join(block.texts).casefold()
            if all(word in raw for word in words):  # reading a block in full takes longer
                for unit in _units(block, header):
                    yield from _quotes_in(unit, patterns)

    def nearest(self, text: str) -> str:
        """Return the unit that has most words of a text, empty if none has half of them."""
        wanted = words_in(text)
        best, most = "", len(wanted) / 2
        for unit in self.units:
            shared = len(wanted & words_in(unit.text))
            if shared > most or (shared == most and shared and not best):
                best, most = unit.text, shared
        return best

    @cached_property
    def _entries(self) -> tuple[tuple[PageBlock, str], ...]:
        """The blocks that have units, each with the header row of its table."""
        out = []
        header = ""
        for block in _blocks(self.source, self.is_html):
            if block.kind == HEADER:
                header = " | ".join(block.texts)
            elif block.kind != HEADING:
                header = header if block.kind == ROW else ""
                out.append((block, header))
        return tuple(out)


def _quotes_in(unit: Unit, patterns: list[re.Pattern[str]]) -> Iterator[Quote]:
    if len(unit.cells) == len(patterns) == 1:
        line = normal(unit.text)
        for match in patterns[0].finditer(line):
            yield Quote(unit, match[0], line[: match.start()], line[match.end() :], unit.text)
        return
    found: list[tuple[int, str, re.Match[str]]] = []
    for pattern in patterns:
        columns = range(found[-1][0] + 1, len(unit.cells)) if found else range(1)
        lines = ((column, normal(unit.cells[column])) for column in columns)
        hits = ((column, line, pattern.search(line)) for column, line in lines)
        hit = next(((column, line, match) for column, line, match in hits if match), None)
        if hit is None:
            return
        found.append(hit)
    _, line, match = found[-1]
    quoted = [unit.cells[0], *(unit.cells[column] for column, _, _ in found[1:])]
    said = unit.text if len(unit.text) <= _LONGEST_ROW else " | ".join(quoted)
    text = " | ".join(match[0] for _, _, match in found)
    yield Quote(unit, text, line[: match.start()], line[match.end() :], said)


def pattern_of(part: str) -> re.Pattern[str]:
    """Return what finds words in any case, but no part of a word, name or number."""
    before = r"(?<!\w)(?<!\w[.:/_,])(?<![A-Za-z]-)" if part[0].isalnum() else ""
    after = r"(?!\w)(?![-.:/_,]\w)" if part[-1].isalnum() else ""
    return re.compile(before + re.escape(part) + after, re.IGNORECASE)


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text without its numbers, which may be what has changed."""
    items = terms.merge_synonyms(terms.items(terms.tokens(text)))
    return items - terms.numbers(items)


def normal(text: str) -> str:
    """Return a text with one kind of space, quote and dash, and without markup.

    Numbers have no commas between thousands.
    """
    text = _EMPHASIS.sub("", text.translate(_SIGNS))
    return _THOUSANDS.sub("", " ".join(text.split()))


def folded(text: str) -> str:
    """Return a text as phrases are compared: `normal` and in lowercase."""
    return normal(text).casefold()


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text."""
    start = 0
    for found in _SENTENCE_END.finditer(text):
        near = text[max(start, found.start() - _LONGEST_ABBREVIATION) : found.start() + 1]
        if not _ABBREVIATION.search(near):
            yield text[start : found.end()].strip()
            start = found.end()
    if rest := text[start:].strip():
        yield rest


def _blocks(source: str, is_html: bool) -> Iterator[PageBlock]:
    """Yield the blocks of a page, HTML in Markdown as blocks like the others."""
    if is_html:
        yield from html_blocks(source)
        return
    text = _FRONT_MATTER.sub("", source.replace("\r\n", "\n"))
    end = text.lower().rfind("</table") + 1  # a table without an end would be looked for in vain
    end = text.find(">", end) + 1 if end else 0
    pieces = _HTML_TABLE.split(text[:end])  # Markdown and tables in turn
    pieces[-1] += text[end:]
    for number, piece in enumerate(pieces):
        for block in html_blocks(piece) if number % 2 else page_blocks(piece):
            if block.kind == RAW_HTML:
                yield from html_blocks(block.texts[0])
            elif not _is_furniture(block):
                yield block


def _is_furniture(block: PageBlock) -> bool:
    """Return whether a block is none of the page's own text."""
    text = block.texts[0] if block.texts else ""
    return bool(_FOOTER.match(text)) or (block.kind == ITEM and bool(_ONLY_A_LINK.fullmatch(text)))


def _units(block: PageBlock, header: str) -> Iterator[Unit]:
    texts = [_clean(text, block.marked_up) for text in block.texts]
    if block.kind == ROW:
        yield Unit(tuple(text.replace("\n", " / ") for text in texts), _clean(header, True))
    elif block.kind == CODE:
        yield from (Unit((text,)) for text in texts if text)
    else:
        lines = (line for text in texts for line in text.split("\n"))
        yield from (Unit((sentence,)) for line in lines for sentence in sentences(line))


def _clean(text: str, marked_up: bool) -> str:
    """Return a text without markup, each of its lines with single spaces."""
    if marked_up:
        text = plain_text(_ADMONITION.sub("", text))
    lines = (" ".join(line.split()) for line in _REPLACEABLE.sub(r"\1", text).split("\n"))
    return "\n".join(line for line in lines if line)
