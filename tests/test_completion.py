"""Tab in the real shells, at a pseudo-terminal, and the ids and topics that it offers."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shlex
import shutil
import sys
import time
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from conftest import REPO, clock_of, make_project, run

from deckwright.cli.commands import completion
from deckwright.cli.main import main

SHELLS = [
    pytest.param(
        name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")
    )
    for name in ("bash", "zsh", "fish")
]
# Ctrl-G prints the line as it stands, so that a test reads it whole and not as a terminal draws it.
SHOW = {
    "bash": """PS1='$ '\nbind -x '"\\C-g": printf "\\n<<<%s>>>\\n" "$READLINE_LINE"'\n""",
    "zsh": "PS1='$ '\nautoload -Uz compinit && compinit -i\nshow() { print -r -- \"<<<$BUFFER>>>\" }\nzle -N show\nbindkey '^G' show\n",  # noqa: E501
    "fish": "function fish_prompt; echo '$ '; end\nbind \\cg 'printf \"\\n<<<%s>>>\\n\" (commandline)'\n",  # noqa: E501
}
RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
START = {"bash": ("--noprofile", "-i"), "zsh": ("-i", "+m"), "fish": ("-i",)}
SECONDS = 30


class Terminal:
    """A shell at a pseudo-terminal, with a script in its start-up file."""

    def __init__(self, shell: str, home: Path, folder: Path, script: str) -> None:
        (home / RC[shell]).parent.mkdir(parents=True, exist_ok=True)
        (home / RC[shell]).write_text(SHOW[shell] + script, "utf-8")
        environment = {
            "HOME": str(home),
            "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
            **clock_of(folder),
        }
        pid, self.screen = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execvpe(shell, [shell, *START[shell]], environment)
        self.pid = pid

    def line(self, typed: str) -> str:
        """The line after Tab, without the blank that a shell puts behind a whole word."""
        seen, end = "", time.monotonic() + SECONDS
        os.write(self.screen, f"{typed}\t\x07".encode())
        while not (shown := re.search(r"<<<(.*?) *>>>\r?\n", seen)):
            assert time.monotonic() < end, seen
            if select.select([self.screen], [], [], 0.2)[0]:
                data = os.read(self.screen, 65536).decode("utf-8", "replace")
                seen += data
                for question, answer in (
                    ("\x1b[c", "\x1b[?62;c"),
                    ("\x1b[0c", "\x1b[?62;c"),
                    ("\x1b[6n", "\x1b[1;1R"),
                ):
                    if question in data:  # what fish asks a terminal
                        os.write(self.screen, answer.encode())
        os.write(self.screen, b"\x15")  # Ctrl-U empties the line
        return shown[1]

    def close(self) -> None:
        os.close(self.screen)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def program(path: Path, *arguments: str) -> None:
    """A program that is the Python of the tests, with arguments in front of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, *arguments])} "$@"\n', "utf-8")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder as people have it: build.py, the compiler, cards, and a .venv."""
    folder = make_project(tmp_path / "my deck")
    shutil.copy(REPO / "build.py", folder)
    (folder / "deckwright").symlink_to(REPO / "deckwright")
    program(folder / ".venv" / "bin" / "python")
    return folder


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_command_lines_and_runs_only_this_build_py(
    shell: str, tmp_path: Path, checkout: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    program(other / "build.py", "-c", f"open({str(tmp_path / 'was-run')!r}, 'w')")
    script = completion.script(shell, checkout / "build.py")
    with contextlib.closing(Terminal(shell, tmp_path / "home", checkout, script)) as terminal:
        for typed, whole in (
            ("exp", "explain"),
            ("push --dry", "push --dry-run"),
            ("push polly-inp", "push polly-input-length"),
            ("check --format git", "check --format github"),
            ("fmt cards/4.2-services/polly.m", "fmt cards/4.2-services/polly.md"),
        ):
            assert terminal.line(f"./build.py {typed}") == f"./build.py {whole}"
    with contextlib.closing(Terminal(shell, tmp_path / "home", other, script)) as terminal:
        assert terminal.line("./build.py exp") == "./build.py explain"
    assert not (tmp_path / "was-run").exists()


def test_the_script_is_for_the_program_as_it_was_called() -> None:
    for name, registered in (("deckwright", "deckwright"), ("./build.py", "build.py")):
        done = CliRunner().invoke(main, ["completion", "bash"], prog_name=name)
        assert f"complete -o nosort -F _{registered.replace('.', '')}" in done.stdout
        assert done.stdout.count(f"_completion {registered}\n") == 1


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
    (mini.parent / "own/cards/mine/4.2-services").mkdir()
    text = "# Polly\n\n## polly-mine\n"
    (mini.parent / "own/cards/mine/4.2-services/polly.md").write_text(text, "utf-8")
    assert offered(mini, *own, "push", "polly-m") == {"polly-mine"}
    (mini / "schema/vocabulary/mini.toml").write_text("not TOML", "utf-8")
    assert offered(mini, "new", "--topic", "v") == set()
