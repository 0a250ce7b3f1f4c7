"""Anki packages (`.apkg`, `.colpkg`) → ForeignFile: the only importer of zstandard.

Everything happens in memory and within bounds; nothing is ever unpacked to the disk. A
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
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_IMAGE = re.compile(r"<img\b[^>]*", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc\s*=\s*(?:"([^"]*)|'([^']*)|([^\s"']+))""", re.IGNORECASE)


def read(path: Path) -> ForeignFile:
    """The notes of a package and the pictures that they show.

    Raises UserError if it is broken, hostile or too large.
    """
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
            "the package is damaged, or it is not a zip file",
            "export it again, or download it again",
        ) from error
    except (RuntimeError, zstandard.ZstdError) as error:
        raise UserError(
            "the package cannot be unpacked", "export it again, without a password"
        ) from error
    except sqlite3.Error as error:
        raise UserError(f"its database cannot be read: {error}", BROKEN) from error


def _read(archive: zipfile.ZipFile) -> ForeignFile:
    members = archive.infolist()
    _check_members(members)
    names = {member.filename for member in members}
    collection = next((name for name in _COLLECTIONS if name in names), None)
    if collection is None:
        raise UserError(
            "this zip file is not an Anki package: it has no collection",
            "export it in Anki: File › Export, as .apkg",
        )
    packed = collection == "collection.anki21b"
    notes, remarks = read_notes(_member(archive, collection, MAX_DATABASE, packed))
    listed: dict[str, str] = {}
    if "media" in names:
        data = _member(archive, "media", MAX_MAP, packed)
        listed = _packed_map(data) if packed else _json_map(data)
        _check_pictures(listed)
    shown = {
        name: listed[name] for name in _shown(notes) if name in listed and listed[name] in names
    }
    return ForeignFile(notes, _pictures(archive, shown, packed), remarks)


def _check_members(members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what no honest package has, before anything is unpacked."""
    if len(members) > MAX_MEMBERS:
        raise UserError(
            f"the package contains more than {MAX_MEMBERS:,} files", "export fewer cards at a time"
        )
    seen: set[str] = set()
    for member in members:
        name = member.filename
        if _leads_out(member):
            raise UserError(
                f"the package contains a file with a path outside of it: {name[:80]!r}", _HOSTILE
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise UserError(f"the package contains a symbolic link: {name[:80]!r}", _HOSTILE)
        if name in seen:
            raise UserError(f"the package contains two files named {name[:80]!r}", _HOSTILE)
        seen.add(name)


def _leads_out(member: zipfile.ZipInfo) -> bool:
    """Whether a file would be unpacked to a place outside of the package's folder."""
    name = member.filename
    return (
        name.startswith(("/", "\\"))
        or ".." in re.split(r"[/\\]", name)
        or ":" in name
        or "\0" in member.orig_filename
    )


def _member(archive: zipfile.ZipFile, name: str, limit: int, packed: bool) -> bytes:
    """A file of the package, unpacked: at most `limit` bytes, whatever its header says.

    `packed` says whether zstd compresses it.
    """
    info = archive.getinfo(name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(
            f"the package contains a file in a format that Anki does not write: {name[:80]!r}",
            "export it again",
        )
    with archive.open(info) as file:
        data = file.read(limit + 1)
    if packed and len(data) <= limit:
        decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        with decompressor.stream_reader(io.BytesIO(data)) as reader:
            data = reader.read(limit + 1)
    if len(data) > limit:
        raise UserError(
            f"{name} in the package is larger than {limit:,} bytes", "export fewer cards at a time"
        )
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


def _json_map(data: bytes) -> dict[str, str]:
    """The member of each picture by its name, from the JSON of older packages."""
    loaded = parsed_json(data.decode("utf-8"))
    if not isinstance(loaded, dict) or not all(isinstance(name, str) for name in loaded.values()):
        raise UserError("its list of images cannot be read", BROKEN)
    return {name: member for member, name in loaded.items()}


def _check_pictures(names: Iterable[str]) -> None:
    for name in names:
        if re.search(r"[/\\\0]", name) or name in ("", ".", ".."):
            raise UserError(
                f"the package names an image with a path outside of it: {name[:80]!r}", _HOSTILE
            )


def _pictures(archive: zipfile.ZipFile, shown: Mapping[str, str], packed: bool) -> dict[str, bytes]:
    """The bytes of pictures, whose members are given by their names."""
    pictures: dict[str, bytes] = {}
    left = MAX_PICTURES
    for name, member in shown.items():
        pictures[name] = _member(archive, member, MAX_PICTURE, packed)
        left -= len(pictures[name])
        if left < 0:
            raise UserError(
                f"its images are larger than {MAX_PICTURES:,} bytes in total",
                "export fewer cards at a time",
            )
    return pictures


def _shown(notes: Iterable[ForeignNote]) -> Iterator[str]:
    """Names of the pictures that notes show.

    A name may be written as part of an address (`a%20b.png`), so that each is given in
    both readings.
    """
    for note in notes:
        for value in note.fields.values():
            for image in _IMAGE.findall(value) if "<" in value else ():
                if match := _SOURCE.search(image):
                    written = unescape(match[1] or match[2] or match[3] or "")
                    yield from (written, unquote(written))
