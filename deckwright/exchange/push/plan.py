"""A build compared with a learner's collection: what a push would do there.

Values in, values out: nothing here talks to Anki. A note is found by its note type and
its first field, the card's id. Of a note that exists, only the compiler's fields and
the tags in our groups below the project's tag root are ours. MyNotes, spare fields,
other tags, decks and schedules are the learner's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from deckwright.core.identity import fingerprint
from deckwright.core.note import Note
from deckwright.exchange.push.history import PushHistory, compiler_fields, digest, fields_by_name
from deckwright.project.notetypes import NoteType, in_order
from deckwright.project.project import Project

# Groups of tags below the tag root; what else is there is not ours.
GROUPS = ("exam", "kind", "level", "mark", "service", "status", "task", "theme", "topic")


@dataclass(frozen=True, slots=True)
class HeldType:
    """A note type as Anki has it. `templates` are (front, back) by name."""

    slug: str
    name: str
    fields: tuple[str, ...]
    templates: Mapping[str, tuple[str, str]]
    css: str


@dataclass(frozen=True, slots=True)
class HeldNote:
    """A note as Anki has it. `note_id` is Anki's, `type` the slug of its note type."""

    note_id: int
    type: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What Anki has of a project.

    `taken` are slugs of note types whose name belongs to another note type there.
    """

    types: Mapping[str, HeldType]
    notes: tuple[HeldNote, ...]
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Update:
    """What a note in Anki gets: fields that differ, tags to add and to remove."""

    note: Note
    note_id: int
    fields: Mapping[str, str]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the note is as it should be."""
        return not (self.fields or self.added or self.removed)


@dataclass(frozen=True, slots=True)
class TypeUpdate:
    """A note type whose look differs: its name in Anki, what differs, what we have."""

    name: str
    differs: tuple[str, ...]
    notetype: NoteType


class Reason(NamedTuple):
    """Why a note is left alone, and what the user can do."""

    reason: str
    help: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The ids of cards whose notes are left alone, why, and what the user can do."""

    ids: tuple[str, ...]
    reason: str
    help: str


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What a push would do.

    `retired` are ids of retired cards that Anki still has, `strangers` those of notes
    under our tags that no card of the project has, `present` the slugs of note types
    that Anki has.
    """

    added: tuple[Note, ...] = ()
    updates: tuple[Update, ...] = ()
    same: tuple[Note, ...] = ()
    types: tuple[TypeUpdate, ...] = ()
    refused: tuple[Refused, ...] = ()
    retired: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    present: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether no note would change."""
        return not (self.added or self.updates)


_EDITED = Reason(
    "the text in Anki was edited or comes from an older package; neither the last release nor "
    "a push wrote it",
    "copy any edits that you want to keep into MyNotes, then push again with --overwrite",
)


def plan(
    notes: Iterable[Note],
    wanted: Iterable[str],
    held: Held,
    project: Project,
    history: PushHistory,
    overwrite: bool = False,
) -> PushPlan:
    """What it takes to bring the notes whose guids are `wanted` into Anki.

    `notes` are all of the project. With `overwrite`, texts that neither the last
    release nor a push put there are replaced, too.
    """
    notes, chosen = tuple(notes), frozenset(wanted)
    comparison = _Comparison(notes, held, project)
    added, updates, same = [], [], []
    refused: dict[Reason, list[str]] = {}
    for note in (note for note in notes if note.guid in chosen):
        found = comparison.decide(note)
        if isinstance(found, Reason):
            refused.setdefault(found, []).append(note.id)
        elif found is None:
            added.append(note)
        elif found.empty:
            same.append(note)
        elif found.fields and not (overwrite or comparison.is_ours(note, history)):
            refused.setdefault(_EDITED, []).append(note.id)
        else:
            updates.append(found)
    others = _others(notes, held, project)
    retired = _retired(project)
    return PushPlan(
        added=tuple(added),
        updates=tuple(updates),
        same=tuple(same),
        types=comparison.type_updates(),
        refused=tuple(Refused(tuple(ids), *reason) for reason, ids in refused.items()),
        retired=tuple(name for name in others if name in retired),
        strangers=tuple(name for name in others if name not in retired),
        present=frozenset(held.types),
    )


class _Comparison:
    """The notes of a project compared with those that Anki has."""

    def __init__(self, notes: Iterable[Note], held: Held, project: Project) -> None:
        self.held, self.project = held, project
        counts = Counter(note.id for note in notes)
        self.shared_ids = {name for name, count in counts.items() if count > 1}
        self.found: dict[tuple[str, str], list[HeldNote]] = {}
        for one in held.notes:
            self.found.setdefault((one.type, one.fields.get("ID", "")), []).append(one)
        self.conflicts = {
            slug: _shape_conflict(notetype, held) for slug, notetype in project.notetypes.items()
        }

    def decide(self, note: Note) -> Update | Reason | None:
        """What a note in Anki gets, or why nothing; None if Anki does not have it."""
        found = self.found.get((note.type, note.id), [])
        if conflict := self.conflicts[note.type] or self._ambiguity(note, found):
            return conflict
        return _update(note, found[0], self.project) if found else None

    def is_ours(self, note: Note, history: PushHistory) -> bool:
        """Whether the last release or a push put the text there that Anki has."""
        (known,) = self.found[note.type, note.id]
        notetype = self.project.notetypes[note.type]
        if history.has(note.guid, digest(notetype, known.fields)):
            return True
        row = self.project.row(note.card.namespace, note.id)
        fields = in_order(notetype, compiler_fields(notetype, known.fields))
        tags = _own_tags(known.tags, self.project)
        return row is not None and row.fingerprint == fingerprint(notetype.id, fields, tags)

    def type_updates(self) -> tuple[TypeUpdate, ...]:
        """The note types that Anki has in our shape, but with another look."""
        updates = (
            _type_update(notetype, self.held)
            for slug, notetype in self.project.notetypes.items()
            if not self.conflicts[slug]
        )
        return tuple(update for update in updates if update)

    def _ambiguity(self, note: Note, found: list[HeldNote]) -> Reason | None:
        """Why it is not certain which note in Anki is the card's."""
        if note.id in self.shared_ids:
            return Reason(
                "two card folders have a card with this ID, and push cannot tell them apart",
                "import a package instead",
            )
        if len(found) > 1:
            return Reason(
                "Anki has more than one note with this ID",
                f"search for {search([note.id])} and delete the ones that you did not study",
            )
        if found and not _is_tagged(found[0].tags, self.project):
            return Reason(
                "the note in Anki has none of this deck's tags and may belong to another deck",
                f"if it belongs to this deck, give it the tag {note.tags[0]}",
            )
        return None


