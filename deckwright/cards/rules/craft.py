"""The size of a card and the balance of its options: what a memory and a phone can hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import ceil, sqrt

from deckwright import markdown
from deckwright.cards.rules import Setting, prose, svg
from deckwright.core.blocks import Block
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import picture_path

ANSWER_WORDS = 12
GAPS = 3
LONGER = 1.5  # times as long as every wrong option, and
BY = 15  # characters more: then the right one can be picked by its length
FEWEST_CHOICES = 10  # with one number of options, before their places are counted
DEVIATIONS = 3

# A phone of 360 × 640 pixels, measured in Chromium with decks/notetypes/style.css and Roboto (18 px, line height 1.5; a
# question is set at 1.06 em) on the 146 cards of November 2026: off by 18 pixels on average. In pixels, but for the characters of a line.
SCREEN = 640
EASY, EASY_LINES = 300, 8  # characters and lines of a question that fit in any case
_FRAME = 66  # the card's own padding, the line with the task
_LINE, _CHARACTERS = 28.6, 38
_GAP = 11.4  # between blocks
_CODE_LINE, _CODE_CHARACTERS, _CODE_FRAME = 23, 33, 21
_ROW = 40
_PICTURE, _PICTURE_WIDTH, _PICTURE_FRAME = 150, 314, 14  # of unknown height; the widest; its rim
_CHOOSE = 30  # "Choose 1." and the margin below
_OPTION_LINE, _OPTION_CHARACTERS, _OPTION_FRAME = 27, 31, 32.6


def answers_briefly(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C450: the answer of a question is short, or has a shape: a list, a table, code."""
    if not isinstance(card.content, Basic) or any(
        block.kind != "paragraph" for block in card.content.answer.blocks
    ):
        return
    count = prose.words(markdown.plain(card.content.answer.blocks))
    if count > ANSWER_WORDS:
        yield Diagnostic(
            "C450",
            f"an answer of {count} words is more than one fact",
            card.content.answer.span,
            f"keep what the question asks for, at most {ANSWER_WORDS} words; the rest goes below a second `---` or on a card of its own",
        )


def hides_little(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C451: at most three gap numbers."""
    if not isinstance(card.content, Cloze):
        return
    numbers = sorted({gap.number for gap in card.content.gaps})
    if len(numbers) > GAPS:
        surplus = next(gap for gap in card.content.gaps if gap.number == numbers[GAPS])
        yield Diagnostic(
            "C451",
            f"{len(numbers)} gap numbers are too many for one sentence",
            surplus.span,
            f"keep {GAPS} at most; the rest makes another card: python build.py split {card.id} --gap {numbers[GAPS]} --to NEW-ID",
        )


def fits_one_screen(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C465: the front fits a phone of 360 × 640 pixels."""
    written = card.prompt.span.text
    if (
        len(written) < EASY
        and written.count("\n") < EASY_LINES
        and not isinstance(card.content, MultipleChoice)
        and "![" not in written
    ):
        return
    height = front_height(card, setting)
    if height > SCREEN:
        help_line = "shorten the question" + (
            " or its options" if isinstance(card.content, MultipleChoice) else ""
        )
        message = f"the front is about {round(height, -1):.0f} pixels high, a phone shows {SCREEN}"
        yield Diagnostic(
            "C465",
            message,
            card.prompt.span,
            help_line + ": what decides the answer, and nothing more",
        )


def front_height(card: Card, setting: Setting) -> float:
    """Pixels that a card's front takes at 360 pixels, about."""
    height = _FRAME + sum(_height(block, _CHARACTERS) + _GAP for block in card.prompt.blocks)
    height += sum(
        _picture_height(card, mark.extra, setting)
        for block in card.prompt.blocks
        for mark in block.marks
        if mark.kind == "image"
    )
    if isinstance(card.content, MultipleChoice):
        height += _CHOOSE
        for option in card.content.options:
            height += (
                _lines(markdown.plain([option.text]), _OPTION_CHARACTERS) * _OPTION_LINE
                + _OPTION_FRAME
            )
    return height


def _height(block: Block, characters: int) -> float:
    if block.kind in ("code", "indented"):
        return (
            _CODE_FRAME
            + sum(
                max(1, ceil(len(line) / _CODE_CHARACTERS))
                for line in block.text.rstrip("\n").split("\n")
            )
            * _CODE_LINE
        )
    if block.kind == "table":
        return len(block.rows) * _ROW
    if block.children:
        return sum(_height(child, characters - 3) for child in block.children)
    words = markdown.plain([block])
    for mark in block.marks:
        words = words.replace(" ".join(mark.text.split()), "") if mark.kind == "image" else words
    return _lines(words, characters) * _LINE if words.strip() else 0


def _picture_height(card: Card, address: str, setting: Setting) -> float:
    """An SVG fills the width, a picture of pixels is never shown larger than it is."""
    image = setting.images.get(picture_path(card.span.path, address))
    if image is None:
        return _PICTURE
    if not image.path.endswith(".svg"):
        return (
            image.height * min(1, _PICTURE_WIDTH / image.width) + _PICTURE_FRAME
            if image.width
            else _PICTURE
        )
    try:
        root = svg.parse(image.data)
    except svg.Active:
        return _PICTURE
    box = None if root is None else svg.view_box(root)
    return _PICTURE if box is None else box[1] / box[0] * _PICTURE_WIDTH + _PICTURE_FRAME


def _lines(text: str, characters: int) -> int:
    """How many lines a text takes when it breaks between words."""
    if len(text) <= characters:
        return 1
    lines, left = 1, characters
    for word in text.split():
        if len(word) > left < characters:
            lines, left = lines + 1, characters
        lines += max(0, ceil(len(word) / characters) - 1)
        left -= len(word) % characters + 1
    return lines


def weighs_options_alike(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C462: the right option is not the longest by far."""
    if not isinstance(card.content, MultipleChoice):
        return
    lengths = [(option, len(markdown.plain([option.text]))) for option in card.content.options]
    right = [length for option, length in lengths if option.right]
    wrong = [length for option, length in lengths if not option.right]
    if right and wrong and min(right) > max(max(wrong) * LONGER, max(wrong) + BY):
        longest = max((entry for entry in lengths if entry[0].right), key=lambda entry: entry[1])[0]
        yield Diagnostic(
            "C462",
            f"the right option is the longest by far: {min(right)} characters, the longest wrong one has {max(wrong)}",
            longest.text.span,
            "move what explains it into its reason, or say as much in the wrong ones",
        )


def places_are_mixed(cards: Iterable[Card]) -> Iterator[Diagnostic]:
    """C464: over the whole deck the right option stands in no place much more often than chance would have it."""
    places: dict[int, dict[int, list[Card]]] = defaultdict(lambda: defaultdict(list))
    for card in cards:
        if (
            isinstance(card.content, MultipleChoice)
            and sum(option.right for option in card.content.options) == 1
        ):
            at = next(number for number, option in enumerate(card.content.options) if option.right)
            places[len(card.content.options)][at].append(card)
    for options, found in sorted(places.items()):
        total = sum(map(len, found.values()))
        share = 1 / options
        most = total * share + DEVIATIONS * sqrt(total * share * (1 - share))
        for at, there in sorted(found.items()):
            if total >= FEWEST_CHOICES and len(there) > most:
                content = there[-1].content
                assert isinstance(content, MultipleChoice)
                yield Diagnostic(
                    "C464",
                    f"of {total} choices with {options} options, {len(there)} have the right one in place {at + 1}",
                    content.options[at].text.span,
                    "move it to another place, here and in some of the others",
                )
