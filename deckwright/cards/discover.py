"""Card folders → Sources (card files) and Images."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from deckwright.cards.raster import pixels
from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.note import Image
from deckwright.core.report import printable
from deckwright.core.source import Source
from deckwright.core.wording import joined, reason
from deckwright.project.project import CardFolder, Project

IMAGE_ENDINGS = {".png", ".svg", ".jpg", ".jpeg", ".gif"}
# Files that editors keep next to an open file, and file managers in every folder. (files.walk
# passes over names that begin with a dot.)
_TEMPORARY = re.compile(r"#.*#|.*~|4913|(?i:thumbs\.db|desktop\.ini)")
_PORTABLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class CardFiles:
    """The card files and images of a project, each in the order of their paths."""

    sources: tuple[Source, ...]
    images: tuple[Image, ...]


def discover(project: Project, unsaved: Mapping[str, bytes] | None = None) -> Outcome[CardFiles]:
    """Return every card file and every image in the project's card folders.

    A `README.md` directly in a folder is no card file. `unsaved` has the content of card
    files, by path, as an editor has it; it replaces what is on the disk.
    """
    unsaved = unsaved or {}
    sources: list[Source] = []
    images: list[Image] = []
    diagnostics: list[Diagnostic] = []
    first_names: dict[str, str] = {}  # of every name without regard to case, the first path
    for folder in project.card_folders:
        if not (project.folder / folder.path).is_dir():
            message = "the folder with the cards is missing"
            help_line = "create the folder, or fix its path in decks/project.toml"
            diagnostics.append(Diagnostic("D101", message, files.nowhere(folder.path), help_line))
            continue
        walked = files.walk(project.folder, folder.path, folder.base)
        diagnostics.extend(walked.diagnostics)
        for path in _paths(walked.paths, unsaved, folder, project):
            suffix = PurePosixPath(path).suffix
            if suffix != ".md" and suffix not in IMAGE_ENDINGS:
                diagnostics.append(_other_file(path))
                continue
            diagnostics.extend(name_diagnostics(path, folder.path))
            diagnostics.extend(_same_name(path, first_names))
            if suffix == ".md":
                source = _source(project, folder, path, unsaved)
                if source.value:
                    sources.append(source.value)
                diagnostics.extend(source.diagnostics)
            else:
                image = _image(project, path)
                if image.value:
                    images.append(image.value)
                diagnostics.extend(image.diagnostics)
    return Outcome(CardFiles(tuple(sources), tuple(images)), tuple(diagnostics))


def _paths(
    walked: tuple[str, ...], unsaved: Mapping[str, bytes], folder: CardFolder, project: Project
) -> Iterator[str]:
    """Yield a folder's files, without README, temporary files and card folders inside it."""
    inner = tuple(
        f"{r.path}/" for r in project.card_folders if r.path.startswith(f"{folder.path}/")
    )
    new = [
        path
        for path in unsaved
        if path.startswith(f"{folder.path}/") and not os.path.lexists(project.folder / path)
    ]
    for path in sorted({*walked, *new}):
        name = PurePosixPath(path).name
        if (
            path == f"{folder.path}/README.md"
            or path.startswith(inner)
            or _TEMPORARY.fullmatch(name)
        ):
            continue
        yield path


def _other_file(path: str) -> Diagnostic:
    endings = joined(sorted(IMAGE_ENDINGS), "or")
    return Diagnostic(
        "D107",
        "this is neither a card file nor an image",
        files.nowhere(path),
        "rename the file, or move it out of the card folder: "
        f"card files end in .md, images in {endings}",
    )


def name_diagnostics(path: str, folder: str) -> list[Diagnostic]:
    """D108: a path below `folder` has a name that does not work on every computer."""
    parts = path.removeprefix(f"{folder}/").split("/")
    bad = [
        part
        for part in parts
        if not _PORTABLE_NAME.fullmatch(part) or files.DEVICE_NAME.match(part)
    ]
    if not bad:
        return []
    message = f"the name `{printable(bad[0])}` doesn't work on every computer"
    rule = "start with a letter or digit, and use only a–z, A–Z, 0–9, `-`, `_`, and `.`"
    if _PORTABLE_NAME.fullmatch(bad[0]):
        rule = "Windows reserves the name for a device"
    help_line = f"rename it, for example to `{_portable(bad[0])}`; {rule}"
    return [Diagnostic("D108", message, files.nowhere(path), help_line)]


def _portable(name: str) -> str:
    """Return a name like this one that works on every computer."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9.]+", "-", ascii_only).strip("-.")
    return f"the-{plain}" if files.DEVICE_NAME.match(plain) else plain or "cards.md"


def _same_name(path: str, first_names: dict[str, str]) -> Iterator[Diagnostic]:
    """D108: two paths differ only in case, which some file systems ignore."""
    twin = first_names.setdefault(path.casefold(), path)
    if twin != path:
        message = f"the path differs from {twin} only in case"
        help_line = "rename one of the two, because Windows and macOS ignore case"
        yield Diagnostic("D108", message, files.nowhere(path), help_line)


def _source(
    project: Project, folder: CardFolder, path: str, unsaved: Mapping[str, bytes]
) -> Outcome[Source | None]:
    if path in unsaved:
        return files.as_source(unsaved[path], path, folder=folder.path, namespace=folder.namespace)
    return files.read_source(project.folder, path, folder=folder.path, namespace=folder.namespace)


def _image(project: Project, path: str) -> Outcome[Image | None]:
    try:
        with open(project.folder / path, "rb") as file:
            data = file.read(files.MAX_FILE + 1)
    except OSError as error:
        message = f"the image can't be read: {reason(error)}"
        help_line = "check that you have permission to read the file"
        return Outcome(None, (Diagnostic("D101", message, files.nowhere(path), help_line),))
    width, height = pixels(data)
    return Outcome(Image(path, data, hashlib.sha256(data).hexdigest(), width, height))
