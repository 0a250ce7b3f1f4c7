"""A build against the ledger: what is new to learners, and the ledgers as they stand after a release.

Values in, values out: nothing here looks at the clock or writes a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from deckwright.core.identity import note_ids
from deckwright.core.note import Note, Row
from deckwright.project.ledger import (
    GONE,
    LIVE,
    UNKNOWN,
    CardRow,
    ExtendedRow,
    Ledger,
    Release,
    TypeRow,
    gap_digests,
)
from deckwright.project.notetypes import shape
from deckwright.project.project import Project
from deckwright.project.retirements import Retirements


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build holds that no release does: ids of cards by what happened to them, in the order of the build; retired gaps
    as (id, number); the slugs of note types. `stones` are retired cards whose last words changed."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    gaps: tuple[tuple[str, int], ...] = ()
    stones: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.added or self.changed or self.retired or self.gaps or self.stones or self.types
        )


def changes(
    notes: Iterable[Note], tombstones: Iterable[Row], project: Project, namespaces: Iterable[str]
) -> Changes:
    """Notes, tombstones and note types against the ledgers of some namespaces: those that a release writes, or all."""
    ours = tuple(namespaces)
    drafts = [
        note for note in notes if note.draft and (note.card.namespace in ours or note.extended)
    ]
    retired, gaps = [], []
    for namespace in ours:
        book, entries = (
            project.ledger(namespace),
            project.retirements.get(namespace, Retirements({}, {})),
        )
        retired += [
            card_id for card_id in entries.cards if (row := book.cards.get(card_id)) and row.live
        ]
        gaps += [
            key
            for key in entries.gaps
            if (row := book.cards.get(key[0])) and dict(row.gaps).get(key[1]) != GONE
        ]
    return Changes(
        added=tuple(n.id for n in drafts if not _known(n, project)),
        changed=tuple(n.id for n in drafts if _known(n, project)),
        retired=tuple(retired),
        gaps=tuple(gaps),
        stones=tuple(
            row.id
            for row in tombstones
            if row.draft and (row.extended or _holds(row, project, ours))
        ),
        types=tuple(
            slug
            for slug, notetype in project.notetypes.items()
            if (known := project.type_row(slug)) is None
            or known.fingerprint != notetype.fingerprint
            if project.notetype_namespace(notetype) in ours
        ),
    )


def _known(note: Note, project: Project) -> bool:
    """Whether learners have a note already: its own root released it, or an overlay has, with its part in it."""
    namespace = note.card.namespace
    held = (
        project.overlay
        and f"{namespace}/{note.id}" in project.ledger(project.overlay.namespace).extended
    )
    return bool(held) or project.row(namespace, note.id) is not None


def _holds(row: Row, project: Project, namespaces: Iterable[str]) -> bool:
    return any(
        known.guid == row.guid
        for name in namespaces
        for known in project.ledger(name).cards.values()
    )


def with_retired(project: Project, version: str) -> Project:
    """The project whose ledgers say of each card and gap in its files of retirements that `version` retired it."""
    ledgers = dict(project.ledgers)
    for namespace, entries in project.retirements.items():
        if namespace not in project.releasing:
            continue
        book = ledgers.get(namespace) or Ledger()
        cards = dict(book.cards)
        for entry in entries.cards.values():
            row = cards[entry.id]
            state = version if row.live else row.state
            cards[entry.id] = replace(
                row,
                state=state,
                successors=entry.successors,
                fingerprint=UNKNOWN if row.live else row.fingerprint,
            )
        for card_id, number in entries.gaps:
            row = cards[card_id]
            cards[card_id] = replace(
                row, gaps=tuple((n, GONE if n == number else digest) for n, digest in row.gaps)
            )
        ledgers[namespace] = replace(book, cards=cards)
    return replace(project, ledgers=ledgers)


def stamped(
    project: Project, notes: Iterable[Note], tombstones: Iterable[Row], version: str, time: int
) -> Project:
    """The project whose ledgers hold every row as it is now. What differs from its ledger gets the stamp `time` (seconds since
    1970), everything else keeps its own; new notes get ids below `time`."""
    notes, stones = tuple(notes), {row.guid: row for row in tombstones}
    taken = [row.note_id for book in project.ledgers.values() for row in book.cards.values()]
    new = [
        note.guid for note in notes if not note.note_id and note.card.namespace in project.releasing
    ]
    ids = dict(zip(new, note_ids(len(new), time, taken), strict=True))
    ledgers = dict(project.ledgers)
    for number, namespace in enumerate(project.releasing):
        book = project.ledger(namespace)
        here = [note for note in notes if note.card.namespace == namespace]
        cards = {row.id: _stone(row, stones.get(row.guid), time) for row in book.cards.values()}
        cards |= {
            note.id: _card(note, book.cards.get(note.id), ids, version, time) for note in here
        }
        types = {**book.types, **_types(project, namespace, time)}
        held = {
            **book.extended,
            **(_extended(notes, stones.values(), time, book) if project.overlay else {}),
        }
        if number == 0 or (types, cards) != (book.types, project.ledger(namespace).cards):
            releases = {**book.releases, version: Release(version, time)}
            ledgers[namespace] = Ledger(releases, types, cards, held)
        else:
            ledgers[namespace] = book
    return replace(project, ledgers=ledgers)


def _extended(
    notes: Iterable[Note], stones: Iterable[Row], time: int, book: Ledger
) -> dict[str, ExtendedRow]:
    """What an overlay makes of somebody else's rows, with the stamp `time` where that is new."""
    before = {row.guid: row for row in book.extended.values()}
    found = {}
    for key, row in (
        *((f"{n.card.namespace}/{n.id}", n) for n in notes),
        *((before[s.guid].id, s) for s in stones if s.guid in before),
    ):
        if row.extended and row.draft:
            found[key] = ExtendedRow(key, row.guid, row.fingerprint, time)
    return found


def _card(
    note: Note, before: CardRow | None, ids: Mapping[str, int], version: str, time: int
) -> CardRow:
    live = gap_digests(note.card)
    if before is None:
        shown = note.card.checked[:7]
        gaps = tuple(sorted(live.items()))
        home = f"{note.card.task}/{note.card.service}"
        return CardRow(
            note.id,
            note.guid,
            note.card.type,
            home,
            note.deck,
            gaps,
            ids[note.guid],
            note.fingerprint,
            time,
            version,
            shown,
            LIVE,
        )
    gone = {number: GONE for number, digest in before.gaps if digest == GONE}
    row = replace(before, gaps=tuple(sorted((live | gone).items())))
    return (
        replace(row, fingerprint=note.fingerprint, mod=time, shown=note.card.checked[:7])
        if note.draft
        else row
    )


def _stone(row: CardRow, stone: Row | None, time: int) -> CardRow:
    if stone is None or not stone.draft:
        return row
    return replace(row, fingerprint=stone.fingerprint, mod=time)


def _types(project: Project, namespace: str, time: int) -> dict[str, TypeRow]:
    """The note types that a namespace's ledger keeps, and that no ledger has as they are."""
    rows = {}
    for slug, notetype in project.notetypes.items():
        if project.notetype_namespace(notetype) != namespace:
            continue
        before = project.type_row(slug)
        if before is None or before.fingerprint != notetype.fingerprint:
            rows[slug] = TypeRow(slug, notetype.id, shape(notetype), notetype.fingerprint, time)
    return rows
