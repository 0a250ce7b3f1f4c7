"""A build against a learner's collection: what `push` would do there. Values in, values out: nothing here talks to Anki.

A note is found by its note type and its first field, the card's id. Of a note that is there only the compiler's fields and the
tags in our groups below the project's tag root are ours; MyNotes, spare fields, other tags, decks and schedules are the learner's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deckwright.core.identity import fingerprint
from deckwright.core.note import Note
from deckwright.project.notetypes import FIELDS, NoteType, in_order
from deckwright.project.project import Project

GROUPS = (
    "exam",
    "kind",
    "mark",
    "service",
    "status",
    "task",
    "theme",
    "topic",
)  # below the tag root; what else is there is not ours
_REMEMBERED = 8  # texts of a note that the record keeps


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
    """A note as Anki has it: its id there, the slug of its note type, fields by name, tags."""

    number: int
    type: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What Anki has of a project. `taken` are slugs of note types whose name belongs to another type there."""

    types: Mapping[str, HeldType]
    notes: tuple[HeldNote, ...]
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Update:
    """What a note in Anki gets: the fields that differ, by name, and tags of ours that it lacks or has too many."""

    note: Note
    number: int
    fields: Mapping[str, str]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeUpdate:
    """A note type whose look differs: its name in Anki, what differs, and the type as it should be."""

    name: str
    differs: tuple[str, ...]
    notetype: NoteType


