"""Check a project again whenever a file is saved: `check --watch`.

Files are polled; those that did not change are not parsed again.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deckwright import pipeline
from deckwright.cache.memo import Memo
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.output.file_result import cards_in
from deckwright.pipeline import Checked
from deckwright.project.overlay import base_of

PAUSE = 0.1  # seconds between two polls
PARTS = ("cards", "decks", "schema")

FileState = tuple[int, int]  # time of the last change in nanoseconds, size in bytes


@dataclass(frozen=True, slots=True)
class WatchResult:
    """The result of one check.

    `saved` are the paths that were saved since the check before (none for the first
    one), `here` the diagnostics that concern them, `outcome` the result for the whole
    project. `raw_cards` are all cards as they were written, with errors or without.
    """

    saved: tuple[str, ...]
    here: tuple[Diagnostic, ...]
    outcome: Outcome[Checked]
    raw_cards: tuple[RawCard, ...]


def watch(folder: Path, today: date, overlay: Path | None = None) -> Iterator[WatchResult]:
    """Check the project now, and again after every change of its files, forever.

    `overlay` is the folder of an overlay outside of the project's folder.
    """
    memo = Memo()
    parts = {f"{base}{part}" for base in ("", base_of(folder, overlay)) for part in PARTS}
    before: dict[str, FileState] | None = None
    tidy = True
    while True:
        now = file_states(folder, parts)
        if now != before:
            saved = () if before is None else _changed(before, now)
            outcome = pipeline.check(folder, today, memo, overlay)
            parts |= {root.path for checked in outcome.values for root in checked.project.roots}
            here = _about(outcome.diagnostics, saved)
            yield WatchResult(saved, here, outcome, _raw_cards(outcome, memo))
            before, tidy = now, False
        elif not tidy:  # now nobody is waiting for a result any more
            gc.collect()
            tidy = True
        time.sleep(PAUSE)


def _changed(before: dict[str, FileState], now: dict[str, FileState]) -> tuple[str, ...]:
    """Return the paths of files that were changed, added or deleted."""
    return tuple(sorted(path for path in {*now, *before} if now.get(path) != before.get(path)))


def _changes_settings(saved: Iterable[str]) -> bool:
    """Return whether one of these files may be in decks/ or schema/."""
    return any({"decks", "schema"} & set(path.split("/")) for path in saved)


def _about(diagnostics: tuple[Diagnostic, ...], saved: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics in saved files, and those that point to one.

    All of them for the first check and after a change in decks/ or schema/.
    """
    if not saved or _changes_settings(saved):
        return diagnostics
    return tuple(
        d
        for d in diagnostics
        if d.span.path in saved or any(span.path in saved for _, span in d.related)
    )


def _raw_cards(outcome: Outcome[Checked], memo: Memo) -> tuple[RawCard, ...]:
    sources = [source for checked in outcome.values for source in checked.files.sources]
    return tuple(raw for source in sources for raw in cards_in(source, memo).values)


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
