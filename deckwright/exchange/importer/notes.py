"""Notes that other programs wrote, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class ForeignTemplate:
    """A template of a note: its name and the fields that its two sides show.

    `back` has no field that `front` has.
    """

    name: str
    front: tuple[str, ...]
    back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignNote:
    """A note of another program.

    `origin` identifies it in later files: its guid, or a hash of its first field.
    `fields` are HTML by name, in order. `templates` are those that made a card, by
    their number, and empty where the note is cloze.
    """

    origin: str
    notetype: str
    cloze: bool
    fields: Mapping[str, str]
    tags: tuple[str, ...] = ()
    templates: Mapping[int, ForeignTemplate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """A file's notes, the pictures that they show by name, and remarks on the file."""

    notes: tuple[ForeignNote, ...]
    media: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    remarks: tuple[str, ...] = ()


def without_repeats(file: ForeignFile) -> ForeignFile:
    """Return a file without the notes that repeat an earlier one in every field and tag.

    A remark says how many these are.
    """
    first: dict[object, ForeignNote] = {}
    for note in file.notes:
        said = (note.notetype, note.tags, tuple(note.fields.items()), tuple(note.templates))
        first.setdefault(said, note)
    repeats = len(file.notes) - len(first)
    if not repeats:
        return file
    are = "1 note is" if repeats == 1 else f"{repeats:,} notes are"
    remark = f"{are} left out, because an earlier note has the same fields and tags"
    return replace(file, notes=tuple(first.values()), remarks=(*file.remarks, remark))
