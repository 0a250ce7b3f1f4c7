"""init: start a new deck on any subject, in its own folder."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.program import version
from deckwright.core.errors import UserError
from deckwright.core.files import replace_files
from deckwright.core.terms import is_english
from deckwright.project.names import deck_name, new_tag, tag_of
from deckwright.project.new_project import WORKFLOW, new_project

_DAY = 24 * 60 * 60


@click.command(cls=Command)
@click.argument("folder", type=click.Path())  # as a Path, "" would be the current folder
@click.option(
    "--title",
    help="The name of the deck, which you can't change after your first release. It can be up "
    "to 60 characters long, and can't contain colons or double quotation marks. Default: the "
    "name of FOLDER.",
)
@click.option(
    "--language",
    default="",
    metavar="TAG",
    help="The language of the cards, such as es or ja. Default: English (en-US).",
)
@click.option(
    "--workflow",
    is_flag=True,
    help="Also write a workflow for GitHub Actions that checks each change and publishes the site.",
)
@pass_session
def command(
    session: Session, folder: str, title: str | None, language: str, workflow: bool
) -> None:
    """Start a new deck on any subject.

    Creates FOLDER with a small deck that you can build right away: three cards, a vocabulary with
    two topics, note types, and settings. The note types and the namespace get random IDs, so
    that your deck never conflicts with another one in Anki. Cards can be questions, sentences
    with gaps, or multiple-choice questions, in any language. To see the deck in a browser,
    run `preview --watch` with --root FOLDER. docs/your-own-deck.md describes the next steps and
    what the program can't do.

    FOLDER must be new or empty, except for a .git folder. Exits with 2 if it isn't, or if the
    title isn't allowed.

    \b
    Create a deck called "My deck" in the folder my-deck:
      ./build.py init my-deck
    Choose the name of the deck:
      ./build.py init my-deck --title "Cheese of the world"
    """
    if not folder:
        raise UserError("the folder has no name", "write a name, such as my-deck")
    place = session.root / folder
    _require_empty(place)
    name = place.resolve().name
    words = " ".join(name.replace("-", " ").replace("_", " ").split())
    words = words[:1].upper() + words[1:]
    try:
        deck = deck_name(words if title is None else title)
    except UserError as error:
        raise UserError(str(error), f"write --title; {error.help}") from error
    tag = tag_of(deck) or tag_of(words) or new_tag()
    epoch = session.now // _DAY * _DAY - _DAY  # a draft's times are up to ten minutes later
    files = new_project(deck, tag, epoch, version(), language)
    if not workflow:
        del files[WORKFLOW]
    replace_files(place, files)
    shown = place.as_posix()
    session.write(f"created: deck `{deck}` with the tag `{tag}` in {shown}/\n")
    settings = (place / "decks" / "project.toml").as_posix()
    session.say(f"after your first release, you can't change these two names (in {settings})")
    if language and not is_english(language):
        session.say(
            "the sample cards in cards/basics/ are in English; README.md says how to delete them"
        )
    root = "" if place == Path() else f" --root {shlex.quote(shown)}"
    session.say(f"to build its package and a site, run: ./build.py{root} preview")


def _require_empty(place: Path) -> None:
    """Raise UserError if there is anything but a git repository without files."""
    if os.path.lexists(place) and not place.is_dir():
        raise UserError(f"{place.as_posix()} isn't a folder", "choose another name")
    names = {path.name for path in place.iterdir()} - {".git"} if place.is_dir() else set()
    if names:
        message = f"the folder {place.as_posix()} isn't empty: it contains {min(names)}"
        raise UserError(message, "choose a new folder")
