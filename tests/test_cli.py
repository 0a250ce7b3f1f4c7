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
from click.testing import CliRunner
from conftest import REPO, make_project, run, run_process

from deckwright.cli.commands import GROUPS, SUMMARIES
from deckwright.cli.main import main

BAD = "# Amazon Polly\n\n## polly-a\n\n- kind: qouta\n- topic: voices\n- chekced: 2026-10\n\nPolly takes <b>{{c1::3,000}}</b> characters.\n"  # noqa: E501


def bad_project(folder: Path) -> Path:
    project = make_project(folder, cards=False)
    home = project / "cards" / "4.2-services"
    home.mkdir(parents=True)
    (home / "polly.md").write_text(BAD)
    return project


def test_everything_wrong_is_said_in_one_run_sorted_by_place(tmp_path: Path) -> None:
    result = run(bad_project(tmp_path / "p"), "check")
    assert result.code == 1
    assert re.findall(r"(?m)^(\S+): error (\w+): ", result.out) == [
        ("cards/4.2-services/polly.md:5:9", "S307"),
        ("cards/4.2-services/polly.md:7:3", "S301"),
        ("cards/4.2-services/polly.md:9:13", "P211"),
        ("cards/4.2-services/polly.md:9:29", "P211"),
    ]
    helps = "".join(re.findall(r"(?m)^  help: .*", result.out))
    assert {"`quota`", "`checked`"} <= set(re.findall("`.*?`", helps))
    assert result.err == "1 card in 1 file: 4 errors\n"


def test_carets_stand_under_the_range(tmp_path: Path) -> None:
    out = run(bad_project(tmp_path / "p"), "check").out.splitlines()
    at = next(n for n, line in enumerate(out) if "S307" in line)
    line, caret = out[at + 1], out[at + 2]
    assert line[caret.index("^") : caret.rindex("^") + 1] == "qouta"


def test_json_holds_the_same_complaints(tmp_path: Path) -> None:
    project = bad_project(tmp_path / "p")
    found = json.loads(run(project, "check", "--format", "json").out)
    assert [d["code"] for d in found] == ["S307", "S301", "P211", "P211"]
    first = found[0]
    assert (first["path"], first["line"], first["column"], first["end_column"]) == (
        "cards/4.2-services/polly.md",
        5,
        9,
        14,
    )
    assert set(first) == {
        "code",
        "severity",
        "message",
        "help",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "related",
    }
    assert json.loads(run(make_project(tmp_path / "good"), "check", "--format", "json").out) == []


def test_annotations_for_a_code_host(tmp_path: Path) -> None:
    out = run(bad_project(tmp_path / "p"), "check", "--format", "github").out
    assert out.startswith(
        "::error file=cards/4.2-services/polly.md,line=5,endLine=5,col=9,endColumn=14,title=S307::"
    )
    assert "%0Ahelp: " in out.splitlines()[0]


def test_paths_lead_there_from_the_current_folder(tmp_path: Path) -> None:
    project = bad_project(tmp_path / "deep" / "p")
    result = run(tmp_path, "--root", "deep/p", "check")
    place = next(line for line in result.out.splitlines() if "S307" in line).split(":")[0]
    assert (tmp_path / place).exists()
    assert project.exists()


def test_a_clean_project(mini: Path) -> None:
    result = run(mini, "check")
    assert (result.code, result.out) == (0, "")
    assert result.err == "9 cards in 4 files: no problems\n"


def test_decks_says_what_it_made_and_that_it_is_a_draft(mini: Path, tmp_path: Path) -> None:
    result = run(mini, "decks", "--out", str(tmp_path / "out"))
    assert result.code == 0
    assert "8 packages with 9 notes (11 cards in Anki)" in result.err
    assert "draft" in result.err
    assert " 9 cards, 3 " in (tmp_path / "out" / "DRAFT.md").read_text("utf-8")
    assert not (mini / "dist").exists()


def test_usage_errors_exit_2(mini: Path) -> None:
    assert run(mini, "nonsense").code == 2
    assert run(mini, "check", "--format", "xml").code == 2
    assert run(mini, "fmt", "no/such/file.md").code == 2


