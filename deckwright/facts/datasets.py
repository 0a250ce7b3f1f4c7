"""Published data that comes in installed packages: which file a name stands for, and what stands at a path in it.

Which packages these are is the project's own affair (`[[data]]` of the vocabulary). Nothing of a package is imported or run: its
files are read, JSON as it is (`.json`, `.json.gz`) or as the one long text in a Python module (`.py`).
"""

from __future__ import annotations

import ast
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from deckwright.core.suggest import nearest
from deckwright.facts.evidence import Value
from deckwright.project.vocabulary import Data


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a path: its value, and the package that says so."""

    value: Value
    package: str
    version: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is nothing at a path; `package` is empty where no package is known to have the data."""

    why: str
    help: str = ""
    package: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a data set, for who looks for it."""

    path: str
    value: Value


class NoPackageError(Exception):
    """A package with data is not installed."""


@dataclass(frozen=True)
class Datasets:
    """The data that a project names, as far as its packages are installed: here, or in `folder` (as `pip install --target` makes
    it). Files are read once, when they are asked for."""

    table: tuple[Data, ...]
    folder: Path | None = None
    _trees: dict[str, tuple[Any, str]] = field(default_factory=dict, repr=False)
    _places: dict[str, tuple[Path, str]] = field(default_factory=dict, repr=False)

    def resolve(self, name: str, path: str) -> Found | Missing:
        """What stands at a path of the data set `name`. Raises NoPackageError where its package is not installed."""
        data = self._data(name)
        if data is None:
            known = ", ".join(entry.name for entry in self.table if entry.name != "*")
            return Missing(
                f"there is no data `{name}`",
                f"known: {known}" if known else "add it to schema/vocabulary/ as [[data]]",
            )
        node, version = self._tree(data, name)
        if node is None and self._files(data, name):
            return Missing(
                f"the data `{name}` of {data.package} {version} cannot be read",
                "install it anew",
                data.package,
                version,
            )
        if node is None:
            return Missing(
                f"{data.package} {version} has no data `{name}`",
                nearest(name, self._names(data)),
                data.package,
                version,
            )
        rest = path
        while rest:
            step = _step(node, rest)
            if step is None:
                gone = rest.split(".")[0]
                known = nearest(gone, map(str, node)) if isinstance(node, Mapping) else ""
                return Missing(
                    f"{data.package} {version} has no `{gone}` there", known, data.package, version
                )
            node, rest = step
        value = _value(node)
        if value is None:
            return Missing(
                "there are many values under this path", "name one of them", data.package, version
            )
        return Found(value, data.package, version)

    def leaves(self, name: str) -> Iterator[Leaf]:
        """Every value of a data set with its path. Raises NoPackageError."""
        data = self._data(name)
        tree = self._tree(data, name)[0] if data else None
        if tree is not None:
            yield from _leaves(tree, "")

    def names(self) -> tuple[str, ...]:
        """The names of all data sets whose packages are installed."""
        out: list[str] = []
        for data in self.table:
            out += self._names(data) if data.name == "*" else [data.name]
        return tuple(dict.fromkeys(out))

    def hint(self, name: str) -> str:
        """Whose name it may be, where there is no data `name`."""
        names = self.names()
        alike = [
            known for known in names if len(name) > 2 and (known.startswith(name) or known in name)
        ]
        return (
            ""
            if name in names
            else nearest(name, names)
            or (
                f"did you mean {' or '.join(f'`{known}`' for known in alike[:4])}?" if alike else ""
            )
        )

    def versions(self) -> dict[str, str]:
        """The installed version of each package that the table names; empty for those that are missing."""
        found = {}
        for package in dict.fromkeys(data.package for data in self.table):
            try:
                found[package] = self._place(package)[1]
            except NoPackageError:
                found[package] = ""
        return found

    def _data(self, name: str) -> Data | None:
        exact = next((data for data in self.table if data.name == name), None)
        return exact or next((data for data in self.table if data.name == "*"), None)

    def _place(self, package: str) -> tuple[Path, str]:
        """Where a package's files lie, and its version."""
        if package not in self._places:
            at = (
                metadata.distributions(name=package, path=[str(self.folder)])
                if self.folder
                else metadata.distributions(name=package)
            )
            found = next(iter(at), None)
            try:
                version = str(found.metadata["Version"] or "?") if found else ""
            except UnicodeDecodeError:
                version = ""
            if found is None or not version:
                raise NoPackageError(package)
            self._places[package] = (Path(str(found.locate_file(""))), version)
        return self._places[package]

    def _files(self, data: Data, name: str) -> list[Path]:
        """The files that a name stands for: of several versions of one, in folders named after them, the newest."""
        root = self._place(data.package)[0]
        pattern = data.file.replace("{name}", name)
        found = sorted(root.glob(pattern))
        if "/*/" in pattern:
            return found[-1:]
        return found

    def _names(self, data: Data) -> list[str]:
        try:
            root = self._place(data.package)[0]
        except NoPackageError:
            return []
        if "{name}" not in data.file:
            return [data.name]
        form = re.compile(
            re.escape(data.file).replace(r"\{name\}", "([^/]+)").replace(r"\*", "[^/]*")
        )
        found = (
            form.fullmatch(path.relative_to(root).as_posix())
            for path in root.glob(data.file.replace("{name}", "*"))
        )
        return sorted({match[1] for match in found if match})

    def _tree(self, data: Data, name: str) -> tuple[Any, str]:
        if name not in self._trees:
            version = self._place(data.package)[1]
            paths = self._files(data, name)
            if data.file.endswith("/*.json"):
                tree: Any = {path.stem: _load(path) for path in paths} or None
            else:
                tree = _load(paths[0]) if paths else None
            self._trees[name] = (tree, version)
        return self._trees[name]


