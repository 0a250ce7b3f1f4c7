"""The workspace: a project with its card files, for commands that edit them.

Finds cards, files and roots by the names that people type, finds the place for a new
card, and writes card files.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path, PurePosixPath

from deckwright.cards.discover import CardFiles, discover
from deckwright.cards.ids import ID, MAX_ID
from deckwright.cards.metadata import Home
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

_HOME = "TASK/SERVICE, such as {}, or a file that ends in .md"  # how the user writes one, for help
LONG = 250  # lines of a card file, above which new cards go into another one
_HEADING = re.compile(r"(?m)^ {0,3}##[ \t]+([a-z0-9-]+)(?:[ \t]+#+)?[ \t]*$")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project and its card files, also files and cards with errors."""

    project: Project
    found: CardFiles
    parsed: Mapping[str, Outcome[RawCard]]

    def cards(self) -> Iterator[RawCard]:
        """Yield all cards, file by file."""
        for outcome in self.parsed.values():
            yield from outcome.values

    def homes(self) -> dict[str, Home]:
        """Return task and service of each file, except files whose path names none."""
        vocabulary = self.project.vocabulary
        found = {source.path: home(source, vocabulary)[0] for source in self.found.sources}
        return {path: where for path, where in found.items() if where}

    def taken(self) -> frozenset[str]:
        """Return the ids that no new card may have: written or ever released ones."""
        ids = {raw.id.value for raw in self.cards()}
        for source in self.found.sources:
            if has_errors(self.parsed[source.path].diagnostics):  # it may have more cards
                ids.update(_HEADING.findall(source.text))
        for ledger in self.project.ledgers.values():
            ids.update(ledger.cards)
        for retired in self.project.retirements.values():
            ids.update(retired.cards)
        return frozenset(ids)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card goes: behind the card `after`, or at the end of a file.

    The file is new if `source` has no text; `title` is for a new file.
    """

    source: Source
    title: str
    after: RawCard | None = None

    @property
    def path(self) -> str:
        """The path of the file."""
        return self.source.path


def read(folder: Path, overlay: Path | None = None) -> Workspace:
    """Return the project in `folder` and its cards.

    Raises UserError if decks/ or schema/ cannot be used.
    """
    loaded = project_files.load(folder, overlay)
    if not loaded.values:
        raise UserError("the project cannot be read", "fix the problems above", loaded.diagnostics)
    project = loaded.values[0]
    found = discover(project).values[0]
    return Workspace(project, found, {source.path: parse(source) for source in found.sources})


def root_named(project: Project, name: str) -> Root:
    """Return a root by its path; "" is the overlay's, or the first. Raises UserError."""
    if not name:
        return project.root(project.releasing[0])
    root = next((root for root in project.roots if root.path == name.rstrip("/")), None)
    if root is None:
        known = [root.path for root in project.roots]
        hint = nearest(name, known) or "the roots in decks/project.toml are " + ", ".join(known)
        raise UserError(f"there is no root {name}", hint)
    return root


def home_named(vocabulary: Vocabulary, name: str, form: str = _HOME) -> Home:
    """Return task and service of `TASK/SERVICE`. Raises UserError if there are none."""
    folder, _, slug = name.strip("/").partition("/")
    tasks = vocabulary.tasks.values()
    task = next((task for task in tasks if folder in (task.slug, task.folder)), None)
    service = vocabulary.services.get(slug)
    if task is None or service is None:
        known = [f"{one.folder}/{other}" for one in tasks for other in vocabulary.services]
        first = task or next(iter(tasks))
        example = f"{first.folder}/{next(iter(vocabulary.services))}"
        hint = nearest(f"{task.folder}/{slug}" if task else name, known)
        message = f"`{name}` is not a task and a service"
        raise UserError(message, hint or f"write {form.format(example)}")
    return task, service


def cards_named(workspace: Workspace, names: Iterable[str]) -> list[RawCard]:
    """Return the cards that names mean, each once, in the order of the names.

    A name is an id, `path:line:id` as `find` writes it, or a file, which means all its
    cards. Raises UserError if a name means no card, or an id more than one.
    """
    found: dict[tuple[str, int], RawCard] = {}
    by_id: dict[str, list[RawCard]] = defaultdict(list)
    for raw in workspace.cards():
        by_id[raw.id.value].append(raw)
    for name in names:
        file = file_named(workspace, name)
        if file in workspace.parsed:
            here: Iterable[RawCard] = workspace.parsed[file].values
        else:
            here = [_card_named(workspace, name, by_id)]
        found |= {(raw.span.path, raw.span.start): raw for raw in here}
    return list(found.values())


