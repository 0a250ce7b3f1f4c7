"""The sentences of a card: its questions, its words, and their places in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from deckwright import markdown
from deckwright.core.blocks import Block
from deckwright.core.card import Section
from deckwright.core.source import Span

# A capital letter, bracket or quotation mark after one of these signs begins a sentence.
_SENTENCE = re.compile(r"(?<=[.?!:])\s+(?=[A-Z0-9(\"“`])")
_WORD = re.compile(r"[^\W_](?:[\w'’.,:/-]*\w)?")

# A pattern for code, formulas, and addresses.
CODE = r"```[\s\S]*?```|``[\s\S]*?``|`[^`]*`|\$\$[^$]*\$\$|\$[^$\s][^$\n]*\$|https?://\S+"
EXHIBITS = ("code", "indented", "table", "math")  # kinds of blocks that are no sentences


def sentences(blocks: Iterable[Block]) -> str:
    """Return the plain text of blocks without code, tables and display formulas."""
    return markdown.plain([block for block in blocks if block.kind not in EXHIBITS])


def has_exhibit(section: Section) -> bool:
    """Return whether a section has code, a table, a display formula or an image."""
    return any(
        block.kind in EXHIBITS or any(mark.kind == "image" for mark in block.marks)
        for block in section.blocks
    )


def word_count(text: str) -> int:
    """Return how many words a text has; a name such as `a.b-c` and a number are one."""
    return sum(1 for _ in _WORD.finditer(text))


def questions(text: str) -> Iterator[str]:
    """Yield the sentences of a text that end with a question mark."""
    if "?" in text:
        for sentence in _SENTENCE.split(text):
            if sentence.endswith("?"):
                yield sentence


def place(blocks: Sequence[Block], text: str) -> Span:
    """Return where words of the plain text of blocks are in the file.

    Line ends and markup may be between the words. Returns the first block if they are not
    found.
    """
    pattern = re.compile(r"[\s*_`]+".join(re.escape(word) for word in text.split()))
    source = blocks[0].span.source
    for block in blocks:
        if match := pattern.search(source.text, block.span.start, block.span.end):
            return source.span(match.start(), match.end())
    return blocks[0].span
