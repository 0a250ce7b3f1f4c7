"""The text that evidence quotes: of a page in Markdown or HTML, or of published data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from deckwright.core import terms
from deckwright.core.suggest import nearest
from deckwright.core.wording import count, shortened
from deckwright.facts.datasets import Value
from deckwright.facts.evidence import Evidence, EvidenceError
from deckwright.facts.page_html import Passage, passages_in
from deckwright.markdown.page import page_html

_LONGEST_ROW = 400  # characters; the deck quotes, it does not copy
_HTML_START = re.compile(r"\s*<(?:!doctype|html|\?xml)\b", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_ALIKE = ("'\u2018\u2019", '"\u201c\u201d', "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SENTENCE_END = re.compile(
    r"(?i:(?<!\b(?:e\.g|i\.e|u\.s|etc|inc|fig))(?<!\b(?:vs|no|st|al))(?<!\bapprox))"
    r"[.!?][\"')]?\s+(?=[\"'(\[]?[A-Z0-9<])"
)
_LONGEST_NAME = 6  # words; a longer text is prose, and evidence has to choose a phrase of it
_SAME_BOUND = {"max": "at most", "min": "at least"}  # by the last name of a path
_LONGEST = 200  # characters of a list in a message
# What data has at a path, and how evidence lines point to it.
_OTHER_FORMS = {
    tuple: ("the data has a list here", "after the path, write `has` and a name of the list"),
    bool: (
        "the data says only true or false",
        "point the line to a text that states the value",
    ),
    str: ("the data has a text here", "after the path, write `~` and a phrase of the text"),
    float: ("the data has a number here", "after the path, write only its unit, if it has one"),
}


@dataclass(frozen=True, slots=True)
class Quote:
    """What data or a page says at the place that an evidence line points to.

    `text` is the number, name, or phrase, in the publisher's words; `before` are the words in
    front of it, and `after` those behind it. `context` (the sentence, or the row with its
    header) may name the unit. `said` is the sentence or row that is recorded.
    """

    text: str
    said: str
    before: str = ""
    after: str = ""
    context: str = ""


@dataclass(frozen=True)
class QuotableText:
    """The passages of a page, or of a text in published data."""

    passages: tuple[Passage, ...]

    def quotes(self, phrase: str) -> Iterator[Quote]:
        """Yield every place where a phrase is.

        In a table, ` | ` separates words of the first cell from words of later cells.
        """
        whole, parts = _pattern(phrase), [_pattern(part) for part in phrase.split("|")]
        for passage in self.passages:
            if len(passage.cells) > 1:
                yield from _quotes_in_row(passage, parts)
                continue
            text = passage.text
            for match in whole.finditer(text):
                said = _sentences_around(text, *match.span())
                before, after = text[: match.start()], text[match.end() :]
                yield Quote(match[0], said, before, after, context=said)

    @cached_property
    def statements(self) -> tuple[Passage, ...]:
        """The rows, and the single sentences of all other passages."""
        out: list[Passage] = []
        for passage in self.passages:
            if len(passage.cells) > 1:
                out.append(passage)
            else:
                out += [Passage((sentence,)) for sentence in sentences(passage.text)]
        return tuple(out)

    def nearest(self, phrase: str) -> str:
        """Return the sentence or row that has most words of a phrase, or nothing."""
        wanted = words_in(phrase)
        shared = {one.text: len(wanted & words_in(one.text)) for one in self.statements}
        best = max(shared, key=lambda text: shared[text], default="")
        return best if best and shared[best] > len(wanted) / 2 else ""


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
    raise EvidenceError(*_OTHER_FORMS[type(published)])


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


def read_page(text: str) -> QuotableText:
    """Return the text of a page in Markdown or HTML, without front matter."""
    text = _FRONT_MATTER.sub("", text)
    return QuotableText(passages_in(text if is_html(text) else page_html(text)))


def is_html(text: str) -> bool:
    """Return whether a page is HTML; otherwise it is Markdown."""
    return _HTML_START.match(text) is not None


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


def _quotes_in_row(row: Passage, parts: list[re.Pattern[str]]) -> Iterator[Quote]:
    """Yield the quote of a row that has the parts in its first and then in later cells."""
    cells = iter(row.cells)
    quoted: list[tuple[str, re.Match[str]]] = []
    for number, part in enumerate(parts):
        for cell in cells:
            if match := part.search(cell):
                quoted.append((cell, match))
            if match or not number:
                break
    if len(quoted) == len(parts):
        cell, match = quoted[-1]
        said = row.text
        if len(said) > _LONGEST_ROW:
            said = " | ".join(cell for cell, _ in quoted)
        text = " | ".join(match[0] for _, match in quoted)
        context = f"{row.text} {row.header}"
        yield Quote(text, said, cell[: match.start()], cell[match.end() :], context)


def _sentences_around(text: str, start: int, end: int) -> str:
    """Return the sentences of a text that the characters from `start` to `end` are in."""
    ends = _sentence_ends(text)
    begin = max(place for place in ends if place <= start)
    return text[begin : min(place for place in ends if place >= end)].strip()


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    parts = (text[start:end].strip() for start, end in pairwise(_sentence_ends(text)))
    return [sentence for sentence in parts if sentence]


def _sentence_ends(text: str) -> list[int]:
    return [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text without its numbers, which may be what has changed."""
    items = terms.merge_synonyms(terms.items(terms.tokens(text)))
    return items - terms.numbers(items)
