"""Anki packages (`.apkg`, `.colpkg`) → ForeignFile: the only importer of zstandard.

Everything happens in memory and within limits; nothing is ever unpacked to the disk. A
package is a zip file with a SQLite database and pictures
(rslib/src/import_export/package in Anki's source): `collection.anki2` or
`collection.anki21` as they are, with a JSON map of the pictures; or
`collection.anki21b`, in which zstd compresses the database, the map (a protobuf
message) and each picture.
"""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import zstandard

from deckwright.cards.discover import IMAGE_ENDINGS
from deckwright.core.errors import UserError
from deckwright.exchange.importer.collection import message_fields, read_notes
from deckwright.exchange.importer.foreign import ForeignFile

MAX_MEMBERS = 200_000  # pictures and sounds in the list of them
MAX_DATABASE = 256_000_000  # bytes, unpacked
MAX_MAP = 16_000_000
MAX_PICTURE = 10_000_000
MAX_PICTURES = 300_000_000  # all together
_WINDOW = 1 << 27  # bytes of memory that a zstd frame may ask for
_COLLECTIONS = ("collection.anki21b", "collection.anki21", "collection.anki2")  # the newest first
_LESS = "export fewer cards at a time"
_DAMAGED = (
    sqlite3.Error, RuntimeError, zstandard.ZstdError, zipfile.BadZipFile, zlib.error, EOFError,
    struct.error, ValueError, AttributeError, KeyError, TypeError,
)  # fmt: skip


def read(path: Path) -> ForeignFile:
    """The notes and the pictures of a package.

    Raises UserError if it is broken, hostile or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except _DAMAGED as error:
        raise UserError(
            f"the package is damaged, is no package, or has a password: {error}",
            "export it again, without a password, or download it again",
        ) from error


def _read(archive: zipfile.ZipFile) -> ForeignFile:
    names = set(archive.namelist())
    collection = next((name for name in _COLLECTIONS if name in names), None)
    if collection is None:
        message = "this zip file isn't an Anki package: it has no collection"
        raise UserError(message, "export it in Anki: File › Export, as .apkg")
    packed = collection == "collection.anki21b"
    notes, remarks = read_notes(_member(archive, collection, MAX_DATABASE, packed))
    media: dict[str, Any] = {}  # the names of pictures and sounds, by their members
    if "media" in names:
        data = _member(archive, "media", MAX_MAP, packed)
        media = _packed_map(data) if packed else json.loads(data)
    pictures: dict[str, bytes] = {}
    left = MAX_PICTURES
    for member, name in media.items():
        if member in names and str(name).lower().endswith(tuple(IMAGE_ENDINGS)):
            with suppress(UserError):  # if it is too large, its name is on the card
                pictures[str(name)] = _member(archive, member, MAX_PICTURE, packed)
                left -= len(pictures[str(name)])
        if left < 0:
            raise UserError(f"its images are larger than {MAX_PICTURES:,} bytes in total", _LESS)
    return ForeignFile(notes, remarks, pictures)


def _member(archive: zipfile.ZipFile, name: str, limit: int, packed: bool) -> bytes:
    """A file of the package, unpacked: at most `limit` bytes, whatever its header says.

    `packed` says whether zstd compresses it.
    """
    with archive.open(name) as file:
        data = file.read(limit + 1)
    if packed and len(data) <= limit:
        decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        with decompressor.stream_reader(io.BytesIO(data)) as reader:
            data = reader.read(limit + 1)
    if len(data) > limit:
        raise UserError(f"{name} in the package is larger than {limit:,} bytes", _LESS)
    return data


def _packed_map(data: bytes) -> dict[str, str]:
    """The name of each picture by its member, from a message of import_export.proto.

    Its parts are the entries, and an entry begins with the name. Raises ValueError if that
    is not so.
    """
    names = {}
    for place, (number, entry) in enumerate(message_fields(data)):
        first, name = next(message_fields(entry if isinstance(entry, bytes) else b""), (0, 0))
        if number != 1 or first != 1 or not isinstance(name, bytes) or place > MAX_MEMBERS:
            raise ValueError("the list of images has an unknown part")
        names[str(place)] = name.decode("utf-8")
    return names
