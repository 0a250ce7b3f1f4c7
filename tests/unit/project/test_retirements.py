"""Retired cards and gaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.project import retirements
from deckwright.project.toml_file import Reader

TEXT = """\
[[card]]
id = "a"
reason = "Wrong."
successors = ["b", "c"]

[[gap]]
id = "d"
number = 2
reason = "Moved."
"""


@pytest.mark.parametrize("base", ["", "elsewhere/"])
def test_cards_and_gaps_have_reasons_and_places(base: str, bare: Path) -> None:
    reader = Reader(bare)
    assert retirements.read(reader, "mini", base) is None
    file = bare / base / retirements.path("mini")
    file.parent.mkdir(parents=True)
    file.write_text(TEXT, "utf-8")
    entries = retirements.read(reader, "mini", base)
    assert entries is not None
    assert reader.diagnostics == []
    (card,), (gap,) = entries.cards.values(), entries.gaps.values()
    assert (card.id, card.reason, card.successors) == ("a", "Wrong.", ("b", "c"))
    assert (card.span.text, card.successors_span.text) == ('"a"', '["b", "c"]')
    assert card.span.path == f"{base}decks/retired/mini.toml"
    assert (gap.id, gap.number, gap.reason, gap.span.line) == ("d", 2, "Moved.", 8)
    file.write_text(TEXT + TEXT.replace("number = 2", "number = 3"), "utf-8")
    reader = Reader(bare)
    retirements.read(reader, "mini", base)
    (repeated,) = reader.diagnostics
    assert (repeated.code, repeated.span.line, repeated.related[0][1].line) == ("V804", 11, 2)
