"""The size of a card: a short answer, few gaps, a front that fits a phone."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from deckwright import markdown
from deckwright.cards.rules import Context, prose, svg
from deckwright.core import wording
from deckwright.core.blocks import Block
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import picture_path

ANSWER_WORDS = 12
GAPS = 3

# A phone of 360 × 640 pixels, measured in Chromium with decks/notetypes/style.css and Roboto
# (18 px, line height 1.5; a question is set at 1.06 em) on the 146 cards of November 2026. In
# pixels, except for characters and lines.
SCREEN = 640
_SHORT, _SHORT_LINES = 300, 8  # characters and lines of a question that fit in any case
_FRAME = 66  # the card's own padding, the line with the part
_LINE, _CHARACTERS, _BETWEEN_BLOCKS = 28.6, 38, 11.4
_CODE_LINE, _CODE_CHARACTERS, _CODE_FRAME = 23, 33, 21
_ROW = 40
_PICTURE, _PICTURE_WIDTH, _PICTURE_FRAME = 150, 314, 14  # of unknown height; widest; border
_CHOOSE = 30  # "Choose 1." and the margin below
_OPTION_LINE, _OPTION_CHARACTERS, _OPTION_FRAME = 27, 31, 32.6


def has_short_answer(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C450: the answer of a question is short, or a list, a table or code."""
    if not isinstance(card.content, Basic):
        return
    answer = card.content.answer
    if any(block.kind != "paragraph" for block in answer.blocks):
        return
    hidden = [mark.text for block in answer.blocks for mark in block.marks if mark.kind == "image"]
    count = prose.word_count(markdown.plain(answer.blocks)) - sum(map(prose.word_count, hidden))
    if count > ANSWER_WORDS:
        message = f"the answer has {count} words, so it probably contains more than one fact"
        help_line = (
            f"keep only what the question asks for, at most {ANSWER_WORDS} words; "
            "move the rest below a second `---` or to another card"
        )
        yield Diagnostic("C450", message, answer.span, help_line)


def has_few_gaps(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C451: at most three gap numbers."""
    if not isinstance(card.content, Cloze):
        return
    numbers = sorted({gap.number for gap in card.content.gaps})
    if len(numbers) > GAPS:
        surplus = next(gap for gap in card.content.gaps if gap.number == numbers[GAPS])
        message = f"the card has {len(numbers)} different gap numbers; the maximum is {GAPS}"
        moved = [str(number) for number in numbers[GAPS : 2 * GAPS]]
        gaps = "gap" if len(moved) == 1 else "gaps"
        which = f"{gaps} {wording.joined(moved, 'and')}"
        help_line = f"move {which} to a new card"
        yield Diagnostic("C451", message, surplus.span, help_line)


def fits_one_screen(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C465: the front fits a phone of 360 × 640 pixels."""
    written = card.prompt.span.text
    is_short = len(written) < _SHORT and written.count("\n") < _SHORT_LINES
    if is_short and not isinstance(card.content, MultipleChoice) and "![" not in written:
        return
    text, pictures = _text_height(card), _pictures_height(card, context)
    height = text + pictures
    if height > SCREEN:
        message = f"the front is about {round(height, -1):.0f} pixels high; a phone shows {SCREEN}"
        help_line = "shorten the text; keep only what decides the answer"
        if pictures > text:
            help_line = "use a flatter image (wider than it is tall), or shorten the text"
        yield Diagnostic("C465", message, card.prompt.span, help_line)


def _text_height(card: Card) -> float:
    """Return the approximate height of a front without its pictures."""
    height: float = _FRAME
    for block in card.prompt.blocks:
        height += _height(block, _CHARACTERS) + _BETWEEN_BLOCKS
    if isinstance(card.content, MultipleChoice):
        height += _CHOOSE
        for option in card.content.options:
            lines = _line_count(markdown.plain([option.text]), _OPTION_CHARACTERS)
            height += lines * _OPTION_LINE + _OPTION_FRAME
    return height


def _height(block: Block, characters: int) -> float:
    """Return the height of a block without its pictures; `characters` fit a line."""
    if block.kind in ("code", "indented"):
        lines = block.text.rstrip("\n").split("\n")
        return _CODE_FRAME + _CODE_LINE * sum(
            ceil(max(1, len(line)) / _CODE_CHARACTERS) for line in lines
        )
    if block.kind == "table":
        return len(block.rows) * _ROW
    if block.children:
        return sum(_height(child, characters - 3) for child in block.children)
    words = markdown.plain([block])
    for mark in block.marks:
        if mark.kind == "image":
            words = words.replace(" ".join(mark.text.split()), "")
    return _line_count(words, characters) * _LINE if words.strip() else 0


def _line_count(text: str, characters: int) -> int:
    """Return how many lines a text fills, with breaks between words."""
    if len(text) <= characters:
        return 1
    lines, left = 1, characters
    for word in text.split():
        if len(word) > left < characters:
            lines, left = lines + 1, characters
        lines += max(0, ceil(len(word) / characters) - 1)
        left -= len(word) % characters + 1
    return lines


def _pictures_height(card: Card, context: Context) -> float:
    """Return the height of all pictures on a front: an SVG fills the width, others do not grow."""
    height = 0.0
    for mark in (mark for block in card.prompt.blocks for mark in block.marks):
        if mark.kind != "image":
            continue
        image = context.images.get(picture_path(card.span.path, mark.extra))
        box = None
        if image and image.path.endswith(".svg"):
            box = svg.look(image.data).box
        elif image and image.width:
            box = image.width, image.height
        if image is None or box is None:
            height += _PICTURE
        else:
            width = _PICTURE_WIDTH if image.path.endswith(".svg") else min(_PICTURE_WIDTH, box[0])
            height += width * box[1] / box[0] + _PICTURE_FRAME
    return height
