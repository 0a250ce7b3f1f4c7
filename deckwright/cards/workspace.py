"""The card files as they are written, where each card stands in them, and where another one would go."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path, PurePosixPath

from deckwright.cards.discover import Found, discover
from deckwright.cards.ids import ID, MAX_ID
from deckwright.cards.parse import parse
from deckwright.cards.sections import fresh, with_sections
from deckwright.cards.validate import home
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Outcome, has_errors
from deckwright.core.errors import UserError
from deckwright.core.files import read_source, replace_files
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.project import project as project_files
from deckwright.project.project import Project, Root
from deckwright.project.vocabulary import Service, Task, Vocabulary

LONG = 250  # lines of a card file
_HEADING = re.compile(r"(?m)^ {0,3}##[ \t]+([a-z0-9-]+)(?:[ \t]+#+)?[ \t]*$")


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
        found = {
            source.path: home(source, self.project.vocabulary)[0] for source in self.found.sources
        }
        return {path: where for path, where in found.items() if where}

    def taken(self) -> frozenset[str]:
        """Every id that no new card may have: of cards, written well or not, and of all that was ever released."""
        project = self.project
        written = {raw.id.value for raw in self.cards()}
        unclear = [
            source
            for source in self.found.sources
            if has_errors(self.parsed[source.path].diagnostics)
        ]
        written |= {name for source in unclear for name in _HEADING.findall(source.text)}
        released = {name for book in project.ledgers.values() for name in book.cards}
        return frozenset(
            written
            | released
            | {name for found in project.retirements.values() for name in found.cards}
        )


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
    """The project in `folder` and its cards. UserError where decks/ or schema/ cannot be used."""
    loaded = project_files.load(folder, overlay)
    if not loaded.values:
        raise UserError("the project cannot be read", "mend what is said above", loaded.diagnostics)
    found = discover(loaded.values[0]).values[0]
    return Tree(loaded.values[0], found, {source.path: parse(source) for source in found.sources})


def root_named(project: Project, name: str) -> Root:
    """The root that a path names; without one the overlay's, or the project's first. UserError where there is none."""
    if not name:
        return project.root(
            project.releasing[0]
        )  # with an overlay its own: the project's cards are not somebody's to add to
    root = next((root for root in project.roots if root.path == name.rstrip("/")), None)
    if root is None:
        known = [root.path for root in project.roots]
        raise UserError(
            f"there is no root {name}",
            nearest(name, known) or "roots of decks/project.toml: " + ", ".join(known),
        )
    return root


def home_named(
    vocabulary: Vocabulary,
    name: str,
    form: str = "TASK/SERVICE, as {}, or a file that ends in .md",
) -> tuple[Task, Service]:
    """Task and service of `TASK/SERVICE`. UserError where there are none of that name.

    `form` is how the user writes one, with `{}` for an example."""
    folder, _, slug = name.strip("/").partition("/")
    task = next(
        (task for task in vocabulary.tasks.values() if folder in (task.slug, task.folder)), None
    )
    service = vocabulary.services.get(slug)
    if task is None or service is None:
        first = task or next(iter(vocabulary.tasks.values()))
        known = [
            f"{one.folder}/{other}"
            for one in vocabulary.tasks.values()
            for other in vocabulary.services
        ]
        hint = nearest(f"{task.folder}/{slug}" if task else name, known)
        example = f"{first.folder}/{next(iter(vocabulary.services))}"
        raise UserError(
            f"`{name}` is not a task and a service",
            hint or f"write {form.format(example)}",
        )
    return task, service


def cards_named(tree: Tree, names: Iterable[str]) -> list[RawCard]:
    """The cards that names mean (ids, `path:line:id` as `find` writes it, or files with all their cards), each once, in the order of the
    names. UserError where there is none, or where two have the id."""
    found: dict[tuple[str, int], RawCard] = {}
    by_id: dict[str, list[RawCard]] = defaultdict(list)
    for raw in tree.cards():
        by_id[raw.id.value].append(raw)
    for name in names:
        place, _, card_id = name.rpartition(":")
        path, _, line = place.partition(":")
        file = file_named(tree, name)
        here = [
            raw
            for raw in by_id.get(card_id, ())
            if not path or raw.span.path == file_named(tree, path)
        ]
        if file in tree.parsed:
            here = list(tree.parsed[file].values)
        elif len(here) > 1 and (there := [raw for raw in here if str(raw.span.line) == line]):
            here = there
        elif not here:
            raise UserError(
                f"there is no card {name}",
                nearest(card_id, by_id) or "name cards by their ids, or a card file",
            )
        elif len(here) > 1:
            places = [f"{raw.span.path}:{raw.span.line}:{card_id}" for raw in here]
            raise UserError(
                f"{card_id} stands in {len(here)} places", "say which: " + " or ".join(places)
            )
        found |= {(raw.span.path, raw.span.start): raw for raw in here}
    return list(found.values())


def file_named(tree: Tree, name: str) -> str:
    """A path as the project has it: from the current folder, or else from the project's. UserError where there is none."""
    if not name:
        raise UserError(
            "a name is empty", "name cards by their ids or places, and files by their paths"
        )
    paths = Path(os.path.relpath(name, tree.project.folder)).as_posix(), posixpath.normpath(name)
    return next(
        (path for path in paths if path in tree.parsed),
        paths[0] if root_of(tree, paths[0]) else paths[1],
    )


def root_of(tree: Tree, path: str) -> Root | None:
    """The root that a path lies in: of roots in each other the innermost."""
    return max(
        (r for r in tree.project.roots if f"{path}/".startswith(f"{r.path}/")),
        key=lambda r: len(r.path),
        default=None,
    )


