"""Published data in installed packages: the file of a dataset, and the values in it.

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
class DataValue:
    """The value at a path in `version` of `package`.

    `value` is None if there is none; then `why` says why, and `help` what to type.
    `package` is empty if no package has the dataset.
    """

    value: Value | None
    package: str = ""
    version: str = ""
    why: str = ""
    help: str = ""


class NoPackageError(Exception):
    """A package with data is not installed; the text is its name."""


@dataclass(frozen=True)
class Datasets:
    """The datasets of a project, as far as their packages are installed.

    Packages come from this Python, or from `folder` (as `pip install --target` makes
    it). Each file is read once, when it is needed.
    """

    table: tuple[Data, ...]
    folder: Path | None = None
    _trees: dict[str, Any] = field(default_factory=dict, repr=False)
    _places: dict[str, tuple[Path, str]] = field(default_factory=dict, repr=False)

    def resolve(self, name: str, path: str) -> DataValue:
        """Return the value at a path of a dataset, or why there is none.

        Raises NoPackageError if its package is not installed.
        """
        data = self._data(name)
        if data is None:
            names = ", ".join(entry.name for entry in self.table)
            help_line = f"choose from: {names}" if names else "add it to schema/vocabulary/"
            return DataValue(None, why=f"there is no data named `{name}`", help=help_line)
        version = self._place(data.package)[1]
        shown = f"{data.package} {version}"
        node = self._tree(data, name)
        value, why, help_line = None, "", ""
        if node is None and self._files(data, name):
            why = f"the data `{name}` of {shown} cannot be read"
            help_line = "install the package again"
        elif node is None:
            why, help_line = f"{shown} has no data `{name}`", self.hint(name)
        else:
            try:
                value = _value(_at(node, path))
                if value is None:
                    why = "there are several values under this path"
                    help_line = "add the name of one of them"
            except LookupError as error:
                why, help_line = f"{shown} has no `{error.args[0]}` at this path", error.args[1]
        return DataValue(value, data.package, version, why, help_line)

    def leaves(self, name: str) -> Iterator[tuple[str, Value]]:
        """Yield every path of a dataset with its value. Raises NoPackageError."""
        data = self._data(name)
        tree = self._tree(data, name) if data else None
        if tree is not None:
            yield from _leaves(tree, "")

    def names(self) -> tuple[str, ...]:
        """Return the names of all datasets whose packages are installed."""
        out: list[str] = []
        for data in self.table:
            out += self._names(data) if data.name == "*" else [data.name]
        return tuple(dict.fromkeys(out))

    def hint(self, name: str) -> str:
        """Return a suggestion for a dataset that does not exist, or nothing."""
        names = self.names()
        if name in names:
            return ""
        if close := nearest(name, names):
            return close
        alike = [f"`{known}`" for known in names if known.startswith(name) or known in name]
        return f"did you mean {' or '.join(alike[:4])}?" if alike and len(name) > 2 else ""

    def versions(self) -> dict[str, str]:
        """Return the installed version of each package, empty for missing ones."""
        versions = {}
        for package in dict.fromkeys(data.package for data in self.table):
            try:
                versions[package] = self._place(package)[1]
            except NoPackageError:
                versions[package] = ""
        return versions

    def _data(self, name: str) -> Data | None:
        """Return the entry of a dataset, or else that for all names, `*`."""
        entries = {data.name: data for data in reversed(self.table)}
        return entries.get(name) or entries.get("*")

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
        """Return the files of a dataset, of several versions the newest."""
        pattern = data.file.replace("{name}", name)
        files = sorted(self._place(data.package)[0].glob(pattern))
        return files[-1:] if "/*/" in pattern else files

    def _names(self, data: Data) -> list[str]:
        """Return the names of the datasets that an entry with `{name}` stands for."""
        try:
            root = self._place(data.package)[0]
        except NoPackageError:
            return []
        form = re.escape(data.file).replace(r"\{name\}", "([^/]+)").replace(r"\*", "[^/]*")
        paths = root.glob(data.file.replace("{name}", "*"))
        matches = (re.fullmatch(form, path.relative_to(root).as_posix()) for path in paths)
        return sorted({match[1] for match in matches if match})

    def _tree(self, data: Data, name: str) -> Any:
        """Return the JSON of a dataset, None if it has no file or no JSON in it."""
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


def _at(node: Any, path: str) -> Any:
    """Return what is at a path below a node.

    Names can contain periods, so the longest name is tried first. Behind a name, `[0]`
    takes an entry of a list by its place, `[Word]` the one entry that has this word as
    a value. Raises LookupError with the name that is missing, and a suggestion.
    """
    steps = path.split(".") if path else []
    while steps:
        for length in range(len(steps), 0, -1):
            children = _children(node, ".".join(steps[:length]))
            if len(children) == 1:
                node, steps = children[0], steps[length:]
                break
        else:
            names = map(str, node) if isinstance(node, Mapping) else ()
            raise LookupError(steps[0], nearest(steps[0], names))
    return node


def _children(node: Any, step: str) -> list[Any]:
    name, bracket, index = step.partition("[")
    if not isinstance(node, Mapping) or name not in node:
        return []
    if not bracket:
        return [node[name]]
    items = node[name] if isinstance(node[name], list) and index.endswith("]") else []
    return _entries(items, index[:-1])


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


def _leaves(node: Any, path: str) -> Iterator[tuple[str, Value]]:
    value = _value(node)
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _leaves(child, f"{path}.{name}" if path else str(name))
    elif value is not None:
        yield path, value
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from _leaves(child, f"{path}[{_own_word(node, child) or number}]")


def _own_word(items: list[Any], child: Any) -> str:
    """Return a word that only this entry of a list has as a value, or nothing."""
    words = child.values() if isinstance(child, Mapping) else ()
    names = (w for w in words if isinstance(w, str) and w.isalnum() and not w.isdigit())
    return next((name for name in names if len(_entries(items, name)) == 1), "")
