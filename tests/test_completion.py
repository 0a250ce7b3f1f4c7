"""Tab in the real shells, at a pseudo-terminal, and what the completers find."""

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

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from conftest import REPO, clock_of, make_project, run

from deckwright import pipeline
from deckwright.cli import completers
from deckwright.cli.commands import completion
from deckwright.cli.main import main
from deckwright.project.project import load

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
def test_tab_completes_the_command_lines_of_a_checkout(
    shell: str, tmp_path: Path, checkout: Path
) -> None:
    script = completion.script(shell, checkout / "build.py")
    with contextlib.closing(Terminal(shell, tmp_path / "home", checkout, script)) as terminal:
        for typed, whole in (
            ("exp", "explain"),
            ("push --dry", "push --dry-run"),
            ("push polly-inp", "push polly-input-length"),
            ("retire --successor polly-inp", "retire --successor polly-input-length"),
            ("push --task summ", "push --task summary"),
            ("explain C40", "explain C40"),  # several
            ("explain C407", "explain C407"),
            ("check --format git", "check --format github"),
            ("import 'a b.csv' --to 4.2-services/pol", "import 'a b.csv' --to 4.2-services/polly"),
            ("fmt cards/4.2-services/polly.m", "fmt cards/4.2-services/polly.md"),
            ("--root car", "--root cards/"),
        ):
            assert terminal.line(f"./build.py {typed}") == f"./build.py {whole}"


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_never_runs_somebody_elses_build_py(shell: str, tmp_path: Path, checkout: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    program(other / "build.py", "-c", f"open({str(tmp_path / 'was-run')!r}, 'w')")
    script = completion.script(shell, checkout / "build.py")
    with contextlib.closing(Terminal(shell, tmp_path / "home", other, script)) as terminal:
        assert terminal.line("./build.py exp") == "./build.py explain"
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_the_installed_command(shell: str, tmp_path: Path, mini: Path) -> None:
    start = f"import sys; sys.path.insert(0, {str(REPO)!r}); sys.argv[0] = 'deckwright'"
    run_main = "from deckwright.cli.main import main; main()"
    program(tmp_path / "home" / "bin" / "deckwright", "-c", f"{start}; {run_main}")
    script = completion.script(shell, None)
    with contextlib.closing(Terminal(shell, tmp_path / "home", mini, script)) as terminal:
        assert terminal.line("deckwright push polly-inp") == "deckwright push polly-input-length"


def test_the_script_is_for_the_program_as_it_was_called(tmp_path: Path) -> None:
    for name, registered in (("deckwright", "deckwright"), ("./build.py", "build.py")):
        done = CliRunner().invoke(main, ["completion", "bash"], prog_name=name)
        assert f"complete -o nosort -F _{registered.replace('.', '')}" in done.stdout
        assert done.stdout.count(f"_completion {registered}\n") == 1


def offered(folder: Path, *words: str) -> list[str]:
    """What Tab offers in the project in `folder` after these words, the last of which is begun."""
    *args, begun = ["--root", str(folder), *words]
    return [
        item.value
        for item in ShellComplete(main, {}, "./build.py", "_DECKWRIGHT_COMPLETE").get_completions(
            args, begun
        )
    ]


def test_values_are_those_of_the_project(mini: Path, tmp_path: Path) -> None:
    known = load(mini).values[0].vocabulary
    ids = [name for path in sorted((mini / "cards").rglob("*.md")) for name in card_ids(path)]
    assert len(ids) == 9
    assert sorted(offered(mini, "retire", "")) == sorted(ids)
    assert offered(mini, "push", "polly-input-length", "polly-input") == []  # not twice
    assert offered(mini, "push", "--service", "") == list(known.services)
    assert offered(mini, "push", "--task", "") == list(known.tasks)
    assert set(offered(mini, "find", "")) == {*ids, *known.topics, *known.services}
    assert offered(mini, "import", "x.csv", "--topic", "") == list(known.topics)
    fitting = [topic.slug for topic in known.topics.values() if topic.task == "4.2"]
    assert offered(mini, "import", "x.csv", "--to", "4.2-services/polly", "--topic", "") == fitting
    assert offered(mini, "import", "x.csv", "--to", "4.2-services/") == [
        f"4.2-services/{name}" for name in known.services
    ]
    assert offered(mini, "import", "x.csv", "--in", "") == ["cards"]
    assert offered(mini, "new", "--task", "4.2", "--topic", "") == fitting
    assert offered(mini, "new", "--kind", "") == list(known.kinds)
    assert offered(mini, "new", "--type", "") == ["basic", "cloze", "multiple-choice"]
    assert offered(mini, "mv", "polly-input-length", "cards/4.2-services/") == sorted(
        path.relative_to(mini).as_posix() for path in mini.glob("cards/4.2-services/**/*.md")
    )
    assert [one.word for one in completers.kinds(mini, None)] == list(known.kinds)
    assert "C407" in offered(mini, "explain", "C4")
    (mini / "schema" / "vocabulary" / "data.toml").write_text(
        '[[data]]\nname = "beds"\ntitle = "Beds"\npackage = "pytest"\nfile = "pytest/py.typed"\n',
        "utf-8",
    )
    assert offered(mini, "evidence", "") == ["beds"]


def card_ids(path: Path) -> list[str]:
    return [line[3:] for line in path.read_text("utf-8").splitlines() if line.startswith("## ")]


def test_cards_of_an_overlay_are_offered(mini: Path, tmp_path: Path) -> None:
    assert run(mini, "--overlay", str(tmp_path / "own"), "fork", "My cards").code == 0
    home = tmp_path / "own" / "cards" / "mine" / "4.2-services"
    home.mkdir(parents=True)
    (home / "polly.md").write_text("# Polly\n\n## my-own\n\nbroken, but there\n", "utf-8")
    assert offered(mini, "--overlay", str(tmp_path / "own"), "push", "my-") == ["my-own"]
    assert offered(mini, "push", "my-") == []


def test_cards_are_those_that_the_compiler_finds_whatever_stands_in_code(mini: Path) -> None:
    page = mini / "cards" / "4.1-reliability" / "s3.md"
    page.write_text(
        page.read_text("utf-8")
        + "\n```text\n## s3-in-code\n```\n\n  ## s3-indented ##\n\n- kind: concept\n",
        "utf-8",
    )
    assert offered(mini, "retire", "s3-in") == ["s3-indented"]
    page.write_text("# S3\n\n~~~\n## s3-in-code\n~~~\n", "utf-8")
    assert "cards/4.1-reliability/s3.md" not in offered(mini, "mv", "cards/")


def test_the_commands_take_what_is_offered_of_an_overlay_elsewhere(
    mini: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    assert run(tmp_path, "--root", str(mini), "--overlay", str(own), "fork", "My cards").code == 0
    told = ["--topic", "voices", "--service", "polly", "--kind", "concept", "--type", "basic"]
    here = ["--root", str(mini), "--overlay", str(own)]
    roots = offered(mini, "--overlay", str(own), "new", "--in", "")
    assert roots[0] == "cards"
    assert offered(mini, "--overlay", str(own), "import", "x.csv", "--in", "") == roots
    done = run(tmp_path, *here, "new", *told, "--in", roots[1], "--id", "my-voice")
    assert done.code == 0, done.err
    card = own / "cards" / "mine" / "4.2-services" / "polly.md"
    assert card_ids(card) == ["my-voice"]
    (mini / "cards" / "README.md").write_text("# Cards\n\n## no-card\n", "utf-8")
    (path,) = [
        word
        for word in offered(mini, "--overlay", str(own), "mv", "")
        if word.endswith(".md") and word.startswith(roots[1])
    ]
    done = run(tmp_path, *here, "mv", path, path.replace("polly.md", "polly/talk.md"))
    assert done.code == 0, done.err
    assert card_ids(own / "cards" / "mine" / "4.2-services" / "polly" / "talk.md") == ["my-voice"]
    assert "no-card" not in offered(mini, "retire", "")


def test_no_card_is_parsed_and_nothing_is_checked(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("somebody waits with a finger on Tab")

    monkeypatch.setattr("deckwright.markdown.parse", never)
    monkeypatch.setattr("deckwright.cards.parse.parse", never)
    monkeypatch.setattr("deckwright.project.toml_file.Reader.table", never)
    monkeypatch.setattr(pipeline, "check", never)
    for words in (
        ["retire", ""],
        ["find", ""],
        ["push", "--service", ""],
        ["import", "x", "--to", ""],
        ["explain", ""],
    ):
        assert offered(mini, *words)


def test_where_nothing_can_be_read_nothing_is_offered(mini: Path, tmp_path: Path) -> None:
    assert offered(tmp_path / "nowhere", "retire", "") == []
    assert offered(tmp_path / "nowhere", "push", "--service", "") == []
    (mini / "decks" / "project.toml").write_text("[[root", "utf-8")
    (mini / "schema" / "vocabulary" / "mini.toml").write_bytes(b"\xff\n[[service]]\nslug = 3\n")
    for words in (
        ["retire", ""],
        ["push", "--service", ""],
        ["import", "x", "--topic", ""],
        ["evidence", ""],
    ):
        assert offered(mini, *words) == []


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def test_every_word_that_is_no_text_of_its_own_is_completed() -> None:
    """A parameter without a completer is text that only its writer knows."""
    own = {
        ("evidence", "words"),
        ("fork", "name"),
        ("import", "name"),
        ("init", "title"),
        ("new", "card_id"),
        ("new", "words"),
        ("push", "url"),
        ("release", "version"),
        ("retire", "reason"),
    }
    plain = {
        (name, parameter.name)
        for name in main.commands
        for parameter in command(name).params
        if isinstance(parameter.type, click.types.StringParamType)
        and parameter._custom_shell_complete is None
    }
    assert plain == own
