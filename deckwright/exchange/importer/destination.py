"""Where imported cards go, as the command line says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from deckwright.cards.discover import CardFiles
from deckwright.cards.ids import file_stem
from deckwright.cards.metadata import FileSubject
from deckwright.cards.workspace import card_folder_named, file_subject_named
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.suggest import nearest
from deckwright.project.names import language_tag
from deckwright.project.new_project import SAMPLE
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
    def place(self) -> str:
        """Where the settings of the root are."""
        path = self.project.settings_path(self.root)
        return f'below `namespace = "{self.root.namespace}"` in {path}'

    def folder(self, home: FileSubject | None) -> str:
        """The folder of the cards of a home, relative to the project."""
        home = home or self.home
        return f"{self.root.path}/{home.part.slug}/{home.service.slug}" if home else self.root.path


def destination(
    files: CardFiles, project: Project, to: str, topic: str, inside: str, name: str, language: str
) -> Destination:
    """The destination that the command line names; an option not given is empty.

    A part, service, or topic that is the only one need not be named. Raises UserError for
    one that does not exist, and for a language that the root or its cards do not have.
    """
    mistakes = Mistakes()
    vocabulary = project.vocabulary
    home = None
    settings: Mapping[str, str] = {}
    with mistakes.noted():
        language = language and language_tag(language)
    with mistakes.noted():
        root = card_folder_named(project, inside)
        if language not in ("", root.language):
            settings = _with_language(project, root, language, files)
            root = replace(root, language=language)
    if not to and len(vocabulary.parts) == len(vocabulary.services) == 1:
        to = f"{next(iter(vocabulary.parts))}/{next(iter(vocabulary.services))}"
    with mistakes.noted():
        if to:
            home = file_subject_named(vocabulary, to, "--to PART/SERVICE, such as --to {}")
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


def _with_language(
    project: Project, root: CardFolder, language: str, files: CardFiles
) -> Mapping[str, str]:
    """The new text of the file that sets the language of a root, by its path.

    Raises UserError if the root has a language, or cards other than the sample cards of `init`.
    """
    path = project.settings_path(root)
    line = rf'(?m)^namespace\s*=\s*"{root.namespace}"[^\n]*\n'
    before = (project.folder / path).read_text("utf-8")
    after = re.sub(line, lambda match: f'{match[0]}language = "{language}"\n', before, count=1)
    own = [one for one in files.sources if one.card_folder == root.path]
    with suppress(tomllib.TOMLDecodeError):  # if the language is set already
        tomllib.loads(after)
        if after != before and all(one.text == SAMPLE.read_text("utf-8") for one in own):
            return {path: after}
    raise UserError(
        f"the cards in {root.path} are in the language {root.language}",
        f'if they are in {language} too, set `language = "{language}"` in {path}; if not, import '
        f"into another card folder with `--in {root.path}-{language.lower()}`",
    )
