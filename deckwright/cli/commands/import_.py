"""import: import an Anki package or a text file as card files."""

from __future__ import annotations

from pathlib import Path

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.files import locked
from deckwright.core.report import printable
from deckwright.exchange.importer.destination import wish
from deckwright.exchange.importer.plan import as_lines, carry_out, open_file, plan, summary


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "to",
    default="",
    metavar="TASK/SERVICE",
    help="The task and the service for cards that don't specify them.",
)
@click.option(
    "--topic",
    default="",
    shell_complete=options.complete_topic,
    help="The topic for cards that don't specify one. It must belong to the task in --to. To list "
    "all topics, run `coverage --all`.",
)
@options.inside
@click.option(
    "--name", default="", help="The base name for the new card files. Default: the name of FILE."
)
@options.dry_run("Show what would be written, but write nothing.")
@pass_session
def command(
    session: Session, file: Path, to: str, topic: str, inside: str, name: str, dry_run: bool
) -> None:
    """Import an Anki package or a text file as card files.

    Reads Anki packages (.apkg, .colpkg), Anki text exports, CSV, and TSV (see
    docs/importing.md). In CSV and TSV files, the first column is the question and the second
    is the answer, unless the first line names the columns, as in question,answer,tags. The
    output lists any formatting that is left out. Never changes existing cards. The folder
    decks/imported/ records what was imported, so that importing a file again adds only its new
    cards; commit it with the cards.

    --to and --topic say where the cards belong. Packages that were built with ./build.py
    already contain this information and need neither option. Exits with 2 if the file can't
    be read, or if --to or --topic is needed but missing.

    \b
    Show what would be written, and then import the package:
      ./build.py import deck.apkg --to 4.2/lex --topic lex-core --dry-run
      ./build.py import deck.apkg --to 4.2/lex --topic lex-core
    Choose the name of the new card files:
      ./build.py import words.csv --to 4.2/lex --topic lex-core --name lex-words
    """
    mistakes = Mistakes()
    try:
        with locked(session.root):  # so that a second import knows the cards of the first
            checked = session.readable()
            with mistakes.noted():
                wanted = wish(checked, to, topic, inside, name or file.stem)
            with mistakes.noted(), session.progress.during("reading the file"):
                opened = open_file(file)
            mistakes.raise_all()
            found = plan(checked, opened, wanted, session.progress)
            if found.cards and not dry_run:
                carry_out(checked, found, session.progress)
    except UserError as error:
        message = f"{file.name}: {error}"
        raise UserError(message, error.help, error.diagnostics, error.more) from error
    for line in as_lines(found):
        session.write(printable(line) + "\n")
    session.say(summary(found, dry_run))
