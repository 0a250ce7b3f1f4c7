"""import: import an Anki package or a text file as card files."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.files import locked, replace_files
from deckwright.exchange.importer import apkg, text_files
from deckwright.exchange.importer.destination import destination
from deckwright.exchange.importer.drafts import with_choice
from deckwright.exchange.importer.foreign import ForeignFile
from deckwright.exchange.importer.plan import lines, plan, summary

_field = partial(click.option, metavar="FIELD")


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to", default="", metavar="PART/SERVICE", help="Where new cards go, such as security/kms."
)
@options.topic
@options.inside
@click.option("--name", default="", help="The name of new card files. Default: the name of FILE.")
@_field(
    "--question",
    multiple=True,
    help="The field or column with the question (its number, if the columns have no names). Can "
    "be repeated. Requires --answer. Default: what the front of the card shows; in a CSV or TSV "
    "file, the first column.",
)
@_field(
    "--answer",
    default="",
    help="The field or column with the answer. Requires --question. Default: the first field that "
    "only the back shows; in a CSV or TSV file, the second column.",
)
@_field(
    "--extra",
    multiple=True,
    help="The field or column with an explanation. Can be repeated. Requires --question. "
    "Default: all fields that no other option names.",
)
@_field(
    "--tags",
    default="",
    help="The field or column with the tags. Default: in a CSV or TSV file, the `tags` column.",
)
@click.option(
    "--header/--no-header",
    default=None,
    help="Whether the first line of a CSV or TSV file contains column names. Required only if "
    "the command can't tell.",
)
@click.option(
    "--language",
    default="",
    metavar="TAG",
    help="The language of the cards, such as ja. It must be the language of the card folder, "
    "except in a new deck, which then gets this language. Default: the folder's language.",
)
@click.option("--allow-loss", is_flag=True, help="Exit with 0 even if a card wasn't written.")
@options.dry_run("Show what would be written, but write nothing.")
@pass_session
def command(
    session: Session, /, file: Path, header: bool | None, dry_run: bool, **texts: Any
) -> None:
    """Import an Anki package or a text file as card files.

    FILE can be an Anki package, an Anki text export, or a CSV or TSV file (see
    docs/importing.md). Existing cards never change. Specify --to and --topic, unless
    `./build.py decks` built the package. In that case, the cards go back to the files that they
    came from.

    Cards that couldn't be written, and content that was left out of a card, are listed in the
    output and in a file in decks/imported/. Exits with 1 if a card wasn't written, unless you
    add --allow-loss. Exits with 2 if FILE can't be read or an option is wrong or missing.

    \b
    Show what an import would do:
      ./build.py import words.apkg --to security/kms --topic kms-key-policies-grants \\
        --dry-run
    Choose the columns:
      ./build.py import words.csv --to security/kms --topic kms-key-policies-grants \\
        --question Term --answer Definition
    """
    mistakes, allow_loss = Mistakes(), texts.pop("allow_loss")
    choice = [texts.pop("question"), [texts.pop("answer")], texts.pop("extra"), [texts.pop("tags")]]
    choice = [[name for name in group if name] for group in choice]
    try:
        with locked(session.root):  # so that a second import knows the cards of the first
            checked = session.readable()
            with mistakes.noted():
                texts["name"] = texts["name"] or file.stem
                where = destination(checked.files, checked.project, **texts)
            with mistakes.noted(), session.progress.during("reading the file"):
                read = with_choice(_read(file, header, chain(*choice)), *choice)
            mistakes.raise_all()
            drafts, remarks, files = plan(checked, read, where, session.progress)
            if not dry_run:
                with session.progress.during("writing files"):
                    replace_files(checked.project.folder, files)
    except UserError as error:
        error.args = (f"{file.name}: {error}",)
        raise
    session.write("\n".join([*lines(drafts, remarks), ""]))
    session.say(summary(drafts, dry_run))
    if any(draft.reason for draft in drafts) and not allow_loss:
        sys.exit(1)


def _read(file: Path, header: bool | None, named: Iterable[str]) -> ForeignFile:
    """The notes of a package or a text file (see `text_files.read`): its ending says which."""
    suffix = file.suffix.lower()
    if suffix in (".apkg", ".colpkg") and file.is_file():
        return apkg.read(file)
    if suffix in (".csv", ".tsv", ".txt") and file.is_file():
        return text_files.read(file, header, named)
    kind = f"a file that ends in `{suffix}` can't be imported"
    message = kind if file.is_file() else "there is no such file"
    raise UserError(message, "give an .apkg, .colpkg, .csv, .tsv, or .txt file")
