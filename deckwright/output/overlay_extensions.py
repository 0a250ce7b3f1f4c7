"""Stage 5, after `render` and `tombstones`: what an overlay makes of the project's cards.

A card that an overlay extends is still the project's note, with its guid, note type and home deck. Its row differs from the one that
the project released, so its stamp is the overlay's: kept in the overlay's ledger and given by its releases. Once a row was
released that way it stays so, without the extension too, for learners hold that stamp and Anki takes nothing older.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from deckwright import markdown
from deckwright.core.identity import draft_mod, fingerprint
from deckwright.core.note import Note, Row
from deckwright.project.ledger import ExtendedRow
from deckwright.project.overlay import Overlay
from deckwright.project.project import Project

R = TypeVar("R", Note, Row)

MARKS = "mark"  # below the overlay's tag root: the tags that it adds to somebody else's cards


def extended(notes: Iterable[Note], project: Project) -> tuple[Note, ...]:
    """The notes that are built: without those that the overlay leaves out, with what it adds to others."""
    overlay = project.overlay
    if overlay is None:
        return tuple(notes)
    return tuple(
        _extended(note, overlay, project) for note in notes if not overlay.leaves_out(note.card)
    )


def extended_tombstones(tombstones: Iterable[Row], project: Project) -> tuple[Row, ...]:
    """Tombstones with stamps that reach those who hold an extended card."""
    if project.overlay is None:
        return tuple(tombstones)
    book = project.ledger(project.overlay.namespace)
    known = {row.guid: row for row in book.extended.values()}
    return tuple(
        _stamped(stone, known[stone.guid], project) if stone.guid in known else stone
        for stone in tombstones
    )


def _extended(note: Note, overlay: Overlay, project: Project) -> Note:
    if overlay.owns(note.card):
        return note
    known = project.ledger(overlay.namespace).extended.get(f"{note.card.namespace}/{note.id}")
    found = [one for one in overlay.extensions if one.cards.matches(note.card)]
    if not found and known is None:
        return note
    added = "\n".join(markdown.html(one.blocks, str) for one in found if one.blocks)
    names = [f.name for f in project.notetypes[note.type].fields]
    fields = list(note.fields)
    at = names.index("Extra")
    fields[at] = "\n".join(part for part in (fields[at], added) if part)
    labels = tuple(
        sorted(
            {*note.tags, *(f"{overlay.tag}::{MARKS}::{tag}" for one in found for tag in one.tags)}
        )
    )
    mark = fingerprint(project.notetypes[note.type].id, fields, labels)
    return _stamped(
        replace(note, fields=tuple(fields), tags=labels, fingerprint=mark), known, project
    )


def _stamped(row: R, known: ExtendedRow | None, project: Project) -> R:
    """A row of the project's with the stamp that the overlay gave it; a draft's where no release of the overlay holds it so."""
    if known is not None and known.fingerprint == row.fingerprint:
        return replace(row, mod=known.mod, draft=False, extended=True)
    released = max(known.mod if known else 0, 0 if row.draft else row.mod)
    stamp = draft_mod(row.fingerprint, released, project.last_mod_of(project.namespaces))
    return replace(row, mod=stamp, draft=True, extended=True)
