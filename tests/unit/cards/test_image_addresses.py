"""Addresses of images in a card that moves to another file."""

from __future__ import annotations

from deckwright.cards.image_addresses import from_project, text_in
from deckwright.cards.parse import parse
from deckwright.core.card import RawCard
from deckwright.core.source import Source


def card(body: str) -> RawCard:
    text = f"# S3\n\n## s3-copies\n\n- kind: concept\n- topic: copies\n\n{body}\n\n---\n\nYes.\n"
    (raw,) = parse(Source("cards/4.2/s3.md", text)).values
    return raw


def test_every_relative_address_leads_to_the_same_file_afterwards() -> None:
    raw = card('![one](img/a.svg) and ![two](<img/b.svg> "B")\n\n![three](../img/a.svg)')
    moved = text_in(raw, "cards/4.2/s3/copies.md")
    assert '![one](../img/a.svg) and ![two](../img/b.svg "B")' in moved
    assert "![three](../../img/a.svg)" in moved


def test_a_card_that_stays_in_its_folder_and_a_url_are_not_changed() -> None:
    raw = card("![one](img/a.svg)")
    assert text_in(raw, "cards/4.2/other.md") == raw.span.text
    web = card("![one](https://example.com/a.svg)")
    assert text_in(web, "cards/4.2/s3/copies.md") == web.span.text


def test_an_address_is_seen_from_the_project() -> None:
    assert from_project("cards/4.2/s3.md", "../img/a.svg") == "cards/img/a.svg"
    assert from_project("cards/4.2/s3.md", "https://example.com/a.svg").startswith("https:")
