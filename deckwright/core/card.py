"""Cards as their authors wrote them, and as the compiler understands them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from deckwright.core.blocks import Block, Mark
from deckwright.core.source import Span


class MetadataLine(NamedTuple):
    """One `key: value` of a card's metadata list, as written."""

    name: str
    value: str
    name_span: Span
    value_span: Span


class Section(NamedTuple):
    """The blocks of a card between two `---` lines.

    `opener` is the `---` line above them; None for the first section. A missing section
    has an empty `span` where it should be.
    """

    blocks: tuple[Block, ...]
    span: Span
    opener: Span | None = None


@dataclass(frozen=True, slots=True)
class RawCard:
    """What the author wrote under one heading, in order, including repeated metadata.

    `metadata_readable` is false if a line of the metadata could not be parsed: then no
    key is reported as missing. `usable` is false without an id or without metadata:
    then the card is checked, but not compiled.
    """

    id: MetadataLine
    metadata: tuple[MetadataLine, ...]
    sections: tuple[Section, ...]
    span: Span
    metadata_readable: bool = True
    usable: bool = True


class Option(NamedTuple):
    """An option of a multiple-choice card: its line, and `why`, the reason below it."""

    text: Block
    why: tuple[Block, ...]
    right: bool
    span: Span


class Basic(NamedTuple):
    """The content of a basic card: question and answer."""

    question: Section
    answer: Section
    extra: Section
    hint: str = ""


class Cloze(NamedTuple):
    """The content of a cloze card: text with gaps (Anki's cloze deletions)."""

    text: Section
    gaps: tuple[Mark, ...]
    extra: Section


class MultipleChoice(NamedTuple):
    """The content of a multiple-choice card: one or more options are right."""

    question: Section
    options: tuple[Option, ...]
    extra: Section


Content = Basic | Cloze | MultipleChoice
_TYPES = {Basic: "basic", Cloze: "cloze", MultipleChoice: "multiple-choice"}
TYPES = tuple(_TYPES.values())  # the names of the card types, which are the slugs of the note types


@dataclass(frozen=True, slots=True)
class Card:
    """A card whose structure is valid, in the terms of the project's vocabulary.

    `level` is empty if the vocabulary has no levels. `checked` is YYYY-MM, YYYY-MM-DD
    or empty. `shared_values` are names of values that the card states, each with its
    gap. `not_duplicate_of` are the ids of cards that it does not duplicate, `compare` the ids
    of cards that its back shows. `evidence` is where published data and pages state its values.
    `tags` are the author's own. `language` is the BCP 47 tag of its card folder.
    """

    id: str
    namespace: str
    kind: str
    level: str
    status: str
    part: str
    service: str
    also: tuple[str, ...]
    topic: str
    exams: tuple[str, ...]
    sources: tuple[str, ...]
    checked: str
    content: Content
    span: Span
    id_span: Span
    shared_values: tuple[MetadataLine, ...] = ()
    not_duplicate_of: tuple[MetadataLine, ...] = ()
    compare: tuple[MetadataLine, ...] = ()
    evidence: tuple[MetadataLine, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "en-US"

    @property
    def type(self) -> str:
        """One of TYPES."""
        return _TYPES[type(self.content)]

    @property
    def right_options(self) -> tuple[bool, ...]:
        """Whether each option of a multiple-choice card is right; empty for other cards."""
        content = self.content
        options = content.options if isinstance(content, MultipleChoice) else ()
        return tuple(option.right for option in options)

    @property
    def services(self) -> tuple[str, ...]:
        """The card's home and the other services that it is about."""
        return (self.service, *self.also)

    @property
    def prompt(self) -> Section:
        """What the front asks: the question, or the text with gaps."""
        return self.content.text if isinstance(self.content, Cloze) else self.content.question

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The card's outermost blocks in order, options as lines and reasons."""
        content = self.content
        middle: tuple[Block, ...] = ()
        if isinstance(content, Basic):
            middle = content.answer.blocks
        elif isinstance(content, MultipleChoice):
            middle = tuple(
                block for option in content.options for block in (option.text, *option.why)
            )
        return (*self.prompt.blocks, *middle, *content.extra.blocks)
