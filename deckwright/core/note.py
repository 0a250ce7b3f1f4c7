"""Notes in Anki's terms, images, and the files of `dist/`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field

from deckwright.core.blocks import Block
from deckwright.core.card import Card

MARKS = "mark"  # below a tag root: tags of authors' own, and those that an overlay adds


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the project: its path in it, and the SHA-256 (hex) of its data."""

    path: str
    data: bytes = field(repr=False)
    digest: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    """An image in a note: its name in Anki's media folder, and the Image's path."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class PackagedNote:
    """A note as a package contains it: the note of a card, or a tombstone.

    `type` is the slug of its note type, `fields` are HTML in its order. `position` is
    the place in the order of study, from 1. The fingerprints are SHA-256 in hex
    (see `notetypes`). `mod` is Anki's modification time in seconds since 1970.
    `note_id` is the note's id in milliseconds, 0 before its first release. `draft`
    means that no release contains the note as it is, `extended` that an overlay changed
    it.
    """

    id: str
    guid: str
    type: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    deck: str
    position: int
    content_fingerprint: str
    labels_fingerprint: str
    mod: int
    note_id: int
    draft: bool
    extended: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Note(PackagedNote):
    """The note of a card, with the images that it uses."""

    card: Card
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of `dist/`, its path below it, and the notes and Anki cards in it."""

    path: str
    data: bytes = field(repr=False)
    notes: int = 0
    cards: int = 0


def image_path(card_file: str, address: str) -> str:
    """Return the path of an image in the project, from its address in a card file."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(card_file), address))


def image_paths(blocks: Iterable[Block]) -> tuple[str, ...]:
    """Return the paths of the images that blocks show."""
    return tuple(
        image_path(mark.span.path, mark.extra)
        for block in blocks
        for mark in block.marks
        if mark.kind == "image"
    )
