"""Stage 6, next to the packages: Notes → a `.txt` per package for Anki's text import.

A package replaces a changed note with its tags and all its fields. The text import
keeps the learner's: it compares contents and replaces only the fields that a row has.
So a row ends before MyNotes and has no column for tags. Rows are never padded, because
an empty cell clears the field (https://docs.ankiweb.net/importing/text-files.html,
"File Headers" and "Updating").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from deckwright.core.diagnostics import Outcome
from deckwright.core.note import Artifact, Note
from deckwright.project.project import Project

# `if matches`: otherwise Anki uses the last choice. The line with the columns:
# otherwise Anki up to 25.9 drops cells beyond those of the first row.
_HEAD = """\
#separator:tab
#html:true
#if matches:update current
#guid column:1
#notetype column:2
#deck column:3
"""


def text_updates(chosen: Mapping[str, tuple[Note, ...]], project: Project) -> Outcome[Artifact]:
    """Return a text file for each package with notes, next to it.

    `chosen` are the notes of each package by its path.
    """
    every = {note.guid: note for notes in chosen.values() for note in notes}
    rows = {guid: _row(note, project) for guid, note in every.items()}
    return Outcome(
        tuple(_artifact(path, notes, rows) for path, notes in sorted(chosen.items()) if notes)
    )


def _artifact(path: str, notes: tuple[Note, ...], rows: Mapping[str, bytes]) -> Artifact:
    fields = (f"field {n}" for n in range(1, max(len(note.fields) for note in notes)))
    columns = "\t".join(("guid", "notetype", "deck", *fields))
    head = f"{_HEAD}#columns:{columns}\n".encode()
    data = b"".join([head, *(rows[note.guid] for note in notes)])
    return Artifact(path.removesuffix(".apkg") + ".txt", data, len(notes))


def _row(note: Note, project: Project) -> bytes:
    """Return the line of a note."""
    out = io.StringIO()
    cells = (note.guid, project.notetypes[note.type].name, note.deck, *note.fields[:-1])
    csv.writer(out, delimiter="\t", lineterminator="\n").writerow(cells)
    return out.getvalue().encode()
