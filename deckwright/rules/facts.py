"""Facts: quotas, prices and security settings are cloze cards that say where they come from and when that was checked."""

from __future__ import annotations

from collections.abc import Iterator

from deckwright.diagnostic import Diagnostic
from deckwright.model import Card, Choice, Fact
from deckwright.rules import Setting


def is_cloze(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C402, C403: a card of a fact kind has gaps."""
    if not setting.vocabulary.kinds[card.kind].fact or isinstance(card.content, Fact):
        return
    if any(mark.kind == "bad-gap" for block in card.prompt.blocks for mark in block.marks):
        return  # there is a gap, only not written well: that is said elsewhere
    if isinstance(card.content, Choice):
        yield Diagnostic(
            "C403",
            f"a {card.kind} card cannot be multiple choice",
            card.id_span,
            "choose another kind, or make it a sentence with a gap",
        )
    else:
        yield Diagnostic("C402", f"a {card.kind} card needs a gap", card.id_span, "put the value into `{{c1::…}}`, or choose another kind")


def is_sourced(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C404, C405: a card of a fact kind has a source and a check date."""
    if not setting.vocabulary.kinds[card.kind].fact:
        return
    if not card.sources:
        yield Diagnostic(
            "C404", f"a {card.kind} card needs a source", card.id_span, "write `- source: https://…` with the page that states it"
        )
    if not card.checked:
        yield Diagnostic(
            "C405",
            f"a {card.kind} card needs a check date",
            card.id_span,
            "write `- checked: 2026-10`: the date of the page that you read",
        )
