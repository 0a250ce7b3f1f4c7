"""Facts: limits, prices and the like need a gap, a source and sound evidence."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright.cards.rules import Context
from deckwright.core.card import Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.facts import evidence
from deckwright.facts.evidence import Evidence
from deckwright.facts.stated_value import stated_value


def is_cloze(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C402, C403: a card whose kind needs a source has gaps."""
    if not _needs_source(card, context) or isinstance(card.content, Cloze):
        return
    if any(mark.kind == "bad-gap" for block in card.prompt.blocks for mark in block.marks):
        return  # the card has a gap that is not well written, which C407 reports
    if isinstance(card.content, MultipleChoice):
        message = f"a {card.kind} card cannot be multiple choice"
        help_line = "rewrite the card as a sentence with a gap, or choose another kind"
        yield Diagnostic("C403", message, card.id_span, help_line)
    else:
        help_line = (
            "rewrite the question and answer as one sentence with a gap, "
            "such as `… up to {{c1::3,000}} …`, or choose another kind"
        )
        yield Diagnostic("C402", f"a {card.kind} card needs a gap", card.id_span, help_line)


def is_sourced(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C404, C405: a card whose kind needs a source has one, and a check date."""
    if not _needs_source(card, context):
        return
    if not card.sources:
        help_line = "add `- source: https://…` with the address of the page that states the value"
        yield Diagnostic("C404", f"a {card.kind} card needs a source", card.id_span, help_line)
    if not card.checked:
        message = f"a {card.kind} card needs a check date"
        help_line = (
            "add `- checked: 2026-10`, "
            "with the month in which you read the page or saved your copy of it"
        )
        yield Diagnostic("C405", message, card.id_span, help_line)


def _needs_source(card: Card, context: Context) -> bool:
    """Return whether the card's kind needs a source; an unknown kind does not."""
    kind = context.vocabulary.kinds.get(card.kind)
    return kind is not None and kind.needs_source


def has_sound_evidence(card: Card, context: Context) -> Iterator[Diagnostic]:
    """E001, E002, E003: evidence is well formed, has a gap, and does not mislead."""
    for given in card.evidence:
        outcome = evidence.read(given)
        yield from outcome.diagnostics
        for line in outcome.values:
            if line.gap and stated_value(card, line.gap) is None:
                yield _no_such_gap(card, line)
            if reason := context.vocabulary.misleads(f"{line.data}::{line.path}"):
                help_line = "remove the line, and cite a page as the source"
                yield Diagnostic(
                    "E003", f"this data is misleading: {reason}", line.path_span, help_line
                )


def _no_such_gap(card: Card, line: Evidence) -> Diagnostic:
    help_line = "remove the gap number"
    if isinstance(card.content, Cloze):
        help_line = "write the number of a gap that the card has, or remove the number"
    start = line.span.start
    place = line.span.source.span(start, start + len(f"c{line.gap}"))
    return Diagnostic("E002", f"the card has no gap {line.gap}", place, help_line)
