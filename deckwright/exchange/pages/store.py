"""The folder with copies of pages, as it is written; `facts.page_copies` reads it.

Every write leaves the folder whole: a copy gets a new name, then the index names it, then
the older copy is deleted.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from deckwright.core.files import replace_file
from deckwright.facts.page_copies import HTML, INDEX, IndexRow, index_text, read_index

_STRANGE = re.compile(r"[^\w.-]+", re.ASCII)


@dataclass
class PageStore:
    """The copies in `folder`, which is made when the first one comes."""

    folder: Path

    def __post_init__(self) -> None:
        self._rows = read_index(self.folder)

    def row(self, url: str) -> IndexRow:
        """Return what is known of a page; a row without a copy if nothing is."""
        row = self._rows.get(url)
        if row and row.file and not (self.folder / row.file).is_file():
            row = replace(row, file="", etag="", modified="", date="")
        return row or IndexRow(url)

    def text(self, row: IndexRow) -> str:
        """Return the text of a copy; empty if there is none."""
        try:
            return (self.folder / row.file).read_text("utf-8") if row.file else ""
        except (OSError, ValueError):
            return ""

    def keep(self, row: IndexRow, text: str) -> None:
        """Keep a copy, as `row` describes it. Raises OSError."""
        before = self.row(row.url).file
        # A name that no other page and no other text has, and that people can read.
        key = hashlib.sha256(f"{row.url}\n{text}".encode()).hexdigest()[:16]
        path = urlsplit(row.url).path.removesuffix(".html").strip("/")
        ending = "html" if row.media_type == HTML else "md"
        row = replace(row, file=f"{_STRANGE.sub('-', path)[-80:]}-{key}.{ending}")
        self.folder.mkdir(parents=True, exist_ok=True)
        if before != row.file:
            replace_file(self.folder / row.file, text)
        self.note(row)
        if before and before != row.file:
            with suppress(OSError):
                (self.folder / before).unlink()

    def note(self, row: IndexRow) -> None:
        """Write what is known of a page to the index. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = {**self._rows, row.url: row}
        replace_file(self.folder / INDEX, index_text(rows))
        self._rows = rows
