"""Multiple-choice cards: options, reasons, and what would give the right option away.

Anki shows the options in random order, so nothing may depend on their order in the
file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import floor, sqrt

from deckwright import markdown
from deckwright.cards.rules import Context, prose
from deckwright.core import text_keys, wording
from deckwright.core.blocks import Block
from deckwright.core.card import Card, MultipleChoice, Option
from deckwright.core.diagnostics import Diagnostic

FEWEST, MOST = 3, 6  # options
# A right option can be recognized by its length if it has more than 1.5 times the characters of
# every wrong one, and 15 more.
LONGER_TIMES, LONGER_BY = 1.5, 15
# The places of right options are counted from 10 cards with as many options on. A place is too
# frequent from 3 standard deviations above chance on.
FEWEST_CARDS, DEVIATIONS = 10, 3

_LETTER = re.compile(
    r"\b[Oo]ptions?\s+(?:\([A-H]\)|[(\"'“]?[A-H]\b)|(?:^|[.;]\s)Option\s+[1-6]\b|\b[Cc]hoice\s+[A-H]\b"
    r"|(?:^|[.;]\s|the\s)[Aa]nswers?\s+(?:\([A-H]\)|[(\"'“]?[A-H]\b)"
    r"|(?i:\bthe\s+(?:first|second|third|fourth|fifth|sixth|last)\s+option\b"
    r"(?!\s+(?:of|group|in)\b))"
    r"|(?i:\bthe\s+(?:one|option|answer)\s+(?:above|below)\b)"
    r"|^[A-H]\)|^\([A-H]\)"
    r"|^[A-H]\s+(?:is|was)\s+(?:right|wrong|correct|incorrect|true|false)\b"
    r"|\b(?:[Bb]oth|[Nn]either|[Oo]nly|[Ee]ither)\s+[A-H]\s+(?:and|nor|or)\s+[A-H]\b"
)
# What has none of these names no option; this is found out in a tenth of the time.
_MAY_NAME = re.compile(
    r"ption|PTION|hoice|nswer|NSWER|he one|HE ONE|(?:oth|ither|nly) [A-H] |^\(?[A-H][ )]"
)
_OWN_LETTER = re.compile(r"[A-H1-6][).]\s")
_OTHERS = re.compile(
    r"^(?:all|none|both|neither|any|some|each)\s+of\s+"
    r"(?:the\s+(?:above|others?|options|answers)|these)\b"
    r"|^(?:both|neither)[.!]?$|\bthe\s+(?:options?|answers?)\s+above\b",
    re.IGNORECASE,
)


def has_right_and_wrong(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C420, C421: at least one option is right and one is wrong."""
    options = _options(card)
    right = [option for option in options if option.right]
    if options and not right:
        message = "no option is marked as correct"
        yield Diagnostic("C420", message, options[0].span, "mark each correct option with `- [x]`")
    elif len(right) == len(options) > 1:
        message = "every option is marked as correct"
        way = "add" if len(options) < MOST else "replace one of them with"
        help_line = f"mark each wrong option with `- [ ]`, or {way} a wrong option"
        yield Diagnostic("C421", message, options[0].span, help_line)


