"""The notes of a project compared with a learner's collection: what a push would do there.

Values in, values out: nothing here talks to Anki. AnkiConnect does not tell guids, so a
note is found by its note type and its first field, the card's id. Of a note that
exists, the deck has only the fields that the compiler fills, and the tags in GROUPS
below a tag root. Other fields and tags, decks, and schedules are the learner's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from deckwright.core.errors import UserError
from deckwright.core.note import MARKS, Note
from deckwright.core.suggest import nearest
from deckwright.core.wording import count
from deckwright.project.notetypes import FIELDS, NoteType, content_fingerprint, in_order
from deckwright.project.project import Project

# Groups of tags below a tag root; what else is there is the learner's.
GROUPS = ("exam", "kind", "level", "mark", "part", "service", "status", "theme", "topic")
_SHOWN = 12  # cards of each kind that the plan names


@dataclass(frozen=True, slots=True)
class Design:
    """A note type. `templates` are front and back by name; names may differ in Anki."""

    name: str = field(compare=False)
    fields: tuple[str, ...]
    templates: Mapping[str, tuple[str, str]]
    css: str

    def fits(self, other: Design) -> bool:
        """Whether both have the same fields, and templates of the same names."""
        return self.fields == other.fields and self.templates.keys() == other.templates.keys()


@dataclass(frozen=True, slots=True)
class AnkiNote:
    """A note in Anki. `note_id` is Anki's, `type` the slug of its note type."""

    note_id: int
    type: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]

    @property
    def id(self) -> str:
        """The ID of its card."""
        return self.fields.get("ID", "")


@dataclass(frozen=True, slots=True)
class AnkiCollection:
    """What Anki has of a project: its note types by slug, and their notes."""

    designs: Mapping[str, Design]
    notes: tuple[AnkiNote, ...]


@dataclass(frozen=True, slots=True)
class NoteUpdate:
    """What a note in Anki gets: fields that differ, tags to add and to remove."""

    note: Note
    note_id: int
    fields: Mapping[str, str]
    added: tuple[str, ...]
    removed: tuple[str, ...]


class Obstacle(NamedTuple):
    """Why a note is not pushed, and what the user can do."""

    reason: str
    help: str


@dataclass(slots=True)
class PushPlan:
    """What a push would do.

    `present` are slugs of note types in Anki, `designs` note types that look different
    there, by their names there, `refused` ids of cards that are not pushed, and
    `without_card` ids of this deck's notes in Anki that no card of the project has.
    """

    present: frozenset[str]
    designs: Mapping[str, NoteType]
    added: list[Note] = field(default_factory=list)
    updates: list[NoteUpdate] = field(default_factory=list)
    unchanged: int = 0
    refused: defaultdict[Obstacle, list[str]] = field(default_factory=lambda: defaultdict(list))
    without_card: list[str] = field(default_factory=list)


_EDITED = Obstacle(
    "the text in Anki isn't from the last release, so it may be your own",
    "copy any edits that you want to keep into MyNotes, then push these cards with --overwrite",
)
_NOT_UNIQUE = Obstacle(
    "more than one card or note has this ID, and push can't tell them apart",
    "in Browse, delete all but one of the notes; if two cards have this ID, import a package",
)


def selected(notes: Sequence[Note], names: Sequence[str]) -> list[Note]:
    """The notes that are named by ID, part, or service; all if there are no names.

    Raises UserError if nothing has a name.
    """
    names_of = {note.guid: {note.id, note.card.part, *note.card.services} for note in notes}
    known = set().union(*names_of.values())
    for name in names:
        if name not in known:
            hint = nearest(name, known) or "see `./build.py coverage` and cards/"
            raise UserError(f"no card, part, or service with cards is named {name}", hint)
    return [note for note in notes if not names or names_of[note.guid].intersection(names)]


def plan(
    wanted: Iterable[Note],
    notes: Iterable[Note],
    collection: AnkiCollection,
    project: Project,
    overwrite: bool,
) -> PushPlan:
    """What it takes to bring the `wanted` of a project's `notes` into Anki.

    With `overwrite`, texts that are not from the last release are replaced, too.
    """
    planned = PushPlan(frozenset(collection.designs), _redesigned(collection, project))
    cards_of = Counter(note.id for note in notes)
    in_anki = defaultdict(list)
    for one in collection.notes:
        in_anki[one.type, one.id].append(one)
        if one.id not in cards_of and _tags_below(one.tags, project):
            planned.without_card.append(one.id)
    for note in wanted:
        same_id = in_anki[note.type, note.id]
        if cards_of[note.id] > 1 or len(same_id) > 1:
            planned.refused[_NOT_UNIQUE].append(note.id)
        elif obstacle := _obstacle(note, same_id, collection, project):
            planned.refused[obstacle].append(note.id)
        elif same_id:
            _plan_update(planned, note, same_id[0], project, overwrite)
        else:
            planned.added.append(note)
    return planned


def design_of(notetype: NoteType) -> Design:
    """The design that a note type has in the project."""
    return Design(
        notetype.name,
        tuple(field.name for field in notetype.fields),
        {template.name: (template.front, template.back) for template in notetype.templates},
        notetype.css,
    )


