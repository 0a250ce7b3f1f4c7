"""The text form of a ledger: a line per row, sorted.

Cells are separated by tabs, `-` is an empty cell, and lines that begin with `#` are
comments. Each row is between a comment with its key and an empty line. Two branches never
change these, so git's `merge=union` keeps the changes of both branches to neighboring rows.
Lines can be in any order, because a merge can change it.
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
writes it; git merges
# the ledgers of two branches with merge=union (see .gitattributes).
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

    No value, but a diagnostic (L001) for each line that cannot be read or repeats a key.
    """
    rows: dict[str, dict[str, AnyRow]] = {kind: {} for kind in _CELLS}
    lines: dict[tuple[str, str], int] = {}
    diagnostics: list[Diagnostic] = []
    for number, line in enumerate(source.text.split("\n")):
        if not line or line.startswith("#"):
            continue
        row = _row(line)
        if row is None:
            place = source.lines_span(number, number + 1)
            message = "this line of the ledger cannot be read"
            help_line = f"restore the file: git restore --source TAG -- {source.path}, where TAG "
            help_line += "is the tag of the last release"
            diagnostics.append(Diagnostic("L001", message, place, help_line))
        elif other := rows[row.kind].get(row.key):
            first = lines[row.kind, row.key]
            diagnostics.append(_repeated(source, other, first, row, number))
        else:
            rows[row.kind][row.key] = row
            lines[row.kind, row.key] = number
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


def _repeated(source: Source, one: AnyRow, line: int, other: AnyRow, second: int) -> Diagnostic:
    """Return L001 for a row of a key that has a row already, after a merge of two releases.

    The row with the later time must stay: some learners have that note, and Anki ignores
    anything older.
    """
    message = f"`{one.key}` has two rows in the ledger, on lines {line + 1} and {second + 1}"
    older = second if _time(other) <= _time(one) else line
    help_line = f"keep the row with the later time, and delete line {older + 1}"
    return Diagnostic("L001", message, source.lines_span(second, second + 1), help_line)


def _time(row: AnyRow) -> int:
    return row.time if isinstance(row, Release) else row.mod


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
    rows = [row for table in tables for _, row in sorted(table.items())]
    return _HEAD + "".join(
        "\n# {} {}\n{}\n".format(row.kind, row.key, "\t".join(_cells(row))) for row in rows
    )


def _cells(row: AnyRow) -> Iterable[str]:
    yield row.kind
    for part in fields(row):
        value = getattr(row, part.name)
        if part.name == "gaps":
            value = " ".join(f"{number}:{digests or '-'}" for number, digests in value)
        elif part.name == "successors":
            value = " ".join(value)
        yield str(value) or "-"
