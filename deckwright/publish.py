"""Artifacts → a folder on disk, all or nothing: whoever looks sees the old output or the new one, whole."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from deckwright import files
from deckwright.diagnostic import Diagnostic
from deckwright.model import Artifact

_CATALOG = "cards.json"
_OURS = frozenset({_CATALOG, "DRAFT.md"})
_SYSTEM = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})  # what file managers leave in every folder
_ABANDONED = 3600  # seconds after which a half-written folder belongs to no running build


def publish(artifacts: Iterable[Artifact], folder: Path) -> tuple[Diagnostic, ...]:
    """Makes `folder` hold exactly `artifacts`. Complains, and leaves what is there, if it cannot or if the folder holds
    files that no build wrote."""
    name, here = folder.name, files.nowhere(folder.as_posix())
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        what = "a link" if folder.is_symlink() else "a file"
        return (Diagnostic("K703", f"{name} is {what}, not a folder", here, "move it away, or name another folder with --out"),)
    strangers = _strangers(folder)
    if strangers:
        listed = ", ".join(strangers[:5]) + (" …" if len(strangers) > 5 else "")
        return (
            Diagnostic(
                "K702",
                f"{name} holds files that no build wrote: {listed}",
                here,
                "move them away, or name another folder with --out",
            ),
        )
    staging = ""
    try:
        if folder.exists() and not os.access(folder, os.W_OK):  # it could be swapped all the same, against its owner's will
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        folder.parent.mkdir(parents=True, exist_ok=True)
        _recover(folder)
        staging = tempfile.mkdtemp(prefix=f".{name}-new-", dir=folder.parent)
        _clear_abandoned(folder, Path(staging))
        for artifact in artifacts:
            _write(Path(staging) / artifact.path, artifact.data)
        os.chmod(staging, 0o755)
        _swap(Path(staging), folder)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return (
            Diagnostic(
                "K701",
                f"{name} cannot be written: {reason}",
                here,
                "make room or permission, or name another folder with --out; the output of the build before is untouched",
            ),
        )
    finally:
        if staging:
            shutil.rmtree(staging, ignore_errors=True)
    return ()


def _strangers(folder: Path) -> list[str]:
    """Files below `folder` that no build wrote: all but what the build before listed in its catalog."""
    ours = _OURS | _listed(folder)
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(os.path.relpath(os.path.join(place, name), folder)).as_posix()
            if path not in ours and name not in _SYSTEM:
                found.append(path)
    return sorted(found)


def _listed(folder: Path) -> frozenset[str]:
    """The packages that the catalog in `folder` names; none if there is no catalog."""
    try:
        rows = json.loads((folder / _CATALOG).read_bytes())
        return frozenset(path for row in rows for path in row["packages"])
    except (OSError, ValueError, TypeError, KeyError):
        return frozenset()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _swap(staging: Path, folder: Path) -> None:
    """Puts `staging` in the place of `folder`; what was there ends up in `staging`, or is removed."""
    if not folder.exists():
        os.rename(staging, folder)
    elif not _exchange(staging, folder):
        old = folder.parent / f".{folder.name}-old"
        shutil.rmtree(old, ignore_errors=True)
        os.rename(folder, old)
        try:
            os.rename(staging, folder)
        except OSError:
            os.rename(old, folder)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Ends what a build that was killed between two renames began."""
    old = folder.parent / f".{folder.name}-old"
    if old.is_dir() and not folder.exists():
        os.rename(old, folder)


def _clear_abandoned(folder: Path, staging: Path) -> None:
    """Removes half-written folders that are much older than the one just made, so that no running build owns them."""
    for left in folder.parent.glob(f".{folder.name}-new-*"):
        try:
            abandoned = staging.stat().st_mtime - left.stat().st_mtime > _ABANDONED
        except FileNotFoundError:  # another build has just ended
            continue
        if abandoned:
            shutil.rmtree(left, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two folders in one step where the system can (Linux: renameat2 with RENAME_EXCHANGE, see rename(2))."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    at_fdcwd, rename_exchange = -100, 2
    return bool(renameat2(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), rename_exchange) == 0)
