"""Markdown text to Blocks, and Blocks to HTML and plain text.

The only folder that imports markdown-it-py; its tokens are not read anywhere else. A
file is parsed once, and every Block and Mark knows its Span in the file. `dialect`
defines the Markdown that is understood, with `inline_syntax` and `gaps`; `blocks` makes
the Blocks, `html` the HTML and plain text.
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
    link_open,
    plain,
    protect_field,
    table_cells,
    text_html,
    tokens_of,
    without_gaps,
    without_guards,
)

__all__ = [
    "code_language",
    "gap_answers",
    "html",
    "inline_html",
    "is_tight",
    "line_html",
    "link_open",
    "opened_html",
    "parse",
    "plain",
    "table_cells",
    "text_html",
]


def html(blocks: Iterable[Block], address: Callable[[str], str]) -> str:
    """Return the HTML of blocks, with one line feed between them.

    `address` returns the media name for the address of a picture.
    """
    env = {"address": address}
    render = parser().renderer.render
    options = parser().options
    text = "".join(render(tokens_of(block), options, env) for block in blocks)
    return protect_field(text.strip("\n"))


def opened_html(blocks: Iterable[Block]) -> str:
    """Return the HTML of blocks with all gaps open, to compare what a reader sees.

    It is the same whether an answer is in a gap or not.
    """
    opened = (block._replace(tokens=without_gaps(tokens_of(block))) for block in blocks)
    return without_guards(html(opened, str))


def inline_html(block: Block, address: Callable[[str], str]) -> str:
    """Return the HTML of a paragraph's text, without the `<p>` around it."""
    md = parser()
    children, env = tokens_of(block)[1].children, {"address": address}
    return protect_field(md.renderer.renderInline(children, md.options, env))  # type: ignore[attr-defined]
