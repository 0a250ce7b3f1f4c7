"""HTML of other people: its sentences, lines of code, and table rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise

# What is on every page of a site, or is no text that a card could quote.
_SKIPPED = frozenset(
    {"script", "style", "title", "nav", "footer", "noscript", "template", "svg", "aside",
     "h1", "h2", "h3", "h4", "h5", "h6"}
)  # fmt: skip
_BLOCKS = frozenset(
    {"p", "div", "section", "article", "main", "body", "blockquote", "dl", "dt", "dd", "li", "ul",
     "ol", "figure", "details", "summary", "header", "form", "hr", "pre", "br"}
)  # fmt: skip
_ROWS = frozenset({"tr", "table", "thead", "tbody"})
_CARRIED = 500  # characters of a cell that covers several rows
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NO_TAG = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u00ad"))
_SENTENCE_END = re.compile(
    r"(?i:(?<!\b(?:e\.g|i\.e|u\.s|etc|inc|fig))(?<!\b(?:vs|no|st|al))(?<!\bapprox))"
    r"[.!?][\"')]?\s+(?=[\"'(\[]?[A-Z0-9<])"
)
_REPLACEABLE = re.compile(r"\{\{(.*?)\}\}")
_EMPHASIS = re.compile(r"\*{2,}|(?<!\S)\*(?=\w)")  # that CommonMark does not see


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, a line of code, or a table row.

    `cells` are a row's cells, otherwise the one text. `header` is the header row of the
    table in one line.
    """

    cells: tuple[str, ...]
    header: str = ""

    @property
    def text(self) -> str:
        """The text in one line, its cells separated by ` | `."""
        return " | ".join(self.cells)


def passages_in(html: str) -> tuple[Passage, ...]:
    """Return the passages of HTML in order. A `<br>` ends one, except in tables."""
    # Without an end, comments and tags take the parser of older Pythons minutes.
    end = html.rfind("-->") + len("-->")
    reader = _Reader()
    reader.feed(_NO_TAG.sub("&lt;", _COMMENT.sub(" ", html[:end]) + html[end:]))
    reader.close()
    reader.end_row()
    return tuple(reader.passages)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    parts = (text[start:end].strip() for start, end in pairwise([0, *ends, len(text)]))
    return [sentence for sentence in parts if sentence]


class _Reader(HTMLParser):
    """Collects passages; a first cell that covers several rows is in each of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.passages: list[Passage] = []
        self._text: list[str] = []
        self._skipping = 0
        self._in_code = False
        self._header = ""
        self._row: list[str] = []
        self._cells: list[str] = []  # the tags of the row's cells
        self._first = ""  # the first cell of the row above, which covers some more rows
        self._covered = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in ("td", "th"):
            self._start_cell(tag, dict(attrs).get("rowspan") or "")
        elif tag == "table":
            self._header, self._covered = "", 0
        elif tag == "pre":
            self._in_code = True

    def handle_endtag(self, tag: str) -> None:
        self._break(tag)
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag == "pre":
            self._in_code = False

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._text.append(data if self._in_code else re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag in _ROWS:
            self.end_row()
        elif tag == "br" or (tag in _BLOCKS and self._cells):
            self._text.append("\n")
        elif tag in _BLOCKS:
            self._end_text()

    def _end_text(self) -> None:
        """Take the text since the last end as a cell, or as passages outside of tables."""
        text, self._text = "".join(self._text).translate(_INVISIBLE), []
        text = _EMPHASIS.sub("", _REPLACEABLE.sub(r"\1", text))
        lines = [line for line in (" ".join(line.split()) for line in text.split("\n")) if line]
        if self._cells:
            self._row.append(" / ".join(lines))
        else:
            self.passages += [Passage((one,)) for line in lines for one in sentences(line)]

    def _start_cell(self, tag: str, rowspan: str) -> None:
        self._end_text()
        if not self._cells and self._covered:
            self._row = [self._first]
            self._covered -= 1
        elif not self._cells and re.fullmatch("[1-9][0-9]?", rowspan):
            self._covered = int(rowspan) - 1
        self._cells.append(tag)

    def end_row(self) -> None:
        """End a row or the text outside of tables."""
        self._end_text()
        row = Passage(tuple(self._row), self._header)
        if self._cells and all(tag == "th" for tag in self._cells):
            self._header = row.text
        elif any(row.cells):
            self.passages.append(row)
        self._first = row.cells[0][:_CARRIED] if row.cells else self._first
        self._row, self._cells = [], []
