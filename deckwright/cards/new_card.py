"""The text of a new card: a skeleton with placeholders, with advice for each."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

_PLACEHOLDER = re.compile(r"\bTODO:[^\n{}`]*")

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
_CASE = "when it would be right"
_CASE_ADVICE = "write when this option would be the right choice, indented by two spaces"

_QUESTION = "TODO: the question"
_EXPLANATION = "TODO: the explanation"
_WRONG = ("a wrong option", "another wrong option", "one more wrong option")


def skeleton(kind: str, card_id: str, metadata: Iterable[tuple[str, str]]) -> str:
    """Return the section of a new card: heading, metadata and a body of placeholders.

    `kind` is one of TYPES.
    """
    bodies = {
        "basic": f"{_QUESTION}\n\n---\n\nTODO: the answer",
        "cloze": "TODO: the sentence around {{c1::TODO: the value}}.",
        "multiple-choice": _option_placeholders(card_id),
    }
    lines = "\n".join(f"- {key}: {value}" for key, value in metadata)
    pieces = (f"## {card_id}", lines, bodies[kind], "---", _EXPLANATION)
    return "\n\n".join(pieces) + "\n"


def _option_placeholders(card_id: str) -> str:
    """Return a question and four options; the id decides the place of the correct one.

    So over a whole deck it is in every place equally often.
    """
    options = [f"- [ ] TODO: {name}\n\n  TODO: {_CASE}" for name in _WRONG]
    place = zlib.crc32(card_id.encode()) % (len(_WRONG) + 1)
    options.insert(place, "- [x] TODO: the correct option\n\n  TODO: why it is correct")
    return "\n\n".join((_QUESTION, *options))


def unsourced() -> tuple[tuple[str, str], ...]:
    """Return the metadata for source and check date, as placeholders."""
    return (
        ("source", "TODO: the address of the page that states it"),
        ("checked", "TODO: the month when you read the page or saved your copy"),
    )


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
        advice = _CASE_ADVICE if words.startswith(_CASE) else _ADVICE.get(words, "")
        yield match.start(), match.start() + len(found), advice
