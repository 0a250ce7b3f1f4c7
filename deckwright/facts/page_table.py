"""The pages with evidence, as they were when it was recorded: `decks/evidence/pages.tsv`.

Only `verify --record` writes the file. `stale` compares later copies of the pages with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields

from deckwright.core import files
from deckwright.facts.page_copies import PageCopies
from deckwright.project.project import Project

PATH = "decks/evidence/pages.tsv"  # in the project or overlay

_HEAD = """\
# The pages that confirm values on cards, when these were recorded last: written by \
`./build.py verify --record`.
# page, ETag, day or month of the copy, hash of its text
"""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page as it was on the day or in the month of `date`.

    `hash` is that of its normalized text; it is empty if only a part of the page was at
    hand.
    """

    url: str
    etag: str
    date: str
    hash: str


PageTable = Mapping[str, PageRow]  # by address


def load(project: Project) -> PageTable:
    """Return the tables of the project and its overlay as one."""
    rows: dict[str, PageRow] = {}
    for base in dict.fromkeys(root.base for root in project.roots):
        rows |= read(project, base)
    return rows


def read(project: Project, base: str) -> PageTable:
    """Return the table of the project (if `base` is empty) or of its overlay.

    Lines that are damaged, as by a merge, are left out: the next record replaces them.
    """
    if not (project.folder / base / PATH).is_file():
        return {}
    sources = files.read_source(project.folder, base + PATH).values
    lines = [line.split("\t") for source in sources for line in source.text.split("\n")]
    rows = (PageRow(*cells) for cells in lines if len(cells) == len(fields(PageRow)))
    return {row.url: row for row in rows if not row.url.startswith("#")}


def text_of(rows: Iterable[PageRow]) -> str:
    """Return the text form of a table."""
    lines = ("\t".join(" ".join(cell.split()) for cell in astuple(row)) for row in rows)
    return _HEAD + "".join(f"{line}\n" for line in sorted(lines))


def changed_pages(table: PageTable, pages: PageCopies) -> frozenset[str]:
    """Return the pages whose text is not what it was when it was recorded."""
    changed = set()
    for url, row in table.items():
        copy = pages.read(url) if row.hash else None
        if copy is None or not copy.whole or copy.date <= row.date:
            continue
        is_same = row.etag and copy.etag == row.etag
        if not is_same and copy.page.digest != row.hash:
            changed.add(url)
    return frozenset(changed)
