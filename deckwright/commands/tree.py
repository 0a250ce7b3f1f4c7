"""The card files as they are written, where each card stands in them, and where another one would go."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deckwright import project as project_files
from deckwright.cardfile import fresh, with_sections
from deckwright.diagnostic import Diagnostic, Outcome, has_errors
from deckwright.discover import Found, discover
from deckwright.model import RawCard, Source
from deckwright.parse import parse
from deckwright.project import Project, Root
from deckwright.validate import home
from deckwright.vocabulary import Service, Task, Vocabulary
from deckwright.wording import nearest

LONG = 250  # lines of a card file
_HEADING = re.compile(r"(?m)^## +([a-z0-9-]+)[ \t]*$")


class NotDoneError(Exception):
    """Why the card files stay as they are, and what to type. `diagnostics` say what is wrong with them."""

    def __init__(self, message: str, help_line: str, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message)
        self.help = help_line
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True)
class Tree:
    """A project and its card files, the cards with errors among them."""

    project: Project
    found: Found
    parsed: Mapping[str, Outcome[RawCard]]

    def cards(self) -> Iterator[RawCard]:
        for outcome in self.parsed.values():
            yield from outcome.values

    def homes(self) -> dict[str, tuple[Task, Service]]:
        """Task and service of every file that has them."""
        found = {source.path: home(source, self.project.vocabulary)[0] for source in self.found.sources}
        return {path: where for path, where in found.items() if where}

    def taken(self) -> frozenset[str]:
        """Every id that no new card may have: of cards, written well or not, and of all that was ever released."""
        project = self.project
        written = {name for source in self.found.sources for name in _HEADING.findall(source.text)}
        released = {name for book in project.ledgers.values() for name in book.cards}
        return frozenset(written | released | {name for found in project.retirements.values() for name in found.cards})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card goes: behind a card of a file, at its end, or into a new file (where `source` has no text)."""

    source: Source
    title: str
    after: RawCard | None = None

    @property
    def path(self) -> str:
        return self.source.path


def read(folder: Path, overlay: Path | None = None) -> Tree:
    """The project in `folder` and its cards. NotDoneError where decks/ or schema/ cannot be used."""
    loaded = project_files.load(folder, overlay)
    if not loaded.values:
        raise NotDoneError("the project cannot be read", "mend what is said above", loaded.diagnostics)
    found = discover(loaded.values[0]).values[0]
    return Tree(loaded.values[0], found, {source.path: parse(source) for source in found.sources})


def root_named(project: Project, name: str) -> Root:
    """The root that a path names; without one the overlay's, or the project's first. NotDoneError where there is none."""
    if not name:
        return project.root(project.releasing[0])  # with an overlay its own: the project's cards are not somebody's to add to
    root = next((root for root in project.roots if root.path == name.rstrip("/")), None)
    if root is None:
        known = [root.path for root in project.roots]
        raise NotDoneError(f"there is no root {name}", nearest(name, known) or "roots of decks/project.toml: " + ", ".join(known))
    return root


def home_named(vocabulary: Vocabulary, name: str) -> tuple[Task, Service]:
    """Task and service of `TASK/SERVICE`. NotDoneError where there are none of that name."""
    folder, _, slug = name.strip("/").partition("/")
    task = next((task for task in vocabulary.tasks.values() if folder in (task.slug, task.folder)), None)
    service = vocabulary.services.get(slug)
    if task is None or service is None:
        known = [f"{task.folder}/{slug}" for task in vocabulary.tasks.values() for slug in vocabulary.services]
        raise NotDoneError(f"`{name}` is not a task and a service", nearest(name, known) or f"write TASK/SERVICE, as {known[0]}")
    return task, service


def place(tree: Tree, root: Root, task: Task, service: Service, topic: str) -> Place:
    """Where a card of a topic goes: behind the topic's last card in the file that has most of them, a long file only if there is no other;
    else to the end of `<service>.md`; else into a new file."""
    homes = tree.homes()
    files = [s for s in tree.found.sources if s.root == root.path and homes.get(s.path) == (task, service)]
    counts = Counter({s.path: sum(topic_of(raw) == topic for raw in tree.parsed[s.path].values) for s in files})
    for source in sorted(files, key=lambda s: (len(s.starts) > LONG, -counts[s.path])):
        if counts[source.path]:
            last = [raw for raw in tree.parsed[source.path].values if topic_of(raw) == topic][-1]
            return Place(source, service.title, last)
    main = f"{root.path}/{task.folder}/{service.slug}.md"
    known = next((s for s in files if s.path == main), None)
    if known and len(known.starts) <= LONG:
        return Place(known, service.title)
    path = f"{root.path}/{task.folder}/{service.slug}/{topic}.md" if files else main
    same = next((s for s in files if s.path == path), None)
    return Place(same or Source(path, "", root.path, root.namespace), service.title)


def topic_of(raw: RawCard) -> str:
    return next((given.value for given in raw.metadata if given.name == "topic"), "")


def put(tree: Tree, place: Place, sections: list[str], ids: list[str]) -> str:
    """The text of a place's file with more cards. NotDoneError where the file has errors that would swallow them."""
    if not place.source.text:
        return fresh(place.title, sections)
    text = with_sections(place.source, sections, place.after)
    before = tree.parsed[place.path]
    after = {raw.id.value: raw.span.text for raw in parse(Source(place.path, text)).values}
    kept = all(after.get(raw.id.value) == raw.span.text for raw in before.values)
    if not kept or not after.keys() >= set(ids):
        shown = before.diagnostics if has_errors(before.diagnostics) else ()
        raise NotDoneError(f"{place.path} cannot take a card as it is", "mend the file: `python build.py check`", shown)
    return text
