"""The text of a new card, with placeholders; `rules/placeholders.py` has advice for each."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

CASE = "when it would be right"  # the placeholder for the reason of a wrong option
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
    options = [f"- [ ] TODO: {name}\n\n  TODO: {CASE}" for name in _WRONG]
    place = zlib.crc32(card_id.encode()) % (len(_WRONG) + 1)
    options.insert(place, "- [x] TODO: the correct option\n\n  TODO: why it is correct")
    return "\n\n".join((_QUESTION, *options))


def unsourced() -> tuple[tuple[str, str], ...]:
    """Return the metadata for source and check date, as placeholders."""
    return (
        ("source", "TODO: the address of the page that states it"),
        ("checked", "TODO: the month when you read the page or saved your copy"),
    )
