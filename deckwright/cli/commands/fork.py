"""fork: set up a folder for your own cards next to a project's."""

from __future__ import annotations

import json

import click

from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.errors import UserError
from deckwright.core.files import replace_files
from deckwright.project import project as project_files
from deckwright.project.names import deck_name, new_namespace, tag_of
from deckwright.project.new_project import GIT_ATTRIBUTES
from deckwright.project.overlay import CARDS, SETTINGS, VOCABULARY
from deckwright.project.project import Project

_SETTINGS = """\
# Your own cards next to the project's. All settings are explained in \
decks/mine.example.toml and docs/forking.md.

namespace = {namespace}   # permanent: part of each note's guid
deck = {deck}   # permanent: the deck that contains your cards
tag = {tag}   # permanent: the root of your tags
# off = ["C459"]      # craft rules that aren't checked in your cards
# errors = ["C454"]   # craft rules that stop a build

[[package]]
path = "mine.apkg"
cards = "mine"
"""

_README = """\
# {deck}

Your own cards: `<part>/<service>.md`, as in [cards/](../README.md). \
Every `.md` file in this folder except this one
contains cards.
"""


@click.command(cls=Command)
@click.argument("name")
@pass_session
def command(session: Session, name: str) -> None:
    """Set up a folder for your own cards.

    Your cards are built together with the project's cards, but have their own deck and their
    own releases (see docs/forking.md). The command creates cards/mine/ for your cards
    and decks/mine.toml for your settings. If the project has no .gitattributes file, the command
    also creates one, which tells git how to merge the records of your releases.

    With --overlay, the command creates these files in a separate folder, and adds
    schema/vocabulary/mine.toml for your own topics. From then on, put --overlay and the folder
    before every command, as in `./build.py --overlay ../my-cards check`, or set the environment
    variable DECKWRIGHT_OVERLAY to the folder's path.

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
    place = session.overlay or session.root
    for folder in dict.fromkeys((session.root, place)):
        if (folder / SETTINGS).exists():
            message = f"{(folder / SETTINGS).as_posix()} already exists"
            help_line = "add your cards to that folder; the names in this file are permanent"
            raise UserError(message, help_line)
    loaded = project_files.load(session.root)
    if loaded.value is None:
        raise UserError("the project can't be read", "fix the problems above", loaded.diagnostics)
    deck, tag = _names(name, loaded.value)
    namespace = new_namespace(tag)
    quoted = {"namespace": namespace, "deck": deck, "tag": tag}
    settings = {key: json.dumps(text, ensure_ascii=False) for key, text in quoted.items()}
    texts = {
        ".gitattributes": GIT_ATTRIBUTES.read_text("utf-8"),
        f"{CARDS}/README.md": _README.format(deck=deck),
        SETTINGS: _SETTINGS.format(**settings),
    }
    if session.overlay:
        texts[VOCABULARY] = "# Your own topics, services, and words: see docs/forking.md.\n"
    missing = {path: text for path, text in texts.items() if not (place / path).exists()}
    replace_files(place, missing)
    session.write("".join(f"written: {(place / path).as_posix()}\n" for path in missing))
    names = f"deck `{deck}`, tags under `{tag}`, namespace {namespace}"
    session.say(f"created: {names}; write your cards in {CARDS}/")


def _names(name: str, project: Project) -> tuple[str, str]:
    """The deck and the tag for a name. Raises UserError if it cannot be used."""
    deck = deck_name(name)
    tag = tag_of(deck)
    if not tag:
        help_line = "start it with a letter from A to Z; the tags of your cards are made from it"
        raise UserError(f"`{name}` can't be made into a tag", help_line)
    if tag in (project.tag, *project.namespaces) or deck.casefold() == project.deck.casefold():
        help_line = "choose another name, so that your cards aren't mixed up with the project's"
        raise UserError(f"`{name}` is the name of the project", help_line)
    return deck, tag
