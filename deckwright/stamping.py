"""A build against the ledger: what is new to learners, and the ledgers as they stand after a release.

Values in, values out: nothing here looks at the clock or writes a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from deckwright.identity import note_ids
from deckwright.ledger import GONE, LIVE, UNKNOWN, CardRow, Ledger, Release, TypeRow, gap_digests
from deckwright.model import Note, Row
from deckwright.notetypes import shape
from deckwright.project import Project
from deckwright.retirement import Retirements


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
        return bool(self.added or self.changed or self.retired or self.gaps or self.stones or self.types)


def changes(notes: Iterable[Note], tombstones: Iterable[Row], project: Project) -> Changes:
    """Notes, tombstones and note types against the ledgers."""
    drafts = [note for note in notes if note.draft]
    retired, gaps = [], []
    for namespace in project.namespaces:
        book, entries = project.ledger(namespace), project.retirements.get(namespace, Retirements({}, {}))
        retired += [card_id for card_id in entries.cards if (row := book.cards.get(card_id)) and row.live]
        gaps += [key for key in entries.gaps if (row := book.cards.get(key[0])) and dict(row.gaps).get(key[1]) != GONE]
    return Changes(
        added=tuple(n.id for n in drafts if project.row(n.card.namespace, n.id) is None),
        changed=tuple(n.id for n in drafts if project.row(n.card.namespace, n.id) is not None),
        retired=tuple(retired),
        gaps=tuple(gaps),
        stones=tuple(row.id for row in tombstones if row.draft),
        types=tuple(
            slug
            for slug, notetype in project.notetypes.items()
            if (known := project.type_row(slug)) is None or known.fingerprint != notetype.fingerprint
        ),
    )


def with_retired(project: Project, version: str) -> Project:
    """The project whose ledgers say of each card and gap in its files of retirements that `version` retired it."""
    ledgers = dict(project.ledgers)
    for namespace, entries in project.retirements.items():
        book = ledgers.get(namespace) or Ledger()
        cards = dict(book.cards)
        for entry in entries.cards.values():
            row = cards[entry.id]
            state = version if row.live else row.state
            cards[entry.id] = replace(row, state=state, successors=entry.successors, fingerprint=UNKNOWN if row.live else row.fingerprint)
        for card_id, number in entries.gaps:
            row = cards[card_id]
            cards[card_id] = replace(row, gaps=tuple((n, GONE if n == number else digest) for n, digest in row.gaps))
        ledgers[namespace] = replace(book, cards=cards)
    return replace(project, ledgers=ledgers)


def stamped(project: Project, notes: Iterable[Note], tombstones: Iterable[Row], version: str, time: int) -> Project:
    """The project whose ledgers hold every row as it is now. What differs from its ledger gets the stamp `time` (seconds since
    1970), everything else keeps its own; new notes get ids below `time`."""
    notes, stones = tuple(notes), {row.guid: row for row in tombstones}
    taken = [row.note for book in project.ledgers.values() for row in book.cards.values()]
    new = [note.guid for note in notes if not note.number]
    ids = dict(zip(new, note_ids(len(new), time, taken), strict=True))
    ledgers = {}
    for number, namespace in enumerate(project.namespaces):
        book = project.ledger(namespace)
        here = [note for note in notes if note.card.namespace == namespace]
        cards = {row.id: _stone(row, stones.get(row.guid), time) for row in book.cards.values()}
        cards |= {note.id: _card(note, book.cards.get(note.id), ids, version, time) for note in here}
        types = {**book.types, **(_types(project, time) if number == 0 else {})}
        if number == 0 or (types, cards) != (book.types, project.ledger(namespace).cards):
            releases = {**book.releases, version: Release(version, time)}
            ledgers[namespace] = Ledger(releases, types, cards)
        else:
            ledgers[namespace] = book
    return replace(project, ledgers=ledgers)


def _card(note: Note, before: CardRow | None, ids: Mapping[str, int], version: str, time: int) -> CardRow:
    live = gap_digests(note.card)
    if before is None:
        shown = note.card.checked[:7]
        gaps = tuple(sorted(live.items()))
        home = f"{note.card.task}/{note.card.service}"
        return CardRow(note.id, note.guid, note.type, home, note.deck, gaps, ids[note.guid], note.fingerprint, time, version, shown, LIVE)
    gone = {number: GONE for number, digest in before.gaps if digest == GONE}
    row = replace(before, gaps=tuple(sorted((live | gone).items())))
    return replace(row, fingerprint=note.fingerprint, stamp=time, shown=note.card.checked[:7]) if note.draft else row


def _stone(row: CardRow, stone: Row | None, time: int) -> CardRow:
    if stone is None or not stone.draft:
        return row
    return replace(row, fingerprint=stone.fingerprint, stamp=time)


def _types(project: Project, time: int) -> dict[str, TypeRow]:
    """The note types that no ledger has as they are; the first root's ledger keeps them."""
    rows = {}
    for slug, notetype in project.notetypes.items():
        before = project.type_row(slug)
        if before is None or before.fingerprint != notetype.fingerprint:
            rows[slug] = TypeRow(slug, notetype.id, shape(notetype), notetype.fingerprint, time)
    return rows
