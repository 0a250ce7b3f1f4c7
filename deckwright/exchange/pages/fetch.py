"""Bring the copies of pages up to date, and check the addresses of sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from deckwright.core.wording import shortened
from deckwright.exchange.pages.store import PageStore
from deckwright.exchange.pages.visits import Visits
from deckwright.exchange.pages.web import Answer, NoAnswerError
from deckwright.facts.page_copies import AS_MARKDOWN, HTML, MARKDOWN, MAX_PAGE, IndexRow, PageCopies

NEW, CHANGED, UNCHANGED, KEPT = "new", "changed", "unchanged", "already up to date"
THERE, GONE, UNREAD = "still there", "moved or gone", "not read"
STATES = (NEW, CHANGED, UNCHANGED, KEPT, THERE, GONE, UNREAD)

_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_TYPES = {
    MARKDOWN: MARKDOWN,
    "text/plain": MARKDOWN,
    HTML: HTML,
    "application/xhtml+xml": HTML,
}
_CHARSET = re.compile(r"charset=\"?([\w.-]+)", re.IGNORECASE)
# Python knows others that take minutes, or give what cannot be written as UTF-8.
_CHARSETS = frozenset(
    ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1", "windows-1252")
)
_HTML_START = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_LONGEST = 500  # characters of an address in a message
_NO_HEAD = (405, 501)
_ANCHOR = re.compile(r"""\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


class GoneError(Exception):
    """What is at an address instead of the page."""


class MovedError(GoneError):
    """The page is at another address now."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a page: one of STATES, and why for GONE and UNREAD."""

    url: str
    state: str
    why: str = ""


def _each(urls: Iterable[str], visits: Visits, ask: Callable[[str], str]) -> Iterator[Fetched]:
    """Ask for each page, and for those that were not read once more at the end.

    `ask` returns a state, or raises GoneError or NoAnswerError.
    """

    def result(url: str) -> Fetched:
        try:
            return Fetched(url, ask(url))
        except GoneError as error:
            return Fetched(url, GONE, str(error))
        except NoAnswerError as error:
            return Fetched(url, UNREAD, str(error))

    failed = []
    for url in urls:
        first = result(url)
        if first.state == UNREAD and urlsplit(url).hostname not in visits.stopped:
            failed.append(url)
        else:
            yield first
    yield from map(result, failed)


def fetch(urls: Iterable[str], visits: Visits, store: PageStore, today: str) -> Iterator[Fetched]:
    """Ask for pages, and keep those that changed since they were asked for last.

    A page that was answered `today` is not asked for again. Raises OSError if a copy cannot
    be written.
    """
    return _each(urls, visits, lambda url: _fetch(url, visits, store, today))


def _fetch(url: str, visits: Visits, store: PageStore, today: str) -> str:
    row = store.row(url)
    if row.asked == today:
        if row.instead:
            raise GoneError(row.instead)
        return KEPT
    conditions = {"If-None-Match": row.etag, "If-Modified-Since": row.modified}
    headers = {name: value for name, value in conditions.items() if value}
    answer = visits.ask("GET", _markdown_address(url), MAX_PAGE, headers)
    if answer.status == 304 and headers:
        store.note(replace(row, date=today, asked=today, instead=""))
        return UNCHANGED
    try:
        media_type, text = _page(url, answer, visits)
    except GoneError as error:
        store.note(replace(row, asked=today, instead=str(error)))
        raise
    etag, modified = (answer.headers.get(name, "") for name in ("etag", "last-modified"))
    return _keep(store, row, IndexRow(url, "", media_type, etag, modified, today, today), text)


def _page(url: str, answer: Answer, visits: Visits) -> tuple[str, str]:
    """Return the media type and the text of a page. Raises GoneError and NoAnswerError."""
    as_markdown = _markdown_address(url) != url
    try:
        _expect_page(url, answer)
        media_type, text = _page_text(answer)
        if media_type == MARKDOWN or not as_markdown:
            return media_type, text
    except GoneError as error:
        if isinstance(error, MovedError) or not as_markdown:
            raise
    _expect_page(url, visits.ask("HEAD", url, 0))  # only its Markdown may be gone
    raise GoneError("no longer served as Markdown")


