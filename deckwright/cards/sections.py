"""The text of a card file: where its cards begin, and the text with cards put in or taken out. Every other card keeps its letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from deckwright.core.card import RawCard
from deckwright.core.source import Source

# A heading of the second level, or the line that opens a fence of code, maybe in a list or a quote.
_HEADING = re.compile(
    r"(?m)^(?: {0,3}##(?![^ \t\n])(?P<title>.*)|(?P<before> {0,3}(?:(?:[-*+]|\d{1,9}[.)]) {1,4}|> ?)*)(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}))"
)
_CLOSING = re.compile(r"(?:^|[ \t])#+[ \t]*$")


def headings(text: str) -> Iterator[tuple[int, str]]:
    """Where the headings of cards begin and what they say, in a text that may be half written and is not parsed: lines inside code are
    none."""
    at = 0
    while found := _HEADING.search(text, at):
        at = found.end()
        if found["fence"]:
            end = _fence_end(found["before"], found["fence"]).search(
                text, text.find("\n", at) + 1 or len(text)
            )
            at = end.end() if end else len(text)
        else:
            yield found.start(), _CLOSING.sub("", found["title"]).strip()


def _fence_end(before: str, fence: str) -> re.Pattern[str]:
    """What ends a fence of code: its like, or a line outside of the list or quote in which it stands."""
    close = f"{fence[0]}{{{len(fence)},}}[ \t]*$"
    if ">" in before:
        return re.compile(rf"(?m)^(?: {{0,3}}>[ >]*{close}|(?! {{0,3}}>))")
    if not before.strip():
        return re.compile(rf"(?m)^ {{0,3}}{close}")
    return re.compile(
        rf"(?m)^(?: {{{len(before)}}} {{0,3}}{close}|(?! {{{len(before)}}})(?=[ \t]*\S))"
    )


def fresh(title: str, sections: Iterable[str]) -> str:
    """A new file: its title and the sections of its cards."""
    return "\n\n".join((f"# {title}", *(section.strip("\n") for section in sections))) + "\n"


def with_sections(source: Source, sections: Sequence[str], after: RawCard | None = None) -> str:
    """The file's text with more sections, behind the card `after` or at the end."""
    at = after.span.end if after else len(source.text)
    before, rest = source.text[:at].rstrip(), source.text[at:].strip("\n")
    return (
        "\n\n".join(
            (
                before,
                *(section.strip("\n") for section in sections),
                *([rest] if rest.strip() else []),
            )
        ).lstrip("\n")
        + "\n"
    )


def without(source: Source, cards: Iterable[RawCard]) -> str:
    """The file's text without some of its cards."""
    text = source.text
    for card in sorted(cards, key=lambda card: -card.span.start):
        before, rest = text[: card.span.start].rstrip(), text[card.span.end :].strip("\n")
        text = f"{before}\n\n{rest}\n" if rest.strip() else f"{before}\n"
    return text
