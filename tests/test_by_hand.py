"""Released cards that an author moves, splits, or renames by hand: what `check` says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from authoring import CHOOSING, POLLY, notes
from conftest import codes, diagnostics, run, write_release
from releases import edit

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


def copy(folder: Path) -> None:
    text = section(folder, "polly-purpose")
    edit(folder, "\n## polly-for-museum", f"\n{text}\n## polly-for-museum", CHOOSING)


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
IDEAS = "cards/summary/ideas.md"
QUESTION = "What is it called?\n\n---\n\nUnderfitting (high bias)\\\nnot overfitting."
NAME = {"## polly-input-length": "## polly-ssml"}


@pytest.mark.parametrize("to", [CHOOSING, "cards/services/s3.md", "cards/services/s3/x.md"])
def test_a_card_that_is_moved_keeps_its_identity_and_its_deck(released: Path, to: str) -> None:
    before = notes(released)["polly-purpose"]
    move(released, "polly-purpose", to)
    assert codes(released) == []
    after = notes(released)["polly-purpose"]
    assert (after.guid, after.deck, after.note_id) == (before.guid, before.deck, before.note_id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda p: edit(p, section(p, "polly-purpose"), ""), "L002"),
        (lambda p: edit(p, "## polly-purpose", "## polly-aim"), "L002"),
        (lambda p: move(p, "polly-purpose", "cards/mine/services/polly.md"), "L002"),
        (copy, "U501"),
        (lambda p: move(p, "s3-replication", "cards/reliability/s3/deep.md", S3), "R601"),
        (lambda p: divide(p, {TWO: "`SSML`"}, {ONE: "3,000", **NAME}), "L005"),
        (lambda p: divide(p, {ONE: "3,000", "c2::": "c1::"}, {TWO: "`SSML`", **NAME}), "L006"),
        (lambda p: edit(p, QUESTION, "It is {{c1::underfitting}}.", IDEAS), "L004"),
    ],
)
def test_what_would_cost_reviews_is_an_error(
    released: Path, change: Callable[[Path], None], code: str
) -> None:
    assert run(released, "fork", "My cards").code == 0
    change(released)
    assert code in codes(released, "error")


def test_a_gap_becomes_a_card_when_it_is_retired(released: Path) -> None:
    retired = run(released, "retire", "polly-input-length", "--gap", "2", "--reason", "Moved.")
    assert retired.code == 0
    divide(released, {TWO: "`SSML`"}, {ONE: "3,000", "{{c2::": "{{c1::", **NAME})
    assert codes(released) == [SAME_SENTENCE]  # each card should ask its own question
    assert {"polly-input-length", "polly-ssml"} <= notes(released).keys()


def test_metadata_about_a_gap_that_left_is_an_error(released: Path) -> None:
    edit(released, "- topic: voices\n", "- topic: voices\n- shared-value: c2 tags\n")
    divide(released, {TWO: "`SSML`"}, {ONE: "3,000", **NAME})
    messages = [d["message"] for d in diagnostics(released) if d["severity"] == "error"]
    assert any("c2" in message or "gap 2" in message for message in messages), messages
