"""The `evidence` line of a card: which published value or page states the same as the card.

    [cN] DATA::PATH                       a number or a name: the card states exactly that
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

from deckwright.core import terms
from deckwright.core.card import Card, Cloze, MetadataLine
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.errors import UserError
from deckwright.core.source import Span
from deckwright.core.suggest import nearest
from deckwright.project.vocabulary import Vocabulary

PAGE = "page"  # is where a line about data has the name of a dataset
LONGEST_PHRASE = 12  # words of a page; the deck quotes, it does not copy

_LINE = re.compile(r"(?:c([1-9]\d{0,2}) +)?([a-z0-9]+(?:-[a-z0-9]+)*)::([^\s~]+)(.*)")
_QUOTATION = re.compile(r"~ ?(?P<phrase>.+?)(?: means (?P<means>(?:(?! means ).)+))?")
_CONDITION = re.compile(r"~ ?(?P<phrase>.+)|has (?P<member>.+)|(?P<unit>\S+)|")
_AWS_PAGE = re.compile(r"https://docs\.aws\.amazon\.com/([^/.?#]+/[^?#]+)\.html")


class EvidenceError(UserError):
    """Why a line is malformed, or does not confirm a value."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One evidence line. `gap` is 0 if the line names none.

    At most one of `unit`, `member` (the NAME after `has`) and `phrase` is not empty.
    `path_span` is the place of the path. If `data` is PAGE, `path` is a page's name, and
    `means` may be the VALUE.
    """

    gap: int
    data: str
    path: str
    span: Span
    path_span: Span
    unit: str = ""
    member: str = ""
    phrase: str = ""
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
    match = _AWS_PAGE.fullmatch(url)
    return (match[1] if match else url.removeprefix("https://")).replace("~", "%7E")


def page_url(name: str) -> str:
    """Return the address of a page, given its name."""
    if "://" in name:
        return name
    is_host = "." in name.partition("/")[0]
    return f"https://{name}" if is_host else f"https://docs.aws.amazon.com/{name}.html"


def parse_evidence(field: MetadataLine) -> Outcome[Evidence | None]:
    """Return the parts of a line, or E001."""
    try:
        return Outcome(_parse(field))
    except EvidenceError as error:
        return Outcome(None, (Diagnostic("E001", str(error), field.value_span, error.help),))


def _parse(field: MetadataLine) -> Evidence:
    match = _LINE.fullmatch(field.value)
    if match is None:
        message = "the line doesn't begin with a dataset (in lowercase) or `page`, `::`, and a path"
        help_line = (
            "write `DATASET::PATH`, as in `service::shapes.Name.max`, or `page::PAGE~PHRASE`"
        )
        if "::" not in field.value and ":" in field.value:
            help_line = f"write `{field.value.replace(':', '::', 1)}`"
        raise EvidenceError(message, help_line)
    gap, data, path, tail = match.groups()
    start = field.value_span.start
    path_span = field.value_span.source.span(start + match.start(3), start + match.end(3))
    parts = (_quotation if data == PAGE else _condition)(path, " ".join(tail.split()))
    return Evidence(int(gap or 0), data, path, field.value_span, path_span, **parts)


def _quotation(page: str, tail: str) -> dict[str, str]:
    """Return the phrase and the meaning behind a page. Raises EvidenceError."""
    name = page_name(page_url(page))
    if name != page:
        raise EvidenceError("evidence lines name this page in another way", f"write `{name}`")
    match = _QUOTATION.fullmatch(tail)
    phrase = match["phrase"] if match else ""
    # Signs such as `|` and `/` are no words.
    length = sum(any(char.isalnum() for char in word) for word in phrase.split())
    if not match or not length or phrase.startswith("means "):
        help_line = "after the page, write `~` and the words of the page that state the value"
        raise EvidenceError("there is no phrase after the page", help_line)
    if length > LONGEST_PHRASE:
        message = f"the phrase has {length} words; at most {LONGEST_PHRASE} are allowed"
        raise EvidenceError(message, "choose fewer words of the page that contain the value")
    return match.groupdict("")


def _condition(path: str, tail: str) -> dict[str, str]:
    """Return the unit, the member, or the phrase behind a path of data. Raises EvidenceError."""
    if "" in path.split(".") or "=" in path:
        help_line = (
            "write names with periods between them, as in `shapes.Name.max`; "
            "the value is read from the card"
        )
        raise EvidenceError(f"`{path}` isn't a path", help_line)
    match = _CONDITION.fullmatch(tail)
    parts = match.groupdict("") if match else {"unit": tail}
    if parts["unit"] and not terms.is_unit(parts["unit"]):
        message = f"`{tail}` isn't a unit, `has NAME`, or `~PHRASE`"
        help_line = nearest(parts["unit"].lower(), terms.units())
        raise EvidenceError(message, help_line or "after the path, write one of these, or nothing")
    return parts


def evidence_by_gap(card: Card, vocabulary: Vocabulary) -> dict[int, list[Evidence]]:
    """Return the evidence lines of a card by gap (0 for an answer or right options).

    A card whose kind needs a source has an entry for each gap, without evidence an
    empty one.
    """
    gaps = card.content.gaps if isinstance(card.content, Cloze) else ()
    numbers = sorted({mark.number for mark in gaps}) or [0]
    needs_source = vocabulary.kinds[card.kind].needs_source
    out: dict[int, list[Evidence]] = {number: [] for number in numbers if needs_source}
    for line in lines_of(card):
        out.setdefault(line.gap or numbers[0], []).append(line)
    return out


def lines_of(card: Card) -> list[Evidence]:
    """Return the evidence lines of a card that have the right form."""
    return [line for field in card.evidence if (line := parse_evidence(field).value)]
