"""Read text files and folders, report what cannot be read, and write text files."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source, Span
from deckwright.core.wording import reason

MAX_FILE = 4_000_000  # bytes of a file that is read; a card file has some 10,000
_WHEN_UNREADABLE = "check that the path is a file and that you have permission to read it"
# Names that Windows keeps for devices, with any ending. See
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions.
DEVICE_NAME = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")


def read_source(
    project: Path, path: str, code: str = "D101", folder: str = "", namespace: str = ""
) -> Outcome[Source | None]:
    """Read a text file: UTF-8, a BOM dropped, line ends LF, characters composed (NFC).

    `path` is relative to `project`, posix. `code` is that of the diagnostic if the file
    cannot be read. A card file has the path and the namespace of its card folder (`folder`,
    `namespace`).
    """
    try:
        with open(project / path, "rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        message, help_line = f"the file can't be read: {reason(error)}", _WHEN_UNREADABLE
        if os.path.islink(project / path) and not os.path.exists(project / path):
            goal = os.readlink(project / path)
            message = f"this symbolic link points to {goal}, which doesn't exist"
            help_line = "replace the link with the file itself, or remove the link"
        elif isinstance(error, FileNotFoundError):
            message = "the file doesn't exist"
            help_line = "restore the file"
        return Outcome(None, (Diagnostic(code, message, nowhere(path), help_line),))
    return as_source(data, path, code, folder, namespace)


def as_source(
    data: bytes, path: str, code: str = "D101", folder: str = "", namespace: str = ""
) -> Outcome[Source | None]:
    """Return the content of a text file as a Source, as `read_source` does."""
    if len(data) > MAX_FILE:
        message = f"the file has more than {MAX_FILE:,} bytes"
        large = Diagnostic(code, message, nowhere(path), "split it into smaller files")
        return Outcome(None, (large,))
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Outcome(None, (_not_utf8(path, data, error),))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return Outcome(Source(path, text, folder, namespace))


def nowhere(path: str) -> Span:
    """Return a span at the start of a file whose text is not known."""
    return Span(Source(path, ""), 0, 0)


def _not_utf8(path: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    """Return a diagnostic that points at the first byte that is not UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        help_line = "open the file as UTF-16, and save it as UTF-8"
        return Diagnostic("D102", "the file is UTF-16, not UTF-8", nowhere(path), help_line)
    text = data[: error.start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    rest = data[error.start :].split(b"\n", 1)[0].decode("utf-8", "replace")
    source = Source(path, text + rest)
    return Diagnostic(
        "D102",
        f"byte 0x{data[error.start]:02X} isn't valid UTF-8",
        source.span(len(text), len(text) + 1),
        "reopen the file in its original encoding, often Windows-1252, and save it as UTF-8",
    )


@dataclass(frozen=True, slots=True)
class Walk:
    """The regular files below a folder, sorted, and diagnostics about the rest."""

    paths: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def walk(project: Path, folder: str, base: str = "") -> Walk:
    """Return every regular file below `folder`, relative to `project`.

    There is a diagnostic for each link to a folder, to a hidden file, or out of `base`
    (relative to `project`), for each pipe and the like, and for each folder that cannot be
    read. Names that begin with a dot are skipped: git and editors use them.
    """
    diagnostics: list[Diagnostic] = []
    paths: list[str] = []
    home = os.path.realpath(project / base)

    def unreadable(error: OSError) -> None:
        place = nowhere(Path(os.path.relpath(error.filename, project)).as_posix())
        message = f"the folder can't be read: {reason(error)}"
        help_line = "check that you have permission to open the folder"
        diagnostics.append(Diagnostic("D101", message, place, help_line))

    if not _is_below(home, project / folder):
        return Walk((), (_stray_link(project, folder, home),))
    for place, folders, names in os.walk(project / folder, onerror=unreadable):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        linked = [f for f in folders if os.path.islink(os.path.join(place, f))]
        here = Path(os.path.relpath(place, project)).as_posix()
        for name in sorted(n for n in [*names, *linked] if not n.startswith(".")):
            path = name if here == "." else f"{here}/{name}"
            problem = _problem(project, path, home)
            if problem:
                diagnostics.append(problem)
            else:
                paths.append(path)
    return Walk(tuple(sorted(paths)), tuple(diagnostics))


def _is_below(home: str, path: Path) -> bool:
    return os.path.realpath(path).startswith(home + os.sep)


def _problem(project: Path, path: str, home: str) -> Diagnostic | None:
    """Return a diagnostic for anything but a file, or a link to one below `home`."""
    full = os.path.join(project, path)
    with contextlib.suppress(OSError):
        if stat.S_ISREG(os.lstat(full).st_mode):
            return None
    goal = os.path.realpath(full)  # what git and editors keep in hidden files is no card
    is_stray = not goal.startswith(home + os.sep) or os.sep + "." in goal[len(home) :]
    if os.path.isdir(full) or (os.path.islink(full) and is_stray):
        return _stray_link(project, path, home)
    if os.path.exists(full) and not os.path.isfile(full):
        help_line = "remove it; only files and folders can be in a card folder"
        return Diagnostic("D107", "this isn't a regular file", nowhere(path), help_line)
    return None


def _stray_link(project: Path, path: str, home: str) -> Diagnostic:
    where = "to a folder" if os.path.isdir(project / path) else "to a hidden file"
    if not _is_below(home, project / path):
        where = "outside the project"
    message = f"this symbolic link points {where}: {os.readlink(project / path)}"
    help_line = "replace the symbolic link with the file or folder itself"
    return Diagnostic("D106", message, nowhere(path), help_line)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this context for a folder, and keep others waiting.

    The system ends the context if the process dies. Windows and some network file systems
    have no such locks: there, nobody waits.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            handle = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def replace_file(path: Path, text: str | bytes) -> None:
    """Write a file as a whole, a text as UTF-8. It keeps its permissions.

    Raises OSError and leaves it as it is.
    """
    data = text.encode() if isinstance(text, str) else text
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):  # stopped between the renaming and the end
            os.unlink(name)
        raise


def replace_files(folder: Path, texts: Mapping[str, str | bytes], gone: Iterable[str] = ()) -> None:
    """Write files below `folder` in the order given, then delete those that are `gone`.

    Deletes the folders that this empties. Raises OSError and leaves all as they were. If the
    machine stops in the middle, what was written first is there, each file whole.
    """
    gone = tuple(gone)
    before = {
        path: (folder / path).read_bytes() if (folder / path).exists() else None
        for path in (*texts, *gone)
    }
    # Gets each path before its file is touched, because a signal can come right after that.
    touched: list[str] = []
    made: list[Path] = []
    try:
        for path, text in texts.items():
            made += [parent for parent in reversed((folder / path).parents) if not parent.exists()]
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            touched.append(path)
            replace_file(folder / path, text)
        for path in gone:
            touched.append(path)
            (folder / path).unlink()
    except BaseException:
        for path in reversed(touched):
            _put_back(folder / path, before[path])
        for parent in reversed(made):
            _drop_if_empty(parent)
        raise
    for parent in {(folder / path).parent for path in gone}:
        _drop_if_empty(parent)


def _put_back(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != data:
        replace_file(path, data)


def _drop_if_empty(folder: Path) -> None:
    if folder.is_dir() and not os.listdir(folder):
        folder.rmdir()
