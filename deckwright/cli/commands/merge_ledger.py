"""`merge-ledger`: two ledgers as one, by the rule of `ledger.merge`: as git's merge driver, after a merge that stopped, or with the
ledgers of a release."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.files import replace_file
from deckwright.core.git import Repository, repository
from deckwright.core.source import Source
from deckwright.project import ledger
from deckwright.project.ledger import Ledger

FOLDER = "decks/ledger"


@dataclass(frozen=True, slots=True)
class Result:
    """The ledgers that were written, what no rule decides, and complaints about ledgers that cannot be read."""

    written: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def two(ours: Path, theirs: Path) -> Result:
    """Merges the ledger in `theirs` into that in `ours` (git's %A and %B; the common ancestor is not needed: no row ever goes)."""
    sides = [files.read_source(path.parent, path.name) for path in (ours, theirs)]
    return _merged(ours, [_book(side) for side in sides])


def stopped(folder: Path) -> Result:
    """Merges the ledgers on which a merge stopped. GitError where `folder` is in no repository."""
    found = repository(folder)
    return _each(
        folder, found.unmerged(FOLDER), lambda path: [_side(found, 2, path), _side(found, 3, path)]
    )


def released(folder: Path, revision: str) -> Result:
    """Merges the ledgers as they were at `revision` into those of the working tree. GitError as above."""
    found = repository(folder)
    here = {path.relative_to(folder).as_posix() for path in (folder / FOLDER).glob("*.tsv")}
    paths = sorted({*here, *found.names(revision, FOLDER)})
    return _each(
        folder,
        tuple(paths),
        lambda path: [_here(folder, path), _text(f"{revision}:{path}", found.text(revision, path))],
    )


def _each(
    folder: Path, paths: tuple[str, ...], sides: Callable[[str], list[Outcome[Ledger]]]
) -> Result:
    results = [_merged(folder / path, sides(path), path) for path in paths]
    return Result(
        tuple(path for result in results for path in result.written),
        tuple(words for result in results for words in result.conflicts),
        tuple(d for result in results for d in result.diagnostics),
    )


def _merged(target: Path, sides: list[Outcome[Ledger]], name: str = "") -> Result:
    diagnostics = tuple(d for side in sides for d in side.diagnostics)
    if diagnostics:
        return Result(diagnostics=diagnostics)
    merged = ledger.merge(sides[0].values[0], sides[1].values[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, ledger.write(merged.ledger))
    return Result((name or target.as_posix(),), merged.conflicts)


def _here(folder: Path, path: str) -> Outcome[Ledger]:
    return _book(files.read_source(folder, path)) if (folder / path).exists() else _text(path, None)


def _side(found: Repository, stage: int, path: str) -> Outcome[Ledger]:
    """One side of a stopped merge; empty where that side removed the file, for no row ever goes."""
    return _text(f"{path} ({'ours' if stage == 2 else 'theirs'})", found.side(stage, path))


def _text(name: str, text: str | None) -> Outcome[Ledger]:
    return ledger.read(Source(name, text or ""))


def _book(outcome: Outcome[Source]) -> Outcome[Ledger]:
    return ledger.read(outcome.values[0]) if outcome.values else Outcome((), outcome.diagnostics)
