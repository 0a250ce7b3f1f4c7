"""The command line: the door of click, and the only module that prints. Exit 0 clean, 1 content has errors, 2 usage."""

from __future__ import annotations

import gc
import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from deckwright import files, pipeline, report
from deckwright.diagnostic import Diagnostic, Outcome, has_errors

FORMATS = click.Choice(sorted(report.FORMATS), case_sensitive=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("."),
    help="The project's folder, with cards/, decks/ and schema/. Default: the current folder.",
)
@click.pass_context
def main(context: click.Context, root: Path) -> None:
    """Markdown cards in, Anki packages out.

    \b
    python build.py check               look at every card, say what is wrong and what to type
    python build.py decks               build all packages into dist/
    python build.py explain C407        what a complaint means, with examples
    """
    gc.disable()  # one batch, then the process ends: nothing is ever garbage, and looking for it doubles the time
    context.obj = root


_format_option = click.option("--format", "form", type=FORMATS, default="text", help="How complaints are written.")


@main.command()
@_format_option
@click.pass_obj
def check(root: Path, form: str) -> None:
    """Look at every card and every project file; write nothing.

    \b
    python build.py check
    python build.py check --format github      annotations for a code host
    python build.py --root ../other check      another project
    """
    checked = _check(root)
    _complain(checked.diagnostics, root, form)
    if form == "text":
        value = checked.values[0] if checked.values else None
        _say(report.summary(checked.diagnostics, value.written if value else 0, len(value.found.sources) if value else 0))
    sys.exit(1 if has_errors(checked.diagnostics) else 0)


@main.command()
@_format_option
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write. Default: dist/ in the project.")
@click.pass_obj
def decks(root: Path, form: str, out: Path | None) -> None:
    """Check everything, then build all packages, cards.json and DRAFT.md into dist/.

    The folder is replaced as a whole, or not touched at all.

    \b
    python build.py decks
    python build.py decks --out ~/Desktop/cards
    """
    from deckwright.publish import publish

    started = time.perf_counter()
    checked = _check(root)
    if has_errors(checked.diagnostics) or not checked.values:
        _complain(checked.diagnostics, root, form)
        _say(report.found(checked.diagnostics) + "; nothing was built")
        sys.exit(1)
    built = pipeline.build(checked.values[0])
    faults = publish(built.artifacts, out or root / "dist")
    if faults:
        faults = tuple(replace(f, span=files.nowhere(os.path.relpath(f.span.path, root))) for f in faults)
    _complain((*checked.diagnostics, *faults), root, form)
    if faults:
        sys.exit(2)
    if form == "text":
        packages = [a for a in built.artifacts if a.path.endswith(".apkg")]
        seconds = time.perf_counter() - started
        _say(report.built(packages, len(built.notes), (out or root / "dist").as_posix(), seconds))


@main.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Say what a complaint means, with an example of wrong and right. Without CODE: list them all.

    \b
    python build.py explain C407
    """
    from deckwright.commands import explain as command

    if code is None:
        click.echo(command.listing(), nl=False)
        return
    page = command.explain(code, Path(__file__).resolve().parent.parent / "tests" / "cases")
    if page is None:
        raise click.UsageError(f"there is no code {code}; {command.suggestion(code) or 'explain alone lists them all'}")
    click.echo(page, nl=False)


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 if a file is not in normal form.")
@_format_option
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.pass_obj
def fmt(root: Path, only_check: bool, form: str, paths: tuple[Path, ...]) -> None:
    """Bring card files to their one normal form, without changing what they say.

    \b
    python build.py fmt
    python build.py fmt cards/4.2-services/polly.md
    """
    from deckwright.commands import fmt as command

    result = command.fmt(root, paths, write=not only_check)
    _complain(result.diagnostics, root, form)
    if form == "text":
        _say(command.summary(result, only_check))
    sys.exit(2 if result.unknown else 1 if has_errors(result.diagnostics) else 0)


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="A table, or JSON.")
@click.pass_obj
def coverage(root: Path, form: str) -> None:
    """Count cards by topic and by line of the outline: have, core, missing. Exit 1 while something is missing.

    \b
    python build.py coverage
    python build.py coverage --format json
    """
    from deckwright.commands import coverage as command

    checked = _check(root)
    if has_errors(checked.diagnostics) or not checked.values:
        _complain(checked.diagnostics, root, "text")
        _say("the cards have errors; mend them first")
        sys.exit(1)
    vocabulary = checked.values[0].project.vocabulary
    result = command.coverage(checked.values[0].cards, vocabulary)
    click.echo(command.as_json(result) if form == "json" else command.as_text(result, vocabulary), nl=False)
    sys.exit(1 if result.missing else 0)


def _check(root: Path) -> Outcome[pipeline.Checked]:
    if not root.is_dir():
        raise click.UsageError(f"there is no folder {root}")
    return pipeline.check(root, datetime.now(UTC).date())


def _complain(diagnostics: tuple[Diagnostic, ...], root: Path, form: str) -> None:
    """Complaints are the command's result: they go to standard output, the closing line to standard error."""
    text = report.FORMATS[form](diagnostics, _prefix(root))
    if text:
        click.echo(text, nl=form == "text")


def _prefix(root: Path) -> str:
    """What stands before a project path so that it leads there from the current folder."""
    return "" if os.path.abspath(root) == os.getcwd() else root.as_posix()


def _say(line: str) -> None:
    click.echo(line, err=True)
