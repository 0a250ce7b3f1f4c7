"""Where imported cards go, as the command line says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace

from deckwright.cards.ids import file_stem
from deckwright.cards.workspace import card_folder_named, file_subject_named
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.suggest import nearest
from deckwright.project.names import language_tag
from deckwright.project.overlay import SETTINGS
from deckwright.project.project import CardFolder, Project
from deckwright.project.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Home:
    """The slugs of a card's part, which is its folder below the root, and of its service."""

    folder: str
    service: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where imported cards go.

    `home` and `topic` are for cards that name none of their own; `home` is None where
    none was given. `name` is that of new card files, without its ending. `settings` is the
    text of the file that sets the root's language, by its path, if it changes.
    """

    root: CardFolder
    home: Home | None
    topic: str
    name: str
    settings: tuple[tuple[str, str], ...] = ()

    def folder(self, home: Home | None) -> str:
        """The folder of the cards of a home, relative to the project."""
        return f"{self.root.path}/{home.folder}/{home.service}" if home else self.root.path


def destination(
    project: Project, to: str, topic: str, inside: str, name: str, language: str
) -> Destination:
    """The destination that the command line names; an option not given is empty.

    A part, service, or topic that is the only one need not be named. Raises UserError for
    one that does not exist, and for a language that the root does not have.
    """
    mistakes = Mistakes()
    vocabulary = project.vocabulary
    home = None
    settings: tuple[tuple[str, str], ...] = ()
    with mistakes.noted():
        root = card_folder_named(project, inside)
        if language not in ("", root.language):
            settings = (_with_language(project, root, language),)
            root = replace(root, language=language)
    if not to and len(vocabulary.parts) == len(vocabulary.services) == 1:
        to = f"{next(iter(vocabulary.parts))}/{next(iter(vocabulary.services))}"
    with mistakes.noted():
        if to:
            home = file_subject_named(vocabulary, to, "--to PART/SERVICE, such as --to {}")
        elif topic:
            raise UserError("--to is missing", "write --to PART/SERVICE")
    if to or topic:
        with mistakes.noted():
            topic = _topic(vocabulary, home[0].slug if home else "", topic)
    mistakes.raise_all()
    where = Home(home[0].slug, home[1].slug) if home else None
    return Destination(root, where, topic, file_stem(name) or "imported", settings)


def _topic(vocabulary: Vocabulary, part: str, topic: str) -> str:
    """A topic of a part, or of any part if `part` is empty. Raises UserError."""
    topics = [t.slug for t in vocabulary.topics.values() if part in ("", t.part)]
    if topic in topics:
        return topic
    if not topic and len(topics) == 1:
        return topics[0]
    message = f"part {part} has no topic `{topic}`" if part else f"there is no topic `{topic}`"
    message = message if topic else "--topic is missing"
    choice = "choose one of " + ", ".join(topics) if part else "`coverage --all` lists them"
    raise UserError(message, nearest(topic, topics) or choice)


def _with_language(project: Project, root: CardFolder, language: str) -> tuple[str, str]:
    """The path and the new text of the file that sets the language of a root."""
    language = language_tag(language)
    own = project.overlay and project.overlay.namespace == root.namespace
    path = f"{root.base}{SETTINGS}" if own else "decks/project.toml"
    place = r"\A" if own else rf'(?m)^path\s*=\s*"{re.escape(root.path)}"[^\n]*\n'
    before = (project.folder / path).read_text("utf-8")
    after = re.sub(place, lambda match: f'{match[0]}language = "{language}"\n', before, count=1)
    try:
        tomllib.loads(after)
    except tomllib.TOMLDecodeError:  # the language is set already
        after = before
    if after == before:
        raise UserError(
            f"the cards in {root.path} are in the language {root.language}",
            f"change `language` in {path}, or import into another folder with --in",
        )
    return path, after
