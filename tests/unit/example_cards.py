"""Cards made from a few lines of Markdown, without any rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deckwright.cards import body
from deckwright.cards.parse import parse
from deckwright.core.card import Card, Field
from deckwright.core.source import Source


def make_card(text: str, id: str = "a-card", metadata: str = "", **changes: Any) -> Card:
    """A card with `text` as its body; `metadata` are more lines, `changes` its attributes."""
    written = f"## {id}\n\n- kind: quota\n- topic: voices\n{metadata}\n{text}\n"
    (raw,) = parse(Source("cards/4.2-services/polly.md", written, "cards", "mini")).values
    content, _ = body.read(raw, {})
    assert content is not None, text

    def fields(key: str) -> tuple[Field, ...]:
        return tuple(given for given in raw.metadata if given.name == key)

    card = Card(
        id=id,
        namespace="mini",
        kind="quota",
        status="current",
        task="4.2",
        service="polly",
        also=(),
        topic="voices",
        exams=(),
        sources=("https://docs.example.com/",),
        checked="2026-08",
        content=content,
        span=raw.span,
        id_span=raw.id.value_span,
        distinct=fields("not-duplicate-of"),
        compare=fields("compare"),
        evidence=fields("evidence"),
    )
    return replace(card, **changes)
