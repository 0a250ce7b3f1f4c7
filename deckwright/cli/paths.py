"""Card files that a user names on the command line."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path


def named(
    root: Path, paths: Iterable[Path], known: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The known files at or below `paths`, and the paths that name none.

    `paths` are relative to the current folder, all others to the project's (`root`).
    """
    given = [Path(os.path.relpath(path, root)).as_posix() for path in paths]
    below = {
        path: [k for k in known if path in (k, ".") or k.startswith(path.rstrip("/") + "/")]
        for path in given
    }
    files = dict.fromkeys(file for found in below.values() for file in found)
    return tuple(files), tuple(path for path in given if not below[path])
