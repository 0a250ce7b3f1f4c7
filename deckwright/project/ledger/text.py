"""The text form of a ledger: a line per row, sorted.

Cells are separated by tabs, `-` is an empty cell, and lines that begin with `#` are
comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source
from deckwright.project.ledger.rows import AnyRow, CardRow, ExtendedRow, Ledger, Release, TypeRow

_HEAD = """\
# What was released: one line per release, note type and card. Builds read it, only `release` \
writes it; two branches'
# ledgers are merged with `./build.py merge-ledger`.
# release: version, time (seconds since 1970)
# type: note type, id, shape (kind; sort field; fields; templates, by their ids), fingerprint, \
mod (Anki's modification time, seconds since 1970)
# extended: namespace/id of a card of somebody else's to which this overlay has added something, \
guid, fingerprint of the row, mod
# card: id, guid, note type, home (task/service) at the first release, home deck, \
gaps (number:digests of its answers, `-` when
#   retired), note id (milliseconds since 1970), fingerprint of the row, mod (seconds), \
first release, date shown, state (live, or the release that retired it), successors
"""

_NAME = r"[a-z0-9-]+"
_GUID = r"[a-z2-7]{16}"
_TYPE = r"(?:basic|cloze|multiple-choice)"
_VERSION = r"\d{1,9}\.\d{1,9}\.\d{1,9}"
_SECONDS = r"\d{1,11}"
_FINGERPRINT = r"-|[0-9a-f]{64}"
_GAP = r"\d{1,3}:(?:-|[0-9a-f+]{8,})"

# The cells of each kind of line, in the order of the row's fields.
_CELLS = {
    "release": {"version": _VERSION, "time": _SECONDS},
    "type": {
        "slug": rf"{_TYPE}(?:-mine)?",
        "id": r"\d{1,19}",
        "shape": r"[^\t]+",
        "fingerprint": _FINGERPRINT,
        "mod": _SECONDS,
    },
    "extended": {
        "id": f"{_NAME}/{_NAME}",
        "guid": _GUID,
        "fingerprint": _FINGERPRINT,
        "mod": _SECONDS,
    },
    "card": {
        "id": _NAME,
        "guid": _GUID,
        "type": _TYPE,
        "home": r"[^\t/]+/[^\t/]+",
        "deck": r"[^\t]+",
        "gaps": f"-|{_GAP}(?: {_GAP})*",
        "note_id": r"\d{1,14}",
        "fingerprint": _FINGERPRINT,
        "mod": _SECONDS,
        "first": _VERSION,
        "shown": r"-|\d{4}-\d\d",
        "state": rf"live|{_VERSION}",
        "successors": f"-|{_NAME}(?: {_NAME})*",
    },
}
_PATTERNS = {
    kind: re.compile(r"\t".join(f"(?P<{name}>{form})" for name, form in cells.items()))
    for kind, cells in _CELLS.items()
}


def read(source: Source) -> Outcome[Ledger]:
    """Read a ledger.

    No value, but a diagnostic (L001) for each line that cannot be read, is not in its
    order, or repeats a key.
    """
    rows: dict[str, dict[str, AnyRow]] = {kind: {} for kind in _CELLS}
    lines: dict[tuple[str, str], int] = {}
    diagnostics: list[Diagnostic] = []
    previous = ("", "")
    for number, line in enumerate(source.text.split("\n")):
        if not line or line.startswith("#"):
            continue
        row = _row(line)
        problem = _problem(row, rows, previous, source.path)
        if problem:
            message, help_line = problem
            place = source.lines_span(number, number + 1)
            diagnostics.append(Diagnostic("L001", message, place, help_line))
        if row:
            previous = row.kind, row.key
            rows[row.kind][row.key] = row
            lines[previous] = number
    if diagnostics:
        return Outcome((), tuple(diagnostics))
    tables: Any = rows
    return Outcome(
        (
            Ledger(
                releases=tables["release"],
                types=tables["type"],
                cards=tables["card"],
                extended=tables["extended"],
                source=source,
                lines=lines,
            ),
        )
    )


def _problem(
    row: AnyRow | None,
    earlier: Mapping[str, Mapping[str, AnyRow]],
    previous: tuple[str, str],
    path: str,
) -> tuple[str, str] | None:
    """Return what is wrong with a line, and what to do; None if nothing is."""
    if row is None:
        return (
            "this line of the ledger cannot be read",
            "after a merge, run `./build.py merge-ledger`; otherwise, restore the file with "
            f"`git checkout TAG -- {path}`, where TAG is the tag of the last release",
        )
    if row.key in earlier[row.kind]:
        return (
            f"`{row.key}` has two lines in the ledger",
            "run `./build.py merge-ledger` to combine them",
        )
    if (row.kind, row.key) < previous:
        return (
            "this line is out of order",
            f"restore the file with `git checkout TAG -- {path}`, "
            "where TAG is the tag of the last release",
        )
    return None


def _row(line: str) -> AnyRow | None:
    """Parse a line; None if it does not have the form of its kind."""
    kind, _, rest = line.partition("\t")
    match = _PATTERNS[kind].fullmatch(rest) if kind in _PATTERNS else None
    if match is None:
        return None
    cell = {name: "" if value == "-" else value for name, value in match.groupdict().items()}
    if kind == "release":
        return Release(cell["version"], int(cell["time"]))
    mod = int(cell["mod"])
    if kind == "extended":
        return ExtendedRow(cell["id"], cell["guid"], cell["fingerprint"], mod)
    if kind == "type":
        return TypeRow(cell["slug"], int(cell["id"]), cell["shape"], cell["fingerprint"], mod)
    return CardRow(
        id=cell["id"],
        guid=cell["guid"],
        type=cell["type"],
        home=cell["home"],
        deck=cell["deck"],
        gaps=_gaps(cell["gaps"]),
        note_id=int(cell["note_id"]),
        fingerprint=cell["fingerprint"],
        mod=mod,
        first=cell["first"],
        shown=cell["shown"],
        state=cell["state"],
        successors=tuple(cell["successors"].split()),
    )


def _gaps(cell: str) -> tuple[tuple[int, str], ...]:
    """Parse the cell with a card's gaps, such as `1:0c3b2f11 2:-`."""
    pairs = (gap.split(":") for gap in cell.split())
    return tuple((int(number), "" if digests == "-" else digests) for number, digests in pairs)


def write(ledger: Ledger) -> str:
    """Return the text form of a ledger. `read` returns an equal ledger for it."""
    tables: Iterable[Mapping[str, AnyRow]] = (
        ledger.cards,
        ledger.extended,
        ledger.releases,
        ledger.types,
    )
    lines = ("\t".join(_cells(row)) for table in tables for _, row in sorted(table.items()))
    return _HEAD + "".join(f"{line}\n" for line in lines)


def _cells(row: AnyRow) -> Iterable[str]:
    yield row.kind
    for part in fields(row):
        value = getattr(row, part.name)
        if part.name == "gaps":
            value = " ".join(f"{number}:{digests or '-'}" for number, digests in value)
        elif part.name == "successors":
            value = " ".join(value)
        yield str(value) or "-"