def _redesigned(collection: AnkiCollection, project: Project) -> dict[str, NoteType]:
    """The note types that look different in Anki, by their names there."""
    here = {slug: design_of(project.notetypes[slug]) for slug in collection.designs}
    return {
        there.name: project.notetypes[slug]
        for slug, there in collection.designs.items()
        if here[slug] != there and here[slug].fits(there)
    }


def _obstacle(
    note: Note, same_id: Sequence[AnkiNote], collection: AnkiCollection, project: Project
) -> Obstacle | None:
    """Why a note must not be added, or the only note with its ID not be changed."""
    here, there = design_of(project.notetypes[note.type]), collection.designs.get(note.type)
    if there and not here.fits(there):
        return Obstacle(
            f"the note type `{there.name}` has different fields or templates in Anki",
            f"push can't change them; the deck has {', '.join((*here.fields, *here.templates))}",
        )
    if same_id and not _tags_below(same_id[0].tags, project):
        return Obstacle(
            "the note in Anki has none of this deck's tags and may belong to another deck",
            f"if it belongs to this deck, give it the tag {note.tags[0]}",
        )
    return None


def _plan_update(
    planned: PushPlan, note: Note, existing: AnkiNote, project: Project, overwrite: bool
) -> None:
    """Plan what a note gets that Anki has."""
    notetype = project.notetypes[note.type]
    ours = {name: existing.fields.get(name, "") for name in FIELDS[notetype.card_type]}
    values = dict(zip((field.name for field in notetype.fields), note.fields, strict=True))
    fields = {name: values[name] for name, value in ours.items() if values[name] != value}
    tags = _tags_below(existing.tags, project, GROUPS)
    added, removed = _without(note.tags, existing.tags), _without(tags, note.tags)
    overlay = project.overlay
    marks = [tag for tag in tags if overlay and tag.startswith(f"{overlay.tag}::{MARKS}::")]
    there = {content_fingerprint(notetype, in_order(notetype, ours), some) for some in ([], marks)}
    if fields and not overwrite and there.isdisjoint(_released(note, project)):
        planned.refused[_EDITED].append(note.id)
    elif fields or added or removed:
        planned.updates.append(NoteUpdate(note, existing.note_id, fields, added, removed))
    else:
        planned.unchanged += 1


def _released(note: Note, project: Project) -> set[str]:
    """The fingerprints of a card's content in the last releases of project and overlay."""
    key = f"{note.card.namespace}/{note.id}"
    overlay = project.ledger(project.overlay.namespace).extended if project.overlay else {}
    rows = (project.row(note.card.namespace, note.id), overlay.get(key))
    return {row.content_fingerprint for row in rows if row}


def _without(tags: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """The tags that are not among the others. Anki ignores their case."""
    known = {tag.casefold() for tag in others}
    return tuple(tag for tag in tags if tag.casefold() not in known)


def _tags_below(
    tags: Iterable[str], project: Project, groups: Sequence[str] = ("",)
) -> tuple[str, ...]:
    """The tags below a tag root, or in groups there, sorted. Anki ignores their case."""
    prefixes = tuple(
        f"{root.tag}::{group and f'{group}::'}".casefold()
        for root in project.card_folders
        for group in groups
    )
    return tuple(sorted(tag for tag in tags if tag.casefold().startswith(prefixes)))


def unfinished(done: PushPlan, collection: AnkiCollection, project: Project) -> list[str]:
    """The ids of cards that Anki, read again after a push, does not have as planned."""
    wanted = [*done.added, *(update.note for update in done.updates)]
    again = plan(wanted, wanted, collection, project, overwrite=True)
    refused = (name for ids in again.refused.values() for name in ids)
    return [*(n.id for n in again.added), *(u.note.id for u in again.updates), *refused]


def as_lines(planned: PushPlan, types: bool) -> Iterator[str]:
    """A plan as text. `types` says whether designs of note types will be replaced."""
    yield f"new: {count(len(planned.added), 'note')}"
    yield from _some([f"  + {note.id}   ({note.deck})" for note in planned.added])
    yield f"changed: {count(len(planned.updates), 'note')}"
    yield from _some([_update_line(update) for update in planned.updates])
    yield f"unchanged: {count(planned.unchanged, 'note')}"
    for name in planned.designs:
        what = "will be replaced" if types else "differs in Anki; to replace it, use --types"
        yield f"card design of `{name}`: {what}"
    for obstacle, ids in planned.refused.items():
        yield f"not pushed: {', '.join(_some(ids))}: {obstacle.reason}"
        yield f"  help: {obstacle.help}"
    if ids := sorted(planned.without_card):
        search = " or ".join(f"ID:{name}" for name in ids[:_SHOWN])
        yield (
            f"retired or removed: {count(len(ids), 'note')} in Anki, not changed; to find them, "
            f"search for {search}"
        )


def _update_line(update: NoteUpdate) -> str:
    tags = " ".join([*(f"+{tag}" for tag in update.added), *(f"-{tag}" for tag in update.removed)])
    parts = filter(None, (", ".join(update.fields), tags))
    return f"  ~ {update.note.id}: {'; '.join(parts)}"


def _some(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"  … and {more} more"] if more > 0 else [])]
