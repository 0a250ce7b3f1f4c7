"""Gaps: how they are written and numbered, and where they may stand."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright.cards.rules import Setting
from deckwright.core.blocks import Block
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic

HIGHEST = 500  # Anki makes no card past this number


def written_well(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C407: everything that looks like a gap is one."""
    for block in card.blocks:
        for mark in block.marks:
            if mark.kind == "bad-gap":
                yield Diagnostic("C407", mark.text, mark.span, mark.extra)


def numbered_well(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C406: the gaps of a new card are numbered 1, 2, 3 without a hole; a number may stand at several gaps that open together.

    A released card may have holes where a gap was retired: its number is never given to another one, for it carries the
    learner's history.
    """
    if not isinstance(card.content, Cloze):
        return
    numbers = sorted({gap.number for gap in card.content.gaps})
    if numbers[-1] > HIGHEST:
        gap = next(g for g in card.content.gaps if g.number == numbers[-1])
        yield Diagnostic(
            "C406",
            f"Anki makes no card for gap {gap.number}",
            gap.span,
            f"the highest number is {HIGHEST}",
        )
        return
    taken = setting.released.get((card.namespace, card.id), frozenset())
    missing = next((n for n in range(1, numbers[-1]) if n not in numbers and n not in taken), None)
    if missing is not None:
        gap = next(g for g in card.content.gaps if g.number > missing)
        help_line = f"on a new card write `{{{{c{missing}::`; where learners have gap {gap.number} already, it keeps its number"
        yield Diagnostic(
            "C406", f"there is a gap {gap.number} but no gap {missing}", gap.span, help_line
        )


def placed_well(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C408: gaps stand in the prompt of a cloze card and nowhere else."""
    elsewhere: list[Block] = list(card.content.extra.blocks)
    if isinstance(card.content, Basic):
        elsewhere += card.content.answer.blocks
    if isinstance(card.content, MultipleChoice):
        elsewhere += [b for o in card.content.options for b in (o.text, *o.why)] + list(
            card.content.question.blocks
        )
    for block in elsewhere:
        for mark in block.marks:
            if mark.kind == "gap":
                yield Diagnostic(
                    "C408",
                    "a gap cannot stand here",
                    mark.span,
                    "take the braces away, or move the sentence above the first `---` of a card without options",
                )
