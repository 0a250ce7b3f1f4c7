"""fmt: format card files, if they still compile to the same."""

from __future__ import annotations

import sys
from itertools import zip_longest
from pathlib import Path

import click

from deckwright.cards.discover import discover
from deckwright.cards.formatter import formatted
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.paths import named
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.errors import UserError
from deckwright.core.files import replace_file
from deckwright.core.source import Source
from deckwright.core.wording import count, reason
from deckwright.project import project


@click.command(cls=Command)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Change nothing. List the files that need formatting, and exit with 1 if there are any.",
)
@options.form
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@pass_session
def command(session: Session, only_check: bool, form: str, paths: tuple[Path, ...]) -> None:
    """Put card files into the standard format.

    PATHS are card files or folders. Default: all card files.

    Puts the metadata lines in the standard order, and makes blank lines, bullets, and
    indentation uniform. Never changes words or line breaks within text. Files with structural
    errors (such as a card without an ID or a code block that isn't closed) are reported and
    skipped.

    Exits with 1 if a file has structural errors. With --check, also exits with 1 if a file
    needs formatting. Exits with 2 if a path matches no card file.

    \b
    ./build.py fmt                                  format all card files
    ./build.py fmt cards/security/kms/numbers.md    format one file
    ./build.py fmt --check                          list unformatted files
    """
    loaded = project.load(session.root, session.overlay)
    if loaded.value is None:
        session.report(loaded.diagnostics, form)
        sys.exit(1)
    discovered = discover(loaded.value)
    sources = {source.path: source for source in discovered.value.sources}
    wanted, unknown = named(session.root, paths, sources) if paths else (tuple(sources), ())
    if unknown:
        help_line = "name a card file or a folder of card files"
        raise UserError(f"there is no card file at {' or '.join(unknown)}", help_line)
    keys = tuple(loaded.value.card_schema.properties)
    diagnostics = [d for d in discovered.diagnostics if not paths or d.span.path in wanted]
    changed: list[str] = []
    for path in wanted:
        text, problems = formatted(sources[path], keys)
        diagnostics += problems
        if text is None or text.encode() == (session.root / path).read_bytes():
            continue
        changed.append(path)
        if only_check:
            diagnostics.append(_not_formatted(sources[path], text))
        else:
            _write(session, path, text)
    session.report(tuple(diagnostics), form)
    if form == "text":
        verb = "not in the standard format" if only_check else "changed"
        listed = "".join(f"\n  {path}" for path in changed)
        session.say(f"{count(len(wanted), 'file')} checked, {len(changed):,} {verb}{listed}")
    sys.exit(1 if has_errors(diagnostics) else 0)


def _write(session: Session, path: str, text: str) -> None:
    try:
        replace_file(session.root / path, text)
    except OSError as error:
        help_line = "check the permissions; the file is unchanged"
        raise UserError(f"{path} can't be written: {reason(error)}", help_line) from error


def _not_formatted(source: Source, text: str) -> Diagnostic:
    """F902 at the first line of a file that differs from its standard format."""
    pairs = zip_longest(source.text.split("\n"), text.split("\n"))
    number = next((n for n, (old, new) in enumerate(pairs) if old != new), 0)
    number = min(number, source.text.count("\n"))
    message = "the file isn't in the standard format; this is the first line that differs"
    place = source.lines_span(number, number + 1)
    return Diagnostic("F902", message, place, f"run `./build.py fmt {source.path}`")
