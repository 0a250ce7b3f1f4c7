"""Pages in HTML, and the HTML inside Markdown: their blocks, as `markdown.page` has them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from deckwright.markdown.page import CODE, HEADER, HEADING, ITEM, PARAGRAPH, ROW, PageBlock

# What is on every page of a site, or is no text.
_SKIPPED = frozenset(
    {"script", "style", "title", "nav", "footer", "noscript", "template", "svg", "aside"}
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_ENDS = frozenset(
    {"p", "div", "section", "article", "main", "body", "blockquote", "dl", "dt", "table", "tbody",
     "thead", "ul", "ol", "figure", "details", "summary", "header", "form", "hr"}
)  # fmt: skip
_ITEMS = frozenset({"li", "dd"})
_LARGEST_SPAN = 100  # rows or columns that one cell may cover
_MOST_REPEATED = 100_000  # cells of a page that are there because another covers them
_CARRIED = 500  # characters of a cell that further rows and columns repeat
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NO_TAG = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_SPACE = re.compile(r"\s+")


def html_blocks(text: str) -> tuple[PageBlock, ...]:
    """Return the blocks of HTML, their texts plain, with a line feed for each `<br>`."""
    reader = _Reader()
    reader.feed(_closed(text))
    reader.close()
    reader.finish()
    return tuple(reader.blocks)


def _closed(text: str) -> str:
    """Return HTML without comments, and with `&lt;` for each `<` that begins no whole tag.

    The parser of the standard library looks for the end of each tag up to the end of the
    text, which takes it minutes if there are many without an end.
    """
    end = text.rfind("-->") + len("-->") if "-->" in text else 0
    return _NO_TAG.sub("&lt;", _COMMENT.sub(" ", text[:end]) + text[end:])


class _Reader(HTMLParser):
    """Collects text into blocks; a cell that covers several rows is in each of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[PageBlock] = []
        self._text: list[str] = []
        self._heading = 0
        self._depth = 0
        self._skipping = 0
        self._code = False
        self._row: list[str] | None = None
        self._heads = 0  # cells of the row that are <th>
        self._in_head = False
        self._span = (0, 0)  # rows and columns of the cell that is being read
        self._repeated = 0
        self._above: dict[int, tuple[int, str]] = {}  # by column: rows to come, and the text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag == "br":
            self._text.append("\n")
        elif tag in ("td", "th"):
            self._end_cell()
            self._row = [] if self._row is None else self._row
            self._text = []
            self._heads += tag == "th"
            given = dict(attrs)
            self._span = (_span(given.get("rowspan")), _span(given.get("colspan")))
        elif self._row is not None:
            self._text.append("\n" if tag in _ENDS | _ITEMS else "")
            self._end_row(tag == "tr")
        else:
            self._start_block(tag)

    def _start_block(self, tag: str) -> None:
        if tag not in _HEADINGS and tag not in _ENDS | _ITEMS | {"pre", "tr"}:
            return
        self._end_block()
        self._heading = _HEADINGS.get(tag, 0)
        self._depth += tag in _ITEMS
        self._code = tag == "pre"
        if tag == "tr":
            self._row, self._heads = [], 0
        elif tag == "table":
            self._above = {}
        self._in_head = tag == "thead" or (self._in_head and tag not in ("tbody", "table"))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table", "thead", "tbody"):
            self._end_row(True)
            self._in_head = False if tag in ("thead", "table") else self._in_head
        elif self._row is not None:
            self._text.append("\n" if tag in _ENDS | _ITEMS else "")
        elif tag in _HEADINGS or tag in _ENDS | _ITEMS | {"pre"}:
            self._end_block()
            self._depth = max(0, self._depth - (tag in _ITEMS))

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._text.append(data if self._code else _SPACE.sub(" ", data))

    def finish(self) -> None:
        """End what the text leaves open."""
        self._end_row(True)
        self._end_block()

    def _end_block(self) -> None:
        text, self._text = "".join(self._text), []
        kind = HEADING if self._heading else ITEM if self._depth else PARAGRAPH
        if self._code:
            self.blocks.append(PageBlock(CODE, tuple(text.splitlines()), 0, marked_up=False))
        elif text.strip():
            level = self._heading or self._depth
            self.blocks.append(PageBlock(kind, (text,), level, marked_up=False))
        self._heading, self._code = 0, False

    def _end_cell(self) -> None:
        if self._row is None or self._span == (0, 0):
            return
        self._cells_from_above()
        text, self._text = "".join(self._text), []
        rows, columns = self._span
        self._repeated += rows * columns - 1
        if self._repeated > _MOST_REPEATED:
            rows = columns = 1
        for column in range(columns):
            if rows > 1:
                self._above[len(self._row)] = (rows - 1, text[:_CARRIED])
            self._row.append(text[:_CARRIED] if column else text)
        self._span = (0, 0)

    def _cells_from_above(self) -> None:
        """Add the cells of earlier rows that reach down to this place."""
        assert self._row is not None
        while rows := self._above.get(len(self._row), (0, ""))[0]:
            text = self._above[len(self._row)][1]
            self._above[len(self._row)] = (rows - 1, text)
            self._row.append(text)

    def _end_row(self, ends: bool) -> None:
        if self._row is None or not ends:
            return
        self._end_cell()
        self._cells_from_above()
        kind = HEADER if self._in_head or self._heads == len(self._row) else ROW
        if any(text.strip() for text in self._row):
            self.blocks.append(PageBlock(kind, tuple(self._row), 0, marked_up=False))
        self._row, self._heads, self._text = None, 0, []


def _span(given: str | None) -> int:
    number = int(given[:9]) if given and given.isdecimal() else 0
    return min(number, _LARGEST_SPAN) or 1
