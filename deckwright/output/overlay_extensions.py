"""Stage 5, after `render` and `tombstones`: an overlay's changes to the notes.

A note that an overlay extends is still the project's, with its guid, note type and home
deck. It differs from the one that the project released, so the overlay's releases set
its `mod`, and the overlay's ledger records it. Once released that way, a note stays so
even without the extension: learners have that `mod`, and Anki ignores anything older.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from deckwright.core.identity import draft_mod, fingerprint
from deckwright.core.note import Note, Row
from deckwright.output.render import MARKS
from deckwright.project.ledger import ExtendedRow
from deckwright.project.overlay import Overlay
from deckwright.project.project import Project

R = TypeVar("R", Note, Row)


def extended(notes: Iterable[Note], project: Project) -> tuple[Note, ...]:
    """Return the notes to build: without those left out, with additions to others."""
    overlay = project.overlay
    if overlay is None:
        return tuple(notes)
    return tuple(
        _extended(note, overlay, project) for note in notes if not overlay.leaves_out(note.card)
    )


def extended_tombstones(tombstones: Iterable[Row], project: Project) -> tuple[Row, ...]:
    """Return the tombstones, with a `mod` that also replaces extended cards."""
    if project.overlay is None:
        return tuple(tombstones)
    book = project.ledger(project.overlay.namespace)
    known = {row.guid: row for row in book.extended.values()}
    return tuple(
        _with_mod(row, known[row.guid], project) if row.guid in known else row for row in tombstones
    )


def _extended(note: Note, overlay: Overlay, project: Project) -> Note:
    if overlay.owns(note.card):
        return note
    known = project.ledger(overlay.namespace).extended.get(f"{note.card.namespace}/{note.id}")
    found = [one for one in overlay.extensions if one.cards.matches(note.card)]
    if not found and known is None:
        return note
    added = "\n".join(one.html for one in found if one.html)
    names = [f.name for f in project.notetypes[note.type].fields]
    fields = list(note.fields)
    at = names.index("Extra")
    fields[at] = "\n".join(part for part in (fields[at], added) if part)
    marks = (f"{overlay.tag}::{MARKS}::{tag}" for one in found for tag in one.tags)
    labels = tuple(sorted({*note.tags, *marks}))
    digest = fingerprint(project.notetypes[note.type].id, fields, labels)
    changed = replace(note, fields=tuple(fields), tags=labels, fingerprint=digest)
    return _with_mod(changed, known, project)


def _with_mod(row: R, known: ExtendedRow | None, project: Project) -> R:
    """Return a note of the project with the `mod` of the overlay's release or draft."""
    if known is not None and known.fingerprint == row.fingerprint:
        return replace(row, mod=known.mod, draft=False, extended=True)
    released = max(known.mod if known else 0, 0 if row.draft else row.mod)
    mod = draft_mod(row.fingerprint, released, project.last_mod_of(project.namespaces))
    return replace(row, mod=mod, draft=True, extended=True)
