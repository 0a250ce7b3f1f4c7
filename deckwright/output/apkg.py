"""Notes → `.apkg` files, the same bytes for the same notes.

The only importer of genanki, which provides the collection's schema and first row, note
types, decks, and the cards that a note makes. Rows, `mod`, ids and the container are
written here: genanki uses the time of the build as every note's `mod`, so each import
would overwrite a learner's whole deck.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import genanki
from genanki.apkg_col import APKG_COL
from genanki.apkg_schema import APKG_SCHEMA

from deckwright.cache.fingerprints import of_compiler, of_texts
from deckwright.cache.memo import Memo
from deckwright.core.identity import SLOT, apart, card_id
from deckwright.core.note import Artifact, Image, Media, Note, PackagedNote
from deckwright.core.progress import SILENT, Progress
from deckwright.output.html_text import without_markup
from deckwright.output.modification_times import modification_time
from deckwright.project.notetypes import NoteType
from deckwright.project.packages import RETIRED, prefixed
from deckwright.project.project import Project

_DAY = 100_000_000 // SLOT  # slots for note ids in a little more than the day before the epoch
_DEFLATE = 1  # level: with 4, packages are 12 percent smaller, and a build takes 5 percent longer
_SECOND_ONE = 1  # the `mod` of a note type that must not replace the learner's


def package(
    chosen: Mapping[str, tuple[Note, ...]],
    project: Project,
    images: Iterable[Image],
    progress: Progress = SILENT,
    memo: Memo | None = None,
) -> tuple[Artifact, ...]:
    """Return the packages with at least one note, sorted by path.

    `chosen` are the notes of each package by its path (see `selections`). `memo` has
    the packages of earlier builds.
    """
    every = {note.guid: note for notes in chosen.values() for note in notes}
    writer, memo = _Writer(tuple(every.values()), project, images), memo or Memo()
    setting = writer.setting()
    packages = []
    filled = sorted((path, notes) for path, notes in chosen.items() if notes)
    for path, notes in progress.over("writing packages", filled):
        make = partial(writer.artifact, path, notes, _media(notes))
        packages.append(memo.get(writer.key(setting, path, notes), make))
    return tuple(packages)


def retired_package(tombstones: Iterable[PackagedNote], project: Project) -> tuple[Artifact, ...]:
    """Return the package with the tombstones; nothing if there are none.

    They are in no other package, so new learners never see them.
    """
    rows = tuple(tombstones)
    return (
        (_Writer(rows, project, ()).artifact(prefixed(RETIRED, project.prefix), rows, ()),)
        if rows
        else ()
    )


def addition(
    notes: tuple[Note, ...], project: Project, images: Iterable[Image], present: frozenset[str]
) -> Artifact:
    """Return a package of these notes, at least one, for a collection in use.

    `present` are the slugs of the note types in the collection. The import leaves them
    as they are.
    """
    writer = _Writer(notes, project, images, present)
    return writer.artifact("new.apkg", notes, _media(notes))


def _media(notes: Iterable[Note]) -> tuple[Media, ...]:
    return tuple(sorted({m for note in notes for m in note.media}, key=lambda m: m.name))


class _Model(genanki.Model):  # type: ignore[misc]
    """A note type with its own `mod` and permanent ids of fields and templates."""

    def __init__(self, notetype: NoteType, mod: int) -> None:
        super().__init__(
            model_id=notetype.id,
            name=notetype.name,
            fields=[
                {
                    "name": f.name,
                    "id": f.id,
                    "description": f.description,
                    "font": "Arial",
                    "collapsed": f.collapsed,
                    "excludeFromSearch": f.unsearched,
                    "preventDeletion": True,
                }
                for f in notetype.fields
            ],
            templates=[
                {
                    "name": t.name,
                    "id": t.id,
                    "qfmt": t.front,
                    "afmt": t.back,
                    "bqfmt": t.browser_front,
                    "bafmt": t.browser_back,
                }
                for t in notetype.templates
            ],
            css=notetype.css,
            model_type=genanki.Model.CLOZE if notetype.cloze else genanki.Model.FRONT_BACK,
            sort_field_index=notetype.sort_field,
        )
        self.mod = mod

    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = self.to_json(self.mod, None)
        return row


class _Writer:
    """Makes the packages of one build, all with the same note types and ids.

    `present` are the slugs of note types that an import must not replace.
    """

    def __init__(
        self,
        notes: tuple[PackagedNote, ...],
        project: Project,
        images: Iterable[Image],
        present: frozenset[str] = frozenset(),
    ) -> None:
        self.models = {
            slug: _Model(notetype, _SECOND_ONE if slug in present else _mod(notetype, project))
            for slug, notetype in project.notetypes.items()
        }
        self._known_ords: dict[str, tuple[int, ...]] = {}
        self._sort_fields: dict[str, str] = {}
        self._note_keys: dict[str, str] = {}
        known = [n for n in notes if n.note_id]
        # Ledgers of two namespaces may have the same note id.
        ids = apart(n.note_id for n in known)
        released = dict(zip((n.guid for n in known), ids, strict=True))
        drafts = (n.guid for n in notes if not n.note_id)
        self.note_ids = released | _draft_ids(drafts, project.epoch, released.values())
        self.images = {image.path: image.data for image in images}

    def setting(self) -> bytes:
        """Return the fingerprint of what all packages depend on besides their notes."""
        rows = {slug: model.row() for slug, model in self.models.items()}
        return of_texts(of_compiler(), _json(rows))

    def key(self, setting: bytes, path: str, notes: tuple[Note, ...]) -> bytes:
        """Return the fingerprint of what a package depends on."""
        return of_texts(setting, path, *map(self._note_key, notes))

    def _note_key(self, note: Note) -> str:
        if note.guid not in self._note_keys:
            names = " ".join(media.name for media in note.media)
            place = f"{self.note_ids[note.guid]} {note.position} {names} {note.deck}"
            both = f"{note.content_fingerprint} {note.labels_fingerprint}"
            self._note_keys[note.guid] = f"{note.guid} {both} {note.mod} {place}"
        return self._note_keys[note.guid]

    def _ords(self, note: PackagedNote) -> tuple[int, ...]:
        """Return the numbers (from 0) of the cards that Anki makes of a note."""
        if note.guid not in self._known_ords:
            made = genanki.Note(model=self.models[note.type], fields=list(note.fields)).cards
            self._known_ords[note.guid] = tuple(sorted(card.ord for card in made))
        return self._known_ords[note.guid]

    def artifact(
        self, path: str, notes: tuple[PackagedNote, ...], media: Iterable[Media]
    ) -> Artifact:
        """Return the package of these notes at a path below dist/."""
        data = _container(self._database(notes), {m.name: self.images[m.path] for m in media})
        return Artifact(path, data, len(notes), sum(len(self._ords(n)) for n in notes))

    def _database(self, notes: tuple[PackagedNote, ...]) -> bytearray:
        decks = {name: _deck_id(name) for name in sorted({n.deck for n in notes})}
        models = {slug: self.models[slug] for slug in sorted({n.type for n in notes})}
        connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            cursor = connection.cursor()
            cursor.executescript(APKG_SCHEMA)
            cursor.executescript(APKG_COL)
            (first,) = cursor.execute("SELECT decks FROM col").fetchone()
            deck_rows = json.loads(first) | {
                str(i): genanki.Deck(i, name).to_json() for name, i in decks.items()
            }
            model_rows = {str(m.model_id): m.row() for m in models.values()}
            cursor.execute(
                "UPDATE col SET decks = ?, models = ?", (_json(deck_rows), _json(model_rows))
            )
            cursor.execute("BEGIN")
            cursor.executemany(
                "INSERT INTO notes VALUES(?,?,?,?,-1,?,?,?,0,0,'')", map(self._note_row, notes)
            )
            cursor.executemany(
                "INSERT INTO cards VALUES(?,?,?,?,?,-1,0,0,?,0,0,0,0,0,0,0,0,'')",
                (row for note in notes for row in self._card_rows(note, decks)),
            )
            cursor.execute("COMMIT")
            return _fixed_header(connection.serialize())
        finally:
            connection.close()

    def _note_row(self, note: PackagedNote) -> tuple[Any, ...]:
        model = self.models[note.type]
        if note.guid not in self._sort_fields:
            self._sort_fields[note.guid] = without_markup(note.fields[model.sort_field_index])
        labels = f" {' '.join(note.tags)} "
        return (
            self.note_ids[note.guid],
            note.guid,
            model.model_id,
            note.mod,
            labels,
            "\x1f".join(note.fields),
            self._sort_fields[note.guid],
        )

    def _card_rows(self, note: PackagedNote, decks: Mapping[str, int]) -> Iterable[tuple[int, ...]]:
        for number in self._ords(note):
            yield (
                card_id(self.note_ids[note.guid], number),
                self.note_ids[note.guid],
                decks[note.deck],
                number,
                note.mod,
                note.position,
            )


def _mod(notetype: NoteType, project: Project) -> int:
    """Return the `mod` of a note type, by the same rule as for notes."""
    last = project.last_mod_of((project.notetype_namespace(notetype),))
    return modification_time(notetype.fingerprint, project.type_row(notetype.slug), last)[0]


def _draft_ids(guids: Iterable[str], epoch: int, released: Iterable[int]) -> dict[str, int]:
    """Return a note id for each draft, by guid.

    It is a time in milliseconds within the day before `epoch`, from a hash of the guid.
    If a released note or another draft has that slot, the draft gets the next free one.
    """
    first, count = epoch * 1000 // SLOT - _DAY, _DAY - 2_000
    taken = {number // SLOT for number in released}
    out: dict[str, int] = {}
    for guid in sorted(guids):
        slot = first + _number(guid, 8) % count
        while slot in taken:
            slot += 1
        taken.add(slot)
        out[guid] = slot * SLOT
    return out


def _deck_id(name: str) -> int:
    """Return the id of a deck, the same in every package, never 1 (Default).

    Anki identifies decks by name and replaces the id.
    """
    return 1_000_000_000_000 + _number(name, 5) % 500_000_000_000


def _number(text: str, size: int) -> int:
    """Return the first `size` bytes of the SHA-256 of a text as a number."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:size], "big")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _fixed_header(database: bytes) -> bytearray:
    """Return a database with a fixed library version and change counter.

    See https://sqlite.org/fileformat2.html, section 1.3, offsets 24, 92 and 96.
    """
    out = bytearray(database)
    out[24:28] = out[92:96] = (1).to_bytes(4, "big")
    out[96:100] = (3_031_001).to_bytes(4, "big")
    return out


def _container(database: bytearray, media: Mapping[str, bytes]) -> bytes:
    """Return a package in the legacy layout.

    It has `collection.anki2`, the media as `0`, `1`, and so on, and `media` with their
    names.
    """
    members: dict[str, bytes | bytearray] = {"collection.anki2": database}
    members |= {str(number): data for number, data in enumerate(media.values())}
    members["media"] = _json({str(number): name for number, name in enumerate(media)}).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data, compresslevel=_DEFLATE)
    return buffer.getvalue()
