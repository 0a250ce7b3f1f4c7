"""A small project, and cards made from a few lines of Markdown, without any rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from conftest import make_project

from deckwright.cards import body
from deckwright.cards.parse import parse
from deckwright.core.card import Card, MetadataLine
from deckwright.core.source import Source
from deckwright.project import project
from deckwright.project.project import Project


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The mini project without cards."""
    return project.load(make_project(tmp_path_factory.mktemp("small") / "p", cards=False)).value


def make_card(text: str, id: str = "a-card", metadata: str = "", **changes: Any) -> Card:
    """Make a card with `text` as its body, more `metadata` and changed attributes."""
    written = f"## {id}\n\n- kind: quota\n- topic: voices\n{metadata}\n{text}\n"
    (raw,) = parse(Source("cards/services/polly.md", written, "cards", "mini")).value
    content, _ = body.read(raw, {})
    assert content is not None, text

    def fields(key: str) -> tuple[MetadataLine, ...]:
        return tuple(given for given in raw.metadata if given.name == key)

    card = Card(
        id=id,
        namespace="mini",
        kind="quota",
        level="",
        status="current",
        part="services",
        service="polly",
        also=(),
        topic="voices",
        exams=(),
        sources=("https://docs.example.com/",),
        checked="2026-08",
        content=content,
        span=raw.span,
        id_span=raw.id.value_span,
        not_duplicate_of=fields("not-duplicate-of"),
        compare=fields("compare"),
        evidence=fields("evidence"),
    )
    return replace(card, **changes)
