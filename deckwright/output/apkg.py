"""Stage 6: Notes → Artifacts: `.apkg` files, the same bytes for the same notes. The door of genanki.

genanki gives the collection's schema and first row, note types, decks and the cards that a note makes; rows, stamps, ids
and the container are written here, because genanki stamps every note with the time of the build and so would rewrite a
learner's whole deck at each import.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import genanki
from genanki.apkg_col import APKG_COL
from genanki.apkg_schema import APKG_SCHEMA

from deckwright.core.card import Card
from deckwright.core.diagnostics import Outcome
from deckwright.core.identity import SLOT, apart, card_id, draft_mod
from deckwright.core.note import Artifact, Image, Media, Note, Row
from deckwright.core.progress import SILENT, Progress
from deckwright.project.notetypes import NoteType
from deckwright.project.packages import RETIRED, PackageSpec
from deckwright.project.project import Project

_DAY = 100_000_000 // SLOT  # places for note ids in a little more than the day before the epoch


def package(
    chosen: Mapping[str, tuple[Note, ...]],
    project: Project,
    images: Iterable[Image],
    progress: Progress = SILENT,
) -> Outcome[Artifact]:
    """One artifact for each package that would hold at least one note, sorted by path. `chosen` comes from `selections`."""
    every = {note.guid: note for notes in chosen.values() for note in notes}
    writer = _Writer(tuple(every.values()), project, images)
    filled = progress.over(
        "packing", sorted((path, notes) for path, notes in chosen.items() if notes)
    )
    return Outcome(tuple(writer.artifact(path, notes, _media(notes)) for path, notes in filled))


def retired(tombstones: Iterable[Row], project: Project) -> Outcome[Artifact]:
    """`retired.apkg`, with what became of retired cards; none before there are any. In no other package, so that who begins
    now never sees it."""
    rows = tuple(tombstones)
    return Outcome((_Writer(rows, project, ()).artifact(RETIRED, rows, ()),) if rows else ())


def addition(
    notes: tuple[Note, ...], project: Project, images: Iterable[Image], present: frozenset[str]
) -> Artifact:
    """One package of just these notes, for a collection that has the note types `present` (slugs) already: those are stamped with
    the second 1, so that no import takes their look for newer. At least one note."""
    writer = _Writer(notes, project, images, present)
    return writer.artifact("new.apkg", notes, _media(notes))


def _media(notes: Iterable[Note]) -> tuple[Media, ...]:
    return tuple(sorted({m for note in notes for m in note.media}, key=lambda m: m.name))


def selections(notes: Iterable[Note], project: Project) -> dict[str, tuple[Note, ...]]:
    """The notes of each package by its path; notes keep their order."""
    notes = tuple(notes)
    out: dict[str, tuple[Note, ...]] = {}
    for spec in project.packages:
        chosen = tuple(n for n in notes if _wanted(n.card, spec))
        if spec.each == "task":
            for slug in project.vocabulary.tasks:
                out[spec.path.replace("{slug}", slug)] = tuple(
                    n for n in chosen if n.card.task == slug
                )
        elif spec.each == "service":
            for service in project.vocabulary.services.values():
                if not service.theme:
                    out[spec.path.replace("{slug}", service.slug)] = tuple(
                        n for n in chosen if service.slug in n.card.services
                    )
        else:
            out[spec.path] = chosen
    return out


def _wanted(card: Card, spec: PackageSpec) -> bool:
    return (
        (not spec.task or card.task in spec.task)
        and card.task not in spec.without_task
        and (not spec.service or bool(set(spec.service) & set(card.services)))
        and set(spec.without_service).isdisjoint(card.services)
        and (not spec.namespaces or card.namespace in spec.namespaces)
        and (not spec.exam or any(e.split("::")[0] == spec.exam for e in card.exams))
    )


class _Model(genanki.Model):  # type: ignore[misc]
    """A note type with its own stamp, and with the permanent ids that Anki reads from fields and templates."""

    def __init__(self, notetype: NoteType, stamp: int) -> None:
        super().__init__(
            model_id=notetype.id,
            name=notetype.name,
            fields=[
                {"name": f.name, "id": f.id, "description": f.description, "font": "Arial"}
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
        self.stamp = stamp

    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = self.to_json(self.stamp, None)
        return row


class _Writer:
    """What all packages of one build share: note types, and one id for each note and card."""

    def __init__(
        self,
        notes: tuple[Row, ...],
        project: Project,
        images: Iterable[Image],
        old: frozenset[str] = frozenset(),
    ) -> None:
        stamps = {
            slug: 1 if slug in old else _stamp(notetype, project)
            for slug, notetype in project.notetypes.items()
        }
        self.models = {
            slug: _Model(notetype, stamps[slug]) for slug, notetype in project.notetypes.items()
        }
        self.ords = {n.guid: self._ords(n) for n in notes}
        known = [n for n in notes if n.note_id]
        released = dict(
            zip((n.guid for n in known), apart(n.note_id for n in known), strict=True)
        )  # two roots' ledgers may meet
        self.note_ids = released | _allocate(
            [n.guid for n in notes if not n.note_id], project.epoch, released.values()
        )
        self.images = {image.path: image.data for image in images}

    def _ords(self, note: Row) -> tuple[int, ...]:
        """Template or gap numbers (from 0) of the cards that Anki makes of a note."""
        made = genanki.Note(model=self.models[note.type], fields=list(note.fields)).cards
        return tuple(sorted(card.ord for card in made))

    def artifact(self, path: str, notes: tuple[Row, ...], media: Iterable[Media]) -> Artifact:
        data = _container(self._database(notes), {m.name: self.images[m.path] for m in media})
        return Artifact(path, data, len(notes), sum(len(self.ords[n.guid]) for n in notes))

    def _database(self, notes: tuple[Row, ...]) -> bytes:
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

    def _note_row(self, note: Row) -> tuple[Any, ...]:
        model = self.models[note.type]
        sort_field = re.sub(r"<[^>]*>", "", note.fields[model.sort_field_index])
        labels = f" {' '.join(note.tags)} "
        return (
            self.note_ids[note.guid],
            note.guid,
            model.model_id,
            note.mod,
            labels,
            "\x1f".join(note.fields),
            sort_field,
        )

    def _card_rows(self, note: Row, decks: Mapping[str, int]) -> Iterable[tuple[int, ...]]:
        for number in self.ords[note.guid]:
            yield (
                card_id(self.note_ids[note.guid], number),
                self.note_ids[note.guid],
                decks[note.deck],
                number,
                note.mod,
                note.position,
            )


def _stamp(notetype: NoteType, project: Project) -> int:
    """A note type's stamp follows the rule of the notes."""
    released = project.type_row(notetype.slug)
    if released and released.fingerprint == notetype.fingerprint:
        return released.mod
    last = project.last_mod_of((project.notetype_namespace(notetype),))
    return draft_mod(notetype.fingerprint, released.mod if released else 0, last)


