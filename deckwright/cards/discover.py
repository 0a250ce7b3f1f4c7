"""Stage 1: the project's card folders → Sources (card files) and Images (pictures beside them)."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.note import Image
from deckwright.core.source import Source
from deckwright.project.project import Project, Root

PICTURES = {".png", ".svg", ".jpg", ".jpeg", ".gif"}
# Names that Windows keeps for devices, with any ending.
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")
# What editors keep beside a file while it is open, and file managers in every folder. Names with a dot in front are never looked at.
_LEFT_BEHIND = re.compile(r"#.*#|.*~|4913|(?i:thumbs\.db|desktop\.ini)")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in the card folders, each in the order of its path."""

    sources: tuple[Source, ...]
    images: tuple[Image, ...]


def discover(project: Project, unsaved: Mapping[str, bytes] | None = None) -> Outcome[Found]:
    """Every card file and every picture below the roots. A `README.md` directly in a root is for people, not for decks. `unsaved` has
    the content of card files, by path, that stands in an editor and not yet, or not so, on the disk."""
    unsaved = unsaved or {}
    sources: list[Source] = []
    images: list[Image] = []
    diagnostics: list[Diagnostic] = []
    spelled: dict[str, str] = {}
    for root in project.roots:
        if not (project.folder / root.path).is_dir():
            diagnostics.append(
                Diagnostic(
                    "D101",
                    "the folder with the cards is missing",
                    files.nowhere(root.path),
                    "make the folder, or mend decks/project.toml",
                )
            )
            continue
        walked = files.walk(project.folder, root.path, root.base)
        diagnostics.extend(walked.diagnostics)
        new = [
            path
            for path in unsaved
            if path.startswith(f"{root.path}/") and not os.path.lexists(project.folder / path)
        ]
        for path in _in_this_root(sorted({*walked.paths, *new}), root, project.roots):
            suffix = PurePosixPath(path).suffix
            if path == f"{root.path}/README.md" or _LEFT_BEHIND.fullmatch(PurePosixPath(path).name):
                continue
            if suffix == ".md" or suffix in PICTURES:
                diagnostics.extend(name_diagnostics(path, root.path))
                twin = spelled.setdefault(path.casefold(), path)
                if twin != path:
                    message = f"the name differs from {twin} in nothing but case"
                    diagnostics.append(
                        Diagnostic("D108", message, files.nowhere(path), "rename one of the two")
                    )
            if suffix == ".md":
                if path in unsaved:
                    outcome = files.as_source(
                        unsaved[path], path, folder=root.path, namespace=root.namespace
                    )
                else:
                    outcome = files.read_source(
                        project.folder, path, folder=root.path, namespace=root.namespace
                    )
                sources.extend(outcome.values)
                diagnostics.extend(outcome.diagnostics)
            elif suffix in PICTURES:
                _picture(project, path, images, diagnostics)
            else:
                diagnostics.append(
                    Diagnostic(
                        "D107",
                        "this is neither a card file nor a picture",
                        files.nowhere(path),
                        "take it away, or rename it: card files end in .md, pictures in "
                        + ", ".join(sorted(PICTURES)),
                    )
                )
    return Outcome((Found(tuple(sources), tuple(images)),), tuple(diagnostics))


def _in_this_root(paths: Iterable[str], root: Root, roots: Iterable[Root]) -> list[str]:
    """Paths that belong to no root further down (cards/mine inside cards)."""
    inner = [r.path + "/" for r in roots if r.path.startswith(root.path + "/")]
    return [p for p in paths if not any(p.startswith(i) for i in inner)]


def name_diagnostics(path: str, root: str) -> list[Diagnostic]:
    """D108: a path below `root` with a name that not every computer takes."""
    bad = [
        part
        for part in path.removeprefix(f"{root}/").split("/")
        if not _PLAIN_NAME.fullmatch(part) or _DEVICE.match(part)
    ]
    if not bad:
        return []
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in bad[0])
    plain = re.sub(
        r"[^a-z0-9.]+",
        "-",
        unicodedata.normalize("NFKD", bad[0]).encode("ascii", "ignore").decode().lower(),
    ).strip("-.")
    message = f"the name `{shown}` does not work on every computer"
    help_line = f"rename it to `{_renamed(plain)}`: letters, digits, `-`, `_` and `.`"
    return [Diagnostic("D108", message, files.nowhere(path), help_line)]


def _renamed(plain: str) -> str:
    return f"the-{plain}" if _DEVICE.match(plain) else plain or "cards.md"


def _picture(
    project: Project, path: str, images: list[Image], diagnostics: list[Diagnostic]
) -> None:
    try:
        data = (project.folder / path).read_bytes()
    except OSError as error:
        diagnostics.append(
            Diagnostic(
                "D101",
                f"the picture cannot be read: {(error.strerror or str(error)).lower()}",
                files.nowhere(path),
                "look at the file's permissions",
            )
        )
        return
    width, height = _pixels(data)
    images.append(Image(path, data, hashlib.sha256(data).hexdigest(), width, height))


def _pixels(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG (ISO/IEC 15948, IHDR), GIF (logical screen) or JPEG (ITU T.81, frame header); else 0, 0."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data[:3] == b"GIF" and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 < len(data) and data[at] == 0xFF:
        if data[at + 1] in {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(
                data[at + 5 : at + 7], "big"
            )
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0, 0
