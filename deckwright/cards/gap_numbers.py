"""The text of a cloze card with other gap numbers, or with gaps as plain text.

Everywhere, `numbers` maps the number of a gap to its new number. Gaps that are not in
it become plain text, and lines of the metadata about them are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from deckwright.core.blocks import Mark
from deckwright.core.card import Field, RawCard

KEYS = ("shared-value", "evidence")  # keys of the metadata that name gaps

_NUMBERED = re.compile(r"c([1-9]\d{0,2}) +(.+)")


def renumbered(raw: RawCard, gaps: Iterable[Mark], numbers: Mapping[int, int]) -> str:
    """The card's text. All of it but gaps and metadata stays as it is."""
    gaps = tuple(gaps)
    text = _with_gaps(raw, gaps, numbers)
    first = min(mark.number for mark in gaps)
    for given in sorted(raw.metadata, key=lambda given: -given.name_span.start):
        source, value = given.name_span.source, metadata_value(given, numbers, first)
        start, end = given.value_span.start, given.value_span.end
        if not value:
            line = given.name_span.line
            start, end = source.offset(line - 1), source.offset(line)
        text = text[: start - raw.span.start] + value + text[end - raw.span.start :]
    return text


def prompt(raw: RawCard, gaps: Iterable[Mark], numbers: Mapping[int, int]) -> str:
    """The text of the card's first section, which has all of its gaps."""
    text, section = _with_gaps(raw, gaps, numbers), raw.sections[0].span
    behind = raw.span.end - section.end
    return text[section.start - raw.span.start : len(text) - behind]


def metadata_value(given: Field, numbers: Mapping[int, int], first: int) -> str:
    """A value of the metadata; empty if it is about a gap that is not in `numbers`.

    A value that names no gap is about the gap `first`.
    """
    if given.name not in KEYS:
        return given.value
    match = _NUMBERED.fullmatch(given.value)
    number, value = (int(match[1]), match[2]) if match else (first, given.value)
    if number not in numbers:
        return ""
    now, lowest = numbers[number], min(numbers.values())
    if now == number and (match or now == lowest):
        return given.value
    return value if now == lowest else f"c{now} {value}"


def _with_gaps(raw: RawCard, gaps: Iterable[Mark], numbers: Mapping[int, int]) -> str:
    text = raw.span.text
    for mark in sorted(gaps, key=lambda mark: -mark.span.start):
        start, end = mark.span.start - raw.span.start, mark.span.end - raw.span.start
        inside = text[start:end].partition("::")[2]
        written = _answer(inside, mark)
        if mark.number in numbers:
            written = f"{{{{c{numbers[mark.number]}::{inside}"
        text = text[:start] + written + text[end:]
    return text


def _answer(inside: str, mark: Mark) -> str:
    """The answer of a gap as it is in the file, without its hint.

    In quotes and lists its lines begin with more than its text, and in tables a pipe
    has a backslash.
    """
    lines = (re.escape(line).replace(r"\|", r"\\?\|") for line in mark.text.split("\n"))
    match = re.match(r"\n[ \t>]*".join(lines), inside)
    return match[0] if match else mark.text
