"""Published data in installed packages: the file of a dataset, and the values in it.

The project lists the packages (`[[data]]` in the vocabulary). No package is imported or
run: only its JSON files (`.json`, `.json.gz`) are read.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from deckwright.core.suggest import nearest
from deckwright.facts.evidence import EvidenceError
from deckwright.project.vocabulary import Data

Value = str | float | tuple[str, ...]  # a text, a number, or a list of names


@dataclass(frozen=True)
class Datasets:
    """The datasets of a project, as far as their packages are installed in `folder`.

    `pip install --target` makes such a folder. Each file is read once, when it is needed.
    """

    table: tuple[Data, ...]
    folder: Path
    _trees: dict[str, Any] = field(default_factory=dict, repr=False)

    def value(self, name: str, path: str) -> Value:
        """Return the value at a path of a dataset. Raises EvidenceError if there is none."""
        package, version = self.package(name)
        tree = self._tree(name)
        if tree is None:
            names = self.names()
            help_line = nearest(name, names) or "choose a dataset of schema/vocabulary/"
            if name in names:
                help_line = "install the package again, because its file can't be read"
            raise EvidenceError(f"{package or 'no package'} has no data `{name}`", help_line)
        value = _value(_at(tree, path, f"the data in {package} {version}"))
        if value is None:
            message = "there is no text, number, or list of names at this path"
            raise EvidenceError(message, "add a name that is below it, or choose another path")
        return value

    def leaves(self, name: str) -> Iterator[tuple[str, Value]]:
        """Yield every path of a dataset with its value."""
        return _leaves(self._tree(name), "")

    def names(self) -> tuple[str, ...]:
        """Return the names of all datasets whose packages are installed."""
        return tuple(dict.fromkeys(name for data in self.table for name in self._names(data)))

    def package(self, name: str) -> tuple[str, str]:
        """Return the package that has a dataset, and its version.

        Each is empty if the project does not know it, or if it is not installed.
        """
        data = self._data(name)
        if data is None:
            return "", ""
        for installed in metadata.distributions(name=data.package, path=[str(self.folder)]):
            with suppress(UnicodeDecodeError):
                return data.package, str(installed.metadata["Version"] or "")
        return data.package, ""

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the packages of some datasets that are not installed."""
        packages = {self.package(name) for name in names}
        return tuple(sorted(package for package, version in packages if package and not version))

    def _data(self, name: str) -> Data | None:
        """Return the entry of a dataset, or else that for all names, `*`."""
        entries = [data for data in self.table if data.name in (name, "*")]
        return max(entries, key=lambda data: data.name == name, default=None)

    def _files(self, data: Data, name: str) -> list[Path]:
        """Return the files of a dataset, the oldest version first. `name` can be `*`."""
        return sorted(self.folder.glob(data.file.replace("{name}", name)))

    def _names(self, data: Data) -> Iterator[str]:
        """Yield the name of an entry, or those that an entry with `{name}` stands for."""
        if data.name != "*":
            yield data.name
            return
        form = re.escape(data.file).replace(r"\{name\}", "([^/]+)").replace(r"\*", "[^/]*")
        for path in self._files(data, "*"):
            if match := re.search(f"{form}$", path.as_posix()):
                yield match[1]

    def _tree(self, name: str) -> Any:
        """Return the JSON of a dataset, None if there is none."""
        if name not in self._trees:
            data = self._data(name)
            files = self._files(data, name) if data else []
            self._trees[name] = _load(files[-1]) if files else None
        return self._trees[name]


def _load(path: Path) -> Any:
    """Return the JSON of a file, None if there is none in it."""
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if path.suffix == ".gz" else raw
        return json.loads(text, parse_int=float)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError):
        return None


def _at(node: Any, path: str, shown: str) -> Any:
    """Return what is at a path below a node. Raises EvidenceError.

    Names can contain periods, so the longest name is tried first. Behind a name, `[0]`
    takes an entry of a list by its place. `shown` names the data in a message.
    """
    steps = path.replace("[", ".[").split(".")
    while steps:
        for length in range(len(steps), 0, -1):
            child = _children(node).get(".".join(steps[:length]))
            if child is not None:
                node, steps = child, steps[length:]
                break
        else:
            message = f"{shown} has no `{steps[0]}` at this path"
            raise EvidenceError(message, nearest(steps[0], _children(node)))
    return node


def _children(node: Any) -> Mapping[str, Any]:
    """Return what is in a table by name, or in a list by place (`[0]`)."""
    if isinstance(node, list):
        return {f"[{place}]": child for place, child in enumerate(node)}
    return node if isinstance(node, Mapping) else {}


def _value(node: Any) -> Value | None:
    """Return a node as a Value, a list of names as a tuple; None for anything else."""
    if isinstance(node, str | float):
        return node
    if isinstance(node, list) and all(isinstance(item, str | float) for item in node):
        return tuple(f"{item:.12g}" if isinstance(item, float) else str(item) for item in node)
    return None


def _leaves(node: Any, path: str) -> Iterator[tuple[str, Value]]:
    value = _value(node)
    if value is None:
        for name, child in _children(node).items():
            yield from _leaves(child, f"{path}.{name}")
    else:
        yield path[1:].replace(".[", "["), value