EXAMPLE = re.compile(
    r'(?m)^ *\./build\.py (.+?)(?:  .*| >>? \S+)?$|^ *git config \S+ "\./build\.py (.+)"$'
)


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def examples(text: str) -> list[list[str]]:
    """The command lines in a help text, as the shell cuts them, without what they are said to do."""  # noqa: E501
    return [shlex.split("".join(found)) for found in EXAMPLE.findall(text)]


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_with_examples_that_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "here").mkdir()
    for folder in ("mirror", "old"):  # what examples name and click looks for
        (tmp_path / folder).mkdir()
    for file in ("%O", "%A", "%B"):
        (tmp_path / "here" / file).touch()
    monkeypatch.chdir(tmp_path / "here")
    result = run(tmp_path / "here", name, "--help")
    assert result.code == 0
    found = examples(command(name).help or "")
    assert found
    for line in found:
        assert name in line
        with main.make_context("./build.py", list(line)) as context:
            called, found_command, rest = main.resolve_command(
                context, [*context._protected_args, *context.args]
            )
            assert called == name
            assert found_command is not None
            found_command.make_context(
                name, rest, parent=context
            ).close()  # UsageError where it cannot be typed
        shown = "./build.py " + " ".join(line[: line.index(name) + 1])
        assert shown in " ".join(result.out.split()), (
            "the help does not show it on a line of its own"
        )


def test_the_first_help_names_commands_that_there_are_and_all_exit_codes() -> None:
    found = examples(main.help or "")
    assert len(found) > 5
    assert all(line[0] in main.commands for line in found)
    assert [
        code
        for code in ("0 Success", "1 The cards", "2 Invalid arguments", "130 Interrupted")
        if code not in " ".join((main.epilog or "").split())
    ] == []


def test_help_says_what_exit_code_1_and_2_mean_where_they_mean_more_than_everywhere() -> None:
    silent = {
        name
        for name in main.commands
        if not re.search(r"(?i)\bexits?\s+(with\s+)?[12]\b", command(name).help or "")
    }
    assert silent == {"completion", "stale", "stats"}


def test_the_first_help_shows_each_command_once_on_a_line_of_its_own() -> None:
    lines = CliRunner().invoke(main, ["--help"], terminal_width=80).output.splitlines()
    assert [line[:-1] for line in lines if re.fullmatch(r"[A-Z][a-z ]+:", line)][:-1] == list(
        GROUPS
    )
    for name, summary in SUMMARIES.items():
        assert lines.count(f"  {name:<10}  {summary}") == 1
        assert len(summary) < 60
        assert (command(name).help or "").startswith(f"{summary}\n\n")


def test_the_first_help_and_the_names_at_tab_need_no_library() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(REPO)!r}); from deckwright.cli.main import main\n"
        "try: main(prog_name='deckwright')\n"
        "finally: print({name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    tab = {
        "_DECKWRIGHT_COMPLETE": "bash_complete",
        "COMP_WORDS": "deckwright re",
        "COMP_CWORD": "1",
    }
    for arguments, environment in ((["--help"], {}), ([], tab)):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
        )
        assert "release" in done.stdout
        loaded = ast.literal_eval(done.stderr)
        assert not loaded & {"jsonschema", "markdown_it", "genanki", "tomllib", "json"}


def test_the_values_of_every_command_are_completed_without_the_large_libraries() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(REPO)!r}); from deckwright.cli.main import main\n"
        "for name in main.commands: main.get_command(None, name)\n"
        "print({name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    loaded = ast.literal_eval(done.stdout)
    assert not loaded & {
        "genanki",
        "jinja2",
        "jsonschema",
        "latex2mathml",
        "markdown_it",
        "pygments",
    }


