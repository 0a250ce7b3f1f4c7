"""The rehearsal of a release: what it notices and, in `make test-full`, all of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from anki_learner import CardState, NoteState, State
from conftest import FULL, REPO
from rehearse import (
    SENTENCE,
    CannotRehearseError,
    RehearsalError,
    compare,
    downloaded,
    require_history,
    same,
    versions,
)
from releases import git

pytestmark = pytest.mark.usefixtures("own_git")


@pytest.mark.skipif(not FULL, reason="takes minutes; run `make rehearse` or `make test-full`")
def test_the_next_two_releases_can_be_made() -> None:
    try:
        require_history(REPO)
    except CannotRehearseError as error:
        pytest.skip(str(error))
    script = [sys.executable, str(REPO / "tests" / "rehearse.py")]
    done = subprocess.run(script, capture_output=True, text=True)
    print(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        len(re.findall(r"same bytes \(v.*/dist, .*/dist, .*/dist, .*/dist$", done.stdout, re.M))
        == 2
    )
    assert done.stdout.count("same bytes (what") == 2
    assert done.stdout.count("Check Database") == 2


def test_there_is_no_rehearsal_without_the_history(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", project.as_uri(), "shallow")
    with pytest.raises(CannotRehearseError, match="git fetch --tags --unshallow"):
        require_history(tmp_path / "shallow")
    shutil.rmtree(tmp_path / "shallow" / ".git")
    with pytest.raises(CannotRehearseError, match="git clone ADDRESS"):
        require_history(tmp_path / "shallow")
    require_history(project)


def test_the_versions_follow_the_last_release(project: Path) -> None:
    from conftest import write_release

    assert versions(project) == ("1.0.0", "1.0.1")
    write_release(project, "1.4.2")
    assert versions(project) == ("1.5.0", "1.5.1")


def test_builds_that_differ_are_named(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "all.apkg").write_text("the same")
    folders = [tmp_path / name for name in ("one", "two", "three")]
    same("v1.0.0", *folders)
    (tmp_path / "three" / "DRAFT.md").write_text("more")
    with pytest.raises(RehearsalError, match=r"v1\.0\.0: these files differ: DRAFT\.md"):
        same("v1.0.0", *folders)
    (tmp_path / "two" / "all.apkg").write_text("another")
    with pytest.raises(RehearsalError, match=r"these files differ: all\.apkg"):
        same("v1.0.0", *folders)


def test_files_that_are_not_what_the_checksums_say_are_named(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (tmp_path / "notes.md").write_text("New cards.\n")
    (files / "all.apkg").write_bytes(b"")
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (files / "SHA256SUMS").write_text(f"{nothing}  all.apkg\n")
    assert downloaded(tmp_path, listed=True) == files
    (files / "all.txt").write_bytes(b"")
    with pytest.raises(RehearsalError, match="does not list every file"):
        downloaded(tmp_path, listed=False)
    (files / "all.txt").unlink()
    (files / "all.apkg").write_bytes(b"x")
    with pytest.raises(RehearsalError, match=r"all\.apkg is not what SHA256SUMS says"):
        downloaded(tmp_path, listed=False)


CARD = CardState("Deck", 1, 1, 1, 0, 1, 0, 3)
BEFORE = State(
    {
        "a": NoteState(1, ("a", "Question", "Mine"), ("my-tag",), 1),
        "b": NoteState(1, ("b", "Question", "Mine"), ("my-tag",), 1),
    },
    {("a", 0): CARD, ("b", 0): CARD},
    ((1, 2, 3),),
    {},
    1,
)
CORRECTED = NoteState(1, ("a", f"Question {SENTENCE}", "Mine"), ("my-tag",), 2)
OVERWRITTEN = NoteState(1, ("a", f"Question {SENTENCE}", ""), (), 2)
AFTER = replace(BEFORE, notes={**BEFORE.notes, "a": CORRECTED})


@pytest.mark.parametrize(
    ("after", "text_update", "says"),
    [
        (AFTER, True, ""),
        (replace(AFTER, notes={**BEFORE.notes, "a": OVERWRITTEN}), False, ""),
        (AFTER, False, "the own tag and MyNotes of card are"),
        (BEFORE, True, "card has not got its correction"),
        (replace(AFTER, reviews=()), True, "the reviews differ"),
        (replace(AFTER, cards={**AFTER.cards, ("b", 0): CARD._replace(flags=0)}), True, "flags"),
        (replace(AFTER, schema=2), True, "the next sync has to go one way"),
        (replace(AFTER, notes={"a": CORRECTED}), True, "other notes changed than card"),
        (
            replace(AFTER, notes={"a": CORRECTED, "b": BEFORE.notes["b"]._replace(tags=())}),
            True,
            "other notes changed than card",
        ),
    ],
)
def test_what_the_learner_lost_is_named(after: State, text_update: bool, says: str) -> None:
    if not says:
        compare(BEFORE, after, {"card": "a"}, text_update)
        return
    with pytest.raises(RehearsalError, match=says):
        compare(BEFORE, after, {"card": "a"}, text_update)
