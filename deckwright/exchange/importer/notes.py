"""Notes that other programs wrote, as plain values, and the one way in which a file of theirs is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Face:
    """One card of a note: the name of its template and the fields that its two sides show, in their order."""

    name: str
    question: tuple[str, ...]
    answer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignNote:
    """`origin` tells the note again in a later file: its guid, or a hash of its first field. `fields` are HTML by name, in
    order; `faces` are by the number of the template, and empty where a note is cloze."""

    origin: str
    notetype: str
    cloze: bool
    fields: Mapping[str, str]
    tags: tuple[str, ...] = ()
    faces: Mapping[int, Face] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """What a file holds: its notes in order, the pictures that they show by name, and what is to be said of the file as a whole."""

    notes: tuple[ForeignNote, ...]
    media: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    remarks: tuple[str, ...] = ()
