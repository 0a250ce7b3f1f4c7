"""`completion`: the script that makes a shell complete our command lines, and what may stand in them.

Every completer takes the project's folder and that of an overlay and gives Suggestions, which the shell's own word still thins out.
They read names and parse no card: somebody waits with a finger on Tab. What cannot be read suggests nothing; `check` says what is wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from deckwright.cards.sections import headings
from deckwright.core import files

SHELLS = {"bash": "bash.sh", "zsh": "zsh.zsh", "fish": "fish.fish"}

_ID = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word that fits, and what it stands for."""

    word: str
    help: str = ""


def script(shell: str) -> str:
    """The script for one of SHELLS."""
    return resources("deckwright.cli").joinpath("shell", SHELLS[shell]).read_text("utf-8")


def cards(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Ids of the cards as they stand in the files, with errors or without."""
    for path in _card_files(folder, overlay):
        yield from (Suggestion(name, path) for name in _ids(folder / path))


def topics(folder: Path, overlay: Path | None, task: str = "") -> Iterator[Suggestion]:
    """Slugs of the topics, task by task; only those of a task where `task` (its slug or its folder) names one."""
    found = list(_entries(folder, overlay, "task"))
    order = [
        entry.get("slug") for entry in found if task in (entry.get("slug"), entry.get("folder"))
    ] or [e.get("slug") for e in found]
    every = list(_entries(folder, overlay, "topic"))
    for slug in order:
        for entry in every:
            if entry.get("task") == slug:
                yield from _named(entry, "slug")


def tasks(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    for entry in _entries(folder, overlay, "task"):
        yield from _named(entry, "slug")


def services(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    for entry in _entries(folder, overlay, "service"):
        yield from _named(entry, "slug")


def kinds(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    for entry in _entries(folder, overlay, "kind"):
        yield from _named(entry, "slug")


def types(_folder: Path, _overlay: Path | None) -> Iterator[Suggestion]:
    """The types of cards."""
    from deckwright.cards.new_card import TYPES

    yield from (Suggestion(*form) for form in TYPES.items())


def card_files(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """The files with cards."""
    yield from (
        Suggestion(path) for path in _card_files(folder, overlay) if any(_ids(folder / path))
    )


def movable(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """What can be moved, and where to: cards by their ids, whole files, homes. Nobody knows which word will be the last."""
    yield from cards(folder, overlay)
    yield from card_files(folder, overlay)
    yield from homes(folder, overlay)


def homes(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Where cards can go: a task's folder and a service, as `<folder>/<service>`."""
    places = list(_entries(folder, overlay, "service"))
    for task in _entries(folder, overlay, "task"):
        for place in places:
            if isinstance(task.get("folder"), str) and isinstance(place.get("slug"), str):
                yield Suggestion(f"{task['folder']}/{place['slug']}", str(place.get("title", "")))


def roots(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """The folders with cards."""
    yield from (Suggestion(root) for root, _ in _roots(folder, overlay))


def words(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """What is worth looking for: ids, topics, services."""
    yield from cards(folder, overlay)
    yield from topics(folder, overlay)
    yield from services(folder, overlay)


def codes(_folder: Path, _overlay: Path | None) -> Iterator[Suggestion]:
    """The codes of complaints."""
    from deckwright.core.diagnostics import codes

    yield from (Suggestion(code.code, code.title) for code in codes().values())


def releases(folder: Path, overlay: Path | None) -> Iterator[Suggestion]:
    """Tags of the project's history, the newest version first."""
    from deckwright.core.git import GitError, repository

    try:
        found = repository(overlay or folder)
        names = [*found.tags(True), *found.tags(False)]
    except GitError:
        return
    yield from (
        Suggestion(name)
        for name in sorted(
            names, key=lambda name: [int(n) for n in re.findall(r"\d+", name)], reverse=True
        )
    )


def data(folder: Path, overlay: Path | None, packages: Path | None = None) -> Iterator[Suggestion]:
    """Names of published data whose packages are installed, here or in `packages`."""
    from deckwright.facts.datasets import Datasets
    from deckwright.project.vocabulary import Data

    try:
        table = tuple(Data(**entry) for entry in _entries(folder, overlay, "data"))
        titles = {one.name: one.title for one in table}
        yield from (
            Suggestion(name, titles.get(name, "")) for name in Datasets(table, packages).names()
        )
    except (TypeError, OSError):
        return


def _card_files(folder: Path, overlay: Path | None) -> Iterator[str]:
    for root, base in _roots(folder, overlay):
        readme = f"{root}/README.md"
        yield from (
            path
            for path in files.walk(folder, root, base).paths
            if path.endswith(".md") and path != readme
        )


def _ids(path: Path) -> Iterator[str]:
    return (name for _, name in headings(_text(path)) if _ID.fullmatch(name))


def _roots(folder: Path, overlay: Path | None) -> Iterator[tuple[str, str]]:
    """Folders with cards as the commands know them, by their way from the project's folder, and the beginning of it that leads to an
    overlay elsewhere."""
    from deckwright.project.overlay import CARDS, SETTINGS, base_of

    for entry in _tables(_toml(folder / "decks" / "project.toml"), "root"):
        if isinstance(entry.get("path"), str):
            yield entry["path"], ""
    base = base_of(folder, overlay)
    if (folder / base / SETTINGS).is_file():
        yield base + CARDS, base


def _entries(folder: Path, overlay: Path | None, kind: str) -> Iterator[dict[str, Any]]:
    """The tables of one kind in the vocabulary, an overlay's last."""
    for home in dict.fromkeys((folder, overlay or folder)):
        for path in sorted((home / "schema" / "vocabulary").glob("*.toml")):
            yield from _tables(_toml(path), kind)


def _named(entry: dict[str, Any], key: str) -> Iterator[Suggestion]:
    if isinstance(entry.get(key), str):
        yield Suggestion(entry[key], str(entry.get("title", "")))


def _tables(table: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = table.get(kind)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError:
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
