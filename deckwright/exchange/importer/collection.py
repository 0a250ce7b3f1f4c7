"""The notes in Anki's database.

It is opened in memory, and no code in it is run.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from deckwright.core.errors import UserError
from deckwright.exchange.importer import protobuf
from deckwright.exchange.importer.limits import MAX_CARDS
from deckwright.exchange.importer.notes import ForeignNote, ForeignTemplate

MAX_FIELDS = 256_000_000  # characters of all notes together
_FIELD_COSTS = 32  # what an empty field counts: as many characters as its memory takes, roughly
BROKEN = "run Tools › Check Database in Anki, then export again"  # help for a broken database

_MAX_VALUE = 50_000_000  # bytes of one value
# After so many instructions of its virtual machine, SQLite is stopped: 500 times a
# million. A sound collection of the greatest size takes a tenth of them.
_STEPS, _STEP = 500, 1_000_000
_FIELD = re.compile(r"\{\{\s*([^#^/!{}=][^{}]*)\}\}")
_SPECIAL = frozenset({"FrontSide", "Tags", "Deck", "Subdeck", "Type", "Card", "CardFlag", "CardID"})


@dataclass(frozen=True, slots=True)
class _NoteType:
    name: str
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
    left = iter(range(_STEPS))
    connection.set_progress_handler(lambda: next(left, None) is None, _STEP)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")


def _checked_tables(connection: sqlite3.Connection) -> set[str]:
    """The names of the tables, after a check that the database is sound."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    tables = {name: sql or "" for name, sql in connection.execute(query)}
    for name in ("notes", "cards", "col"):
        if not re.match(r"(?i)CREATE TABLE\b", tables.get(name, "")):
            raise UserError(f"its collection has no table `{name}`", BROKEN)
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise UserError("its database is damaged", BROKEN)
    return set(tables)


def _legacy_types(connection: sqlite3.Connection) -> dict[int, _NoteType]:
    """Note types as JSON in the one row of `col`."""
    (text,) = connection.execute("SELECT models FROM col").fetchone() or ("",)
    return {int(key): _legacy_type(model) for key, model in parsed_json(text).items()}


def _legacy_type(model: Mapping[str, Any]) -> _NoteType:
    templates = {
        number: _template(template["name"], template["qfmt"], template["afmt"])
        for number, template in enumerate(model["tmpls"])
    }
    fields = tuple(str(field["name"]) for field in model["flds"])
    return _NoteType(str(model["name"]), model.get("type") == 1, fields, templates)


def _types(connection: sqlite3.Connection) -> dict[int, _NoteType]:
    """Note types from tables; `config` is a message of Anki's notetypes.proto."""
    fields: dict[int, list[str]] = defaultdict(list)
    for notetype, name in connection.execute("SELECT ntid, name FROM fields ORDER BY ntid, ord"):
        fields[notetype].append(name)
    templates: dict[int, dict[int, ForeignTemplate]] = defaultdict(dict)
    query = "SELECT ntid, ord, name, config FROM templates"
    for notetype, number, name, config in connection.execute(query):
        sides = protobuf.strings(config)
        front, back = (sides.get(side, b"").decode("utf-8", "replace") for side in (1, 2))
        templates[notetype][number] = _template(name, front, back)
    return {
        notetype: _NoteType(
            name,
            dict(protobuf.fields(config)).get(1) == 1,
            tuple(fields[notetype]),
            templates[notetype],
        )
        for notetype, name, config in connection.execute("SELECT id, name, config FROM notetypes")
    }


def parsed_json(text: str) -> Any:
    """A value of JSON. Raises ValueError if it is none, or nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _template(name: str, front: str, back: str) -> ForeignTemplate:
    """Which fields a template shows on its two sides.

    A field to type (`type:`) is an empty box on the front, and its text on the back.
    """
    asked = [text for text in _FIELD.findall(front) if not text.strip().startswith("type:")]
    shown = _field_names(asked)
    answered = _field_names(_FIELD.findall(back))
    return ForeignTemplate(name, shown, tuple(field for field in answered if field not in shown))


def _field_names(texts: list[str]) -> tuple[str, ...]:
    """Names of fields, each once, from texts as `filter:Field`."""
    names = (text.rsplit(":", 1)[-1].strip() for text in texts)
    return tuple(dict.fromkeys(name for name in names if name not in _SPECIAL))


def _notes(
    connection: sqlite3.Connection, types: Mapping[int, _NoteType]
) -> tuple[tuple[ForeignNote, ...], tuple[str, ...]]:
    cards: dict[int, set[int]] = defaultdict(set)
    studied = 0
    for note_id, number, reviews in connection.execute("SELECT nid, ord, reps FROM cards"):
        cards[note_id].add(number)
        studied += bool(reviews)
    notes: list[ForeignNote] = []
    left, made = MAX_FIELDS, 0
    query = "SELECT id, guid, mid, tags, flds FROM notes ORDER BY id"
    for note_id, guid, type_id, tags, fields in connection.execute(query):
        text, notetype = str(fields), types.get(type_id)
        if notetype is None or not notetype.fields:
            raise UserError("the note type of a note is missing", BROKEN)
        left -= len(text) + _FIELD_COSTS * max(len(notetype.fields), text.count("\x1f"))
        made += 1 if notetype.cloze else max(1, len(cards[note_id]))
        if made > MAX_CARDS or left < 0:
            raise UserError(
                f"the package contains more than {MAX_CARDS:,} cards, or too much text",
                "export fewer cards at a time",
            )
        notes.append(_note(str(guid), notetype, str(tags), text, cards[note_id]))
    if not studied:
        return tuple(notes), ()
    have = "has" if studied == 1 else "have"
    remark = (
        f"{studied:,} of its cards {have} been studied; the review history belongs to the old "
        "notes in Anki, and the imported cards start as new cards. To keep studying an old note "
        "with the look of this deck, choose its note type with Notes › Change Note Type"
    )
    return tuple(notes), (remark,)


def _note(guid: str, notetype: _NoteType, tags: str, text: str, cards: set[int]) -> ForeignNote:
    """A note with the fields in `text`.

    `cards` are the numbers of the templates that made a card.
    """
    values = text.split("\x1f")
    named = len(notetype.fields)
    names = [*notetype.fields, *(f"Field {n + 1}" for n in range(named, len(values)))]
    values += [""] * (len(names) - len(values))
    return ForeignNote(
        origin=guid,
        notetype=notetype.name,
        cloze=notetype.cloze,
        fields=dict(zip(names, values, strict=True)),
        tags=tuple(tags.split()),
        templates={}
        if notetype.cloze
        else {n: notetype.templates[n] for n in sorted(notetype.templates.keys() & (cards or {0}))},
    )
