"""Check a project again whenever a file is saved: `check --watch`.

Files are polled.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deckwright.core.card import RawCard
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.live.live_project import LiveProject, file_states
from deckwright.pipeline import Checked

PAUSE = 0.1  # seconds between two polls


@dataclass(frozen=True, slots=True)
class WatchResult:
    """The result of one check.

    `saved` are the paths that were saved since the check before (none for the first
    one), `here` the diagnostics that concern them, `outcome` the result for the whole
    project. `raw_cards` are all cards as they were written, with errors or without.
    """

    saved: tuple[str, ...]
    here: tuple[Diagnostic, ...]
    outcome: Outcome[Checked | None]
    raw_cards: tuple[RawCard, ...]


def watch(folder: Path, today: date, overlay: Path | None = None) -> Iterator[WatchResult]:
    """Check the project now, and again after every change of its files, forever.

    `overlay` is the folder of an overlay outside of the project's folder.
    """
    project = LiveProject(folder, overlay)
    before = None
    while True:
        now = file_states(folder, project.card_folders | project.settings_folders())
        if now != before:
            known = now if before is None else before
            changed = {path for path in {*now, *known} if now.get(path) != known.get(path)}
            saved = tuple(sorted(changed))
            check = project.check(today)
            here = _about(check.outcome.diagnostics, saved, project.settings_folders())
            yield WatchResult(saved, here, check.outcome, check.raw_cards)
            before = now
        time.sleep(PAUSE)


def _about(
    diagnostics: tuple[Diagnostic, ...], saved: tuple[str, ...], settings: Iterable[str]
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics in saved files, and those that point to one.

    All of them for the first check and after a change of the settings.
    """
    in_settings = tuple(f"{folder}/" for folder in settings)
    if not saved or any(path.startswith(in_settings) for path in saved):
        return diagnostics
    return tuple(
        d
        for d in diagnostics
        if d.span.path in saved or any(span.path in saved for _, span in d.related)
    )
