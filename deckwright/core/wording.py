"""Phrases that messages share: counts, lists, and reasons of the operating system."""

from __future__ import annotations

from collections.abc import Sequence


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 card`, `1,112 cards`. The plural takes an s."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def size(number: int) -> str:
    """A number of bytes in MB or kB."""
    return f"{number / 1e6:.1f} MB" if number >= 1_000_000 else f"{max(1, round(number / 1000))} kB"


def reason(error: OSError) -> str:
    """Why the operating system refused something: `permission denied`."""
    return (error.strerror or str(error)).lower()


def as_help(description: str) -> str:
    """A description in sentences as a help line: lowercase start, no final period."""
    return description[:1].lower() + description[1:].removesuffix(".")


def shortened(text: str, width: int) -> str:
    """A text on one line of at most `width` characters, with `…` for what was cut off."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= width else line[: width - 1] + "…"


def joined(names: Sequence[str], word: str) -> str:
    """Names in a sentence: `a`, `a or b`, `a, b, or c` for the word `or`."""
    if len(names) < 3:
        return f" {word} ".join(names)
    return f"{', '.join(names[:-1])}, {word} {names[-1]}"


def listed(names: tuple[str, ...] | list[str], limit: int = 5) -> str:
    """The first names, and `…` if there are more than `limit`."""
    return ", ".join(names[:limit]) + " …" * (len(names) > limit)
