"""HTML of other people: its paragraphs, list items, lines of code, and table rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

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
_REPLACEABLE = re.compile(r"\{\{(.*?)\}\}")
_EMPHASIS = re.compile(r"\*{2,}|(?<!\S)\*(?=\w)")  # that CommonMark does not see


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, list item, line of code, or table row.

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
    reader.end_block()
    return tuple(reader.passages)


class _Reader(HTMLParser):
    """Collects passages; a first cell that covers several rows is in each of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.passages: list[Passage] = []
        self._text: list[str] = []
        self._skipping = 0
        self._code = False
        self._header = ""
        self._row: list[str] | None = None
        self._is_header = True  # as long as all cells of the row are <th>
        self._first = ("", 0)  # a first cell, and how many more rows it covers

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in ("td", "th"):
            self._start_cell(tag, dict(attrs).get("rowspan") or "")
        elif tag in _ROWS:
            self.end_row()
            if tag == "table":
                self._header = ""
            if tag != "tr":
                self._first = ("", 0)
        else:
            self._break(tag)
            self._code = self._code or tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in _ROWS:
            self.end_row()
        else:
            self._break(tag)
            self._code = self._code and tag != "pre"

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._text.append(data if self._code else re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag == "br" or (tag in _BLOCKS and self._row is not None):
            self._text.append("\n")
        elif tag in _BLOCKS:
            self.end_block()

    def _lines(self) -> list[str]:
        """Take the lines of the text that has come, without markup, with single spaces."""
        text, self._text = "".join(self._text).translate(_INVISIBLE), []
        text = _EMPHASIS.sub("", _REPLACEABLE.sub(r"\1", text))
        return [line for line in (" ".join(line.split()) for line in text.split("\n")) if line]

    def end_block(self) -> None:
        """End a text outside of tables."""
        self.passages += [Passage((line,)) for line in self._lines()]

    def _start_cell(self, tag: str, rowspan: str) -> None:
        if self._row is None:
            self.end_block()
            text, rows = self._first
            self._row, self._is_header = [text] if rows else [], True
            self._first = (text, max(0, rows - 1))
            if not rows and re.fullmatch("[0-9]{1,2}", rowspan):
                self._first = ("", int(rowspan) - 1)
        else:
            self._end_cell()
        self._is_header = self._is_header and tag == "th"

    def _end_cell(self) -> None:
        assert self._row is not None
        text = " / ".join(self._lines())
        if not self._row and self._first[1]:
            self._first = (text[:_CARRIED], self._first[1])
        self._row.append(text)

    def end_row(self) -> None:
        """End a row, if the text is in one."""
        if self._row is None:
            return
        self._end_cell()
        row, self._row = Passage(tuple(self._row), self._header), None
        if self._is_header:
            self._header = row.text
        elif any(row.cells):
            self.passages.append(row)
