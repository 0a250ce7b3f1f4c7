"""completion: the script that makes a shell complete command lines with Tab."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from deckwright.cli.context import Command, Session, pass_session

VARIABLE = "_DECKWRIGHT_COMPLETE"  # what the script asks click with
CHECKOUT = Path(__file__).resolve().parents[3] / "build.py"


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@pass_session
def command(session: Session, shell: str) -> None:
    """Print a shell completion script.

    To set it up, run the line for your shell once, and then open a new shell. After that, the
    Tab key completes commands, options, files, card IDs, and topics.

    \b
    ./build.py completion bash >> ~/.bashrc
    ./build.py completion zsh >> ~/.zshrc
    ./build.py completion fish > ~/.config/fish/conf.d/deckwright.fish
    """
    name = click.get_current_context().find_root().info_name or ""
    session.write(script(shell, None if name == "deckwright" else CHECKOUT))


def script(shell: str, program: Path | None) -> str:
    """Click's script for the installed command, or for the file `program`.

    The shell then completes every file of that name, but runs only this one: another
    project's build.py must not run because somebody presses Tab.
    """
    shell_class = get_completion_class(shell)
    assert shell_class is not None
    name = program.name if program else "deckwright"
    text = shell_class(click.Command(name), {}, name, VARIABLE).source()
    if program is None:
        return text
    text = re.sub(r"(?m)^.*\$\+commands\[.*\n", "", text)  # zsh looks for it on the PATH
    run = re.compile(rf"(_complete|\(commandline -t\)) (?:\$1|{re.escape(name)})\)")
    return run.sub(lambda found: f"{found[1]} {shlex.quote(str(program))})", text)
