"""A project that is checked again and again while its files are edited.

decks/ and schema/ are read again if they changed; cards are parsed and validated again
if their text did.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deckwright import pipeline
from deckwright.cache.memo import Memo
from deckwright.check_files import cards_in
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Outcome
from deckwright.pipeline import Checked
from deckwright.project.overlay import base_of

FileState = tuple[int, int]  # time of the last change in nanoseconds, size in bytes


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """The result of one check.

    `raw_cards` are all cards as they were written, with errors or without.
    """

    outcome: Outcome[Checked | None]
    raw_cards: tuple[RawCard, ...] = ()


class LiveProject:
    """The project in `folder`, with its overlay, if that is in a separate folder.

    `base` is the path prefix of that overlay. `card_folders` are the folders of cards as
    of the last check that could read decks/.
    """

    def __init__(self, folder: Path, overlay: Path | None) -> None:
        self.folder = folder
        self.base = base_of(folder, overlay)
        self.card_folders = frozenset({"cards", f"{self.base}cards"})
        self._overlay = overlay
        self._memo = Memo()

    def settings_folders(self) -> set[str]:
        """Return the folders of the project's settings, with those of the overlay."""
        return {f"{base}{name}" for base in ("", self.base) for name in ("decks", "schema")}

    def check(self, today: date, unsaved: Mapping[str, bytes] | None = None) -> LiveCheck:
        """Check the project. `unsaved` has the content of card files that an editor has open."""
        loaded = pipeline.load(self.folder, today, self._memo, self._overlay)
        if loaded.value is None:
            return LiveCheck(Outcome(None, loaded.diagnostics))
        project = loaded.value
        self.card_folders = frozenset(root.path for root in project.card_folders)
        checked = pipeline.check_cards(project, today, self._memo, unsaved)
        sources = checked.value.files.sources
        raw_cards = tuple(raw for s in sources for raw in cards_in(s, self._memo).value)
        self._memo.save()
        diagnostics = (*loaded.diagnostics, *checked.diagnostics)
        if not gc.isenabled():  # as in every command; what the first check has read stays
            gc.freeze()
            gc.enable()
        return LiveCheck(Outcome(checked.value, diagnostics), raw_cards)

    def path(self, file: Path) -> str:
        """Return the path of a file in the project or its overlay; empty if outside."""
        real = file.resolve()
        for base in dict.fromkeys(("", self.base)):
            folder = (self.folder / base).resolve()
            if real.is_relative_to(folder):
                return base + real.relative_to(folder).as_posix()
        return ""

    def uri(self, path: str) -> str:
        """Return the URI of a path in the project."""
        return Path(os.path.abspath(self.folder / path)).as_uri()


def file_states(folder: Path, parts: Iterable[str]) -> dict[str, FileState]:
    """Return the state of every file in some folders, by path relative to `folder`.

    Names that begin with a dot are left out: they are an editor's own files.
    """
    out = {}
    for part in sorted(parts):
        for place, folders, names in os.walk(folder / part):
            folders[:] = [name for name in folders if not name.startswith(".")]
            here = Path(os.path.relpath(place, folder)).as_posix()
            for name in names:
                path = os.path.join(place, name)
                try:
                    stat = os.stat(path)
                except OSError:  # deleted since it was listed
                    continue
                if not name.startswith("."):
                    out[f"{here}/{name}"] = (stat.st_mtime_ns, stat.st_size)
    return out
