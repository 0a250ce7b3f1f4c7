"""Notes that other programs wrote, as plain values, and how large they can be.

The work for a note grows faster than the note, and its author may want us to wait. So a
note that is too large is not written, and all others are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_FIELD = 20_000  # characters of HTML in a field, of a note's tags, or of a side of a template
MAX_FIELDS = 60_000  # characters of HTML in all fields of a note, and in all cards that it makes
MAX_CARDS = 200_000  # all that a file makes
SHORTEN = "shorten or split the note, then import it again"


class NotWritableError(Exception):
    """Why a note, or one of its cards, cannot be written."""


@dataclass(frozen=True, slots=True)
class ForeignTemplate:
    """A template of a note: its name and the HTML of its sides, with `{{Field}}`."""

    name: str
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class ForeignNote:
    """A note of another program.

    `origin` identifies it in later files: its guid, or a hash of its first field. `place`
    says where it is in its file. `fields` are HTML by name, in order. `templates` are those
    that made a card, by their number.
    """

    origin: str
    place: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    templates: Mapping[int, ForeignTemplate]


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """A file's notes, the pictures that they show by name, and remarks on the file."""

    notes: tuple[ForeignNote, ...]
    media: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    remarks: tuple[str, ...] = ()


def field_name(text: str) -> str:
    """A name without what has a meaning in a template, as Anki's names of fields are."""
    return " ".join(re.sub(r"[{}:#^/]", " ", text).split())


def check_size(note: ForeignNote) -> None:
    """Raise NotWritableError if a field, the tags, or a template are too large, or all fields."""
    tags = sum(map(len, note.tags))
    sides = [side for one in note.templates.values() for side in (one.front, one.back)]
    parts = [(f"its field {name[:40]}", len(text)) for name, text in note.fields.items()]
    parts += [("its tags", tags), ("its template", max(map(len, sides), default=0))]
    for what, length in parts:
        check_length(what, length, MAX_FIELD)
    check_length("all its fields", sum(map(len, note.fields.values())), MAX_FIELDS)


def check_length(what: str, length: int, limit: int) -> None:
    """Raise NotWritableError if something is longer than its limit."""
    if length > limit:
        message = f"{what} would be {length:,} characters long; the maximum is {limit:,}"
        raise NotWritableError(f"{message} ({SHORTEN})")
