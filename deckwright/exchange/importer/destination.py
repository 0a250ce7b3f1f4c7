"""Where imported cards go, as the command line says."""

from __future__ import annotations

from dataclasses import dataclass

from deckwright.cards.ids import file_stem
from deckwright.cards.workspace import home_named, root_named
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.suggest import nearest
from deckwright.pipeline import Checked
from deckwright.project.project import Root
from deckwright.project.vocabulary import Service, Task, Vocabulary


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of a card's task below its root, and the slug of its service."""

    folder: str
    service: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where imported cards go.

    `home` and `topic` are for cards that name none of their own; `home` is None where
    none was given. `name` is that of new card files, without its ending.
    """

    root: Root
    home: Home | None
    topic: str
    name: str

    def folder(self, home: Home | None) -> str:
        """The folder of the cards of a home, relative to the project."""
        return f"{self.root.path}/{home.folder}/{home.service}" if home else self.root.path


def wish(checked: Checked, to: str, topic: str, inside: str, name: str) -> Destination:
    """The destination that the command line names; an option not given is empty.

    Raises UserError for a root, task, service or topic that does not exist.
    """
    mistakes = Mistakes()
    home = None
    with mistakes.noted():
        root = root_named(checked.project, inside)
    if to or topic:
        with mistakes.noted():
            home = _home(checked.project.vocabulary, to)
        with mistakes.noted():
            _require_topic(checked.project.vocabulary, home[0].slug if home else "", topic)
    mistakes.raise_all()
    where = Home(home[0].folder, home[1].slug) if home else None
    return Destination(root, where, topic, file_stem(name) or "imported")


def _home(vocabulary: Vocabulary, to: str) -> tuple[Task, Service]:
    if not to:
        example = (
            f"{next(iter(vocabulary.tasks.values())).folder}/{next(iter(vocabulary.services))}"
        )
        raise UserError("--to is missing", f"write --to TASK/SERVICE, such as --to {example}")
    return home_named(vocabulary, to, "--to TASK/SERVICE, such as --to {}")


def _require_topic(vocabulary: Vocabulary, task: str, topic: str) -> None:
    """Raise UserError if there is no such topic in a task, or in any if `task` is empty."""
    topics = [t.slug for t in vocabulary.topics.values() if task in ("", t.task)]
    if topic not in topics:
        message = f"task {task} has no topic `{topic}`" if task else f"there is no topic `{topic}`"
        message = message if topic else "--topic is missing"
        choice = "choose one of " + ", ".join(topics) if task else "`coverage --all` lists them"
        raise UserError(message, nearest(topic, topics) or choice)
