"""DRAFT.md: what differs from the last release, in numbers, and in ids if they are few."""

from __future__ import annotations

import re

from values import project

from deckwright.output.cards_json import catalog
from deckwright.output.modification_times import Changes


def test_few_ids_are_listed() -> None:
    news = Changes(changed=("one", "two"), gaps=(("one", 2),))
    text = catalog((), project(), {}, news)[1].data.decode()
    assert re.search(r": 2 changed cards, 1 gap\b", text)
    assert "## Changed cards\n\n- one\n- two\n" in text
    assert "- one, gap 2\n" in text
