from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from deckwright.core.source import Span


class Mark(NamedTuple):
    """Something inside running text that later stages ask about.

    `kind` is one of: gap (number, text = answer, extra = hint), bad-gap (text = why, extra = what to type), bad-math (text = why, extra = what to type),
    leftover (text = Markdown that was not understood), surplus (a table row's cells past its columns), html (text = the tag), image (text = alt, extra = address), link (extra = address), reference (a link definition).
    """

    kind: str
    span: Span
    text: str = ""
    extra: str = ""
    number: int = 0


class Block(NamedTuple):
    """One Markdown block. `tokens` belongs to `markdown` alone.

    `kind` is one of: heading (level), paragraph, bullets, numbers (level: the first number), item (checked: "", " " or "x"), code (text, info),
    indented (code by indentation), table (rows: plain text of the cells), rule, math (text), quote.
    """

    kind: str
    span: Span
    level: int = 0
    text: str = ""
    info: str = ""
    checked: str = ""
    children: tuple[Block, ...] = ()
    marks: tuple[Mark, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    tokens: Any = ()

    def walk(self) -> Iterator[Block]:
        """This block and everything inside it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()
