"""`merge-ledger`: two branches' ledgers as one, by the rule of `ledger.merge`; as git's merge driver, or after a merge that stopped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deckwright import ledger
from deckwright.diagnostic import Diagnostic
from deckwright.history import repository
from deckwright.model import Source
from deckwright.publish import replace_file


@dataclass(frozen=True, slots=True)
class Result:
    """The ledgers that were written, what no rule decides, and complaints about ledgers that cannot be read."""

    written: tuple[str, ...]
    conflicts: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def files(ours: Path, theirs: Path) -> Result:
    """Merges the ledger in `theirs` into that in `ours` (git's %A and %B; the common ancestor is not needed: no row ever goes)."""
    return _merged(ours, ours.read_text("utf-8"), theirs.read_text("utf-8"), ours.as_posix(), theirs.as_posix())


def stopped(folder: Path) -> Result | None:
    """Merges the ledgers on which a merge stopped; None where `folder` is in no repository."""
    found = repository(folder)
    if found is None:
        return None
    written: list[str] = []
    conflicts: list[str] = []
    faults: list[Diagnostic] = []
    for path in found.unmerged("decks/ledger"):
        ours, theirs = found.side(2, path), found.side(3, path)
        if ours is None or theirs is None:  # removed on one side: whoever has it, keeps it
            ours = theirs = ours or theirs or ""
        result = _merged(folder / path, ours, theirs, f"{path} (ours)", f"{path} (theirs)")
        written.extend([path] * bool(result.written))
        conflicts.extend(result.conflicts)
        faults.extend(result.diagnostics)
    return Result(tuple(written), tuple(conflicts), tuple(faults))


def _merged(target: Path, ours: str, theirs: str, our_name: str, their_name: str) -> Result:
    sides = [ledger.read(Source(our_name, ours)), ledger.read(Source(their_name, theirs))]
    faults = tuple(d for side in sides for d in side.diagnostics)
    if faults:
        return Result((), (), faults)
    merged = ledger.merge(sides[0].values[0], sides[1].values[0])
    replace_file(target, ledger.write(merged.ledger))
    return Result((target.as_posix(),), merged.conflicts)
