"""The `evidence` line of a card: which published value states the same as the card.

    [cN] DATA::PATH                       a number, a word or a list: the card states exactly that
    [cN] DATA::PATH UNIT                  a number that the data counts in UNIT (s, MB, %, …)
    [cN] DATA::PATH has NAME              a list that contains NAME: the card states NAME
    [cN] DATA::PATH~PHRASE                a text with PHRASE in it, which has the card's value
    [cN] page::PAGE~PHRASE                a source of the card with PHRASE on it
    [cN] page::PAGE~PHRASE means VALUE    the same, where the page has other words for VALUE

The line does not repeat the value: that is read from gap N of the card (the first gap
if none is named), from its answer or from its right options. Only `means` names it, so
that nobody takes other words for another value. `datasets` looks up DATA and PATH;
`page_name` says how an address is written as PAGE.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deckwright.core import files, terms
from deckwright.core.card import Card, Cloze, MetadataLine
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Span
from deckwright.core.suggest import nearest
from deckwright.project.evidence_record import EvidenceRow
from deckwright.project.vocabulary import Vocabulary

_GAP = re.compile(r"c([1-9]\d{0,2}) +")
_DATA = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_STEP = re.compile(r"[^\s.~=]+")
_AWS_PAGE = re.compile(r"https://docs\.aws\.amazon\.com/([^/.?#]+/[^?#]+)\.html")

PAGE = "page"  # stands where a line about data has the name of a dataset
LONGEST_PHRASE = 12  # words of a page; the deck quotes, it does not copy


@dataclass(frozen=True, slots=True)
class Evidence:
    """One evidence line. `gap` is 0 if the line names none.

    At most one of `unit`, `member` (the NAME after `has`) and `phrase` is not empty.
    `text` is the line as written, without the gap. `path_span` is the place of the
    path. If `data` is PAGE, `path` is a page's name, and `means` may be the VALUE.
    """

    gap: int
    data: str
    path: str
    unit: str
    member: str
    phrase: str
    text: str
    span: Span
    path_span: Span
    means: str = ""

    @property
    def is_page(self) -> bool:
        """Whether the line cites a page, not data."""
        return self.data == PAGE


def page_name(url: str) -> str:
    """Return how evidence lines write the address of a page.

    https://docs.aws.amazon.com/P.html is P, because nearly every source is such a page.
    Any other page is its address without `https://`. So a name whose first part has a
    point is a host's, and no two addresses have the same name. `~` is written `%7E`.
    """
    found = _AWS_PAGE.fullmatch(url)
    return (found[1] if found else url.removeprefix("https://")).replace("~", "%7E")


def page_url(name: str) -> str:
    """Return the address of a page, given its name."""
    if "://" in name:
        return name
    is_host = "." in name.partition("/")[0]
    return f"https://{name}" if is_host else f"https://docs.aws.amazon.com/{name}.html"


def page_line(url: str, gap: int) -> Evidence:
    """Return an evidence line about a page that lacks only its phrase."""
    name = page_name(url)
    text = f"{f'c{gap} ' if gap > 1 else ''}{PAGE}::{name}~"
    span = files.nowhere(url)
    return Evidence(gap, PAGE, name, "", "", "", text, span, span)


class _MalformedError(Exception):
    """What is wrong with a line, from `begin` to `end` (offsets in the line)."""

    def __init__(self, message: str, begin: int, end: int, help: str) -> None:
        super().__init__(message)
        self.begin = begin
        self.end = max(end, begin + 1)
        self.help = help


def read(field: MetadataLine) -> Outcome[Evidence | None]:
    """Return the parts of a line, or E001 at the part that is wrong."""
    try:
        return Outcome(_parse(field))
    except _MalformedError as error:
        start = field.value_span.start
        place = field.value_span.source.span(start + error.begin, start + error.end)
        return Outcome(None, (Diagnostic("E001", str(error), place, error.help),))


def _parse(field: MetadataLine) -> Evidence:
    value, start = field.value, field.value_span.start
    gap = _GAP.match(value)
    at = gap.end() if gap else 0
    data = _data(value, at)
    begin = at + len(data) + len("::")
    stops = " ~" if data == PAGE else " ~="
    end = next((n for n in range(begin, len(value)) if value[n] in stops), len(value))
    unit = member = phrase = means = ""
    if data == PAGE:
        phrase, means = _quotation(value, begin, end)
    else:
        unit, member, phrase = _condition(value, begin, end)
    return Evidence(
        gap=int(gap[1]) if gap else 0,
        data=data,
        path=value[begin:end],
        unit=unit,
        member=member,
        phrase=phrase,
        text=value[at:],
        span=field.value_span,
        path_span=field.value_span.source.span(start + begin, start + end),
        means=means,
    )


def _data(value: str, at: int) -> str:
    """Return the name of the data, which begins at `at`."""
    data, separator, _ = value[at:].partition("::")
    if not separator:
        message = "there is no `::` between the dataset and the path"
        help_line = "write the dataset, `::`, and the path, as in `service::shapes.Name.max`"
        if ":" in data:
            help_line = f"write `{data.replace(':', '::', 1)}`"
        raise _MalformedError(message, at, len(value), help_line)
    if not _DATA.fullmatch(data):
        help_line = "use lowercase letters, digits, and hyphens, as in `my-service`"
        if _DATA.fullmatch(data.lower()):
            help_line = f"write `{data.lower()}`"
        message = f"`{data}` is not a valid dataset name"
        raise _MalformedError(message, at, at + len(data), help_line)
    return data


def _quotation(value: str, begin: int, at: int) -> tuple[str, str]:
    """Return phrase and meaning from what follows a page, which is from `begin` to `at`."""
    page = value[begin:at]
    if not page:
        help_line = "write a page, `~`, and a phrase, as in `page::service/latest/limits~up to 5`"
        raise _MalformedError("there is no page after `::`", begin, at, help_line)
    if page_name(page) != page or page_name(f"https://{page}") != page:
        name = page_name(page if "://" in page else f"https://{page}")
        raise _MalformedError("this is not how a page is named here", begin, at, f"write `{name}`")
    tail = " ".join(value[at:].split())
    quoted, operator, means = tail.rpartition(" means ")
    phrase, means = (quoted, means) if operator else (tail, "")
    phrase = phrase.removeprefix("~").strip()
    # Signs such as `|` and `/` are no words.
    length = sum(any(char.isalnum() for char in word) for word in phrase.split())
    if not tail.startswith("~") or not length or phrase.startswith("means "):
        help_line = "after the page, write `~` and the words of the page that state the value"
        raise _MalformedError("there is no phrase after the page", at, len(value), help_line)
    if length > LONGEST_PHRASE:
        message = f"the phrase has {length} words; at most {LONGEST_PHRASE} are allowed"
        help_line = "choose fewer words of the page that contain the value"
        raise _MalformedError(message, value.index("~", at) + 1, len(value), help_line)
    return phrase, means


def _condition(value: str, begin: int, at: int) -> tuple[str, str, str]:
    """Return unit, member and phrase from what follows a path, which is from `begin` to `at`."""
    path, tail = value[begin:at], value[at:]
    rest = tail.strip()
    if not all(_STEP.fullmatch(step) for step in path.split(".")):
        message = f"`{path}` is not a path" if path else "there is no path after `::`"
        help_line = "write names with periods between them, as in `shapes.Name.max`"
        raise _MalformedError(message, begin, at, help_line)
    if rest.startswith("="):
        message = "an evidence line cannot contain the value"
        help_line = f"remove `{rest}`; the value is read from the card"
        raise _MalformedError(message, at, len(value), help_line)
    if tail.startswith("~"):
        phrase = " ".join(tail[1:].split())
        if not phrase:
            help_line = "after `~`, copy the words around the value from the text of the data"
            raise _MalformedError("there is no phrase after `~`", at, len(value), help_line)
        return "", "", phrase
    word, _, name = rest.partition(" ")
    if word == "has" and name:
        return "", name.strip(), ""
    if rest and (name or not terms.is_unit(word)):
        message = "there is no name after `has`" if word == "has" else f"`{rest}` is not a unit"
        help_line = nearest(word.lower(), terms.units())
        help_line = help_line or "write a unit (such as `s` or `MB`), `has NAME`, or `~PHRASE`"
        raise _MalformedError(message, value.index(word, at), len(value), help_line)
    return word, "", ""


def evidence_by_gap(card: Card, vocabulary: Vocabulary) -> dict[int, list[Evidence]]:
    """Return the evidence lines of a card by gap (0 for an answer or right options).

    A card whose kind needs a source has an entry for each gap, without evidence an
    empty one.
    """
    lines = [line for field in card.evidence if (line := read(field).value)]
    out: dict[int, list[Evidence]] = {}
    first = 0
    needs_source = vocabulary.kinds[card.kind].needs_source
    if (lines or needs_source) and isinstance(card.content, Cloze):
        numbers = sorted({mark.number for mark in card.content.gaps})
        first = numbers[0]
        out = {number: [] for number in numbers if needs_source}
    for line in lines:
        out.setdefault(line.gap or first, []).append(line)
    return out


def recorded_page(row: EvidenceRow) -> str:
    """Return the address of the page that a row is about."""
    return page_url(row.evidence.partition(f"{PAGE}::")[2].partition("~")[0])
