"""Numbers: their unit, whether a limit can be raised, where a price is valid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards.rules import Context
from deckwright.core.blocks import Mark
from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic

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
        "the card does not say whether this limit is adjustable",
        number.span,
        "add `(default, adjustable)`, `(fixed)`, `(default)`, or `(maximum allowed by the API)` "
        "to the sentence, whichever the source page says; if the page says none of these, "
        "add `- allow: C460 REASON` to the metadata",
    )


def _price_diagnostics(content: Cloze) -> Iterator[Diagnostic]:
    for block in content.text.blocks:
        if amount := _MONEY.search(markdown.plain([block])):
            price = amount[0].rstrip(".,")
            message = f"the card does not name the Region in which `{price}` applies"
            help_line = (
                "name the Region, as in `In us-east-1, …`; "
                "or ask what the billing unit is, or how two prices compare"
            )
            yield Diagnostic("C461", message, block.span, help_line)
            return
