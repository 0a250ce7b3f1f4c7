"""Stage 6, beside the packages: Notes → one `.txt` per package for Anki's own text import, which keeps what is the learner's.

A package replaces a changed note with its tags and all its fields. The text import compares contents and replaces only the
fields that a row has: so a row ends before MyNotes, and there is no column for tags. Rows are never padded: an empty cell
would wipe what stands in the field (https://docs.ankiweb.net/importing/text-files.html, "File Headers" and "Updating").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from deckwright.core.diagnostics import Outcome
from deckwright.core.note import Artifact, Note
from deckwright.project.project import Project

# `if matches` because Anki remembers what the learner chose last; `columns` because Anki up to 25.9 takes the first row's
# number of cells for that of all rows, and drops what is beyond.
_HEAD = "#separator:tab\n#html:true\n#if matches:update current\n#guid column:1\n#notetype column:2\n#deck column:3\n"


def text_updates(chosen: Mapping[str, tuple[Note, ...]], project: Project) -> Outcome[Artifact]:
    """One artifact for each package that holds a note: its path with `.txt` for `.apkg`. `chosen` are the notes of each."""
    return Outcome(
        tuple(_artifact(path, notes, project) for path, notes in sorted(chosen.items()) if notes)
    )


def _artifact(path: str, notes: tuple[Note, ...], project: Project) -> Artifact:
    out = io.StringIO()
    columns = [
        "guid",
        "notetype",
        "deck",
        *(f"field {n}" for n in range(1, max(len(note.fields) for note in notes))),
    ]
    rows = csv.writer(out, delimiter="\t", lineterminator="\n")
    for note in notes:
        rows.writerow((note.guid, project.notetypes[note.type].name, note.deck, *note.fields[:-1]))
    return Artifact(
        path.removesuffix(".apkg") + ".txt",
        (
            _HEAD + "\t".join(["#columns:" + columns[0], *columns[1:]]) + "\n" + out.getvalue()
        ).encode(),
        len(notes),
    )
