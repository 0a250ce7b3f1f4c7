"""Small parts of the importer: protobuf messages, the history, drafts as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.core.errors import UserError
from deckwright.exchange.importer import protobuf
from deckwright.exchange.importer.card_files import parsed, section
from deckwright.exchange.importer.drafts import Draft
from deckwright.exchange.importer.history import ImportedCard, ImportHistory, read_history
from deckwright.project.project import Root

ROOT = Root("cards", "mine", "Mine", "mine")


def draft(origin: str, name: str, *sections: str, own: bool = False) -> Draft:
    return Draft(origin, "0123", name, "subject", None, (("kind", "concept"),), sections, own=own)


def test_fields_of_a_message_have_numbers_and_values() -> None:
    data = bytes.fromhex("08ac0212036162631d0100000021" + "00" * 8)
    assert list(protobuf.fields(data)) == [(1, 300), (2, b"abc"), (3, b"\1\0\0\0"), (4, bytes(8))]
    assert protobuf.strings(data)[2] == b"abc"


@pytest.mark.parametrize("data", ["08", "12ff", "120361", "0b", "08" + "ff" * 12])
def test_a_message_that_is_cut_off_is_a_value_error(data: str) -> None:
    with pytest.raises(ValueError, match="a message"):
        list(protobuf.fields(bytes.fromhex(data)))


def test_the_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    empty = read_history(tmp_path, ROOT)
    assert (empty.path, empty.card("guid")) == ("decks/imported/mine.tsv", None)
    history = empty.with_cards(
        [draft("guid", "b-card"), draft("a note\n" * 20, "a-card"), draft("x", "own", own=True)]
    )
    (tmp_path / "decks/imported").mkdir(parents=True)
    (tmp_path / history.path).write_text(history.text(), "utf-8")
    again = read_history(tmp_path, ROOT)
    assert again == history
    assert again.card("guid") == ImportedCard("b-card", "0123")
    assert again.card("a note\n" * 20) == ImportedCard("a-card", "0123")
    assert again.card("x") is None
    assert [line.split("\t")[0] for line in history.text().splitlines()[2:]] == ["a-card", "b-card"]


@pytest.mark.parametrize("line", ["only-a-card", "a\tb\tc\td", "Not An Id\tb\tc"])
def test_a_broken_line_of_the_history_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "decks/imported/mine.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(f"# card, note, hash\n{line}\n", "utf-8")
    with pytest.raises(UserError, match=r"^decks/imported/mine\.tsv:2: "):
        read_history(tmp_path, ROOT)


def test_a_history_without_a_file_has_no_cards(tmp_path: Path) -> None:
    assert read_history(tmp_path, ROOT) == ImportHistory("decks/imported/mine.tsv")


def test_a_list_below_the_metadata_is_kept_apart_from_it() -> None:
    text = section(draft("g", "a-card", "- one\n- two\n\nText\n- three", "- answer"))
    assert text == (
        "## a-card\n\n- kind: concept\n\n* one\n* two\n\nText\n- three\n\n---\n\n- answer\n"
    )


def test_a_draft_that_is_not_one_card_is_none() -> None:
    assert parsed(draft("g", "a-card", "question", "answer")) is not None
    assert parsed(draft("g", "a-card", "question\n\n## other-card\n\nmore")) is None
    assert parsed(draft("g", "a-card", "question\n\n---\n\nmore", "answer")) is None
