"""explain: what a code means, why the rule exists, and examples."""

from __future__ import annotations

import re
import shutil
import textwrap
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import click

from deckwright.cards.raster import pixels
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.diagnostics import CODES, codes, find_code
from deckwright.core.errors import UserError

_MOST = 20  # lines of a file in an example
_CODE = re.compile(r"(?<!`)`[^`]{1,60}`(?!`)")  # a code span that fits on a line
_ALLOW = " To turn the rule off for one card, add `- allow: {} REASON` to the card's metadata."


@click.command(cls=Command)
@click.argument("code", required=False)
@pass_session
def command(session: Session, code: str | None) -> None:
    """Explain the code of an error, warning, or note.

    Shows an example of the problem and of its fix, from a small invented deck. In examples, …
    stands for omitted lines and → for a tab. A long line continues on the next line, with extra
    indentation that isn't in the file. Without CODE, lists all codes. Exits with 2 if there is
    no such code.

    \b
    ./build.py explain C407    explain one code
    ./build.py explain         list all codes
    """
    if code is None:
        session.write("".join(f"{c.code}  {c.severity:<7}  {c.title}\n" for c in codes().values()))
        return
    known = sorted(folder.name for folder in CODES.iterdir())
    if code.upper() not in known:
        raise UserError(f"there is no code `{code}`", "`./build.py explain` lists all codes")
    session.write("\n".join(part for line in _page(code.upper()) for part in _wrapped(line)) + "\n")


def _wrapped(line: str) -> list[str]:
    """A line as one or more that fit the terminal. Those of an example are indented further."""
    indent = line[: len(line) - len(line.lstrip())]
    width = min(shutil.get_terminal_size().columns, 100)
    more = indent + "  " * bool(indent)
    line = _CODE.sub(lambda span: span[0].replace(" ", "\0"), line)  # spans aren't broken
    lines = textwrap.wrap(line, width, subsequent_indent=more, break_on_hyphens=False) or [""]
    return [part.replace("\0", " ") for part in lines]


def _page(code: str) -> Iterator[str]:
    """The lines about a code."""
    entry = find_code(code)
    why = entry.why + (_ALLOW.format(code) if entry.craft else "")
    yield from (f"{entry.code} ({entry.severity}): {entry.title}", "", *why.splitlines())
    wrong, right = (_example(CODES / code, name) for name in ("bad", "good"))
    for name, files, others in (("bad", wrong, right), ("good", right, wrong)):
        file = CODES / code / f"{name}.command"
        call = f", with `./build.py {file.read_text('utf-8').strip()}`" if file.exists() else ""
        shown = [line for path in sorted(files) for line in _file(path, files[path], others)]
        missing = [f"  {path.as_posix()} (no such file)" for path in sorted({*others} - {*files})]
        yield from ("", f"{'Right' if files is right else 'Wrong'}{call}:", "", *(shown or missing))


def _file(path: Path, lines: list[str], others: dict[Path, list[str]]) -> Iterator[str]:
    """What differs in one file of an example. Of a file that was moved, only the path."""
    moved = path not in others and lines in others.values()
    shown = [] if moved else _differing(lines, others.get(path, []))
    if path.name and (moved or shown):
        yield f"  {path.as_posix()}"
    yield from (f"    {line}".rstrip() for line in shown)


def _differing(lines: list[str], others: list[str]) -> list[str]:
    """The first _MOST lines that the other example doesn't have, with a line around them."""
    near: set[int] = set()
    for tag, start, end, _, _ in SequenceMatcher(None, lines, others, False).get_opcodes():
        if tag != "equal":
            first = max((at for at in range(start) if lines[at]), default=0)
            last = min((at for at in range(end, len(lines)) if lines[at]), default=len(lines) - 1)
            near.update(range(first, last + 1))
    near |= {at for at in range(len(lines)) if {at - 1, at + 1} <= near}
    shown: list[str] = []
    for at in sorted(near):
        shown += ["…", lines[at]] if shown and at - 1 not in near else [lines[at]]
    cut = _MOST - (shown[_MOST - 1] == "…") if len(shown) > _MOST else 0
    return [*shown[:cut], "…"] if cut else shown


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
    """A file's text with invisible characters named and tabs as arrows, or an image's size."""
    data = file.read_bytes()
    if b"\0" in data:
        return ["(an image, {:,} × {:,} pixels)".format(*pixels(data))]
    text = data.decode("utf-8", "backslashreplace").rstrip("\n")
    return "".join(map(_visible, text)).replace("\t", " → ").splitlines()


def _visible(character: str) -> str:
    if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf"):
        return f"<U+{ord(character):04X}>"
    return character
