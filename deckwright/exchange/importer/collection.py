"""The notes in Anki's database.

It is opened in memory, and no code in it is run: its schema has plain tables and indexes
only, without columns that SQLite would compute. What a query returns is counted.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import zip_longest
from typing import Any, NamedTuple

from deckwright.core.errors import UserError
from deckwright.exchange.importer.foreign import MAX_CARDS, ForeignNote

MAX_SIZE = 256_000_000  # characters of all rows of a table
BROKEN = "run Tools › Check Database in Anki, then export again"  # help for a broken database

_VARINT, _BYTES = 0, 2  # types of Protocol Buffers that Anki uses
_MAX_VALUE = 50_000_000  # bytes of one value
_CELL_COSTS = 32  # characters that a field of a card, a tag, or a cell counts at least
# After so many instructions of its virtual machine, SQLite is stopped: 500 times a
# million. A collection of the greatest size takes a tenth of them.
_STEPS, _STEP = 500, 1_000_000
_PLAIN = re.compile(r"CREATE (?:TABLE|(?:UNIQUE )?INDEX)\b(?!.*\bAS\b)", re.IGNORECASE | re.DOTALL)


class _NoteType(NamedTuple):
    cloze: bool
    fields: tuple[str, ...]
    templates: Mapping[int, tuple[str, str]]  # front and back, by their number


def read_notes(database: bytes) -> tuple[tuple[ForeignNote, ...], tuple[str, ...]]:
    """The notes of a collection, and remarks.

    Raises UserError, or one of the errors in `apkg`, if the database is broken or too large.
    """
    # No write-ahead log, or SQLite would look for its file.
    without_log = database[:18] + b"\x01\x01" + database[20:]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(without_log)
        _restrict(connection)
        tables = dict(connection.execute("SELECT name, sql FROM sqlite_master"))
        if not all(_PLAIN.match(str(sql)) for sql in tables.values() if sql is not None):
            message = "its database has something besides plain tables"
            raise UserError(message, "export the notes again, as .apkg")
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise UserError("its database is damaged", BROKEN)
        types = _types(connection) if "notetypes" in tables else _legacy_types(connection)
        return _notes(connection, types)


def _restrict(connection: sqlite3.Connection) -> None:
    """Read text as Anki does, and set limits to what a query may do."""
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.create_collation(
        "unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold())
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
    left = iter(range(_STEPS))
    connection.set_progress_handler(lambda: next(left, None) is None, _STEP)
    for setting in ("trusted_schema = OFF", "query_only = ON", "ignore_check_constraints = ON"):
        connection.execute(f"PRAGMA {setting}")


def _rows(connection: sqlite3.Connection, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table. Raises UserError if they are too large together.

    An index could hold other values than its table, so none is used.
    """
    left = MAX_SIZE
    for row in connection.execute(f"SELECT {columns} FROM {table} NOT INDEXED"):
        left -= sum(_CELL_COSTS + len(cell) for cell in row if isinstance(cell, str | bytes))
        left -= _CELL_COSTS
        if left < 0:
            raise _too_large()
        yield row


def _too_large() -> UserError:
    return UserError(
        f"the package contains more than {MAX_CARDS:,} cards, or too much text",
        "export fewer cards at a time",
    )


def _legacy_types(connection: sqlite3.Connection) -> dict[int, _NoteType]:
    """Note types as JSON in the one row of `col`."""
    (text,) = next(_rows(connection, "col", "models"), ("",))
    return {
        int(key): _NoteType(
            model.get("type") == 1,
            tuple(str(field["name"]) for field in model["flds"]),
            dict(enumerate((str(one["qfmt"]), str(one["afmt"])) for one in model["tmpls"])),
        )
        for key, model in json.loads(text).items()
    }


def _types(connection: sqlite3.Connection) -> dict[int, _NoteType]:
    """Note types from tables; `config` is a message of Anki's notetypes.proto."""
    fields: dict[int, list[str]] = defaultdict(list)
    for notetype, _, name in sorted(_rows(connection, "fields", "ntid, ord, name")):
        fields[notetype].append(str(name))
    templates: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    for notetype, number, config in _rows(connection, "templates", "ntid, ord, config"):
        sides = dict(message_fields(config))
        front, back = (bytes(sides.get(side, b"")).decode("utf-8", "replace") for side in (1, 2))
        templates[notetype][number] = (front, back)
    return {
        key: _NoteType(dict(message_fields(config)).get(1) == 1, tuple(fields[key]), templates[key])
        for key, config in _rows(connection, "notetypes", "id, config")
    }


def _notes(
    connection: sqlite3.Connection, types: Mapping[int, _NoteType]
) -> tuple[tuple[ForeignNote, ...], tuple[str, ...]]:
    cards: dict[int, set[int]] = defaultdict(set)
    decks = set()
    studied = made = 0
    for note_id, number, reviews, deck in _rows(connection, "cards", "nid, ord, reps, did"):
        cards[note_id].add(number)
        decks.add(deck)
        studied += bool(reviews)
    notes = []
    left = MAX_SIZE
    # SQLite reads Anki's table in the order of the ids.
    for note_id, type_id, tags, text in _rows(connection, "notes", "id, mid, tags, flds"):
        notetype = types.get(type_id)
        if notetype is None or not notetype.fields:
            raise UserError("the note type of a note is missing", BROKEN)
        templates = notetype.templates
        numbers = {0} if notetype.cloze else templates.keys() & (cards[note_id] or {0})
        values = str(text).split("\x1f")
        more = range(len(notetype.fields) + 1, len(values) + 1)
        names = (*notetype.fields, *(f"Field {number}" for number in more))
        made += len(numbers)
        left -= _CELL_COSTS * len(names) * len(numbers)
        if made > MAX_CARDS or left < 0:
            raise _too_large()
        fields = dict(zip_longest(names, values, fillvalue=""))
        used = tuple(templates[number] for number in sorted(numbers))
        notes.append(ForeignNote(f"nid:{note_id}", fields, tuple(str(tags).split()), used))
    remarks = []
    if len(decks) > 1:
        remarks.append(f"its {len(decks):,} decks aren't kept")
    if studied:
        remarks.append(
            f"{studied:,} of its cards have been studied: their reviews stay with the old notes in "
            "Anki. To study those with the look of this deck, use Notes › Change Note Type"
        )
    return tuple(notes), tuple(remarks)


def message_fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of a message's fields, in their order.

    See https://protobuf.dev/programming-guides/encoding/. Raises ValueError if the
    message is cut off, or has a part that the encoding does not know.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        value, at = _varint(data, at)
        if key & 7 == _VARINT:
            yield key >> 3, value
        elif key & 7 == _BYTES and at + value <= len(data):
            yield key >> 3, data[at : at + value]
            at += value
        else:
            raise ValueError("a message is cut off, or has an unknown part")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and the place after it."""
    value = shift = 0
    while at < len(data) and shift <= 63:
        byte = data[at]
        value |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return value, at
    raise ValueError("a message is cut off")
