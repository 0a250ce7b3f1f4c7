"""A project that is checked again and again while an editor has files of it open.

decks/ and schema/ are read again if they changed; cards are parsed and validated again
if their text did. The text of an open file is that of the editor.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deckwright import pipeline
from deckwright.cache.memo import Memo
from deckwright.core import files
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Diagnostic, has_errors, in_order
from deckwright.core.source import Source, Span
from deckwright.live.key_completion import Snapshot
from deckwright.live.watch import FileState, file_states
from deckwright.output.file_result import cards_in
from deckwright.project.overlay import base_of
from deckwright.project.project import Project, Root
from deckwright.project.toml_file import Table
from deckwright.project.vocabulary_files import paths_of

_SETTINGS = ("decks", "schema")  # folders


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check. `project` is None if decks/ or schema/ cannot be read.

    In that case `card_folders` are the folders that are taken for folders of cards.
    """

    project: Project | None
    diagnostics: tuple[Diagnostic, ...]
    card_folders: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """Why the project cannot be read; empty if it can."""
        if self.project:
            return ""
        first = self._first_error
        return f"the project cannot be read: {first.span.path}:{first.span.line}: {first.message}"

    @property
    def _first_error(self) -> Diagnostic:
        return next(d for d in self.diagnostics if has_errors([d]))

    def is_card_file(self, path: str) -> bool:
        """Return whether the project takes the file at `path` as a card file."""
        if self.project:
            return root_of(path, self.project) is not None
        folders = tuple(f"{folder}/" for folder in self.card_folders)
        return path.endswith(".md") and path.startswith(folders)

    def diagnostics_in(self, path: str) -> tuple[tuple[Diagnostic, Span], ...]:
        """Return the diagnostics to show in a card file, each with its place there.

        First those about the file, then those about others that point into it. If the
        project cannot be read, there is one, which says so.
        """
        if not self.project:
            first, span = self._first_error, files.nowhere(path)
            related = (("here", first.span),)
            return ((Diagnostic(first.code, self.problem, span, first.help, related), span),)
        own = [(d, d.span) for d in self.diagnostics if d.span.path == path]
        others = (d for d in self.diagnostics if d.span.path != path)
        pointing = [(d, span) for d in others for _, span in d.related if span.path == path]
        return (*own, *pointing)

    def project_diagnostics(self) -> Mapping[str, list[Diagnostic]]:
        """Return the diagnostics about files in decks/ and schema/, by path."""
        out: dict[str, list[Diagnostic]] = {}
        for d in self.diagnostics:
            path = d.span.path
            is_card_file = self.project and root_of(path, self.project)
            if set(_SETTINGS) & set(path.split("/")[:-1]) and not is_card_file:
                out.setdefault(path, []).append(d)
        return out


class ProjectSession:
    """The project in `folder`, with its overlay, if that is in a separate folder.

    `snapshot` is the project as of the last check that could read it.
    """

    def __init__(self, folder: Path, overlay: Path | None) -> None:
        self._folder = folder
        self._overlay = overlay
        self._base = base_of(folder, overlay)
        self._bases = tuple(dict.fromkeys(("", self._base)))
        self._memo = Memo()
        self._settings: tuple[date, dict[str, FileState]] | None = None
        self._project: Project | None = None
        self._diagnostics: tuple[Diagnostic, ...] = ()
        self.snapshot: Snapshot | None = None

    def check(self, today: date, unsaved: Mapping[str, bytes]) -> CheckResult:
        """Check the project. `unsaved` has the content of the open files, by path."""
        self._load(today)
        if self._project is None:
            folders = tuple(f"{base}cards" for base in self._bases)
            return CheckResult(None, in_order(self._diagnostics), folders)
        checked = pipeline.check_cards(self._project, today, self._memo, unsaved)
        self._memo.save()
        sources = checked.values[0].files.sources
        raw_cards = (raw for source in sources for raw in self.cards(source))
        self.snapshot = Snapshot(self._project, tuple(raw_cards))
        return CheckResult(self._project, in_order((*self._diagnostics, *checked.diagnostics)))

    def _load(self, today: date) -> None:
        """Read decks/ and schema/ if they changed, or the day did."""
        folders = [f"{base}{part}" for base in self._bases for part in _SETTINGS]
        settings = (today, file_states(self._folder, folders))
        if settings != self._settings:
            loaded = pipeline.load(self._folder, today, self._memo, self._overlay)
            self._project = loaded.values[0] if loaded.values else None
            self._diagnostics = loaded.diagnostics
            self._settings = settings

    def cards(self, source: Source) -> tuple[RawCard, ...]:
        """Return the cards of a text, with errors or without.

        The next check does not parse the text again.
        """
        return cards_in(source, self._memo).values

    def watched_folders(self) -> tuple[tuple[str, str], ...]:
        """Return the folders whose files the session reads, as pairs of base and path.

        The base leads from the project's folder to the folder that the path is in:
        empty, or that of the overlay, ending in a slash.
        """
        known = self.snapshot.project.roots if self.snapshot else ()
        roots = [(root.base, root.path.removeprefix(root.base)) for root in known]
        roots = roots or [(base, "cards") for base in self._bases]
        outermost = [
            (base, path)
            for base, path in roots
            if not any(base == b and path.startswith(f"{p}/") for b, p in roots)
        ]
        settings = [(base, part) for base in self._bases for part in _SETTINGS]
        return tuple(dict.fromkeys((*outermost, *settings)))

    def vocabulary_tables(self) -> Iterable[Table]:
        """Yield the files of the vocabulary on disk, without those not in TOML."""
        for path in paths_of(self._folder, self._base):
            for source in files.read_source(self._folder, path).values:
                try:
                    yield Table(source, tomllib.loads(source.text))
                except (ValueError, RecursionError):
                    continue

    def path(self, uri: str) -> str:
        """Return the path of a URI in the project or its overlay; empty if outside."""
        try:
            parts = urlsplit(uri)
            if parts.scheme != "file":
                return ""
            place = unquote(parts.path)
            if os.name == "nt":
                place = place.lstrip("/")
            real = os.path.relpath(os.path.realpath(place), os.path.realpath(self._folder))
            relative = (os.path.relpath(place, self._folder), real)
        except ValueError:  # no URI, another drive, or a zero byte
            return ""
        for path in (Path(one).as_posix() for one in relative):
            if not path.startswith("../") or (self._base and path.startswith(self._base)):
                return path
        return ""

    def uri(self, path: str) -> str:
        """Return the URI of a path in the project."""
        return Path(os.path.abspath(self._folder / path)).as_uri()


def root_of(path: str, project: Project) -> Root | None:
    """Return the root to which a card file belongs; None if `path` is no card file."""
    roots = [root for root in project.roots if path.startswith(f"{root.path}/")]
    if not roots or not path.endswith(".md"):
        return None
    root = max(roots, key=lambda root: len(root.path))
    return None if path == f"{root.path}/README.md" else root
