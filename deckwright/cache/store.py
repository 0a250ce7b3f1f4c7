"""One file with kept results, each under the fingerprint of what it depends on."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from deckwright.cache import values
from deckwright.cache.place import remove_old
from deckwright.core.errors import UserError

T = TypeVar("T")

_HEAD = b"deckwright kept results 1\n"
_DIGEST = 32  # bytes of a fingerprint, and of the checksum of the file
_LENGTH = 4  # bytes


def key_of(*parts: str | bytes) -> bytes:
    """Return a fingerprint of texts; other texts have another one."""
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.digest()


def found_or_made(store: Store | None, key: Callable[[], bytes], make: Callable[[], T]) -> T:
    """Return what `store` has under a fingerprint; else make it and add it.

    Without a store, make it and leave the fingerprint alone.
    """
    if store is None:
        return make()
    digest = key()
    found: T | None = store.find(digest)
    if found is None:
        found = make()
        store.add(digest, found)
    return found


class Store:
    """Results that an earlier run kept, and those of this run.

    A file that is damaged, or that belongs to another user, counts as empty. `save` keeps
    only what this run has found or added. Without a path, nothing outlives the run.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._old = _read(path) if path else {}
        self._used: dict[bytes, bytes | memoryview] = {}
        self._changed = False

    def __contains__(self, key: bytes) -> bool:
        """Return whether this run has found or added a value under a fingerprint."""
        return key in self._used

    def find(self, key: bytes, here: object = None) -> Any:
        """Return the value under a fingerprint, or None (see `values` for `here`)."""
        data = self._used.get(key) or self._old.get(key)
        if data is None:
            return None
        try:
            value = values.from_bytes(data, here)
        except Exception:  # whatever damaged bytes lead to
            return None
        self._used[key] = data
        return value

    @property
    def used(self) -> dict[bytes, bytes]:
        """The bytes of all values that this run has found or added."""
        return {key: bytes(data) for key, data in self._used.items()}

    def take(self, entries: Mapping[bytes, bytes]) -> None:
        """Add the bytes of values from another process."""
        self._used.update(entries)
        self._changed = True

    def keep(self, key: bytes) -> bool:
        """Keep a value that is read later, if at all. Return whether there is one."""
        if key not in self._used and key in self._old:
            self._used[key] = self._old[key]
        return key in self._used

    def read(self, key: bytes, here: object = None) -> Any:
        """Return a value that `keep` has found. Raises UserError if it is damaged."""
        value = self.find(key, here)
        if value is None:
            raise UserError(f"the cache file {self._path} is damaged", "delete the file")
        return value

    def add(self, key: bytes, value: object, here: object = None) -> None:
        """Keep a value, which is not None, if it can be kept."""
        with contextlib.suppress(Exception):
            self._used[key] = values.as_bytes(value, here)
            self._changed = True

    def save(self) -> None:
        """Write the file, if there is anything new. If that fails, nothing is kept."""
        if self._changed and self._path:
            with contextlib.suppress(OSError):
                _write(self._path, self._used)
                remove_old(self._path.parent)
            self._changed = False


def _read(path: Path) -> dict[bytes, memoryview]:
    try:
        with open(path, "rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return {}
            data = file.read()
    except OSError:
        return {}
    start = len(_HEAD) + _DIGEST
    content = memoryview(data)[start:]
    if not data.startswith(_HEAD) or key_of(bytes(content)) != data[len(_HEAD) : start]:
        return {}
    found: dict[bytes, memoryview] = {}
    at = 0
    while at < len(content):
        key = bytes(content[at : at + _DIGEST])
        at += _DIGEST
        size = int.from_bytes(content[at : at + _LENGTH], "big")
        at += _LENGTH
        found[key] = content[at : at + size]
        at += size
    return found


def _write(path: Path, entries: dict[bytes, bytes | memoryview]) -> None:
    content = b"".join(
        part
        for key, data in entries.items()
        for part in (key, len(data).to_bytes(_LENGTH, "big"), data)
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_HEAD + key_of(content) + content)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
