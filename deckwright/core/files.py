"""Reading the disk: text files as Sources, folders as lists of paths; what cannot be read becomes a complaint."""

from __future__ import annotations

import contextlib
import os
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source, Span

MAX_TEXT = 4_000_000  # bytes; a card file has some 10,000


def read_source(
    root: Path, path: str, code: str = "D101", folder: str = "", namespace: str = ""
) -> Outcome[Source]:
    """One text file as a Source: UTF-8, a BOM dropped, line ends LF, characters composed (NFC).

    `path` is relative to `root`, posix. `code` is the code of the complaint when the file cannot be read.
    """
    try:
        with open(root / path, "rb") as file:
            data = file.read(MAX_TEXT + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Outcome(
            (),
            (
                Diagnostic(
                    code, f"the file cannot be read: {reason}", nowhere(path), _unreadable(error)
                ),
            ),
        )
    return as_source(data, path, code, folder, namespace)


def as_source(
    data: bytes, path: str, code: str = "D101", folder: str = "", namespace: str = ""
) -> Outcome[Source]:
    """The content of a text file as a Source, as `read_source` makes it."""
    if len(data) > MAX_TEXT:
        message = f"the file has more than {MAX_TEXT:,} bytes"
        return Outcome(
            (), (Diagnostic(code, message, nowhere(path), "split it into smaller files"),)
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Outcome((), (_not_utf8(path, data, error),))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return Outcome((Source(path, text, folder, namespace),))


def nowhere(path: str) -> Span:
    """A span at the start of a file whose text is not known."""
    return Span(Source(path, ""), 0, 0)


def _unreadable(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "put the file back, or mend the link that leads here"
    return "look at the file's permissions"


def _not_utf8(path: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    """Points at the first byte that is not UTF-8: the text before it is, so its place can be told."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Diagnostic(
            "D102", "the file is UTF-16, not UTF-8", nowhere(path), "save the file as UTF-8"
        )
    text = data[: error.start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    rest = data[error.start :].split(b"\n", 1)[0].decode("utf-8", "replace")
    source = Source(path, text + rest)
    return Diagnostic(
        "D102",
        f"byte 0x{data[error.start]:02X} is not UTF-8",
        source.span(len(text), len(text) + 1),
        "save the file as UTF-8",
    )


@dataclass(frozen=True, slots=True)
class Walk:
    """What lies below a folder: paths of regular files, sorted, and complaints about everything else."""

    paths: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def walk(root: Path, folder: str, base: str = "") -> Walk:
    """Every regular file below `folder`, relative to `root`; `base` leads from there to the folder out of which no link may lead. Links out of the project or to folders, pipes and the like, and
    folders that cannot be read are complained of; names that begin with a dot are passed over, as git and editors keep theirs there.
    """
    diagnostics: list[Diagnostic] = []
    paths: list[str] = []
    home = os.path.realpath(root / base)

    def unreadable(error: OSError) -> None:
        path = Path(os.path.relpath(error.filename, root)).as_posix()
        reason = (error.strerror or str(error)).lower()
        diagnostics.append(
            Diagnostic(
                "D101",
                f"the folder cannot be read: {reason}",
                nowhere(path),
                "look at the folder's permissions",
            )
        )

    if not os.path.realpath(root / folder).startswith(home + os.sep):
        diagnostics.append(_stray_link(root, folder, home))
        return Walk((), tuple(diagnostics))
    for place, folders, names in os.walk(root / folder, onerror=unreadable):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        linked = [f for f in folders if os.path.islink(os.path.join(place, f))]
        for name in sorted(n for n in [*names, *linked] if not n.startswith(".")):
            full = os.path.join(place, name)
            path = Path(os.path.relpath(full, root)).as_posix()
            outside = os.path.islink(full) and not os.path.realpath(full).startswith(home + os.sep)
            if outside or os.path.isdir(full):
                diagnostics.append(_stray_link(root, path, home))
            elif os.path.exists(full) and not os.path.isfile(full):
                diagnostics.append(
                    Diagnostic(
                        "D107",
                        "this is no regular file",
                        nowhere(path),
                        "take it away: cards and pictures are files",
                    )
                )
            else:
                paths.append(path)
    return Walk(tuple(sorted(paths)), tuple(diagnostics))


def _stray_link(root: Path, path: str, home: str) -> Diagnostic:
    where = (
        "a folder"
        if os.path.realpath(root / path).startswith(home + os.sep)
        else "out of the project"
    )
    return Diagnostic(
        "D106",
        f"this link leads to {os.readlink(root / path)}, {where}",
        nowhere(path),
        "put the file itself here",
    )


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
    touched: list[
        str
    ] = []  # before it happens, for a signal may come between that and the next line
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
