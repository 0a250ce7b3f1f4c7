"""What shells offer after Tab, and the ids and topics among it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from authoring import program
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from conftest import REPO, make_project, run

from deckwright.cli.commands import completion
from deckwright.cli.main import main

# Print what the shell offers for a line.
SHELLS = {
    "bash": """
        COMP_WORDS=($LINE)
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _buildpy_completion ./build.py
        printf "%s\\n" "${COMPREPLY[@]}"
    """,
    "fish": "complete -C $LINE",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_command_lines_and_runs_only_this_build_py(
    shell: str, tmp_path: Path
) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    checkout, other = make_project(tmp_path / "my deck"), tmp_path / "other"
    shutil.copy(REPO / "build.py", checkout)
    (checkout / "deckwright").symlink_to(REPO / "deckwright")
    program(checkout / ".venv/bin/python", f'exec "{sys.executable}" "$@"')
    program(other / "build.py", f"touch '{tmp_path}/was-run'")
    script = completion.script(shell, checkout / "build.py") + SHELLS[shell]

    def offered(folder: Path, line: str) -> list[str]:
        done = subprocess.run(
            [shell, "-c", script],
            cwd=folder,
            env={**os.environ, "LINE": f"./build.py {line}"},
            capture_output=True,
            text=True,
        )
        return [item.split("\t")[0] for item in done.stdout.splitlines()]

    assert offered(checkout, "exp") == ["explain"]
    assert offered(checkout, "push --dry") == ["--dry-run"]
    assert offered(checkout, "push polly-inp") == ["polly-input-length"]
    assert offered(other, "exp") == ["explain"]
    assert not (tmp_path / "was-run").exists()


def test_the_script_is_for_the_program_as_it_was_called() -> None:
    for name, registered in (("deckwright", "deckwright"), ("./build.py", "build.py")):
        done = CliRunner().invoke(main, ["completion", "bash"], prog_name=name)
        assert f"complete -o nosort -F _{registered.replace('.', '')}" in done.stdout
        assert done.stdout.count(f"_completion {registered}\n") == 1
    zsh = completion.script("zsh", REPO / "build.py")
    assert f"{REPO}/build.py" in zsh
    assert "commands[" not in zsh


def offered(folder: Path, *words: str) -> set[str]:
    """What Tab offers in the project in `folder` after these words, the last of which is begun."""
    *args, begun = ["--root", str(folder), *words]
    shell = ShellComplete(main, {}, "./build.py", "_DECKWRIGHT_COMPLETE")
    return {item.value for item in shell.get_completions(args, begun)}


def test_ids_and_topics_are_those_of_the_project_and_the_overlay(mini: Path) -> None:
    assert offered(mini, "push", "polly-p") == {"polly-purpose"}
    assert offered(mini, "new", "--topic", "v") == {"voices"}
    own = ("--overlay", str(mini.parent / "own"))
    assert run(mini, *own, "fork", "My cards").code == 0
    (mini.parent / "own/cards/mine/services").mkdir()
    text = "# Polly\n\n## polly-mine\n"
    (mini.parent / "own/cards/mine/services/polly.md").write_text(text, "utf-8")
    assert offered(mini, *own, "push", "polly-m") == {"polly-mine"}
    (mini / "schema/vocabulary/mini.toml").write_text("not TOML", "utf-8")
    assert offered(mini, "new", "--topic", "v") == set()
