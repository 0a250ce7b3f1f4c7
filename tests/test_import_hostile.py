"""`import` of broken and malicious files, or on a full disk: no trace is left."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import zstandard
from conftest import codes, run
from foreign_decks import HERE, PNG, numbers, tree

from deckwright.core import files
from deckwright.exchange.importer.foreign import MAX_FIELD


def package(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@cache
def database(script: str = "") -> bytes:
    """A sound collection with one note, changed by a script."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE col (models TEXT);"
        "CREATE TABLE notes (id INTEGER, guid TEXT, mid INTEGER, tags TEXT, flds TEXT);"
        "CREATE TABLE cards (nid INTEGER, ord INTEGER, reps INTEGER, did INTEGER);"
    )
    fields, template = [{"name": "F"}, {"name": "K"}], {"qfmt": "{{F}}", "afmt": "{{K}}"}
    notetype = {"name": "B", "type": 0, "flds": fields, "tmpls": [{"name": "C", **template}]}
    connection.execute("INSERT INTO col VALUES (?)", (json.dumps({"1": notetype}),))
    connection.execute("INSERT INTO notes VALUES (1, 'g', 1, '', ?)", ("front\x1fback",))
    connection.executescript(script)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def varint(number: int) -> bytes:
    return bytes([number & 127 | 128]) + varint(number >> 7) if number > 127 else bytes([number])


def entry(name: bytes) -> bytes:
    inner = b"\x0a" + varint(len(name)) + name
    return b"\x0a" + varint(len(inner)) + inner


BOMB = zstandard.ZstdCompressor().compress(bytes(2_000_000))
ENDLESS = """DROP TABLE notes; CREATE VIEW notes AS
WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
SELECT id, '' guid, 1 mid, '' tags, '' flds FROM n;"""
UNTYPED = """CREATE TABLE fields (ntid INTEGER, ord INTEGER, name TEXT);
CREATE TABLE templates (ntid INTEGER, ord INTEGER, name TEXT, config BLOB);
CREATE TABLE notetypes (id INTEGER, name TEXT, config BLOB);
INSERT INTO notetypes VALUES (1, 'B', NULL);"""
NUMBERS = "INSERT INTO fields VALUES (1, 'x', 2), (1, 0, 3);"
BIG = "AS (hex(zeroblob(2000000)))"
NEW_NOTES = "CREATE TABLE notes (id INTEGER, guid TEXT, mid INTEGER, tags TEXT {}, flds TEXT);"


def repeated(table: str, values: str, times: int) -> str:
    """A script that inserts the same row many times; `n` is the number of the row."""
    return f"""WITH RECURSIVE v(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM v WHERE n < {times})
INSERT INTO {table} SELECT {values} FROM v;"""


def with_template(config: str) -> str:
    """A script that makes note types as a newer Anki does, with the settings of a template."""
    return f"""{UNTYPED} UPDATE notetypes SET config = x'';
INSERT INTO fields VALUES (1, 0, 'F'), (1, 1, 'K');
INSERT INTO templates VALUES (1, 0, 'C', {config});"""


NOT_PLAIN = {
    "computed": f"DROP TABLE notes; {NEW_NOTES.format(BIG)}",
    "stored": f"DROP TABLE notes; {NEW_NOTES.format(BIG + ' STORED')}",
    "elsewhere": f"CREATE TABLE x (a, b {BIG} NOT NULL); INSERT INTO x VALUES (1);",
    "view": "CREATE VIEW x AS SELECT 1;",
    "trigger": "CREATE TRIGGER x AFTER INSERT ON notes BEGIN SELECT 1; END;",
    "virtual table": "CREATE VIRTUAL TABLE x USING fts5(a);",
    "endless": ENDLESS,
}
BOMBS = {
    "tags": "UPDATE notes SET tags = hex(zeroblob(60000));",
    "tags of many": repeated("notes", "n + 1, n, 1, hex(zeroblob(5000)), '?'", 12),
    "tags of the schema": repeated("notes", "n, n, 1, '', '?'", 12)
    + "ALTER TABLE notes DROP COLUMN tags;"
    + f"ALTER TABLE notes ADD COLUMN tags TEXT DEFAULT '{'ab ' * 5000}';",
    "type": "UPDATE notes SET mid = zeroblob(120000);",
    "empty fields": "UPDATE col SET models = json_set(models, '$.1.flds', json('[' || "
    """replace(hex(zeroblob(999)), '00', '{"name":1},') || '{"name":1}]'));"""
    + repeated("notes", "n, n, 1, '', '?'", 4),
    "fields behind a zero": "UPDATE notes SET flds = char(0) || hex(zeroblob(60000));",
    "card": "INSERT INTO cards VALUES (1, 'x' || hex(zeroblob(60000)), 0, 0);",
    "cards": repeated("cards", "n, 0, 0, 0", 4000),
    "types": "UPDATE col SET models = '[' || replace(hex(zeroblob(50000)), '00', '[],') || '0]';",
    "template": with_template("zeroblob(120000)"),
    "parts": with_template("CAST(replace(hex(zeroblob(60000)), '00', char(24, 1)) AS BLOB)"),
    "field": with_template("x''") + "UPDATE fields SET name = hex(zeroblob(60000));",
}


