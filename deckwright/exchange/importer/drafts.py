"""Drafts of cards: what foreign notes become."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from deckwright.exchange.importer.destination import Home
from deckwright.exchange.importer.notes import ForeignNote
from deckwright.project.vocabulary import Vocabulary

# As in schema/card.schema.json.
_TAG = re.compile(r'[^\s,:"]+(::[^\s,:"]+)*')
_MOST_TAGS = 500  # characters
_OF_ANKI = frozenset({"leech", "marked"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A card to be written.

    `origin` and `digest` identify its note and what the note said in later imports.
    `id` is empty where one is to be proposed from `subject`; `home` is None where the
    note names none. `remarks` are what of the note is lost, `unmapped` its tags that
    no card can have.

    `own` is true for a note that this compiler made. Its `text_key` is made of what it
    says, and `compared` has the keys of the cards that it is compared with.
    """

    origin: str
    digest: str
    id: str
    subject: str
    home: Home | None
    metadata: tuple[tuple[str, str], ...]
    sections: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    own: bool = False
    text_key: str = ""
    compared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unwritable:
    """A note that cannot become a card, and why."""

    subject: str
    reason: str


def digest(note: ForeignNote, card: int) -> str:
    """16 hex digits of the SHA-256 of what a note says, for its card of a number.

    Tags are not part of it: Anki adds and removes some by itself.
    """
    text = "\x1f".join([*note.fields.values(), str(card)]).rstrip("\x1f")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def own_tags(tags: Iterable[str]) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """The metadata that keeps tags, if any, and the tags that it cannot keep.

    Those are Anki's own, and tags with a character that has a meaning in the metadata.
    """
    found = dict.fromkeys(unicodedata.normalize("NFC", tag) for tag in tags)
    kept: dict[str, None] = {}
    left = _MOST_TAGS + len(", ")
    for tag in found:
        if _TAG.fullmatch(tag) and tag.lower() not in _OF_ANKI:
            left -= len(tag) + len(", ")
            if left < 0:
                break
            kept[tag] = None
    rest = tuple(tag for tag in found if tag not in kept)
    return ([("tags", ", ".join(kept))] if kept else []), rest


def default_kind(vocabulary: Vocabulary) -> str:
    """The first kind of card that needs no source; else the first of all."""
    for slug, kind in vocabulary.kinds.items():
        if not kind.needs_source:
            return slug
    return next(iter(vocabulary.kinds))
