"""Retired cards and gaps."""

from __future__ import annotations

from pathlib import Path

from deckwright.project import retirements
from deckwright.project.retirements import Retirements
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


def read(project: Path, text: str, base: str = "") -> tuple[Retirements | None, Reader]:
    file = project / base / retirements.path("mini")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    reader = Reader(project)
    return retirements.read(reader, "mini", base), reader


def test_cards_and_gaps_have_reasons_and_places(bare: Path) -> None:
    found, reader = read(bare, TEXT)
    assert found is not None
    assert reader.diagnostics == []
    assert list(found.cards) == ["a"]
    card = found.cards["a"]
    assert (card.reason, card.successors) == ("Wrong.", ("b", "c"))
    assert (card.span.text, card.successors_span.text) == ('"a"', '["b", "c"]')
    gap = found.gaps["d", 2]
    assert (gap.id, gap.number, gap.reason, gap.span.line) == ("d", 2, "Moved.", 8)


def test_an_overlays_file_is_below_its_folder(bare: Path) -> None:
    found, _ = read(bare, TEXT, "elsewhere/")
    assert found is not None
    assert found.cards["a"].span.path == "elsewhere/decks/retired/mini.toml"


def test_without_a_file_nothing_is_retired(bare: Path) -> None:
    reader = Reader(bare)
    assert retirements.read(reader, "mini") is None
    assert reader.diagnostics == []


def test_what_is_retired_twice_is_reported_with_the_first_place(bare: Path) -> None:
    again = TEXT + TEXT.replace("number = 2", "number = 3") + TEXT.split("\n\n")[1]
    found, reader = read(bare, again)
    assert found is not None
    assert list(found.gaps) == [("d", 2), ("d", 3)]
    assert [(d.code, d.span.line, d.related[0][1].line) for d in reader.diagnostics] == [
        ("V804", 11, 2),
        ("V804", 21, 8),
    ]


def test_a_file_with_errors_gives_nothing(bare: Path) -> None:
    found, reader = read(bare, TEXT.replace('reason = "Wrong."\n', ""))
    assert found is None
    assert [d.code for d in reader.diagnostics] == ["V803"]
