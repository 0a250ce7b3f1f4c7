"""Cards made of the notes of other programs: one for each template that made a card."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from deckwright.cards.metadata import FileSubject
from deckwright.core.card import Card
from deckwright.core.errors import UserError
from deckwright.exchange.importer.anki_syntax import field_name, line_of
from deckwright.exchange.importer.destination import Destination
from deckwright.exchange.importer.foreign import Fields, ForeignFile, ForeignNote, NotWritableError
from deckwright.exchange.importer.pictures import Album
from deckwright.exchange.importer.simple_html import escaped
from deckwright.exchange.importer.to_markdown import to_markdown

# As in schema/card.schema.json.
_TAG = re.compile(r'[^\s,:"]+(::[^\s,:"]+)*')
_MOST_TAGS = 500  # characters
_OF_ANKI = frozenset({"leech", "marked"})

_FIELD = re.compile(r"\{\{([^{}]*)\}\}")
_SHOWN = re.compile(r"<(?:img|audio|video|svg|iframe|object|embed|canvas)\b", re.IGNORECASE)
_HIDDEN_ELEMENT = re.compile(r"<(script|style)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_SOURCES = frozenset({"source", "sources", "url", "link", "reference"})  # names of fields
_EXPLANATIONS = frozenset({"extra", "back extra", "notes"})
_UNNAMED = re.compile(r"(Field|column) \d+")
_FURIGANA = re.compile("[\u3005\u3400-\u9fff]\\\\?\\[[\u3040-\u30ff]+")
_ESCAPED = re.compile(r"\\[*`]")


@dataclass(slots=True)
class Draft:
    """A card of the file, and what becomes of it.

    `roles` says which fields are its question, answer, and so on. `remarks` are what is lost or
    changed of its note. A card that is written has a `path`; one
    that the project has already `exists`; any other has a `reason`. `id` is empty until the path
    is known, except for a card of this compiler.
    """

    place: str
    subject: str
    home: FileSubject | None
    metadata: list[tuple[str, str]] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    roles: str = ""
    remarks: Iterable[str] = ()
    id: str = ""
    path: str = ""
    exists: bool = False
    reason: str = ""
    card: Card | None = None


@dataclass(slots=True)
class FieldWriter:
    """Writes the fields of a card below `folder`. `remarks` say what gets lost."""

    album: Album
    folder: str
    remarks: dict[str, None] = field(default_factory=dict)

    def remark(self, text: str) -> None:
        """Note something that gets lost."""
        self.remarks.setdefault(text)

    def write(self, html: str, gaps: bool = False) -> str:
        """A field as Markdown (see `to_markdown`)."""
        address = partial(self.album.address, folder=self.folder)
        text = to_markdown(html, gaps, address, self.remark)
        if _FURIGANA.search(text):
            self.remark("readings such as 漢字[かんじ] stay in brackets, not above the characters")
        if _ESCAPED.search(text):
            self.remark("Markdown signs, such as in **word**, stay as typed and format nothing")
        return text

    def tags(self, tags: Iterable[str]) -> list[tuple[str, str]]:
        """The metadata that keeps tags, split at spaces, without those that a card cannot have."""
        written: list[str] = []
        text = unicodedata.normalize("NFC", "\n".join(tags))
        if re.search(r"\S \S", text):
            self.remark("tags were split at spaces, as in Anki")
        for tag in dict.fromkeys(text.split()):
            fits = len(", ".join([*written, tag])) <= _MOST_TAGS
            if fits and _TAG.fullmatch(tag) and tag.lower() not in _OF_ANKI:
                written.append(tag)
            else:
                self.remark(f"the tag {tag[:80]} is left out")
        return [("tags", ", ".join(written))] if written else []


def with_choice(file: ForeignFile, *choice: Sequence[str]) -> ForeignFile:
    """A file whose notes show the fields that the user chose.

    `choice` names those of question, answer, explanation, and tags; none or one of answer and
    tags. Raises UserError for a field that no note has.
    """
    names = dict.fromkeys(name for note in file.notes for name in note.fields)
    groups = _chosen([*names], choice)
    left = ", ".join(name for name in names if name not in chain(*groups))
    remark = f"left out, because --extra names other fields: {left}"
    remarks = (*file.remarks, *([remark] if choice[2] and left else []))
    notes = tuple(_with_choice(note, *groups) for note in file.notes)
    return file._replace(notes=notes, remarks=remarks)


def _chosen(names: Sequence[str], choice: Sequence[Sequence[str]]) -> list[list[str]]:
    """The chosen names as the fields have them. Raises UserError if that makes no sense."""
    known = {re.sub("^(field|column) ", "", name.casefold()): name for name in names}
    known |= {name.casefold(): name for name in names}
    groups = [[known.get(field_name(one).casefold(), "") for one in group] for group in choice]
    pairs = zip(chain(*choice), chain(*groups), strict=True)
    problems = [f"no note has a field `{one}`" for one, own in pairs if not own]
    if bool(choice[0]) != bool(choice[1]) or (choice[2] and not choice[0]):
        problems.append("write both --question and --answer")
    if problems:
        raise UserError("; ".join(problems), f"the fields are {', '.join(names)}")
    return groups


def _with_choice(
    note: ForeignNote, asked: list[str], answer: list[str], extra: list[str], tags: list[str]
) -> ForeignNote:
    """A note whose one template shows the chosen fields, if it has all of them."""
    tags_field = (tags or [note.tags_field])[0]
    fields = dict(note.fields)
    tags = [*note.tags, *re.split(r"[,;]", line_of(fields.pop(tags_field, "")))]
    note = note._replace(fields=fields, tags=tuple(tags), tags_field=tags_field)
    if not asked or not {*asked, *answer} <= fields.keys():
        return note
    is_cloze = any("{{cloze:" in front for front, _ in note.templates)
    front = "<br>".join(f"{{{{{'cloze:' * is_cloze}{name}}}}}" for name in asked)
    if extra:
        fields = {name: fields[name] for name in (*asked, *answer, *extra) if name in fields}
    return note._replace(fields=fields, templates=((front, f"{{{{{answer[0]}}}}}"),))


def foreign_drafts(note: ForeignNote, album: Album, where: Destination) -> Iterator[Draft]:
    """A card for each template of a note. Fields that no template shows are on the first."""
    if not note.templates:
        raise NotWritableError("its note type has no template for its card")
    filled = {
        name: text for name, text in note.fields.items() if _SHOWN.search(text) or line_of(text)
    }
    cards: list[tuple[FieldWriter, str, Collection[str], list[str]]] = []
    unshown, tags = [*note.fields], list(filter(None, [note.tags_field]))
    for sides in note.templates:
        writer = FieldWriter(album, where.folder(None))
        front, asked = _rendered(sides[0], note, filled, writer)
        _, back = _rendered(sides[1], note, filled, writer, is_back=True)
        cards.append((writer, front, asked, [name for name in back if name not in asked]))
        unshown = [name for name in unshown if name not in (*asked, *back)]
    for writer, front, on_front, answers in cards:
        subject = line_of(front, open_gaps=False) or subject_of(note)
        draft = Draft(note.place, subject, where.home, remarks=writer.remarks)
        answer = [] if "{{c" in front else answers[:1]
        extra = [*answers, *unshown][len(answer) :]
        roles = {"question": on_front, "answer": answer, "extra": extra, "tags": tags}
        draft.roles = "; ".join(f"{role}: {', '.join(n)}" for role, n in roles.items() if n)
        try:
            draft.sections, sources = _sections(writer, front, answers, unshown, filled)
            metadata = [("kind", where.kind), ("topic", where.topic)]
            draft.metadata = [*metadata, *writer.tags(note.tags), *sources]
        except NotWritableError as error:
            draft.reason = str(error)
        unshown = []
        yield draft


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
    side: str, note: ForeignNote, filled: Fields, writer: FieldWriter, is_back: bool = False
) -> tuple[str, dict[str, None]]:
    """The HTML of a side of a card as Anki shows it, and the names of the fields in it, also empty.

    What the card cannot have is remarked. Braces in it are gaps.
    """
    html: list[str] = []
    words: list[str] = []
    names: dict[str, None] = {}
    for is_field, part in _parts(side, filled):
        filters, _, name = part.rpartition(":")
        is_hidden = not is_back and filters in ("type", "hint")
        if not is_field:
            html.append(part)
            words.append(part)
        elif is_hidden or filters.startswith("tts ") or name not in (*note.fields, "FrontSide"):
            writer.remark(f"{{{{{part[:80]}}}}} in the template is left out")
        elif name in note.fields:
            names[name] = None
            html.append(filled.get(name, ""))
    text = line_of(_HIDDEN_ELEMENT.sub("", " ".join(words)))
    if is_back and any(map(str.isalnum, text)):
        writer.remark(f"words on the back of the template are left out: {text[:200]}")
    return "".join(html), names


def _sections(
    writer: FieldWriter, front: str, answers: Sequence[str], others: Sequence[str], filled: Fields
) -> tuple[list[str], list[tuple[str, str]]]:
    """Front, answer, and explanation; and the sources.

    The answer is the first of the fields `answers` with text, if possible no link, and none of
    the `others`. A card with gaps has no answer.
    """
    sections = [writer.write(front, "{{c" in front)]
    if not sections[0]:
        raise NotWritableError("its question is empty")
    names = [name for name in (*answers, *others) if name in filled]
    links = {name: line_of(filled[name]) for name in names if name.casefold() in _SOURCES}
    links = {name: link for name, link in links.items() if re.fullmatch(r"https://\S+", link)}
    if "{{c" not in front:
        answer = _answer(answers, filled, links)
        if answers[0] not in filled:
            writer.remark(f"`{answers[0]}` is empty, so `{answer}` is the answer")
        sections.append(writer.write(filled[answer]))
        names.remove(answer)
        links.pop(answer, None)
    names = [name for name in names if name not in links]
    sections += filter(None, [_explanation(writer, names, filled)])
    return sections, [("source", link) for link in links.values()]


def _answer(answers: Sequence[str], filled: Fields, links: Collection[str]) -> str:
    """The first field of the back with text, if possible none of `links`."""
    shown = [name for name in answers if name in filled]
    if not shown:
        field_of_it = f": the field `{answers[0]}`" if answers else ""
        raise NotWritableError(f"its answer is empty{field_of_it}")
    return next((name for name in shown if name not in links), shown[0])


def _explanation(writer: FieldWriter, names: Sequence[str], filled: Fields) -> str:
    """Fields below their names; a column without a name has no heading."""
    labeled = len(names) > 1 or not {name.casefold() for name in names} <= _EXPLANATIONS
    headings = [f"**{escaped(n)}**" * (labeled and not _UNNAMED.fullmatch(n)) for n in names]
    texts = [writer.write(filled[name]) for name in names]
    return "\n\n".join(filter(None, chain(*zip(headings, texts, strict=True))))


def subject_of(note: ForeignNote) -> str:
    """How a note begins."""
    lines = (line_of(text[:1000]) for text in note.fields.values())
    return next(filter(None, lines), note.place)
