"""DRAFT.md: what differs from the last release, in numbers, and in ids if they are few."""

from __future__ import annotations

import re

from values import project

from deckwright.output.cards_json import catalog
from deckwright.output.modification_times import Changes


def draft(news: Changes) -> str:
    _, artifact = catalog((), project(), {}, news)
    assert artifact.path == "DRAFT.md"
    return artifact.data.decode()


def test_few_ids_are_listed() -> None:
    text = draft(Changes(changed=("one", "two"), gaps=(("one", 2),)))
    assert re.search(r": 2 changed cards, 1 gap\b", text)
    assert "## Changed cards\n\n- one\n- two\n" in text
    assert "- one, gap 2\n" in text


def test_many_ids_are_only_counted() -> None:
    text = draft(Changes(added=tuple(f"card-{n}" for n in range(50)), types=("basic",)))
    assert "50 new cards, 1 note type." in text
    assert "card-1" not in text
    assert "- basic\n" in text
