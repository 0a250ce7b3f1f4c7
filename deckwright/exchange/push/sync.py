"""Reads what Anki has of a project, and brings it up to date as planned.

It does so in small steps, each of which leaves a valid collection: a push may be
stopped anywhere and run again.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from deckwright.core.errors import UserError
from deckwright.core.note import Image
from deckwright.core.wording import count
from deckwright.exchange.push.ankiconnect import Anki
from deckwright.exchange.push.plan import AnkiCollection, AnkiNote, Design, NoteUpdate, PushPlan
from deckwright.project.project import Project

_READ, _WRITTEN = 500, 50  # notes in one request
# What an answer of another shape leads to. A number can be too large for an integer.
_OTHER_SHAPE = (AttributeError, KeyError, TypeError, ValueError, OverflowError)


def read(anki: Anki, project: Project) -> AnkiCollection:
    """What Anki has of the project: its note types by their ids, and their notes."""
    try:
        names = {int(number): name for name, number in anki.ask("modelNamesAndIds").items()}
        designs = {
            slug: _design(anki, names[notetype.id])
            for slug, notetype in project.notetypes.items()
            if notetype.id in names
        }
        notes = tuple(
            note for slug in designs for note in _notes(anki, slug, project.notetypes[slug].id)
        )
    except _OTHER_SHAPE as error:
        raise anki.not_ankiconnect() from error
    return AnkiCollection(designs, notes)


def _design(anki: Anki, name: str) -> Design:
    templates = anki.ask("modelTemplates", modelName=name)
    return Design(
        _text(name),
        tuple(map(_text, anki.ask("modelFieldNames", modelName=name))),
        {key: (_text(side["Front"]), _text(side["Back"])) for key, side in templates.items()},
        _text(anki.ask("modelStyling", modelName=name)["css"]),
    )


def _notes(anki: Anki, slug: str, notetype: int) -> Iterator[AnkiNote]:
    ids = anki.ask("findNotes", query=f"mid:{notetype}")
    for start in range(0, len(ids), _READ):
        for info in anki.ask("notesInfo", notes=ids[start : start + _READ]):
            if info:  # empty for a note that was deleted in between
                fields = {name: _text(cell["value"]) for name, cell in info["fields"].items()}
                yield AnkiNote(int(info["noteId"]), slug, fields, tuple(map(_text, info["tags"])))


def _text(value: Any) -> str:
    """A text of an answer. Raises TypeError or ValueError if it is none."""
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half a surrogate pair cannot be written
    return value


def carry_out(
    anki: Anki, plan: PushPlan, project: Project, images: Iterable[Image], types: bool
) -> Iterator[str]:
    """Do what was planned, step by step; yields a line after each.

    Raises UserError if something stops it; what was done stays done.
    """
    images = tuple(images)
    for name, notetype in plan.designs.items() if types else ():
        sides = {t.name: {"Front": t.front, "Back": t.back} for t in notetype.templates}
        anki.ask("updateModelStyling", model={"name": name, "css": notetype.css})
        anki.ask("updateModelTemplates", model={"name": name, "templates": sides})
        yield f"card design of `{name}` replaced"
    if plan.added:
        _import(anki, plan, project, images)
        yield f"{count(len(plan.added), 'note')} added"
    data = {image.path: image.data for image in images}
    for start in range(0, len(plan.updates), _WRITTEN):
        batch = plan.updates[start : start + _WRITTEN]
        anki.each(action for update in batch for action in _actions(update, data))
        yield f"{start + len(batch):,} of {count(len(plan.updates), 'note')} updated"
    # The add-on redraws Anki's windows before it writes, not after: an open editor would still
    # have the text from before, and save all of it when the learner types there. Adding tags to
    # no note draws once more, and does nothing else.
    anki.ask("addTags", notes=[], tags="")


def _import(anki: Anki, plan: PushPlan, project: Project, images: Iterable[Image]) -> None:
    """Import new notes as a package, so that they get the deck's guids."""
    from deckwright.output.apkg import addition

    with tempfile.TemporaryDirectory(prefix="deckwright-") as folder:
        path = Path(folder) / "new.apkg"
        path.write_bytes(addition(tuple(plan.added), project, images, plan.present).data)
        try:
            anki.ask("importPackage", path=path.as_posix())
        except UserError as error:
            raise UserError(
                f"the new notes weren't imported; {error}",
                f"{error.help}; if Anki runs in a sandbox, set TMPDIR to a folder that it can "
                "read, then push again",
            ) from error


def _actions(
    update: NoteUpdate, images: Mapping[str, bytes]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The actions that change a note: its images, then its fields, then its tags.

    Tags are added before others are removed, so that a note always has a tag of the
    deck, by which it is known.
    """
    for media in update.note.media if update.fields else ():
        data = base64.b64encode(images[media.path]).decode()
        yield "storeMediaFile", {"filename": media.name, "data": data, "deleteExisting": False}
    if update.fields:
        yield "updateNoteFields", {"note": {"id": update.note_id, "fields": dict(update.fields)}}
    if update.added:
        yield "addTags", {"notes": [update.note_id], "tags": " ".join(update.added)}
    if update.removed:
        yield "removeTags", {"notes": [update.note_id], "tags": " ".join(update.removed)}