def copy(urls: Iterable[str], mirror: PageCopies, store: PageStore) -> Iterator[Fetched]:
    """Copy pages from a mirror, except where the store has a newer copy.

    Raises OSError if a copy cannot be written.
    """
    for url in urls:
        row, page = store.row(url), mirror.read(url)
        if page is None:
            yield Fetched(url, UNREAD, "the mirror has no such page")
        elif row.date > page.date:
            yield Fetched(url, KEPT)
        else:
            new = replace(row, media_type=page.media_type, etag="", modified="", date=page.date)
            yield Fetched(url, _keep(store, row, new, page.text))


def _keep(store: PageStore, row: IndexRow, new: IndexRow, text: str) -> str:
    """Keep a copy, and return how it compares with the one before."""
    before = store.text(row)
    store.keep(new, text)
    return (UNCHANGED if before == text else CHANGED) if before else NEW


def check_links(urls: Iterable[str], visits: Visits) -> Iterator[Fetched]:
    """Ask for each address as a learner's browser would, but without the page itself.

    Of an address with an anchor, the page is read, too.
    """
    return _each(urls, visits, lambda url: _check_link(url, visits))


def _check_link(url: str, visits: Visits) -> str:
    page, anchor = urldefrag(url)
    if anchor.startswith(":~:"):  # a text to highlight, not a place
        anchor = ""
    answer = None if anchor else visits.ask("HEAD", page, 0)
    if answer is None or answer.status in _NO_HEAD:
        answer = visits.ask("GET", page, MAX_PAGE)
    _expect_page(page, answer)
    if anchor:
        text = _page_text(answer)[1]
        anchors = {unescape("".join(match.groups(""))) for match in _ANCHOR.finditer(text)}
        if unquote(anchor) not in anchors:
            raise GoneError(f"no longer has the anchor #{anchor}")
    return THERE


def _markdown_address(url: str) -> str:
    """Return where a page is served as Markdown, the page itself if that is nowhere."""
    if urlsplit(url).hostname == AS_MARKDOWN and url.endswith(".html"):
        return f"{url.removesuffix('.html')}.md"
    return url


def _expect_page(url: str, answer: Answer) -> None:
    """Check that the answer to a request is a page.

    Raises MovedError if the page `url` has moved, GoneError if it is gone, and
    NoAnswerError if the answer leaves open where it is.
    """
    if answer.status in _GONE:
        raise GoneError(f"gone ({answer.status})")
    if answer.status in _REDIRECTS and "location" in answer.headers:
        try:
            goal = urldefrag(urljoin(url, answer.headers["location"])).url
            host = urlsplit(goal).hostname
        except ValueError as error:
            raise NoAnswerError("the site redirects to something that is not an address") from error
        if host == AS_MARKDOWN and goal.endswith(".md"):
            goal = f"{goal.removesuffix('.md')}.html"
        if goal != url:
            raise MovedError(f"moved to {shortened(goal, _LONGEST)}")
    if answer.status != 200:
        raise NoAnswerError(f"the site answers with status {answer.status}")


def _page_text(answer: Answer) -> tuple[str, str]:
    """Return the media type and the text of a page.

    Raises GoneError if it is neither Markdown nor HTML, and NoAnswerError if it cannot be
    read.
    """
    given = answer.headers.get("content-type", "")
    media_type = _TYPES.get(given.partition(";")[0].strip().lower(), "")
    if not media_type:
        raise GoneError(f"{shortened(given, 80) or 'something'} instead of Markdown or HTML")
    named = _CHARSET.search(given)
    charset = named[1].lower() if named else "utf-8"
    if charset not in _CHARSETS:
        message = f"the answer is in the encoding {shortened(charset, 40)}, which is not supported"
        raise NoAnswerError(message)
    try:
        text = answer.body.decode(charset).removeprefix("\ufeff")
    except ValueError as error:
        raise NoAnswerError("the answer is not text in the encoding that it names") from error
    if not text.strip():
        raise NoAnswerError("the page is empty")
    return (HTML if _HTML_START.match(text) else media_type), text
