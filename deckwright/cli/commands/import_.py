"""import: turn an Anki package or a text file into card files."""

from __future__ import annotations

from pathlib import Path

import click

from deckwright.cli import completers, options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.options import complete
from deckwright.core.errors import UserError
from deckwright.core.report import printable
from deckwright.exchange.importer.plan import as_lines, carry_out, open_file, plan, summary, wish


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "to",
    default="",
    metavar="TASK/SERVICE",
    shell_complete=complete(completers.homes),
    help="Where cards go if the file does not say: a task's folder and a service.",
)
@click.option(
    "--topic",
    default="",
    shell_complete=options.complete_topic,
    help="The topic of these cards, from that task.",
)
@options.inside
@click.option("--name", default="", help="The name of the new card files. Default: that of FILE.")
@options.dry_run("Show what would be written; write nothing.")
@pass_session
def command(
    session: Session, file: Path, to: str, topic: str, inside: str, name: str, dry_run: bool
) -> None:
    """Turn an Anki package or a text file into card files.

    Reads Anki packages (.apkg, .colpkg), Anki text exports, CSV, and TSV. Existing cards
    are never changed, and a second import adds only what is new. Packages that this
    compiler built need neither --to nor --topic. Exits with 2 if the file cannot be read or
    does not say where its cards belong.

    \b
    ./build.py import deck.apkg --to 4.2/lex --topic lex-core --dry-run
    ./build.py import deck.apkg --to 4.2/lex --topic lex-core
    ./build.py import words.csv --to 4.2/lex --topic lex-core --name lex-words
    """
    checked = session.readable()
    try:
        wanted = wish(checked, to, topic, inside, name or file.stem)
        with session.progress.during("reading the file"):
            opened = open_file(file)
        found = plan(checked, opened, wanted, session.progress)
        if found.cards and not dry_run:
            carry_out(checked, found, session.progress)
    except UserError as error:
        raise UserError(f"{file.name}: {error}", error.help, error.diagnostics) from error
    for line in as_lines(found):
        session.write(printable(line) + "\n")
    session.say(summary(found, dry_run))
