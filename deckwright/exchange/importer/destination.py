"""Where imported cards go, as the command line says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from deckwright.cards.ids import file_stem
from deckwright.cards.metadata import FileSubject
from deckwright.cards.workspace import card_folder_named, file_subject_named
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.suggest import nearest
from deckwright.project.names import language_tag, new_namespace
from deckwright.project.overlay import SETTINGS
from deckwright.project.project import CardFolder, Project


@dataclass(frozen=True, slots=True)
class Destination:
    """Where imported cards go: a root of a project, with the language that it will have.

    `home` and `topic` are for cards that name none of their own; `home` is None where
    none was given. `topics` are those of its part. `name` is that of new card files, without its
    ending. `settings` is the text of the file that sets the root's language, by its path, if it
    changes.
    """

    project: Project
    root: CardFolder
    home: FileSubject | None
    topic: str
    topics: Sequence[str]
    name: str
    settings: Mapping[str, str]

    @property
    def kind(self) -> str:
        """The kind of cards that name none: the first that needs no source, or else the first."""
        kinds = self.project.vocabulary.kinds
        return next((slug for slug in kinds if not kinds[slug].needs_source), next(iter(kinds)))

    @property
    def remarks(self) -> list[str]:
        """What changes in settings."""
        setting = f'`language = "{self.root.language}"` for {self.root.path}'
        return [f"{setting} goes into {path}" for path in self.settings]

    def folder(self, home: FileSubject | None) -> str:
        """The folder of the cards of a home, relative to the project."""
        home = home or self.home
        return f"{self.root.path}/{home.part.slug}/{home.service.slug}" if home else self.root.path


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
    settings: Mapping[str, str] = {}
    with mistakes.noted():
        root = card_folder_named(project, inside)
        if language not in ("", root.language):
            settings = _with_language(project, root, language)
            root = replace(root, language=language)
    if not to and len(vocabulary.parts) == len(vocabulary.services) == 1:
        to = f"{next(iter(vocabulary.parts))}/{next(iter(vocabulary.services))}"
    form = "--to PART/SERVICE, such as --to {}"
    with mistakes.noted():
        home = file_subject_named(vocabulary, to, form) if to else None
    topics = [t.slug for t in vocabulary.topics.values() if not home or t.part == home.part.slug]
    with mistakes.noted():
        topic = _topic(topics, topic)
    mistakes.raise_all()
    folders = tuple(root if one.path == root.path else one for one in project.card_folders)
    project = replace(project, card_folders=folders)
    return Destination(project, root, home, topic, topics, file_stem(name) or "imported", settings)


def _topic(topics: Sequence[str], topic: str) -> str:
    """The topic, or the only one if it is empty. Raises UserError if it is none of `topics`."""
    if topic and topic not in topics:
        help_line = nearest(topic, topics) or "`coverage --all` lists all topics"
        raise UserError(f"there is no topic `{topic}` here", help_line)
    return topics[0] if not topic and len(topics) == 1 else topic


def _with_language(project: Project, root: CardFolder, language: str) -> Mapping[str, str]:
    """The new text of the file that sets the language of a root, by its path."""
    language = language_tag(language)
    own = project.overlay and project.overlay.namespace == root.namespace
    path = f"{root.base}{SETTINGS}" if own else "decks/project.toml"
    place = r"\A" if own else rf'(?m)^path\s*=\s*"{re.escape(root.path)}"[^\n]*\n'
    before = (project.folder / path).read_text("utf-8")
    after = re.sub(place, lambda match: f'{match[0]}language = "{language}"\n', before, count=1)
    with suppress(tomllib.TOMLDecodeError):  # if the language is set already
        tomllib.loads(after)
        if after != before:
            return {path: after}
    entry = (
        f'`path = "{root.path}-{language.lower()}"`, '
        f'`namespace = "{new_namespace(root.tag)}"`, and `language = "{language}"`'
    )
    raise UserError(
        f"the cards in {root.path} are in the language {root.language}",
        f"change `language` in {path}, or add a `[[root]]` with {entry} to decks/project.toml, "
        "and import with --in",
    )
