"""What is checked again after a save, and what is reported of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from deckwright.live import watch
from deckwright.live.watch import WatchResult

POLLY = "cards/4.2-services/polly.md"
S3 = "cards/4.1-reliability/s3.md"


@pytest.fixture
def results(mini: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WatchResult]:
    monkeypatch.setattr(watch, "PAUSE", 0)
    return watch.watch(mini, date(2026, 11, 25))


def write(folder: Path, path: str, old: str, new: str) -> None:
    (folder / path).write_text((folder / path).read_text("utf-8").replace(old, new), "utf-8")


def test_diagnostics_of_saved_files_and_those_that_point_to_them(
    mini: Path, results: Iterator[WatchResult]
) -> None:
    write(mini, S3, "- kind: concept", "- kind: nonsense")
    first = next(results)
    assert (first.saved, {d.span.path for d in first.here}) == ((), {S3})
    write(mini, POLLY, "Speech.", "<b>Speech.")
    second = next(results)
    assert second.saved == (POLLY,)
    assert {d.span.path for d in second.here} == {POLLY}
    assert {d.span.path for d in second.outcome.diagnostics} == {POLLY, S3}
    write(mini, S3, "## s3-copies", "## polly-purpose")
    third = next(results)
    assert third.saved == (S3,)
    assert {d.span.path for d in third.here} == {POLLY, S3}  # the double is reported in polly.md


def test_after_a_change_of_the_settings_everything_is_reported(
    mini: Path, results: Iterator[WatchResult]
) -> None:
    write(mini, S3, "- kind: concept", "- kind: nonsense")
    next(results)
    write(mini, "decks/project.toml", "deck =", "# x\ndeck =")
    assert {d.span.path for d in next(results).here} == {S3}


def test_files_that_are_new_or_deleted_count_as_saved(
    mini: Path, results: Iterator[WatchResult]
) -> None:
    before = next(results)
    (mini / POLLY).unlink()
    (mini / "cards/4.2-services/new.txt").write_text("", "utf-8")
    result = next(results)
    assert result.saved == ("cards/4.2-services/new.txt", POLLY)
    gone = {raw.id.value for raw in before.raw_cards} - {raw.id.value for raw in result.raw_cards}
    assert "polly-purpose" in gone
