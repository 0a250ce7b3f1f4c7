"""Bring the copies of pages up to date, and check the addresses of sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urldefrag, urljoin

from deckwright.core.files import as_source, replace_file
from deckwright.core.wording import shortened
from deckwright.exchange.pages.visits import Visits
from deckwright.exchange.pages.web import Answer, NoAnswerError
from deckwright.facts.page_copies import (
    MAX_PAGE,
    PageCopies,
    PageCopy,
    copy_name,
    copy_text,
    markdown_address,
    page_address,
)
from deckwright.facts.quotes import is_html

NEW, CHANGED, UNCHANGED, KEPT = "new", "changed", "unchanged", "already up to date"
THERE, GONE, UNREAD = "still there", "moved or gone", "not read"
STATES = (NEW, CHANGED, UNCHANGED, KEPT, THERE, GONE, UNREAD)

_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_NO_HEAD = (405, 501)
_TYPES = ("text/markdown", "text/plain", "text/html", "application/xhtml+xml")
_LONGEST = 500  # characters of an address in a message


class GoneError(Exception):
    """What has become of a page, as in "has moved to …"."""


@dataclass(frozen=True, slots=True)
class PageState:
    """The state of a page, one of STATES, and why it is GONE or UNREAD."""

    url: str
    state: str
    why: str = ""


def fetch(
    urls: Iterable[str], visits: Visits, pages: PageCopies, today: str
) -> Iterator[PageState]:
    """Ask for pages, and keep those that changed since they were asked for last.

    A page that was answered `today` is not asked for again. Raises OSError if a copy cannot
    be written.
    """
    return _states(urls, lambda url: _fetch(url, visits, pages, today))


def check_links(urls: Iterable[str], visits: Visits) -> Iterator[PageState]:
    """Ask for each address as a learner's browser would, but without the page itself."""
    return _states(urls, lambda url: _check_link(url, visits))


def _states(urls: Iterable[str], ask: Callable[[str], str]) -> Iterator[PageState]:
    for url in urls:
        try:
            yield PageState(url, ask(url))
        except GoneError as error:
            yield PageState(url, GONE, str(error))
        except NoAnswerError as error:
            yield PageState(url, UNREAD, str(error))


def _fetch(url: str, visits: Visits, pages: PageCopies, today: str) -> str:
    if not copy_name(url):
        raise NoAnswerError("no file can be named after this address")
    before = pages.read(url) or PageCopy()
    if before.copied == today:
        if before.gone:
            raise GoneError(before.gone)
        return KEPT
    conditions = {"If-None-Match": before.etag, "If-Modified-Since": before.modified}
    headers = {name: value for name, value in conditions.items() if value}
    answer = visits.ask("GET", markdown_address(url), MAX_PAGE, headers)
    if answer.status == 304 and headers:
        _write(pages, url, replace(before, copied=today))
        return UNCHANGED
    try:
        text = _page_text(url, answer)
    except GoneError as error:
        _write(pages, url, PageCopy(copied=today, gone=str(error)))
        raise
    etag, modified = (answer.headers.get(name, "") for name in ("etag", "last-modified"))
    _write(pages, url, PageCopy(text, today, etag, modified))
    return (UNCHANGED if before.text == text else CHANGED) if before.text else NEW


def _write(pages: PageCopies, url: str, copy: PageCopy) -> None:
    path = pages.folder / copy_name(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, copy_text(copy))


def _check_link(url: str, visits: Visits) -> str:
    answer = visits.ask("HEAD", url, 0)
    if answer.status in _NO_HEAD:
        answer = visits.ask("GET", url, MAX_PAGE)
    _require_page(url, answer)
    return THERE


def _require_page(url: str, answer: Answer) -> None:
    """Check that the answer to a request is a page.

    Raises GoneError if the page `url` has moved or is gone, and NoAnswerError if the answer
    leaves open where it is.
    """
    if answer.status in _GONE:
        raise GoneError(f"is gone ({answer.status})")
    if answer.status in _REDIRECTS and "location" in answer.headers:
        try:
            goal = page_address(urldefrag(urljoin(url, answer.headers["location"])).url)
        except ValueError as error:
            raise NoAnswerError("the site redirects to something that isn't an address") from error
        if goal != url:
            raise GoneError(f"has moved to {shortened(goal, _LONGEST)}")
    if answer.status != 200:
        raise NoAnswerError(f"the site answers with status {answer.status}")


def _page_text(url: str, answer: Answer) -> str:
    """Return the text of a page. Raises GoneError or NoAnswerError if there is none."""
    _require_page(url, answer)
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _TYPES:
        raise GoneError(
            f"is {shortened(media_type, 80) or 'something'} instead of Markdown or HTML"
        )
    source = as_source(answer.body, url).value
    if source is None:
        raise NoAnswerError("the answer isn't text in UTF-8")
    if is_html(source.text) and markdown_address(url) != url:
        raise GoneError("is no longer served as Markdown")
    if not source.text.strip():
        raise NoAnswerError("the page is empty")
    return source.text
