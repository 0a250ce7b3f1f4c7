"""Choice cards: their options and reasons. Options are shuffled, so nothing may lean on their order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckwright import markdown
from deckwright.cards.rules import Setting
from deckwright.core import text_keys
from deckwright.core.blocks import Block
from deckwright.core.card import Card, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Span

FEWEST, MOST = 3, 6

_LETTER = re.compile(
    r"\b[Oo]ptions?\s+[(\"'“]?[A-H]\b|(?:^|[.;]\s)Option\s+[1-6]\b|\b[Cc]hoice\s+[A-H]\b|(?:^|[.;]\s|the\s)[Aa]nswers?\s+[(\"'“]?[A-H]\b"
    r"|(?i:\bthe\s+(?:first|second|third|fourth|fifth|sixth|last)\s+option\b(?!\s+(?:of|group|in)\b))"
    r"|(?i:\bthe\s+(?:one|option|answer)\s+(?:above|below)\b)"
    r"|^[A-H]\)|^\([A-H]\)|^[A-H]\s+(?:is|was)\s+(?:right|wrong|correct|incorrect|true|false)\b"
    r"|\b(?:[Bb]oth|[Nn]either|[Oo]nly|[Ee]ither)\s+[A-H]\s+(?:and|nor|or)\s+[A-H]\b"
)
_OTHERS = re.compile(
    r"^(?:all|none|both|neither|any|some|each)\s+of\s+(?:the\s+(?:above|others?|options|answers)|these)\b"
    r"|^(?:both|neither)[.!]?$|\bthe\s+(?:options?|answers?)\s+above\b",
    re.IGNORECASE,
)


def has_right_and_wrong(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C420, C421: at least one option is right and one is wrong."""
    if not isinstance(card.content, MultipleChoice):
        return
    options = card.content.options
    right = [o for o in options if o.right]
    if not right:
        yield Diagnostic(
            "C420",
            "no option is marked as right",
            options[0].span,
            "write `- [x]` at the right one",
        )
    elif len(right) == len(options) > 1:
        yield Diagnostic(
            "C421",
            "every option is marked as right",
            options[0].span,
            "write `- [ ]` at the wrong ones",
        )


def has_enough(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C422: 3 to 6 options."""
    if not isinstance(card.content, MultipleChoice):
        return
    count = len(card.content.options)
    place = card.content.options[-1].span if count else card.id_span
    if count < FEWEST:
        message = f"{count} option{'s are' if count != 1 else ' is'} too few"
        yield Diagnostic(
            "C422",
            message,
            place,
            f"write {FEWEST - count} more: a choice card has {FEWEST} to {MOST}",
        )
    elif count > MOST:
        yield Diagnostic(
            "C422",
            f"{count} options are too many",
            place,
            f"take {count - MOST} out: a choice card has {FEWEST} to {MOST}",
        )


def has_no_twins(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C423: no two options say the same."""
    if not isinstance(card.content, MultipleChoice):
        return
    seen: dict[str, Block] = {}
    for option in card.content.options:
        key = text_keys.literal(markdown.plain([option.text]))
        if key in seen:
            yield Diagnostic(
                "C423",
                "two options say the same",
                option.text.span,
                "change one of them",
                (("the other one", seen[key].span),),
            )
        seen.setdefault(key, option.text)


def gives_reasons(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C424: every option has its reason under it."""
    if isinstance(card.content, MultipleChoice):
        for option in card.content.options:
            if not option.why:
                yield Diagnostic(
                    "C424",
                    "the option has no reason",
                    option.text.span,
                    "below it, after a blank line and indented by two: why it is right, or for which other case it would be",
                )


def leans_on_no_order(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C425, C426: options are shuffled: no reason names a letter or place, no option speaks of the others."""
    if not isinstance(card.content, MultipleChoice):
        return
    for block in [b for o in card.content.options for b in o.why] + list(card.content.extra.blocks):
        for match in _LETTER.finditer(markdown.plain([block])):
            help_line = "say what the option is; the places change at every showing"
            yield Diagnostic(
                "C425",
                f"`{match[0]}` names an option by its place",
                _find(block, match[0]),
                help_line,
            )
    for option in card.content.options:
        if letter := re.match(r"[A-H1-6][).]\s", markdown.plain([option.text])):
            help_line = "take the letter out: the card puts its own in the order shown"
            yield Diagnostic(
                "C425",
                f"`{letter[0].strip()}` names an option by its place",
                _find(option.text, letter[0].strip()),
                help_line,
            )
        if (others := _OTHERS.search(markdown.plain([option.text]))) is not None:
            help_line = "write an option that stands alone"
            yield Diagnostic(
                "C426",
                f"`{others[0]}` speaks of the other options",
                _find(option.text, others[0]),
                help_line,
            )


def _find(block: Block, words: str) -> Span:
    at = block.span.text.find(words)
    return (
        block.span
        if at < 0
        else block.span.source.span(block.span.start + at, block.span.start + at + len(words))
    )