@pytest.mark.parametrize(
    "script",
    [
        "",
        "CREATE TABLE x (a, CHECK (hex(zeroblob(30000000)) > 0)); INSERT INTO x VALUES (1);",
        "CREATE INDEX x ON notes (tags, flds); CREATE UNIQUE INDEX y ON notes (guid);",
        "ANALYZE; CREATE TABLE android_metadata (locale TEXT);",
        "UPDATE notes SET id = 'x'; UPDATE cards SET nid = x'00', ord = 'y';",
        "UPDATE notes SET tags = CAST(x'ff' AS TEXT);",
    ],
)  # fmt: skip
def test_tables_and_indexes_of_other_programs_are_no_problem(
    bare: Path, tmp_path: Path, script: str
) -> None:
    (tmp_path / "sound.apkg").write_bytes(altered(script))
    result = run(bare, "import", str(tmp_path / "sound.apkg"), *HERE)
    assert (result.code, numbers(result)) == (0, [1, 1])


def altered(script: str = "", **members: bytes) -> bytes:
    """A package of an older Anki: its database, changed by a script, and more files."""
    return package({"collection.anki2": database(script), **members})


def new(media: bytes) -> bytes:
    """A package of a newer Anki with a map of pictures."""
    members = {"collection.anki21b": database(), "media": media}
    return package({name: zstandard.compress(data) for name, data in members.items()})


BROKEN = database()[:4096].ljust(len(database()), b"\xff")
HOSTILE = {
    "empty": (b"", "damaged"),
    "cut off": (altered()[:-40], "damaged"),
    "no package": (package({"word/document.xml": b"<x/>"}), "zip file"),
    "map is no map": (altered(media=b"[1]"), "damaged"),
    "map too deep": (altered(media=b"[" * 200_000), "damaged"),
    "zip bomb": (package({"collection.anki2": bytes(2_000_000)}), "1,000,000 bytes"),
    "zstd bomb": (package({"collection.anki21b": BOMB}), "1,000,000 bytes"),
    "no zstd": (package({"collection.anki21b": b"plain"}), "damaged"),
    "new map cut off": (new(entry(b"a.png")[:-2]), "damaged"),
    "new map of nothing": (new(b"\x0a\x00" * 9), "damaged"),
    "new map too long": (new(b"".join(entry(b"a%d" % n) for n in range(30))), "damaged"),
    "no database": (package({"collection.anki2": b"x" * 4096}), "database"),
    "broken database": (package({"collection.anki2": BROKEN}), "database"),
    "no notes": (altered("DROP TABLE notes;"), "no such table"),
    "no types": (altered("DELETE FROM col;"), "damaged"),
    "types of numbers": (altered(f"{UNTYPED} {NUMBERS}"), "damaged"),
    "type not there": (altered("UPDATE notes SET mid = 9;"), "note type"),
    "types broken": (altered("UPDATE col SET models = '{\"1\": 5}';"), "damaged"),
    **{name: (altered(script), "plain tables") for name, script in NOT_PLAIN.items()},
    **{f"bomb: {name}": (altered(script), "too much text") for name, script in BOMBS.items()},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packages_are_refused_without_a_trace(
    bare: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, said = HOSTILE[name]
    monkeypatch.setattr("deckwright.exchange.importer.collection.MAX_SIZE", 100_000)
    monkeypatch.setattr("deckwright.exchange.importer.apkg.MAX_DATABASE", 1_000_000)
    monkeypatch.setattr("deckwright.exchange.importer.apkg.MAX_MEMBERS", 20)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "evil.apkg").write_bytes(data)
    before = tree(tmp_path)
    result = run(bare, "import", str(tmp_path / "x" / "evil.apkg"), *HERE)
    assert (result.code, result.out) == (2, "")
    assert "evil.apkg: " in result.err
    assert said in result.err
    assert "help: " in result.err
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfa\x00binary", "neither"),
        (b"a\0b\tc", "neither"),
        *((f"#separator:tab\n#{name}:{text}\na\tb\n".encode(), "`#`")
          for name, text in (("tags", "ab " * 7000), ("columns", "a" * 1_100_000),
                             ("tags column", "9" * 20_001), ("x", "b" * 20_001))),
    ],
)  # fmt: skip
def test_text_that_is_none_is_refused(bare: Path, tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "notes.txt").write_bytes(data)
    result = run(bare, "import", str(tmp_path / "notes.txt"), *HERE)
    assert result.code == 2
    assert said in result.err


