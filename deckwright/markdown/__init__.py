"""Markdown text to Blocks, and Blocks to HTML and plain text: the door of markdown-it-py, whose tokens never leave it.

`dialect` says what Markdown means here, `blocks` cuts a file up, `output` writes HTML. A file is parsed once; every
Block and Mark knows its Span in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deckwright.core.blocks import Block
from deckwright.markdown.blocks import parse
from deckwright.markdown.dialect import parser
from deckwright.markdown.html import (
    code_language,
    gap_answers,
    is_tight,
    line_html,
    opened,
    plain,
    quiet,
    table_cells,
    text_html,
    without_comments,
)

__all__ = [
    "code_language",
    "gap_answers",
    "html",
    "inline_html",
    "is_tight",
    "line_html",
    "opened_html",
    "parse",
    "plain",
    "table_cells",
    "text_html",
]


def html(blocks: Iterable[Block], address: Callable[[str], str]) -> str:
    """HTML of blocks, one line feed between them. `address` turns the address of a picture into its media name."""
    env = {"address": address}
    render = parser().renderer.render
    options = parser().options
    return quiet("".join(render(block.tokens, options, env) for block in blocks).strip("\n"))


def opened_html(blocks: Iterable[Block]) -> str:
    """What a reader sees of blocks when all gaps are open, as HTML to compare: it is the same whether an answer stands in a gap or not."""
    render, options = parser().renderer.render, parser().options
    return without_comments(
        "".join(render(opened(block.tokens), options, {"address": str}) for block in blocks)
    )


def inline_html(block: Block, address: Callable[[str], str]) -> str:
    """HTML of one paragraph's text, without the paragraph around it."""
    md = parser()
    text = md.renderer.renderInline(block.tokens[1].children, md.options, {"address": address})  # type: ignore[attr-defined]
    return quiet(text)
