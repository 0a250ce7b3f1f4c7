"""The values that Tab offers: names that are in the project's files.

A completer takes the project's folder and the folder of an overlay, and returns
Suggestions that the word on the command line has yet to narrow down. Completers read
names and parse no card, because the user is waiting. A file that cannot be read
suggests nothing; `check` reports what is wrong with it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckwright.cards.sections import headings
from deckwright.core import files

_ID = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that fits, and what it means."""

    word: str
    help: str = ""


Completer = Callable[[Path, Path | None], Iterable[Suggestion]]


def cards(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Ids of the cards in the files, with or without errors."""
    for path in _card_paths(folder, overlay):
        yield from (Suggestion(name, path) for name in _ids(folder / path))


def topics(folder: Path, overlay: Path | None, task: str = "") -> Iterator[Suggestion]:
    """Names of the topics, task by task.

    Only those of one task if `task` is its name or its folder.
    """
    tasks = list(_entries(folder, overlay, "task"))
    named = [entry for entry in tasks if task in (entry.get("slug"), entry.get("folder"))]
    every = list(_entries(folder, overlay, "topic"))
    for chosen in named or tasks:
        for topic in every:
            if topic.get("task") == chosen.get("slug"):
                yield from _named(topic)


def tasks(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Names of the tasks."""
    return _named_entries(folder, overlay, "task")


def services(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Names of the services."""
    return _named_entries(folder, overlay, "service")


def kinds(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Names of the kinds of cards."""
    return _named_entries(folder, overlay, "kind")


def levels(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Names of the levels of cards."""
    return _named_entries(folder, overlay, "level")


def types(_folder: Path, _overlay: Path | None) -> Iterator[Suggestion]:
    """The types of cards."""
    from deckwright.cards.new_card import TYPES

    yield from (Suggestion(*form) for form in TYPES.items())


def card_files(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """The files that have cards."""
    for path in _card_paths(folder, overlay):
        if any(_ids(folder / path)):
            yield Suggestion(path)


def movable(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """What `mv` takes: cards, card files, and TASK/SERVICE.

    All of them for each word, because any word may be the last one.
    """
    yield from cards(folder, overlay)
    yield from card_files(folder, overlay)
    yield from homes(folder, overlay)


def homes(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Where cards can go: a task's folder and a service, as `<folder>/<service>`."""
    services = list(_entries(folder, overlay, "service"))
    for task in _entries(folder, overlay, "task"):
        for service in services:
            if isinstance(task.get("folder"), str) and isinstance(service.get("slug"), str):
                home = f"{task['folder']}/{service['slug']}"
                yield Suggestion(home, str(service.get("title", "")))


def roots(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """The card folders."""
    yield from (Suggestion(root) for root, _ in _roots(folder, overlay))


def words(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """What is worth a search: ids, topics, services."""
    yield from cards(folder, overlay)
    yield from topics(folder, overlay)
    yield from services(folder, overlay)


def codes(_folder: Path, _overlay: Path | None) -> Iterator[Suggestion]:
    """The codes of diagnostics."""
    from deckwright.core.diagnostics import codes

    yield from (Suggestion(code.code, code.title) for code in codes().values())


def data(folder: Path, overlay: Path | None, packages: Path | None = None) -> Iterator[Suggestion]:
    """Names of data whose packages are installed, here or in the folder `packages`."""
    from deckwright.facts.datasets import Datasets
    from deckwright.project.vocabulary import Data

    try:
        table = tuple(Data(**entry) for entry in _entries(folder, overlay, "data"))
        names = Datasets(table, packages).names()
    except (TypeError, OSError):
        return
    titles = {one.name: one.title for one in table}
    yield from (Suggestion(name, titles.get(name, "")) for name in names)


def _card_paths(folder: Path, overlay: Path | None) -> Iterator[str]:
    """Paths of the Markdown files below the card folders, without their READMEs."""
    for root, base in _roots(folder, overlay):
        for path in files.walk(folder, root, base).paths:
            if path.endswith(".md") and path != f"{root}/README.md":
                yield path


def _ids(path: Path) -> Iterator[str]:
    return (name for _, name in headings(_text(path)) if _ID.fullmatch(name))


def _roots(folder: Path, overlay: Path | None) -> Iterator[tuple[str, str]]:
    """Card folders by their path from the project's folder.

    With each comes the part of the path that leads to an overlay elsewhere.
    """
    from deckwright.project.overlay import CARDS, SETTINGS, base_of

    for entry in _tables(_toml(folder / "decks" / "project.toml"), "root"):
        if isinstance(entry.get("path"), str):
            yield entry["path"], ""
    base = base_of(folder, overlay)
    if (folder / base / SETTINGS).is_file():
        yield base + CARDS, base


def _named_entries(folder: Path, overlay: Path | None, kind: str) -> Iterator[Suggestion]:
    for entry in _entries(folder, overlay, kind):
        yield from _named(entry)


def _named(entry: dict[str, Any]) -> Iterator[Suggestion]:
    if isinstance(entry.get("slug"), str):
        yield Suggestion(entry["slug"], str(entry.get("title", "")))


def _entries(folder: Path, overlay: Path | None, kind: str) -> Iterator[dict[str, Any]]:
    """The tables of one kind in the vocabulary; those of an overlay come last."""
    for home in dict.fromkeys((folder, overlay or folder)):
        for path in sorted((home / "schema" / "vocabulary").glob("*.toml")):
            yield from _tables(_toml(path), kind)


def _tables(table: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = table.get(kind)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except (ValueError, RecursionError):
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
