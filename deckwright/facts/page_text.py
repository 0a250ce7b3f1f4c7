"""The text of a page that a card cites: its sentences, list items and table rows.

Pages are Markdown, as AWS serves them, or HTML. What is not the page's own text is left
out: front matter, link targets, lists of links, and the footer about AI coding assistants
that AWS has put under nearly every page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from deckwright.facts.page_html import html_blocks
from deckwright.markdown.page import (
    CODE,
    HEADER,
    HEADING,
    ITEM,
    PARAGRAPH,
    RAW_HTML,
    ROW,
    PageBlock,
    page_blocks,
    plain_text,
)

_ANY = frozenset({CODE, ITEM, PARAGRAPH, ROW})
SENTENCE, LINE = "sentence", "line"  # kinds of units, besides ITEM and ROW

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_HTML_TABLE = re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\ue000(\d+)\ue001")  # for an HTML table, in a separate paragraph
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
    """A sentence, list item, table row or line of code.

    `cells` are a row's cells, otherwise the one text; a line feed separates the lines of
    a cell. `header` are the cells of the table's header row. `context` are the headings
    above, then the paragraph or the items that lead to a list item or table. `place` is
    the number of the block on the page.
    """

    kind: str
    cells: tuple[str, ...]
    header: tuple[str, ...]
    context: tuple[str, ...]
    place: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The text in one line, its cells separated by ` | `."""
        return " | ".join(" / ".join(cell.split("\n")) for cell in self.cells)

    @property
    def digest(self) -> str:
        """A hash of the text with what gives it its meaning: headings and header row."""
        return _digest([*self.context, *self.header, *self.cells])


_Text = tuple[str, bool]  # a text, and whether it is Markdown


@dataclass(frozen=True, slots=True)
class _Placed:
    number: int
    block: PageBlock
    header: tuple[_Text, ...]
    context: tuple[_Text, ...]


@dataclass(frozen=True)
class PageText:
    """The text of a page; `is_html` if it is HTML, otherwise it is Markdown."""

    source: str
    is_html: bool = False

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All units of the page, in order."""
        return tuple(unit for placed in self._placed for unit in _units(placed))

    @cached_property
    def digest(self) -> str:
        """A hash of the text, which does not change with links, markup or line breaks."""
        return _digest(folded(unit.text) for unit in self.units)

    def units_with(self, words: Iterable[str], kinds: frozenset[str] = _ANY) -> Iterator[Unit]:
        """Yield the units of all blocks that contain each of some words or numbers.

        These are in lowercase and without commas. `kinds` limits the blocks to
        some kinds. Only the blocks that are found are read in full.
        """
        wanted = tuple(words)
        for placed, raw in self._searchable:
            if placed.block.kind in kinds and all(word in raw for word in wanted):
                yield from _units(placed)

    def section_of(self, unit: Unit) -> Iterator[Unit]:
        """Yield the units of blocks of the same kind that are below the same headings."""
        home = next((p for p in self._placed if p.number == unit.place), None)
        for placed in self._placed:
            if home and placed.context == home.context and placed.block.kind == home.block.kind:
                yield from _units(placed)

    @cached_property
    def _placed(self) -> tuple[_Placed, ...]:
        return tuple(_place(_blocks(self.source, self.is_html)))

    @cached_property
    def _searchable(self) -> tuple[tuple[_Placed, str], ...]:
        """The blocks, each with its text in lowercase and without commas, which is fast."""
        found = ((p, "\n".join(p.block.texts)) for p in self._placed)
        return tuple((p, text.casefold().replace(",", "")) for p, text in found)


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
    tables: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        tables.append(found[0])
        return f"\n\n\ue000{len(tables) - 1}\ue001\n\n"

    text = _FRONT_MATTER.sub("", source.replace("\r\n", "\n"))
    end = text.lower().rfind("</table") + 1  # a table without an end would be looked for in vain
    end = text.find(">", end) + 1 if end else 0
    text = _HTML_TABLE.sub(set_aside, text[:end]) + text[end:]
    for block in page_blocks(text):
        if found := _PLACEHOLDER.search(block.texts[0] if block.texts else ""):
            if int(found[1]) < len(tables):
                yield from html_blocks(tables[int(found[1])])
        elif block.kind == RAW_HTML:
            yield from html_blocks(block.texts[0])
        elif not _is_furniture(block):
            yield block


def _is_furniture(block: PageBlock) -> bool:
    """Return whether a block is none of the page's own text."""
    text = block.texts[0] if block.texts else ""
    return bool(_FOOTER.match(text)) or (block.kind == ITEM and bool(_ONLY_A_LINK.fullmatch(text)))


def _place(blocks: Iterable[PageBlock]) -> Iterator[_Placed]:
    """Yield the blocks that have units, each with its header row and context."""
    headings: list[_Text] = []
    header: tuple[_Text, ...] = ()
    lead: list[_Text] = []  # the paragraph in front of a list or table
    items: list[_Text] = []  # the items around a place in a list
    for number, block in enumerate(blocks):
        texts = tuple((text, block.marked_up) for text in block.texts)
        if block.kind == HEADING:
            level = block.level - 1
            headings = [*headings[:level], *[("", False)] * (level - len(headings)), *texts]
            lead, items, header = [], [], ()
            continue
        if block.kind == HEADER:
            header = texts
            continue
        context = list(headings)
        if block.kind == ITEM:
            items = [*items[: block.level - 1], *texts]
            context += [*lead, *items[:-1]]
        elif block.kind == ROW:
            context += lead
        else:
            items = []
        if block.kind == PARAGRAPH:
            lead = list(texts)
        header = header if block.kind == ROW else ()
        yield _Placed(number, block, header, tuple(context))


def _units(placed: _Placed) -> Iterator[Unit]:
    kind, number = placed.block.kind, placed.number
    if kind == CODE:
        texts = [" ".join(text.split()) for text in placed.block.texts]
    else:
        texts = [_clean((text, placed.block.marked_up)) for text in placed.block.texts]
    cleaned = (_clean(text).replace("\n", " ") for text in placed.context)
    context = tuple(text for text in cleaned if text)
    if kind == ROW:
        header = tuple(_clean(text) for text in placed.header)
        yield Unit(ROW, tuple(texts), header, context, number)
    elif kind == CODE:
        yield from (Unit(LINE, (text,), (), context, number) for text in texts if text)
    else:
        for line in texts[0].split("\n"):
            for one in sentences(line):
                yield Unit(ITEM if kind == ITEM else SENTENCE, (one,), (), context, number)


def _clean(given: _Text) -> str:
    """Return a text without markup, each of its lines with single spaces."""
    text, marked_up = given
    if marked_up:
        text = plain_text(_ADMONITION.sub("", text))
    lines = (" ".join(line.split()) for line in _REPLACEABLE.sub(r"\1", text).split("\n"))
    return "\n".join(line for line in lines if line)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