def unmet(done: PushPlan, held: Held, project: Project) -> tuple[Refused, ...]:
    """What Anki, read again after a push, does not have as it was planned."""
    wanted = (*done.added, *(update.note for update in done.updates))
    guids = [note.guid for note in wanted]
    again = plan(wanted, guids, held, project, PushHistory(), overwrite=True)
    missing = Refused(
        tuple(note.id for note in again.added),
        "still missing in Anki after the import",
        "check Anki for an error message, then push again",
    )
    different = Refused(
        tuple(update.note.id for update in again.updates),
        "Anki's version is different from what was sent",
        "close Anki's browser and editor windows, then push again",
    )
    return (*(refused for refused in (missing, different) if refused.ids), *again.refused)


def search(ids: Iterable[str]) -> str:
    """What finds notes by the ids of their cards in Anki's browser."""
    return " or ".join(f"ID:{name}" for name in ids)


def _others(notes: Iterable[Note], held: Held, project: Project) -> list[str]:
    """Ids in notes under our tags that no card has, sorted."""
    ids = {note.id for note in notes}
    return sorted(
        {
            note.fields["ID"]
            for note in held.notes
            if note.fields.get("ID", "") not in ids and _is_tagged(note.tags, project)
        }
    )


def _retired(project: Project) -> set[str]:
    """The ids of all cards that were retired, or are to be in the next release."""
    rows = (pair for ledger in project.ledgers.values() for pair in ledger.cards.items())
    planned = (name for found in project.retirements.values() for name in found.cards)
    return {*(name for name, row in rows if not row.live), *planned}


def _own_tags(tags: Iterable[str], project: Project) -> tuple[str, ...]:
    """The tags in our groups, sorted. Case makes no difference to Anki."""
    roots = {root.tag for root in project.roots}
    prefixes = tuple(f"{root}::{group}::".casefold() for root in roots for group in GROUPS)
    return tuple(sorted(tag for tag in tags if tag.casefold().startswith(prefixes)))


def _is_tagged(tags: Iterable[str], project: Project) -> bool:
    """Whether a tag is below a tag root of ours."""
    prefixes = tuple(f"{root.tag}::".casefold() for root in project.roots)
    return any(tag.casefold().startswith(prefixes) for tag in tags)


def _shape_conflict(notetype: NoteType, held: Held) -> Reason | None:
    """Why no note of a type can be pushed."""
    if notetype.slug in held.taken:
        return Reason(
            f"another note type in Anki has the name `{notetype.name}`",
            "rename it in Anki (Tools › Manage Note Types)",
        )
    known = held.types.get(notetype.slug)
    if known is None:
        return None
    fields = tuple(field.name for field in notetype.fields)
    templates = {template.name for template in notetype.templates}
    if known.fields != fields:
        what, here = "fields", ", ".join(fields)
    elif set(known.templates) != templates:
        what, here = "templates", ", ".join(sorted(templates))
    else:
        return None
    return Reason(
        f"the note type `{known.name}` has different {what} in Anki",
        f"push cannot change them; the deck has {here}",
    )


def _type_update(notetype: NoteType, held: Held) -> TypeUpdate | None:
    """What differs in the look of a note type whose shape is right."""
    known = held.types.get(notetype.slug)
    if known is None:
        return None
    differs = ["styling"] if known.css != notetype.css else []
    for template in notetype.templates:
        if known.templates[template.name] != (template.front, template.back):
            differs.append(f"template `{template.name}`")
    return TypeUpdate(known.name, tuple(differs), notetype) if differs else None


def _update(note: Note, known: HeldNote, project: Project) -> Update:
    ours = compiler_fields(project.notetypes[note.type], fields_by_name(note, project))
    has, wants = ({tag.casefold() for tag in tags} for tags in (known.tags, note.tags))
    return Update(
        note,
        known.note_id,
        {name: value for name, value in ours.items() if known.fields.get(name) != value},
        tuple(tag for tag in note.tags if tag.casefold() not in has),
        tuple(tag for tag in _own_tags(known.tags, project) if tag.casefold() not in wants),
    )
