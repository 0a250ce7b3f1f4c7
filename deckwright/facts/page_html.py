"""Pages in HTML, and the HTML inside Markdown: their blocks, as `markdown.page` has them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from deckwright.markdown.page import CODE, HEADER, PARAGRAPH, ROW, PageBlock

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
_MOST_ROWS = 100  # that one cell may cover
_CARRIED = 500  # characters of a cell that covers several rows
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NO_TAG = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_SPACE = re.compile(r"\s+")


def html_blocks(text: str) -> tuple[PageBlock, ...]:
    """Return the blocks of HTML, their texts plain, with a line feed for each `<br>`."""
    reader = _Reader()
    reader.feed(_closed(text))
    reader.close()
    reader.end_row()
    reader.end_block()
    return tuple(reader.blocks)


def _closed(text: str) -> str:
    """Return HTML without comments, and with `&lt;` for each `<` that begins no whole tag.

    The parser of the standard library looks for the end of each tag up to the end of the
    text, which takes it minutes if there are many without an end.
    """
    end = text.rfind("-->") + len("-->") if "-->" in text else 0
    return _NO_TAG.sub("&lt;", _COMMENT.sub(" ", text[:end]) + text[end:])


class _Reader(HTMLParser):
    """Collects text into blocks; a first cell that covers several rows is in each of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[PageBlock] = []
        self._text: list[str] = []
        self._skipping = 0
        self._code = False
        self._row: list[str] | None = None
        self._is_header = True  # as long as all cells of the row are <th>
        self._rows = 1  # that the cell covers
        self._first = ("", 0)  # a first cell, and how many more rows it covers

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in ("td", "th"):
            self._start_cell(tag, dict(attrs).get("rowspan") or "")
        elif tag in _ROWS:
            self.end_row()
            self._first = self._first if tag == "tr" else ("", 0)
        elif tag in _BLOCKS:
            self._break(tag)
            self._code = tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in _ROWS:
            self.end_row()
        elif tag in _BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._text.append(data if self._code else _SPACE.sub(" ", data))

    def _break(self, tag: str) -> None:
        if tag == "br" or self._row is not None:
            self._text.append("\n")
        else:
            self.end_block()

    def end_block(self) -> None:
        """End a text outside of tables."""
        text, self._text = "".join(self._text), []
        if self._code:
            self.blocks.append(PageBlock(CODE, tuple(text.splitlines()), 0, marked_up=False))
        elif text.strip():
            self.blocks.append(PageBlock(PARAGRAPH, (text,), 0, marked_up=False))
        self._code = False

    def _start_cell(self, tag: str, rowspan: str) -> None:
        if self._row is None:
            self.end_block()
            text, rows = self._first
            self._row, self._is_header = [text] if rows else [], True
            self._first = (text, max(0, rows - 1))
        else:
            self._end_cell()
        self._is_header = self._is_header and tag == "th"
        self._rows = min(int(rowspan), _MOST_ROWS) if re.fullmatch("[0-9]{1,4}", rowspan) else 1

    def _end_cell(self) -> None:
        assert self._row is not None
        text, self._text = "".join(self._text), []
        if not self._row:
            self._first = (text[:_CARRIED], self._rows - 1)
        self._row.append(text)

    def end_row(self) -> None:
        """End a row, if the text is in one."""
        if self._row is None:
            return
        self._end_cell()
        kind = HEADER if self._is_header else ROW
        if any(text.strip() for text in self._row):
            self.blocks.append(PageBlock(kind, tuple(self._row), 0, marked_up=False))
        self._row = None
