"""Fingerprints of what results depend on: the compiler, its libraries, the settings."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deckwright.cache.store import key_of
from deckwright.core import shipped

_COMPILER = Path(__file__).parent.parent
_EXAMPLES = ("bad", "good")  # folders of core/codes that only `explain` reads


@cache
def of_compiler() -> bytes:
    """Return a fingerprint of Python, this compiler, and every installed library.

    A file of the compiler counts as changed if its size or its modification time has.
    """
    parts = [sys.version]
    for path in (*_compiler_files(), *map(str, sorted((shipped.FOLDER / "schema").glob("*.json")))):
        with contextlib.suppress(OSError):
            status = os.stat(path)
            parts.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return key_of(*parts, *_libraries())


def _compiler_files() -> Iterator[str]:
    """Yield the paths of all files of the package in order, without examples."""
    for place, folders, names in os.walk(_COMPILER):
        folders[:] = sorted(f for f in folders if f not in ("__pycache__", *_EXAMPLES))
        yield from (os.path.join(place, name) for name in sorted(names))


def _libraries() -> Iterator[str]:
    """Yield the names and versions of all installed libraries."""
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        yield from sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))


def of_settings(*folders: Path) -> bytes | None:
    """Return a fingerprint of all files in decks/ and schema/ of some projects.

    None if a folder in them is a symbolic link, or a file cannot be read.
    """
    parts: list[str | bytes] = []
    try:
        for base in folders:
            for name in ("decks", "schema"):
                for path, data in _files(base / name):
                    parts += [os.path.relpath(path, base), data]
    except OSError:
        return None
    return key_of(*parts)


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of every file below a folder. Raises OSError."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        if any(os.path.islink(os.path.join(place, name)) for name in folders):
            raise OSError(place)
        for name in sorted(names):
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                yield path, file.read()
