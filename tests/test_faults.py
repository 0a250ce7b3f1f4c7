"""Things go wrong: killed builds, full and read-only disks, hostile names and links. A
clear word, and the old output whole.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import POLLY, REPO, SETTINGS, edit, run, run_process
from reproduce import digests

HOME = "cards/services"


def no_traceback(text: str) -> None:
    assert "Traceback" not in text
    assert 'File "' not in text


@pytest.fixture
def changed(mini: Path) -> Iterator[Path]:
    """The mini project with a build, and a card that has changed since. At the end, the build must
    be as it was.
    """
    run(mini, "decks")
    before = digests(mini / "dist")
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    yield mini
    assert digests(mini / "dist") == before
    assert not list(mini.glob(".dist-*"))


STEPS = {
    "mkdtemp": "tempfile.mkdtemp = die",
    "first file": "deckwright.output.publish._write = die",
    "chmod": "os.chmod = die",
    "first rename": "os.rename = die_at(1)",
    "second rename": "os.rename = die_at(2)",
    "rmtree": "shutil.rmtree = lambda f, **k: die() if os.path.exists(f) else None",
}
DIE = """
import os, shutil, sys, tempfile
sys.path.insert(0, sys.argv[1])
import deckwright.output.publish
from deckwright.cli.main import main
def die(*a, **k): os._exit(9)
def die_at(number, rename=os.rename, calls=[]):
    def step(*a):
        calls.append(a)
        die() if len(calls) == number else rename(*a)
    return step
"""


def test_a_build_killed_inside_its_last_steps_leaves_one_whole_output(mini: Path) -> None:
    """The process dies right before each step of the publishing."""
    run(mini, "decks")
    old = digests(mini / "dist")
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    for name, step in STEPS.items():
        script = f"{DIE}{step}\nmain(['--root', sys.argv[2], 'decks'])"
        command = [sys.executable, "-c", script, str(REPO), str(mini)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 9, (name, done.stderr)
        between = name == "second rename"  # the old output waits under another name
        found = digests(mini / (".dist-old" if between else "dist"))
        assert (found == old) == (name != "rmtree"), name
        assert (mini / "dist").exists() != between
    assert run(mini, "decks").code == 0
    assert not (mini / ".dist-old").exists()


def test_a_rename_that_fails_puts_the_old_output_back(
    changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, calls = os.rename, []

    def second_fails(*names: str) -> None:
        calls.append(names)
        if len(calls) == 2:
            raise PermissionError(13, "Permission denied")
        rename(*names)

    monkeypatch.setattr(os, "rename", second_fails)
    assert run(changed, "decks").code == 2


def test_what_killed_builds_left_is_cleared_away_later(mini: Path) -> None:
    old, young = mini / ".dist-new-old", mini / ".dist-new-young"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (1, 1))
    run(mini, "decks")
    assert (old.exists(), young.exists()) == (False, True)


def test_a_failed_check_builds_nothing(changed: Path) -> None:
    edit(changed, "Spoken", "<b>Spoken</b>")
    result = run(changed, "decks")
    assert (result.code, "P211" in result.out) == (1, True)


def small_files() -> None:
    """Limit the size of a file. Like a full disk, this ends in an error of write(2)."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))


def test_a_full_disk(changed: Path) -> None:
    result = run_process(changed, "decks", preexec_fn=small_files)
    assert (result.returncode, "K701" in result.stdout) == (2, True)
    no_traceback(result.stdout + result.stderr)


@pytest.mark.parametrize("full", ["README.md", "mine.toml"])
@pytest.mark.parametrize("outside", [False, True])
def test_a_full_disk_during_fork_leaves_nothing_behind(
    full: str, outside: bool, mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.is_dir() for path in tmp_path.rglob("*")}

    def replace(source: str, target: Path) -> None:
        if Path(target).name == full:
            raise OSError(28, "No space left on device", str(target))
        rename(source, target)

    rename = os.replace
    monkeypatch.setattr(os, "replace", replace)
    where = ("--overlay", str(tmp_path / "new" / "mine")) if outside else ()
    result = run(mini, *where, "fork", "Anna's cards")
    assert (result.code, "space left" in result.err) == (2, True), result.err
    assert {path: path.is_dir() for path in tmp_path.rglob("*")} == before
    monkeypatch.undo()
    assert run(mini, *where, "fork", "Anna's cards").code == 0


def give_up_override() -> None:
    """Root may read and write anywhere; without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
    (capabilities(7), prctl(2)) the mode of a file holds for root too.
    """
    if os.geteuid() == 0:
        pr_capbset_drop = 24
        for capability in (1, 2):
            assert ctypes.CDLL(None).prctl(pr_capbset_drop, capability, 0, 0, 0) == 0


@pytest.mark.parametrize("locked", [".", "dist"])
def test_a_read_only_folder(locked: str, changed: Path) -> None:
    (changed / locked).chmod(0o555)
    try:
        result = run_process(changed, "decks", preexec_fn=give_up_override)
    finally:
        (changed / locked).chmod(0o755)
    assert result.returncode == 2, result.stdout + result.stderr
    assert re.search("K701: .*`dist`: permission denied", result.stdout)
    no_traceback(result.stdout + result.stderr)


@pytest.mark.parametrize(
    ("path", "mode", "command", "message"),
    [
        (POLLY, 0, "check", f"{POLLY}:1:1: error D101: .*: permission denied"),
        (HOME, 0, "check", f"{HOME}:1:1: error D101: .*: permission denied"),
        (HOME, 0o555, "fmt", f"{POLLY} can't be written: permission denied"),
    ],
)
def test_what_may_not_be_read_or_written(
    path: Path, mode: int, command: str, message: str, mini: Path
) -> None:
    (mini / POLLY).write_text("\n\n" + (mini / POLLY).read_text("utf-8"), "utf-8")
    (mini / path).chmod(mode)
    result = run_process(mini, command, preexec_fn=give_up_override)
    (mini / path).chmod(0o755)
    said = result.stdout + result.stderr
    assert result.returncode == (2 if command == "fmt" else 1)
    assert re.search(message, said), said
    no_traceback(said)


