"""The same cards make the same bytes, wherever and whenever they are built."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from conftest import REPO, make_project, run
from reproduce import SURROUNDINGS, digests, reproduce


def test_builds_in_other_surroundings_give_the_same_bytes(mini: Path) -> None:
    found = dict(reproduce(mini))
    assert list(found) == list(SURROUNDINGS)
    assert {name: files for name, files in found.items() if files} == {}


def test_an_overlay_outside_of_the_project_is_built_with_it(mini: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert run(mini, "--overlay", str(mine), "fork", "My cards").code == 0
    card = mine / "cards/mine/services/polly.md"
    card.parent.mkdir(parents=True)
    card.write_text(
        "# Mine\n\n## my-card\n\n- kind: concept\n- topic: voices\n\nWhich?\n\n---\n\nThis.\n",
        "utf-8",
    )
    assert run(mini, "--overlay", str(mine), "decks").code == 0
    assert (mini / "dist/mine.apkg").exists()
    found = dict(reproduce(mini, mine))
    assert list(found) == [*SURROUNDINGS, "dist/"]
    assert {name: files for name, files in found.items() if files} == {}


def test_a_file_of_dist_that_differs_is_named(mini: Path) -> None:
    run(mini, "preview")
    script = [sys.executable, str(REPO / "tests" / "reproduce.py"), str(mini)]
    done = subprocess.run(script, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("same bytes: ")) == (0, len(SURROUNDINGS) + 1)
    assert "SQLite" in done.stdout
    package = mini / "dist" / "all.apkg"
    package.write_bytes(package.read_bytes() + b"x")
    done = subprocess.run(script, capture_output=True, text=True)
    assert (done.returncode, "DIFFERENT: dist/: all.apkg\n" in done.stdout) == (1, True)


def test_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    first = make_project(tmp_path / "one")
    second = make_project(tmp_path / "two")
    for path in second.rglob("cards/**/*.md"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    run(first, "decks")
    assert run(second, "check").out == ""
    run(second, "decks")
    assert digests(first / "dist") == digests(second / "dist")


def test_the_container_is_deflated_and_has_fixed_dates(mini: Path) -> None:
    run(mini, "decks")
    with zipfile.ZipFile(mini / "dist" / "all.apkg") as archive:
        assert [i.filename for i in archive.infolist()] == ["collection.anki2", "0", "media"]
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {i.compress_type for i in archive.infolist()} == {zipfile.ZIP_DEFLATED}
        assert archive.testzip() is None
        head = archive.read("collection.anki2")[:100]  # names no library
    assert head[:16] == b"SQLite format 3\0"
    assert (head[24:28], head[92:96], head[96:100]) == (
        b"\0\0\0\1",
        b"\0\0\0\1",
        (3_031_001).to_bytes(4, "big"),
    )
