"""Addresses of images in a card."""

from __future__ import annotations

from deckwright.cards.image_addresses import from_project


def test_an_address_is_seen_from_the_project() -> None:
    assert from_project("cards/4.2/s3.md", "../img/a.svg") == "cards/img/a.svg"
    assert from_project("cards/4.2/s3.md", "https://example.com/a.svg").startswith("https:")
