"""The addresses of images in a card's text, which are relative to the card's file."""

from __future__ import annotations

from deckwright.core.note import image_path


def from_project(path: str, address: str) -> str:
    """An address in the file `path` as seen from the project's folder, or a URL."""
    is_absolute = address.startswith("/") or ":" in address
    return address if is_absolute else image_path(path, address)