@dataclass(frozen=True, slots=True)
class Refused:
    """Notes that are left alone: their cards' ids, why, and what to do."""

    ids: tuple[str, ...]
    reason: str
    help: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a push would do. `present` are the slugs of note types that Anki has; `retired` the ids of retired cards that it
    still has, `strangers` of notes under our tags that no card of the project has."""

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
        return not (self.added or self.updates)


# What the compiler itself put into notes, by guid: marks (see `mark`) of texts, the newest last.
Record = Mapping[str, tuple[str, ...]]


def mark(notetype: NoteType, fields: Mapping[str, str]) -> str:
    """SHA-256 (hex) of a note's text: of the compiler's fields alone."""
    return fingerprint(notetype.id, in_order(notetype, _ours(notetype.card_type, fields)), ())


def remembered(
    record: Record, notes: Iterable[Note], project: Project
) -> dict[str, tuple[str, ...]]:
    """The record with the texts of `notes` as the newest."""
    out = dict(record)
    for note in notes:
        now = mark(project.notetypes[note.type], _by_name(note, project))
        out[note.guid] = (*(m for m in out.get(note.guid, ()) if m != now), now)[-_REMEMBERED:]
    return out


def plan(
    notes: Iterable[Note],
    wanted: Iterable[str],
    held: Held,
    project: Project,
    record: Record,
    overwrite: bool = False,
) -> Plan:
    """What it takes to bring the notes whose guid is `wanted` into Anki. `notes` are all of the project. `overwrite` takes texts
    that neither the last release nor an earlier push put there for ours, too."""
    notes = tuple(notes)
    chosen = frozenset(wanted)
    there: dict[tuple[str, str], list[HeldNote]] = {}
    for one in held.notes:
        there.setdefault((one.type, one.fields.get("ID", "")), []).append(one)
    twice = (
        {i for i in (n.id for n in notes) if sum(n.id == i for n in notes) > 1}
        if len({n.id for n in notes}) < len(notes)
        else set()
    )
    shapes = {slug: _shape(project.notetypes[slug], held) for slug in project.notetypes}
    added, updates, same = [], [], []
    refused: dict[tuple[str, str], list[str]] = {}
    for note in (n for n in notes if n.guid in chosen):
        found = there.get((note.type, note.id), [])
        why = shapes[note.type] or _doubtful(note, found, twice, project)
        if not why and not found:
            added.append(note)
            continue
        if not why:
            update = _update(note, found[0], project)
            if not (update.fields or update.added or update.removed):
                same.append(note)
                continue
            if not update.fields or overwrite or _known(note, found[0], project, record):
                updates.append(update)
                continue
            why = (
                "text in Anki that neither the last release nor a push put there: edited in Anki, or from an older package",
                "to keep an edit, copy it into MyNotes; then --overwrite puts the deck's text there",
            )
        refused.setdefault(why, []).append(note.id)
    ids = {note.id for note in notes}
    gone = {i for book in project.ledgers.values() for i, row in book.cards.items() if not row.live}
    gone |= {i for entries in project.retirements.values() for i in entries.cards}
    left = sorted(
        {
            n.fields["ID"]
            for n in held.notes
            if n.fields.get("ID", "") not in ids and _tagged(n.tags, project)
        }
    )
    return Plan(
        added=tuple(added),
        updates=tuple(updates),
        same=tuple(same),
        types=tuple(
            u
            for slug in project.notetypes
            if not shapes[slug] and (u := _look(project.notetypes[slug], held))
        ),
        refused=tuple(Refused(tuple(names), *why) for why, names in refused.items()),
        retired=tuple(i for i in left if i in gone),
        strangers=tuple(i for i in left if i not in gone),
        present=frozenset(held.types),
    )


def unmet(done: Plan, held: Held, project: Project) -> tuple[Refused, ...]:
    """What Anki does not have as `done` wanted it, read back after a push."""
    wanted = (*done.added, *(update.note for update in done.updates))
    again = plan(wanted, (note.guid for note in wanted), held, project, {}, overwrite=True)
    missing = tuple(note.id for note in again.added)
    other = tuple(update.note.id for update in again.updates)
    out = (
        [
            Refused(
                missing,
                "not in Anki after the import",
                "look at Anki for a message, then push again",
            )
        ]
        if missing
        else []
    )
    out += (
        [
            Refused(
                other,
                "not as it was sent",
                "close Anki's browser and editor windows, then push again",
            )
        ]
        if other
        else []
    )
    return (*out, *again.refused)


def search(ids: Iterable[str]) -> str:
    """What to type into Anki's browser to find notes by their cards' ids."""
    return " or ".join(f"ID:{i}" for i in ids)


def as_lines(plan: Plan, types: bool, limit: int = 12) -> list[str]:
    """A plan in words; of each kind at most `limit` cards are named."""
    out = [
        f"new: {_count(len(plan.added), 'note')}",
        *(f"  + {n.id}   ({n.deck})" for n in plan.added[:limit]),
    ]
    out += _more(plan.added, limit)
    out += [f"changed: {_count(len(plan.updates), 'note')}"]
    for update in plan.updates[:limit]:
        parts = [", ".join(update.fields)] if update.fields else []
        parts += (
            [" ".join([*(f"+{t}" for t in update.added), *(f"-{t}" for t in update.removed)])]
            if update.added or update.removed
            else []
        )
        out.append(f"  ~ {update.note.id}: {'; '.join(parts)}")
    out += _more(plan.updates, limit)
    out.append(f"as it should be: {_count(len(plan.same), 'note')}")
    for look in plan.types:
        one = len(look.differs) == 1
        done = (
            "will be replaced"
            if types
            else f"{'stays' if one else 'stay'}; --types replaces {'it' if one else 'them'}"
        )
        out.append(
            f"look of `{look.name}`: {', '.join(look.differs)} {'differs' if one else 'differ'}, {done}"
        )
    for refused in plan.refused:
        out += refusal(refused, limit)
    if plan.retired:
        out.append(
            f"retired: {_count(len(plan.retired), 'note')} in Anki, left alone; to find: {search(plan.retired[:limit])}"
        )
        out += _more(plan.retired, limit)
    if plan.strangers:
        out.append(
            f"under our tags, but no card here: {_count(len(plan.strangers), 'note')}, left alone; to find: {search(plan.strangers[:limit])}"
        )
        out += _more(plan.strangers, limit)
    return out


def refusal(refused: Refused, limit: int = 12) -> list[str]:
    """Why notes are left alone, in words."""
    names = ", ".join(refused.ids[:limit]) + (
        f", … ({len(refused.ids)})" if len(refused.ids) > limit else ""
    )
    return [f"left alone: {names}: {refused.reason}", f"  help: {refused.help}"]


def _more(values: tuple[object, ...], limit: int) -> list[str]:
    return [f"  … and {len(values) - limit} more"] if len(values) > limit else []


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _ours(slug: str, fields: Mapping[str, str]) -> dict[str, str]:
    return {name: fields.get(name, "") for name in FIELDS[slug]}


def _by_name(note: Note, project: Project) -> dict[str, str]:
    names = (f.name for f in project.notetypes[note.type].fields)
    return dict(zip(names, note.fields, strict=True))


def _own_tags(tags: Iterable[str], project: Project) -> tuple[str, ...]:
    """Those in our groups, sorted. Anki tells no capitals in tags from small letters."""
    prefixes = tuple(
        f"{tag}::{group}::".casefold() for tag in _tag_roots(project) for group in GROUPS
    )
    return tuple(sorted(tag for tag in tags if tag.casefold().startswith(prefixes)))


def _tagged(tags: Iterable[str], project: Project) -> bool:
    prefixes = tuple(f"{root}::".casefold() for root in _tag_roots(project))
    return any(tag.casefold().startswith(prefixes) for tag in tags)


def _tag_roots(project: Project) -> tuple[str, ...]:
    return tuple(dict.fromkeys(root.tag for root in project.roots))


def _shape(notetype: NoteType, held: Held) -> tuple[str, str] | None:
    """Why no note of a type can be pushed, and what to do."""
    if notetype.slug in held.taken:
        return (
            f"another note type in Anki has the name `{notetype.name}`",
            "rename that one in Anki (Tools › Manage Note Types)",
        )
    known = held.types.get(notetype.slug)
    if known is None:
        return None
    fields = tuple(f.name for f in notetype.fields)
    templates = {t.name for t in notetype.templates}
    if known.fields != fields or set(known.templates) != templates:
        what = "fields" if known.fields != fields else "templates"
        return (
            f"the note type `{known.name}` has other {what} in Anki",
            f"push changes no note type's shape; here they are {', '.join(fields if what == 'fields' else sorted(templates))}",
        )
    return None


def _look(notetype: NoteType, held: Held) -> TypeUpdate | None:
    """What differs of a note type that has the right shape."""
    known = held.types.get(notetype.slug)
    if known is None:
        return None
    differs = ["styling"] if known.css != notetype.css else []
    differs += [
        f"template `{t.name}`"
        for t in notetype.templates
        if known.templates[t.name] != (t.front, t.back)
    ]
    return TypeUpdate(known.name, tuple(differs), notetype) if differs else None


def _doubtful(
    note: Note, found: list[HeldNote], twice: set[str], project: Project
) -> tuple[str, str] | None:
    """Why it cannot be told which note in Anki is the card's."""
    if note.id in twice:
        return (
            "two roots have a card of this id, and Anki does not say whose note is whose",
            "import a package instead",
        )
    if len(found) > 1:
        return (
            "Anki has more than one note of this id",
            f"search for {search([note.id])} and delete the one that you did not study",
        )
    if found and not _tagged(found[0].tags, project):
        return (
            "the note in Anki has no tag of ours: it may be another deck's",
            f"if it is this deck's, give it the tag {note.tags[0]}",
        )
    return None


def _update(note: Note, known: HeldNote, project: Project) -> Update:
    ours = _ours(note.card.type, _by_name(note, project))
    has, wants = {t.casefold() for t in known.tags}, {t.casefold() for t in note.tags}
    return Update(
        note,
        known.number,
        {name: value for name, value in ours.items() if known.fields.get(name) != value},
        tuple(t for t in note.tags if t.casefold() not in has),
        tuple(t for t in _own_tags(known.tags, project) if t.casefold() not in wants),
    )


def _known(note: Note, known: HeldNote, project: Project, record: Record) -> bool:
    """Whether the text in Anki is one that the compiler made: the last release's by the ledger, or one of the record."""
    notetype = project.notetypes[note.type]
    if mark(notetype, known.fields) in record.get(note.guid, ()):
        return True
    row = project.row(note.card.namespace, note.id)
    fields = in_order(notetype, _ours(note.card.type, known.fields))
    return row is not None and row.fingerprint == fingerprint(
        notetype.id, fields, _own_tags(known.tags, project)
    )
