"""Write artifacts into a folder, all or nothing.

Everything is written to a folder next to it first. Two renames then put the new output in place.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.note import Artifact
from deckwright.core.progress import SILENT, Progress
from deckwright.core.wording import reason

CHECKSUMS = "SHA256SUMS"  # in the format of sha256sum(1); tells a build which files are its own
_SYSTEM = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})  # left behind by file managers
_ABANDONED = 3600  # seconds after which an unfinished folder cannot belong to a running build


def publish(
    artifacts: Iterable[Artifact], folder: Path, progress: Progress = SILENT
) -> tuple[Diagnostic, ...]:
    """Make `folder` contain exactly `artifacts` and their checksums.

    Returns diagnostics, and leaves the folder as it is, if that fails or if it contains files
    that no build wrote.
    """
    if problem := _obstacle(folder):
        return (problem,)
    staging = ""
    try:
        if folder.exists() and not os.access(folder, os.W_OK):  # a rename would ignore this
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        folder.parent.mkdir(parents=True, exist_ok=True)
        _recover(folder)
        staging = tempfile.mkdtemp(prefix=f".{folder.name}-new-", dir=folder.parent)
        _clear_abandoned(folder, Path(staging))
        sums = []
        for artifact in progress.over("writing files", artifacts):
            _write(Path(staging) / artifact.path, artifact.data)
            sums.append((artifact.path, hashlib.sha256(artifact.data).hexdigest()))
        lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(sums))
        _write(Path(staging) / CHECKSUMS, lines.encode())
        os.chmod(staging, 0o755)
        _swap(Path(staging), folder)
    except OSError as error:
        return (_unwritable(folder, error),)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return ()


def _obstacle(folder: Path) -> Diagnostic | None:
    """K702, K703: what is at the place of the output is no output of a build."""
    name, here = folder.name, files.nowhere(folder.as_posix())
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        what = "a symbolic link" if folder.is_symlink() else "a file"
        message = f"`{name}` is {what}, not a folder"
        help_line = "move or rename it, or choose another output folder with `--out`"
        return Diagnostic("K703", message, here, help_line)
    strangers = _strangers(folder)
    if not strangers:
        return None
    listed = ", ".join(strangers[:5]) + (" …" if len(strangers) > 5 else "")
    message = f"`{name}` contains files that no build wrote: {listed}"
    help_line = "move them to another folder, or choose another output folder with `--out`"
    return Diagnostic("K702", message, here, help_line)


def _unwritable(folder: Path, error: OSError) -> Diagnostic:
    why = reason(error)
    help_line = "fix the cause, or choose another output folder with `--out`"
    if isinstance(error, NotADirectoryError | FileExistsError):
        obstacle = next((p for p in folder.parents if p.exists() and not p.is_dir()), None)
        if obstacle:
            why = f"`{obstacle.name}` is a file, not a folder"
            help_line = "choose another output folder with `--out`"
    return Diagnostic(
        "K701",
        f"can't write to `{folder.name}`: {why}",
        files.nowhere(folder.as_posix()),
        help_line + "; the previous output is unchanged",
    )


def _strangers(folder: Path) -> list[str]:
    """List the files below `folder` that the checksums of the last build do not name."""
    ours = {CHECKSUMS, *_listed(folder)}
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(os.path.relpath(os.path.join(place, name), folder)).as_posix()
            if path not in ours and name not in _SYSTEM:
                found.append(path)
    return sorted(found)


def _listed(folder: Path) -> frozenset[str]:
    """Return the files that the checksums in `folder` name; none if there are no checksums."""
    try:
        return frozenset(line[66:] for line in (folder / CHECKSUMS).read_text("utf-8").splitlines())
    except (OSError, ValueError):
        return frozenset()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def _swap(staging: Path, folder: Path) -> None:
    """Put `staging` in the place of `folder` and delete what was there.

    A build that is killed between the two renames leaves the old output under another name,
    and the next build puts it back first (`_recover`).
    """
    old = folder.parent / f".{folder.name}-old"
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.rename(folder, old)
    try:
        os.rename(staging, folder)
    except OSError:
        if old.exists():
            os.rename(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Put the old output back if a build was killed between its two renames."""
    old = folder.parent / f".{folder.name}-old"
    if old.is_dir() and not folder.exists():
        os.rename(old, folder)


def _clear_abandoned(folder: Path, staging: Path) -> None:
    """Remove unfinished folders that are too old to belong to a running build."""
    for left in folder.parent.glob(f".{folder.name}-new-*"):
        try:
            abandoned = staging.stat().st_mtime - left.stat().st_mtime > _ABANDONED
        except FileNotFoundError:  # another build has just ended
            continue
        if abandoned:
            shutil.rmtree(left, ignore_errors=True)
