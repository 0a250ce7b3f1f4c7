"""The history of pushes: the texts that they put into notes.

It is a file in the project's folder that is not in git.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deckwright.core.files import replace_file
from deckwright.core.identity import fingerprint
from deckwright.core.note import Note
from deckwright.project.notetypes import FIELDS, NoteType, in_order
from deckwright.project.project import Project

HISTORY_FILE = ".pushed.json"
_REMEMBERED = 8  # texts of a note that are kept


@dataclass(frozen=True, slots=True)
class PushHistory:
    """The digests of texts that were pushed, by the guids of notes, the newest last."""

    digests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, guid: str, text_digest: str) -> bool:
        """Whether a push put a text into a note."""
        return text_digest in self.digests.get(guid, ())

    def with_notes(self, notes: Iterable[Note], project: Project) -> PushHistory:
        """The history with the texts of `notes` as the newest."""
        digests = dict(self.digests)
        for note in notes:
            new = digest(project.notetypes[note.type], fields_by_name(note, project))
            older = (other for other in digests.get(note.guid, ()) if other != new)
            digests[note.guid] = (*older, new)[-_REMEMBERED:]
        return PushHistory(digests)


def fields_by_name(note: Note, project: Project) -> dict[str, str]:
    """The fields of a note by their names."""
    names = (field.name for field in project.notetypes[note.type].fields)
    return dict(zip(names, note.fields, strict=True))


def compiler_fields(notetype: NoteType, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a note that the compiler fills; others are the learner's."""
    return {name: fields.get(name, "") for name in FIELDS[notetype.card_type]}


def digest(notetype: NoteType, fields: Mapping[str, str]) -> str:
    """SHA-256 (hex) of the compiler's text in a note, from its fields by name."""
    return fingerprint(notetype.id, in_order(notetype, compiler_fields(notetype, fields)), ())


def read_history(project: Project) -> PushHistory:
    """The history of a project; empty if there is none, or none that can be read."""
    try:
        found = json.loads((project.folder / HISTORY_FILE).read_text("utf-8"))
        return PushHistory({str(guid): tuple(map(str, texts)) for guid, texts in found.items()})
    except (OSError, ValueError, AttributeError, TypeError):
        return PushHistory()


def remember(project: Project, notes: Iterable[Note]) -> None:
    """Add the texts of `notes` to the history. Raises OSError.

    To be called before they are sent, so that a push that is stopped knows its own
    texts.
    """
    before = read_history(project)
    after = before.with_notes(notes, project)
    if after != before:
        rows = sorted(after.digests.items())
        lines = [f"{json.dumps(guid)}: {json.dumps(digests)}" for guid, digests in rows]
        replace_file(project.folder / HISTORY_FILE, "{\n" + ",\n".join(lines) + "\n}\n")
