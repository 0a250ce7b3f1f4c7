"""The values that travel through the pipeline: frozen, standard library only, no behaviour beyond lookups."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple


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


@dataclass(frozen=True, slots=True)
class Field:
    """One `key: value` of a card's metadata list, as written."""

    name: str
    value: str
    name_span: Span
    value_span: Span


class Mark(NamedTuple):
    """Something inside running text that later stages ask about.

    `kind` is one of: gap (number, text = answer, extra = hint), bad-gap (text = why, extra = what to type), bad-math (text = why, extra = what to type),
    leftover (text = Markdown that was not understood), surplus (a table row's cells past its columns), html (text = the tag), image (text = alt, extra = address), link (extra = address), reference (a link definition).
    """

    kind: str
    span: Span
    text: str = ""
    extra: str = ""
    number: int = 0


class Block(NamedTuple):
    """One Markdown block. `tokens` belongs to `markdown` alone.

    `kind` is one of: heading (level), paragraph, bullets, numbers (level: the first number), item (checked: "", " " or "x"), code (text, info),
    indented (code by indentation), table (rows: plain text of the cells), rule, math (text), quote.
    """

    kind: str
    span: Span
    level: int = 0
    text: str = ""
    info: str = ""
    checked: str = ""
    children: tuple[Block, ...] = ()
    marks: tuple[Mark, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    tokens: Any = ()

    def walk(self) -> Iterator[Block]:
        """This block and everything inside it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks between two `---` lines of a card, and the `---` above them (None for the first section). `span` is empty
    at the place where a missing one would stand."""

    blocks: tuple[Block, ...]
    span: Span
    opener: Span | None = None


@dataclass(frozen=True, slots=True)
class RawCard:
    """What the author wrote under one heading, in order and with doubles. `whole` is false where a line of the metadata could
    not be read, so that nothing is called missing that is only malformed; `sound` is false where id or metadata are none, so that
    the card is looked at, and goes no further."""

    id: Field
    metadata: tuple[Field, ...]
    sections: tuple[Section, ...]
    span: Span
    whole: bool = True
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice card: `text` is its line, `why` the reason under it."""

    text: Block
    why: tuple[Block, ...]
    right: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Concept:
    """Question and answer."""

    question: Section
    answer: Section
    extra: Section
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Running text with gaps."""

    text: Section
    gaps: tuple[Mark, ...]
    extra: Section


@dataclass(frozen=True, slots=True)
class Choice:
    """Multiple choice (one right option) or multiple response (several)."""

    question: Section
    options: tuple[Option, ...]
    extra: Section


Content = Concept | Fact | Choice


@dataclass(frozen=True, slots=True)
class Card:
    """A card in the terms of the project; `validate` returns only those that no rule refuses. Slugs are those of the vocabulary; `checked` is YYYY-MM or YYYY-MM-DD or empty; `facts` are names of what the card states, each with its gap, `distinct` the ids of
    cards that it is no duplicate of, `compare` of those that its back shows, `evidence` where published data states its values."""

    id: str
    namespace: str
    kind: str
    status: str
    task: str
    service: str
    also: tuple[str, ...]
    topic: str
    exams: tuple[str, ...]
    sources: tuple[str, ...]
    checked: str
    content: Content
    span: Span
    id_span: Span
    facts: tuple[Field, ...] = ()
    distinct: tuple[Field, ...] = ()
    compare: tuple[Field, ...] = ()
    evidence: tuple[Field, ...] = ()

    @property
    def type(self) -> str:
        return type(self.content).__name__.lower()

    @property
    def services(self) -> tuple[str, ...]:
        return (self.service, *self.also)

    @property
    def prompt(self) -> Section:
        return self.content.text if isinstance(self.content, Fact) else self.content.question

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The card's outermost blocks in the order of the file; an option counts as its text and its reason."""
        content = self.content
        middle: tuple[Block, ...] = ()
        if isinstance(content, Concept):
            middle = content.answer.blocks
        elif isinstance(content, Choice):
            middle = tuple(block for option in content.options for block in (option.text, *option.why))
        return (*self.prompt.blocks, *middle, *content.extra.blocks)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture beside the cards. `path` is relative to the project root; `digest` is the SHA-256 of `data`, hex."""

    path: str
    data: bytes = field(repr=False)
    digest: str = ""
    width: int = 0
    height: int = 0


def picture_path(card_file: str, address: str) -> str:
    """Path of a picture in the project, from the path of the card's file and the address that stands there."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(card_file), address))


@dataclass(frozen=True, slots=True)
class Media:
    """A picture as a note refers to it: its name in Anki's media folder, and the Image's path."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Row:
    """A note as a package holds it. `fields` are HTML in the order of the note type; `position` is the place in the
    curriculum, from 1; `fingerprint` the SHA-256 (hex) of note type, fields and tags; `stamp` in seconds since 1970; `number` the
    note's id in milliseconds, 0 before its first release; `draft` says that no release holds it as it is; `extended` that an overlay
    has a part in it."""

    id: str
    guid: str
    type: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    deck: str
    position: int
    fingerprint: str
    stamp: int
    number: int
    draft: bool
    extended: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Note(Row):
    """A card in Anki's terms."""

    card: Card
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of `dist/`: `path` is relative to it, posix."""

    path: str
    data: bytes = field(repr=False)
    notes: int = 0
    cards: int = 0
