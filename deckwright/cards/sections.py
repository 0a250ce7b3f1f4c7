"""Card files as text: where cards begin, and how to add and remove cards.

Text outside of the cards that are added or removed is not changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from deckwright.core.card import RawCard
from deckwright.core.source import Source

# A heading of the second level, or the line that opens a code fence, maybe in a list or quote.
_HEADING_OR_FENCE = re.compile(
    r"(?m)^(?: {0,3}##(?![^ \t\n])(?P<title>.*)"
    r"|(?P<before> {0,3}(?:(?:[-*+]|\d{1,9}[.)]) {1,4}|> ?)*)"
    r"(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}))"
)
_CLOSING_SIGNS = re.compile(r"(?:^|[ \t])#+[ \t]*$")


def headings(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and title of each card's heading, outside of code.

    The text need not be complete: it is not parsed.
    """
    at = 0
    while found := _HEADING_OR_FENCE.search(text, at):
        at = found.end()
        if found["fence"]:
            inside = text.find("\n", at) + 1 or len(text)
            end = _fence_end(found["before"], found["fence"]).search(text, inside)
            at = end.end() if end else len(text)
        else:
            yield found.start(), _CLOSING_SIGNS.sub("", found["title"]).strip()


def _fence_end(before: str, fence: str) -> re.Pattern[str]:
    """Match the end of a code fence, or a line outside of its list or quote."""
    close = f"{fence[0]}{{{len(fence)},}}[ \t]*$"
    if ">" in before:
        return re.compile(rf"(?m)^(?: {{0,3}}>[ >]*{close}|(?! {{0,3}}>))")
    if not before.strip():
        return re.compile(rf"(?m)^ {{0,3}}{close}")
    indent = f" {{{len(before)}}}"
    return re.compile(rf"(?m)^(?:{indent} {{0,3}}{close}|(?!{indent})(?=[ \t]*\S))")


def fresh(title: str, sections: Iterable[str]) -> str:
    """Return the text of a new file with a title and the sections of its cards."""
    return "\n\n".join((f"# {title}", *(section.strip("\n") for section in sections))) + "\n"


def with_sections(source: Source, sections: Sequence[str], after: RawCard | None = None) -> str:
    """Return a file's text with more sections, behind card `after` or at the end."""
    at = after.span.end if after else len(source.text)
    before, rest = source.text[:at].rstrip(), source.text[at:].strip("\n")
    pieces = [before, *(section.strip("\n") for section in sections)]
    if rest.strip():
        pieces.append(rest)
    return "\n\n".join(pieces).lstrip("\n") + "\n"


def without(source: Source, cards: Iterable[RawCard]) -> str:
    """Return a file's text without some of its cards."""
    text = source.text
    for card in sorted(cards, key=lambda card: -card.span.start):
        before, rest = text[: card.span.start].rstrip(), text[card.span.end :].strip("\n")
        text = f"{before}\n\n{rest}\n" if rest.strip() else f"{before}\n"
    return text
