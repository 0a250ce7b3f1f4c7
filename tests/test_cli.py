"""The command line as people and programs use it."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from authoring import program
from click.testing import CliRunner
from conftest import REPO, edit, run, run_process

from deckwright.cli.commands import GROUPS, SUMMARIES
from deckwright.cli.main import main

BAD = """# Amazon Polly

## polly-a

- kind: qouta
- topic: voices
- chekced: 2026-10

Polly takes <b>{{c1::3,000}}</b> characters.
"""
HOME = "cards/services/polly.md"


@pytest.fixture
def bad(bare: Path) -> Path:
    """A project with four errors in one card."""
    (bare / HOME).parent.mkdir(parents=True)
    (bare / HOME).write_text(BAD, "utf-8")
    return bare


def test_every_error_is_reported_in_one_run_in_the_order_of_place(bad: Path) -> None:
    result = run(bad, "check")
    assert result.code == 1
    assert re.findall(r"(?m)^(\S+): error (\w+): ", result.out) == [
        (f"{HOME}:5:9", "S307"),
        (f"{HOME}:7:3", "S301"),
        (f"{HOME}:9:13", "P211"),
        (f"{HOME}:9:29", "P211"),
    ]
    assert result.err == "1 card in 1 file: 4 errors\n"
    above = run(bad.parent, "--root", "bare", "check")
    assert above.out.startswith(f"bare/{HOME}:5:9: ")  # a path from the current folder


def test_programs_get_the_same_errors(bad: Path, mini: Path) -> None:
    found = json.loads(run(bad, "check", "--format", "json").out)["diagnostics"]
    assert [d["code"] for d in found] == ["S307", "S301", "P211", "P211"]
    assert {"path": HOME, "line": 5, "column": 9, "end_column": 14}.items() <= found[0].items()
    assert {"severity", "message", "help", "end_line", "related"} <= found[0].keys()
    nothing = {"format": 1, "diagnostics": []}
    assert json.loads(run(mini, "check", "--format", "json").out) == nothing
    first = run(bad, "check", "--format", "github").out.splitlines()[0]
    assert first.startswith(f"::error file={HOME},line=5,endLine=5,col=9,endColumn=14,title=S307::")
    assert "%0Ahelp: " in first


def test_the_exit_code_of_the_process_tells_errors_from_wrong_arguments(
    bad: Path, mini: Path
) -> None:
    assert run_process(bad, "check").returncode == 1
    assert run_process(mini, "check").returncode == 0
    for line in ("chek", "check --format xml", "fmt no/such/file.md", "--root nowhere check"):
        assert run_process(mini, *line.split()).returncode == 2
    assert "'check'" in run(mini, "chek").err


EXAMPLE = re.compile(r"(?m)^ *\./build\.py (.+?)(?:  .*| >>? \S+)?$")


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def examples(text: str) -> list[list[str]]:
    """The command lines in a help text, as the shell joins and cuts them."""
    return [shlex.split(found) for found in EXAMPLE.findall(re.sub(r"\\\n\s+", "", text))]


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_with_examples_that_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for folder in ("here", "new", "old"):  # what examples name and click looks for
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    result = run(tmp_path / "here", name, "--help")
    assert result.code == 0
    found = examples(command(name).help or "")
    assert found
    for line in found:
        with main.make_context("./build.py", list(line)) as context:
            rest = [*context._protected_args, *context.args]
            called, found_command, rest = main.resolve_command(context, rest)
            assert called == name
            assert found_command is not None
            found_command.make_context(name, rest, parent=context).close()  # no UsageError
        shown = "./build.py " + " ".join(line[: line.index(name) + 1])
        assert shown in " ".join(result.out.split())


def test_the_first_help_shows_each_command_once_and_all_exit_codes() -> None:
    lines = CliRunner().invoke(main, ["--help"], terminal_width=80).output.splitlines()
    titles = [line[:-1] for line in lines if re.fullmatch(r"[A-Z][a-z ]+:", line)]
    assert titles[:-1] == list(GROUPS)
    width = max(map(len, SUMMARIES))
    for name, summary in SUMMARIES.items():
        assert lines.count(f"  {name:<{width}}  {summary}") == 1
        assert len(summary) < 60
        assert (command(name).help or "").startswith(f"{summary}\n\n")
    assert all(line[0] in main.commands for line in examples(main.help or ""))
    epilog = " ".join((main.epilog or "").split())
    for code in ("0 Success", "1 The cards", "2 Invalid arguments", "130 Interrupted"):
        assert code in epilog
    exits = re.compile(r"(?i)\bexits?\s+(with\s+)?[12]\b")
    silent = {name for name in main.commands if not exits.search(command(name).help or "")}
    assert silent == {"completion", "stale"}


def test_the_first_help_and_the_names_at_tab_need_no_library() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(REPO)!r}); from deckwright.cli.main import main\n"
        "try: main(prog_name='deckwright')\n"
        "finally: print({name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    tab = {"_DECKWRIGHT_COMPLETE": "bash_complete", "COMP_WORDS": "x re", "COMP_CWORD": "1"}
    for arguments, more in ((["--help"], {}), ([], tab)):
        command = [sys.executable, "-c", script, *arguments]
        env = {**os.environ, **more}
        done = subprocess.run(command, capture_output=True, text=True, env=env)
        assert "release" in done.stdout
        loaded = ast.literal_eval(done.stderr)
        assert not loaded & {"jsonschema", "markdown_it", "genanki", "tomllib", "json"}


@pytest.mark.parametrize("name", ["../deck/build.py", "deckwright"])
def test_texts_name_the_program_as_it_was_called(
    mini: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(mini)
    shown = [
        CliRunner().invoke(main, arguments, prog_name=name).output
        for arguments in (["fmt", "-h"], ["-h"], ["explain", "F902"], ["--overlay", "x", "check"])
    ]
    assert [text for text in shown if "./build.py" in text] == []
    assert all(f"{name} " in text for text in shown)


def test_the_version_is_shown_without_a_project(tmp_path: Path) -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    assert run(tmp_path, "--version").out == f"deckwright {project['version']}\n"


@pytest.fixture
def checkout(mini: Path) -> Path:
    """The mini project with build.py and the compiler, but without the libraries."""
    shutil.copy(REPO / "build.py", mini)
    (mini / "deckwright").symlink_to(REPO / "deckwright")
    return mini


def build_py(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, str(folder / "build.py"), "explain", "C407"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=20)


def test_build_py_without_libraries_takes_the_environment_or_says_how_to_make_it(
    checkout: Path,
) -> None:
    own = checkout / ".venv" / "bin" / "python"
    for text in ("", f'exec "{sys.executable}" -S "$@"'):  # none, or one without libraries
        if text:
            program(own, text)
        done = build_py(checkout, "-S")
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "`make decks`" in done.stderr
    program(own, f'exec "{sys.executable}" "$@"')
    assert "C407" in build_py(checkout, "-S").stdout
    program(own, "echo another Python")
    assert "C407" in build_py(checkout).stdout  # it stays where it was started


def test_the_makefile_tells_old_pythons_and_missing_ones(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(REPO / name, tmp_path)
    shutil.copytree(REPO / "requirements", tmp_path / "requirements")
    old, bare = tmp_path / "python-old", tmp_path / "python-without-venv"
    program(old, "exit 1")
    program(bare, 'case "$2" in *ensurepip*) exit 1;; esac\nexit 0')
    for python, said in (
        (old, "is not Python 3.11 or newer"),
        ("", "needs Python 3.11 or newer"),
        (bare, "venv module"),
    ):
        command = ["make", "decks", f"PYTHON={python}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") <= 2


@pytest.mark.parametrize("name", ["install", "build", "test", "data"])
def test_requirement_files_are_pinned_hashed_and_name_no_host(name: str) -> None:
    text = (REPO / "requirements" / f"{name}.txt").read_text()
    assert not re.search("://|--index", text)
    named = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line for line in named)
    assert text.count("--hash=sha256:") > text.count("==")


@pytest.mark.parametrize("arguments", [("coverage",), ("--help",), ("completion", "bash")])
def test_a_full_disk_behind_the_output_is_reported(mini: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, str(REPO / "build.py"), "--root", str(mini), *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no space" in done.stderr


def test_no_character_ends_a_run_in_a_pipe_with_a_small_encoding(mini: Path) -> None:
    edit(mini, "- topic:", "- topic→漢:", count=-1)
    done = run_process(mini, "check", env={**os.environ, "PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 1
    assert "- topic??" in done.stdout
    assert "Traceback" not in done.stderr


def test_lists_of_codes_and_options_fit_any_deck(mini: Path) -> None:
    """The examples of single codes and commands are about the deck of this repository."""
    options = (run(mini, name, "--help").out.partition("\nOptions:")[2] for name in SUMMARIES)
    for text in (run(mini, "explain").out, run(mini, "--help").out, *options):
        assert not re.findall(r"(?i)\b(?:aws|amazon|quota|pricing|lex|exam task, such)\b", text)
