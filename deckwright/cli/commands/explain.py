"""explain: what a code means, why the rule exists, and an example of wrong and right."""

from __future__ import annotations

from pathlib import Path

import click

from deckwright.cli import completers
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.options import complete
from deckwright.core.diagnostics import CODES, codes, find_code
from deckwright.core.suggest import nearest


@click.command(cls=Command)
@click.argument("code", required=False, shell_complete=complete(completers.codes))
@pass_session
def command(session: Session, code: str | None) -> None:
    """Say what a complaint means, with an example of wrong and right.
    Without CODE: list them all. Exit 2 where there is no such code.

    \b
    python build.py explain C407
    python build.py explain                    all of them
    """
    if code is None:
        session.write(_listing())
        return
    known = [folder.name for folder in CODES.iterdir()]
    if code.upper() not in known:
        hint = nearest(code.upper(), sorted(known)) or "explain alone lists them all"
        raise click.UsageError(f"there is no code {code}; {hint}")
    session.write(_page(code.upper()))


def _listing() -> str:
    """All codes, one on a line."""
    return "".join(f"{c.code}  {c.severity:<7}  {c.title}\n" for c in codes().values())


def _page(code: str) -> str:
    entry = find_code(code)
    out = [f"{entry.code} ({entry.severity}): {entry.title}", "", entry.why]
    for label, name in (("Wrong", "bad"), ("Right", "good")):
        out += ["", f"{label}:"]
        for example in _examples(CODES / code, name):
            where = example.relative_to(CODES / code).parts[1:]
            out += ["", *([f"  {'/'.join(where)}", ""] if where else [])]
            out += ["    " + line if line else "" for line in _shown(example)]
    return "\n".join(out) + "\n"


def _examples(case: Path, name: str) -> list[Path]:
    """The files of one example: a card file, or whatever is laid over a project."""
    if (case / name).is_dir():
        return sorted(p for p in (case / name).rglob("*") if p.is_symlink() or p.is_file())
    return [case / f"{name}.md"]


def _shown(example: Path) -> list[str]:
    """An example as lines: the target of a link, the size of a picture, or the text."""
    if example.is_symlink():
        return [f"(a link to {example.readlink()})"]
    data = example.read_bytes()
    if b"\0" in data:
        return [f"(a picture of {len(data)} bytes)"]
    return data.decode("utf-8", "backslashreplace").rstrip("\n").splitlines()