@pytest.mark.parametrize("full", [".md", ".txt"])
def test_a_full_disk_leaves_nothing_behind(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    (tmp_path / "a.tsv").write_text("q\ta\n", "utf-8")
    before = tree(bare)

    def replace_file(path: Path, data: str | bytes) -> None:
        if path.suffix == full:
            raise OSError(28, "No space left on device", str(path))
        write(path, data)

    write = files.replace_file
    monkeypatch.setattr(files, "replace_file", replace_file)
    result = run(bare, "import", str(tmp_path / "a.tsv"), *HERE)
    assert result.code == 2
    assert "space left" in result.err
    assert tree(bare) == before
    assert not (bare / "decks/imported").exists()
    assert not (bare / "cards/services").exists()


@pytest.mark.parametrize(
    "field",
    [
        "x" * (MAX_FIELD + 1),
        "*a " * 6000,
        "<blockquote>" * 50 + "a<br>" * 1000,
        "<table><tr>" + "<td></td>" * 1000 + "</tr><tr><td>x" * 1000,
        "\t".join(["x" * 16_000] * 4),
    ],
)
def test_a_note_that_is_too_large_is_not_written(bare: Path, tmp_path: Path, field: str) -> None:
    lines = ["#separator:tab", "#html:true", f"What is large?\t{field}", "What is small?\tThis."]
    (tmp_path / "notes.txt").write_text("\n".join(lines), "utf-8")
    result = run(bare, "import", str(tmp_path / "notes.txt"), *HERE)
    assert numbers(result) == [2, 1, 1]
    assert "line 3" in result.out


@pytest.mark.parametrize(
    ("name", "value"),
    [("text_files.MAX_CELLS", 20), ("text_files.MAX_CARDS", 4), ("text_files.MAX_BYTES", 60)],
)
def test_a_text_file_has_limits(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    lines = ["#separator:tab", "#tags:x y z", *(f"Question {n}\tb" for n in range(5))]
    (tmp_path / "notes.txt").write_text("\n".join(lines), "utf-8")
    assert run(bare, "import", str(tmp_path / "notes.txt"), *HERE, "--dry-run").code == 0
    monkeypatch.setattr(f"deckwright.exchange.importer.{name}", value)
    assert run(bare, "import", str(tmp_path / "notes.txt"), *HERE).code == 2


def test_pictures_get_names_that_every_system_takes(bare: Path, tmp_path: Path) -> None:
    names = ["con.png", "a:b.png", "A:B.png", "trailing..png", "y" * 120 + ".png", "nul.tar.png"]
    media = json.dumps({str(number): name for number, name in enumerate(names)}).encode()
    shown = "".join(f'<img src="{name}">' for name in names)
    script = f"UPDATE notes SET flds = 'What?' || char(31) || '{shown}';"
    pictures = {str(number): PNG + bytes([number]) for number in range(len(names))}
    (tmp_path / "AUX.apkg").write_bytes(altered(script, media=media, **pictures))
    result = run(bare, "import", str(tmp_path / "AUX.apkg"), *HERE)
    assert (result.code, numbers(result)) == (0, [1, 1])
    folder = bare / "cards/services/polly"
    found = {path.name for path in (folder / "img").iterdir()}
    assert found == {
        "the-con.png", "a-b.png", "a-b-2.png", "trailing.png", "y" * 40 + ".png", "nul-tar.png"
    }  # fmt: skip
    assert [path.name for path in folder.glob("*.md")] == ["the-aux.md"]
    assert not set(codes(bare, "error")) - {"R609"}
