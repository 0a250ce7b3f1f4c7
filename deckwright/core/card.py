"""The values that travel through the pipeline: frozen, standard library only, no behaviour beyond lookups."""

from __future__ import annotations

from dataclasses import dataclass

from deckwright.core.blocks import Block, Mark
from deckwright.core.source import Span


@dataclass(frozen=True, slots=True)
class Field:
    """One `key: value` of a card's metadata list, as written."""

    name: str
    value: str
    name_span: Span
    value_span: Span


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
class Basic:
    """Question and answer."""

    question: Section
    answer: Section
    extra: Section
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Cloze:
    """Running text with gaps."""

    text: Section
    gaps: tuple[Mark, ...]
    extra: Section


@dataclass(frozen=True, slots=True)
class MultipleChoice:
    """Multiple choice (one right option) or multiple response (several)."""

    question: Section
    options: tuple[Option, ...]
    extra: Section


Content = Basic | Cloze | MultipleChoice
_TYPES = {Basic: "basic", Cloze: "cloze", MultipleChoice: "multiple-choice"}
TYPES = tuple(_TYPES.values())  # the names of the card types, which are the slugs of the note types


@dataclass(frozen=True, slots=True)
class Card:
    """A card in the terms of the project; `validate` returns only those that no rule refuses. Slugs are those of the vocabulary; `checked` is YYYY-MM or YYYY-MM-DD or empty; `shared_values` are names of values that the card states, each with its gap, `distinct` the ids of
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
    shared_values: tuple[Field, ...] = ()
    distinct: tuple[Field, ...] = ()
    compare: tuple[Field, ...] = ()
    evidence: tuple[Field, ...] = ()

    @property
    def type(self) -> str:
        """One of TYPES."""
        return _TYPES[type(self.content)]

    @property
    def services(self) -> tuple[str, ...]:
        return (self.service, *self.also)

    @property
    def prompt(self) -> Section:
        return self.content.text if isinstance(self.content, Cloze) else self.content.question

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The card's outermost blocks in the order of the file; an option counts as its text and its reason."""
        content = self.content
        middle: tuple[Block, ...] = ()
        if isinstance(content, Basic):
            middle = content.answer.blocks
        elif isinstance(content, MultipleChoice):
            middle = tuple(
                block for option in content.options for block in (option.text, *option.why)
            )
        return (*self.prompt.blocks, *middle, *content.extra.blocks)