def _card_named(workspace: Workspace, name: str, by_id: Mapping[str, Sequence[RawCard]]) -> RawCard:
    """Return the card with an id, or at `path:line:id`."""
    where, _, card_id = name.rpartition(":")
    path, _, line = where.partition(":")
    found = list(by_id.get(card_id, ()))
    if path:
        path = file_named(workspace, path)
        found = [raw for raw in found if raw.span.path == path]
    if not found:
        hint = nearest(card_id, by_id) or "write the ID of a card or the path of a card file"
        raise UserError(f"there is no card {name}", hint)
    if len(found) > 1:
        found = [raw for raw in found if str(raw.span.line) == line] or found
    if len(found) > 1:
        places = " or ".join(f"{raw.span.path}:{raw.span.line}:{card_id}" for raw in found)
        raise UserError(f"{card_id} is in {len(found)} places", f"write {places}")
    return found[0]


def file_named(workspace: Workspace, name: str) -> str:
    """Return the path of a file, named from the current or from the project folder.

    Raises UserError if the name is empty.
    """
    if not name:
        help_line = "write IDs of cards or paths of files"
        raise UserError("a name is empty", help_line)
    from_here = Path(os.path.relpath(name, workspace.project.folder)).as_posix()
    from_project = posixpath.normpath(name)
    for path in (from_here, from_project):
        if path in workspace.parsed:
            return path
    return from_here if root_of(workspace, from_here) else from_project


def root_of(workspace: Workspace, path: str) -> Root | None:
    """Return the root that a path is in, of nested roots the innermost."""
    around = [root for root in workspace.project.roots if f"{path}/".startswith(f"{root.path}/")]
    return max(around, key=lambda root: len(root.path), default=None)


def require_no_links(workspace: Workspace, paths: Iterable[str]) -> None:
    """Raise UserError if a path is, or is below, a symbolic link inside of its root.

    Cards there would be skipped or read twice.
    """
    folder = workspace.project.folder
    for path in paths:
        root = root_of(workspace, path)
        base = root.path if root else posixpath.dirname(path)
        parts = PurePosixPath(path).relative_to(base).parts
        steps = list(accumulate(parts, posixpath.join, initial=base))[1:]
        links = [step for step in steps if (folder / step).is_symlink()]
        if root and not _is_inside(folder / root.path, folder / root.base):
            links.insert(0, root.path)
        if links:
            help_line = "replace it with the file or folder itself, or choose another place"
            raise UserError(f"{links[0]} is a symbolic link", help_line)


def _is_inside(folder: Path, outer: Path) -> bool:
    """Return whether a folder is in another one, with all links followed."""
    return os.path.realpath(folder).startswith(os.path.realpath(outer) + os.sep)


def require_readable(workspace: Workspace, paths: Iterable[str]) -> None:
    """Raise UserError if a file is a link, or has errors: no card can leave it then.

    It is not certain which text belongs to which card.
    """
    paths = tuple(paths)
    require_no_links(workspace, paths)
    diagnostics = tuple(d for path in paths for d in workspace.parsed[path].diagnostics)
    if has_errors(diagnostics):
        message = "cards cannot be moved or removed until these files are fixed"
        raise UserError(message, "fix the problems above", diagnostics)


def checked_id(workspace: Workspace, name: str, example: str) -> str:
    """Return an id for a new card. Raises UserError if it is malformed or taken."""
    if not ID.fullmatch(name):
        form = "use lowercase letters, digits, and single hyphens, and start with a letter"
        raise UserError(f"`{name}` is not a card ID", f"{form}, such as {example}")
    if len(name) > MAX_ID:
        message = f"the card ID has {len(name)} characters; the maximum is {MAX_ID}"
        raise UserError(message, f"shorten it, for example to {example}")
    if name in workspace.taken():
        retired = any(name in found.cards for found in workspace.project.retirements.values())
        why = "was retired, and IDs are never reused" if retired else "is already used"
        raise UserError(f"the ID {name} {why}", f"choose another, such as {example}")
    return name


