"""Tables and code on a phone, where one wide part makes the whole card scroll."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards.rules import Context
from deckwright.core import wording
from deckwright.core.blocks import Block
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.suggest import nearest
from deckwright.markdown import highlight

COLUMNS = 3  # of a table
TABLE_WIDTH = 34  # characters: the longest words of all columns together
TABLE_ROWS = 7  # with the heading
CODE_WIDTH = 60  # characters of a line, which wraps on phones; longer ones cannot be read
CODE_EASY = 40  # characters; 31 fit without wrapping
CODE_LINES = 12

_COMMON_LANGUAGES = (
    "json", "bash", "python", "yaml", "xml", "sql", "toml", "ini", "java", "javascript", "http",
)  # fmt: skip


def fits(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C440 to C443: a phone can show tables and code. R607: the language is known."""
    for block in (block for outer in card.blocks for block in outer.walk()):
        if block.kind == "table":
            yield from _table_diagnostics(block)
        elif block.kind == "code":
            yield from _code_diagnostics(block)
            yield from _language_diagnostics(block)


def _table_diagnostics(block: Block) -> Iterator[Diagnostic]:
    columns = len(block.rows[0])
    words = [_longest_word(block, column) for column in range(columns)]
    width = sum(map(len, words))
    if columns > COLUMNS:
        message = f"the table has {columns} columns; the maximum is {COLUMNS}"
        help_line = "remove a column, swap rows and columns, or split the table into two cards"
        yield Diagnostic("C440", message, block.span, help_line)
    elif width > TABLE_WIDTH:
        longest = wording.joined([f"`{word}`" for word in words if word], "and")
        message = (
            f"the longest words of the columns, {longest}, have {width} characters in total; "
            f"the maximum is {TABLE_WIDTH}"
        )
        help_line = "use shorter words or fewer columns, or write a list instead of a table"
        yield Diagnostic("C440", message, block.span, help_line)
    if len(block.rows) > TABLE_ROWS:
        message = (
            f"the table has {len(block.rows) - 1} rows below its header; "
            f"the recommended maximum is {TABLE_ROWS - 1}"
        )
        help_line = "keep only the rows that learners need to see, or split the card"
        yield Diagnostic("C443", message, block.span, help_line)


def _longest_word(block: Block, column: int) -> str:
    return max((word for row in block.rows for word in row[column].split()), key=len, default="")


def _code_diagnostics(block: Block) -> Iterator[Diagnostic]:
    lines = block.text.rstrip("\n").split("\n")
    longest = max(lines, key=len)
    width = len(longest)
    at = block.span.text.find(longest)
    start = block.span.start + at
    place = block.span.source.span(start, start + width) if at >= 0 else block.span
    help_line = f"break each long line so that no part has more than {CODE_EASY} characters"
    if width > CODE_WIDTH:
        message = f"a code line has {width} characters; the maximum is {CODE_WIDTH}"
        yield Diagnostic("C442", message, place, help_line)
    elif width > CODE_EASY:
        message = f"a code line has {width} characters; the recommended maximum is {CODE_EASY}"
        yield Diagnostic("C441", message, place, help_line)
    if len(lines) > CODE_LINES:
        message = f"the code block has {len(lines)} lines; the recommended maximum is {CODE_LINES}"
        help_line = "keep only the lines that learners need to see, or split the card"
        yield Diagnostic("C443", message, block.span, help_line)


def _language_diagnostics(block: Block) -> Iterator[Diagnostic]:
    language = markdown.code_language(block.info)
    if not highlight.known(language):
        start = block.span.start + block.span.text.find(block.info)
        place = block.span.source.span(start, start + len(language))
        message = f"`{language}` is not a known language"
        help_line = nearest(language, _COMMON_LANGUAGES) or (
            "write a short name from https://pygments.org/docs/lexers, or `text` for plain text"
        )
        yield Diagnostic("R607", message, place, help_line)
