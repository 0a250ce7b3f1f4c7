"""`fork`: a room for somebody's own cards beside a project's: names that are theirs, and the files that a room begins with."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from deckwright.core.errors import UserError
from deckwright.core.files import replace_file
from deckwright.project import project as project_files
from deckwright.project.overlay import CARDS, SETTINGS
from deckwright.project.project import Project

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_RANDOM = 8  # characters after the name: 40 bits, so that two people with one name do not meet

_TEXT = """\
# Cards of your own beside those of this project. All that can stand here: decks/mine.example.toml and docs/forking.md.

namespace = {namespace}   # permanent: with the card id it makes a note's guid. Never change it.
deck = {deck}   # permanent: the deck above your own cards
tag = {tag}   # permanent: the root of your own tags

[[package]]
path = "mine.apkg"
cards = "mine"
"""

_README = """\
# {deck}

Cards of your own: `<task folder>/<service>.md`, as in [cards/](../README.md). This file is for people; every other `.md` below this
folder holds cards.
"""


@dataclass(frozen=True, slots=True)
class Forked:
    """What was written, and the names that were chosen."""

    paths: tuple[Path, ...]
    namespace: str
    deck: str
    tag: str


def fork(folder: Path, overlay: Path | None, name: str) -> Forked:
    """Makes the room in `overlay`, or in the project's own folder. UserError where there is one, or where the name will not do;
    OSError where the disk will not."""
    loaded = project_files.load(folder)
    place = overlay or folder
    if overlay and (folder / SETTINGS).exists():
        mine = (folder / SETTINGS).as_posix()
        raise UserError(
            f"the project has an overlay of its own, {mine}",
            "a project takes one: use a clone without it",
        )
    if (place / SETTINGS).exists():
        raise UserError(
            f"{(place / SETTINGS).as_posix()} is there already",
            "its names are permanent; add your cards to cards/mine/",
        )
    if not loaded.values:
        raise UserError("the project cannot be read", "mend what is said above", loaded.diagnostics)
    deck, tag = _names(name, loaded.values[0])
    namespace = f"{tag}-{''.join(secrets.choice(_LETTERS) for _ in range(_RANDOM))}"
    text = _TEXT.format(
        namespace=json.dumps(namespace),
        deck=json.dumps(deck, ensure_ascii=False),
        tag=json.dumps(tag),
    )
    written = []
    for path, content in (
        (place / CARDS / "README.md", _README.format(deck=deck)),
        (place / SETTINGS, text),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            replace_file(path, content)
            written.append(path)
    return Forked(tuple(written), namespace, deck, tag)


def _names(name: str, project: Project) -> tuple[str, str]:
    """Deck and tag of a name."""
    deck = " ".join(unicodedata.normalize("NFC", name).split())
    plain = unicodedata.normalize("NFKD", deck).encode("ascii", "ignore").decode().lower()
    tag = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if (
        not re.fullmatch(r'[^:"\s]([^:"]*[^:"\s])?', deck)
        or not deck.isprintable()
        or len(deck) > 60
    ):
        raise UserError(
            f"`{name}` cannot be the name of a deck",
            'a few words without `:` and quotes, as "My cards"',
        )
    if not re.fullmatch(r"[a-z][a-z0-9-]*", tag):
        raise UserError(
            f"`{name}` makes no tag",
            "begin it with a letter from a to z: the tags of your cards are made of it",
        )
    if (
        deck.casefold() == project.deck.casefold()
        or tag == project.tag
        or tag in project.namespaces
    ):
        raise UserError(
            f"`{name}` is the project's own name",
            "choose another: your cards would be taken for the project's",
        )
    return deck, tag[:40].rstrip("-")
