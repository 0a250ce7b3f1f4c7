"""Anki packages (`.apkg`, `.colpkg`) → ForeignFile, in memory and within bounds: the door of zstandard.

Nothing is ever unpacked to the disk. A package is a zip file with a SQLite database and pictures (rslib/src/import_export/package
in Anki's source): `collection.anki2` or `collection.anki21` as they are, with a JSON map of the pictures; or `collection.anki21b`, in
which the database, the map (a protobuf message) and each picture are compressed with zstd.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import stat
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import zstandard

from deckwright.core.errors import UserError
from deckwright.exchange.importer.notes import Face, ForeignFile, ForeignNote

MAX_MEMBERS = 200_000
MAX_DATABASE = 256_000_000  # bytes, unpacked
MAX_MAP = 16_000_000
MAX_PICTURE = 10_000_000
MAX_PICTURES = 200_000_000  # all that notes show, together
MAX_NOTES = 200_000
_STEPS, _STEP = (
    500,
    1_000_000,
)  # instructions of SQLite's machine; a sound collection of this size takes a tenth
_WINDOW = 1 << 27  # zstd: the most memory that a frame may ask for
_BROKEN = "in Anki: Tools › Check Database, then export again"
_SHOWN = re.compile(
    r"""<img\b[^>]*?\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE
)
_FIELD = re.compile(r"\{\{\s*([^#^/!{}=][^{}]*)\}\}")
_SPECIAL = frozenset({"FrontSide", "Tags", "Deck", "Subdeck", "Type", "Card", "CardFlag", "CardID"})


@dataclass(frozen=True, slots=True)
class _Type:
    name: str
    cloze: bool
    fields: tuple[str, ...]
    faces: Mapping[int, Face]