@pytest.mark.parametrize("name", ["../deck/build.py", "deckwright"])
def test_texts_name_the_program_as_it_was_called(
    mini: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(mini)
    shown = [
        CliRunner().invoke(main, arguments, prog_name=name).output
        for arguments in (["mv", "-h"], ["-h"], ["explain", "F902"], ["--overlay", "x", "check"])
    ]
    assert [text for text in shown if "./build.py" in text] == []
    assert all(f"{name} " in text for text in shown)


def test_the_version_is_shown_without_a_project(tmp_path: Path) -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    assert run(tmp_path, "--version").out == f"deckwright {project['version']}\n"


def test_a_command_that_is_misspelled_is_suggested(mini: Path) -> None:
    assert "'check'" in run(mini, "chek").err


def test_build_py_is_a_process_with_exit_codes(tmp_path: Path) -> None:
    project = bad_project(tmp_path / "p")
    assert run_process(project, "check").returncode == 1
    assert run_process(project, "nonsense").returncode == 2
    assert run_process(make_project(tmp_path / "good"), "check").returncode == 0


def test_build_py_without_its_packages_takes_those_of_make_decks_or_says_what_to_do(
    tmp_path: Path,
) -> None:
    (tmp_path / "build.py").write_text((REPO / "build.py").read_text("utf-8"), "utf-8")
    (tmp_path / "deckwright").symlink_to(REPO / "deckwright")
    bare = [sys.executable, "-S", "-E", str(tmp_path / "build.py"), "explain", "C407"]
    done = subprocess.run(bare, capture_output=True, text=True)
    assert done.returncode == 1
    assert "`make decks`" in done.stderr
    assert "Traceback" not in done.stderr
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8"
    )
    (tmp_path / ".venv" / "bin" / "python").chmod(0o755)
    done = subprocess.run(bare, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "C407" in done.stdout


def test_build_py_keeps_to_the_environment_that_it_was_started_in(tmp_path: Path) -> None:
    (tmp_path / "build.py").write_text((REPO / "build.py").read_text("utf-8"), "utf-8")
    (tmp_path / "deckwright").symlink_to(REPO / "deckwright")
    other = tmp_path / ".venv" / "bin" / "python"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\necho another Python\n", "utf-8")
    other.chmod(0o755)
    command = [sys.executable, str(tmp_path / "build.py"), "explain", "C407"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "C407" in done.stdout


def test_the_makefile_tells_old_pythons_and_missing_ones(tmp_path: Path) -> None:
    import shutil

    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(REPO / name, tmp_path)
    shutil.copytree(REPO / "requirements", tmp_path / "requirements")
    old = tmp_path / "python-old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "decks", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "is not Python 3.11 or newer" in done.stderr
    done = subprocess.run(
        ["make", "decks", "PYTHON="], cwd=tmp_path, capture_output=True, text=True
    )
    assert "needs Python 3.11 or newer" in done.stderr
    no_venv = tmp_path / "python-without-venv"
    no_venv.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexit 0\n')
    no_venv.chmod(0o755)
    done = subprocess.run(
        ["make", "decks", f"PYTHON={no_venv}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert "venv module" in done.stderr
    assert done.stderr.count("\n") <= 2


def test_requirement_files_are_pinned_hashed_and_name_no_host() -> None:
    for name in ("install", "build", "test", "data"):
        text = (REPO / "requirements" / f"{name}.txt").read_text()
        assert "://" not in text
        assert "--index" not in text
        for block in text.split("\n\n"):
            for line in block.splitlines():
                if line and not line.startswith((" ", "#")):
                    assert "==" in line
        assert text.count("--hash=sha256:") > text.count("==")


def test_a_python_without_the_libraries_takes_the_environment_or_says_how_to_make_it(
    mini: Path,
) -> None:
    shutil.copy(REPO / "build.py", mini)
    (mini / "deckwright").symlink_to(REPO / "deckwright")
    command = [sys.executable, "-S", str(mini / "build.py"), "--root", str(mini), "check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "`make decks`" in done.stderr
    (mini / ".venv").symlink_to(sys.prefix)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [("stats",), ("--help",), ("completion", "bash")])
def test_a_full_disk_behind_the_output_is_reported(mini: Path, arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, str(REPO / "build.py"), "--root", str(mini), *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no space" in done.stderr


def test_an_environment_without_the_libraries_is_tried_once(mini: Path) -> None:
    shutil.copy(REPO / "build.py", mini)
    (mini / "deckwright").symlink_to(REPO / "deckwright")
    own = mini / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n', "utf-8"
    )  # as a link to the system's Python, no venv
    own.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-S", str(mini / "build.py"), "check"],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "`make decks`" in done.stderr


def test_no_character_ends_a_run_in_a_pipe_with_a_small_encoding(mini: Path) -> None:
    file = mini / "cards/4.2-services/polly.md"
    file.write_text(file.read_text("utf-8").replace("- topic:", "- topic→漢:", 1), "utf-8")
    command = [sys.executable, str(REPO / "build.py"), "--root", str(mini), "check"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, capture_output=True, env=environment)
    assert done.returncode == 1
    assert b"- topic??" in done.stdout
    assert b"Traceback" not in done.stderr


def test_lists_of_codes_and_options_fit_any_deck(mini: Path) -> None:
    """The examples of single codes and commands are about the deck of this repository."""
    options = (run(mini, name, "--help").out.partition("\nOptions:")[2] for name in SUMMARIES)
    for text in (run(mini, "explain").out, run(mini, "--help").out, *options):
        assert not re.findall(r"(?i)\b(?:aws|amazon|quota|pricing|lex|exam task, such)\b", text)
