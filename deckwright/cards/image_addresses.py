"""The addresses of images in a card's text, which are relative to the card's file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from deckwright.core.card import RawCard
from deckwright.core.note import picture_path
from deckwright.core.source import Span


def text_in(raw: RawCard, path: str) -> str:
    """A card's text for the file `path`: the addresses of its images fit there."""
    text, source = raw.span.text, raw.span.source
    if posixpath.dirname(path) == posixpath.dirname(source.path):
        return text
    for image in sorted(_images(raw), key=lambda span: -span.start):
        start, end = image.start - raw.span.start, image.end - raw.span.start
        text = text[:start] + _with_address(image.text, source.path, path) + text[end:]
    return text


def from_project(path: str, address: str) -> str:
    """An address in the file `path` as seen from the project's folder, or a URL."""
    return address if _is_absolute(address) else picture_path(path, address)


def _images(raw: RawCard) -> Iterator[Span]:
    """The images whose addresses are relative."""
    for section in raw.sections:
        for block in section.blocks:
            for mark in block.marks:
                if mark.kind == "image" and not _is_absolute(mark.extra):
                    yield mark.span


def _is_absolute(address: str) -> bool:
    return address.startswith("/") or ":" in address


def _with_address(image: str, before: str, after: str) -> str:
    """`![…](address)` of the file `before` for the file `after`."""
    at = image.rfind("](") + 2
    address = next(iter(image[at:-1].split()), "")
    there = picture_path(before, address.strip("<>"))
    relative = posixpath.relpath(there, posixpath.dirname(after))
    return image[:at] + image[at:].replace(address, relative, 1)
