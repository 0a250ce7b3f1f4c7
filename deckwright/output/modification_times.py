"""Which notes changed since the last release, and the modification times that follow.

Values in, values out: nothing here reads the clock or writes a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from deckwright.core.identity import draft_mod, note_ids
from deckwright.core.note import MARKS, Note, PackagedNote
from deckwright.output.selections import selections
from deckwright.project.ledger import (
    GONE,
    CardRow,
    ExtendedRow,
    Ledger,
    NameRow,
    Release,
    TypeRow,
    gap_digests,
)
from deckwright.project.notetypes import NoteType, shape
from deckwright.project.project import Project
from deckwright.project.retirements import Retirements


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between a build and the releases so far, in the order of the build.

    Cards by id, retired gaps as (card id, number), note types by slug. `tombstones` are
    cards that were retired in an earlier release and whose tombstone changed. `relabeled`
    are cards with new labels only, which need no release.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    gaps: tuple[tuple[str, int], ...] = ()
    tombstones: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    relabeled: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        cards = self.added or self.changed or self.retired or self.gaps or self.tombstones
        return bool(cards or self.types)


def modification_time(
    content: str, released: CardRow | ExtendedRow | TypeRow | None, last_release: int
) -> tuple[int, bool]:
    """Return the `mod` of what has the fingerprint `content`, and whether it is a draft.

    What has not changed since its release keeps the `mod` of that release. `released` is
    its row in the ledger, `last_release` the highest `mod` of the ledger.
    """
    if released and released.content_fingerprint == content:
        return released.mod, False
    return draft_mod(content, released.mod if released else 0, last_release), True


def changes(
    notes: Iterable[Note],
    tombstones: Iterable[PackagedNote],
    project: Project,
    namespaces: Iterable[str],
) -> Changes:
    """Compare notes, tombstones and note types with the ledgers of these namespaces."""
    ours = tuple(namespaces)
    drafts = [n for n in notes if n.draft and (n.extended or n.card.namespace in ours)]
    new = {note.guid for note in drafts if not _was_released(note, project)}
    return Changes(
        added=tuple(note.id for note in drafts if note.guid in new),
        changed=tuple(note.id for note in drafts if note.guid not in new),
        retired=tuple(_newly_retired(project, ours)),
        gaps=tuple(_newly_retired_gaps(project, ours)),
        tombstones=tuple(_changed_tombstones(tombstones, project, ours)),
        types=tuple(notetype.slug for notetype in _changed_types(project, ours)),
        relabeled=tuple(_relabeled(notes, project, ours)),
    )


def _relabeled(
    notes: Iterable[Note], project: Project, namespaces: Collection[str]
) -> Iterator[str]:
    for note in notes:
        row = project.row(note.card.namespace, note.id)
        ours = note.card.namespace in namespaces and not note.draft
        if row and ours and row.labels_fingerprint != note.labels_fingerprint:
            yield note.id


def _was_released(note: Note, project: Project) -> bool:
    """Return whether a release of the project or of its overlay contains a note."""
    namespace, overlay = note.card.namespace, project.overlay
    return project.row(namespace, note.id) is not None or (
        overlay is not None
        and f"{namespace}/{note.id}" in project.ledger(overlay.namespace).extended
    )


def _newly_retired(project: Project, namespaces: Iterable[str]) -> Iterator[str]:
    for namespace in namespaces:
        for card_id in project.retired(namespace).cards:
            row = project.row(namespace, card_id)
            if row and row.live:
                yield card_id


def _newly_retired_gaps(project: Project, namespaces: Iterable[str]) -> Iterator[tuple[str, int]]:
    for namespace in namespaces:
        for card_id, number in project.retired(namespace).gaps:
            row = project.row(namespace, card_id)
            if row and number not in row.retired_gaps:
                yield card_id, number


def _changed_tombstones(
    tombstones: Iterable[PackagedNote], project: Project, namespaces: Iterable[str]
) -> Iterator[str]:
    guids = {row.guid for name in namespaces for row in project.ledger(name).cards.values()}
    for row in tombstones:
        if row.draft and (row.extended or row.guid in guids):
            yield row.id


def _changed_types(project: Project, namespaces: Collection[str]) -> Iterator[NoteType]:
    """Yield the note types in these namespaces' ledgers that are new or differ."""
    for slug, notetype in project.notetypes.items():
        row = project.type_row(slug)
        is_ours = project.notetype_namespace(notetype) in namespaces
        if is_ours and (row is None or row.content_fingerprint != notetype.fingerprint):
            yield notetype


def with_retired(project: Project, version: str) -> Project:
    """Return the project with the cards and gaps in its files of retirements retired.

    `version` is the release that retires those that were not retired before.
    """
    ledgers = dict(project.ledgers)
    for namespace, entries in project.retirements.items():
        if namespace in project.releasing:
            ledger = project.ledger(namespace)
            ledgers[namespace] = replace(ledger, cards=_retired(ledger.cards, entries, version))
    return replace(project, ledgers=ledgers)


