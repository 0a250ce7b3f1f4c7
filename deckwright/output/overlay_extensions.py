"""An overlay's changes to the notes.

A note that an overlay extends is still the project's, with its guid, note type and home
deck. It differs from the one that the project released, so the overlay's releases set
its `mod`, and the overlay's ledger records it. Once released that way, a note stays so
even without the extension: learners have that `mod`, and Anki ignores anything older.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from deckwright.core.identity import draft_mod
from deckwright.core.note import MARKS, Note, PackagedNote
from deckwright.project.ledger import ExtendedRow
from deckwright.project.notetypes import content_fingerprint
from deckwright.project.overlay import Overlay
from deckwright.project.project import Project

R = TypeVar("R", Note, PackagedNote)


def extended(notes: Iterable[Note], project: Project) -> tuple[Note, ...]:
    """Return the notes to build: without those left out, with additions to others."""
    overlay = project.overlay
    if overlay is None:
        return tuple(notes)
    return tuple(
        _extended(note, overlay, project) for note in notes if not overlay.leaves_out(note.card)
    )


def extended_tombstones(
    tombstones: Iterable[PackagedNote], project: Project
) -> tuple[PackagedNote, ...]:
    """Return the tombstones, with a `mod` that also replaces extended cards."""
    if project.overlay is None:
        return tuple(tombstones)
    ledger = project.ledger(project.overlay.namespace)
    rows = {row.guid: row for row in ledger.extended.values()}
    return tuple(
        _with_mod(row, rows[row.guid], project) if row.guid in rows else row for row in tombstones
    )


def _extended(note: Note, overlay: Overlay, project: Project) -> Note:
    if overlay.owns(note.card):
        return note
    released = project.ledger(overlay.namespace).extended.get(f"{note.card.namespace}/{note.id}")
    extensions = [one for one in overlay.extensions if one.cards.matches(note.card)]
    if not extensions and released is None:
        return note
    notetype = project.notetypes[note.type]
    added = "\n".join(one.html for one in extensions if one.html)
    fields = list(note.fields)
    at = [f.name for f in notetype.fields].index("Extra")
    fields[at] = "\n".join(part for part in (fields[at], added) if part)
    marks = {f"{overlay.tag}::{MARKS}::{tag}" for one in extensions for tag in one.tags}
    changed = replace(
        note,
        fields=tuple(fields),
        tags=tuple(sorted({*note.tags, *marks})),
        content_fingerprint=content_fingerprint(notetype, fields, sorted(marks)),
    )
    return _with_mod(changed, released, project)


def _with_mod(row: R, released: ExtendedRow | None, project: Project) -> R:
    """Return a note of the project with the `mod` of the overlay's release or draft."""
    if released is not None and released.content_fingerprint == row.content_fingerprint:
        return replace(row, mod=released.mod, draft=False, extended=True)
    latest = max(released.mod if released else 0, 0 if row.draft else row.mod)
    mod = draft_mod(row.content_fingerprint, latest, project.last_mod_of(project.namespaces))
    return replace(row, mod=mod, draft=True, extended=True)
