"""fmt: format card files, if they still compile to the same."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from deckwright.cards.discover import discover
from deckwright.cards.formatter import formatted
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.paths import named
from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.files import replace_file
from deckwright.core.source import Source, Span
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
    """Put card files into the standard layout.

    Puts the metadata lines in the standard order, and makes blank lines, bullets, and
    indentation uniform. Never changes words or line breaks within text. Files with structural
    errors are reported and skipped. PATHS are card files or folders. The default is all card
    files. Exits with 1 if a file has structural errors or, with --check, needs formatting,
    and with 2 if a path matches no card file.

    \b
    ./build.py fmt                                format all card files
    ./build.py fmt cards/4.2-services/polly.md    format one file
    ./build.py fmt --check                        list files that need formatting
    """
    result = fmt(session.root, paths, not only_check, session.overlay)
    session.report(result.diagnostics, form)
    if form == "text":
        session.say(_summary(result, only_check))
    if result.unknown:
        sys.exit(2)
    sys.exit(1 if has_errors(result.diagnostics) else 0)


@dataclass(frozen=True, slots=True)
class Formatted:
    """What was done, or what would be.

    `changed` are files that were not in standard format, `unknown` paths that name no card
    file of the project.
    """

    diagnostics: tuple[Diagnostic, ...]
    changed: tuple[str, ...] = ()
    looked_at: int = 0
    unknown: tuple[str, ...] = ()


def fmt(
    folder: Path, paths: tuple[Path, ...], write: bool, overlay: Path | None = None
) -> Formatted:
    """Format the card files at `paths`, or all of them if there are none.

    A file with errors in its shape is left alone, and the errors are returned. Without
    `write`, F902 is returned for each file that would change.
    """
    loaded = project.load(folder, overlay)
    if not loaded.values:
        return Formatted(loaded.diagnostics)
    found = discover(loaded.values[0])
    sources = {s.path: s for s in found.values[0].sources}
    wanted, unknown = named(folder, paths, sources) if paths else (tuple(sources), ())
    diagnostics = [
        d for d in found.diagnostics if not sources or d.span.path in wanted or not paths
    ]
    diagnostics += [_not_a_card_file(path) for path in unknown]
    changed: list[str] = []
    for path in wanted:
        text, problems = formatted(sources[path], tuple(loaded.values[0].card_schema.properties))
        diagnostics += problems
        if text is None or text.encode() == (folder / path).read_bytes():
            continue
        if not write:
            changed.append(path)
            diagnostics.append(_not_in_normal_form(sources[path], text))
        elif problem := _replace(folder / path, path, text):
            diagnostics.append(problem)
        else:
            changed.append(path)
    return Formatted(tuple(diagnostics), tuple(changed), len(wanted), unknown)


def _summary(result: Formatted, only_check: bool) -> str:
    verb = "not in the standard format" if only_check else "changed"
    paths = "".join(f"\n  {path}" for path in result.changed)
    return f"{count(result.looked_at, 'file')} checked, {len(result.changed):,} {verb}{paths}"


def _not_a_card_file(path: str) -> Diagnostic:
    message = "this path is not a card file of the project"
    return Diagnostic("D101", message, files.nowhere(path), "name a file in a card folder")


def _not_in_normal_form(source: Source, text: str) -> Diagnostic:
    help_line = f"run `./build.py fmt {source.path}`"
    message = "the file is not in the standard format; this is the first line that differs"
    return Diagnostic("F902", message, _first_difference(source, text), help_line)


def _first_difference(source: Source, text: str) -> Span:
    """The first line that would change."""
    old, new = source.text.split("\n"), text.split("\n")
    number = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)) - 1,
    )
    return source.lines_span(number, number + 1)


def _replace(path: Path, shown: str, text: str) -> Diagnostic | None:
    """Write the whole file; returns the problem if it cannot be written."""
    try:
        replace_file(path, text)
    except OSError as error:
        message = f"the file cannot be written: {reason(error)}"
        help_line = "check the permissions; the file is unchanged"
        return Diagnostic("K701", message, files.nowhere(shown), help_line)
    return None
