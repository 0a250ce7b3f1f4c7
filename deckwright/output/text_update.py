"""Notes → text files for Anki's text import, one per package
and note type.

A package replaces a changed note with its tags and all its fields. The text import
keeps the learner's: it compares contents and replaces only the fields that a row has.
So a row has no cells for MyNotes and for tags. Rows are never padded, because an empty
cell clears the field (https://docs.ankiweb.net/importing/text-files.html, "File
Headers" and "Updating").

Anki finds the field of a column by its name, wherever the learner moved it, but only in
a file with one note type. Two of its fallbacks would overwrite what is the learner's:

- If no column has the name of the first field, Anki fills it from the first column. So
  the first column is empty: Anki skips rows whose first field would become empty.
- If no column is the one for tags, Anki takes the first one after the known fields. So
  there is a column for tags, in which no row has a cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from deckwright.core.note import Artifact, Note
from deckwright.project.notetypes import NoteType
from deckwright.project.project import Project

# `if matches`: otherwise Anki uses the last choice. The ID of the note type, because
# learners can rename it.
_HEAD = """\
#separator:tab
#html:true
#if matches:update current
#notetype:{notetype}
#guid column:2
#deck column:3
#tags column:{tags}
#columns:"""


def text_updates(chosen: Mapping[str, tuple[Note, ...]], project: Project) -> tuple[Artifact, ...]:
    """Return the text files that go next to each package, one per note type of its notes.

    `chosen` are the notes of each package by its path.
    """
    every = {note.guid: note for notes in chosen.values() for note in notes}
    rows = {guid: _line(("", guid, n.deck, *n.fields[:-1])) for guid, n in every.items()}
    return tuple(
        _artifact(path, project.notetypes[slug], [n for n in notes if n.type == slug], rows)
        for path, notes in sorted(chosen.items())
        for slug in sorted({note.type for note in notes})
    )


def _artifact(
    path: str, notetype: NoteType, notes: list[Note], rows: Mapping[str, bytes]
) -> Artifact:
    columns = ("", "guid", "deck", *(field.name for field in notetype.fields[:-1]), "tags")
    head = _HEAD.format(notetype=notetype.id, tags=len(columns)).encode()
    data = b"".join([head, _line(columns), *(rows[note.guid] for note in notes)])
    return Artifact(f"{path.removesuffix('.apkg')}.{notetype.slug}.txt", data, len(notes))


def _line(cells: Iterable[str]) -> bytes:
    """Return a line with these cells."""
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerow(cells)
    return out.getvalue().encode()
