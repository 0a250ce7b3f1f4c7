"""The rehearsal of a release: what it needs and, in `make test-full`, all of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FULL, REPO
from rehearse import CannotRehearseError, require_history, versions
from releases import git

pytestmark = pytest.mark.usefixtures("own_git")


@pytest.mark.skipif(not FULL, reason="takes minutes; run `make rehearse` or `make test-full`")
def test_the_next_two_releases_can_be_made() -> None:
    try:
        require_history(REPO)
    except CannotRehearseError as error:
        pytest.skip(str(error))
    # Its learner lives now, so it must not release on the day of the tests.
    script = ["env", "-u", "DECKWRIGHT_NOW", sys.executable, str(REPO / "tests" / "rehearse.py")]
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
