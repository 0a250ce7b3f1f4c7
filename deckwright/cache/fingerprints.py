"""Fingerprints of what results depend on: texts, files, and the compiler itself."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from deckwright.core import shipped

_COMPILER = Path(__file__).parent.parent
_EXAMPLES = ("bad", "good")  # folders of core/codes that only `explain` reads


def of_texts(*parts: str | bytes) -> bytes:
    """Return a fingerprint of texts. Different texts have different fingerprints."""
    digest = hashlib.blake2b(digest_size=32)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


@cache
def of_compiler() -> bytes:
    """Return a fingerprint of Python, this compiler, and every installed library.

    A file of the compiler counts as changed if its size or its modification time has.
    """
    parts = [sys.version, *_states(_COMPILER, "__pycache__", *_EXAMPLES)]
    parts += _states(shipped.FOLDER / "schema", "vocabulary")
    parts += _states(shipped.FOLDER / "decks" / "notetypes")  # for words.toml
    for folder in sys.path:
        with contextlib.suppress(OSError):
            names = os.listdir(folder or ".")
            parts += sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
    return of_texts(*parts)


def of_states(folder: Path) -> bytes:
    """Return a fingerprint of the sizes and modification times of all files in a folder.

    It is empty if a folder in it is a symbolic link.
    """
    try:
        return of_texts(*_states(folder))
    except OSError:
        return b""


def of_files(base: Path, folders: Iterable[str]) -> bytes:
    """Return a fingerprint of all files in some folders, which are relative to `base`.

    It is empty if a folder in them is a symbolic link, or a file cannot be read.
    """
    parts: list[str | bytes] = []
    try:
        for folder in folders:
            for path in _files(base / folder):
                with open(path, "rb") as file:
                    parts += [os.path.relpath(path, base), file.read()]
    except OSError:
        return b""
    return of_texts(*parts)


def _states(folder: Path, *without: str) -> Iterator[str]:
    """Yield the path, size, and modification time of every file in a folder."""
    for path in _files(folder, without):
        with contextlib.suppress(FileNotFoundError):  # deleted since it was listed
            status = os.stat(path)
            yield f"{path} {status.st_size} {status.st_mtime_ns}"


def _files(folder: Path, without: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the paths of all files in a folder, in order. Raises OSError for a linked folder."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in without)
        if any(os.path.islink(os.path.join(place, name)) for name in folders):
            raise OSError(place)
        yield from (os.path.join(place, name) for name in sorted(names))
