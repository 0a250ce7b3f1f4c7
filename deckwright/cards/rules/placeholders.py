"""Placeholders: what `new` and `split` leave for the author to write over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright.cards.new_card import placeholders
from deckwright.cards.rules import Setting
from deckwright.core.blocks import Block
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic

# Code in running text (CommonMark 6.1), and in a table, where no code goes on past its cell.
_CODE = re.compile(r"(?<![`\\])(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_CELL_CODE = re.compile(r"(?<![`\\])(`+)(?!`)(?:\\\||[^|\n])+?(?<!`)\1(?!`)")


def are_written_over(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C409: no placeholder is left, code aside. One complaint a card: its first placeholder, and the lines of the others."""
    there = list(placeholders(card.span.text))
    if not there:
        return
    source, begin = card.span.source, card.span.start
    code = [place for outer in card.blocks for block in outer.walk() for place in _code(block)]
    found = [
        (source.span(begin + start, begin + end), advice)
        for start, end, advice in there
        if not any(first <= begin + start < last for first, last in code)
    ]
    if found:
        place, advice = found[0]
        lines = list(dict.fromkeys(str(span.line) for span, _ in found if span.line != place.line))
        more = f"; then go on in line{'s' * (len(lines) > 1)} {', '.join(lines)}" if lines else ""
        yield Diagnostic("C409", f"`{place.text}` is still to be written", place, advice + more)


def _code(block: Block) -> Iterator[tuple[int, int]]:
    """Where the code of a block begins and ends in the file."""
    if block.kind == "code":
        yield block.span.start, block.span.end
    elif block.kind in ("paragraph", "heading", "table"):
        for match in (_CELL_CODE if block.kind == "table" else _CODE).finditer(block.span.text):
            yield block.span.start + match.start(), block.span.start + match.end()
