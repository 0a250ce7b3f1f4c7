"""Notes that other programs wrote, as plain values, and how large they can be.

The work for a note grows faster than the note, and its author may want us to wait. So a
note that is too large is not written, and all others are.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple

MAX_FIELD = 20_000  # characters of HTML in a field, of a note's tags, or of a side of a template
MAX_NOTE = 300_000  # characters of HTML in all fields of all cards that a note makes
MAX_CARDS = 200_000  # all that a file makes

Fields = Mapping[str, str]  # HTML by the names of fields, in order


class NotWritableError(Exception):
    """Why a note, or one of its cards, cannot be written."""


class ForeignNote(NamedTuple):
    """A note of another program.

    `place` says where it is in its file. `templates` are
    those that made a card: front and back as HTML with `{{Field}}`. `tags_field` is the name of
    the field or column that had tags, if there is one.
    """

    place: str
    fields: Fields
    tags: tuple[str, ...]
    templates: tuple[tuple[str, str], ...]
    tags_field: str = ""


class ForeignFile(NamedTuple):
    """A file's notes, remarks on the file, and its pictures by name."""

    notes: tuple[ForeignNote, ...]
    remarks: tuple[str, ...]
    media: Mapping[str, bytes]


def check_size(note: ForeignNote) -> None:
    """Raise NotWritableError if a part of a note, or the whole note, is too large."""
    parts = (*note.fields.values(), "".join(note.tags), *chain(*note.templates))
    total = sum(map(len, note.fields.values())) * len(note.templates)
    if max(map(len, parts)) > MAX_FIELD or total > MAX_NOTE:
        limits = f"{MAX_FIELD:,} characters in a part, or {MAX_NOTE:,} in its cards"
        raise NotWritableError(f"it has more than {limits}: shorten or split it")
