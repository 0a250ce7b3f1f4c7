"""Pages of other people, in Markdown: their blocks, and the plain text of a block.

Cards have a dialect; these pages may have all of CommonMark, with tables and HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

HEADING, PARAGRAPH, ITEM, HEADER, ROW, CODE, RAW_HTML = (
    "heading", "paragraph", "item", "header", "row", "code", "html",
)  # fmt: skip

_TEXT = {"text", "code_inline", "text_special"}
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
_UNCLOSED = re.compile(r"\*{2,}|(?<!\S)\*(?=\w)")  # emphasis that CommonMark does not see


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A block of a page: `texts` has the cells of a row, the lines of code, or one text.

    `level` is that of a heading (1 to 6), or the depth of a list item (from 1); it is 0
    for other blocks. If `marked_up`, the texts are Markdown, which `plain_text` reads.
    """

    kind: str
    texts: tuple[str, ...]
    level: int = 0
    marked_up: bool = True


@cache
def _parser(*disabled: str) -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable("table").disable(disabled)


def page_blocks(text: str) -> Iterator[PageBlock]:
    """Yield the blocks of a page. Their texts stay Markdown: most are never read."""
    depth, level, in_head, in_row = 0, 0, False, False
    cells: list[str] = []
    for token in _parser("inline").parse(text):
        name = token.type
        if name in ("list_item_open", "list_item_close"):
            depth += token.nesting
        elif name in ("heading_open", "heading_close"):
            level = int(token.tag[1:]) if token.nesting == 1 else 0
        elif name in ("thead_open", "thead_close"):
            in_head = token.nesting == 1
        elif name == "tr_open":
            in_row, cells = True, []
        elif name == "tr_close":
            in_row = False
            yield PageBlock(HEADER if in_head else ROW, tuple(cells))
        elif name == "inline" and in_row:
            cells.append(token.content)
        elif block := _block(token, level, depth):
            yield block


def _block(token: Token, level: int, depth: int) -> PageBlock | None:
    """Return the block of a token with text, at a heading's level or a list's depth."""
    if token.type == "inline":
        kind = HEADING if level else ITEM if depth else PARAGRAPH
        return PageBlock(kind, (token.content,), level or depth)
    if token.type in ("fence", "code_block"):
        return PageBlock(CODE, tuple(token.content.splitlines()), 0, marked_up=False)
    if token.type == "html_block":
        return PageBlock(RAW_HTML, (token.content,), 0, marked_up=False)
    return None


def plain_text(source: str) -> str:
    """Return the text of a block's Markdown, with a line feed for each `<br>`."""
    out: list[str] = []
    for token in _parser().parseInline(source)[0].children or ():
        if token.type in _TEXT:
            out.append(token.content)
        elif token.type == "softbreak":
            out.append(" ")
        elif token.type == "hardbreak" or _BREAK.match(token.content):
            out.append("\n")
    return _UNCLOSED.sub("", "".join(out))
