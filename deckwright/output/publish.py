"""Artifacts → a folder on disk, all or nothing: whoever looks sees the old output or the new one, whole."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.note import Artifact
from deckwright.core.progress import SILENT, Progress

CHECKSUMS = "SHA256SUMS"  # in the form of sha256sum(1); so a build knows what the one before wrote
_SYSTEM = frozenset(
    {".DS_Store", "Thumbs.db", "desktop.ini"}
)  # what file managers leave in every folder
_MANY = 200  # files above which it pays to ask the whole system
_ABANDONED = 3600  # seconds after which a half-written folder belongs to no running build


@dataclass(frozen=True, slots=True)
class Staged:
    """A whole output, written beside the folder whose place it will take."""

    staging: Path
    folder: Path


def publish(
    artifacts: Iterable[Artifact], folder: Path, progress: Progress = SILENT
) -> tuple[Diagnostic, ...]:
    """Makes `folder` hold exactly `artifacts` and their checksums. Complains, and leaves what is there, if it cannot or if the
    folder holds files that no build wrote."""
    outcome = stage(artifacts, folder, progress)
    return swap(outcome.values[0]) if outcome.values else outcome.diagnostics


def stage(
    artifacts: Iterable[Artifact], folder: Path, progress: Progress = SILENT
) -> Outcome[Staged]:
    """Writes everything beside `folder`, so that only a renaming can still fail; to be ended by `swap` or `discard`."""
    name, here = folder.name, files.nowhere(folder.as_posix())
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        what = "a link" if folder.is_symlink() else "a file"
        diagnostic = Diagnostic(
            "K703",
            f"{name} is {what}, not a folder",
            here,
            "move it away, or name another folder with --out",
        )
        return Outcome((), (diagnostic,))
    strangers = _strangers(folder)
    if strangers:
        listed = ", ".join(strangers[:5]) + (" …" if len(strangers) > 5 else "")
        message, help_line = (
            f"{name} holds files that no build wrote: {listed}",
            "move them away, or name another folder with --out",
        )
        return Outcome((), (Diagnostic("K702", message, here, help_line),))
    staging = ""
    try:
        if folder.exists() and not os.access(
            folder, os.W_OK
        ):  # it could be swapped all the same, against its owner's will
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        folder.parent.mkdir(parents=True, exist_ok=True)
        _recover(folder)
        staging = tempfile.mkdtemp(prefix=f".{name}-new-", dir=folder.parent)
        _clear_abandoned(folder, Path(staging))
        sums = []
        for artifact in progress.over("writing files", artifacts):
            _write(Path(staging) / artifact.path, artifact.data)
            sums.append(f"{hashlib.sha256(artifact.data).hexdigest()}  {artifact.path}\n")
        _write(
            Path(staging) / CHECKSUMS, "".join(sorted(sums, key=lambda line: line[66:])).encode()
        )
        with progress.during("waiting for the disk"):
            _keep(Path(staging))
        os.chmod(staging, 0o755)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        return Outcome((), (_unwritable(folder, error),))
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return Outcome((Staged(Path(staging), folder),))


def swap(staged: Staged) -> tuple[Diagnostic, ...]:
    """Puts a staged output in its place, whole, or complains and leaves what is there."""
    try:
        _swap(staged.staging, staged.folder)
    except OSError as error:
        return (_unwritable(staged.folder, error),)
    finally:
        discard(staged)
    return ()


def discard(staged: Staged) -> None:
    """Takes away what was staged, or what it replaced."""
    shutil.rmtree(staged.staging, ignore_errors=True)


def _unwritable(folder: Path, error: OSError) -> Diagnostic:
    return Diagnostic(
        "K701",
        f"{folder.name} cannot be written: {(error.strerror or str(error)).lower()}",
        files.nowhere(folder.as_posix()),
        "make room or permission, or name another folder with --out; the output of the build before is untouched",
    )


def _strangers(folder: Path) -> list[str]:
    """Files below `folder` that no build wrote: all but what the checksums of the build before name."""
    ours = {CHECKSUMS, *_listed(folder)}
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(os.path.relpath(os.path.join(place, name), folder)).as_posix()
            if path not in ours and name not in _SYSTEM:
                found.append(path)
    return sorted(found)


def _listed(folder: Path) -> frozenset[str]:
    """The files that the checksums in `folder` name; none where there are no checksums."""
    try:
        return frozenset(line[66:] for line in (folder / CHECKSUMS).read_text("utf-8").splitlines())
    except (OSError, ValueError):
        return frozenset()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def _keep(folder: Path) -> None:
    """Has the disk hold everything below `folder`, so that no power cut leaves an empty file under its final name. Where there
    are many files (a site has one per card) the system is asked once: sync(2) waits on Linux, and file by file takes ten times
    as long."""
    files = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
    if len(files) > _MANY and sys.platform.startswith("linux"):
        os.sync()
        return
    for file in files:
        with open(file, "r+b") as handle:
            os.fsync(handle.fileno())


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
    return bool(
        renameat2(at_fdcwd, os.fsencode(one), at_fdcwd, os.fsencode(other), rename_exchange) == 0
    )
