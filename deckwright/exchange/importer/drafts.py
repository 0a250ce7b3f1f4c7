"""Cards made of the notes of other programs: one for each template that made a card."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from deckwright.exchange.importer.anki_syntax import line_of
from deckwright.exchange.importer.destination import Destination, Home
from deckwright.exchange.importer.foreign import (
    MAX_FIELDS,
    ForeignNote,
    ForeignTemplate,
    NotWritableError,
    check_length,
    field_name,
)
from deckwright.exchange.importer.pictures import Album
from deckwright.exchange.importer.to_markdown import escaped, to_markdown
from deckwright.project.project import Project
from deckwright.project.vocabulary import Vocabulary

# As in schema/card.schema.json.
_TAG = re.compile(r'[^\s,:"]+(::[^\s,:"]+)*')
_MOST_TAGS = 500  # characters
_OF_ANKI = frozenset({"leech", "marked"})

_FIELD = re.compile(r"\{\{([^{}]*)\}\}")
_SHOWN = re.compile(r"<(?:img|audio|video|svg|iframe|object|embed|canvas)\b", re.IGNORECASE)
_HIDDEN_ELEMENT = re.compile(r"<(script|style)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_SOURCES = frozenset({"source", "sources", "url", "link", "reference"})  # names of fields
_EXPLANATIONS = frozenset({"extra", "back extra", "notes"})


class Loss(NamedTuple):
    """A card of the file that is not written: its place, how it begins, and the reason."""

    place: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A card to be written.

    `origin` and `digest` identify its note and what the note said in later imports.
    `id` is empty where one is to be proposed from `subject`; `home` is None where the
    note names none. `remarks` are what is lost or changed of the note.

    `own` is true for a note that this compiler made.
    """

    origin: str
    place: str
    digest: str
    subject: str
    metadata: tuple[tuple[str, str], ...]
    sections: tuple[str, ...]
    remarks: tuple[str, ...]
    id: str = ""
    home: Home | None = None
    own: bool = False


@dataclass(slots=True)
class FieldWriter:
    """Writes the fields of a card below `folder`. `remarks` say what gets lost."""

    album: Album
    folder: str
    remarks: dict[str, None] = field(default_factory=dict)

    def remark(self, text: str) -> None:
        """Note something that gets lost."""
        self.remarks.setdefault(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text))

    def write(self, html: str, gaps: bool = False) -> str:
        """A field as Markdown (see `to_markdown`)."""

        def address(name: str) -> str:
            return self.album.address(name, self.folder, self.remark)

        return to_markdown(html, gaps, address, self.remark)

    def tags(self, tags: Iterable[str]) -> list[tuple[str, str]]:
        """The metadata that keeps tags, without those that a card cannot have."""
        written: list[str] = []
        for tag in dict.fromkeys(unicodedata.normalize("NFC", tag) for tag in tags):
            fits = len(", ".join([*written, tag])) <= _MOST_TAGS
            if fits and _TAG.fullmatch(tag) and tag.lower() not in _OF_ANKI:
                written.append(tag)
            else:
                self.remark(f"the tag {tag[:80]} is left out")
        return [("tags", ", ".join(written))] if written else []


class FieldChoice(NamedTuple):
    """The fields that the user wants as question, answer, and explanation; empty if none."""

    question: list[str]
    answer: str
    extra: list[str]

    @classmethod
    def named(cls, question: Iterable[str], answer: str, extra: Iterable[str]) -> FieldChoice:
        """The fields that the user names."""
        return cls([*map(field_name, question)], field_name(answer), [*map(field_name, extra)])


def chosen(note: ForeignNote, choice: FieldChoice) -> ForeignNote:
    """A note whose one template shows the chosen fields, if it has all of them."""
    names = {name.casefold(): name for name in note.fields}
    wanted = [names.get(name.casefold(), "") for name in (*choice.question, choice.answer)]
    if not choice.question or "" in wanted:
        return note
    is_cloze = any("{{cloze:" in template.front for template in note.templates.values())
    filters = "cloze:" if is_cloze else ""
    front = "<br>".join(f"{{{{{filters}{name}}}}}" for name in wanted[:-1])
    extra = [names.get(name.casefold(), "") for name in choice.extra]
    back = "".join(f"{{{{{name}}}}}" for name in (wanted[-1], *extra) if name)
    fields = note.fields
    if choice.extra:
        fields = {name: text for name, text in fields.items() if name in (*wanted, *extra)}
    return replace(note, fields=fields, templates={0: ForeignTemplate("", front, back)})


def foreign_drafts(
    note: ForeignNote, project: Project, album: Album, destination: Destination
) -> Iterator[Draft | Loss]:
    """A card for each template of a note."""
    filled = {
        name: text for name, text in note.fields.items() if _SHOWN.search(text) or line_of(text)
    }
    rendered = []
    for number, template in note.templates.items():
        writer = FieldWriter(album, destination.folder(destination.home))
        front = _rendered(template.front, note, filled, writer.remark)
        back = _rendered(template.back, note, filled, writer.remark, is_back=True)
        rendered.append((number, writer, front, back))
    shown = {name for *_, front, back in rendered for name in (*front.names, *back.names)}
    unshown = [name for name in filled if name not in shown]
    left = MAX_FIELDS  # characters that all cards of the note can show
    for number, writer, front, back in rendered:
        names = [*(name for name in back.names if name not in front.names), *unshown]
        unshown = []
        left -= len(front.html) + sum(len(filled[name]) for name in names)
        try:
            check_length("all cards of its note", MAX_FIELDS - left, MAX_FIELDS)
            sections, sources = _sections(writer, front, names, filled)
            yield _draft(note, number, writer, sections, sources, project, destination)
        except NotWritableError as error:
            yield Loss(note.place, subject_of(note), str(error))


