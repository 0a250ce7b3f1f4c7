"""Open a file of another program; its content decides what it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from deckwright.core.errors import UserError
from deckwright.core.wording import reason
from deckwright.exchange.importer import apkg, text_files
from deckwright.exchange.importer.foreign import ForeignFile

_KINDS = "give an .apkg, .colpkg, .csv, .tsv, or .txt file"
_PACKAGES = (".apkg", ".colpkg", ".zip")
_TEXTS = (".csv", ".tsv", ".txt", "")


def read(path: Path, header: bool | None, named: Iterable[str]) -> ForeignFile:
    """The notes of a package or a text file (see `text_files.read`).

    Raises UserError if it is neither, or cannot be trusted.
    """
    try:
        if not path.exists():
            raise UserError("there is no such file", _KINDS)
        if not path.is_file():
            raise UserError("this is not a regular file", _KINDS)
        with open(path, "rb") as file:
            first = file.read(16)
        if first.startswith(b"SQLite format 3"):
            raise UserError(
                "this is a collection, not a package", "export it in Anki: File › Export, as .apkg"
            )
        suffix = path.suffix.lower()
        if suffix not in (*_PACKAGES, *_TEXTS):
            raise UserError(f"a file that ends in {suffix} cannot be imported", _KINDS)
        if first.startswith(b"PK"):
            return apkg.read(path)
        if suffix in _PACKAGES:
            raise UserError(
                "the file is named like a package but is not one",
                "export it again, or download it again",
            )
        return text_files.read(path, header, named)
    except OSError as error:
        help_line = "check its path and permissions"
        raise UserError(f"it cannot be read: {reason(error)}", help_line) from error
