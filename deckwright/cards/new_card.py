"""The text of a new card: a skeleton with placeholders, with advice for each."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator

_PLACEHOLDER = re.compile(r"\bTODO:[^\n{}`]*")

_FEWER_OPTIONS = (
    "write an option that is right in some other case, or remove it: three options are enough"
)
# What to write instead of a placeholder, by its words.
_ADVICE = {
    "the address of the page that states it": (
        "write `- source: https://…`, or remove the line if no page is needed"
    ),
    "the month of that page": (
        "write `- checked: 2026-10`, the month when you read the page or saved your copy of it, "
        "or remove the line together with the source"
    ),
    "the question": (
        "ask for one decision, and name the service, because learners see cards in mixed order"
    ),
    "the answer": "write the answer, at most twelve words",
    "the explanation": "write why it is so, or remove this line and the `---` above it",
    "the sentence around": (
        "write a sentence that names the service, what the value counts, "
        "and whether it is a default or fixed"
    ),
    "the value": (
        "write only the value; a hint can follow after `::`, and the unit after the braces"
    ),
    "the right option": "write the right option; a second `[x]` makes the card multiple response",
    "why it is right": "write the reason, indented by two spaces",
    "a wrong option": "write an option that is right in some other case",
    "another wrong option": _FEWER_OPTIONS,
    "one more wrong option": _FEWER_OPTIONS,
}
_CASE = "when it would be right"
_CASE_ADVICE = "write when this option would be right, indented by two spaces"
_OTHER_ADVICE = "replace it with text, or remove the line"

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
    """Return the section of a new card: heading, metadata and a body of placeholders.

    `kind` is one of TYPES; `explanation` (Markdown) replaces its placeholder, if there
    is one.
    """
    bodies = {
        "basic": f"{_QUESTION}\n\n---\n\nTODO: the answer",
        "cloze": "TODO: the sentence around {{c1::TODO: the value}}.",
        "multiple-choice": _option_placeholders(card_id),
    }
    lines = "\n".join(f"- {key}: {value}" for key, value in metadata)
    pieces = (f"## {card_id}", lines, bodies[kind], "---", explanation or _EXPLANATION)
    return "\n\n".join(pieces) + "\n"


def _option_placeholders(card_id: str) -> str:
    """Return a question and four options; the id decides the place of the right one.

    So over a whole deck it is in every place equally often.
    """
    options = [f"- [ ] TODO: {name}\n\n  TODO: {_CASE}" for name in _WRONG]
    place = zlib.crc32(card_id.encode()) % (len(_WRONG) + 1)
    options.insert(place, "- [x] TODO: the right option\n\n  TODO: why it is right")
    return "\n\n".join((_QUESTION, *options))


def unsourced() -> tuple[tuple[str, str], ...]:
    """Return the metadata for source and check date, as placeholders."""
    return (
        ("source", "TODO: the address of the page that states it"),
        ("checked", "TODO: the month of that page"),
    )


def is_placeholder(value: str) -> bool:
    """Return whether a metadata value is a placeholder."""
    return value.startswith("TODO:")


def placeholders(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start and end of each placeholder in a text, and what to write instead."""
    for match in _PLACEHOLDER.finditer(text):
        found = match[0].rstrip(" .\\*_|")
        words = found.removeprefix("TODO:").strip()
        other = _CASE_ADVICE if words.startswith(_CASE) else _OTHER_ADVICE
        yield match.start(), match.start() + len(found), _ADVICE.get(words) or other
