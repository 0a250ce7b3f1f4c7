"""The value that a card states: the answer of a gap, of a question, the right options. What two cards may not contradict each
other in, and what evidence is held against."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deckwright import markdown, words
from deckwright.model import Card, Choice, Concept, Fact, Span


@dataclass(frozen=True, slots=True)
class Stated:
    """The value that a card states in one place: its parts (a gap may stand twice, several options may be right), the unit that
    stands beside it where it has none of its own, and where it stands."""

    parts: tuple[str, ...]
    unit: str
    span: Span

    @property
    def text(self) -> str:
        return "; ".join(self.parts)


def stated(card: Card, gap: int) -> Stated | None:
    """What a card states in a gap (0: in its first gap, its answer, its right options); None where it has no such gap."""
    content = card.content
    if isinstance(content, Fact):
        number = gap or min(mark.number for mark in content.gaps)
        marks = [mark for mark in content.gaps if mark.number == number]
        if not marks:
            return None
        parts = tuple(dict.fromkeys(mark.text for mark in marks))
        return Stated(parts, _unit_beside(marks[0].span, marks[0].extra), marks[0].span)
    if gap:
        return None
    if isinstance(content, Concept):
        return Stated((markdown.plain(content.answer.blocks),), "", content.answer.span)
    assert isinstance(content, Choice)
    right = [option for option in content.options if option.right]
    return Stated(tuple(markdown.plain([option.text]) for option in right), "", right[0].span)


def _unit_beside(span: Span, hint: str) -> str:
    """The unit that follows a gap in its sentence, or that its hint names; nothing where there is none."""
    after = span.source.text[span.end : span.end + 40]
    following = re.match(r"[*_`\s-]*([A-Za-z%]+)", after)
    if following and len(following[1]) > 1 and words.is_unit(following[1]):
        return following[1]
    return next((word for word in words.tokens(hint) if words.is_unit(word)), "")