def unlinked(tree: Tree, paths: Iterable[str]) -> None:
    """Nothing is written where a link leads, neither to a file nor below a folder of a root: whoever reads the project passes it over, or
    finds its cards twice."""
    for path in paths:
        root = root_of(tree, path)
        base = root.path if root else posixpath.dirname(path)
        steps = accumulate(
            PurePosixPath(path).relative_to(base).parts, posixpath.join, initial=base
        )
        links = [
            step for step in steps if step != base and (tree.project.folder / step).is_symlink()
        ]
        if root and not _inside(tree.project.folder / root.path, tree.project.folder / root.base):
            links.insert(0, root.path)
        if links:
            raise UserError(
                f"{links[0]} is a link",
                "put the file or the folder itself there, or name another place",
            )


def _inside(folder: Path, home: Path) -> bool:
    """Whether a folder really lies in another."""
    return os.path.realpath(folder).startswith(os.path.realpath(home) + os.sep)


def readable(tree: Tree, paths: Iterable[str]) -> None:
    """No card leaves a file that is a link, or in which it is not sure what belongs to which card."""
    paths = tuple(paths)
    unlinked(tree, paths)
    diagnostics = tuple(d for path in paths for d in tree.parsed[path].diagnostics)
    if has_errors(diagnostics):
        raise UserError(
            "these files have to be mended before a card can leave them",
            "mend what is said above",
            diagnostics,
        )


def checked_id(tree: Tree, name: str, example: str) -> str:
    """An id that a new card may have. UserError where it is no id, or taken."""
    if not ID.fullmatch(name):
        raise UserError(
            f"`{name}` is not a card id",
            f"small letters, digits and single hyphens, a letter first, as {example}",
        )
    if len(name) > MAX_ID:
        raise UserError(
            f"the card id has {len(name)} characters, more than {MAX_ID}",
            f"shorten it, as {example}",
        )
    if name in tree.taken():
        retired = any(name in found.cards for found in tree.project.retirements.values())
        why = "was retired, and an id is never used again" if retired else "is taken"
        raise UserError(f"the id {name} {why}", f"choose another, as {example}")
    return name


def place(tree: Tree, root: Root, task: Task, service: Service, topic: str) -> Place:
    """Where a card of a topic goes: behind the topic's last card in the file that has most of them, a long file only if there is no other;
    else to the end of `<service>.md`; else into a new file."""
    homes = tree.homes()
    files = [
        s
        for s in tree.found.sources
        if s.root == root.path and homes.get(s.path) == (task, service)
    ]
    counts = Counter(
        {s.path: sum(topic_of(raw) == topic for raw in tree.parsed[s.path].values) for s in files}
    )
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
    return Place(
        source,
        title,
        next((raw for raw in reversed(parse(source).values) if topic_of(raw) == topic), None),
    )


def topic_of(raw: RawCard) -> str:
    return next((given.value for given in raw.metadata if given.name == "topic"), "")


def put(place: Place, sections: Sequence[str], ids: Iterable[str]) -> str:
    """The text of a place's file with more cards, whose `ids` are given. UserError where the file has errors that would swallow
    them."""
    if not place.source.text:
        return fresh(place.title, sections)
    return taken_in(place.source, with_sections(place.source, sections, place.after), ids)


def put_by_topic(
    source: Source, raws: Sequence[RawCard], sections: Sequence[tuple[str, str]], ids: Iterable[str]
) -> str:
    """The text of a file that has the cards `raws` with more cards (topic and section), each behind the last card of its topic, or at the
    end. UserError as for `put`."""
    last = {topic_of(raw): raw for raw in raws}
    topics: dict[str, list[str]] = {}
    for topic, section in sections:
        topics.setdefault(topic, []).append(section)
    text = source.text
    if new := [
        section for topic, group in topics.items() if topic not in last for section in group
    ]:
        text = with_sections(source, new)
    for raw in sorted(
        (last[topic] for topic in topics if topic in last), key=lambda raw: -raw.span.start
    ):
        text = with_sections(Source(source.path, text), topics[topic_of(raw)], raw)
    return taken_in(source, text, ids)


def taken_in(source: Source, text: str, ids: Iterable[str]) -> str:
    """The `text` that a file is to have, if the cards `ids` stand in it and all that stood in it before. UserError where they do not."""
    before = parse(source)
    after = {raw.id.value: raw.span.text for raw in parse(Source(source.path, text)).values}
    if not after.keys() >= set(ids) or any(
        after.get(raw.id.value) != raw.span.text for raw in before.values
    ):
        shown = before.diagnostics if has_errors(before.diagnostics) else ()
        raise UserError(
            f"{source.path} cannot take a card as it is",
            "mend the file: `python build.py check`",
            shown,
        )
    return text


def write(
    tree: Tree,
    texts: Mapping[str, str],
    gone: Iterable[str] = (),
    beside: Mapping[str, str] | None = None,
) -> None:
    """Writes card files in the order given and files of another kind (`beside`), then deletes those that are `gone`; or raises OSError
    and leaves all as they were. UserError where somebody saved a card file since the tree was read, or where a link would be written."""
    folder, gone = tree.project.folder, tuple(gone)
    unlinked(tree, (*texts, *gone, *(beside or {})))
    seen = {source.path: source.text for source in tree.found.sources}
    for path in (*texts, *gone):
        there = (folder / path).exists()
        now = read_source(folder, path).values if there else ()
        if there != (path in seen) or (there and (not now or now[0].text != seen[path])):
            what = (
                "has just been changed"
                if path in seen
                else "is there, and no card file that can be read"
            )
            raise UserError(f"{path} {what}", "look at it, then run the command again")
    replace_files(folder, {**texts, **(beside or {})}, gone)