def _load(path: Path) -> Any:
    """The JSON of a file; None where there is none in it."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if path.suffix != ".py":
            return json.loads(raw)
        texts = (node.value for node in ast.walk(ast.parse(raw)) if isinstance(node, ast.Constant))
        return json.loads(
            max((text for text in texts if isinstance(text, str)), key=len, default="null")
        )
    except (OSError, EOFError, zlib.error, ValueError, SyntaxError, RecursionError):
        return None


def _step(node: Any, rest: str) -> tuple[Any, str] | None:
    """One step along a path, the longest name first, for names may have points in them. Behind a name, `[0]` takes from a list by
    place, `[Word]` the one entry that has that word for a value."""
    if not isinstance(node, Mapping):
        return None
    steps = rest.split(".")
    for length in range(len(steps), 0, -1):
        name, mark, index = ".".join(steps[:length]).partition("[")
        if name in node and not mark:
            return node[name], ".".join(steps[length:])
        if name in node and isinstance(node[name], list) and index.endswith("]"):
            found = _entries(node[name], index[:-1])
            if len(found) == 1:
                return found[0], ".".join(steps[length:])
    return None


def _entries(items: list[Any], index: str) -> list[Any]:
    if index.isdigit():
        return items[int(index) : int(index) + 1]
    return [item for item in items if isinstance(item, Mapping) and index in item.values()]


def _value(node: Any) -> Value | None:
    """A value as evidence reads it: of a table the names of its entries. None for what has tables in a list."""
    if isinstance(node, str):
        return node.encode("utf-8", "replace").decode("utf-8")
    if isinstance(node, int) and abs(node) > 10**15:
        return str(node)[:60]
    if isinstance(node, int | float | bool):
        return node
    if isinstance(node, Mapping):
        return tuple(str(name).encode("utf-8", "replace").decode("utf-8") for name in node)
    if isinstance(node, list) and all(isinstance(item, str | int | float) for item in node):
        return tuple(map(str, node))
    return None


def _leaves(node: Any, path: str) -> Iterator[Leaf]:
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _leaves(child, f"{path}.{name}" if path else str(name))
        return
    value = _value(node)
    if value is not None:
        yield Leaf(path, value)
        return
    items = node if isinstance(node, list) else []
    for number, child in enumerate(items):
        yield from _leaves(child, f"{path}[{_handle(items, child) or number}]")


def _handle(items: list[Any], child: Any) -> str:
    """A word by which an entry of a list is told from all others; nothing where it has none."""
    for word in child.values() if isinstance(child, Mapping) else ():
        if (
            isinstance(word, str)
            and word.isalnum()
            and not word.isdigit()
            and len(_entries(items, word)) == 1
        ):
            return word
    return ""
