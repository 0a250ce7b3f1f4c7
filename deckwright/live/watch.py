"""`check --watch`: looks again whenever a file is saved. Files that did not change are not parsed again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deckwright import pipeline
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.pipeline import Checked, Memory
from deckwright.project.overlay import base_of

PAUSE = 0.2  # seconds between two looks at the folders
PARTS = ("cards", "decks", "schema")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look gave: the files that were saved since the one before (none at the first), what concerns them, and everything.
    `raws` are the cards as they were written, those with errors among them."""

    saved: tuple[str, ...]
    here: tuple[Diagnostic, ...]
    outcome: Outcome[Checked]
    raws: tuple[RawCard, ...]


def looks(folder: Path, today: date, overlay: Path | None = None) -> Iterator[Look]:
    """A look now, and one after every change of a file, for ever. `overlay` is the folder of an overlay that lies elsewhere."""
    memory = Memory()
    parts = {f"{base}{part}" for base in ("", base_of(folder, overlay)) for part in PARTS}
    before: dict[str, tuple[int, int]] = {}
    first = True
    while True:
        now = times(folder, parts)
        if first or now != before:
            saved = (
                ()
                if first
                else tuple(
                    sorted(path for path in {*now, *before} if now.get(path) != before.get(path))
                )
            )
            outcome = pipeline.check(folder, today, memory, overlay)
            parts |= {root.path for checked in outcome.values for root in checked.project.roots}
            sources = [source for checked in outcome.values for source in checked.found.sources]
            raws = tuple(raw for source in sources for raw in memory.parsed[source.path][1].values)
            yield Look(saved, _about(outcome.diagnostics, saved), outcome, raws)
            before, first = now, False
        time.sleep(PAUSE)


def _about(diagnostics: tuple[Diagnostic, ...], saved: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Complaints that stand in a saved file or point to one; all of them at the first look and after a change of decks/ or schema/."""
    if not saved or any({"decks", "schema"} & set(path.split("/")) for path in saved):
        return diagnostics
    return tuple(
        d
        for d in diagnostics
        if d.span.path in saved or any(span.path in saved for _, span in d.related)
    )


def times(folder: Path, parts: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Time of the last change and size of every file, by path. Names that begin with a dot are an editor's own."""
    out = {}
    for part in sorted(parts):
        for place, folders, names in os.walk(folder / part):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = os.path.join(place, name)
                try:
                    seen = os.stat(path)
                except OSError:  # gone between the two calls
                    continue
                if not name.startswith("."):
                    out[Path(os.path.relpath(path, folder)).as_posix()] = (
                        seen.st_mtime_ns,
                        seen.st_size,
                    )
    return out
