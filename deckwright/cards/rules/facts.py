"""Facts: limits, prices and the like need a gap, a source and valid evidence."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright.cards.rules import Context
from deckwright.core.card import Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.wording import joined
from deckwright.facts import evidence
from deckwright.facts.evidence import Evidence
from deckwright.facts.stated_value import stated_value


def needs_gap(card: Card, context: Context) -> Iterator[Diagnostic]:
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
            "rewrite the question and answer as one sentence with the answer in a gap, as in "
            "`… {{c1::5 MB}} …`; if the card does not state an exact fact, choose another kind"
        )
        yield Diagnostic("C402", f"a {card.kind} card needs a gap", card.id_span, help_line)


def is_sourced(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C404, C405: a card whose kind needs a source has one, and a check date."""
    if not _needs_source(card, context):
        return
    if not card.sources:
        help_line = (
            "add a `- source: https://…` line to the metadata "
            "with the address of the page that states the fact"
        )
        yield Diagnostic("C404", f"a {card.kind} card needs a source", card.id_span, help_line)
    if not card.checked:
        message = f"a {card.kind} card needs a check date"
        help_line = (
            "add `- checked: YYYY-MM` to the metadata, where YYYY-MM is the month in which "
            "you read the source page or saved a copy of it"
        )
        yield Diagnostic("C405", message, card.id_span, help_line)


def _needs_source(card: Card, context: Context) -> bool:
    """Return whether the card's kind needs a source; an unknown kind does not."""
    kind = context.vocabulary.kinds.get(card.kind)
    return kind is not None and kind.needs_source


def has_valid_evidence(card: Card, context: Context) -> Iterator[Diagnostic]:
    """E001 to E004: evidence is well formed, has a gap and source, and does not mislead."""
    for field in card.evidence:
        outcome = evidence.parse_evidence(field)
        yield from outcome.diagnostics
        if line := outcome.value:
            if line.gap and stated_value(card, line.gap) is None:
                yield _no_such_gap(card, line)
            if line.is_page:
                yield from _is_a_source(card, line)
            elif reason := context.vocabulary.misleads(f"{line.data}::{line.path}"):
                message = f"this data is misleading: {reason}"
                help_line = "remove the line, and read the value on a `source` page instead"
                yield Diagnostic("E003", message, line.path_span, help_line)


def _is_a_source(card: Card, line: Evidence) -> Iterator[Diagnostic]:
    """E004: a page that evidence cites is a source of the card."""
    pages = [f"`page::{evidence.page_name(source)}`" for source in card.sources]
    if f"`page::{line.path}`" not in pages:
        help_line = "add a `- source: https://…` line with the address of the page"
        if pages:
            help_line = f"write {joined(pages, 'or')}, or {help_line}"
        message = f"`{line.path}` is not a source of this card"
        yield Diagnostic("E004", message, line.path_span, help_line)


def _no_such_gap(card: Card, line: Evidence) -> Diagnostic:
    help_line = f"remove `c{line.gap}`, because only cloze cards have gaps"
    if isinstance(card.content, Cloze):
        names = [f"`c{number}`" for number in sorted({gap.number for gap in card.content.gaps})]
        help_line = f"write {joined(names, 'or')} instead of `c{line.gap}`"
    return Diagnostic("E002", f"the card has no gap {line.gap}", line.span, help_line)
