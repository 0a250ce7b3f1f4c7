"""The workspace: a project with its card files, for commands that edit them.

Finds card folders, parts, and services by the names that people type, and writes card files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deckwright.cards.discover import CardFiles, discover
from deckwright.cards.metadata import FileSubject
from deckwright.cards.parse import parse
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Outcome, has_errors
from deckwright.core.errors import UserError
from deckwright.core.files import replace_files
from deckwright.core.suggest import nearest
from deckwright.project import project as project_files
from deckwright.project.names import new_namespace
from deckwright.project.project import CardFolder, Project
from deckwright.project.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project and its card files, also files and cards with errors."""

    project: Project
    files: CardFiles
    parsed: Mapping[str, Outcome[tuple[RawCard, ...]]]

    def cards(self) -> Iterator[RawCard]:
        """Yield all cards, file by file."""
        for outcome in self.parsed.values():
            yield from outcome.value


def read(folder: Path, overlay: Path | None = None) -> Workspace:
    """Return the project in `folder` and its cards.

    Raises UserError if decks/ or schema/ cannot be used.
    """
    loaded = project_files.load(folder, overlay)
    if loaded.value is None:
        raise UserError("the project can't be read", "fix the problems above", loaded.diagnostics)
    project = loaded.value
    files = discover(project).value
    return Workspace(project, files, {source.path: parse(source) for source in files.sources})


def card_folder_named(project: Project, name: str) -> CardFolder:
    """Return a card folder by its path; "" is the overlay's, or the first. Raises UserError."""
    if not name:
        return project.card_folder(project.releasing[0])
    found = next((one for one in project.card_folders if one.path == name.rstrip("/")), None)
    if found is None:
        known = [one.path for one in project.card_folders]
        hint = nearest(name, known) or f"the card folders are {', '.join(known)}"
        new = f'`[[root]]` with `path = "{name}"` and `namespace = "{new_namespace(project.tag)}"`'
        help_line = f"to start one, add a {new} to decks/project.toml; {hint}"
        raise UserError(f"there is no card folder {name}", help_line)
    return found


def file_subject_named(vocabulary: Vocabulary, name: str, form: str) -> FileSubject:
    """Return part and service of `PART/SERVICE`. Raises UserError if there are none."""
    first, _, slug = name.strip("/").partition("/")
    part = vocabulary.parts.get(first)
    service = vocabulary.services.get(slug)
    if part is None or service is None:
        known = [f"{one}/{other}" for one in vocabulary.parts for other in vocabulary.services]
        hint = nearest(name, known)
        message = f"`{name}` isn't a part and a service"
        raise UserError(message, hint or f"write {form.format(known[0])}")
    return FileSubject(part, service)


def require_no_links(workspace: Workspace, paths: Iterable[str]) -> None:
    """Raise UserError if a path is a symbolic link, or is below one inside of the project.

    Cards there would be skipped or read twice.
    """
    folder = workspace.project.folder
    bases = {one.base for one in workspace.project.card_folders}
    for path in paths:
        base = max((base for base in bases if path.startswith(base)), key=len, default="")
        expected = Path(os.path.realpath(folder / base), path.removeprefix(base))
        if Path(os.path.realpath(folder / path)) != expected:
            help_line = "replace the link with the file or folder itself"
            raise UserError(f"{path} is a symbolic link, or is in one", help_line)


def require_readable(workspace: Workspace, paths: Iterable[str]) -> None:
    """Raise UserError if a file is a link, or has errors.

    With errors, it is not certain which text belongs to which card.
    """
    paths = tuple(paths)
    require_no_links(workspace, paths)
    diagnostics = tuple(d for path in paths for d in workspace.parsed[path].diagnostics)
    if has_errors(diagnostics):
        message = f"no card can be added or removed until {' and '.join(paths)} is fixed"
        raise UserError(message, "fix the problems above", diagnostics)


def write(
    workspace: Workspace,
    texts: Mapping[str, str],
    gone: Iterable[str] = (),
    beside: Mapping[str, str] | None = None,
) -> None:
    """Write card files in the order given, then the files `beside`; delete `gone` ones.

    Raises OSError, and leaves all files as they were; UserError if a file is there that could
    not be read, or a path is a symbolic link.
    """
    folder, gone, others = workspace.project.folder, tuple(gone), beside or {}
    require_no_links(workspace, (*texts, *gone, *others))
    for path in texts:
        if path not in workspace.parsed and (folder / path).exists():
            help_line = "fix or remove the file, then run the command again"
            raise UserError(f"{path} already exists, but isn't a readable card file", help_line)
    replace_files(folder, {**texts, **others}, gone)
