"""The line of a card's metadata at a place in a text.

The text may be half written, so it is not parsed but read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deckwright.cards.sections import headings
from deckwright.core.source import Source, Span

_ENTRY = re.compile(r"[-*+][ \t]+([^\s:]+)[ \t]*:(?:[ \t]+(.*))?$")
_UNFINISHED = re.compile(r"[-*+](?:[ \t]++(?!\[).*)?$")
# A line of metadata that may be unfinished: the list marker, blanks, the key, what is between
# it and the value, the value.
_LINE = re.compile(
    r"(?P<marker>[-*+]?)(?P<blank>[ \t]*)(?P<key>[A-Za-z-]*)(?P<colon>[ \t]*:[ \t]*)?(?P<value>.*)$"
)

_Pairs = tuple[tuple[str, str], ...]  # keys and values


@dataclass(frozen=True, slots=True)
class MetadataLine:
    """A line of metadata, finished or not, and the place in it that was asked for.

    `at_key` is true if the place is in the key, `before_key` and `before_value` are
    what has to be inserted there first. `others` are the keys and values of the card's
    other lines, `card` is its id.
    """

    card: str
    key: str
    key_span: Span
    value: str
    value_span: Span
    at_key: bool
    has_colon: bool
    before_key: str
    before_value: str
    others: _Pairs

    @property
    def source(self) -> Source:
        """The text that the line is in."""
        return self.key_span.source

    @property
    def other_values(self) -> set[str]:
        """The values that other lines give the same key."""
        return {value for key, value in self.others if key == self.key}


@dataclass(frozen=True, slots=True)
class _Above:
    """What is above a line: the card's heading, its metadata, perhaps a blank line."""

    card: str
    entries: _Pairs
    after_blank_line: bool


def metadata_line(source: Source, offset: int) -> MetadataLine | None:
    """Return the line at an offset if it is metadata or may become it; else None."""
    number = source.span(offset, offset).line - 1
    line, start = source.line(number), source.offset(number)
    match = _LINE.match(line)
    above = _above(source, number)
    if match is None or above is None or not _may_be_metadata(match, above):
        return None
    value_start = match.start("value")
    # Blanks at the end of the line belong to the value as far as the cursor is behind them.
    value = line[value_start : max(len(line.rstrip()), offset - start)]
    value_at = start + value_start
    colon, key_end = match["colon"] or "", start + match.end("key")
    return MetadataLine(
        card=above.card,
        key=match["key"],
        key_span=source.span(start + match.start("key"), key_end),
        value=value,
        value_span=source.span(value_at, value_at + len(value)),
        at_key=not colon or offset <= key_end + colon.index(":"),
        has_colon=bool(colon),
        before_key="" if match["blank"] else " " if match["marker"] else "- ",
        before_value=" " if colon.endswith(":") else "",
        others=(*above.entries, *_below(source, number)),
    )


def _may_be_metadata(line: re.Match[str], above: _Above) -> bool:
    """Return whether a line below a heading is metadata, as far as it is written."""
    if line["colon"] is None and line["value"].strip():
        return False  # several words without a colon
    if line["marker"]:
        return bool(line["blank"]) or not line["key"]
    # A bare word may become a key, if it cannot be the first word of the question.
    bare = not (line["blank"] or line["colon"] or line["value"])
    return bare and not (above.after_blank_line and above.entries)


def _above(source: Source, number: int) -> _Above | None:
    """Return what is above a line; None if the line is in no card's metadata."""
    heads = {source.span(at, at).line - 1: name for at, name in headings(source.text)}
    entries: list[tuple[str, str]] = []
    for above in range(number - 1, -1, -1):
        text = source.line(above)
        if found := _ENTRY.match(text):
            entries.append((found[1], (found[2] or "").strip()))
        elif _UNFINISHED.match(text):
            continue
        elif above in heads:
            return _Above(heads[above], tuple(entries[::-1]), not source.line(number - 1).strip())
        elif text.strip():
            return None
    return None


def _below(source: Source, number: int) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of the lines below a line."""
    for below in range(number + 1, len(source.starts)):
        text = source.line(below)
        if found := _ENTRY.match(text):
            yield found[1], (found[2] or "").strip()
        elif text.strip() and not _UNFINISHED.match(text):
            return
