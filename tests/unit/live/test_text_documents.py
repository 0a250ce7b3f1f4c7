"""Positions in an editor's units and offsets in the compiler's text, there and back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckwright.core.files import as_source
from deckwright.core.source import Source
from deckwright.live.text_documents import (
    UTF8,
    UTF16,
    UTF32,
    Document,
    Position,
    characters,
    length_in_units,
    position,
)

lines = st.text(st.sampled_from("ab é🦜日e\u0301\u0308"), max_size=8)
encodings = st.sampled_from([UTF8, UTF16, UTF32])
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


def document(text: str, encoding: str = UTF16) -> Document:
    return Document("file:///x", "x", 1, text, encoding)


@given(st.lists(lines, min_size=1, max_size=5), line_ends, encodings, st.data())
def test_every_offset_has_a_position_that_leads_back(
    parts: list[str], end: str, encoding: str, data: st.DataObject
) -> None:
    text = end.join(parts)
    held = document(text, encoding)
    source = as_source(text.encode(), "x").values[0]
    offset = data.draw(st.integers(0, len(source.text)))
    found = held.position(source, offset)
    assert held.source_offset(source, found) == offset
    prefix = text[: held.offset(found)].replace(end, "\n")
    assert unicodedata.normalize("NFC", prefix) == source.text[:offset]
    first = data.draw(st.integers(0, len(source.text)))
    low, high = (held.position(source, at) for at in sorted((first, offset)))
    changed = held.changed(2, low, high, "new")
    assert changed.text == text[: held.offset(low)] + "new" + text[held.offset(high) :]


@given(lines, st.integers(0, 60), st.integers(0, 60), encodings)
def test_positions_past_the_end_are_the_end(
    line: str, number: int, character: int, encoding: str
) -> None:
    held = document(f"{line}\r\n{line}", encoding)
    assert 0 <= held.offset(Position(number, character)) <= len(held.text)
    assert held.offset(Position(0, 1000)) == len(line)
    assert held.offset(Position(7, 0)) == len(held.text)
    source = as_source(held.data, "x").values[0]
    assert held.source_offset(source, Position(7, 0)) == len(source.text)


@given(
    st.text(st.sampled_from("ab\n"), max_size=12),
    st.text(st.sampled_from("ab\n"), max_size=12),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_one_edit_makes_the_other_text(old: str, new: str, end: str) -> None:
    held = document(old.replace("\n", end))
    edit = held.edit_to(new)
    after = held.changed(2, *edit).text if edit else held.text
    assert after == new.replace("\n", held.line_end)


def test_the_one_edit_leaves_out_what_is_the_same_at_both_ends() -> None:
    edit = document("a\r\nb\r\nc\r\n").edit_to("a\nx\ny\nc\n")
    assert edit == (Position(1, 0), Position(2, 0), "x\r\ny\r\n")
    assert document("a\r\nb").edit_to("a\nb") is None


def test_halves_of_a_surrogate_pair_become_one_character() -> None:
    high, low = "\ud83e", "\udd9c"
    held = document("").replaced(1, f"a{high}")
    assert held.data == b"a?"
    assert held.changed(2, Position(0, 2), Position(0, 2), low).text == "a🦜"


def test_a_byte_order_mark_counts_in_the_editor_only() -> None:
    held = document("\ufeffab\ncd")
    source = Source("x", "ab\ncd")
    assert held.position(source, 1) == Position(0, 2)
    assert held.source_offset(source, Position(0, 2)) == 1
    assert held.position(source, 4) == Position(1, 1)


@pytest.mark.parametrize(("encoding", "length"), [(UTF8, 7), (UTF16, 4), (UTF32, 3)])
def test_lengths_and_cuts_in_each_encoding(encoding: str, length: int) -> None:
    text = "é🦜a"
    assert length_in_units(text, encoding) == length
    assert characters(text, length, encoding) == 3
    assert characters(text, length - 1, encoding) == 2
    parrot = length_in_units("🦜", encoding)
    cut = length_in_units("é", encoding) + parrot - 1
    assert characters(text, cut, encoding) == 1 if parrot > 1 else 2
    assert position(Source("x", f"a\n{text}b"), 5, encoding) == Position(1, length)
