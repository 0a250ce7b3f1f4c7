"""Texts that are open in an editor (Language Server Protocol 3.17, "Text Documents").

A Document has the editor's line ends, and its positions count in the units of the
connection. A Source is the same text as the compiler reads it, so positions have to be
converted to offsets in it and back.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from deckwright.core.source import Source

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"

_LINE_END = re.compile(r"\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BOM = "\ufeff"


class Position(NamedTuple):
    """A line and a character in it, both from 0.

    Characters count in units of the connection's encoding.
    """

    line: int
    character: int


@dataclass(frozen=True)
class Document:
    """One text that is open in an editor.

    `uri` is the editor's name for it, `path` the project's (empty outside of the
    project). Positions count in units of `encoding`.
    """

    uri: str
    path: str
    version: int
    text: str
    encoding: str = UTF16

    @property
    def data(self) -> bytes:
        """The text as bytes of a file.

        Halves of a surrogate pair, which no file can contain, become question marks.
        """
        return self.text.encode("utf-8", "replace")

    @property
    def line_end(self) -> str:
        """The first line end of the text."""
        found = _LINE_END.search(self.text)
        return found[0] if found else "\n"

    @cached_property
    def _ends(self) -> list[tuple[int, int]]:
        """The end of each line, without and with its line end."""
        return [
            *(match.span() for match in _LINE_END.finditer(self.text)),
            (len(self.text), len(self.text)),
        ]

    def _line(self, number: int) -> tuple[int, str]:
        """Return the offset and the text of a line, without its line end."""
        start = self._ends[number - 1][1] if number else 0
        return start, self.text[start : self._ends[number][0]]

    def offset(self, position: Position) -> int:
        """Return the offset of a position.

        A position past the end of a line is its end, one past the last line the end of
        the text.
        """
        if position.line >= len(self._ends):
            return len(self.text)
        start, line = self._line(position.line)
        return start + characters(line, position.character, self.encoding)

    def changed(self, version: int, start: Position, end: Position, text: str) -> Document:
        """Return the document with the text between two positions replaced."""
        first, last = sorted((self.offset(start), self.offset(end)))
        return self.replaced(version, self.text[:first] + text + self.text[last:])

    def replaced(self, version: int, text: str) -> Document:
        """Return the document with another text.

        The halves of a surrogate pair that are now adjacent become one character.
        """
        if _SURROGATE.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return Document(self.uri, self.path, version, text, self.encoding)

    def edit_to(self, text: str) -> tuple[Position, Position, str] | None:
        """Return the edit that changes the text to `text`, which has LF line ends.

        The edit replaces whole lines, between what is the same at both ends, and has
        the document's line ends. None if only line ends differ.
        """
        old, new = _lines(self.text), _lines(text)
        shorter = min(len(old), len(new))
        first = next((n for n in range(shorter) if old[n] != new[n]), shorter)
        rest = shorter - first
        last = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
        if first == len(old) == len(new):
            return None
        end = len(old) - last
        stop = Position(end, 0)
        if end == len(self._ends):  # the last line has no line end
            stop = Position(end - 1, length_in_units(self._line(end - 1)[1], self.encoding))
        lines = "".join(new[first : len(new) - last])
        return Position(first, 0), stop, lines.replace("\n", self.line_end)

    def source_offset(self, source: Source, position: Position) -> int:
        """Return the offset in `source`, which was made of this text, of a position."""
        if position.line >= len(self._ends):
            return len(source.text)
        _, line = self._line(position.line)
        before = line[: characters(line, position.character, self.encoding)]
        if position.line == 0:
            before = before.removeprefix(_BOM)
        column = min(_composed_length(before), len(source.line(position.line)))
        return source.offset(position.line) + column

    def position(self, source: Source, offset: int) -> Position:
        """Return the position of an offset in `source`, which was made of this text."""
        span = source.span(offset, offset)
        number, column = min(span.line, len(self._ends)) - 1, span.column - 1
        _, line = self._line(number)
        lead = 1 if number == 0 and line.startswith(_BOM) else 0
        if line[lead:] != source.line(number):  # several characters here are one there
            prefixes = range(len(line) - lead + 1)
            column = bisect_right(
                prefixes, column, key=lambda n: _composed_length(line[lead : lead + n])
            )
            column -= 1
        return Position(number, length_in_units(line[: lead + column], self.encoding))


def _lines(text: str) -> list[str]:
    """Return the lines of a text, each with LF as its line end, if it has one."""
    return re.findall(r".*\n|.+$", _LINE_END.sub("\n", text))


def _composed_length(text: str) -> int:
    """Return the length of a text in a Source, whose characters are composed (NFC)."""
    return len(unicodedata.normalize("NFC", text))


def position(source: Source, offset: int, encoding: str) -> Position:
    """Return the position of an offset in a text that no editor has changed."""
    span = source.span(offset, offset)
    before = source.line(span.line - 1)[: span.column - 1]
    return Position(span.line - 1, length_in_units(before, encoding))


def length_in_units(text: str, encoding: str) -> int:
    """Return the length of a text in units of an encoding."""
    if encoding == UTF32 or text.isascii():
        return len(text)
    if encoding == UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def characters(line: str, length: int, encoding: str) -> int:
    """Return how many characters at the start of a line fit into `length` units."""
    if encoding == UTF32 or line.isascii():
        return min(length, len(line))
    seen = 0
    for number, char in enumerate(line):
        seen += length_in_units(char, encoding)
        if seen > length:
            return number
    return len(line)
