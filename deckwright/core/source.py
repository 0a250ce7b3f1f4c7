from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True)
class Source:
    """One text file of the project. `path` is relative to the project root, posix; `text` has LF line ends, NFC, no BOM."""

    path: str
    text: str = field(repr=False)
    root: str = ""
    namespace: str = ""

    @cached_property
    def starts(self) -> list[int]:
        """Offset of the first character of each line."""
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def line(self, number: int) -> str:
        """Text of line `number` (0-based) without its line end; empty past the end."""
        if number >= len(self.starts):
            return ""
        end = self.starts[number + 1] - 1 if number + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[number] : end]

    def offset(self, line: int) -> int:
        """Offset of the start of line `line` (0-based), or of the end of the text past the last line."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def span(self, start: int, end: int) -> Span:
        return Span(self, start, end)

    def lines_span(self, first: int, last: int) -> Span:
        """Span of lines `first` to `last` (0-based, `last` excluded) without surrounding blank lines."""
        start = self.offset(first)
        lines = self.text[start : self.offset(last)].rstrip()
        end = start + len(lines)
        return Span(self, end - len(lines.lstrip()), end)


class Span(NamedTuple):
    """Half-open range of offsets in a Source's text. Lines and columns are 1-based and counted in code points."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def line(self) -> int:
        return bisect_right(self.source.starts, self.start)

    @property
    def column(self) -> int:
        return self.start - self.source.starts[self.line - 1] + 1

    @property
    def end_line(self) -> int:
        return bisect_right(self.source.starts, max(self.start, self.end))

    @property
    def end_column(self) -> int:
        return max(self.start, self.end) - self.source.starts[self.end_line - 1] + 1

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]
