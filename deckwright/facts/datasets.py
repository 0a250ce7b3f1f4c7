"""Published data in installed packages: the file of a data set, and the values in it.

The project lists the packages (`[[data]]` in the vocabulary). No package is imported or
run: only its files are read, as JSON (`.json`, `.json.gz`) or as the longest string of
a Python module (`.py`), which must be JSON.
"""

from __future__ import annotations

import ast
import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from deckwright.core.suggest import nearest
from deckwright.project.vocabulary import Data

Value = str | int | float | bool | tuple[str, ...]  # a text, a number, or a list of names

_LARGEST = 10**15  # larger integers become text, because floats do not hold them exactly


@dataclass(frozen=True, slots=True)
class FoundValue:
    """The value at a path, and the package with its version."""

    value: Value
    package: str
    version: str


@dataclass(frozen=True, slots=True)
class MissingValue:
    """Why a path has no value; `package` is empty if no package has the data set."""

    why: str
    help: str = ""
    package: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a data set with its path, as returned by a search."""

    path: str
    value: Value


class NoPackageError(Exception):
    """A package with data is not installed; the text is its name."""


@dataclass(frozen=True)
class Datasets:
    """The data sets of a project, as far as their packages are installed.

    Packages come from this Python, or from `folder` (as `pip install --target` makes
    it). Each file is read once, when it is needed.
    """

    table: tuple[Data, ...]
    folder: Path | None = None
    _trees: dict[str, Any] = field(default_factory=dict, repr=False)
    _places: dict[str, tuple[Path, str]] = field(default_factory=dict, repr=False)

    def resolve(self, name: str, path: str) -> FoundValue | MissingValue:
        """Return the value at a path of data set `name`, or why there is none.

        Raises NoPackageError if its package is not installed.
        """
        data = self._data(name)
        if data is None:
            known = ", ".join(entry.name for entry in self.table if entry.name != "*")
            help_line = (
                f"choose from: {known}" if known else "add it to schema/vocabulary/ as `[[data]]`"
            )
            return MissingValue(f"there is no data named `{name}`", help_line)
        version = self._place(data.package)[1]

        def missing(why: str, help_line: str) -> MissingValue:
            return MissingValue(why, help_line, data.package, version)

        node = self._tree(data, name)
        if node is None and self._files(data, name):
            why = f"the data `{name}` of {data.package} {version} cannot be read"
            return missing(why, "install the package again")
        if node is None:
            why = f"{data.package} {version} has no data `{name}`"
            return missing(why, nearest(name, self._names(data)))
        rest = path
        while rest:
            step = _step(node, rest)
            if step is None:
                gone = rest.split(".")[0]
                hint = nearest(gone, map(str, node)) if isinstance(node, Mapping) else ""
                return missing(f"{data.package} {version} has no `{gone}` at this path", hint)
            node, rest = step
        value = _value(node)
        if value is None:
            help_line = "add the name of one of them"
            return missing("there are several values under this path", help_line)
        return FoundValue(value, data.package, version)

    def leaves(self, name: str) -> Iterator[Leaf]:
        """Yield every value of a data set with its path. Raises NoPackageError."""
        data = self._data(name)
        tree = self._tree(data, name) if data else None
        if tree is not None:
            yield from _leaves(tree, "")

    def names(self) -> tuple[str, ...]:
        """Return the names of all data sets whose packages are installed."""
        out: list[str] = []
        for data in self.table:
            out += self._names(data) if data.name == "*" else [data.name]
        return tuple(dict.fromkeys(out))

    def hint(self, name: str) -> str:
        """Return a suggestion for a data set that does not exist, or nothing."""
        names = self.names()
        if name in names:
            return ""
        if close := nearest(name, names):
            return close
        alike = [f"`{known}`" for known in names if known.startswith(name) or known in name]
        return f"did you mean {' or '.join(alike[:4])}?" if alike and len(name) > 2 else ""

    def versions(self) -> dict[str, str]:
        """Return the installed version of each package, empty for missing ones."""
        found = {}
        for package in dict.fromkeys(data.package for data in self.table):
            try:
                found[package] = self._place(package)[1]
            except NoPackageError:
                found[package] = ""
        return found

    def _data(self, name: str) -> Data | None:
        """Return the entry of a data set, or else that for all names, `*`."""
        exact = next((data for data in self.table if data.name == name), None)
        return exact or next((data for data in self.table if data.name == "*"), None)

    def _place(self, package: str) -> tuple[Path, str]:
        """Return a package's folder and version. Raises NoPackageError."""
        if package not in self._places:
            folders = [str(self.folder)] if self.folder else sys.path
            found = next(iter(metadata.distributions(name=package, path=folders)), None)
            try:
                version = str(found.metadata["Version"] or "?") if found else ""
            except UnicodeDecodeError:
                version = ""
            if found is None or not version:
                raise NoPackageError(package)
            self._places[package] = (Path(str(found.locate_file(""))), version)
        return self._places[package]

    def _files(self, data: Data, name: str) -> list[Path]:
        """Return the files of a data set, of several versions the newest."""
        root = self._place(data.package)[0]
        pattern = data.file.replace("{name}", name)
        found = sorted(root.glob(pattern))
        return found[-1:] if "/*/" in pattern else found

    def _names(self, data: Data) -> list[str]:
        """Return the names of the data sets that an entry stands for."""
        try:
            root = self._place(data.package)[0]
        except NoPackageError:
            return []
        if "{name}" not in data.file:
            return [data.name]
        form = re.compile(
            re.escape(data.file).replace(r"\{name\}", "([^/]+)").replace(r"\*", "[^/]*")
        )
        paths = root.glob(data.file.replace("{name}", "*"))
        found = (form.fullmatch(path.relative_to(root).as_posix()) for path in paths)
        return sorted({match[1] for match in found if match})

    def _tree(self, data: Data, name: str) -> Any:
        """Return the JSON of a data set, None if it has no file or no JSON in it."""
        if name not in self._trees:
            paths = self._files(data, name)
            if data.file.endswith("/*.json"):
                self._trees[name] = {path.stem: _load(path) for path in paths} or None
            else:
                self._trees[name] = _load(paths[0]) if paths else None
        return self._trees[name]


def _load(path: Path) -> Any:
    """Return the JSON of a file, None if there is none in it."""
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
    """Follow the first name of a path; return the value there and the rest of the path.

    Names can contain points, so the longest name is tried first. Behind a name, `[0]`
    takes an entry of a list by its place, `[Word]` the one entry that has this word as
    a value.
    """
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
    """Return a node as a Value, a table as its names; None for a list of tables."""
    if isinstance(node, str):
        return _encodable(node)
    if isinstance(node, int) and abs(node) > _LARGEST:
        return str(node)[:60]
    if isinstance(node, int | float | bool):
        return node
    if isinstance(node, Mapping):
        return tuple(_encodable(str(name)) for name in node)
    if isinstance(node, list) and all(isinstance(item, str | int | float) for item in node):
        return tuple(map(str, node))
    return None


def _encodable(text: str) -> str:
    """Return a text without lone surrogates, which JSON can have and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


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
        yield from _leaves(child, f"{path}[{_own_word(items, child) or number}]")


def _own_word(items: list[Any], child: Any) -> str:
    """Return a word that only this entry of a list has as a value, or nothing."""
    for word in child.values() if isinstance(child, Mapping) else ():
        if not isinstance(word, str) or not word.isalnum() or word.isdigit():
            continue
        if len(_entries(items, word)) == 1:
            return word
    return ""
