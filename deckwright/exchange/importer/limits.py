"""How large an imported note can be. A larger one is left out; the others are imported.

The work for a note grows faster than the note, and its author may want us to wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deckwright.cards.parse import MAX_CARD

MAX_FIELD = 20_000  # characters of HTML in a field, without pictures that are written in it
MAX_FIELDS = 60_000  # the same in all fields of a note, and in all cards that it makes
MAX_CARDS = 200_000  # all that a file makes

_HELP = "shorten or split the note, then import it again"


class TooLargeError(Exception):
    """A note is too large for a card; the message says what of it, and what to do."""


def check_note(fields: Mapping[str, str], tags: Iterable[str]) -> None:
    """Raise TooLargeError if one of a note's fields or its tags are too large, or all are."""
    _check_whole("tags", tags, MAX_FIELD)
    for name, value in fields.items():
        if len(value) > MAX_FIELD:
            raise TooLargeError(
                f"its field {name[:40]} has {len(value):,} characters, "
                f"more than {MAX_FIELD:,} ({_HELP})"
            )
    _check_whole("fields", fields.values())


def check_cards(shown: Iterable[str]) -> None:
    """Raise TooLargeError if the fields that a note's cards show are too large together."""
    _check_whole("cards", shown)


def _check_whole(parts: str, texts: Iterable[str], limit: int = MAX_FIELDS) -> None:
    whole = sum(map(len, texts))
    if whole > limit:
        raise TooLargeError(
            f"its {parts} have {whole:,} characters in total, more than {limit:,} ({_HELP})"
        )


def check_markdown(length: int) -> None:
    """Raise TooLargeError if so many characters of Markdown are too large for a card."""
    if length > MAX_CARD:
        raise TooLargeError(
            f"its card would have {length:,} characters, more than {MAX_CARD:,} ({_HELP})"
        )
