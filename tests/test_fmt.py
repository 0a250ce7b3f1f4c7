"""`fmt`: one standard layout, and never another meaning."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import REPO, run

TIDY = (REPO / "tests/golden/formatted.md").read_text("utf-8")
UGLY = (REPO / "tests/golden/unformatted.md").read_text("utf-8")
UGLY_BYTES = b"\xef\xbb\xbf" + UGLY.replace("\n", "\r\n").encode()


@pytest.fixture
def file(bare: Path) -> Path:
    """A card file in no standard layout, with a byte order mark and the line ends of Windows."""
    path = bare / "cards" / "services" / "polly.md"
    path.parent.mkdir(parents=True)
    path.write_bytes(UGLY_BYTES)
    return path


def test_a_file_gets_the_standard_layout_and_keeps_it(bare: Path, file: Path) -> None:
    run(bare, "decks")
    before = (bare / "dist" / "all.apkg").read_bytes()
    result = run(bare, "fmt")
    assert (result.code, result.out) == (0, "")
    assert file.read_text("utf-8") == TIDY
    run(bare, "decks")
    assert (bare / "dist" / "all.apkg").read_bytes() == before
    assert "0 changed" in run(bare, "fmt").err


def test_check_writes_nothing(bare: Path, file: Path) -> None:
    result = run(bare, "fmt", "--check")
    assert (result.code, "F902" in result.out) == (1, True)
    assert file.read_bytes() == UGLY_BYTES


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("characters.", "<b>characters</b>.", "P211"),
        ("characters.\n", "characters\n        - and more.\n", "F901"),  # another meaning
    ],
)
def test_what_cannot_be_formatted_is_left_alone(
    bare: Path, file: Path, old: str, new: str, code: str
) -> None:
    file.write_text(TIDY.replace(old, new), "utf-8")
    result = run(bare, "fmt")
    assert (result.code, code in result.out) == (1, True)
    assert file.read_text("utf-8") == TIDY.replace(old, new)


@pytest.mark.parametrize("path", ["cards/services/polly.md", "cards/services"])
def test_single_files_and_folders(bare: Path, file: Path, path: str) -> None:
    assert run(bare, "fmt", path).code == 0
    assert file.read_text("utf-8") == TIDY


def test_the_real_cards_have_the_standard_layout() -> None:
    result = run(REPO, "fmt", "--check")
    assert (result.code, result.out) == (0, "")
