"""The cache changes no result: warm runs equal cold ones."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import FULL, REPO, edit, make_project, run, write_release
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deckwright import pipeline
from deckwright.cache import fingerprints
from deckwright.cache.memo import Memo
from deckwright.cache.place import memo_path
from deckwright.core.diagnostics import has_errors, in_order

DAY = date(2026, 11, 20)
SENTENCES = (
    "A plain sentence.",
    "{{c1::A gap}} in a sentence.",
    "- [x] An option\n  A reason.\n",
    "![A picture](img/copies.svg)",
    "```python\nprint(1)\n```",
    "Kendra is closed.",
    "- not-duplicate-of: polly-purpose",
    "---",
    "<b>HTML</b> and $x^2$",
    "misspeled wrods",
)


def state(folder: Path, day: date, cached: bool) -> object:
    """Everything that a check, a build, and a site say and make."""

    def memo(kind: str) -> Memo:
        return Memo(memo_path(kind, folder) if cached else None)

    checked = pipeline.check(folder, day, memo("check"))
    said = [
        (d.code, d.message, d.advice, tuple(d.span[1:]), d.span.path, d.related, d.replacement)
        for d in in_order(checked.diagnostics)
    ]
    if checked.value is None or has_errors(checked.diagnostics):
        return said, checked.value.cards if checked.value else None
    preview = pipeline.preview(checked.value, day, memo=memo("build"))
    similar = [(d.code, d.message) for d in pipeline.similar(checked.value)]
    return said, similar, preview.artifacts, preview.built.made


CHANGES = (  # file, what is in it, what is there instead until the next time
    ("schema/vocabulary/mini.toml", "Amazon Polly", "Amazon Voices"),
    ("schema/vocabulary/mini.toml", "Summary", "Ideas"),
    ("schema/vocabulary/mini.toml", "core = 4", "core = 5"),
    ("schema/vocabulary/mini.toml", '"next::2.1"', '"next::3.1"'),
    ("schema/vocabulary/mini.toml", "Gone & not", "Not"),
    ("schema/vocabulary/style.toml", "Nothing", "Speech"),
    ("schema/card.schema.json", "The ", "A "),
    ("decks/notetypes/basic/front.html", "<div", "<!-- x --><div"),
    ("decks/project.toml", "namespace =", 'off = ["C404"]\nnamespace ='),
    ("decks/mine.toml", "**twice**", "three times"),
    ("cards/reliability/img/copies.svg", "<svg", "<svg id='new'"),
)
STYLE = '[[style]]\ncode = "C471"\npattern = "Nothing"\ninstead = "write more"\n'
OVERLAY = """namespace = "mine"
deck = "Mine"
tag = "mine"

