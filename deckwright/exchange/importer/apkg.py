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
import re
import sqlite3
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import zstandard

from deckwright.core.errors import UserError
from deckwright.exchange.importer import protobuf
from deckwright.exchange.importer.collection import BROKEN, parsed_json, read_notes
from deckwright.exchange.importer.foreign import ForeignFile, ForeignNote

MAX_MEMBERS = 200_000
MAX_DATABASE = 256_000_000  # bytes, unpacked
MAX_MAP = 16_000_000
MAX_PICTURE = 10_000_000
MAX_PICTURES = 200_000_000  # all that notes show, together
_WINDOW = 1 << 27  # bytes of memory that a zstd frame may ask for
_COLLECTIONS = ("collection.anki21b", "collection.anki21", "collection.anki2")  # the newest first
_HOSTILE = "Anki did not make this file; do not use it"
_LESS = "export fewer cards at a time"
_SOURCE = re.compile(
    r"""<img\b[^>]*?\bsrc\s*=\s*(?:"([^"]*)|'([^']*)|([^\s"'>]+))""", re.IGNORECASE
)


def read(path: Path) -> ForeignFile:
    """The notes of a package and the pictures that they show.

    Raises UserError if it is broken, hostile or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    except sqlite3.Error as error:
        raise UserError(f"its database cannot be read: {error}", BROKEN) from error
    except (RuntimeError, zstandard.ZstdError) as error:
        raise UserError(
            "the package cannot be unpacked", "export it again, without a password"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError) as error:
        raise UserError(
            "the package is damaged, or it is not a zip file",
            "export it again, or download it again",
        ) from error


def _read(archive: zipfile.ZipFile) -> ForeignFile:
    names = set(archive.namelist())
    _check_names(archive.infolist())
    collection = next((name for name in _COLLECTIONS if name in names), None)
    if collection is None:
        raise UserError(
            "this zip file is not an Anki package: it has no collection",
            "export it in Anki: File › Export, as .apkg",
        )
    packed = collection == "collection.anki21b"
    notes, remarks = read_notes(_member(archive, collection, MAX_DATABASE, packed))
    members: dict[str, str] = {}  # of each picture, by its name
    if "media" in names:
        data = _member(archive, "media", MAX_MAP, packed)
        members.update(_packed_map(data) if packed else _json_map(data))
    pictures: dict[str, bytes] = {}
    for name in _shown(notes):
        if members.get(name) in names and name not in pictures:
            pictures[name] = _member(archive, members[name], MAX_PICTURE, packed)
            if sum(map(len, pictures.values())) > MAX_PICTURES:
                message = f"its images are larger than {MAX_PICTURES:,} bytes in total"
                raise UserError(message, _LESS)
    return ForeignFile(notes, pictures, remarks)


def _check_names(members: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse what no honest package has, before anything is unpacked."""
    seen: set[str] = set()
    for member in members:
        name = member.filename
        problem = ""
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
            problem = "a file with a path outside of it"
        elif stat.S_ISLNK(member.external_attr >> 16):
            problem = "a symbolic link"
        elif name in seen:
            problem = "two files with the same name"
        if problem:
            raise UserError(f"the package contains {problem}: {name[:80]!r}", _HOSTILE)
        seen.add(name)
        if len(seen) > MAX_MEMBERS:
            raise UserError(f"the package contains more than {MAX_MEMBERS:,} files", _LESS)


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
    """The member of each picture by its name, from a message of import_export.proto.

    Its parts are the entries, and an entry begins with the name. Raises ValueError if that
    is not so.
    """
    names = {}
    for place, (number, entry) in enumerate(protobuf.fields(data)):
        first, name = next(protobuf.fields(entry if isinstance(entry, bytes) else b""), (0, 0))
        if number != 1 or first != 1 or not isinstance(name, bytes) or place > MAX_MEMBERS:
            raise ValueError("the list of images has an unknown part")
        names[name.decode("utf-8")] = str(place)
    return names


def _json_map(data: bytes) -> Mapping[str, str]:
    """The member of each picture by its name, from the JSON of older packages."""
    loaded = parsed_json(data.decode("utf-8"))
    if not isinstance(loaded, dict):
        raise ValueError("the list of images is not a table")
    return {str(name): member for member, name in loaded.items()}


def _shown(notes: Iterable[ForeignNote]) -> Iterator[str]:
    """Names of the pictures that notes show.

    A name may be written as part of an address (`a%20b.png`), so that each is given in
    both readings.
    """
    for note in notes:
        for value in note.fields.values():
            for match in _SOURCE.finditer(value) if "<" in value else ():
                written = unescape(match[1] or match[2] or match[3] or "")
                yield from (written, unquote(written))
