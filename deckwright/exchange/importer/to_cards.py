"""A foreign note as drafts of cards."""

from __future__ import annotations

from deckwright.exchange.importer.drafts import Destination, Draft, Unwritable
from deckwright.exchange.importer.foreign_notes import foreign_drafts
from deckwright.exchange.importer.notes import ForeignNote
from deckwright.exchange.importer.own_notes import own_draft, own_type
from deckwright.exchange.importer.pictures import Album
from deckwright.project.project import Project


def to_drafts(
    note: ForeignNote, project: Project, album: Album, destination: Destination
) -> list[Draft | Unwritable]:
    """The cards of one note: its own, if this compiler made the note, or new ones.

    Without a home in `destination`, drafts of new cards have none.
    """
    if notetype := own_type(note, project):
        return [own_draft(note, notetype, project, album, destination)]
    return list(foreign_drafts(note, project, album, destination))