[[extend]]
part = ["services"]
text = "Think **twice**."
"""


class Desk:
    """A project, and edits of it. Each takes a source of random choices."""

    def __init__(self, folder: Path) -> None:
        self.folder = make_project(folder)
        self.day = DAY
        (folder / "schema/vocabulary/style.toml").write_text(STYLE, "utf-8")
        self.first = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for name, old, _ in CHANGES:
            assert old.encode() in self.first.get(folder / name, OVERLAY.encode()), name

    def pick(self, chance: random.Random, pattern: str) -> Path:
        """A file; if there is none, everything is as at first."""
        found = [path for path in sorted(self.folder.glob(pattern)) if path.is_file()]
        if not found:
            self.go_back(chance)
        return chance.choice(found or sorted(self.first))

    def write_a_line(self, chance: random.Random) -> None:
        """Over another one, or between two."""
        path = self.pick(chance, "cards/**/*.md")
        lines = path.read_text("utf-8").split("\n")
        at = chance.randrange(len(lines))
        lines[at : at + chance.randrange(2)] = [chance.choice(SENTENCES)]
        path.write_text("\n".join(lines), "utf-8")

    def repeat_a_file(self, chance: random.Random) -> None:
        path = self.pick(chance, "cards/**/*.md")
        shutil.copy(path, path.with_name(f"{path.stem}-more.md"))

    def move_a_file(self, chance: random.Random) -> None:
        path = self.pick(chance, "cards/**/*.*")
        path.rename(path.with_name(f"{path.stem}-{chance.randrange(9)}{path.suffix}"))

    def remove_a_file(self, chance: random.Random) -> None:
        self.pick(chance, "cards/**/*.*").unlink()

    def change_something(self, chance: random.Random) -> None:
        name, old, new = chance.choice(CHANGES)
        path = self.pick(chance, name)
        text = path.read_text("utf-8")
        text = text.replace(new, old) if new in text else text.replace(old, new, 1)
        path.write_text(text, "utf-8")

    def add_an_overlay(self, chance: random.Random) -> None:
        (self.folder / "decks/mine.toml").write_text(OVERLAY, "utf-8")

    def release(self, chance: random.Random) -> None:
        checked = pipeline.check(self.folder, self.day)
        if checked.value and not has_errors(checked.diagnostics):
            write_release(self.folder, "1.0.0", 1000 + chance.randrange(9))

    def wait_a_day(self, chance: random.Random) -> None:
        self.day += timedelta(days=chance.choice((1, -1)))

    def go_back(self, chance: random.Random) -> None:
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in self.first:
                path.unlink()
        for path, data in self.first.items():
            path.write_bytes(data)

    def damage_the_cache(self, chance: random.Random) -> None:
        path = memo_path(chance.choice(("check", "build")), self.folder)
        if path and path.exists() and path.stat().st_size:
            data = bytearray(path.read_bytes())
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data[: chance.choice((len(data), len(data) // 2, 0))])


EDITS = [edit for name, edit in vars(Desk).items() if not name.startswith(("_", "pick"))]


@given(st.lists(st.integers(0, 3 * 10**6), min_size=12, max_size=16))
@settings(
    max_examples=300 if FULL else 5,
    deadline=None,
    derandomize=not FULL,
    suppress_health_check=list(HealthCheck),
)
def test_warm_runs_equal_cold_ones_after_any_edits(numbers: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder) / "mini")
        for number in numbers:
            chance = random.Random(number)
            chance.choice(EDITS)(desk, chance)
            cold = state(desk.folder, desk.day, cached=False)
            assert state(desk.folder, desk.day, cached=True) == cold
            assert state(desk.folder, desk.day, cached=True) == cold


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "deckwright"


def test_an_upgrade_of_the_compiler_is_noticed(mini: Path, cache: Path, tmp_path: Path) -> None:
    """A copy of the compiler, with a rule and then a code that are changed."""
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("deckwright", "decks/notetypes", "schema"):
        shutil.copytree(REPO / folder, copy / folder, ignore=ignored)
    edit(mini, "checked: ", "cheked: ", "cards/summary/ideas.md")

    def check() -> str:
        command = [sys.executable, "-c", "from deckwright.cli.main import main; main()", "check"]
        environment = os.environ | {"PYTHONPATH": str(copy)}
        done = subprocess.run(command, cwd=mini, env=environment, capture_output=True, text=True)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    first = check()
    assert "error S301" in first
    assert list(cache.iterdir())
    code = copy / "deckwright/core/codes/S301/code.toml"
    code.write_text('severity = "warning"\n' + code.read_text("utf-8"), "utf-8")
    assert "warning S301" in check()
    edit(copy, "S301", "S302", "deckwright/cards/metadata.py")
    assert "error S302" in check()


def test_another_version_of_a_library_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = fingerprints.of_compiler.__wrapped__()
    (tmp_path / "markdown_it_py-9.9.9.dist-info").mkdir()
    assert fingerprints.of_compiler.__wrapped__() != before


class Evil:
    """Would create a file when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("evil",)


@pytest.mark.parametrize("value", [Evil(), {"a": Evil()}, os.system, subprocess.Popen])
def test_reading_results_runs_nothing(
    value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    memo = Memo(tmp_path / "a.bin")
    memo.get(b"key", lambda: value)
    memo.save()
    assert Memo(tmp_path / "a.bin").get(b"key", lambda: "made again") == "made again"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_project_cannot_bring_its_own_results(
    mini: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert memo_path("check", mini) is not None
    for inside in (mini, mini / "deep"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(inside))
        assert memo_path("check", mini) is None
        assert run(mini, "decks").code == 0
        assert not (inside / "deckwright").exists()
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert run(mini, "check").code == 0
    assert not (mini / "relative").exists()


def test_no_cache_is_needed_to_build(mini: Path, cache: Path) -> None:
    assert run(mini, "--no-cache", "decks").code == 0
    assert not cache.exists()
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be", "utf-8")
    assert run(mini, "decks").code == 0
    cache.unlink()
    assert run(mini, "decks").code == 0
    names = sorted(path.stem.split("-", 2)[-1] for path in cache.iterdir())
    assert names == ["build", "check", "last-build"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs users")
def test_the_file_of_another_user_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memo = Memo(tmp_path / "a.bin")
    memo.get(b"key", lambda: "value")
    memo.save()
    assert Memo(tmp_path / "a.bin").find(b"key") == "value"
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert Memo(tmp_path / "a.bin").find(b"key") is None


def test_files_of_projects_that_are_gone_are_removed(mini: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    old, young = cache / "old-check.bin", cache / "young-check.bin"
    for path in (old, young):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    assert run(mini, "check").code == 0
    assert (old.exists(), young.exists()) == (False, True)


def test_a_build_ends_at_once_only_if_nothing_has_changed(mini: Path, cache: Path) -> None:
    """What was built is built again if the output or a card has changed."""
    assert run(mini, "decks").code == 0
    package = mini / "dist/all.apkg"
    first, data = (mini / "dist").stat().st_ino, package.read_bytes()
    assert run(mini, "decks").code == 0
    assert (mini / "dist").stat().st_ino == first
    package.write_bytes(data[:-1])
    assert run(mini, "decks").code == 0
    assert package.read_bytes() == data
    (mini / "dist/own.txt").write_text("a file of somebody else", "utf-8")
    assert run(mini, "decks").code == 2
    (mini / "dist/own.txt").unlink()
    with open(mini / "cards/summary/ideas.md", "a") as card:
        card.write("More.\n")
    assert run(mini, "decks").code == 0
    assert package.read_bytes() != data