def _draft(
    note: ForeignNote,
    number: int,
    writer: FieldWriter,
    sections: tuple[str, ...],
    sources: Iterable[tuple[str, str]],
    project: Project,
    destination: Destination,
) -> Draft:
    """The draft of a note's card of a number."""
    question = line_of(re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", sections[0]), open_gaps=False)
    several = f" {note.templates[number].name}" if len(note.templates) > 2 else " reversed"
    kind = default_kind(project.vocabulary)
    tags = writer.tags(note.tags)
    return Draft(
        origin=f"{note.origin}/{number}" if number else note.origin,
        place=note.place,
        digest=digest(note, number),
        subject=question + several * bool(number),
        metadata=(("kind", kind), ("topic", destination.topic), *tags, *sources),
        sections=sections,
        remarks=tuple(writer.remarks),
    )


class _Side(NamedTuple):
    """The HTML of a side of a card, the fields that it shows, and whether gaps are in it."""

    html: str
    names: dict[str, None]
    gaps: bool


def _parts(side: str, filled: Collection[str]) -> Iterator[tuple[bool, str]]:
    """The words and the fields of a side that are shown, and whether each is a field."""
    shown = [True]  # of each condition that is open, whether what is inside is shown
    for number, part in enumerate(_FIELD.split(side)):
        name = part[1:].strip()
        if number % 2 and part[:1] in ("#", "^"):
            shown.append(shown[-1] and (name in filled) == (part[0] == "#"))
        elif number % 2 and part[:1] == "/":
            shown = shown[:-1] or [True]
        elif shown[-1]:
            yield bool(number % 2), part.strip() if number % 2 else part


def _rendered(
    side: str,
    note: ForeignNote,
    filled: Mapping[str, str],
    remark: Callable[[str], None],
    is_back: bool = False,
) -> _Side:
    """A side of a card as Anki shows it. What the card cannot have goes to `remark`."""
    html: list[str] = []
    words: list[str] = []
    names: dict[str, None] = {}
    gaps = False
    for is_field, part in _parts(side, filled):
        filters, _, name = part.rpartition(":")
        if not is_field:
            html.append(part)
            words.append(part)
        elif filters.startswith("tts ") or name not in (*note.fields, "FrontSide"):
            remark(f"{{{{{part[:80]}}}}} in the template is left out")
        elif not is_back and filters.startswith(("type", "hint")) and "cloze" not in filters:
            remark(f"{{{{{part[:80]}}}}} is not on the front any more")
        elif name in filled:
            names[name] = None
            text = filled[name]
            if "cloze" in filters:
                gaps = gaps or "{{c" in text
            elif "{{c" in text:
                remark("a space was put between two braces that are not part of a gap")
            html.append(text if "cloze" in filters else text.replace("{{c", "{ {c"))
    text = line_of(_HIDDEN_ELEMENT.sub("", " ".join(words)))
    if is_back and any(map(str.isalnum, text)):
        remark(f"words on the back of the template are left out: {text[:200]}")
    return _Side("".join(html), names, gaps)


def _sections(
    writer: FieldWriter, front: _Side, names: list[str], filled: Mapping[str, str]
) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """Front, answer (the first field of the back), and explanation; and the sources.

    A card with gaps has no answer.
    """
    question = writer.write(front.html, front.gaps)
    if not question:
        raise NotWritableError("its question is empty")
    sources = [
        ("source", line_of(filled[name]))
        for name in names
        if name.casefold() in _SOURCES and re.fullmatch(r"https://\S+", line_of(filled[name]))
    ]
    names = [name for name in names if ("source", line_of(filled[name])) not in sources]
    answer = [] if front.gaps else [writer.write(filled[name]) for name in names[:1]]
    names = names if front.gaps else names[1:]
    labeled = len(names) > 1 or not {name.casefold() for name in names} <= _EXPLANATIONS
    parts = []
    for name in names:
        text = writer.write(filled[name])
        parts.append(f"**{escaped(name)}**\n\n{text}" if labeled else text)
    explanation = ["\n\n".join(parts)] if parts else []
    return (question, *answer, *explanation), sources


def subject_of(note: ForeignNote) -> str:
    """How a note begins."""
    lines = (line_of(text[:1000]) for text in note.fields.values())
    return next(filter(None, lines), note.origin)


def digest(note: ForeignNote, card: int) -> str:
    """16 hex digits of the SHA-256 of what a note says, for its card of a number.

    Tags are not part of it: Anki adds and removes some by itself.
    """
    text = "\x1f".join([*note.fields.values(), str(card)]).rstrip("\x1f")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def default_kind(vocabulary: Vocabulary) -> str:
    """The first kind of card that needs no source; else the first of all."""
    for slug, kind in vocabulary.kinds.items():
        if not kind.needs_source:
            return slug
    return next(iter(vocabulary.kinds))