def read(path: Path) -> ForeignFile:
    """The notes of a package and the pictures that they show. UserError where it is broken, hostile or too large."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        UnicodeDecodeError,
        NotImplementedError,
        struct.error,
        ValueError,
    ) as error:
        raise UserError(
            "the package is damaged, or no zip file at all", "export it again, or download it again"
        ) from error
    except (RuntimeError, zstandard.ZstdError) as error:
        raise UserError(
            "the package cannot be unpacked", "export it again, without a password"
        ) from error
    except sqlite3.Error as error:
        raise UserError(f"its database cannot be read: {error}", _BROKEN) from error


def _read(archive: zipfile.ZipFile) -> ForeignFile:
    members = archive.infolist()
    _look(members)
    names = {member.filename for member in members}
    name = next(
        (n for n in ("collection.anki21b", "collection.anki21", "collection.anki2") if n in names),
        "",
    )
    if not name:
        raise UserError(
            "this zip file is no Anki package: no collection is in it",
            "in Anki: File › Export, as .apkg",
        )
    packed = name.endswith("b")
    notes, remarks = _notes(_member(archive, name, MAX_DATABASE, packed))
    listed = _media(_member(archive, "media", MAX_MAP, packed), packed) if "media" in names else {}
    pictures: dict[str, bytes] = {}
    left = MAX_PICTURES
    for shown in _shown(notes):
        if shown not in listed or listed[shown] not in names:
            continue
        data = _member(archive, listed[shown], MAX_PICTURE, packed)
        left -= len(data)
        if left < 0:
            raise UserError(
                f"its pictures have more than {MAX_PICTURES:,} bytes",
                "export fewer cards at a time",
            )
        pictures[shown] = data
    return ForeignFile(notes, pictures, remarks)


def _look(members: list[zipfile.ZipInfo]) -> None:
    """Refuses what no honest package has, before anything is unpacked."""
    if len(members) > MAX_MEMBERS:
        raise UserError(
            f"the package holds more than {MAX_MEMBERS:,} files", "export fewer cards at a time"
        )
    seen: set[str] = set()
    for member in members:
        name = member.filename
        if (
            name.startswith(("/", "\\"))
            or ".." in re.split(r"[/\\]", name)
            or ":" in name
            or "\0" in member.orig_filename
        ):
            raise UserError(
                f"the package holds a file that leads out of it: {name[:80]!r}",
                "no program of Anki made this: do not use it",
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise UserError(
                f"the package holds a link: {name[:80]!r}",
                "no program of Anki made this: do not use it",
            )
        if name in seen:
            raise UserError(
                f"the package holds two files of the name {name[:80]!r}",
                "no program of Anki made this: do not use it",
            )
        seen.add(name)


def _member(archive: zipfile.ZipFile, name: str, limit: int, packed: bool) -> bytes:
    """One file of the package, unpacked, never more than `limit` bytes of it, whatever its header says."""
    info = archive.getinfo(name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(
            f"the package holds a file in a form that Anki does not write: {name[:80]!r}",
            "export it again",
        )
    with archive.open(info) as file:
        data = file.read(limit + 1)
    if packed and len(data) <= limit:
        with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(
            io.BytesIO(data)
        ) as reader:
            data = reader.read(limit + 1)
    if len(data) > limit:
        raise UserError(
            f"{name} in the package has more than {limit:,} bytes", "export fewer cards at a time"
        )
    return data


def _media(data: bytes, packed: bool) -> dict[str, str]:
    """The package's file for each picture's name."""
    if packed:
        entries = [
            dict(_message(value))
            for number, value in _message(data)
            if number == 1 and isinstance(value, bytes)
        ]
        pairs = [(str(number), entry.get(1, b"")) for number, entry in enumerate(entries)]
        found = {name.decode("utf-8"): member for member, name in pairs if isinstance(name, bytes)}
    else:
        loaded = _json(data.decode("utf-8"))
        if not isinstance(loaded, dict) or not all(
            isinstance(name, str) for name in loaded.values()
        ):
            raise UserError("its list of pictures cannot be read", _BROKEN)
        found = {name: member for member, name in loaded.items()}
    for name in found:
        if re.search(r"[/\\\0]", name) or name in ("", ".", ".."):
            raise UserError(
                f"the package names a picture that leads out of it: {name[:80]!r}",
                "no program of Anki made this: do not use it",
            )
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _message(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of a protobuf message (https://protobuf.dev/programming-guides/encoding/)."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(data) or shift > 63:
                raise ValueError("a message is cut off")
            value |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        if key & 7 not in (1, 2, 5):
            raise ValueError("a message has an unknown part")
        length = varint() if key & 7 == 2 else 8 if key & 7 == 1 else 4
        if at + length > len(data):
            raise ValueError("a message is cut off")
        yield key >> 3, data[at : at + length]
        at += length


def _notes(database: bytes) -> tuple[tuple[ForeignNote, ...], tuple[str, ...]]:
    """The notes of a collection. The database is opened in memory, and nothing of it is run."""
    if not database.startswith(b"SQLite format 3\0") or len(database) < 512:
        raise UserError("its collection is no database", _BROKEN)
    journal = (
        database[:18] + b"\x01\x01" + database[20:]
    )  # no write-ahead log: there is no file beside it to look for
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(journal)
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.create_collation(
            "unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold())
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 50_000_000)
        left = iter(range(_STEPS))
        connection.set_progress_handler(lambda: next(left, None) is None, _STEP)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        tables = {
            name: sql or ""
            for name, sql in connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
            )
        }
        for name in ("notes", "cards", "col"):
            if not re.match(r"(?i)CREATE TABLE\b", tables.get(name, "")):
                raise UserError(f"its collection has no table of {name}", _BROKEN)
        sound = connection.execute("PRAGMA quick_check(1)").fetchone()
        if sound != ("ok",):
            raise UserError("its database is damaged", _BROKEN)
        types = _types_new(connection) if "notetypes" in tables else _types_old(connection)
        return _rows(connection, types)


def _types_old(connection: sqlite3.Connection) -> dict[int, _Type]:
    """Note types as JSON in the one row of `col`."""
    (text,) = connection.execute("SELECT models FROM col").fetchone() or ("",)
    out = {}
    try:
        for key, model in _json(text).items():
            faces = {
                n: _face(t["name"], t["qfmt"], t["afmt"]) for n, t in enumerate(model["tmpls"])
            }
            out[int(key)] = _Type(
                str(model["name"]),
                model.get("type") == 1,
                tuple(str(f["name"]) for f in model["flds"]),
                faces,
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError("its note types cannot be read", _BROKEN) from error
    return out


def _types_new(connection: sqlite3.Connection) -> dict[int, _Type]:
    """Note types in tables of their own; `config` is a protobuf message (notetypes.proto in Anki's source)."""
    fields: dict[int, list[str]] = defaultdict(list)
    faces: dict[int, dict[int, Face]] = defaultdict(dict)
    for kind, name in connection.execute("SELECT ntid, name FROM fields ORDER BY ntid, ord"):
        fields[kind].append(name)
    for kind, number, name, config in connection.execute(
        "SELECT ntid, ord, name, config FROM templates"
    ):
        parts = {
            key: value.decode("utf-8", "replace")
            for key, value in _message(config)
            if isinstance(value, bytes)
        }
        faces[kind][number] = _face(name, parts.get(1, ""), parts.get(2, ""))
    out = {}
    for kind, name, config in connection.execute("SELECT id, name, config FROM notetypes"):
        out[kind] = _Type(
            name, dict(_message(config)).get(1) == 1, tuple(fields[kind]), faces[kind]
        )
    return out


def _face(name: str, front: str, back: str) -> Face:
    """Which fields a template shows on its two sides. A field to type is an empty box on the front, and its text on the back."""
    question, answer = (
        tuple(
            dict.fromkeys(
                f for m in found if (f := m[1].rsplit(":", 1)[-1].strip()) not in _SPECIAL
            )
        )
        for found in (
            [m for m in _FIELD.finditer(front) if not m[1].strip().startswith("type:")],
            _FIELD.finditer(back),
        )
    )
    return Face(name, question, tuple(f for f in answer if f not in question))


def _rows(
    connection: sqlite3.Connection, types: Mapping[int, _Type]
) -> tuple[tuple[ForeignNote, ...], tuple[str, ...]]:
    made: dict[int, set[int]] = defaultdict(set)
    studied = 0
    for note, number, reviews in connection.execute("SELECT nid, ord, reps FROM cards"):
        made[note].add(number)
        studied += bool(reviews)
    out: list[ForeignNote] = []
    room = MAX_DATABASE
    for note, guid, kind, tags, text in connection.execute(
        "SELECT id, guid, mid, tags, flds FROM notes ORDER BY id"
    ):
        known, text = types.get(kind), str(text)
        room -= len(text)
        if len(out) >= MAX_NOTES or room < 0:
            raise UserError(
                f"the package holds more than {MAX_NOTES:,} notes", "export fewer cards at a time"
            )
        if known is None or not known.fields:
            raise UserError("a note has a type that is not there", _BROKEN)
        cells = text.split("\x1f")
        names = [*known.fields, *(f"Field {n + 1}" for n in range(len(known.fields), len(cells)))]
        faces = (
            {}
            if known.cloze
            else {
                n: f
                for n, f in sorted(known.faces.items())
                if n in made[note] or (n == 0 and not made[note])
            }
        )
        fields = dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=True))
        out.append(
            ForeignNote(str(guid), known.name, known.cloze, fields, tuple(str(tags).split()), faces)
        )
    word = f"{studied:,} of its cards have been studied: what was learned stays in Anki, the imported cards begin anew"
    return tuple(out), (word,) if studied else ()


def _shown(notes: Iterable[ForeignNote]) -> Iterator[str]:
    """Names of the pictures that notes show, each once; a name may be written as part of an address (`a%20b.png`)."""
    seen: set[str] = set()
    for note in notes:
        for value in note.fields.values():
            for match in _SHOWN.finditer(value) if "<" in value else ():
                written = unescape(match[1] or match[2] or match[3] or "")
                for name in (written, unquote(written)):
                    if name not in seen:
                        seen.add(name)
                        yield name
