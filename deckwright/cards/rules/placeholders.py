"""Placeholders: the TODOs that `new` writes for the author to replace."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright.cards.new_card import placeholders
from deckwright.cards.rules import Context
from deckwright.core.blocks import Block
from deckwright.core.card import Basic, Card, Cloze
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Span
from deckwright.core.wording import joined

_LINES = 5  # lines that a help line names

# Code in running text (CommonMark 6.1), and in a table, where code ends with its cell.
_CODE = re.compile(r"(?<![`\\])(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_CELL_CODE = re.compile(r"(?<![`\\])(`+)(?!`)(?:\\\||[^|\n])+?(?<!`)\1(?!`)")


def are_replaced(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C409: no placeholder is left outside of code.

    There is one diagnostic for a card: its first placeholder, and the lines of the
    others.
    """
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
    if not found:
        return
    place, advice = found[0]
    advice = _in_metadata(card, place, context) or advice or _in_body(card, place)
    lines = list(dict.fromkeys(str(span.line) for span, _ in found if span.line != place.line))
    if len(lines) == 1:
        advice += f"; another placeholder is on line {lines[0]}"
    elif lines:
        shown = [*lines[:_LINES], "below"] if len(lines) > _LINES else lines
        advice += f"; more placeholders are on lines {joined(shown, 'and')}"
    yield Diagnostic("C409", f"the placeholder `{place.text}` has not been replaced", place, advice)


def _in_metadata(card: Card, place: Span, context: Context) -> str:
    """Return what to write as a metadata value; empty if the place is not in one."""
    if place.start >= card.prompt.span.start:
        return ""
    kind = context.vocabulary.kinds.get(card.kind)
    needed = kind is not None and kind.needs_source
    match place.source.line(place.line - 1).strip("-*+ ").split(":")[0]:
        case "source":
            advice = "write `- source: https://…`, the address of the page that states the fact"
            return advice if needed else f"{advice}, or remove the line if the card needs no source"
        case "checked":
            advice = (
                "write `- checked: YYYY-MM`, the month in which you read the source page "
                "or saved a copy of it"
            )
            return advice if needed else f"{advice}, or remove the line"
        case "kind" | "topic" as key:
            return f"write the card's {key}"
        case key:
            return f"write a value for `{key}`, or remove the line"


def _in_body(card: Card, place: Span) -> str:
    """Return what to write instead of a placeholder with other words than those of `new`."""
    names = {"question": card.prompt}
    if isinstance(card.content, Basic):
        names["answer"] = card.content.answer
    elif isinstance(card.content, Cloze):
        names = {"sentence": card.prompt}
    for name, section in names.items():
        is_whole = len(section.blocks) == 1 and section.span.text.strip() == place.text
        if is_whole and section.span.start <= place.start < section.span.end:
            return f"write the {name}"
    return "replace it with text, or remove it"


def _code(block: Block) -> Iterator[tuple[int, int]]:
    """Yield where code in a block begins and ends, as offsets in the file."""
    if block.kind == "code":
        yield block.span.start, block.span.end
    elif block.kind in ("paragraph", "heading", "table"):
        form = _CELL_CODE if block.kind == "table" else _CODE
        for match in form.finditer(block.span.text):
            yield block.span.start + match.start(), block.span.start + match.end()