def has_enough(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C422: 3 to 6 options."""
    count = len(_options(card))
    if not isinstance(card.content, MultipleChoice) or FEWEST <= count <= MOST:
        return
    change, which = f"remove {wording.count(count - MOST, 'option')}", "many"
    if count < FEWEST:
        change, which = f"add {wording.count(FEWEST - count, 'option')}", "few"
    message = f"the card has {wording.count(count, 'option')}, which is too {which}"
    help_line = f"{change}; a multiple-choice card has {FEWEST} to {MOST}"
    yield Diagnostic("C422", message, card.content.options[-1].span, help_line)


def has_no_twins(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C423: no two options say the same."""
    seen: dict[str, Block] = {}
    for option in _options(card):
        first = seen.setdefault(text_keys.literal(_option_text(option)), option.text)
        if first is not option.text:
            related = (("the other option", first.span),)
            message = "two options say the same thing"
            yield Diagnostic("C423", message, option.text.span, "change one of them", related)


def gives_reasons(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C424: every option has its reason under it."""
    for option in _options(card):
        if not option.why:
            what = "why it is correct" if option.right else "when it would be the right choice"
            help_line = (
                f"say what the option does, or {what}; write this reason below the option, "
                "after a blank line, and indent it by two spaces"
            )
            yield Diagnostic("C424", "the option has no reason", option.text.span, help_line)


def depends_on_no_order(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C425, C426: nothing refers to options by letter or place, or to each other."""
    if not isinstance(card.content, MultipleChoice):
        return
    reasons = [block for option in card.content.options for block in option.why]
    for block in (*reasons, *card.content.extra.blocks):
        text = markdown.plain([block])
        for match in _LETTER.finditer(text) if _MAY_NAME.search(text) else ():
            help_line = "refer to the option by what it says, because the order changes each time"
            yield _named_by_place(block, match[0], help_line)
    for option in card.content.options:
        text = _option_text(option)
        if letter := _OWN_LETTER.match(text):
            help_line = "remove the letter; the card adds letters in the order shown"
            yield _named_by_place(option.text, letter[0].strip(), help_line)
        if others := _OTHERS.search(text):
            message = f"`{others[0]}` refers to the other options"
            place = prose.place([option.text], others[0])
            yield Diagnostic("C426", message, place, "write an option that makes sense on its own")


def _named_by_place(block: Block, words: str, help_line: str) -> Diagnostic:
    message = f"`{words}` refers to an option by letter or position"
    return Diagnostic("C425", message, prose.place([block], words), help_line)


def has_options_of_similar_length(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C462: the right option is not by far the longest."""
    lengths = [(option, len(_option_text(option))) for option in _options(card)]
    right = [length for option, length in lengths if option.right]
    wrong = [length for option, length in lengths if not option.right]
    if not right or not wrong:
        return
    most = max(max(wrong) * LONGER_TIMES, max(wrong) + LONGER_BY)
    if min(right) > most:
        which = "the correct option" if len(right) == 1 else "even the shortest correct option"
        message = (
            f"{which} ({min(right)} characters) is much longer "
            f"than the longest wrong option ({max(wrong)} characters)"
        )
        shortest = next(o for o, length in lengths if o.right and length == min(right))
        help_line = (
            f"shorten the option to at most {floor(most)} characters, for example by moving an "
            "explanation into the reason below it, or write longer wrong options"
        )
        yield Diagnostic("C462", message, shortest.text.span, help_line)


def mix_right_places(cards: Iterable[Card]) -> Iterator[Diagnostic]:
    """C464: over all cards, no place has the right option much too often."""
    by_count: dict[int, dict[int, list[Card]]] = defaultdict(lambda: defaultdict(list))
    for card in cards:
        right = [place for place, is_right in enumerate(card.right_options) if is_right]
        if len(right) == 1:
            by_count[len(card.right_options)][right[0]].append(card)
    for count, by_place in sorted(by_count.items()):
        total = sum(map(len, by_place.values()))
        share = 1 / count
        most = total * share + DEVIATIONS * sqrt(total * share * (1 - share))
        for place, there in sorted(by_place.items()):
            if total >= FEWEST_CARDS and len(there) > most:
                message = (
                    f"the correct option is in position {place + 1} "
                    f"on {len(there)} of {total} cards with {count} options"
                )
                surplus = len(there) - floor(most)
                help_line = (
                    f"move it to another position on at least {surplus} of these {len(there)} cards"
                )
                last = _options(there[-1])[place]
                yield Diagnostic("C464", message, last.text.span, help_line)


def _options(card: Card) -> tuple[Option, ...]:
    """Return the options of a multiple-choice card, none of another card."""
    return card.content.options if isinstance(card.content, MultipleChoice) else ()


def _option_text(option: Option) -> str:
    return markdown.plain([option.text])
