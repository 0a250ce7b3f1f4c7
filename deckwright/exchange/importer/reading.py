"""Open a file of another program; the ending of its name decides what it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from deckwright.core.errors import UserError
from deckwright.core.wording import reason
from deckwright.exchange.importer import apkg, text_files
from deckwright.exchange.importer.foreign import ForeignFile

_PACKAGES, _TEXTS = (".apkg", ".colpkg"), (".csv", ".tsv", ".txt")


def read(path: Path, header: bool | None, named: Iterable[str]) -> ForeignFile:
    """The notes of a package or a text file (see `text_files.read`).

    Raises UserError if it is neither, or cannot be trusted.
    """
    kinds = "give an .apkg, .colpkg, .csv, .tsv, or .txt file"
    suffix = path.suffix.lower()
    if suffix not in (*_PACKAGES, *_TEXTS):
        raise UserError(f"a file that ends in `{suffix}` cannot be imported", kinds)
    if not path.is_file():
        raise UserError("there is no such file", kinds)
    try:
        return apkg.read(path) if suffix in _PACKAGES else text_files.read(path, header, named)
    except OSError as error:
        help_line = "check its path and permissions"
        raise UserError(f"it cannot be read: {reason(error)}", help_line) from error
