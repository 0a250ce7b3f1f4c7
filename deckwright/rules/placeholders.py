"""Placeholders: what `new` and `split` leave for the author to write over."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright.diagnostic import Diagnostic
from deckwright.model import Card
from deckwright.rules import Setting
from deckwright.skeleton import placeholders


def are_written_over(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C409: no placeholder is left, code aside. One complaint a card: its first placeholder, and the lines of the others."""
    source = card.span.source
    code = [block.span for outer in card.blocks for block in outer.walk() if block.kind == "code"]
    found = [
        (source.span(card.span.start + start, card.span.start + end), advice)
        for start, end, advice in placeholders(card.span.text)
        if not any(span.start <= card.span.start + start < span.end for span in code)
    ]
    if found:
        place, advice = found[0]
        lines = list(dict.fromkeys(str(span.line) for span, _ in found if span.line != place.line))
        more = f"; then go on in line{'s' * (len(lines) > 1)} {', '.join(lines)}" if lines else ""
        yield Diagnostic("C409", f"`{place.text}` is still to be written", place, advice + more)
