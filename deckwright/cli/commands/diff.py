"""`diff`: what a learner would see between two revisions, or between one and the working tree."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deckwright import pipeline
from deckwright.core.errors import UserError
from deckwright.core.git import Repository, repository
from deckwright.core.progress import SILENT, Progress
from deckwright.output.comparison import Difference, compare
from deckwright.pipeline import Checked


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two builds. `left_out` counts cards that this compiler refuses."""

    checked: Checked
    rendered: pipeline.Rendered
    left_out: int


def diff(
    folder: Path,
    revision: str,
    other: str,
    today: date,
    overlay: Path | None = None,
    progress: Progress = SILENT,
) -> tuple[Difference, tuple[str, ...]]:
    """The difference from `revision` to `other` (the working tree where it is empty), and remarks on what it cannot show. An
    overlay that lies elsewhere is as it is now on both sides.
    UserError where one cannot be built, GitError where there is no history."""
    found = repository(folder)
    before = at_revision(found, revision, today, overlay, progress)
    after = (
        at_revision(found, other, today, overlay, progress)
        if other
        else side(folder, today, overlay, progress)
    )
    remarks = [
        f"{count} cards are left out: this version of the compiler refuses them"
        for count in (before.left_out, after.left_out)
        if count
    ]
    return between(before, after), tuple(dict.fromkeys(remarks))


def between(before: Side, after: Side) -> Difference:
    return compare(
        before.rendered.notes, after.rendered.notes, before.checked.project, after.checked.project
    )


def at_revision(
    found: Repository,
    revision: str,
    today: date,
    overlay: Path | None = None,
    progress: Progress = SILENT,
) -> Side:
    """The project as it was at a revision, built by this compiler."""
    if not found.has(revision):
        raise UserError(f"there is no revision {revision}")
    with tempfile.TemporaryDirectory(prefix="deckwright-") as scratch:
        for path, data in found.export(revision).items():
            target = Path(scratch, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        try:
            return side(Path(scratch), today, overlay, progress)
        except UserError as error:
            raise UserError(
                f"{revision} cannot be built by this version of the compiler: {error}"
            ) from error


def side(
    folder: Path, today: date, overlay: Path | None = None, progress: Progress = SILENT
) -> Side:
    """The project in a folder, built as far as its cards are without errors."""
    outcome = pipeline.check(folder, today, overlay=overlay, progress=progress)
    if not outcome.values:
        raise UserError(
            outcome.diagnostics[0].message if outcome.diagnostics else "nothing there",
            diagnostics=outcome.diagnostics,
        )
    checked = outcome.values[0]
    return Side(checked, pipeline.rendered(checked, progress), checked.written - len(checked.cards))
