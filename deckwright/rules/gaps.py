"""Gaps: how they are written and numbered, and where they may stand."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright.diagnostic import Diagnostic
from deckwright.model import Block, Card, Choice, Concept, Fact
from deckwright.rules import Setting

HIGHEST = 500  # Anki makes no card past this number


def written_well(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C407: everything that looks like a gap is one."""
    for block in card.blocks:
        for mark in block.marks:
            if mark.kind == "bad-gap":
                yield Diagnostic("C407", mark.text, mark.span, mark.extra)


def numbered_well(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C406: gaps are numbered 1, 2, 3 without a hole; a number may stand at several gaps that open together."""
    if not isinstance(card.content, Fact):
        return
    numbers = sorted({gap.number for gap in card.content.gaps})
    expected = list(range(1, len(numbers) + 1))
    if numbers[-1] > HIGHEST:
        gap = next(g for g in card.content.gaps if g.number == numbers[-1])
        yield Diagnostic("C406", f"Anki makes no card for gap {gap.number}", gap.span, f"the highest number is {HIGHEST}")
    elif numbers != expected:
        wrong = next(n for n, e in zip(numbers, expected, strict=True) if n != e)
        gap = next(g for g in card.content.gaps if g.number == wrong)
        want = expected[numbers.index(wrong)]
        yield Diagnostic("C406", f"there is a gap {wrong} but no gap {want}", gap.span, f"write `{{{{c{want}::`")


def placed_well(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C408: gaps stand in the prompt of a cloze card and nowhere else."""
    elsewhere: list[Block] = list(card.content.extra.blocks)
    if isinstance(card.content, Concept):
        elsewhere += card.content.answer.blocks
    if isinstance(card.content, Choice):
        elsewhere += [b for o in card.content.options for b in (o.text, *o.why)] + list(card.content.question.blocks)
    for block in elsewhere:
        for mark in block.marks:
            if mark.kind == "gap":
                yield Diagnostic(
                    "C408",
                    "a gap cannot stand here",
                    mark.span,
                    "take the braces away, or move the sentence above the first `---` of a card without options",
                )
