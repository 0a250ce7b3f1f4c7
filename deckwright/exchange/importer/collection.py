"""The notes in Anki's database.

It is opened in memory, and no code in it is run: its schema has plain tables and indexes
only, without columns that SQLite would compute. What a query returns is counted first.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import accumulate
from operator import itemgetter
from typing import Any, NamedTuple

from deckwright.core.errors import UserError
from deckwright.core.wording import shortened
from deckwright.exchange.importer import protobuf
from deckwright.exchange.importer.foreign import MAX_CARDS, ForeignNote, ForeignTemplate

MAX_FIELDS = 256_000_000  # characters of all notes together
MAX_TYPES = 4_000_000  # bytes of all note types
MAX_ROWS = 2_000_000  # of a table
# What an empty field of a card, or a tag, counts: as many characters as its memory takes, roughly.
_FIELD_COSTS = 32
BROKEN = "run Tools › Check Database in Anki, then export again"  # help for a broken database

_MAX_VALUE = 50_000_000  # bytes of one value
_MAX_SQL = 100_000  # bytes of a statement, also of one that makes a table
# After so many instructions of its virtual machine, SQLite is stopped: 500 times a
# million, or 10,000 while it reads the schema. A sound collection of the greatest size takes
# a tenth of them.
_STEPS, _STEP, _SCHEMA_STEPS = 500, 1_000_000, 10_000
_PLAIN = re.compile(r"CREATE (?:TABLE|(?:UNIQUE )?INDEX)\b(?!.*\bAS\b)", re.IGNORECASE | re.DOTALL)


class _NoteType(NamedTuple):
    cloze: bool
    fields: tuple[str, ...]
    templates: Mapping[int, ForeignTemplate]


def read_notes(database: bytes) -> tuple[tuple[ForeignNote, ...], tuple[str, ...]]:
    """The notes of a collection by their ids, and remarks.

    Raises UserError, sqlite3.Error or ValueError if the database is broken or too
    large.
    """
    if not database.startswith(b"SQLite format 3\0") or len(database) < 512:
        raise UserError("its collection is not a database", BROKEN)
    # No write-ahead log, or SQLite would look for its file.
    without_log = database[:18] + b"\x01\x01" + database[20:]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(without_log)
        _restrict(connection)
        tables = _checked_tables(connection)
        try:
            types = _types(connection) if "notetypes" in tables else _legacy_types(connection)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError("its note types cannot be read", BROKEN) from error
        return _notes(connection, types)


def _restrict(connection: sqlite3.Connection) -> None:
    """Read text as Anki does, and set bounds to what a query may do."""
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.create_collation(
        "unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold())
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _MAX_SQL)
    for setting in ("trusted_schema = OFF", "query_only = ON", "ignore_check_constraints = ON"):
        connection.execute(f"PRAGMA {setting}")


def _checked_tables(connection: sqlite3.Connection) -> set[str]:
    """The names of the tables, after a check that the database is plain and sound."""
    connection.set_progress_handler(lambda: True, _SCHEMA_STEPS)
    tables = set()
    for name, sql in connection.execute("SELECT name, sql FROM sqlite_master"):
        if sql is not None and not _PLAIN.match(str(sql)):
            raise UserError(
                f"its database has something besides plain tables: {shortened(str(name), 40)!r}",
                "export the notes again, as .apkg",
            )
        tables.add(name)
    left = iter(range(_STEPS))
    connection.set_progress_handler(lambda: next(left, None) is None, _STEP)
    for name in ("notes", "cards", "col"):
        if name not in tables:
            raise UserError(f"its collection has no table `{name}`", BROKEN)
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise UserError("its database is damaged", BROKEN)
    return tables


def _rows(
    connection: sqlite3.Connection, table: str, columns: str, limit: int
) -> Iterator[tuple[Any, ...]]:
    """The rows of a table, after a check that they are not too many and not too large.

    An index could hold other values than its table, so none is used.
    """
    source = f"FROM {table} NOT INDEXED"
    (number,) = connection.execute(f"SELECT count(*) {source}").fetchone()
    size = "+".join(f"ifnull(length(CAST({name} AS BLOB)),0)" for name in columns.split(", "))
    sizes = connection.execute(f"SELECT {size} {source}")
    if number > MAX_ROWS or any(total > limit for total in accumulate(n for (n,) in sizes)):
        raise _too_large()
    return connection.execute(f"SELECT {columns} {source}")


def _too_large() -> UserError:
    return UserError(
        f"the package contains more than {MAX_CARDS:,} cards, or too much text",
        "export fewer cards at a time",
    )


def _legacy_types(connection: sqlite3.Connection) -> dict[int, _NoteType]:
    """Note types as JSON in the one row of `col`."""
    (text,) = next(_rows(connection, "col", "models", MAX_TYPES), ("",))
    return {int(key): _legacy_type(model) for key, model in parsed_json(text).items()}


def _legacy_type(model: Mapping[str, Any]) -> _NoteType:
    templates = {
        number: ForeignTemplate(str(one["name"]), str(one["qfmt"]), str(one["afmt"]))
        for number, one in enumerate(model["tmpls"])
    }
    fields = tuple(str(field["name"]) for field in model["flds"])
    return _NoteType(model.get("type") == 1, fields, templates)


def _types(connection: sqlite3.Connection) -> dict[int, _NoteType]:
    """Note types from tables; `config` is a message of Anki's notetypes.proto."""
    fields: dict[int, list[str]] = defaultdict(list)
    for notetype, _, name in sorted(_rows(connection, "fields", "ntid, ord, name", MAX_TYPES)):
        fields[notetype].append(name)
    templates: dict[int, dict[int, ForeignTemplate]] = defaultdict(dict)
    rows = _rows(connection, "templates", "ntid, ord, name, config", MAX_TYPES)
    for notetype, number, name, config in rows:
        sides = dict(protobuf.fields(config))
        front, back = (bytes(sides.get(side, b"")).decode("utf-8", "replace") for side in (1, 2))
        templates[notetype][number] = ForeignTemplate(name, front, back)
    return {
        notetype: _NoteType(
            dict(protobuf.fields(config)).get(1) == 1,
            tuple(fields[notetype]),
            templates[notetype],
        )
        for notetype, config in _rows(connection, "notetypes", "id, config", MAX_TYPES)
    }


