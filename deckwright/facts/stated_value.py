"""The value that a card states: the answer of a gap, of a question, the right options. What two cards may not contradict each
other in, and what evidence is held against."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deckwright import markdown
from deckwright.core import terms
from deckwright.core.blocks import Mark
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.source import Span

_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_NEXT_GAP = re.compile(r"[*_`]*\s*(?:to|and|or|–|-)\s*[*_`]*\{\{[^{}]*\}\}")
_UNIT_AFTER = re.compile(r"[*_`]*(?:(%)|(?:(?:\s|&nbsp;|&#160;|\(|\u00a0)+|-)[*_]*([A-Za-z%]+))")
_BITS = re.compile(r"[KMGTk]b(?:it)?s?|[kKMGT]?bits?")  # case tells bits from bytes
_COUNTS = ("hundred", "thousand", "million", "billion", "dozen")


@dataclass(frozen=True, slots=True)
class Place:
    """A value as it stands in one place: its text without markup, the one name in code that it has (or nothing), the unit that stands
    beside it in the sentence or is its hint (or another word that counts: million), and the few words before it."""

    text: str
    code: str = ""
    unit: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """The value that a card states, in each place that states it: a gap may stand twice, several options may be right. `span` is
    the first."""

    places: tuple[Place, ...]
    span: Span

    @property
    def text(self) -> str:
        return "; ".join(dict.fromkeys(place.text for place in self.places))


def stated(card: Card, gap: int) -> Stated | None:
    """What a card states in a gap (0: in its first gap, its answer, its right options); None where it has no such gap."""
    content = card.content
    if isinstance(content, Cloze):
        number = gap or min(mark.number for mark in content.gaps)
        answers = markdown.gap_answers(content.text.blocks)
        texts = (
            answers
            if len(answers) == len(content.gaps)
            else tuple(mark.text for mark in content.gaps)
        )
        found = [
            (mark, text)
            for mark, text in zip(content.gaps, texts, strict=True)
            if mark.number == number
        ]
        if not found:
            return None
        return Stated(tuple(_gap(mark, text) for mark, text in found), found[0][0].span)
    if gap:
        return None
    if isinstance(content, Basic):
        span = content.answer.span
        return Stated((Place(markdown.plain(content.answer.blocks), _code(span.text)),), span)
    assert isinstance(content, MultipleChoice)
    right = [option for option in content.options if option.right]
    return Stated(
        tuple(
            Place(markdown.plain([option.text]), _code(option.text.span.text)) for option in right
        ),
        right[0].span,
    )


def _gap(mark: Mark, text: str) -> Place:
    source, start = mark.span.source.text, mark.span.start
    return Place(
        text,
        _code(mark.text),
        _unit(mark.span, mark.extra),
        " ".join(source[max(0, start - 40) : start].split()).rstrip("*_` "),
    )


def _code(text: str) -> str:
    """The name in code that a text has, if it has just one."""
    found = _CODE.findall(text)
    return found[0].strip() if len(found) == 1 else ""


def _unit(span: Span, hint: str) -> str:
    """The unit that follows a gap in its sentence (behind the next one, where two make a range), or that its hint names; nothing
    where there is none."""
    text, end = span.source.text, span.end
    while upper := _NEXT_GAP.match(text, end):
        end = upper.end()
    following = _UNIT_AFTER.match(text, end)
    word = (following[1] or following[2]) if following else ""
    if _BITS.fullmatch(word):
        return "bit"
    if word in _COUNTS or (word and terms.is_unit(word)):
        return word
    return next((word for word in terms.tokens(hint) if terms.is_unit(word)), "")
