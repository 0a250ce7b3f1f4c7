"""Where a phrase stands on a page: in a sentence, a list item or the cells of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deckwright.facts.page_text import PageText, Unit, folded, normal
from deckwright.markdown.page import ROW

LONGEST_ROW = 400  # characters; the deck quotes, it does not copy
_LETTERS = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a phrase where it stands: from `start` to `end` in a line of a cell."""

    column: int
    line: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words of the part, as on the page."""
        return self.line[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Quote:
    """A phrase where it stands; it has several passages if it names cells of a row."""

    unit: Unit
    passages: tuple[Passage, ...]

    @property
    def text(self) -> str:
        """The words of the phrase, as on the page."""
        return " | ".join(passage.text for passage in self.passages)

    @property
    def said(self) -> str:
        """The whole sentence or row; of a very long row, the name and the quoted lines."""
        whole, cells = self.unit.text, self.passages[1:]
        if len(whole) <= LONGEST_ROW or not cells:
            return whole
        name = self.unit.cells[0].replace("\n", " / ")
        return " | ".join([name, *(passage.line for passage in cells)])


def quotes_of(phrase: str, page: PageText) -> Iterator[Quote]:
    """Yield every place of a page where a phrase stands."""
    wanted = [normal(part).strip() for part in phrase.split("|")]
    if not all(wanted):
        return
    patterns = [pattern_of(part) for part in wanted]
    for unit in page.units_with(words_to_find(phrase)):
        if unit.kind == ROW:
            yield from _in_row(unit, patterns)
        elif len(patterns) == 1:
            line = normal(unit.text)
            for found in patterns[0].finditer(line):
                yield Quote(unit, (Passage(0, line, *found.span()),))


def words_to_find(phrase: str) -> list[str]:
    """Return the words without digits of a phrase, by which its units are looked for."""
    return _LETTERS.findall(folded(phrase))


def pattern_of(part: str) -> re.Pattern[str]:
    """Return what finds words in any case, but no part of a word, name or number."""
    before = r"(?<!\w)(?<!\w[-.:/_,])" if part[0].isalnum() else ""
    after = r"(?!\w)(?![-.:/_,]\w)" if part[-1].isalnum() else ""
    return re.compile(before + re.escape(part) + after, re.IGNORECASE)


def _in_row(unit: Unit, patterns: list[re.Pattern[str]]) -> Iterator[Quote]:
    """Yield a phrase whose parts are in cells of a row, in order, from the first cell on."""
    passages: list[Passage] = []
    column = 0
    for at, pattern in enumerate(patterns):
        reach = range(1) if at == 0 else range(column, len(unit.cells))
        found = next(passages_in(unit, reach, pattern), None)
        if found is None:
            return
        passages.append(found)
        column = found.column + 1
    yield Quote(unit, tuple(passages))


def passages_in(unit: Unit, columns: range, pattern: re.Pattern[str]) -> Iterator[Passage]:
    """Yield the places of a pattern in some cells of a row."""
    for column in columns:
        for line in unit.cells[column].split("\n"):
            text = normal(line)
            for found in pattern.finditer(text):
                yield Passage(column, text, *found.span())