@pytest.mark.parametrize(
    "name",
    ["a b.md", "new\nline.md", "quote'\".md", "-rf.md", "\u202egnp.md", "é.md", "x" * 200 + ".md"],
)
def test_hostile_names(name: str, bare: Path) -> None:
    home = bare / "cards" / "services" / "polly"
    home.mkdir(parents=True)
    (home / name).write_text(
        "# T\n\n## card-a\n\n- kind: concept\n- topic: voices\n\nq?\n\n---\n\na\n", "utf-8"
    )
    result = run(bare, "check")
    no_traceback(result.out)
    assert result.code == (0 if name.startswith("x") else 1)
    assert all(line.isprintable() for line in result.out.splitlines())


def test_a_pipe_does_not_hang(mini: Path) -> None:
    os.mkfifo(mini / "cards" / "services" / "s3.md")
    result = run_process(mini, "check")
    assert result.returncode == 1
    assert "s3.md:1:1: error D107" in result.stdout


def test_links_in_circles_and_out_of_the_project(mini: Path, tmp_path: Path) -> None:
    (mini / "cards" / "loop").symlink_to(mini / "cards")
    (mini / "cards" / "services" / "passwd.md").symlink_to("/etc/passwd")
    result = run(mini, "check")
    assert (result.code, result.out.count("D106"), "root:" in result.out) == (1, 2, False)
    (mini / "cards").rename(tmp_path / "elsewhere")
    (mini / "cards").symlink_to(tmp_path / "elsewhere")
    assert "D106" in run(mini, "check").out


def test_a_link_as_output_is_not_followed(mini: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "precious.txt").write_text("mine")
    (mini / "dist").symlink_to(target)
    result = run(mini, "decks")
    assert result.code == 2
    assert "K703" in result.out
    assert [p.name for p in target.iterdir()] == ["precious.txt"]


def test_files_of_others_are_not_deleted(mini: Path) -> None:
    (mini / "dist").mkdir()
    (mini / "dist" / "thesis.docx").write_text("years of work")
    result = run(mini, "decks")
    assert (result.code, "K702" in result.out) == (2, True)
    (mini / "dist" / "thesis.docx").rename(mini / "thesis.docx")
    assert run(mini, "decks").code == 0
    for name in ("french.apkg", ".env"):
        (mini / "dist" / name).write_text("mine")
    result = run(mini, "decks")
    assert (result.code, "K702" in result.out) == (2, True)
    assert ".env, french.apkg" in result.out
    assert (mini / "dist" / ".env").read_text() == "mine"


def test_stale_packages_go_away(mini: Path) -> None:
    run(mini, "decks")
    (mini / "cards" / "summary" / "ideas.md").unlink()
    run(mini, "decks")
    assert not (mini / "dist" / "part" / "summary.apkg").exists()


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("decks/notetypes/cloze/front.html", "{{cloze:Nope}}", "V806"),
        ("decks/project.toml", "deck = 2026-01-01\n", "V803"),
        ("schema/card.schema.json", '{"properties": {"kind": true}}', "V802"),
        ("decks/notetypes/basic/front.html", "{{Question}", "V806"),
        ("decks/notetypes/cloze/front.html", "{{Text}}", "V806"),
    ],
)
def test_broken_project_files(path: str, text: str, code: str, mini: Path) -> None:
    (mini / path).parent.mkdir(exist_ok=True)
    (mini / path).write_text(text)
    result = run(mini, "check")
    assert result.code == 1
    assert f"error {code}: " in result.out
    assert path in result.out
    no_traceback(result.out)


def test_a_schema_that_the_project_does_not_have_is_the_compilers(mini: Path) -> None:
    for schema in (mini / "schema").glob("*.json"):
        schema.unlink()
    assert run(mini, "check").code == 0
    settings = mini / "decks" / "project.toml"
    settings.write_text("size = 1\n" + settings.read_text("utf-8"), "utf-8")
    assert "decks/project.toml:1:1: error V803: `size`" in run(mini, "check").out


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("epoch = 1790000000", "epoch = 3990000000", "V803"),
        ("epoch = 1790000000", "epoch = 179000000000000000000", "V803"),
        ('path = "all.apkg"', 'path = "../../escaped.apkg"', "V803"),
        ('path = "all.apkg"', 'path = "collection.apkg"', "V803"),
        ('path = "part/{slug}.apkg"', 'path = "part/{slug}{x}.apkg"', "V803"),
        ('path = "all.apkg"', 'path = "service/polly.apkg"', "V804"),
        ("[[package]]", '[[root]]\npath = "cards"\nnamespace = "other"\n\n[[package]]', "V804"),
    ],
)
def test_settings_that_would_do_harm(old: str, new: str, code: str, mini: Path) -> None:
    edit(mini, old, new, SETTINGS)
    result = run(mini, "decks")
    assert result.code == 1
    assert f" {code}: " in result.out
    no_traceback(result.out)
    assert not (mini.parent.parent / "escaped.apkg").exists()


def test_no_project_at_all(tmp_path: Path) -> None:
    result = run(tmp_path, "check")
    assert result.code == 1
    assert result.out.count(" error ") == 1
    assert " error V801: " in result.out
    assert "`./build.py init my-deck`" in result.out
