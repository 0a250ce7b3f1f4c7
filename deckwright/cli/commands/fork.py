"""fork: set up a folder for your own cards next to a project's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import click

from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.errors import UserError
from deckwright.core.files import replace_files
from deckwright.project import project as project_files
from deckwright.project.names import deck_name, new_namespace, tag_of
from deckwright.project.overlay import CARDS, SETTINGS
from deckwright.project.project import Project

_TEXT = """\
# Your own cards next to the project's. All settings are explained in \
decks/mine.example.toml and docs/forking.md.

namespace = {namespace}   # permanent: part of each note's guid
deck = {deck}   # permanent: the deck that contains your cards
tag = {tag}   # permanent: the root of your tags
# off = ["C459"]      # craft rules that are not checked in your cards
# errors = ["C454"]   # craft rules that stop a build

[[package]]
path = "mine.apkg"
cards = "mine"
"""

_README = """\
# {deck}

Your own cards: `<task folder>/<service>.md`, as in [cards/](../README.md). \
Every `.md` file in this folder except this one
contains cards.
"""


@click.command(cls=Command)
@click.argument("name")
@pass_session
def command(session: Session, name: str) -> None:
    """Set up a folder for your own cards.

    Your cards are built together with the project's cards, but have their own deck and their
    own releases. By default, the command creates decks/mine.toml for your settings and
    cards/mine/ for your cards inside the project. With --overlay, it creates both in a
    separate folder instead. Then put --overlay and that folder before every other command, as
    in `./build.py --overlay ../my-cards check`, or set the environment variable
    DECKWRIGHT_OVERLAY to the folder's path.

    NAME becomes the name of your deck, which you can't change after your first release. It
    can be up to 60 characters long, must start with a letter from A to Z, and can't contain
    colons or double quotation marks. Exits with 2 if NAME isn't allowed, or if you already
    have a folder for your own cards.

    \b
    Create the folder in the project:
      ./build.py fork "Anna's cards"
    Create the folder outside the project:
      ./build.py --overlay ../my-cards fork "Anna's cards"
    """
    session.require_folder()
    made = fork(session.root, session.overlay, name)
    for path in made.paths:
        session.write(f"written: {path.as_posix()}\n")
    names = f"deck `{made.deck}`, tags under `{made.tag}`, namespace {made.namespace}"
    session.say(f"created: {names}; write your cards in cards/mine/")


@dataclass(frozen=True, slots=True)
class Forked:
    """The files that were written, and the names that were chosen."""

    paths: tuple[Path, ...]
    namespace: str
    deck: str
    tag: str


def fork(folder: Path, overlay: Path | None, name: str) -> Forked:
    """Write the files for a user's own cards into `overlay`, or else into the project.

    Raises UserError if there are some already or the name cannot be used, and OSError, after
    which nothing has changed.
    """
    loaded = project_files.load(folder)
    place = overlay or folder
    if overlay and (folder / SETTINGS).exists():
        mine = (folder / SETTINGS).as_posix()
        message = f"the project already has a folder for your own cards, set up in {mine}"
        help_line = "use that folder, or a clone of the project that has none"
        raise UserError(message, help_line)
    if (place / SETTINGS).exists():
        message = f"{(place / SETTINGS).as_posix()} already exists"
        raise UserError(
            message, "add your cards to cards/mine/; the names in this file are permanent"
        )
    if not loaded.values:
        raise UserError("the project cannot be read", "fix the problems above", loaded.diagnostics)
    deck, tag = _names(name, loaded.values[0])
    namespace = new_namespace(tag)
    text = _TEXT.format(
        namespace=json.dumps(namespace),
        deck=json.dumps(deck, ensure_ascii=False),
        tag=json.dumps(tag),
    )
    contents: dict[str, str] = {f"{CARDS}/README.md": _README.format(deck=deck), SETTINGS: text}
    missing = {path: text for path, text in contents.items() if not (place / path).exists()}
    replace_files(place, missing)
    return Forked(tuple(place / path for path in missing), namespace, deck, tag)


def _names(name: str, project: Project) -> tuple[str, str]:
    """The deck and the tag for a name. Raises UserError if it cannot be used."""
    deck = deck_name(name)
    tag = tag_of(deck)
    if not tag:
        help_line = "start it with a letter from A to Z; the tags of your cards are made from it"
        raise UserError(f"`{name}` cannot be made into a tag", help_line)
    taken = tag == project.tag or tag in project.namespaces
    if taken or deck.casefold() == project.deck.casefold():
        help_line = "choose another name, so that your cards are not mixed up with the project's"
        raise UserError(f"`{name}` is the name of the project", help_line)
    return deck, tag
