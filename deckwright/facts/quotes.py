"""The text that evidence quotes: of a page in Markdown or HTML, or of published data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from deckwright.core import terms
from deckwright.core.suggest import nearest
from deckwright.core.wording import count, shortened
from deckwright.facts.datasets import Value
from deckwright.facts.evidence import Evidence, EvidenceError
from deckwright.facts.page_html import Passage, passages_in
from deckwright.markdown.page import page_html

_HTML_START = re.compile(r"\s*<(?:!doctype|html|\?xml)\b", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_ALIKE = ("'\u2018\u2019", '"\u201c\u201d', "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LONGEST_NAME = 6  # words; a longer text is prose, and evidence has to choose a phrase of it
_SAME_BOUND = {"max": "at most", "min": "at least"}  # by the last name of a path
_LONGEST = 200  # characters of a list in a message
# What data has at a path, and what evidence lines have after it.
_FORMS = {
    tuple: ("a list", "`has` and a name of the list"),
    str: ("a text", "`~` and a phrase of the text"),
    float: ("a number", "only its unit, if it has one"),
}


@dataclass(frozen=True, slots=True)
class Quote:
    """What data or a page says at the place that an evidence line points to.

    `text` is the number, name, or phrase, in the publisher's words; `before` are the words in
    front of it, and `after` those behind it. `said` is the sentence or row that is recorded.
    Like the `header` of a table, it may name the unit.
    """

    text: str
    said: str
    before: str = ""
    after: str = ""
    header: str = ""


def read_page(text: str) -> tuple[Passage, ...]:
    """Return the passages of a page in Markdown or HTML, without front matter."""
    text = _FRONT_MATTER.sub("", text)
    return passages_in(text if is_html(text) else page_html(text))


def is_html(text: str) -> bool:
    """Return whether a page is HTML; otherwise it is Markdown."""
    return _HTML_START.match(text) is not None


def quote_value(line: Evidence, value: Value) -> Quote:
    """Return what data says where a line points to. Raises EvidenceError."""
    if line.phrase and isinstance(value, str):
        return quote_phrase(line, passages_in(value))
    if line.member and isinstance(value, tuple):
        if line.member in value:
            return Quote(line.member, line.member)
        names = shortened(", ".join(value), _LONGEST)
        message = f"`{line.member}` isn't in the list: {names}"
        raise EvidenceError(message, nearest(line.member, value))
    if not (line.phrase or line.member):
        if isinstance(value, float):
            said = f"{value:.12g}"
            before = _SAME_BOUND.get(line.path.rpartition(".")[2].casefold(), "")
            return Quote(f"{said} {line.unit}".strip(), said, before)
        if isinstance(value, str) and len(value.split()) <= _LONGEST_NAME and not line.unit:
            return Quote(value, value)
    kind, form = _FORMS[type(value)]
    raise EvidenceError(f"the data has {kind} here", f"after the path, write {form}")


def quote_phrase(line: Evidence, passages: Sequence[Passage]) -> Quote:
    """Return the only place of a line's phrase. Raises EvidenceError."""
    where = "page" if line.is_page else "text"
    quotes = list(quotes_of(line.phrase, passages))
    if len(quotes) == 1:
        return quotes[0]
    if quotes:
        message = f"the phrase is {count(len(quotes), 'time')} in the {where}"
        help_line = "add words of its sentence or row until it is there only once"
    else:
        message = f"the {where} doesn't contain `{line.phrase}`"
        alike = _most_alike(line.phrase, passages)
        help_line = f"the {where} says: {alike}" if alike else "copy whole words of a sentence"
    raise EvidenceError(message, help_line)


def quotes_of(phrase: str, passages: Iterable[Passage]) -> Iterator[Quote]:
    """Yield every place of a phrase in sentences, and the first in each row.

    For a row, ` | ` in the phrase separates words of the first cell from words behind it.
    """
    title, _, words = phrase.partition("|")
    whole, first, later = _pattern(phrase), _pattern(title), _pattern(words)
    for passage in passages:
        said, cell = passage.text, passage.cells[0]
        if len(passage.cells) == 1:
            for place in whole.finditer(said):
                yield Quote(place[0], said, said[: place.start()], said[place.end() :])
        elif (head := first.search(cell)) and (match := later.search(said, len(cell))):
            before = said[: match.start()].rpartition(" | ")[2]
            text = f"{head[0]} | {match[0]}"
            yield Quote(text, said, before, said[match.end() :], passage.header)


def _most_alike(phrase: str, passages: Iterable[Passage]) -> str:
    """Return the sentence or row that has most words of a phrase, or nothing."""
    wanted = words_in(phrase)
    shared = {one.text: len(wanted & words_in(one.text)) for one in passages}
    best = max(shared, key=lambda text: shared[text], default="")
    return best if best and shared[best] > len(wanted) / 2 else ""


def _pattern(phrase: str) -> re.Pattern[str]:
    """Return what finds words in any case, but no part of a word, name or number.

    Kinds of quotes and dashes, and commas between thousands do not matter.
    """
    phrase = _THOUSANDS.sub("", phrase.strip())
    if not phrase:
        return re.compile(r"(?!)")  # nothing
    before = r"(?<!\w)(?<!\w[.:/_,])(?<![A-Za-z]-)" if phrase[0].isalnum() else ""
    after = r"(?!\w)(?![-.:/_,]\w)" if phrase[-1].isalnum() else ""
    signs = (next((f"[{same}]" for same in _ALIKE if c in same), re.escape(c)) for c in phrase)
    words = re.sub(r"(?<=\d)(?=\d)", ",?", "".join(signs))
    return re.compile(before + words + after, re.IGNORECASE)


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text without its numbers, which may be what has changed."""
    items = terms.merge_synonyms(terms.items(terms.tokens(text)))
    return items - terms.numbers(items)
