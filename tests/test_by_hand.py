"""Released cards that an author moves, splits, or renames by hand: what `check` says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from authoring import CHOOSING, notes
from conftest import POLLY, codes, diagnostics, edit, run, write_release

S3 = "cards/reliability/s3.md"
SAME_SENTENCE = "U507"


@pytest.fixture
def released(mini: Path) -> Path:
    write_release(mini)
    return mini


def section(folder: Path, card: str, path: str = POLLY) -> str:
    text = (folder / path).read_text("utf-8")
    found = re.search(rf"(?ms)^## {card}\n.*?(?=^## |\Z)", text)
    assert found
    return found[0]


def move(folder: Path, card: str, to: str, before: str = POLLY) -> None:
    """Cut a card and paste it at the end of a file, which may be new."""
    text = section(folder, card, before)
    edit(folder, text, "", before)
    (folder / to).parent.mkdir(parents=True, exist_ok=True)
    with (folder / to).open("a", encoding="utf-8") as file:
        file.write(f"{'' if file.tell() else '# Title'}\n\n{text.rstrip()}\n")


def divide(folder: Path, old: dict[str, str], new: dict[str, str]) -> None:
    """Two cards in place of `polly-input-length`, each with replacements in its text."""
    text = section(folder, "polly-input-length")
    halves = []
    for replacements in (old, new):
        half = text
        for before, after in replacements.items():
            assert before in half
            half = half.replace(before, after)
        halves.append(half)
    edit(folder, text, "\n".join(halves))


ONE, TWO = "{{c1::3,000::how many}}", "{{c2::`SSML`}}"
NAME = {"## polly-input-length": "## polly-ssml"}


@pytest.mark.parametrize("to", [CHOOSING, "cards/services/s3.md", "cards/services/s3/x.md"])
def test_a_card_that_is_moved_keeps_its_identity_and_its_deck(released: Path, to: str) -> None:
    before = notes(released)["polly-purpose"]
    move(released, "polly-purpose", to)
    assert codes(released) == []
    after = notes(released)["polly-purpose"]
    assert (after.guid, after.deck, after.note_id) == (before.guid, before.deck, before.note_id)


def test_a_gap_becomes_a_card_when_it_is_retired(released: Path) -> None:
    retired = run(released, "retire", "polly-input-length", "--gap", "2", "--reason", "Moved.")
    assert retired.code == 0
    divide(released, {TWO: "`SSML`"}, {ONE: "3,000", "{{c2::": "{{c1::", **NAME})
    assert codes(released) == [SAME_SENTENCE]  # each card should ask its own question
    assert {"polly-input-length", "polly-ssml"} <= notes(released).keys()


def test_metadata_about_a_gap_that_left_is_an_error(released: Path) -> None:
    edit(released, "- topic: voices\n", "- topic: voices\n- shared-value: c2 tags\n", count=-1)
    divide(released, {TWO: "`SSML`"}, {ONE: "3,000", **NAME})
    messages = [d["message"] for d in diagnostics(released) if d["severity"] == "error"]
    assert any("c2" in message or "gap 2" in message for message in messages), messages
