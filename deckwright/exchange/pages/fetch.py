"""Bring the copies of pages up to date: from their sites, or from a mirror."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from deckwright.exchange.pages.answers import (
    FoundError,
    MovedError,
    expect_page,
    markdown_address,
    page_text,
)
from deckwright.exchange.pages.store import PageStore
from deckwright.exchange.pages.visits import Visits
from deckwright.exchange.pages.web import Answer, NoAnswerError
from deckwright.facts.page_copies import MARKDOWN, MAX_PAGE, IndexRow, PageCopies

NEW, CHANGED, UNCHANGED, KEPT = "new", "changed", "unchanged", "already up to date"
THERE, FOUND, UNREAD = "still there", "moved or gone", "not read"
STATES = (NEW, CHANGED, UNCHANGED, KEPT, THERE, FOUND, UNREAD)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a page: one of STATES, and why for FOUND and UNREAD."""

    url: str
    state: str
    why: str = ""


def each(urls: Iterable[str], visits: Visits, ask: Callable[[str], Fetched]) -> Iterator[Fetched]:
    """Ask for each page, and for those that were not read once more at the end."""
    failed = []
    for url in urls:
        result = ask(url)
        if result.state == UNREAD and urlsplit(url).hostname not in visits.stopped:
            failed.append(url)
        else:
            yield result
    yield from map(ask, failed)


def fetch(urls: Iterable[str], visits: Visits, store: PageStore, today: str) -> Iterator[Fetched]:
    """Ask for pages, and keep those that changed since they were asked for last.

    A page that was answered `today` is not asked for again. Raises OSError if a copy cannot
    be written.
    """
    return each(urls, visits, lambda url: _fetched(url, visits, store, today))


def _fetched(url: str, visits: Visits, store: PageStore, today: str) -> Fetched:
    row = store.row(url)
    if row.asked == today:
        return Fetched(url, FOUND, row.found) if row.found else Fetched(url, KEPT)
    try:
        answer = _answer(url, row, visits)
        if answer.status == 304:
            store.note(replace(row, date=today, asked=today, found=""))
            return Fetched(url, UNCHANGED)
        media_type, text = _page(url, answer, visits)
    except FoundError as error:
        store.note(replace(row, asked=today, found=str(error)))
        return Fetched(url, FOUND, str(error))
    except NoAnswerError as error:
        return Fetched(url, UNREAD, str(error))
    etag, modified = (answer.headers.get(name, "") for name in ("etag", "last-modified"))
    new = IndexRow(url, "", media_type, etag, modified, today, today)
    return Fetched(url, _kept(store, row, new, text))


def _answer(url: str, row: IndexRow, visits: Visits) -> Answer:
    """Ask for a page, if there is a copy on the condition that the page has changed since."""
    conditions = {"If-None-Match": row.etag, "If-Modified-Since": row.modified}
    headers = {name: value for name, value in conditions.items() if value}
    answer = visits.ask("GET", markdown_address(url), MAX_PAGE, headers)
    if answer.status == 304 and not headers:
        raise NoAnswerError("the site answers with status 304, although there is no copy")
    return answer


def _page(url: str, answer: Answer, visits: Visits) -> tuple[str, str]:
    """Return the media type and the text of a page. Raises FoundError and NoAnswerError."""
    as_markdown = markdown_address(url) != url
    try:
        expect_page(url, answer)
        media_type, text = page_text(answer)
        if media_type != MARKDOWN and as_markdown:
            raise FoundError("no longer served as Markdown")
    except MovedError:
        raise
    except FoundError:
        if as_markdown:  # has the page gone, or only its Markdown?
            expect_page(url, visits.ask("HEAD", url, 0))
            raise FoundError("no longer served as Markdown") from None
        raise
    return media_type, text


def copy(urls: Iterable[str], mirror: PageCopies, store: PageStore) -> Iterator[Fetched]:
    """Copy pages from a mirror, except where the store has a newer copy.

    Raises OSError if a copy cannot be written.
    """
    for url in urls:
        row, found = store.row(url), mirror.read(url)
        if found is None:
            yield Fetched(url, UNREAD, "the mirror has no such page")
        elif row.date > found.date:
            yield Fetched(url, KEPT)
        else:
            new = replace(row, media_type=found.media_type, etag="", modified="", date=found.date)
            yield Fetched(url, _kept(store, row, new, found.text))


def _kept(store: PageStore, row: IndexRow, new: IndexRow, text: str) -> str:
    """Keep a copy, and return how it compares with the one before."""
    before = store.text(row)
    store.keep(new, text)
    if not before:
        return NEW
    return UNCHANGED if before == text else CHANGED
