"""What tests share: small projects made of the real schemas and note types, and a compiler
run as a user runs it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from deckwright import pipeline
from deckwright.cli.main import main
from deckwright.core import report
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.diagnostics import codes as known_codes
from deckwright.project import ledger
from deckwright.project.ledger import ledger_path

pytest_plugins = ["browser", "built_site", "installed", "releases"]

# A shell starts programs in the background so that they, and what they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The commands' clock and git's, in this process and in those that it starts: noon on 2026-12-01,
# whatever the day is. A test sets another time with the fixture `clock`.
NOW = 1_796_126_400
TODAY = date(2026, 12, 1)
os.environ["DECKWRIGHT_NOW"] = str(NOW)
LATER = date(2090, 1, 1)  # for tests that read the real deck: after every date on its cards
os.environ["GIT_AUTHOR_DATE"] = os.environ["GIT_COMMITTER_DATE"] = f"{NOW} +0000"

# What runs keep for later ones: in a folder of these tests, removed at the end.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="deckwright-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)

_check_schema = Draft202012Validator.check_schema
_usable_schemas: set[str] = set()


def _check_schema_once(schema: Any, *arguments: Any, **keywords: Any) -> None:
    """Check a schema, unless an equal one has passed: of each project of a test, half the time."""
    text = repr(schema)
    if text not in _usable_schemas:
        _check_schema(schema, *arguments, **keywords)
        _usable_schemas.add(text)


Draft202012Validator.check_schema = _check_schema_once

REPO = Path(__file__).resolve().parent.parent
MINI = REPO / "tests" / "projects" / "mini"
CASES = REPO / "deckwright" / "core" / "codes"
POLLY, SETTINGS = "cards/services/polly.md", "decks/project.toml"

ACCEPT = bool(os.environ.get("DECKWRIGHT_ACCEPT"))
FULL = os.environ.get("DECKWRIGHT_TESTS") == "full"


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores, because many tests wait for a browser or a program."""
    return len(os.sched_getaffinity(0)) + 1 if sys.platform == "linux" else os.cpu_count() or 1


@dataclass(frozen=True)
class Run:
    """What a run of the compiler gave."""

    code: int
    out: str
    err: str


def make_project(folder: Path, cards: bool = True) -> Path:
    """A project in `folder`: the mini project's vocabulary and packages, the real schemas
    and note types.
    """
    shutil.copytree(
        MINI, folder, dirs_exist_ok=True, ignore=None if cards else shutil.ignore_patterns("cards")
    )
    (folder / "cards").mkdir(exist_ok=True)
    for schema in (REPO / "schema").glob("*.json"):
        shutil.copy(schema, folder / "schema")
    shutil.copytree(
        REPO / "decks" / "notetypes", folder / "decks" / "notetypes", dirs_exist_ok=True
    )
    return folder


def edit(project: Path, old: str, new: str, path: str = POLLY, count: int = 1) -> None:
    """Replaces a text in a file of a project, once or `count` times (-1: everywhere)."""
    file = project / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, count), "utf-8")


def clock_of(folder: Path) -> dict[str, str]:
    """The environment variables with the time: for the real deck, LATER unless a test set it."""
    now = os.environ["DECKWRIGHT_NOW"]
    if folder == REPO and now == str(NOW):
        now = f"{datetime.combine(LATER, time(12), UTC).timestamp():.0f}"
    commits = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{now} +0000")
    return {"DECKWRIGHT_NOW": now, **commits}


def run(folder: Path, *arguments: str) -> Run:
    """Runs the command line in this process, with `folder` as the current folder."""
    before, interrupt = os.getcwd(), signal.getsignal(signal.SIGINT)
    os.chdir(folder)
    try:
        result = CliRunner(env=clock_of(folder)).invoke(
            main, list(arguments), prog_name="./build.py"
        )
    finally:
        os.chdir(before)
        gc.enable()  # the command line switches it off for its one run
        signal.signal(signal.SIGINT, interrupt)  # and this where it was stopped
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Run(result.exit_code, result.stdout, result.stderr)


def diagnostics(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """What `check` reports about the project in `folder`, as the rows of its JSON."""
    return json.loads(run(folder, "check", *arguments, "--format", "json").out)["diagnostics"]


def codes(folder: Path, severity: str = "") -> list[str]:
    """The codes of what `check` reports, or of what has this severity, in order of place."""
    return [row["code"] for row in diagnostics(folder) if severity in ("", row["severity"])]


def run_process(
    folder: Path, *arguments: str, env: Mapping[str, str] = os.environ, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Runs build.py in its own process on the project in `folder`, with options of `subprocess`."""
    command = [sys.executable, str(REPO / "build.py"), "--root", str(folder), *arguments]
    env = {**env, **clock_of(folder)}
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=env, **options)


def cards_of(dist: Path) -> list[dict[str, Any]]:
    """The cards of a build, as its cards.json has them."""
    return json.loads((dist / "cards.json").read_text("utf-8"))["cards"]


def catalog(dist: Path) -> dict[str, dict[str, Any]]:
    """The cards of a build by ID."""
    return {row["id"]: row for row in cards_of(dist)}


WHOLE = "ml-on-aws-all.apkg"  # the package with all cards of the real deck


@pytest.fixture(scope="session")
def real_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of the real deck, which no test changes."""
    out = tmp_path_factory.mktemp("real") / "dist"
    assert run(REPO, "decks", "--out", str(out)).code == 0
    return out


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """The mini project, with its cards."""
    return make_project(tmp_path / "mini")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The mini project without cards."""
    return make_project(tmp_path / "bare", cards=False)


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Any]:
    """Somebody with an empty collection, which must have no problems in the end."""
    from anki_learner import Learner

    learner = Learner(tmp_path / "learner")
    yield learner
    assert learner.problems() == []
    learner.close()


def reported(diagnostics: Iterable[Diagnostic]) -> None:
    """Fail for an unknown code or a place outside of its file."""
    found = tuple(diagnostics)
    for one in found:
        assert one.code in known_codes()
        for span in (one.span, *(place for _, place in one.related)):
            assert 0 <= span.start <= span.end <= len(span.source.text), one
            assert 1 <= span.line <= len(span.source.starts)
            assert span.column >= 1
    for form in report.FORMATS.values():
        assert isinstance(form(found), str)


def write_release(folder: Path, version: str = "1.0.0", seconds: int = 1000) -> None:
    """Writes the ledgers of a release of the project in `folder`, `seconds` after its
    epoch, without git.
    """
    checked = pipeline.check(folder, TODAY)
    assert not has_errors(checked.diagnostics), [d.message for d in checked.diagnostics]
    project = checked.value.project
    for namespace, book in pipeline.release(
        checked.value, version, project.epoch + seconds
    ).project.ledgers.items():
        (folder / "decks" / "ledger").mkdir(exist_ok=True)
        (folder / ledger_path(namespace)).write_text(ledger.write(book), "utf-8")
