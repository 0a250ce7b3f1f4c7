"""Facts: limits, prices and the like need a gap, a source and valid evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards.rules import Context
from deckwright.core.card import Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.wording import joined
from deckwright.facts import evidence
from deckwright.facts.evidence import Evidence
from deckwright.facts.stated_value import stated_value

# In lowercase.
_LIMIT = re.compile(
    r"\b(?:at (?:most|least)|up to|(?:no|not) (?:more|less|fewer|longer|larger) than"
    r"|max(?:imum|ima|imal)?|min(?:imum|ima|imal)?|limit(?:s|ed)?|quotas?|exceed\w*"
    r"|(?:larg|long|short|high|small|low)est"
    r"|per (?:account|region|organi[sz]ation|user|endpoint|bucket|group|table))\b"
    r"|\b(?:may|can) (?:have|hold|be|contain|take|last|name|carry)\b"
    r"|\b(?:allows?|takes?|accepts?)\b",
)
_ADJUSTABLE_OR_FIXED = re.compile(
    r"\b(?:default(?:s|ed)?|fixed|hard|soft|adjust\w*|raise[ds]?|increas\w+|configur\w+|range"
    r"|requirement|recommend\w*|unless)\b"
    r"|\b(?:in|of|by|from) the (?:api|algorithm|protocol)\b"
    r"|\bthe api (?:allows|takes|accepts)\b|\ballowed (?:values?|range)\b|\bcan be set\b",
)
# A limit of one call is a limit of the API: it is the same for everyone.
_ONE_CALL = re.compile(
    r"\b(?:one|a|an|per|each|every|single)\s+(?:\S+\s+)?(?:call|request|operation)\b"
    r"|\bin the call\b"
)

_MONEY = re.compile(
    r"[$€£¥]\s?\d[\d,.]*|\b\d[\d,.]*\s?(?:USD|EUR|GBP|(?:US[- ])?dollars?|euros?|cents?)\b"
    r"|\b(?:USD|EUR|GBP)\s?\d",
    re.IGNORECASE,
)
_REGION = re.compile(r"\bRegions?\b|\b[a-z]{2}(?:-[a-z]+)+-\d\b|\bworldwide\b|\beverywhere\b")


def needs_gap(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C402, C403: a card whose kind needs a source has gaps."""
    if not _needs_source(card, context) or isinstance(card.content, Cloze):
        return
    if any(mark.kind == "bad-gap" for block in card.prompt.blocks for mark in block.marks):
        return  # the card has a gap that is not well written, which C407 reports
    if isinstance(card.content, MultipleChoice):
        message = f"a {card.kind} card can't be multiple choice"
        help_line = "rewrite the card as a sentence with a gap, or choose another kind"
        yield Diagnostic("C403", message, card.id_span, help_line)
    else:
        help_line = (
            "rewrite the question and answer as one sentence with the answer in a gap, as in "
            "`… {{c1::5 MB}} …`; if the card doesn't state an exact fact, choose another kind"
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
                help_line = "use other data, or remove the line and rely on the `source` page"
                yield Diagnostic("E003", message, line.path_span, help_line)


def _is_a_source(card: Card, line: Evidence) -> Iterator[Diagnostic]:
    """E004: a page that evidence cites is a source of the card."""
    pages = [f"`page::{evidence.page_name(source)}`" for source in card.sources]
    if f"`page::{line.path}`" not in pages:
        help_line = "add a `- source: https://…` line with the address of the page"
        if pages:
            help_line = f"write {joined(pages, 'or')}, or {help_line}"
        message = f"`{line.path}` isn't a source of this card"
        yield Diagnostic("E004", message, line.path_span, help_line)


def _no_such_gap(card: Card, line: Evidence) -> Diagnostic:
    help_line = f"remove `c{line.gap}`, because only cloze cards have gaps"
    if isinstance(card.content, Cloze):
        names = [f"`c{number}`" for number in sorted({gap.number for gap in card.content.gaps})]
        help_line = f"write {joined(names, 'or')} instead of `c{line.gap}`"
    return Diagnostic("E002", f"the card has no gap {line.gap}", line.span, help_line)


def is_qualified(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C460, C461: a limit is called default or fixed, a price names its Region."""
    states = context.vocabulary.kinds[card.kind].states
    if not isinstance(card.content, Cloze) or states not in ("limit", "price"):
        return
    text = markdown.plain([*card.content.text.blocks, *card.content.extra.blocks])
    if states == "limit":
        yield from _limit_diagnostics(card.content, text.lower())
    elif not _REGION.search(text):
        yield from _price_diagnostics(card.content)


def _limit_diagnostics(content: Cloze, text: str) -> Iterator[Diagnostic]:
    number = next((gap for gap in content.gaps if any(c.isdigit() for c in gap.text)), None)
    if number is None or not _LIMIT.search(markdown.plain(content.text.blocks).lower()):
        return
    if _ADJUSTABLE_OR_FIXED.search(text) or _ONE_CALL.search(text):
        return
    yield Diagnostic(
        "C460",
        "the card doesn't say whether this limit is adjustable",
        number.span,
        "add `(default, adjustable)`, `(fixed)`, `(default)`, or `(maximum allowed by the API)` "
        "to the sentence, whichever the source page says; if the page says none of these, "
        "add `- allow: C460 REASON` to the metadata",
    )


def _price_diagnostics(content: Cloze) -> Iterator[Diagnostic]:
    for block in content.text.blocks:
        if amount := _MONEY.search(markdown.plain([block])):
            price = amount[0].rstrip(".,")
            message = f"the card doesn't name the Region in which `{price}` applies"
            help_line = (
                "name the Region, as in `In us-east-1, …`; "
                "or ask what the billing unit is, or how two prices compare"
            )
            yield Diagnostic("C461", message, block.span, help_line)
            return
