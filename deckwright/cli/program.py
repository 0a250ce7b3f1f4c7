"""The program's name, as texts write it and as the user called it."""

from __future__ import annotations

import click

NAME = "./build.py"  # in every text of the compiler that names a command to type


def as_called(text: str, context: click.Context | None = None) -> str:
    """A text that names the program as it was called: `./build.py` or `deckwright`."""
    context = context or click.get_current_context()
    return text.replace(NAME, context.find_root().info_name or NAME)
