"""A card must fit a phone of 360 pixels: sideways overflow spoils the whole card, not only the wide part."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards.rules import Setting
from deckwright.core.blocks import Block
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.suggest import nearest
from deckwright.markdown import highlight

COLUMNS = 3  # of a table
TABLE_WIDTH = 34  # characters: the longest word of each column, added up
TABLE_ROWS = 7  # with the heading
CODE_WIDTH = 60  # characters; wrapped on phones, but unreadable past this
CODE_EASY = 40  # characters; 31 fit without wrapping at 360 px
CODE_LINES = 12


def fits(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C440 to C443: tables and code that a phone can show; R607: code in a known language."""
    for block in (inner for outer in card.blocks for inner in outer.walk()):
        if block.kind == "table":
            yield from _table(block)
        elif block.kind == "code":
            yield from _code(block)


def _table(block: Block) -> Iterator[Diagnostic]:
    columns = len(block.rows[0])
    width = sum(
        max((len(w) for row in block.rows for w in row[n].split()), default=0)
        for n in range(columns)
    )
    if columns > COLUMNS:
        yield Diagnostic(
            "C440",
            f"{columns} columns are too wide for a phone",
            block.span,
            f"at most {COLUMNS} columns: turn the table round, or make two cards",
        )
    elif width > TABLE_WIDTH:
        yield Diagnostic(
            "C440",
            f"the longest words of the columns add up to {width} characters, too wide for a phone",
            block.span,
            f"at most {TABLE_WIDTH}: shorten them, or use a list",
        )
    if len(block.rows) > TABLE_ROWS:
        yield Diagnostic(
            "C443",
            f"a table of {len(block.rows) - 1} rows is long for a card",
            block.span,
            f"take rows out: up to {TABLE_ROWS - 1} read well",
        )


def _code(block: Block) -> Iterator[Diagnostic]:
    lines = block.text.rstrip("\n").split("\n")
    longest = max(range(len(lines)), key=lambda n: len(lines[n]))
    width = len(lines[longest])
    if width > CODE_EASY:
        at = block.span.text.find(lines[longest])
        span = (
            block.span.source.span(block.span.start + at, block.span.start + at + width)
            if at >= 0
            else block.span
        )
        if width > CODE_WIDTH:
            yield Diagnostic(
                "C442",
                f"a code line of {width} characters is too wide for a phone",
                span,
                f"break it: at most {CODE_WIDTH}, better {CODE_EASY}",
            )
        else:
            yield Diagnostic(
                "C441",
                f"a code line of {width} characters wraps on a phone",
                span,
                f"break it: lines of up to {CODE_EASY} characters read well",
            )
    if len(lines) > CODE_LINES:
        yield Diagnostic(
            "C443",
            f"{len(lines)} lines of code are long for a card",
            block.span,
            f"take lines out: up to {CODE_LINES} read well",
        )
    language = markdown.code_language(block.info)
    if not highlight.known(language):
        at = block.span.text.find(block.info)
        span = block.span.source.span(block.span.start + at, block.span.start + at + len(language))
        hint = nearest(
            language,
            (
                "json",
                "bash",
                "python",
                "yaml",
                "xml",
                "sql",
                "toml",
                "ini",
                "java",
                "javascript",
                "http",
            ),
        )
        yield Diagnostic(
            "R607",
            f"`{language}` is no language that can be highlighted",
            span,
            hint or "write `text` for none",
        )
