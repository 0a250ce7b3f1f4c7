"""What a site's answer says of a page: here it is, it has moved, or it is gone."""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urljoin, urlsplit

from deckwright.core.wording import shortened
from deckwright.exchange.pages.web import Answer, NoAnswerError
from deckwright.facts.page_copies import AS_MARKDOWN, HTML, MARKDOWN

_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (404, 410)
_TYPES = {
    MARKDOWN: MARKDOWN,
    "text/x-markdown": MARKDOWN,
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


class FoundError(Exception):
    """What is at an address instead of the page."""


class MovedError(FoundError):
    """The page is at another address now."""


def markdown_address(url: str) -> str:
    """Return where a page is served as Markdown, the page itself if that is nowhere."""
    if urlsplit(url).hostname == AS_MARKDOWN and url.endswith(".html"):
        return f"{url.removesuffix('.html')}.md"
    return url


def expect_page(url: str, answer: Answer) -> None:
    """Check that the answer to a request is a page.

    Raises MovedError if the page `url` has moved, FoundError if it is gone, and
    NoAnswerError if the answer leaves open where it is.
    """
    if answer.status in _GONE:
        raise FoundError(f"gone ({answer.status})")
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


def page_text(answer: Answer) -> tuple[str, str]:
    """Return the media type and the text of a page.

    Raises FoundError if it is neither Markdown nor HTML, and NoAnswerError if it cannot be
    read.
    """
    given = answer.headers.get("content-type", "")
    media_type = _TYPES.get(given.partition(";")[0].strip().lower(), "")
    if not media_type:
        raise FoundError(f"{shortened(given, 80) or 'something'} instead of Markdown or HTML")
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
