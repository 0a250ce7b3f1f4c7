"""Results of earlier calls and runs, each under a key of everything that it depends on."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from deckwright.cache.place import remove_old
from deckwright.core.files import replace_file

T = TypeVar("T")

_CHECKSUM = 4  # bytes at the start of the file


class Memo:
    """Makes a value, or returns the one that an earlier call made under the same key.

    Without a path, nothing outlives this object. With one, `save` writes the values that
    last, and the next run reads them. A file that is damaged, or that belongs to another
    user, counts as empty.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._written: dict[bytes, bytes] = _read(path) if path else {}
        self._values: dict[bytes, Any] = {}
        self._used: set[bytes] = set()
        self._passing: set[bytes] = set()

    def get(
        self, key: bytes, make: Callable[[], T], lasts: Callable[[T], bool] = lambda value: True
    ) -> T:
        """Return the value under a key, never None. One that does not last is not written."""
        value: T | None = self.find(key)
        if value is None:
            value = make()
            self.put(key, value, lasts(value))
        return value

    def find(self, key: bytes) -> Any:
        """Return the value under a key, or None if there is none."""
        if key not in self._values and key in self._written:
            self._values[key] = _loaded(self._written[key])
        if key in self._values:
            self._used.add(key)
        return self._values.get(key)

    def put(self, key: bytes, value: object, lasts: bool = True) -> None:
        """Set the value under a key. One that does not last is not written."""
        self._values[key] = value
        self._written.pop(key, None)
        self._used.add(key)
        if not lasts:
            self._passing.add(key)

    def save(self) -> None:
        """Forget what was not used since the last time, and write what is new.

        If that fails, nothing is written.
        """
        self._values = {key: self._values[key] for key in self._used}
        self._passing &= self._used
        lasting = self._used - self._passing
        self._used = set()
        if self._path is None or lasting <= self._written.keys():
            return
        self._written = {
            key: self._written.get(key) or pickle.dumps(self._values[key], 5) for key in lasting
        }
        content = pickle.dumps(self._written, 5)
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._path, _checksum(content) + content)
            remove_old(self._path.parent)


class _Reader(pickle.Unpickler):
    """Creates values of this compiler's classes, and runs nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        return _class(module, name)


@cache
def _class(module: str, name: str) -> type:
    known = module.partition(".")[0] in ("deckwright", "pathlib")
    found = pickle.Unpickler(io.BytesIO()).find_class(module, name) if known else None
    if not isinstance(found, type):
        raise pickle.UnpicklingError(f"{module}.{name} isn't a class of a result")
    return found


def _loaded(data: bytes | memoryview) -> Any:
    """Return the value in some bytes, or None if they are damaged."""
    with contextlib.suppress(Exception):  # whatever damaged bytes lead to
        return _Reader(io.BytesIO(data)).load()


def _read(path: Path) -> dict[bytes, bytes]:
    """Return the values in a file, as bytes."""
    try:
        with open(path, "rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return {}
            data = file.read()
    except OSError:
        return {}
    content = memoryview(data)[_CHECKSUM:]
    if _checksum(content) != data[:_CHECKSUM]:
        return {}
    return _loaded(content) or {}


def _checksum(content: bytes | memoryview) -> bytes:
    return zlib.crc32(content).to_bytes(_CHECKSUM, "big")
