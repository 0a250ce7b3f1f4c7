from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from deckwright.core.card import Card


@dataclass(frozen=True, slots=True)
class Image:
    """A picture beside the cards. `path` is relative to the project root; `digest` is the SHA-256 of `data`, hex."""

    path: str
    data: bytes = field(repr=False)
    digest: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    """A picture as a note refers to it: its name in Anki's media folder, and the Image's path."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Row:
    """A note as a package holds it. `fields` are HTML in the order of the note type; `position` is the place in the
    curriculum, from 1; `fingerprint` the SHA-256 (hex) of note type, fields and tags; `mod` the modification time in seconds since 1970; `note_id` the
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
    mod: int
    note_id: int
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


def picture_path(card_file: str, address: str) -> str:
    """Path of a picture in the project, from the path of the card's file and the address that stands there."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(card_file), address))
