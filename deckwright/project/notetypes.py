"""Note types as Anki gets them: a value, its shape and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from deckwright.core.identity import fingerprint
from deckwright.core.source import Span

# Fields that say what a card belongs to and where it comes from. They change with the
# vocabulary, an exam, or a page's address, and not because the card asks or says something else.
LABELS = ("Part", "Services", "Source", "AsOf", "Exams")
_SHARED_FIELDS = ("Extra", "Compare", "Status", *LABELS)

# The fields that the compiler fills, by card type. A note type has all of them, and no
# others but Spare1 to Spare9 and MyNotes.
FIELDS = {
    "basic": ("ID", "Question", "Answer", "Hint", *_SHARED_FIELDS),
    "cloze": ("ID", "Text", *_SHARED_FIELDS),
    "multiple-choice": ("ID", "Question", "Pick", "Options", "Key", "Why", *_SHARED_FIELDS),
}

_OVERLAY = "-mine"  # the end of the slug of an overlay's own note type


@dataclass(frozen=True, slots=True)
class NoteField:
    """A field of a note type. Anki identifies it by its id.

    The editor folds a `collapsed` field. A search for words does not look into an
    `unsearched` one.
    """

    name: str
    id: int
    description: str
    collapsed: bool = False
    unsearched: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A card template: the HTML of both sides in review and in the card browser."""

    name: str
    id: int
    front: str
    back: str
    browser_front: str
    browser_back: str


@dataclass(frozen=True, slots=True)
class NoteType:
    """A note type as Anki gets it.

    `sort_field` is an index into `fields`. `place` is where its id is given.
    `fingerprint` is the SHA-256 (hex) of everything that a learner receives of it.
    """

    slug: str
    name: str
    id: int
    cloze: bool
    sort_field: int
    fields: tuple[NoteField, ...]
    templates: tuple[Template, ...]
    css: str
    place: Span = field(compare=False, repr=False)
    fingerprint: str = ""

    @property
    def card_type(self) -> str:
        """The type of its cards: basic, cloze or multiple-choice."""
        return self.slug.removesuffix(_OVERLAY)


def overlay_slug(card_type: str) -> str:
    """Return the slug of an overlay's own note type for a card type."""
    return f"{card_type}{_OVERLAY}"


def fingerprinted(notetype: NoteType) -> NoteType:
    """Return the note type with its fingerprint."""
    content = [
        notetype.name,
        notetype.id,
        notetype.cloze,
        notetype.sort_field,
        [[f.name, f.id, f.description, f.collapsed, f.unsearched] for f in notetype.fields],
        [
            [t.name, t.id, t.front, t.back, t.browser_front, t.browser_back]
            for t in notetype.templates
        ],
        notetype.css,
    ]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    return replace(notetype, fingerprint=digest)


def in_order(notetype: NoteType, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of fields in the order of the note type, empty if not given."""
    return tuple(values.get(f.name, "") for f in notetype.fields)


def content_fingerprint(
    notetype: NoteType, fields: Iterable[str], marks: Iterable[str] = ()
) -> str:
    """Return the fingerprint of what a note asks and says: its fields but the labels.

    `fields` are in the order of the note type. `marks` are tags that an overlay adds. Empty
    fields have no part in it, so a spare field can come into use, or become a label, without
    a new fingerprint of the notes where it is empty.
    """
    named = zip(notetype.fields, fields, strict=True)
    content = sorted(f"{f.id}={v}" for f, v in named if v and f.name not in LABELS)
    return fingerprint(notetype.id, content, marks)


def labels_fingerprint(notetype: NoteType, fields: Iterable[str], tags: Iterable[str]) -> str:
    """Return the fingerprint of a note's labels and tags."""
    named = zip(notetype.fields, fields, strict=True)
    return fingerprint(notetype.id, (v for f, v in named if f.name in LABELS), tags)


def shape(notetype: NoteType) -> str:
    """Return in one line what must not change once learners have the note type.

    The kind, the sort field, all fields and all templates by their ids, in order. Names
    may change: if both sides have ids, Anki renames fields and templates.
    """
    kind = "cloze" if notetype.cloze else "normal"
    ids = [str(f.id) for f in notetype.fields]
    templates = ",".join(str(t.id) for t in notetype.templates)
    return ";".join((kind, ids[notetype.sort_field], ",".join(ids), templates))
