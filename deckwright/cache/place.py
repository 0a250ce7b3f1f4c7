"""Where results of earlier runs are: in the user's cache folder, never in a project."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path

_OLD = 30 * 24 * 3600  # a file is removed if another was written so many seconds after it


def cache_folder() -> Path | None:
    """Return the folder for the results of all projects, or None if there is no place.

    That is `deckwright` in XDG_CACHE_HOME, or in the cache folder of the system.
    """
    if named := os.environ.get("XDG_CACHE_HOME", ""):
        base = Path(named)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", ""))
    elif sys.platform == "darwin":
        base = Path(os.path.expanduser("~/Library/Caches"))
    else:
        base = Path(os.path.expanduser("~/.cache"))
    return base / "deckwright" if base.is_absolute() else None


def memo_path(kind: str, project: Path, overlay: Path | None = None) -> Path | None:
    """Return the file for one kind of result of a project and its overlay, or None.

    There is none if the cache folder is inside the project or the overlay, because whoever
    made these could have made the file, too. There is none either if the compiler is not a
    folder of files, because changes to it would go unnoticed.
    """
    folder = cache_folder()
    homes = [os.path.realpath(home) for home in (project, overlay) if home]
    if folder is None or not Path(__file__).is_file():
        return None
    if any(Path(os.path.realpath(folder)).is_relative_to(home) for home in homes):
        return None
    digest = hashlib.sha256("\0".join(homes).encode("utf-8", "surrogateescape")).hexdigest()
    name = "".join(c for c in os.path.basename(homes[0]) if c.isalnum())[:40]
    return folder / f"{name}-{digest[:12]}-{kind}.bin"


def remove_old(folder: Path) -> None:
    """Remove files written more than a month before the newest one. Ignores failures."""
    with contextlib.suppress(OSError):
        written = {path: path.stat().st_mtime for path in folder.iterdir()}
        newest = max(written.values(), default=0)
        for path, seconds in written.items():
            if newest - seconds > _OLD:
                path.unlink()
