"""Numbers: what is counted, whether the limit moves, and where a price holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards.rules import Setting
from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic

_BARE = re.compile(r"[-−+]?\d[\d,.\s]*")
_UNIT_AFTER = re.compile(r"[*_`\s]*(?:[-‑–/×{%°‰€£$]|[\[(]?[A-Za-zµ]+)")
# Words that name no unit; "in all" refers to the one before.
_NO_UNIT = re.compile(
    r"[*_`\s]*(?!in (?:all|total)\b)(?:and|or|nor|but|is|are|was|were|has|have|had|does|do|can|may|must|will|in|on|at|for|to|from|by|when|if"
    r"|while|than|then|as|with|before|after|until|unless|within|without|between|during|because|so|since|where|which|that|who|per|each)\b",
    re.IGNORECASE,
)
_NAMED_BEFORE = re.compile(
    r"(?:\b(?:port|layer|version|level|number|status|code|protocol|step|stage|type)|[$€£#])[*_\s]*$",
    re.IGNORECASE,
)

# In small letters.
_LIMIT = re.compile(
    r"\b(?:at (?:most|least)|up to|(?:no|not) (?:more|less|fewer|longer|larger) than|max(?:imum|ima|imal)?|min(?:imum|ima|imal)?|limit(?:s|ed)?"
    r"|quotas?|exceed\w*|(?:larg|long|short|high|small|low)est|per (?:account|region|organi[sz]ation|user|endpoint|bucket|group|table))\b"
    r"|\b(?:may|can) (?:have|hold|be|contain|take|last|name|carry)\b|\b(?:allows?|takes?|accepts?)\b",
)
_FIRM = re.compile(
    r"\b(?:default(?:s|ed)?|fixed|hard|soft|adjust\w*|raise[ds]?|increas\w+|configur\w+|range|requirement|recommend\w*|unless)\b"
    r"|\b(?:in|of|by|from) the (?:api|algorithm|protocol)\b|\bthe api (?:allows|takes|accepts)\b|\ballowed (?:values?|range)\b|\bcan be set\b",
)
# A limit of one call is a limit of the API: it is the same for everybody.
_ONE_CALL = re.compile(
    r"\b(?:one|a|an|per|each|every|single)\s+(?:\S+\s+)?(?:call|request|operation)\b|\bin the call\b"
)

_MONEY = re.compile(
    r"[$€£¥]\s?\d[\d,.]*|\b\d[\d,.]*\s?(?:USD|EUR|GBP|(?:US[- ])?dollars?|euros?|cents?)\b|\b(?:USD|EUR|GBP)\s?\d",
    re.IGNORECASE,
)
_REGION = re.compile(r"\bRegions?\b|\b[a-z]{2}(?:-[a-z]+)+-\d\b|\bworldwide\b|\beverywhere\b")


def says_what_it_counts(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C454: a number in a gap has a hint, or its unit right after it."""
    if not isinstance(card.content, Cloze):
        return
    for gap in card.content.gaps:
        if gap.extra.strip() or not _BARE.fullmatch(gap.text.strip("*_`$ ")):
            continue
        text, start, end = gap.span.source.text, gap.span.start, gap.span.end
        unit = _UNIT_AFTER.match(text, end) and not _NO_UNIT.match(text, end)
        if not unit and not _NAMED_BEFORE.search(text, max(0, start - 20), start):
            help_line = f"write `{{{{c{gap.number}::{gap.text}::how many}}}}`, or the unit right after the gap"
            yield Diagnostic(
                "C454", "the blank does not say what kind of number it wants", gap.span, help_line
            )


def says_how_firm_it_is(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C460, C461: a limit says whether it is a default or fixed, a price in which Region it holds."""
    states = setting.vocabulary.kinds[card.kind].states
    if not states or not isinstance(card.content, Cloze):
        return
    number = next((gap for gap in card.content.gaps if any(c.isdigit() for c in gap.text)), None)
    text = markdown.plain([*card.content.text.blocks, *card.content.extra.blocks])
    small = text.lower()
    asked = markdown.plain(card.content.text.blocks).lower()
    if (
        states == "limit"
        and number
        and not _FIRM.search(small)
        and _LIMIT.search(asked)
        and not _ONE_CALL.search(small)
    ):
        yield Diagnostic(
            "C460",
            "the card does not say whether this limit can be moved",
            number.span,
            "write `default`, `default (adjustable)` or `fixed limit`, as the page has it; where it is the API's, `maximum of the API`; where the page says none of these: `- allow: C460 …`",
        )
    if states == "price" and not _REGION.search(text):
        for block in card.content.text.blocks:
            if amount := _MONEY.search(markdown.plain([block])):
                message = f"`{amount[0].rstrip('.,')}` does not say where that is the price"
                yield Diagnostic(
                    "C461",
                    message,
                    block.span,
                    "name the Region, or ask for the unit or the ratio instead",
                )
                return
