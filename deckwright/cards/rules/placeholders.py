"""Placeholders: the TODOs that `new` (`new_card.py`) writes, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright.cards.new_card import CASE
from deckwright.cards.rules import Context
from deckwright.core.blocks import Block
from deckwright.core.card import Card
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.wording import joined

_PLACEHOLDER = re.compile(r"\bTODO:[^\n{}`]*")
_LINES = 5  # lines that a help line names
_METADATA = {
    "source": "write `- source: https://…`, the address of the page that states the fact, "
    "or remove the line if the card needs no source",
    "checked": "write `- checked: YYYY-MM`, the month in which you read the source page "
    "or saved a copy of it, or remove the line if there is no source",
}

_FEWER_OPTIONS = (
    "write an option that would be right in another case, or remove it and its reason: "
    "three options are enough"
)
# What to write instead of a placeholder, by its words.
_ADVICE = {
    "the question": (
        "write a question that asks for one thing; learners see cards in mixed order, "
        "so name the service unless it is the answer"
    ),
    "the answer": "write the answer in twelve words or fewer",
    "the explanation": "write why it is so, or remove this line and the `---` above it",
    "the sentence around": (
        "write a sentence that names the service and what the value counts, "
        "and that says of a limit whether it is a default or fixed"
    ),
    "the value": (
        "write only the value; a hint can follow after `::`, and the unit after the braces"
    ),
    "the correct option": (
        "write the correct option; a second `[x]` makes the card multiple response"
    ),
    "why it is correct": "write the reason, indented by two spaces",
    "a wrong option": "write an option that would be right in another case",
    "another wrong option": _FEWER_OPTIONS,
    "one more wrong option": _FEWER_OPTIONS,
}
_CASE_ADVICE = "write when this option would be the right choice, indented by two spaces"

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
    if place.start < card.prompt.span.start:
        key = source.line(place.line - 1).strip("-*+ ").split(":")[0]
        advice = _METADATA.get(key, f"write a value for `{key}`")
    advice = advice or "replace it with text, or remove it"
    lines = sorted({span.line for span, _ in found} - {place.line})
    if len(lines) == 1:
        advice += f"; another placeholder is on line {lines[0]}"
    elif lines:
        shown = [str(line) for line in lines[:_LINES]] + ["below"] * (len(lines) > _LINES)
        advice += f"; more placeholders are on lines {joined(shown, 'and')}"
    yield Diagnostic("C409", f"the placeholder `{place.text}` hasn't been replaced", place, advice)


def _code(block: Block) -> Iterator[tuple[int, int]]:
    """Yield where code in a block begins and ends, as offsets in the file."""
    if block.kind == "code":
        yield block.span.start, block.span.end
    elif block.kind in ("paragraph", "heading", "table"):
        form = _CELL_CODE if block.kind == "table" else _CODE
        for match in form.finditer(block.span.text):
            yield block.span.start + match.start(), block.span.start + match.end()


def is_placeholder(value: str) -> bool:
    """Return whether a metadata value is a placeholder."""
    return value.startswith("TODO:")


def placeholders(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start and end of each placeholder in a text, and what to write instead.

    The last is empty for a metadata value, and for words that are none of ours.
    """
    if "TODO:" not in text:
        return
    for match in _PLACEHOLDER.finditer(text):
        found = match[0].rstrip(" .\\*_|")
        words = found.removeprefix("TODO:").strip()
        advice = _CASE_ADVICE if words.startswith(CASE) else _ADVICE.get(words, "")
        yield match.start(), match.start() + len(found), advice
