"""The card files as they are written, where each card stands in them, and where another one would go."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deckwright import project as project_files
from deckwright.cardfile import fresh, with_sections
from deckwright.diagnostic import Diagnostic, Outcome, has_errors
from deckwright.discover import Found, discover
from deckwright.files import read_source
from deckwright.model import RawCard, Source
from deckwright.parse import parse
from deckwright.project import Project, Root
from deckwright.publish import replace_file
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
        first = task or next(iter(vocabulary.tasks.values()))
        known = [f"{one.folder}/{other}" for one in vocabulary.tasks.values() for other in vocabulary.services]
        hint = nearest(f"{task.folder}/{slug}" if task else name, known)
        example = f"{first.folder}/{next(iter(vocabulary.services))}"
        raise NotDoneError(f"`{name}` is not a task and a service", hint or f"write TASK/SERVICE, as {example}, or a file that ends in .md")
    return task, service


def place(tree: Tree, root: Root, task: Task, service: Service, topic: str) -> Place:
    """Where a card of a topic goes: behind the topic's last card in the file that has most of them, a long file only if there is no other;
    else to the end of `<service>.md`; else into a new file."""
    homes = tree.homes()
    files = [s for s in tree.found.sources if s.root == root.path and homes.get(s.path) == (task, service)]
    counts = Counter({s.path: sum(topic_of(raw) == topic for raw in tree.parsed[s.path].values) for s in files})
    for source in sorted(files, key=lambda s: (len(s.starts) > LONG, -counts[s.path])):
        if counts[source.path]:
            return place_in(source, service.title, topic)
    main = f"{root.path}/{task.folder}/{service.slug}.md"
    known = next((s for s in files if s.path == main), None)
    if known and len(known.starts) <= LONG:
        return Place(known, service.title)
    path = f"{root.path}/{task.folder}/{service.slug}/{topic}.md" if files else main
    same = next((s for s in files if s.path == path), None)
    return Place(same or Source(path, "", root.path, root.namespace), service.title)


def place_in(source: Source, title: str, topic: str) -> Place:
    """Where a card of a topic goes in one file; `title` is for a new one."""
    return Place(source, title, next((raw for raw in reversed(parse(source).values) if topic_of(raw) == topic), None))


def topic_of(raw: RawCard) -> str:
    return next((given.value for given in raw.metadata if given.name == "topic"), "")


def put(place: Place, sections: Sequence[str], ids: Iterable[str]) -> str:
    """The text of a place's file with more cards, whose `ids` are given. NotDoneError where the file has errors that would swallow
    them."""
    if not place.source.text:
        return fresh(place.title, sections)
    text = with_sections(place.source, sections, place.after)
    before = parse(place.source)
    after = {raw.id.value: raw.span.text for raw in parse(Source(place.path, text)).values}
    if not after.keys() >= set(ids) or any(after.get(raw.id.value) != raw.span.text for raw in before.values):
        shown = before.diagnostics if has_errors(before.diagnostics) else ()
        raise NotDoneError(f"{place.path} cannot take a card as it is", "mend the file: `python build.py check`", shown)
    return text


def write(tree: Tree, texts: Mapping[str, str], gone: Iterable[str] = ()) -> None:
    """Writes files in the order given, then deletes those that are `gone`; or raises OSError and leaves all as they were. NotDoneError
    where somebody saved one of them since the tree was read. If the machine stops in the middle, what was written first is there."""
    folder, gone = tree.project.folder, tuple(gone)
    seen = {source.path: source.text for source in tree.found.sources}
    before: dict[str, str | None] = {}
    for path in (*texts, *gone):
        there = (folder / path).exists()
        now = read_source(folder, path).values if there else ()
        if there != (path in seen) or (there and (not now or now[0].text != seen[path])):
            what = "has just been changed" if path in seen else "is there, and no card file that can be read"
            raise NotDoneError(f"{path} {what}", "look at it, then run the command again")
        before[path] = (folder / path).read_bytes().decode() if there else None
    done: list[str] = []
    made: list[Path] = []
    try:
        for path, text in texts.items():
            made += [p for p in reversed((folder / path).parents) if not p.exists()]
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            replace_file(folder / path, text)
            done.append(path)
        for path in gone:
            (folder / path).unlink()
            done.append(path)
    except BaseException:
        for path in reversed(done):
            _restore(folder / path, before[path])
        for one in reversed(made):
            if one.is_dir() and not os.listdir(one):
                one.rmdir()
        raise
    for parent in {(folder / path).parent for path in gone}:
        if not os.listdir(parent):
            parent.rmdir()


def _restore(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        replace_file(path, text)
