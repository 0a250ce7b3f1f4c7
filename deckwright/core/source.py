"""Text files and ranges in them: `Source` and `Span`."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True)
class Source:
    """One text file of the project.

    `path` is relative to the project's folder, with forward slashes. `text` is in NFC,
    has LF line ends and no byte order mark. `card_folder` is the path of the card
    folder that the file is in, `namespace` its namespace. Both are empty for other files.
    """

    path: str
    text: str = field(repr=False)
    card_folder: str = ""
    namespace: str = ""

    def __reduce__(self) -> tuple[type[Source], tuple[str, ...]]:
        """Leave out `starts`, which is found faster than it is read."""
        return Source, (self.path, self.text, self.card_folder, self.namespace)

    @cached_property
    def starts(self) -> list[int]:
        """The offset of the first character of each line."""
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def line(self, number: int) -> str:
        """Return line `number` (from 0) without its line end; empty past the end."""
        if number >= len(self.starts):
            return ""
        end = self.starts[number + 1] - 1 if number + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[number] : end]

    def offset(self, line: int) -> int:
        """Return the offset of the start of line `line` (from 0).

        Past the last line: the end of the text.
        """
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def span(self, start: int, end: int) -> Span:
        """Return the range between two offsets, `end` excluded."""
        return Span(self, start, end)

    def lines_span(self, first: int, last: int) -> Span:
        """Return the range of lines `first` to `last` (from 0, `last` excluded).

        Blank space at its start and end is not included.
        """
        start = self.offset(first)
        lines = self.text[start : self.offset(last)].rstrip()
        end = start + len(lines)
        return Span(self, end - len(lines.lstrip()), end)


class Span(NamedTuple):
    """Half-open range of offsets in a Source's text.

    Lines and columns count from 1, columns in code points.
    """

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        """The path of the file, relative to the project's folder."""
        return self.source.path

    @property
    def line(self) -> int:
        """The line of the first character."""
        return bisect_right(self.source.starts, self.start)

    @property
    def column(self) -> int:
        """The column of the first character."""
        return self.start - self.source.starts[self.line - 1] + 1

    @property
    def end_line(self) -> int:
        """The line of the end."""
        return bisect_right(self.source.starts, max(self.start, self.end))

    @property
    def end_column(self) -> int:
        """The column right after the last character."""
        return max(self.start, self.end) - self.source.starts[self.end_line - 1] + 1

    @property
    def text(self) -> str:
        """The text of the range."""
        return self.source.text[self.start : self.end]
