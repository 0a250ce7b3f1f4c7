"""A project that is checked again and again: what is read, which files belong to it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from deckwright import pipeline
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Source, Span
from deckwright.live.session import CheckResult, ProjectSession, root_of
from deckwright.live.watch import file_states
from deckwright.project.project import Project

TODAY = date(2026, 11, 25)
POLLY = "cards/4.2-services/polly.md"
S3 = "cards/4.1-reliability/s3.md"
SETTINGS = "decks/project.toml"


def loaded(folder: Path) -> Project:
    project = ProjectSession(folder, None).check(TODAY, {}).project
    assert project is not None
    return project


def add_root(folder: Path, path: str) -> None:
    text = (folder / SETTINGS).read_text("utf-8")
    root = f'\n[[root]]\npath = "{path}"\nnamespace = "more"\n'
    (folder / SETTINGS).write_text(text + root, "utf-8")


def test_the_text_of_open_files_counts_and_not_that_on_disk(mini: Path) -> None:
    session = ProjectSession(mini, None)
    wrong = (mini / POLLY).read_bytes().replace(b"kind: concept", b"kind: nonsense")
    assert [d.code for d in session.check(TODAY, {POLLY: wrong}).diagnostics] == ["S307"]
    assert session.check(TODAY, {}).diagnostics == ()


def test_the_settings_are_read_again_only_after_a_change_or_on_another_day(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = []
    load = pipeline.load
    monkeypatch.setattr(pipeline, "load", lambda *given: (loads.append(given), load(*given))[1])
    session = ProjectSession(mini, None)
    for _ in range(2):
        session.check(TODAY, {})
    assert len(loads) == 1
    os.utime(mini / SETTINGS, ns=(1, 1))
    session.check(TODAY, {})
    session.check(date(2026, 11, 26), {})
    assert len(loads) == 3


def test_the_last_readable_project_stays_known(mini: Path) -> None:
    session = ProjectSession(mini, None)
    session.check(TODAY, {})
    known = session.snapshot
    (mini / SETTINGS).write_text("[[", "utf-8")
    result = session.check(TODAY, {})
    assert result.project is None
    assert result.problem.startswith(f"the project cannot be read: {SETTINGS}:1: ")
    assert session.snapshot is known
    assert [d.code for d in result.project_diagnostics()[SETTINGS]] == [result.diagnostics[0].code]
    ((shown, span),) = result.diagnostics_in(POLLY)
    assert (shown.message, span.path) == (result.problem, POLLY)
    assert shown.related == (("here", result.diagnostics[0].span),)
    assert result.is_card_file("cards/any/where.md")
    assert not result.is_card_file("cards/any/where.txt")
    assert not result.is_card_file("docs/where.md")


def test_diagnostics_of_a_file_are_its_own_and_those_that_point_to_it(mini: Path) -> None:
    here, there = (Span(Source(path, "text"), 0, 1) for path in (POLLY, S3))
    own = Diagnostic("U501", "own", here)
    pointing = Diagnostic("U501", "other", there, related=(("at", here), ("and", there)))
    result = CheckResult(loaded(mini), (pointing, own))
    assert result.diagnostics_in(POLLY) == ((own, here), (pointing, here))
    assert result.diagnostics_in(S3) == ((pointing, there),)
    assert result.problem == ""


def test_only_files_of_decks_and_schema_are_the_project_s_own(mini: Path) -> None:
    def at(path: str) -> Diagnostic:
        return Diagnostic("V801", "x", Span(Source(path, "text"), 0, 1))

    paths = [SETTINGS, "../mine/schema/x.toml", "cards/decks/s3.md", "cards/decks/x.svg", "decks"]
    result = CheckResult(loaded(mini), tuple(map(at, paths)))
    assert list(result.project_diagnostics()) == [
        SETTINGS,
        "../mine/schema/x.toml",
        "cards/decks/x.svg",
    ]


def test_a_card_file_belongs_to_the_innermost_root(mini: Path) -> None:
    add_root(mini, "cards/more")
    project = loaded(mini)
    roots = {
        path: root.path if (root := root_of(path, project)) else None
        for path in (
            POLLY,
            "cards/more/4.2-services/polly.md",
            "cards/README.md",
            "cards/4.2-services/README.md",
            "cards/more/README.md",
            "cards/x.svg",
            "cardsx/4.2-services/polly.md",
        )
    }
    assert list(roots.values()) == [
        "cards", "cards/more", None, "cards", None, None, None,
    ]  # fmt: skip


def test_outermost_folders_of_roots_are_watched_with_decks_and_schema(mini: Path) -> None:
    session = ProjectSession(mini, None)
    settings = (("", "decks"), ("", "schema"))
    assert session.watched_folders() == (("", "cards"), *settings)  # nothing is known yet
    add_root(mini, "cards/more")
    assert session.check(TODAY, {}).project
    assert session.watched_folders() == (("", "cards"), *settings)
    (mini / SETTINGS).write_text(
        (mini / SETTINGS).read_text("utf-8").replace("cards/more", "more"), "utf-8"
    )
    assert session.check(TODAY, {}).project
    assert session.watched_folders() == (("", "cards"), ("", "more"), *settings)


def test_folders_of_an_overlay_are_watched_too(mini: Path, tmp_path: Path) -> None:
    session = ProjectSession(mini, tmp_path / "mine")
    watched = session.watched_folders()
    assert watched[:2] == (("", "cards"), ("../mine/", "cards"))
    assert set(watched[2:]) == {(b, p) for b in ("", "../mine/") for p in ("decks", "schema")}


def test_paths_of_uris_are_relative_to_the_project(mini: Path, tmp_path: Path) -> None:
    session = ProjectSession(mini, tmp_path / "mine")
    (tmp_path / "link").symlink_to(mini)
    assert session.path(session.uri(POLLY)) == POLLY
    assert session.path((tmp_path / "link" / POLLY).as_uri()) == POLLY
    assert session.path((mini / "a b%.md").as_uri()) == "a b%.md"
    assert session.path((tmp_path / "mine/cards/x.md").as_uri()) == "../mine/cards/x.md"
    outside = [(tmp_path / "other.md").as_uri(), "untitled:x", "file://[", "file:///%00", "", POLLY]
    assert [session.path(uri) for uri in outside] == [""] * len(outside)


def test_vocabulary_files_that_are_no_toml_are_left_out(mini: Path) -> None:
    session = ProjectSession(mini, None)
    (mini / "schema/vocabulary/broken.toml").write_text("[[", "utf-8")
    assert [table.source.path for table in session.vocabulary_tables()] == [
        "schema/vocabulary/mini.toml"
    ]


def test_states_of_files_leave_out_names_that_begin_with_a_dot(tmp_path: Path) -> None:
    for path in ("cards/a.md", "cards/.a.md.swp", "cards/.git/b", "other/c"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("12345", "utf-8")
    (tmp_path / "cards/dead").symlink_to("nowhere")
    os.utime(tmp_path / "cards/a.md", ns=(7, 9))
    assert file_states(tmp_path, ["cards", "missing"]) == {"cards/a.md": (9, 5)}
