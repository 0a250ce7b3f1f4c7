"""What `lsp` knows of a project between two looks: read anew when decks/ or schema/ changed, its cards parsed and judged anew when
their text did. The text is that of the editor, where a file is open."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deckwright import pipeline
from deckwright.core import files
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Diagnostic, has_errors, in_order
from deckwright.core.source import Source, Span
from deckwright.live.language_features import Known
from deckwright.live.watch import times
from deckwright.pipeline import Memory
from deckwright.project.overlay import base_of
from deckwright.project.project import Project
from deckwright.project.toml_file import Table
from deckwright.project.vocabulary_files import paths_of


@dataclass(frozen=True, slots=True)
class View:
    """What one look gave. Without `project` it cannot be read."""

    project: Project | None
    diagnostics: tuple[Diagnostic, ...]
    parts: tuple[str, ...]

    @property
    def trouble(self) -> str:
        """Why the project cannot be read; empty where it can."""
        if self.project:
            return ""
        first = next(d for d in self.diagnostics if has_errors([d]))
        return f"the project cannot be read: {first.span.path}:{first.span.line}: {first.message}"

    def is_card_file(self, path: str) -> bool:
        if self.project:
            return is_card_file(path, self.project)
        return path.endswith(".md") and path.startswith(
            ("cards/", *(f"{part}/" for part in self.parts))
        )

    def about(self, path: str) -> tuple[tuple[Diagnostic, Span], ...]:
        """The complaints that stand in a card file, and those that stand elsewhere and point into it, each with its place here."""
        if not self.project:
            first = next(d for d in self.diagnostics if has_errors([d]))
            span = files.nowhere(path)
            return (
                (
                    Diagnostic(first.code, self.trouble, span, first.help, (("here", first.span),)),
                    span,
                ),
            )
        here = [(d, d.span) for d in self.diagnostics if d.span.path == path]
        elsewhere = [
            (d, s)
            for d in self.diagnostics
            if d.span.path != path
            for _, s in d.related
            if s.path == path
        ]
        return (*here, *elsewhere)

    def about_the_project(self) -> Mapping[str, list[Diagnostic]]:
        """The complaints about decks/ and schema/, by path."""
        out: dict[str, list[Diagnostic]] = {}
        for d in self.diagnostics:
            if {"decks", "schema"} & set(d.span.path.split("/")[:-1]) and not (
                self.project and is_card_file(d.span.path, self.project)
            ):
                out.setdefault(d.span.path, []).append(d)
        return out


class Desk:
    """The project in `folder`; `known` is what the last look that could read it found."""

    def __init__(self, folder: Path, overlay: Path | None) -> None:
        self._folder = folder
        self._overlay = overlay
        self._base = base_of(folder, overlay)
        self._memory = Memory()
        self._seen: tuple[date, dict[str, tuple[int, int]]] | None = None
        self._project: Project | None = None
        self._diagnostics: tuple[Diagnostic, ...] = ()
        self.known: Known | None = None

    def look(self, today: date, unsaved: Mapping[str, bytes]) -> View:
        """Looks at everything. `unsaved` has the content of the open files, by path."""
        seen = (
            today,
            times(
                self._folder,
                [f"{base}{part}" for base in {"", self._base} for part in ("decks", "schema")],
            ),
        )
        if seen != self._seen:
            loaded = pipeline.load(self._folder, today, self._overlay)
            self._project, self._diagnostics = (
                (loaded.values[0] if loaded.values else None),
                loaded.diagnostics,
            )
            self._seen = seen
        if self._project is None:
            return View(None, in_order(self._diagnostics), (f"{self._base}cards",))
        checked = pipeline.check_cards(self._project, today, self._memory, unsaved)
        sources = checked.values[0].found.sources
        self.known = Known(
            self._project,
            tuple(raw for source in sources for raw in self._memory.parsed[source.path][1].values),
        )
        return View(self._project, in_order((*self._diagnostics, *checked.diagnostics)), ())

    def cards(self, source: Source) -> tuple[RawCard, ...]:
        """The cards of a text, with errors or without; it is not parsed again by the look that comes after."""
        return pipeline.parsed(source, self._memory).values

    def watched(self) -> tuple[tuple[str, str], ...]:
        """The folders in which a change makes a difference, each after the way to the one that its path begins in: the project's (empty)
        or the overlay's."""
        bases = tuple(dict.fromkeys(("", self._base)))
        known = self.known.project.roots if self.known else ()
        roots = [(root.base, root.path.removeprefix(root.base)) for root in known] or [
            (base, "cards") for base in bases
        ]
        apart = [
            (base, path)
            for base, path in roots
            if not any(base == b and path.startswith(f"{p}/") for b, p in roots)
        ]
        return tuple(
            dict.fromkeys(
                (*apart, *((base, part) for base in bases for part in ("decks", "schema")))
            )
        )

    def tables(self) -> Iterable[Table]:
        """The files of the vocabulary as they lie on the disk, as far as they are TOML."""
        for path in paths_of(self._folder, self._base):
            for source in files.read_source(self._folder, path).values:
                try:
                    yield Table(source, tomllib.loads(source.text))
                except (tomllib.TOMLDecodeError, RecursionError):
                    continue

    def path(self, uri: str) -> str:
        """The path in the project that a URI names, or nothing where it leads elsewhere."""
        try:
            parts = urlsplit(uri)
            if parts.scheme != "file":
                return ""
            place = unquote(parts.path)
            if os.name == "nt":
                place = place.lstrip("/")
            near = Path(os.path.relpath(place, self._folder)).as_posix()
            real = Path(
                os.path.relpath(os.path.realpath(place), os.path.realpath(self._folder))
            ).as_posix()
        except ValueError:  # no URI, another drive, or a zero byte
            return ""
        return next(
            (
                path
                for path in (near, real)
                if not path.startswith("../") or (self._base and path.startswith(self._base))
            ),
            "",
        )

    def uri(self, path: str) -> str:
        return Path(os.path.abspath(self._folder / path)).as_uri()


def is_card_file(path: str, project: Project) -> bool:
    """Whether the project takes a path for a card file."""
    roots = [root.path for root in project.roots if path.startswith(f"{root.path}/")]
    return path.endswith(".md") and bool(roots) and path != f"{max(roots, key=len)}/README.md"
