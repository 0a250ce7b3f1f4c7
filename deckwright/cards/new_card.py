"""A card that is still to be written: its text with placeholders, and what to write over each."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

_PLACEHOLDER = re.compile(r"\bTODO:[^\n{}`]*")

# What to write over a placeholder, by its words.
_ADVICE = {
    "the address of the page that states it": "write `- source: https://…`, or take the line out where no page is needed",
    "the month of that page": "write `- checked: 2026-10`, the date of the page that you read, or take the line out with the source",
    "the question": "write what is asked: one decision, with the name of its service, as it is read weeks later",
    "the answer": "write the answer, at most twelve words",
    "the explanation": "write why it is so, or take this line and the `---` above it out",
    "the sentence around": "write the sentence: the service, what the value counts, and whether it is a default or fixed",
    "the value": "write the value alone; a hint may follow it after `::`, the unit stands behind the braces",
    "the right option": "write the right option; a second one with `[x]` makes multiple response",
    "why it is right": "write the reason, indented by two",
    "a wrong option": "write an option that is right in some other case",
    "another wrong option": "write an option that is right in some other case, or take it out: three options are enough",
    "one more wrong option": "write an option that is right in some other case, or take it out: three options are enough",
}
_CASE = "when it would be right"

_QUESTION = "TODO: the question"
_EXPLANATION = "TODO: the explanation"
_WRONG = ("a wrong option", "another wrong option", "one more wrong option")

TYPES = {
    "basic": "a question and its answer",
    "cloze": "a sentence with gaps",
    "multiple-choice": "a question with options, a reason under each",
}


def skeleton(
    kind: str, card_id: str, metadata: Iterable[tuple[str, str]], explanation: str = ""
) -> str:
    """The section of a card file for a card of one of TYPES: heading, metadata in the order given, a body of placeholders, and
    `explanation` (Markdown) where there is one already."""
    lines = "\n".join(f"- {key}: {value}" for key, value in metadata)
    body = {"basic": _basic, "cloze": _cloze, "multiple-choice": _multiple_choice}[kind](card_id)
    return "\n\n".join((f"## {card_id}", lines, body, "---", explanation or _EXPLANATION)) + "\n"


def unsourced() -> tuple[tuple[str, str], ...]:
    """The metadata that says where a card comes from, still to be written."""
    return (
        ("source", "TODO: the address of the page that states it"),
        ("checked", "TODO: the month of that page"),
    )


def is_placeholder(value: str) -> bool:
    """Whether a value of the metadata is still to be written."""
    return value.startswith("TODO:")


def placeholders(text: str) -> Iterator[tuple[int, int, str]]:
    """Start and end of every placeholder in a card's text, and what to write over it."""
    for match in _PLACEHOLDER.finditer(text):
        found = match[0].rstrip(" .\\*_|")
        words = found.removeprefix("TODO:").strip()
        case = (
            "write the case that it is right for, indented by two"
            if words.startswith(_CASE)
            else ""
        )
        yield (
            match.start(),
            match.start() + len(found),
            _ADVICE.get(words) or case or "write the text in its place, or take the line out",
        )


def _basic(card_id: str) -> str:
    return f"{_QUESTION}\n\n---\n\nTODO: the answer"


def _cloze(card_id: str) -> str:
    return "TODO: the sentence around {{c1::TODO: the value}}."


def _multiple_choice(card_id: str) -> str:
    """The right option stands where the id has it, so that over a deck it stands everywhere."""
    options = [f"- [ ] TODO: {name}\n\n  TODO: {_CASE}" for name in _WRONG]
    options.insert(
        zlib.crc32(card_id.encode()) % 4, "- [x] TODO: the right option\n\n  TODO: why it is right"
    )
    return "\n\n".join((_QUESTION, *options))
