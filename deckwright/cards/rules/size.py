"""The size of a card: a short answer, few gaps; a front, tables, and code that fit a phone."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from deckwright import markdown
from deckwright.cards.rules import Context, prose, svg
from deckwright.core import wording
from deckwright.core.blocks import Block
from deckwright.core.card import Basic, Card, Cloze, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import image_paths
from deckwright.core.suggest import nearest
from deckwright.markdown import highlight

ANSWER_WORDS = 12
GAPS = 3

# A phone of 360 × 640 pixels, measured in Chromium with decks/notetypes/style.css and Roboto
# (18 px, line height 1.5; a question is set at 1.06 em) on the 146 cards of November 2026. In
# pixels, except for characters and lines.
SCREEN = 640
_SHORT, _SHORT_LINES = 300, 8  # characters and lines of a question that fit in any case
_FRAME = 66  # the card's own padding, the line with the part
_LINE, _CHARACTERS, _BETWEEN_BLOCKS = 28.6, 38, 11.4
_CODE_LINE, _CODE_FRAME = 19, 15  # lines do not wrap
_ROW = 40
_IMAGE, _IMAGE_WIDTH, _IMAGE_FRAME = 150, 314, 14  # of unknown height; widest; border
_CHOOSE = 30  # "Choose 1." and the margin below
_OPTION_LINE, _OPTION_CHARACTERS, _OPTION_FRAME = 27, 31, 32.6

COLUMNS = 3  # of a table
TABLE_WIDTH = 34  # characters: the longest words of all columns together
TABLE_ROWS = 7  # with the heading
CODE_WIDTH = 60  # characters of a line; longer ones are hard to read on phones
CODE_EASY = 38  # characters that phones show without scrolling
CODE_LINES = 12

_COMMON_LANGUAGES = (
    "json", "bash", "python", "yaml", "xml", "sql", "toml", "ini", "java", "javascript", "http",
)  # fmt: skip


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
    text, images = _text_height(card), _images_height(card, context)
    height = text + images
    if height > SCREEN:
        message = f"the front is about {round(height, -1):.0f} pixels high; a phone shows {SCREEN}"
        help_line = "shorten the text; keep only what decides the answer"
        if images > text:
            help_line = "use a flatter image (wider than it is tall), or shorten the text"
        yield Diagnostic("C465", message, card.prompt.span, help_line)


def _text_height(card: Card) -> float:
    """Return the approximate height of a front without its images."""
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
    """Return the height of a block without its images; `characters` fit a line."""
    if block.kind in ("code", "indented"):
        return _CODE_FRAME + _CODE_LINE * len(block.text.rstrip("\n").split("\n"))
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


def _images_height(card: Card, context: Context) -> float:
    """Return the height of all images on a front: an SVG fills the width, others do not grow."""
    height = 0.0
    for path in image_paths(card.prompt.blocks):
        image = context.images.get(path)
        box = None
        if image and image.path.endswith(".svg"):
            box = svg.look(image.data).box
        elif image and image.width:
            box = image.width, image.height
        if image is None or box is None:
            height += _IMAGE
        else:
            width = _IMAGE_WIDTH if image.path.endswith(".svg") else min(_IMAGE_WIDTH, box[0])
            height += width * box[1] / box[0] + _IMAGE_FRAME
    return height


def tables_and_code_fit(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C440 to C443: a phone can show tables and code. R607: the language is known."""
    for block in (block for outer in card.blocks for block in outer.walk()):
        if block.kind == "table":
            yield from _table_diagnostics(block)
        elif block.kind == "code":
            yield from _code_diagnostics(block)
            yield from _language_diagnostics(block)


def _table_diagnostics(block: Block) -> Iterator[Diagnostic]:
    columns = len(block.rows[0])
    words = [_longest_word(block, column) for column in range(columns)]
    width = sum(map(len, words))
    if columns > COLUMNS:
        message = f"the table has {columns} columns; the maximum is {COLUMNS}"
        help_line = "remove a column, swap rows and columns, or split the table into two cards"
        yield Diagnostic("C440", message, block.span, help_line)
    elif width > TABLE_WIDTH:
        longest = wording.joined([f"`{word}`" for word in words if word], "and")
        message = (
            f"the longest words of the columns, {longest}, have {width} characters in total; "
            f"the maximum is {TABLE_WIDTH}"
        )
        help_line = "use shorter words or fewer columns, or write a list instead of a table"
        yield Diagnostic("C440", message, block.span, help_line)
    if len(block.rows) > TABLE_ROWS:
        message = (
            f"the table has {len(block.rows) - 1} rows below its header; "
            f"the recommended maximum is {TABLE_ROWS - 1}"
        )
        help_line = "keep only the rows that learners need to see, or split the card"
        yield Diagnostic("C443", message, block.span, help_line)


def _longest_word(block: Block, column: int) -> str:
    return max((word for row in block.rows for word in row[column].split()), key=len, default="")


def _code_diagnostics(block: Block) -> Iterator[Diagnostic]:
    lines = block.text.rstrip("\n").split("\n")
    longest = max(lines, key=len)
    width = len(longest)
    at = block.span.text.find(longest)
    start = block.span.start + at
    place = block.span.source.span(start, start + width) if at >= 0 else block.span
    help_line = f"break each long line so that no part has more than {CODE_EASY} characters"
    if width > CODE_WIDTH:
        message = f"a code line has {width} characters; the maximum is {CODE_WIDTH}"
        yield Diagnostic("C442", message, place, help_line)
    elif width > CODE_EASY:
        message = f"a code line has {width} characters; the recommended maximum is {CODE_EASY}"
        yield Diagnostic("C441", message, place, help_line)
    if len(lines) > CODE_LINES:
        message = f"the code block has {len(lines)} lines; the recommended maximum is {CODE_LINES}"
        help_line = "keep only the lines that learners need to see, or split the card"
        yield Diagnostic("C443", message, block.span, help_line)


def _language_diagnostics(block: Block) -> Iterator[Diagnostic]:
    language = markdown.code_language(block.info)
    if not highlight.known(language):
        start = block.span.start + block.span.text.find(block.info)
        place = block.span.source.span(start, start + len(language))
        message = f"`{language}` isn't a known language"
        help_line = nearest(language, _COMMON_LANGUAGES) or (
            "write a short name from https://pygments.org/docs/lexers, or `text` for plain text"
        )
        yield Diagnostic("R607", message, place, help_line)
