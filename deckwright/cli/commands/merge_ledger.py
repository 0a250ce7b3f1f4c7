"""merge-ledger: two ledgers as one, by the rule of `ledger.merge`.

As git's merge driver, after a merge that stopped, or with the ledgers of a release.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from deckwright.cli import completers
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.options import complete
from deckwright.core import files, report
from deckwright.core.diagnostics import Diagnostic, Outcome, has_errors
from deckwright.core.files import replace_file
from deckwright.core.git import Repository, repository
from deckwright.core.source import Source
from deckwright.project import ledger
from deckwright.project.ledger import Ledger

FOLDER = "decks/ledger"


@click.command("merge-ledger", cls=Command)
@click.argument(
    "files",
    nargs=-1,
    metavar="[BASE OURS THEIRS]",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--from",
    "revision",
    default="",
    metavar="TAG",
    shell_complete=complete(completers.releases),
    help="Restore rows that the ledgers contained in this release.",
)
@pass_session
def command(session: Session, files: tuple[Path, ...], revision: str) -> None:
    """Resolve merge conflicts in the records of released cards.

    A ledger is a file in decks/ledger/ that records the released cards of one card folder,
    with one row for each card.

    If `git merge` reports a conflict in a ledger, run this command without arguments, and
    then run `git add` on each file that it lists. The merged ledger has the cards of both
    branches. If both branches have a row for the same card, the row with the later
    modification time wins.

    If a ledger has lost rows, use --from with the tag of a release that contained them.

    To have git merge ledgers automatically, run the `git config` line below once. Git
    supplies BASE, OURS, and THEIRS; you never type them.

    Exits with 1 if a ledger is malformed, or if a conflict needs your decision, for example
    because both branches released the same version (see docs/releasing.md). Exits with 2 on a
    git or disk error.

    \b
    Resolve conflicts after `git merge`:
      ./build.py merge-ledger
    Restore rows that a release contained:
      ./build.py merge-ledger --from v1.4.0
    Have git merge ledgers automatically:
      git config merge.deckwright-ledger.driver "./build.py merge-ledger %O %A %B"
    """
    if files and (len(files) != 3 or revision):
        raise click.UsageError(
            "specify either no files or all three, BASE OURS THEIRS, without --from"
        )
    place = session.overlay or session.root
    if files:
        result = two(files[1], files[2])
    elif revision:
        result = released(place, revision)
    else:
        result = stopped(place)
    if result.diagnostics:
        session.write(report.text(result.diagnostics) + "\n")
    for conflict in result.conflicts:
        session.say(f"conflict: {conflict}")
    if not files:
        merged = [f"merged {path}; review it, then run: git add {path}" for path in result.written]
        session.say("\n".join(merged) or "there are no ledgers to merge")
    sys.exit(1 if result.conflicts or has_errors(result.diagnostics) else 0)


@dataclass(frozen=True, slots=True)
class Result:
    """The ledgers that were written, and what is left to people.

    `conflicts` are rows that no rule decides; `diagnostics` are about ledgers that
    cannot be read.
    """

    written: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def two(ours: Path, theirs: Path) -> Result:
    """Merge the ledger in `theirs` into that in `ours` (git's %A and %B).

    The common ancestor is not needed, because no row is ever removed.
    """
    sides = _read(ours.parent, ours.name), _read(theirs.parent, theirs.name)
    return _merged(ours, *sides)


def stopped(folder: Path) -> Result:
    """Merge the ledgers on which a merge stopped. Raises GitError."""
    found = repository(folder)
    paths = found.unmerged(FOLDER)
    return _each(folder, paths, lambda path: (_side(found, 2, path), _side(found, 3, path)))


def released(folder: Path, revision: str) -> Result:
    """Merge the ledgers as they were at `revision` into those of the working tree.

    Raises UserError if git does not know the revision.
    """
    found = repository(folder)
    found.require(revision)
    here = {path.relative_to(folder).as_posix() for path in (folder / FOLDER).glob("*.tsv")}
    paths = sorted({*here, *found.names(revision, FOLDER)})

    def sides(path: str) -> tuple[Outcome[Ledger], Outcome[Ledger]]:
        now = _read(folder, path) if (folder / path).exists() else _parsed(path, None)
        return now, _parsed(f"{revision}:{path}", found.text(revision, path))

    return _each(folder, paths, sides)


def _each(
    folder: Path,
    paths: Iterable[str],
    sides: Callable[[str], tuple[Outcome[Ledger], Outcome[Ledger]]],
) -> Result:
    results = [_merged(folder / path, *sides(path), name=path) for path in paths]
    return Result(
        tuple(path for result in results for path in result.written),
        tuple(conflict for result in results for conflict in result.conflicts),
        tuple(d for result in results for d in result.diagnostics),
    )


def _merged(target: Path, ours: Outcome[Ledger], theirs: Outcome[Ledger], name: str = "") -> Result:
    """Write two ledgers as one into `target`, if both can be read."""
    if diagnostics := (*ours.diagnostics, *theirs.diagnostics):
        return Result(diagnostics=diagnostics)
    merged = ledger.merge(ours.values[0], theirs.values[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, ledger.write(merged.ledger))
    return Result((name or target.as_posix(),), merged.conflicts)


def _side(found: Repository, stage: int, path: str) -> Outcome[Ledger]:
    """One side of a stopped merge; empty if that side removed the file."""
    return _parsed(f"{path} ({'ours' if stage == 2 else 'theirs'})", found.side(stage, path))


def _parsed(name: str, text: str | None) -> Outcome[Ledger]:
    return ledger.read(Source(name, text or ""))


def _read(folder: Path, path: str) -> Outcome[Ledger]:
    source = files.read_source(folder, path)
    return ledger.read(source.values[0]) if source.values else Outcome((), source.diagnostics)
