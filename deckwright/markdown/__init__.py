"""Markdown text to Blocks, which have HTML and plain text.

The only folder that imports markdown-it-py; its tokens are not read anywhere else. A
file is parsed once, and every Block and Mark knows its Span in the file. `dialect`
defines the Markdown that is understood, with `inline_syntax` and `gaps`; `blocks` makes
the Blocks, `html` the HTML and plain text.
"""

from __future__ import annotations

from deckwright.markdown.blocks import parse
from deckwright.markdown.html import (
    code_language,
    field_html,
    gap_answers,
    inline_html,
    line_html,
    link_open,
    plain,
    text_html,
)

__all__ = [
    "code_language",
    "field_html",
    "gap_answers",
    "inline_html",
    "line_html",
    "link_open",
    "parse",
    "plain",
    "text_html",
]
