"""Gaps: how they are written and numbered, where they may be, and which need a unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from deckwright.cards.rules import Context
from deckwright.core.blocks import Block, Mark
from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic

HIGHEST = 500  # Anki makes no card for a higher number

_BARE = re.compile(r"[-−+]?\d[\d,.\s]*")
_UNIT_AFTER = re.compile(r"[*_`\s]*(?:[-‑–/×{%°‰€£$]|[\[(]?[A-Za-zµ]+)")
# Words after a gap that are no unit. "in all" refers to the unit before the gap.
_NO_UNIT = re.compile(
    r"[*_`\s]*(?!in (?:all|total)\b)(?:and|or|nor|but|is|are|was|were|has|have|had|does|do"
    r"|can|may|must|will|in|on|at|for|to|from|by|when|if|while|than|then|as|with|before|after"
    r"|until|unless|within|without|between|during|because|so|since|where|which|that|who|per"
    r"|each)\b",
    re.IGNORECASE,
)
_NAMED_BEFORE = re.compile(
    r"(?:\b(?:port|layer|version|level|number|status|code|protocol|step|stage|type)|[$€£#])"
    r"[*_\s]*$",
    re.IGNORECASE,
)


def written_well(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C407: everything that looks like a gap is one."""
    for mark in _marks(card.blocks, "bad-gap"):
        yield Diagnostic("C407", mark.text, mark.span, mark.extra)


def numbered_well(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C406: the gaps of a new card are numbered 1, 2, 3 without a hole.

    Several gaps can have one number: they open together. A released card may have holes
    where gaps were retired, because a number that carries a learner's history is not
    used again. What C407 reports may be the missing gap, so its number is not another problem.
    """
    if not isinstance(card.content, Cloze) or any(_marks(card.blocks, "bad-gap")):
        return
    gaps = card.content.gaps
    numbers = sorted({gap.number for gap in gaps})
    used = {*numbers, *context.released.get((card.namespace, card.id), ())}
    if numbers[-1] > HIGHEST:
        gap = next(gap for gap in gaps if gap.number == numbers[-1])
        message = f"Anki creates no card for gap {gap.number}; the highest number is {HIGHEST}"
        free = next(n for n in range(1, HIGHEST + 1) if n not in used)
        help_line = f"write `{{{{c{free}::` instead of `{{{{c{gap.number}::`"
        yield Diagnostic("C406", message, gap.span, help_line)
        return
    missing = next((n for n in range(1, numbers[-1]) if n not in used), None)
    if missing is not None:
        gap = next(gap for gap in gaps if gap.number > missing)
        message = f"the card has a gap {gap.number} but no gap {missing}"
        every = "every " if sum(other.number == gap.number for other in gaps) > 1 else ""
        help_line = f"write `{{{{c{missing}::` instead of {every}`{{{{c{gap.number}::`"
        yield Diagnostic("C406", message, gap.span, help_line)


def placed_well(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C408: gaps are in the prompt of a cloze card and nowhere else."""
    is_cloze = isinstance(card.content, Cloze)
    elsewhere = card.blocks[len(card.prompt.blocks) :] if is_cloze else card.blocks
    way = "move the sentence above the first `---`"
    if not is_cloze:
        way = "rewrite the question and answer as one sentence with a gap"
    for mark in _marks(elsewhere, "gap"):
        help_line = f"write `{mark.text}` without `{{{{c{mark.number}::…}}}}`, or {way}"
        yield Diagnostic("C408", "a gap can't be used here", mark.span, help_line)


def has_unit(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C454: a number in a gap has a hint, or its unit right after the gap."""
    if not isinstance(card.content, Cloze):
        return
    for gap in card.content.gaps:
        is_bare = not gap.extra.strip() and _BARE.fullmatch(gap.text.strip("*_`$ "))
        if is_bare and not _unit_beside(gap):
            message = f"the gap `{gap.text}` has neither a unit nor a hint"
            opened = f"{{{{c{gap.number}::{gap.text}"
            help_line = (
                "write what the number measures or counts right after the gap, as in "
                f"`{opened}}}}} seconds`, or in a hint, as in `{opened}::how many seconds}}}}`"
            )
            yield Diagnostic("C454", message, gap.span, help_line)


def _unit_beside(gap: Mark) -> bool:
    """Return whether a unit follows a gap, or a word like `port` is before it."""
    text, start, end = gap.span.source.text, gap.span.start, gap.span.end
    if _UNIT_AFTER.match(text, end) and not _NO_UNIT.match(text, end):
        return True
    return _NAMED_BEFORE.search(text, max(0, start - 20), start) is not None


def _marks(blocks: Iterable[Block], kind: str) -> Iterator[Mark]:
    return (mark for block in blocks for mark in block.marks if mark.kind == kind)
