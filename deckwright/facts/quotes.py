"""Find what an evidence line points to: a value in data, or a phrase in data or on a page."""

from __future__ import annotations

from dataclasses import replace

from deckwright.core.suggest import nearest
from deckwright.core.wording import count, shortened
from deckwright.facts.compare import Quote
from deckwright.facts.datasets import Datasets, Value
from deckwright.facts.evidence import Evidence, UnconfirmedError
from deckwright.facts.page_copies import PageCopy
from deckwright.facts.page_html import passages_in
from deckwright.facts.page_text import QuotableText

_LONGEST_NAME = 6  # words; a longer text is prose, and evidence has to choose a phrase of it
_SAME_BOUND = {"max": "at most", "min": "at least"}  # by the last name of a path
_LONGEST = 200  # characters of a list in a message


def quote_on_page(copy: PageCopy, line: Evidence) -> Quote:
    """Return the one place of a page where a phrase is. Raises UnconfirmedError."""
    if copy.gone:
        message = f"the page {copy.gone}"
        raise UnconfirmedError(message, "find the page, and correct the `source` and this line")
    return _only_quote(copy.page, line)


def _only_quote(text: QuotableText, line: Evidence) -> Quote:
    where = "page" if line.is_page else "text"
    quotes = list(text.quotes(line.phrase))
    if len(quotes) == 1:
        return quotes[0]
    if quotes:
        message = f"the phrase is {count(len(quotes), 'time')} in the {where}"
        help_line = "add words of its sentence or row until it is there only once"
    else:
        message = f"the {where} does not contain `{line.phrase}`"
        nearest = text.nearest(line.phrase)
        help_line = f"the {where} says: {nearest}" if nearest else "copy whole words of a sentence"
    raise UnconfirmedError(message, help_line)


def quote_in_data(data: Datasets, line: Evidence) -> Quote:
    """Return what data says at the path of a line. Raises UnconfirmedError."""
    value, path = data.value(line.data, line.path), line.path
    if line.phrase and isinstance(value, str):
        return replace(_only_quote(QuotableText(passages_in(value)), line), path=path)
    if line.member and isinstance(value, tuple):
        if line.member not in value:
            message = f"`{line.member}` is not in the list: {shortened(', '.join(value), _LONGEST)}"
            raise UnconfirmedError(message, nearest(line.member, value))
        return Quote(line.member, line.member, path=path)
    if not (line.phrase or line.member):
        if isinstance(value, float):
            said = f"{value:.12g}"
            before = _SAME_BOUND.get(path.rpartition(".")[2].casefold(), "")
            return Quote(f"{said} {line.unit}".strip(), said, before, path=path)
        if isinstance(value, str) and len(value.split()) <= _LONGEST_NAME and not line.unit:
            return Quote(value, value, path=path)
    raise UnconfirmedError(*_other_form(value))


def _other_form(value: Value) -> tuple[str, str]:
    """Return what data has at a path, and how evidence lines point to it."""
    if isinstance(value, tuple):
        return "the data has a list here", "after the path, write `has` and a name of the list"
    if isinstance(value, bool):
        return "the data says only true or false", "point the line to a text that states the value"
    if isinstance(value, str):
        return "the data has a text here", "after the path, write `~` and a phrase of the text"
    return "the data has a number here", "after the path, write only its unit, if it has one"
