"""The value that a card states: in a gap, in its answer or in its right options.

Cards with the same `shared-value` must state the same value, and evidence is compared
with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deckwright import markdown
from deckwright.core import terms
from deckwright.core.blocks import Mark
from deckwright.core.card import Basic, Card, Cloze
from deckwright.core.source import Span

_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_NEXT_GAP = re.compile(r"[*_`]*\s*(?:to|and|or|–|-)\s*[*_`]*\{\{[^{}]*\}\}")
_UNIT_AFTER = re.compile(r"[*_`]*(?:(%)|(?:(?:\s|&nbsp;|&#160;|\(|\u00a0)+|-)[*_]*([A-Za-z%]+))")
_BITS = re.compile(r"[KMGTk]b(?:it)?s?|[kKMGT]?bits?")  # the case separates bits from bytes
_COUNTS = ("hundred", "thousand", "million", "billion", "dozen")
_AROUND = 40  # characters in front of a gap


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place that states the value.

    `text` has no markup. `code` is the name in code, if the text has exactly one.
    `unit` is the unit (or a word like million) that follows in the sentence or is the
    hint. `before` are the few words in front of a gap.
    """

    text: str
    code: str = ""
    unit: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class StatedValue:
    """The value that a card states, with every place that states it.

    A gap number can occur twice, and several options can be right. `span` is the first
    place.
    """

    occurrences: tuple[Occurrence, ...]
    span: Span

    @property
    def text(self) -> str:
        """The different texts of all occurrences, in one line."""
        texts = (" ".join(occurrence.text.split()) for occurrence in self.occurrences)
        return "; ".join(dict.fromkeys(texts))


def stated_value(card: Card, gap: int) -> StatedValue | None:
    """Return what a card states in a gap; 0 means first gap, answer or right options.

    Returns None if the card has no such gap, or no right option.
    """
    content = card.content
    if isinstance(content, Cloze):
        return _in_gap(content, gap or min(mark.number for mark in content.gaps))
    if gap:
        return None
    if isinstance(content, Basic):
        places = [(content.answer.span, content.answer.blocks)]
    else:
        places = [(one.text.span, (one.text,)) for one in content.options if one.right]
    occurrences = (
        Occurrence(markdown.plain(blocks), _only_code(span.text)) for span, blocks in places
    )
    return StatedValue(tuple(occurrences), places[0][0]) if places else None


def _in_gap(content: Cloze, number: int) -> StatedValue | None:
    answers = markdown.gap_answers(content.text.blocks)
    if len(answers) != len(content.gaps):
        answers = tuple(mark.text for mark in content.gaps)
    pairs = zip(content.gaps, answers, strict=True)
    marks = [(mark, answer) for mark, answer in pairs if mark.number == number]
    if not marks:
        return None
    return StatedValue(tuple(_occurrence(*pair) for pair in marks), marks[0][0].span)


def _occurrence(mark: Mark, answer: str) -> Occurrence:
    start, text = mark.span.start, mark.span.source.text
    return Occurrence(
        answer,
        _only_code(mark.text),
        _unit(mark.span, mark.extra),
        " ".join(text[max(0, start - _AROUND) : start].split()).rstrip("*_` "),
    )


def _only_code(text: str) -> str:
    """Return the name in code in a text, empty if there is none or more than one."""
    names: list[str] = _CODE.findall(text)
    return names[0].strip() if len(names) == 1 else ""


def _unit(gap: Span, hint: str) -> str:
    """Return the unit behind a gap, or behind the second of a range, or of its hint."""
    text, end = gap.source.text, gap.end
    while upper := _NEXT_GAP.match(text, end):
        end = upper.end()
    following = _UNIT_AFTER.match(text, end)
    word = (following[1] or following[2]) if following else ""
    if _BITS.fullmatch(word):
        return "bit"
    if word in _COUNTS or (word and terms.is_unit(word)):
        return word
    return next((word for word in terms.tokens(hint) if terms.is_unit(word)), "")
