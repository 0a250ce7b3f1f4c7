"""What is checked again after a save, and what is reported of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from conftest import POLLY, SETTINGS, TODAY, edit

from deckwright.live import watch
from deckwright.live.live_project import LiveProject, file_states
from deckwright.live.watch import WatchResult
from deckwright.project import project as project_files

S3 = "cards/reliability/s3.md"


@pytest.fixture
def results(mini: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WatchResult]:
    monkeypatch.setattr(watch, "PAUSE", 0)
    return watch.watch(mini, TODAY)


def test_diagnostics_of_saved_files_and_those_that_point_to_them(
    mini: Path, results: Iterator[WatchResult]
) -> None:
    def paths() -> tuple[tuple[str, ...], set[str]]:
        result = next(results)
        return result.saved, {d.span.path for d in result.here}

    edit(mini, "- kind: concept", "- kind: nonsense", S3)
    assert paths() == ((), {S3})
    edit(mini, "Speech.", "<b>Speech.", POLLY)
    assert paths() == ((POLLY,), {POLLY})
    edit(mini, "## s3-copies", "## polly-purpose", S3)
    assert paths() == ((S3,), {POLLY, S3})  # the duplicate is reported in polly.md
    edit(mini, "deck =", "# x\ndeck =", SETTINGS)
    assert paths() == ((SETTINGS,), {POLLY, S3})
    (mini / POLLY).unlink()
    (mini / "cards/services/new.txt").write_text("", "utf-8")
    assert paths()[0] == ("cards/services/new.txt", POLLY)


def test_settings_are_read_again_only_after_a_change(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = []
    load = project_files.load
    counted = lambda *given: (loads.append(given), load(*given))[1]  # noqa: E731
    monkeypatch.setattr(project_files, "load", counted)
    project = LiveProject(mini, None)
    for day in (TODAY, TODAY, date(2026, 12, 2)):
        project.check(day)
    assert len(loads) == 1
    (mini / SETTINGS).write_text((mini / SETTINGS).read_text("utf-8") + "\n", "utf-8")
    project.check(TODAY)
    assert len(loads) == 2


def test_states_of_files_leave_out_names_that_begin_with_a_dot(tmp_path: Path) -> None:
    for path in ("cards/a.md", "cards/.a.md.swp", "cards/.git/b", "other/c"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("12345", "utf-8")
    (tmp_path / "cards/dead").symlink_to("nowhere")
    os.utime(tmp_path / "cards/a.md", ns=(7, 9))
    assert file_states(tmp_path, ["cards", "missing"]) == {"cards/a.md": (9, 5)}


def test_paths_are_relative_to_the_project(mini: Path, tmp_path: Path) -> None:
    project = LiveProject(mini, tmp_path / "mine")
    (tmp_path / "link").symlink_to(mini)
    for file, path in {
        mini / POLLY: POLLY,
        tmp_path / "link" / POLLY: POLLY,
        tmp_path / "mine/cards/x.md": "../mine/cards/x.md",
        tmp_path / "other.md": "",
    }.items():
        assert project.path(file) == path
