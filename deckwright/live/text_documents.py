"""Texts as an editor has them: with its line ends, and with positions that count in the units of the connection (LSP 3.17, "Text
Documents"). A Source is the same text in one form, so that places have to be taken from one to the other."""

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
    """Line and character, both from 0; characters count in units of the connection's encoding."""

    line: int
    character: int


@dataclass(frozen=True)
class Document:
    """One text that is open in an editor. `uri` names it as the editor does, `path` as the project does (empty outside of it);
    `encoding` is what positions count in."""

    uri: str
    path: str
    version: int
    text: str
    encoding: str = UTF16

    @property
    def data(self) -> bytes:
        """What would lie on the disk. Halves of a surrogate pair, which no file can hold, become question marks."""
        return self.text.encode("utf-8", "replace")

    @property
    def line_end(self) -> str:
        """The first line end of the text."""
        found = _LINE_END.search(self.text)
        return found[0] if found else "\n"

    @cached_property
    def _ends(self) -> list[tuple[int, int]]:
        """Where each line ends without and with its line end."""
        return [
            *(match.span() for match in _LINE_END.finditer(self.text)),
            (len(self.text), len(self.text)),
        ]

    def _line(self, number: int) -> tuple[int, str]:
        """Offset and text of a line, without its line end."""
        start = self._ends[number - 1][1] if number else 0
        return start, self.text[start : self._ends[number][0]]

    def offset(self, position: Position) -> int:
        """A place in the text; past the end of a line its end, past the last line the end of the text."""
        if position.line >= len(self._ends):
            return len(self.text)
        start, line = self._line(position.line)
        return start + points(line, position.character, self.encoding)

    def changed(self, version: int, start: Position, end: Position, text: str) -> Document:
        """The document with the text between two positions replaced."""
        first, last = sorted((self.offset(start), self.offset(end)))
        return self.replaced(version, self.text[:first] + text + self.text[last:])

    def replaced(self, version: int, text: str) -> Document:
        """The document with another text. Two halves of a surrogate pair that came together are one character."""
        if _SURROGATE.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return Document(self.uri, self.path, version, text, self.encoding)

    def edit_to(self, text: str) -> tuple[Position, Position, str] | None:
        """The one edit that makes `text` (with LF line ends) of the document: whole lines, between what is the same at both ends, with
        the document's line ends. None where nothing differs but line ends."""
        old, new = (
            re.findall(r".*\n|.+$", _LINE_END.sub("\n", whole)) for whole in (self.text, text)
        )
        shorter = min(len(old), len(new))
        first = next((n for n in range(shorter) if old[n] != new[n]), shorter)
        last = next(
            (n for n in range(shorter - first) if old[-1 - n] != new[-1 - n]), shorter - first
        )
        if first == len(old) == len(new):
            return None
        end = len(old) - last
        unended = end == len(self._ends)  # the last line has no line end
        stop = (
            Position(end - 1, units(self._line(end - 1)[1], self.encoding))
            if unended
            else Position(end, 0)
        )
        return (
            Position(first, 0),
            stop,
            "".join(new[first : len(new) - last]).replace("\n", self.line_end),
        )

    def source_offset(self, source: Source, position: Position) -> int:
        """The place in `source`, which was made of this text."""
        if position.line >= len(self._ends):
            return len(source.text)
        _, line = self._line(position.line)
        before = line[: points(line, position.character, self.encoding)]
        if position.line == 0:
            before = before.removeprefix(_BOM)
        return source.offset(position.line) + min(
            len(unicodedata.normalize("NFC", before)), len(source.line(position.line))
        )

    def position(self, source: Source, offset: int) -> Position:
        """The position of a place in `source`, which was made of this text."""
        span = source.span(offset, offset)
        number, column = span.line - 1, span.column - 1
        if number >= len(self._ends):
            number = len(self._ends) - 1
        _, line = self._line(number)
        lead = 1 if number == 0 and line.startswith(_BOM) else 0
        if line[lead:] != source.line(
            number
        ):  # it is composed there, so that several characters here are one there
            prefixes = range(len(line) - lead + 1)
            column = (
                bisect_right(
                    prefixes,
                    column,
                    key=lambda n: len(unicodedata.normalize("NFC", line[lead : lead + n])),
                )
                - 1
            )
        return Position(number, units(line[: lead + column], self.encoding))


def position(source: Source, offset: int, encoding: str) -> Position:
    """The position of a place in a text that no editor has changed."""
    span = source.span(offset, offset)
    return Position(span.line - 1, units(source.line(span.line - 1)[: span.column - 1], encoding))


def units(text: str, encoding: str) -> int:
    """How long a text is in units of an encoding."""
    if encoding == UTF32 or text.isascii():
        return len(text)
    if encoding == UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def points(line: str, length: int, encoding: str) -> int:
    """How many characters of a line make `length` units; one that is cut in the middle is not among them."""
    if encoding == UTF32 or line.isascii():
        return min(length, len(line))
    seen = 0
    for number, char in enumerate(line):
        seen += units(char, encoding)
        if seen > length:
            return number
    return len(line)
