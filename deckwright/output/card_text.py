"""The text of a card without markup, for programs: what cards.json has as `text`."""

from __future__ import annotations

from typing import Any

from deckwright import markdown
from deckwright.core.card import Basic, Cloze, Content, MultipleChoice


def card_text(content: Content) -> dict[str, Any]:
    """Return question, answer and explanation of a card without markup.

    A cloze card's question has its gaps filled in, and its answer is that of the gaps
    in order. A multiple-choice card's answer is its right options.
    """
    extra = markdown.plain(content.extra.blocks)
    if isinstance(content, Cloze):
        question = markdown.plain(content.text.blocks)
        answer = "; ".join(markdown.gap_answers(content.text.blocks))
        return {"question": question, "answer": answer, "extra": extra}
    question = markdown.plain(content.question.blocks)
    if isinstance(content, Basic):
        answer = markdown.plain(content.answer.blocks)
        return {"question": question, "answer": answer, "extra": extra}
    return {
        "question": question,
        "answer": _right(content),
        "extra": extra,
        "options": _options(content),
    }


def _right(content: MultipleChoice) -> str:
    return "; ".join(markdown.plain([o.text]) for o in content.options if o.right)


def _options(content: MultipleChoice) -> list[dict[str, Any]]:
    return [
        {"text": markdown.plain([o.text]), "why": markdown.plain(o.why), "right": o.right}
        for o in content.options
    ]
