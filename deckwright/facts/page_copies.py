"""Copies of pages that cards cite, as far as this machine has them.

A copy is in `.data/pages/HOST/PATH`; of an AWS page, `P.md` is a copy of
https://docs.aws.amazon.com/P.html. It begins with lines between two `---`: `copied: 2026-11`
is the month or day of the copy. The command `pages` writes it, with the words by which the
site knows the copy (`etag`, `modified`), and `gone: has moved to …` if it has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from deckwright.core.card import Card
from deckwright.core.files import MAX_FILE, read_source
from deckwright.facts.evidence import lines_of, page_name
from deckwright.facts.page_html import Passage
from deckwright.facts.quotes import read_page

FOLDER = ".data/pages"  # below the project's folder; ignored by git
MAX_PAGE = MAX_FILE - 10_000  # bytes; the largest page of the AWS documentation has 2,000,000
_AS_MARKDOWN = "https://docs.aws.amazon.com/"  # serves P.html also as Markdown, as P.md
_FRONT_MATTER = re.compile(r"\A---\n((?:[^\n]*\n)*?)---\n")
_DATED = r"copied(?=: *20\d\d-\d\d(?:-\d\d)? *$)"
_ENTRY = re.compile(rf"^({_DATED}|etag|modified|gone): *(.*?) *$", re.MULTILINE)
_LONGEST_NAME = 200  # characters of a file's name


@dataclass(frozen=True)
class PageCopy:
    """A page as it was on a day or in a month (`copied`; empty if unknown).

    `etag` and `modified` are what the site said of it. `gone` is what has become
    of the page, such as "has moved to …"; then there is no text.
    """

    text: str = ""
    copied: str = ""
    etag: str = ""
    modified: str = ""
    gone: str = ""

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The sentences and rows of the page."""
        return read_page(self.text)


@dataclass(frozen=True)
class PageCopies:
    """The copies in `folder`.

    Each page is read once, so that all evidence on it is compared with the same copy.
    """

    folder: Path
    _copies: dict[str, PageCopy | None] = field(default_factory=dict, repr=False)

    def read(self, url: str) -> PageCopy | None:
        """Return the copy of a page, None if there is none that can be read."""
        name = copy_name(url)
        if name not in self._copies:
            self._copies[name] = _read(self.folder, name) if name else None
        return self._copies[name]


def copy_name(url: str) -> str:
    """Return the name of a page's copy in the folder, empty if it can have none."""
    parts = urlsplit(markdown_address(urldefrag(url).url))
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if not path.endswith((".html", ".htm", ".md")):
        path = f"{path.removesuffix('/')}/index.html"
    steps = [parts.netloc, *path.removeprefix("/").split("/")]
    names = [quote(step, safe=" %+,=@") for step in steps]
    is_path = all(name.strip(".") and len(name) <= _LONGEST_NAME for name in names)
    return "/".join(names) if is_path else ""


def markdown_address(url: str) -> str:
    """Return where a page is served as Markdown, the page itself if that is nowhere."""
    is_there = url.startswith(_AS_MARKDOWN) and url.endswith(".html")
    return f"{url.removesuffix('.html')}.md" if is_there else url


def page_address(url: str) -> str:
    """Return the address of the page that has a Markdown address."""
    is_markdown = url.startswith(_AS_MARKDOWN) and url.endswith(".md")
    return f"{url.removesuffix('.md')}.html" if is_markdown else url


def copy_text(copy: PageCopy) -> str:
    """Return the text of the file with a copy."""
    entries = {entry.name: getattr(copy, entry.name) for entry in fields(copy)[1:]}
    head = "".join(f"{key}: {value}\n" for key, value in entries.items() if value)
    return f"---\n{head}---\n{copy.text}"


def _read(folder: Path, name: str) -> PageCopy | None:
    source = read_source(folder, name).value
    if source is None:
        return None
    head = _FRONT_MATTER.match(source.text)
    if head is None:
        return PageCopy(source.text)
    return PageCopy(source.text[head.end() :], **dict(_ENTRY.findall(head[1])))


def pages_with_evidence(card: Card) -> tuple[str, ...]:
    """Return the sources of a card that its evidence lines cite."""
    names = {line.path for line in lines_of(card) if line.is_page}
    return tuple(source for source in card.sources if page_name(source) in names)
