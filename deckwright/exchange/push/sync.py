"""Reads what Anki has of a project, and brings it up to date as planned.

It does so in small steps, each of which leaves a sound collection: a push may be
stopped anywhere and run again.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from deckwright.core.note import Image
from deckwright.core.progress import SILENT, Progress
from deckwright.core.wording import count
from deckwright.exchange.push.ankiconnect import Anki, AnkiRefusedError
from deckwright.exchange.push.history import remember
from deckwright.exchange.push.plan import Held, HeldNote, HeldType, PushPlan, TypeUpdate, Update
from deckwright.project.project import Project

_READ, _WRITTEN = 500, 50  # notes in one request
# What an answer of another shape leads to. A number can be too large for an integer.
_OTHER_SHAPE = (AttributeError, KeyError, TypeError, ValueError, OverflowError)


def held(anki: Anki, project: Project, progress: Progress = SILENT) -> Held:
    """What Anki has of the project: its note types by their ids, and their notes."""
    try:
        types, taken = _held_types(anki, project)
        with progress.during("reading Anki's notes"):
            notes = tuple(note for slug in types for note in _held_notes(anki, slug, project))
    except _OTHER_SHAPE as error:
        raise anki.stranger() from error
    return Held(types, notes, taken)


def _held_types(anki: Anki, project: Project) -> tuple[dict[str, HeldType], frozenset[str]]:
    """The note types of the project, and slugs of those whose name has another one."""
    known = anki.ask("modelNamesAndIds")
    names = {int(number): str(name) for name, number in known.items()}
    types, taken = {}, set()
    for slug, notetype in project.notetypes.items():
        name = names.get(notetype.id)
        if name is None:
            if notetype.name in known:
                taken.add(slug)
            continue
        templates = anki.ask("modelTemplates", modelName=name)
        types[slug] = HeldType(
            slug,
            name,
            tuple(map(_text, anki.ask("modelFieldNames", modelName=name))),
            {
                template: (_text(sides["Front"]), _text(sides["Back"]))
                for template, sides in templates.items()
            },
            _text(anki.ask("modelStyling", modelName=name)["css"]),
        )
    return types, frozenset(taken)


def _held_notes(anki: Anki, slug: str, project: Project) -> Iterator[HeldNote]:
    ids = anki.ask("findNotes", query=f"mid:{project.notetypes[slug].id}")
    for batch in _batches(ids, _READ):
        for info in anki.ask("notesInfo", notes=batch):
            if info:  # empty for a note that was deleted in between
                fields = {name: _text(cell["value"]) for name, cell in info["fields"].items()}
                tags = tuple(map(_text, info["tags"]))
                yield HeldNote(int(info["noteId"]), slug, fields, tags)


def _text(value: Any) -> str:
    """A text of an answer. Raises TypeError or ValueError if it is none."""
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half a surrogate pair cannot be written
    return value


def carry_out(
    anki: Anki,
    plan: PushPlan,
    project: Project,
    images: Iterable[Image],
    types: bool,
    progress: Progress = SILENT,
) -> Iterator[str]:
    """Do what was planned, step by step; yields a line after each.

    Raises UserError if something stops it; what was done stays done.
    """
    images = tuple(images)
    for look in plan.types if types else ():
        _replace_look(anki, look)
        yield f"card design of `{look.name}` replaced"
    if plan.added:
        remember(project, plan.added)
        with progress.during("adding new notes to Anki"):
            _import(anki, plan, project, images)
        yield f"{count(len(plan.added), 'note')} added"
    _send_pictures(anki, plan.updates, project, images, progress)
    done = 0
    for batch in _batches(plan.updates, _WRITTEN):
        with progress.during("updating notes in Anki"):
            remember(project, [update.note for update in batch if update.fields])
            _update(anki, batch)
        done += len(batch)
        yield f"{done:,} of {count(len(plan.updates), 'note')} updated"
    _redraw(anki)


def _replace_look(anki: Anki, look: TypeUpdate) -> None:
    sides = {t.name: {"Front": t.front, "Back": t.back} for t in look.notetype.templates}
    anki.ask("updateModelStyling", model={"name": look.name, "css": look.notetype.css})
    anki.ask("updateModelTemplates", model={"name": look.name, "templates": sides})


def _import(anki: Anki, plan: PushPlan, project: Project, images: tuple[Image, ...]) -> None:
    """Import new notes as a package, so that they get our guids."""
    from deckwright.output.apkg import addition

    with tempfile.TemporaryDirectory(prefix="deckwright-") as folder:
        path = Path(folder) / "new.apkg"
        path.write_bytes(addition(plan.added, project, images, plan.present).data)
        try:
            done = anki.ask("importPackage", path=path.as_posix())
        except AnkiRefusedError as error:
            raise AnkiRefusedError(
                f"the new notes were not imported; {error}",
                f"check that Anki can read {path.parent.parent}; if it runs in a sandbox, set "
                "TMPDIR to a folder that it can read, then push again",
            ) from error
        if done is not True:
            raise AnkiRefusedError(
                "the new notes were not imported",
                "check Anki for an error message, then push again",
            )


def _send_pictures(
    anki: Anki,
    updates: Iterable[Update],
    project: Project,
    images: Iterable[Image],
    progress: Progress,
) -> None:
    """Send the pictures that Anki lacks, before the fields that show them.

    A picture has another name if its content changes.
    """
    paths = {m.name: m.path for update in updates if update.fields for m in update.note.media}
    if not paths:
        return
    data = {image.path: image.data for image in images}
    try:
        present = set(map(_text, anki.ask("getMediaFilesNames", pattern=f"_{project.tag}-*")))
    except _OTHER_SHAPE as error:
        raise anki.stranger() from error
    for name in progress.over("sending images to Anki", sorted(paths.keys() - present)):
        encoded = base64.b64encode(data[paths[name]]).decode()
        anki.ask("storeMediaFile", filename=name, data=encoded)


def _update(anki: Anki, batch: Sequence[Update]) -> None:
    """Change fields and tags of notes.

    Tags are added before others are removed, so that a note always has a tag of ours,
    by which it is known.
    """
    anki.each(
        "updateNoteFields",
        [{"note": {"id": u.note_id, "fields": dict(u.fields)}} for u in batch if u.fields],
    )
    anki.each(
        "addTags", [{"notes": [u.note_id], "tags": " ".join(u.added)} for u in batch if u.added]
    )
    anki.each(
        "removeTags",
        [{"notes": [u.note_id], "tags": " ".join(u.removed)} for u in batch if u.removed],
    )


def _redraw(anki: Anki) -> None:
    """Make Anki's windows show the collection as it is.

    The add-on draws them before it writes, not after: an open editor would still have
    the text from before, and save all of it when the learner types there. Adding tags
    to no note draws once more, and does nothing else.
    """
    anki.ask("addTags", notes=[], tags="")


def _batches(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
