"""Copies of pages that cards cite, as far as this machine has them.

The command `pages` keeps copies in `.data/pages/`: one file per page, and `index.json`, which
lists them. A mirror is a folder with saved pages: `docs/P.md` or `P.md` for
https://docs.aws.amazon.com/P.html, `HOST/PATH` for HTML or Markdown of other sites. A saved
page can begin with lines between two `---`: `copied: 2026-11` is the month or day of the
copy, and `part: true` says that it is only a part of the page.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from deckwright.core.card import Card
from deckwright.facts import evidence
from deckwright.facts.page_text import PageText

FOLDER = ".data/pages"  # below the project's folder; ignored by git
INDEX = "index.json"
MARKDOWN, HTML = "text/markdown", "text/html"
MAX_PAGE = 4_000_000  # bytes; the largest page of the AWS documentation has some 2,000,000
AS_MARKDOWN = "docs.aws.amazon.com"  # serves https://…/P.html also as Markdown, as https://…/P.md

_FILE = re.compile(r"[\w.-]+")
_FRONT = re.compile(r"---\n(.*?\n)??---\n", re.DOTALL)
_COPIED = re.compile(r"^copied: *(20\d\d-\d\d(?:-\d\d)?) *$", re.MULTILINE)
_PART = re.compile(r"^part: *true *$", re.MULTILINE)


@dataclass(frozen=True)
class PageCopy:
    """A page as it was on a day or in a month (`date`; empty if unknown).

    `media_type` is MARKDOWN or HTML. `whole` is false if the copy says that it is only a
    part of the page.
    """

    url: str
    text: str
    media_type: str
    date: str
    whole: bool = True

    @cached_property
    def page(self) -> PageText:
        """The text of the page in sentences and rows."""
        return PageText(self.text, self.media_type == HTML)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What is known of a page: its copy, if there is one, and the last answer.

    `file` is the name of the copy in the folder; it is empty if there is none. `date` is
    the last day on which the site said that the copy is the page. `asked` is the day of
    the last answer, and `instead` what it was instead of the page, such as "moved to …".
    """

    url: str
    file: str = ""
    media_type: str = ""
    etag: str = ""
    modified: str = ""
    date: str = ""
    asked: str = ""
    instead: str = ""


def read_index(folder: Path) -> dict[str, IndexRow]:
    """Return the rows of a folder's index by page, none if it is damaged."""
    try:
        rows = [
            IndexRow(*map(str, cells)) for cells in json.loads((folder / INDEX).read_text("utf-8"))
        ]
        return {row.url: row for row in rows if not row.file or _FILE.fullmatch(row.file)}
    except (OSError, ValueError, TypeError):
        return {}


def index_text(rows: Mapping[str, IndexRow]) -> str:
    """Return the text form of an index."""
    return json.dumps([astuple(rows[url]) for url in sorted(rows)], indent=0)


@dataclass(frozen=True)
class PageCopies:
    """The copies in `folder`; or those in `mirror`, if there is one.

    `date` is the date of the copies in a mirror that name none. Each page is read once, so
    that all evidence on it is compared with the same copy.
    """

    folder: Path
    mirror: Path | None = None
    date: str = ""
    _pages: dict[str, PageCopy | None] = field(default_factory=dict, repr=False)

    def read(self, url: str) -> PageCopy | None:
        """Return the copy of a page, None if there is none that can be read."""
        url = urldefrag(url).url
        if url not in self._pages:
            self._pages[url] = self._in_mirror(url) if self.mirror else self._in_folder(url)
        return self._pages[url]

    def instead_of(self, url: str) -> str:
        """Return what was last found instead of a page: "moved to …", "gone (404)"."""
        row = None if self.mirror else self._rows.get(urldefrag(url).url)
        return row.instead if row else ""

    @cached_property
    def _rows(self) -> dict[str, IndexRow]:
        return read_index(self.folder)

    def _in_mirror(self, url: str) -> PageCopy | None:
        assert self.mirror
        for name in _mirror_names(url):
            if (text := _text(self.mirror / name)) is not None:
                media_type = MARKDOWN if name.endswith(".md") else HTML
                copied = _COPIED.search(_front_matter(text))
                return _copy(url, text, media_type, copied[1] if copied else self.date)
        return None

    def _in_folder(self, url: str) -> PageCopy | None:
        row = self._rows.get(url)
        text = _text(self.folder / row.file) if row and row.file else None
        if row is None or text is None:
            return None
        return _copy(url, text, row.media_type, row.date)


def _copy(url: str, text: str, media_type: str, date: str) -> PageCopy:
    return PageCopy(url, text, media_type, date, not _PART.search(_front_matter(text)))


def _front_matter(text: str) -> str:
    front = _FRONT.match(text)
    return front[1] or "" if front else ""


def pages_with_evidence(card: Card) -> tuple[str, ...]:
    """Return the sources of a card that its evidence lines cite."""
    lines = filter(None, (evidence.read(given).value for given in card.evidence))
    names = {line.path for line in lines if line.is_page}
    return tuple(source for source in card.sources if evidence.page_name(source) in names)


def _mirror_names(url: str) -> tuple[str, ...]:
    """Return where a mirror can have a page, relative to its folder."""
    parts = urlsplit(url)
    path, ending = posixpath.splitext(parts.path.removeprefix("/"))
    host = parts.hostname or ""
    if any(step in ("", ".", "..") or "\\" in step or "\0" in step for step in path.split("/")):
        return ()
    if host == AS_MARKDOWN:
        return (f"docs/{path}.md", f"{path}.md") if ending == ".html" else ()
    return (f"{host}/{path}{ending}",) if ending in (".html", ".htm", ".md") else ()


def _text(path: Path) -> str | None:
    """Return a page's text with `\\n` at the ends of its lines, None if it is unreadable."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_PAGE + 1)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError):
        return None
    return None if len(data) > MAX_PAGE else text.replace("\r\n", "\n").replace("\r", "\n")