def _allocate(guids: Iterable[str], epoch: int, ids: Iterable[int]) -> dict[str, int]:
    """A note id for each draft: a time in milliseconds within the day before `epoch`, from a hash of the guid, moved on where the
    place is taken, by a released note (`ids`) or another draft. The ids of a note's cards follow it, with no other card between."""
    base, places = epoch * 1000 // SLOT - _DAY, _DAY - 2_000
    taken = {number // SLOT for number in ids}
    out: dict[str, int] = {}
    for guid in sorted(guids):
        place = base + int.from_bytes(hashlib.sha256(guid.encode()).digest()[:8], "big") % places
        while place in taken:
            place += 1
        taken.add(place)
        out[guid] = place * SLOT
    return out


def _deck_id(name: str) -> int:
    """Anki goes by a deck's name; the id has only to be there, the same in every package, and not 1 (Default)."""
    return (
        1_000_000_000_000
        + int.from_bytes(hashlib.sha256(name.encode()).digest()[:5], "big") % 500_000_000_000
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _fixed_header(database: bytes) -> bytes:
    """Sets the words of the SQLite header that tell which library wrote the file and how often it changed
    (https://sqlite.org/fileformat2.html, 1.3: offsets 24, 92 and 96)."""
    out = bytearray(database)
    out[24:28] = out[92:96] = (1).to_bytes(4, "big")
    out[96:100] = (3_031_001).to_bytes(4, "big")
    return bytes(out)


def _container(database: bytes, media: Mapping[str, bytes]) -> bytes:
    """The legacy layout: `collection.anki2`, the pictures as `0`, `1`, …, and `media`, which names them."""
    members = {"collection.anki2": database}
    members |= {str(number): data for number, data in enumerate(media.values())}
    members["media"] = _json({str(number): name for number, name in enumerate(media)}).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()
