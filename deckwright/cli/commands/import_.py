"""import: import an Anki package or a text file as card files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.files import locked, replace_files
from deckwright.exchange.importer import reading, report
from deckwright.exchange.importer.destination import destination
from deckwright.exchange.importer.drafts import FieldChoice, with_choice
from deckwright.exchange.importer.plan import plan


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", default="", metavar="PART/SERVICE", help="The part and service of the cards.")
@click.option(
    "--topic",
    default="",
    shell_complete=options.complete_topic,
    help="A topic of the part in --to. To list all topics, run `coverage --all`.",
)
@options.inside
@click.option("--name", default="", help="The name for new card files. Default: that of FILE.")
@click.option("--question", multiple=True, metavar="FIELD", help="A field or column to ask.")
@click.option("--answer", default="", metavar="FIELD", help="The field or column to answer.")
@click.option("--extra", multiple=True, metavar="FIELD", help="A field to explain. Default: all.")
@click.option("--tags", default="", metavar="FIELD", help="The field or column that has tags.")
@click.option("--header/--no-header", default=None, help="Whether the first line names columns.")
@click.option("--language", default="", metavar="TAG", help="Set the language, such as es or ja.")
@click.option("--allow-loss", is_flag=True, help="Exit with 0 even if a card was not written.")
@options.dry_run("Show what would be written, but write nothing.")
@pass_session
def command(
    session: Session,
    file: Path,
    to: str,
    topic: str,
    inside: str,
    name: str,
    question: tuple[str, ...],
    answer: str,
    extra: tuple[str, ...],
    tags: str,
    header: bool | None,
    language: str,
    allow_loss: bool,
    dry_run: bool,
) -> None:
    """Import an Anki package or a text file as card files.

    Reads Anki packages, Anki text exports, CSV, and TSV (docs/importing.md). Never changes
    existing cards. The output, and a file in decks/imported/, list what was left out, and each
    card that was not written. Exits with 1 if there is one, unless --allow-loss is given, and
    with 2 if the file can't be read.

    \b
    Choose columns and the language of the cards:
      ./build.py import words.csv --question Japanese --answer English --language ja
    """
    mistakes = Mistakes()
    try:
        with locked(session.root):  # so that a second import knows the cards of the first
            checked = session.readable()
            with mistakes.noted():
                where = destination(checked.project, to, topic, inside, name or file.stem, language)
            with mistakes.noted(), session.progress.during("reading the file"):
                read = reading.read(file, header, (*question, answer, *extra, tags))
                read = with_choice(read, FieldChoice(question, answer, extra, tags))
            mistakes.raise_all()
            read = read._replace(remarks=(*read.remarks, *where.remarks))
            drafts, files = plan(checked, read, where, session.progress)
            if not dry_run:
                with session.progress.during("writing files"):
                    replace_files(checked.project.folder, files)
    except UserError as error:
        message = f"{file.name}: {error}"
        raise UserError(message, error.help, error.diagnostics, error.more) from error
    session.write("\n".join([*report.lines(drafts, read.remarks), ""]))
    session.say(report.summary(drafts, dry_run))
    if any(draft.reason for draft in drafts) and not allow_loss:
        sys.exit(1)
