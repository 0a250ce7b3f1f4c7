"""The program's name, as texts write it and as the user called it, and its version."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

NAME = "./build.py"  # in every text of the compiler that names a command to type

_CHECKOUT = Path(__file__).parent.parent.parent  # in a wheel, the folder of all libraries


def as_called(text: str, context: click.Context | None = None, annotations: bool = False) -> str:
    """A text that names the program as it was called: `./build.py` or `deckwright`.

    On a code host, its runner finds no commands in the text but the wanted `annotations`.
    """
    context = context or click.get_current_context()
    text = text.replace(NAME, context.find_root().info_name or NAME)
    if "GITHUB_ACTIONS" in os.environ:  # `##[…]` counts anywhere, `::…::` at the start of a line
        begin = r"##\[" if annotations else r"##\[|(?m:^|\r)\s*::"
        text = re.sub(begin, lambda found: f"{found[0][:-1]}\\u{ord(found[0][-1]):04x}", text)
    return text


def help_as_called(text: str, context: click.Context) -> str:
    """The help of a command, with a note if it names documents that a wheel doesn't have."""
    text = re.sub(r"\s+\[1<=x<=\d+\]", "", text)  # click's note on a range
    if "docs/" in text and not (_CHECKOUT / "docs").is_dir():
        text += "\n\nThe folder docs/ is in the repository of deckwright."
    return as_called(text, context)


def version() -> str:
    """The version that the metadata of the installed package has; in a checkout, pyproject.toml.

    A checkout can run without being installed, or next to another version that is.
    """
    import tomllib
    from importlib import metadata

    settings = _CHECKOUT / "pyproject.toml"
    if settings.is_file():
        project = tomllib.loads(settings.read_text("utf-8")).get("project", {})
        if project.get("name") == "deckwright":
            return str(project["version"])
    return metadata.version("deckwright")
