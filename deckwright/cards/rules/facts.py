"""Facts: quotas, prices and security settings are cloze cards that say where they come from and when that was checked; evidence is
well written, names a value that the card states, and does not mislead."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright.cards.rules import Setting
from deckwright.core.card import Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.facts import evidence
from deckwright.facts.stated_value import stated


def is_cloze(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C402, C403: a card of a fact kind has gaps."""
    if not _is_fact(card, setting) or isinstance(card.content, Cloze):
        return
    if any(mark.kind == "bad-gap" for block in card.prompt.blocks for mark in block.marks):
        return  # there is a gap, only not written well: that is said elsewhere
    if isinstance(card.content, MultipleChoice):
        yield Diagnostic(
            "C403",
            f"a {card.kind} card cannot be multiple choice",
            card.id_span,
            "choose another kind, or make it a sentence with a gap",
        )
    else:
        yield Diagnostic(
            "C402",
            f"a {card.kind} card needs a gap",
            card.id_span,
            "put the value into `{{c1::…}}`, or choose another kind",
        )


def is_sourced(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C404, C405: a card of a fact kind has a source and a check date."""
    if not _is_fact(card, setting):
        return
    if not card.sources:
        yield Diagnostic(
            "C404",
            f"a {card.kind} card needs a source",
            card.id_span,
            "write `- source: https://…` with the page that states it",
        )
    if not card.checked:
        yield Diagnostic(
            "C405",
            f"a {card.kind} card needs a check date",
            card.id_span,
            "write `- checked: 2026-10`: the date of the page that you read",
        )


def _is_fact(card: Card, setting: Setting) -> bool:
    """Whether the card's kind is one of facts; of a kind that is none, that is all that there is to say."""
    kind = setting.vocabulary.kinds.get(card.kind)
    return kind is not None and kind.needs_source


def has_evidence_that_counts(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """E001, E002, E003: every line of evidence can be read, is for a value of this card, and is not known to mislead."""
    for given in card.evidence:
        outcome = evidence.read(given)
        yield from outcome.diagnostics
        for line in outcome.values:
            if stated(card, line.gap) is None:
                help_line = (
                    "name a gap that it has, or leave the gap out"
                    if isinstance(card.content, Cloze)
                    else "leave the gap out"
                )
                place = given.value_span.source.span(
                    given.value_span.start, given.value_span.start + len(f"c{line.gap}")
                )
                yield Diagnostic("E002", f"the card has no gap {line.gap}", place, help_line)
            if reason := setting.vocabulary.misleads(f"{line.data}::{line.path}"):
                yield Diagnostic(
                    "E003",
                    f"this misleads: {reason}",
                    line.path_span,
                    "take the line out; cite a page as source",
                )
