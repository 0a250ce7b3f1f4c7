"""The text of a card file with cards put in or taken out. Every other card keeps its letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deckwright.model import RawCard, Source


def fresh(title: str, sections: Iterable[str]) -> str:
    """A new file: its title and the sections of its cards."""
    return "\n\n".join((f"# {title}", *(section.strip("\n") for section in sections))) + "\n"


def with_sections(source: Source, sections: Sequence[str], after: RawCard | None = None) -> str:
    """The file's text with more sections, behind the card `after` or at the end."""
    at = after.span.end if after else len(source.text)
    before, rest = source.text[:at].rstrip(), source.text[at:].strip("\n")
    return "\n\n".join((before, *(section.strip("\n") for section in sections), *([rest] if rest.strip() else []))).lstrip("\n") + "\n"


def without(source: Source, cards: Iterable[RawCard]) -> str:
    """The file's text without some of its cards."""
    text = source.text
    for card in sorted(cards, key=lambda card: -card.span.start):
        before, rest = text[: card.span.start].rstrip(), text[card.span.end :].strip("\n")
        text = f"{before}\n\n{rest}\n" if rest.strip() else f"{before}\n"
    return text