def parsed_json(text: str) -> Any:
    """A value of JSON. Raises ValueError if it is none, or nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _notes(
    connection: sqlite3.Connection, types: Mapping[int, _NoteType]
) -> tuple[tuple[ForeignNote, ...], tuple[str, ...]]:
    cards: dict[int, set[int]] = defaultdict(set)
    decks = set()
    studied = 0
    columns = "nid, ord, reps, did"
    for note_id, number, reviews, deck in _rows(connection, "cards", columns, MAX_FIELDS):
        cards[note_id].add(number)
        decks.add(deck)
        studied += bool(reviews)
    notes: list[tuple[int, ForeignNote]] = []
    left, made = MAX_FIELDS, 0
    rows = _rows(connection, "notes", "id, guid, mid, tags, flds", MAX_FIELDS)
    for note_id, guid, type_id, tags, fields in rows:
        text, tags, notetype = str(fields), str(tags), types.get(type_id)
        if notetype is None or not notetype.fields:
            raise UserError("the note type of a note is missing", BROKEN)
        numbers = {0} if notetype.cloze else notetype.templates.keys() & (cards[note_id] or {0})
        parts = max(len(notetype.fields), text.count("\x1f")) * len(numbers) + tags.count(" ")
        left -= len(text) + len(tags) + _FIELD_COSTS * parts
        made += len(numbers)
        if made > MAX_CARDS or left < 0:
            raise _too_large()
        values = text.split("\x1f")
        names = [*notetype.fields]
        names += [f"Field {n + 1}" for n in range(len(names), len(values))]
        values += [""] * (len(names) - len(values))
        note = ForeignNote(
            origin=str(guid),
            place=f"nid:{note_id}",
            fields=dict(zip(names, values, strict=True)),
            tags=tuple(filter(None, tags.split(" "))),
            templates={number: notetype.templates[number] for number in sorted(numbers)},
        )
        notes.append((note_id, note))
    notes.sort(key=itemgetter(0))
    return tuple(note for _, note in notes), tuple(_remarks(studied, len(decks)))


def _remarks(studied: int, decks: int) -> Iterator[str]:
    """What of a collection no card can have."""
    if decks > 1:
        yield f"its {decks:,} decks are not kept: --to says where the cards go"
    if studied:
        have = "has" if studied == 1 else "have"
        yield (
            f"{studied:,} of its cards {have} been studied; the review history belongs to the old "
            "notes in Anki, and the imported cards start as new cards. To keep studying an old "
            "note with the look of this deck, choose its note type with Notes › Change Note Type"
        )
