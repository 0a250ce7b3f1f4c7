"""The rehearsal of a release: what it notices and, in `make test-full`, all of it."""

from __future__ import annotations

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
    require_history,
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
    assert done.stdout.count("same bytes: ") == 2


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