def _retired(rows: Mapping[str, CardRow], entries: Retirements, version: str) -> dict[str, CardRow]:
    cards = dict(rows)
    for entry in entries.cards.values():
        row = cards[entry.id]
        state = version if row.live else row.state
        cards[entry.id] = replace(row, state=state, successors=entry.successors)
    for card_id, retired in entries.gaps:
        row = cards[card_id]
        gaps = ((number, GONE if number == retired else old) for number, old in row.gaps)
        cards[card_id] = replace(row, gaps=tuple(gaps))
    return cards


def with_release(
    project: Project,
    notes: Iterable[Note],
    tombstones: Iterable[PackagedNote],
    version: str,
    time: int,
) -> Project:
    """Return the project with every row in its ledgers as the build has it.

    A row that differs from its ledger gets the `mod` `time` (seconds since 1970); the
    others keep theirs. New notes get ids below `time`. The release is recorded in the
    ledger of the first namespace, and in the others if they change.
    """
    notes, by_guid = tuple(notes), {row.guid: row for row in tombstones}
    ids = _new_note_ids(project, notes, time)
    ledgers = dict(project.ledgers)
    for namespace in project.releasing:
        before = project.ledger(namespace)
        cards = {
            row.id: _with_tombstone(row, by_guid.get(row.guid), time)
            for row in before.cards.values()
        }
        for note in notes:
            if note.card.namespace == namespace:
                row = cards.get(note.id) or _new(note, ids, version)
                cards[note.id] = _updated(row, note, time)
        types = {
            **before.types,
            **{
                t.slug: TypeRow(t.slug, t.id, shape(t), t.fingerprint, time)
                for t in _changed_types(project, (namespace,))
            },
        }
        if namespace == project.releasing[0] or (types, cards) != (before.types, before.cards):
            releases = {**before.releases, version: Release(version, time)}
            extended = {**before.extended, **_extended(project, before, notes, by_guid, time)}
            names = {name: NameRow(name) for name in _names(project, notes, namespace)}
            names |= before.names
            ledgers[namespace] = Ledger(releases, types, cards, extended, names)
    return replace(project, ledgers=ledgers)


def _names(project: Project, notes: Iterable[Note], namespace: str) -> Iterator[str]:
    """Yield the tags of a namespace's notes, and the paths of the project's packages.

    An overlay's tags and packages are its owner's, who may change them.
    """
    notes = () if project.overlay else tuple(notes)
    for note in notes:
        if note.card.namespace == namespace:
            yield from (tag for tag in note.tags if f"::{MARKS}::" not in tag)
    if namespace == project.releasing[0]:
        yield from selections(notes, project)


def _new_note_ids(project: Project, notes: Iterable[Note], time: int) -> dict[str, int]:
    """Return an id below `time` for each new note of this release, by guid."""
    taken = [row.note_id for ledger in project.ledgers.values() for row in ledger.cards.values()]
    new = [n.guid for n in notes if not n.note_id and n.card.namespace in project.releasing]
    return dict(zip(new, note_ids(len(new), time, taken), strict=True))


def _new(note: Note, ids: Mapping[str, int], version: str) -> CardRow:
    """Return what never changes in the row of a note that was never released."""
    return CardRow(
        id=note.id,
        guid=note.guid,
        type=note.card.type,
        home=f"{note.card.part}/{note.card.service}",
        deck=note.deck,
        gaps=(),
        note_id=ids[note.guid],
        content_fingerprint="",
        labels_fingerprint="",
        mod=0,
        first=version,
    )


def _updated(row: CardRow, note: Note, time: int) -> CardRow:
    """Return the row of a note, changed if the note differs. Retired gaps stay in it."""
    gaps = gap_digests(note.card) | dict.fromkeys(row.retired_gaps, GONE)
    row = replace(row, gaps=tuple(sorted(gaps.items())), labels_fingerprint=note.labels_fingerprint)
    return (
        replace(row, content_fingerprint=note.content_fingerprint, mod=time) if note.draft else row
    )


def _with_tombstone(row: CardRow, tombstone: PackagedNote | None, time: int) -> CardRow:
    """Return the row of a card, changed if its tombstone is new or differs."""
    if tombstone is None or not tombstone.draft:
        return row
    return replace(
        row,
        content_fingerprint=tombstone.content_fingerprint,
        labels_fingerprint=tombstone.labels_fingerprint,
        mod=time,
    )


def _extended(
    project: Project,
    ledger: Ledger,
    notes: Iterable[Note],
    tombstones: Mapping[str, PackagedNote],
    time: int,
) -> dict[str, ExtendedRow]:
    """Return new rows for the project's notes that an overlay, if any, changed."""
    if project.overlay is None:
        return {}
    rows: dict[str, PackagedNote] = {f"{note.card.namespace}/{note.id}": note for note in notes}
    for row in ledger.extended.values():
        if row.guid in tombstones:
            rows[row.key] = tombstones[row.guid]
    return {
        key: ExtendedRow(key, row.guid, row.content_fingerprint, time)
        for key, row in rows.items()
        if row.extended and row.draft
    }