def place(workspace: Workspace, root: Root, task: Task, service: Service, topic: str) -> Place:
    """Return where a card of a topic goes.

    That is behind the topic's last card, in the file with most of its cards (in a long
    file only if there is no other); else at the end of `<service>.md`; else a new file.
    """
    homes = workspace.homes()
    files = {
        source.path: source
        for source in workspace.found.sources
        if source.root == root.path and homes.get(source.path) == (task, service)
    }
    counts = Counter(
        path for path in files for raw in workspace.parsed[path].values if topic_of(raw) == topic
    )
    for path in sorted(files, key=lambda path: (len(files[path].starts) > LONG, -counts[path])):
        if counts[path]:
            return place_in(files[path], service.title, topic)
    main = f"{root.path}/{task.folder}/{service.slug}.md"
    if main in files and len(files[main].starts) <= LONG:
        return Place(files[main], service.title)
    path = f"{root.path}/{task.folder}/{service.slug}/{topic}.md" if files else main
    source = files.get(path) or Source(path, "", root.path, root.namespace)
    return Place(source, service.title)


def place_in(source: Source, title: str, topic: str) -> Place:
    """Return where a card of a topic goes in one file; `title` is for a new file."""
    same_topic = [raw for raw in parse(source).values if topic_of(raw) == topic]
    return Place(source, title, same_topic[-1] if same_topic else None)


def topic_of(raw: RawCard) -> str:
    """Return a card's topic, empty if it has none."""
    return next((given.value for given in raw.metadata if given.name == "topic"), "")


def put(place: Place, sections: Sequence[str], ids: Iterable[str]) -> str:
    """Return the text of a file with more cards, whose ids are `ids`.

    Raises UserError if the file has errors that would swallow them.
    """
    if not place.source.text:
        return fresh(place.title, sections)
    text = with_sections(place.source, sections, place.after)
    return _with_all_cards(place.source, text, ids)


def put_by_topic(
    source: Source, raws: Sequence[RawCard], sections: Sequence[tuple[str, str]], ids: Iterable[str]
) -> str:
    """Return a file's text with more cards, as (topic, section); `raws` are its own.

    Each goes behind the last card of its topic, or to the end. Raises UserError.
    """
    last = {topic_of(raw): raw for raw in raws}
    by_topic: dict[str, list[str]] = defaultdict(list)
    for topic, section in sections:
        by_topic[topic].append(section)
    at_end = [section for topic in by_topic if topic not in last for section in by_topic[topic]]
    text = with_sections(source, at_end) if at_end else source.text
    for raw in sorted(last.values(), key=lambda raw: -raw.span.start):
        if topic_of(raw) in by_topic:
            text = with_sections(Source(source.path, text), by_topic[topic_of(raw)], raw)
    return _with_all_cards(source, text, ids)


def _with_all_cards(source: Source, text: str, ids: Iterable[str]) -> str:
    """Return `text`. Raises UserError if it lacks a card of `ids` or of the file."""
    before = parse(source)
    after = {raw.id.value: raw.span.text for raw in parse(Source(source.path, text)).values}
    kept = all(after.get(raw.id.value) == raw.span.text for raw in before.values)
    if not kept or not after.keys() >= set(ids):
        raise UserError(
            f"no card can be added to {source.path} until it is fixed",
            "run `./build.py check` to see its problems",
            before.diagnostics if has_errors(before.diagnostics) else (),
        )
    return text


def write(
    workspace: Workspace,
    texts: Mapping[str, str],
    gone: Iterable[str] = (),
    beside: Mapping[str, str] | None = None,
) -> None:
    """Write card files in the order given, then the files `beside`; delete `gone` ones.

    Raises OSError, and leaves all files as they were; UserError if a card file has
    changed since the workspace was read, or a path is a symbolic link.
    """
    folder, gone, others = workspace.project.folder, tuple(gone), beside or {}
    require_no_links(workspace, (*texts, *gone, *others))
    seen = {source.path: source.text for source in workspace.found.sources}
    for path in (*texts, *gone):
        there = (folder / path).exists()
        now = read_source(folder, path).values if there else ()
        if there != (path in seen) or (there and (not now or now[0].text != seen[path])):
            new = "already exists and cannot be read as a card file"
            what = "was changed in the meantime" if path in seen else new
            raise UserError(f"{path} {what}", "check the file, then run the command again")
    replace_files(folder, {**texts, **others}, gone)
