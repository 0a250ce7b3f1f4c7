"""Find what an evidence line points to: a value in data, or a phrase in data or on a page."""

from __future__ import annotations

from deckwright.core.suggest import nearest
from deckwright.core.wording import count, shortened
from deckwright.facts.compare import Quote
from deckwright.facts.datasets import Value
from deckwright.facts.evidence import Evidence, EvidenceError
from deckwright.facts.page_html import passages_in
from deckwright.facts.page_text import QuotableText

_LONGEST_NAME = 6  # words; a longer text is prose, and evidence has to choose a phrase of it
_SAME_BOUND = {"max": "at most", "min": "at least"}  # by the last name of a path
_LONGEST = 200  # characters of a list in a message


def find_quote(line: Evidence, published: Value | QuotableText) -> Quote:
    """Return what data or a page says where a line points to. Raises EvidenceError."""
    if line.phrase and isinstance(published, str):
        published = QuotableText(passages_in(published))
    if isinstance(published, QuotableText):
        return _only_quote(published, line)
    if line.member and isinstance(published, tuple):
        if line.member not in published:
            names = shortened(", ".join(published), _LONGEST)
            message = f"`{line.member}` is not in the list: {names}"
            raise EvidenceError(message, nearest(line.member, published))
        return Quote(line.member, line.member)
    if not (line.phrase or line.member):
        if isinstance(published, float):
            said = f"{published:.12g}"
            before = _SAME_BOUND.get(line.path.rpartition(".")[2].casefold(), "")
            return Quote(f"{said} {line.unit}".strip(), said, before)
        if isinstance(published, str) and len(published.split()) <= _LONGEST_NAME and not line.unit:
            return Quote(published, published)
    raise EvidenceError(*_other_form(published))


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
    raise EvidenceError(message, help_line)


def _other_form(value: Value) -> tuple[str, str]:
    """Return what data has at a path, and how evidence lines point to it."""
    if isinstance(value, tuple):
        return "the data has a list here", "after the path, write `has` and a name of the list"
    if isinstance(value, bool):
        return "the data says only true or false", "point the line to a text that states the value"
    if isinstance(value, str):
        return "the data has a text here", "after the path, write `~` and a phrase of the text"
    return "the data has a number here", "after the path, write only its unit, if it has one"
