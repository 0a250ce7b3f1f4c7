"""Check that the addresses of sources lead to a page, and to the place in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

from deckwright.exchange.pages.answers import FoundError, expect_page, page_text
from deckwright.exchange.pages.fetch import FOUND, THERE, UNREAD, Fetched, each
from deckwright.exchange.pages.visits import Visits
from deckwright.exchange.pages.web import Answer, NoAnswerError
from deckwright.facts.page_copies import MAX_PAGE

_NO_HEAD = (405, 501)


def check(urls: Iterable[str], visits: Visits) -> Iterator[Fetched]:
    """Ask for each address as a learner's browser would, but without the page itself.

    Of an address with an anchor, the page is read, too.
    """
    return each(urls, visits, lambda url: _checked(url, visits))


def _checked(url: str, visits: Visits) -> Fetched:
    try:
        _check(url, visits)
    except FoundError as error:
        return Fetched(url, FOUND, str(error))
    except NoAnswerError as error:
        return Fetched(url, UNREAD, str(error))
    return Fetched(url, THERE)


def _check(url: str, visits: Visits) -> None:
    page, anchor = urldefrag(url)
    if anchor.startswith(":~:"):  # a text to highlight, not a place
        anchor = ""
    answer = Answer(405, {}, b"") if anchor else visits.ask("HEAD", page, 0)
    if answer.status in _NO_HEAD:
        answer = visits.ask("GET", page, MAX_PAGE)
    expect_page(page, answer)
    if anchor and unquote(anchor) not in _anchors(page_text(answer)[1]):
        raise FoundError(f"no longer has the anchor #{anchor}")


def _anchors(text: str) -> set[str]:
    found: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update(value or "" for name, value in attrs if name in ("id", "name"))

    # The parser raises AssertionError for some texts that begin with `<![`.
    Tags(convert_charrefs=True).feed(text.replace("<![", "&lt;!["))
    return found
