"""explain: what a code means, why the rule exists, and examples."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click

from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.diagnostics import CODES, codes, find_code
from deckwright.core.errors import UserError
from deckwright.core.suggest import nearest


@click.command(cls=Command)
@click.argument("code", required=False)
@pass_session
def command(session: Session, code: str | None) -> None:
    """Explain an error or warning code, with examples.

    Without CODE, lists all codes. Exits with 2 if there is no such code.

    \b
    ./build.py explain C407    explain one code
    ./build.py explain         list all codes
    """
    if code is None:
        session.write("".join(f"{c.code}  {c.severity:<7}  {c.title}\n" for c in codes().values()))
        return
    known = sorted(folder.name for folder in CODES.iterdir())
    if code.upper() not in known:
        hint = nearest(code.upper(), known) or "`./build.py explain` lists all codes"
        raise UserError(f"there is no code `{code}`", hint)
    session.write("\n".join(_page(code.upper())) + "\n")


def _page(code: str) -> Iterator[str]:
    """The lines about a code."""
    entry = find_code(code)
    yield from (f"{entry.code} ({entry.severity}): {entry.title}", "", entry.why)
    for label, name in (("Wrong", "bad"), ("Right", "good")):
        yield from ("", f"{label}:")
        command = CODES / code / f"{name}.command"
        if command.exists():
            yield from ("", f"  ./build.py {command.read_text('utf-8').strip()}")
        for path, lines in sorted(_example(CODES / code, name).items()):
            yield ""
            if path.name:
                yield from (f"  {path.as_posix()}", "")
            yield from (f"    {line}".rstrip() for line in lines)


def _example(case: Path, name: str) -> dict[Path, list[str]]:
    """The files of one example, as lines by path.

    One card file without a path, or whatever is laid over a project. Symbolic links are
    listed in a file, because a package cannot contain them.
    """
    if not (case / name).is_dir():
        return {Path(): _lines(case / f"{name}.md")}
    found = {
        path.relative_to(case / name): _lines(path)
        for path in (case / name).rglob("*")
        if path.is_file()
    }
    links = case / f"{name}.links"
    for line in links.read_text("utf-8").splitlines() if links.exists() else ():
        path, _, target = line.partition(" -> ")
        found[Path(path)] = [f"(a symbolic link to {target})"]
    return found


def _lines(file: Path) -> list[str]:
    """The text of a file with invisible characters named, or the size of an image."""
    data = file.read_bytes()
    if b"\0" in data:
        return [f"(an image of {len(data):,} bytes)"]
    text = data.decode("utf-8", "backslashreplace").rstrip("\n")
    return "".join(map(_visible, text)).splitlines()


def _visible(character: str) -> str:
    if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf"):
        return f"<U+{ord(character):04X}>"
    return character
