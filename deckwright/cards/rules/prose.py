"""What a card says as running text, and where its words stand in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from deckwright import markdown
from deckwright.core.blocks import Block
from deckwright.core.card import Section
from deckwright.core.source import Span

# After these the next capital letter, bracket or quotation mark begins a sentence.
_SENTENCE = re.compile(r"(?<=[.?!:])\s+(?=[A-Z0-9(\"“`])")
_WORD = re.compile(r"[^\W_](?:[\w'’.,:/-]*\w)?")

SHOWN = ("code", "indented", "table", "math")  # what a prompt shows to be read, and does not say


def said(blocks: Iterable[Block]) -> str:
    """The text of blocks without what they only show: code, tables and formulas that stand alone."""
    return markdown.plain([block for block in blocks if block.kind not in SHOWN])


def shows(section: Section) -> bool:
    """Whether a section shows something beside its sentences: code, a table, a formula, a picture."""
    return any(
        block.kind in SHOWN or any(mark.kind == "image" for mark in block.marks)
        for block in section.blocks
    )


def words(text: str) -> int:
    """How many words a text has; a name such as `a.b-c` and a number are one."""
    return sum(1 for _ in _WORD.finditer(text))


def questions(text: str) -> Iterator[str]:
    """The sentences of a text that ask."""
    if "?" in text:
        for sentence in _SENTENCE.split(text):
            if sentence.endswith("?"):
                yield sentence


def place(section: Section, text: str) -> Span:
    """Where words of a section's plain text stand in the file: there may be line ends and markup between them."""
    pattern = re.compile(r"[\s*_`]+".join(re.escape(word) for word in text.split()))
    source = section.span.source
    for block in section.blocks:
        if match := pattern.search(source.text, block.span.start, block.span.end):
            return source.span(match.start(), match.end())
    return section.span
