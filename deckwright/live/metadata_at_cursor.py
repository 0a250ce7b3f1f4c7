"""The word of a card's metadata at a place in a text.

The text may be half written, so it is not parsed but read line by line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deckwright.cards.sections import headings
from deckwright.core.source import Source, Span

# A list item, but no option of a multiple-choice card.
_ITEM = re.compile(r"[-*+](?:[ \t]++(?!\[)|$)")
# A line of metadata that may be unfinished.
_LINE = re.compile(r"[-*+][ \t]+(?P<key>[A-Za-z-]*)(?P<colon>[ \t]*:)?(?P<value>.*)$")


@dataclass(frozen=True, slots=True)
class MetadataWord:
    """A word of a card's metadata, finished or not; it may be empty.

    `key` is the key of its line, `is_key` is true if the word is that key. `before` is
    what the line has between the colon and the word. `card` is the id of the card,
    `others` are the keys and values of its other lines.
    """

    span: Span
    key: str
    is_key: bool
    before: str
    card: str
    others: tuple[tuple[str, str], ...]


def metadata_word(source: Source, offset: int) -> MetadataWord | None:
    """Return the word of metadata at an offset; None if nothing there is metadata."""
    number = source.span(offset, offset).line - 1
    line, start = source.line(number), source.offset(number)
    column = offset - start
    match = _LINE.match(line)
    surroundings = _surroundings(source, number)
    if match is None or surroundings is None:
        return None
    if match["colon"] is None and match["value"].strip():
        return None  # several words without a colon
    first, last = match.span("key")
    value = match.start("value")
    is_key = first <= column <= last
    if not is_key and column < value:
        return None  # in the marker of the list, or before the colon
    if not is_key:
        first = column - len(re.split(r"\s", line[value:column])[-1])
        last = column + len(re.split(r"\s", line[column:])[0])
    span = source.span(start + first, start + last)
    return MetadataWord(span, match["key"], is_key, line[value:first], *surroundings)


def _surroundings(source: Source, number: int) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Return the id of the card in whose metadata a line is, and its other lines.

    None if the line is in no card's metadata.
    """
    cards = {source.span(at, at).line - 1: name for at, name in headings(source.text)}

    def is_list_or_blank(line: int) -> bool:
        text = source.line(line)
        return line not in cards and (not text.strip() or _ITEM.match(text) is not None)

    first = number - 1
    while first >= 0 and is_list_or_blank(first):
        first -= 1
    if first not in cards:
        return None
    last = number + 1
    while last < len(source.starts) and is_list_or_blank(last):
        last += 1
    lines = (_LINE.match(source.line(n)) for n in range(first + 1, last) if n != number)
    return cards[first], tuple((m["key"], m["value"].strip()) for m in lines if m)
