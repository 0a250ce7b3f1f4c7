"""`import` of broken and malicious files, or on a full disk: no trace is left."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import genanki
import pytest
import zstandard
from conftest import codes, run
from foreign_decks import HERE, PNG, tree, written

from deckwright.cards.duplicates.signature import Signature
from deckwright.core import files
from deckwright.exchange.importer import limits, overlaps, plan
from deckwright.exchange.importer.plan import ImportPlan


def package(members: Mapping[str, bytes], **attributes: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = attributes.get(name.replace(".", "_"), 0)
            archive.writestr(info, data)
    return out.getvalue()


@cache
def database(script: str = "") -> bytes:
    """A sound collection with one note, changed by a script."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE col (models TEXT);"
        "CREATE TABLE notes (id INTEGER, guid TEXT, mid INTEGER, tags TEXT, flds TEXT);"
        "CREATE TABLE cards (nid INTEGER, ord INTEGER, reps INTEGER);"
    )
    types = {
        "1": {
            "name": "B",
            "type": 0,
            "flds": [{"name": "F"}, {"name": "K"}],
            "tmpls": [{"name": "C", "qfmt": "{{F}}", "afmt": "{{K}}"}],
        }
    }
    connection.execute("INSERT INTO col VALUES (?)", (json.dumps(types),))
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
DEEP_TYPES = "UPDATE col SET models = replace(hex(zeroblob(100000)), '00', '[');"


BIG = "AS (hex(zeroblob(2000000)))"
NOTES = {"id": "INTEGER", "guid": "TEXT", "mid": "INTEGER", "tags": "TEXT", "flds": "TEXT"}


def computed(column: str, how: str = "") -> str:
    """A script after which SQLite computes a large value for a column of the notes."""
    columns = [f"{name} {kind} {(how or BIG) * (name == column)}" for name, kind in NOTES.items()]
    others = ", ".join(name for name in NOTES if name != column)
    return f"""CREATE TABLE old AS SELECT * FROM notes; DROP TABLE notes;
CREATE TABLE notes ({", ".join(columns)});
INSERT INTO notes ({others}) SELECT {others} FROM old; DROP TABLE old;"""


def hidden(how: str) -> str:
    """A script that adds a table with a computed column and then changes its row in the schema."""
    return f"""CREATE TABLE x (a, b as(a)); PRAGMA writable_schema = ON;
UPDATE sqlite_master SET {how} WHERE name = 'x';"""


def repeated(table: str, values: str, times: int) -> str:
    """A script that inserts the same row many times; `n` is the number of the row."""
    return f"""WITH RECURSIVE v(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM v WHERE n < {times})
INSERT INTO {table} SELECT {values} FROM v;"""


def with_template(config: str) -> str:
    """A script that makes note types as a newer Anki does, with the settings of a template."""
    return f"""{UNTYPED} UPDATE notetypes SET config = x'';
INSERT INTO fields VALUES (1, 0, 'F'), (1, 1, 'K');
INSERT INTO templates VALUES (1, 0, 'C', {config});"""


def default(value: str) -> str:
    """A script after which the note has a value that is only in the schema."""
    return f"""ALTER TABLE notes DROP COLUMN tags;
ALTER TABLE notes ADD COLUMN tags TEXT DEFAULT '{value}';"""


NOT_PLAIN = {
    **{f"computed {name}": computed(name) for name in NOTES},
    "stored": computed("tags", f"{BIG} STORED"),
    "always": computed("guid", "generated\nalways as/**/(hex(zeroblob(2000000)))"),
    "elsewhere": f"CREATE TABLE x (a, b {BIG} NOT NULL); INSERT INTO x VALUES (1);",
    "without rowid": f"CREATE TABLE x (a PRIMARY KEY, b {BIG}) WITHOUT ROWID;",
    "view": "CREATE VIEW x AS SELECT 1;",
    "trigger": "CREATE TRIGGER x AFTER INSERT ON notes BEGIN SELECT 1; END;",
    "virtual table": "CREATE VIRTUAL TABLE x USING fts5(a);",
    "in small letters": hidden("sql = 'create table x(a, b aS(a))'"),
}
BOMBS = {
    "tags": "UPDATE notes SET tags = hex(zeroblob(60000));",
    "many tags": "UPDATE notes SET tags = replace(hex(zeroblob(5000)), '00', 'ab ');",
    "tags of many": repeated("notes", "n, n, 1, hex(zeroblob(5000)), '?'", 12),
    "tags of the schema": repeated("notes", "n, n, 1, '', '?'", 12) + default("ab " * 5000),
    "guid": "UPDATE notes SET guid = hex(zeroblob(60000));",
    "type": "UPDATE notes SET mid = zeroblob(120000);",
    "id": "UPDATE notes SET id = zeroblob(120000);",
    "fields behind a zero": "UPDATE notes SET flds = char(0) || hex(zeroblob(60000));",
    "card": "INSERT INTO cards VALUES (1, 'x' || hex(zeroblob(60000)), 0);",
    "cards": repeated("cards", "n, 0, 0", 1001),
    "fields of many cards": repeated("cards", "1, n, 0", 100)
    + "UPDATE notes SET flds = replace(hex(zeroblob(50)), '00', char(31));"
    + "UPDATE col SET models = replace(models, '\"tmpls\": [', '\"tmpls\": ['"
    + ' || replace(hex(zeroblob(100)), \'00\', \'{"name":0,"qfmt":"{{F}}","afmt":""},\'));',
    "types": "UPDATE col SET models = '[' || replace(hex(zeroblob(5000)), '00', '[],') || '0]';",
    "template": with_template("zeroblob(20000)"),
    "parts": with_template("CAST(replace(hex(zeroblob(9000)), '00', char(24, 1)) AS BLOB)"),
    "field": with_template("x''") + "UPDATE fields SET name = hex(zeroblob(9000));",
    "type of note": with_template("x''") + "UPDATE notetypes SET name = hex(zeroblob(9000));",
    "tables": "".join(f"CREATE TABLE t{n} (a);" for n in range(3000)),
    "schema": default("x" * 200_000),
    # SQLite finds these by itself, at least today's.
    "another name": hidden("name = 'y', tbl_name = 'y'"),
    "another kind": hidden("type = 'index'"),
    "with a comment": hidden("sql = '/**/' || sql"),
    "as bytes": hidden("sql = CAST(sql AS BLOB)"),
    "as a number": hidden("sql = 1"),
}


@pytest.mark.parametrize("name", [*NOT_PLAIN, *BOMBS])
def test_what_a_database_makes_of_little_is_counted_or_refused(
    bare: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit, value in (("MAX_FIELDS", 100_000), ("MAX_TYPES", 15_000), ("MAX_ROWS", 1000)):
        monkeypatch.setattr(f"deckwright.exchange.importer.collection.{limit}", value)
    (tmp_path / "bomb.apkg").write_bytes(altered({**NOT_PLAIN, **BOMBS}[name]))
    result = run(bare, "import", str(tmp_path / "bomb.apkg"), *HERE)
    assert (result.code, result.out) == (2, "")
    assert "bomb.apkg: " in result.err
    assert "plain tables" in result.err or name in BOMBS
    assert "help: " in result.err


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE x (a, CHECK (hex(zeroblob(20000000)) > 0)); INSERT INTO x VALUES (1);",
        "CREATE INDEX x ON notes (tags, flds); CREATE UNIQUE INDEX y ON notes (guid);",
        "ANALYZE; CREATE TABLE android_metadata (locale TEXT);",
    ],
)  # fmt: skip
def test_tables_and_indexes_of_other_programs_are_no_problem(
    bare: Path, tmp_path: Path, script: str
) -> None:
    (tmp_path / "sound.apkg").write_bytes(altered(script))
    assert run(bare, "import", str(tmp_path / "sound.apkg"), *HERE).err.strip() == "1 card written"


def test_an_index_that_contradicts_its_table_hides_nothing(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sizes of the notes are those of the table, not those of an index on all columns."""
    monkeypatch.setattr("deckwright.exchange.importer.collection.MAX_FIELDS", 100_000)
    names = ", ".join(NOTES)
    script = f"""CREATE TABLE small AS SELECT * FROM notes; CREATE INDEX a ON small ({names});
UPDATE notes SET tags = hex(zeroblob(60000)); CREATE INDEX b ON notes ({names});
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'a')
WHERE name = 'b';"""
    (tmp_path / "bomb.apkg").write_bytes(altered(script))
    result = run(bare, "import", str(tmp_path / "bomb.apkg"), *HERE)
    assert (result.code, "too much" in result.err or "damaged" in result.err) == (2, True)


@pytest.mark.parametrize("side", ["{{" + " " * 20_000, "{{F}}" + "{{x}}" * 500, "{{" * 5000])
def test_a_template_can_name_anything(bare: Path, tmp_path: Path, side: str) -> None:
    config = b"\x0a" + varint(len(side)) + side.encode() + b"\x12\x05{{K}}"
    (tmp_path / "sound.apkg").write_bytes(altered(with_template(f"x'{config.hex()}'")))
    assert run(bare, "import", str(tmp_path / "sound.apkg"), *HERE).err.strip() == "1 card written"


def old(**members: bytes) -> bytes:
    """A package of an older Anki, with more files."""
    return package({"collection.anki2": database(), **members})


def altered(script: str) -> bytes:
    """A package of an older Anki whose database a script has changed."""
    return package({"collection.anki2": database(script)})


def new(media: bytes) -> bytes:
    """A package of a newer Anki with a map of pictures."""
    return package(
        {
            "collection.anki21b": zstandard.compress(database()),
            "media": zstandard.compress(media),
        }
    )


def with_link() -> bytes:
    members = {"collection.anki2": database(), "0": b"/etc/passwd"}
    return package(members, **{"0": (stat.S_IFLNK | 0o777) << 16})


def broken() -> bytes:
    data = database()
    return package({"collection.anki2": data[:4096] + b"\xff" * (len(data) - 4096)})


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "wrong magic": (lambda: b"GIF89a not a package", "named like"),
    "empty": (lambda: b"", "named like"),
    "bare collection": (lambda: database(), "a collection"),
    "no zip after all": (lambda: b"PK\x03\x04" + bytes(200), "damaged"),
    "cut off": (lambda: old()[:-40], "damaged"),
    "no package": (lambda: package({"word/document.xml": b"<x/>"}), "zip file"),
    "leads out": (lambda: old(**{"../../evil": b"x"}), "outside of it: '../../evil'"),
    "absolute": (lambda: old(**{"/etc/passwd": b"x"}), "outside"),
    "windows": (lambda: old(**{"..\\evil": b"x"}), "outside"),
    "picture leads out": (
        lambda: old(media=b'{"0": "../x.png"}', **{"0": PNG}),
        "outside",
    ),
    "link": (with_link, "a symbolic link"),
    "map is no map": (lambda: old(media=b"[1]"), "images"),
    "map too deep": (lambda: old(media=b"[" * 200_000), "damaged"),
    "zip bomb": (lambda: package({"collection.anki2": bytes(2_000_000)}), "1,000,000 bytes"),
    "zstd bomb": (lambda: package({"collection.anki21b": BOMB}), "1,000,000 bytes"),
    "no zstd": (lambda: package({"collection.anki21b": b"plain"}), "unpacked"),
    "new map cut off": (lambda: new(entry(b"a.png")[:-2]), "damaged"),
    "new map of numbers": (lambda: new(b"\x18\x01" * 9), "damaged"),
    "new map of nothing": (lambda: new(b"\x0a\x00" * 9), "damaged"),
    "new map without names": (lambda: new(b"\x0a\x02\x18\x01"), "damaged"),
    "new map of numbers as names": (lambda: new(b"\x0a\x02\x08\x01"), "damaged"),
    "new map too long": (lambda: new(b"".join(entry(b"a%d" % n) for n in range(30))), "damaged"),
    "new map leads out": (lambda: new(entry(b"../a.png")), "outside"),
    "no database": (lambda: package({"collection.anki2": b"x" * 4096}), "database"),
    "broken database": (broken, "database"),
    "no notes": (lambda: altered("DROP TABLE notes;"), "no table `notes`"),
    "endless view": (lambda: altered(ENDLESS), "plain tables: 'notes'"),
    "type not there": (
        lambda: altered("UPDATE notes SET mid = 9;"),
        "note type",
    ),
    "types broken": (
        lambda: altered("UPDATE col SET models = '{\"1\": 5}';"),
        "note types",
    ),
    "types without settings": (lambda: altered(UNTYPED), "note types"),
    "types too deep": (lambda: altered(DEEP_TYPES), "note types"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packages_are_refused_without_a_trace(
    bare: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, said = HOSTILE[name]
    monkeypatch.setattr("deckwright.exchange.importer.apkg.MAX_DATABASE", 1_000_000)
    monkeypatch.setattr("deckwright.exchange.importer.apkg.MAX_MEMBERS", 20)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "evil.apkg").write_bytes(make())
    before = tree(tmp_path)
    result = run(bare, "import", str(tmp_path / "x" / "evil.apkg"), *HERE)
    assert (result.code, result.out) == (2, "")
    assert "evil.apkg: " in result.err
    assert said in result.err
    assert "help: " in result.err
    assert tree(tmp_path) == before


def test_the_sound_package_of_the_hostile_ones_is_read(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "sound.apkg").write_bytes(package({"collection.anki2": database()}))
    assert run(bare, "import", str(tmp_path / "sound.apkg"), *HERE).err.strip() == "1 card written"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no notes"),
        (b"\xff\xfa\x00binary", "neither"),
        (b"a\0b\tc", "neither"),
        (b"one column\nonly\n", "no tabs"),
        (b"#separator:tab\n#guid column:x\na\tb\n", "`x`"),
        (b'#separator:comma\na,"b\n', "line 2"),
        *((f"#separator:tab\n#{name}:{text}\na\tb\n".encode(), f"`#{name}`")
          for name, text in (("tags", "ab " * 7000), ("columns", "a" * 1_100_000),
                             ("columns", "a\t" * 20_000), ("notetype", "a" * 20_001),
                             ("tags column", "9" * 20_001), ("x", "b" * 20_001))),
        (b"#separator:tab\n#tags column:" + b"9" * 5000 + b"\na\tb", "`9999"),
        (b'#separator:"\na"b\n', "quotation mark"),
        (b"#separator:tab\n" + b"#x:y\n" * 1_000_000 + b"a\tb", "1,000,000 lines"),
        (b"a\tb" + b"\n" * 1_000_001, "1,000,000 lines"),
        (b"a\tb\n" + b"c\n" * 1_000_000, "1,000,000 lines"),
    ],
)  # fmt: skip
def test_text_that_is_none_is_refused(bare: Path, tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "notes.txt").write_bytes(data)
    result = run(bare, "import", str(tmp_path / "notes.txt"), *HERE)
    assert result.code == 2
    assert said in result.err


def test_a_folder_and_a_missing_file_are_refused(bare: Path, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.apkg"):
        result = run(bare, "import", str(path), *HERE)
        assert result.code == 2
        assert ("regular file" if path.exists() else "no such") in result.err


@pytest.mark.parametrize("full", [".md", ".tsv"])
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
    assert not (bare / "cards/4.2-services").exists()


def test_a_file_that_appears_after_the_plan_is_not_overwritten(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.tsv").write_text("q\ta\n", "utf-8")
    path = bare / "cards/4.2-services/polly/a.md"

    def planned(*arguments: Any) -> ImportPlan:
        found = make_plan(*arguments)
        path.parent.mkdir(parents=True)
        path.write_text("mine\n", "utf-8")
        return found

    make_plan = plan.plan
    monkeypatch.setattr("deckwright.cli.commands.import_.plan", planned)
    result = run(bare, "import", str(tmp_path / "a.tsv"), *HERE)
    assert (result.code, "a.md" in result.err, "file exists" in result.err) == (2, True, True)
    assert path.read_text("utf-8") == "mine\n"
    assert not (bare / "decks/imported").exists()


LARGE = [
    ("x" * (limits.MAX_FIELD + 1), " Back has 20,001 characters"),
    ("*a " * 6000, "card would"),
    ("<blockquote>" * 50 + "a<br>" * 1000, "card would"),
    ("<table><tr>" + "<td>" * 1000 + "</tr><tr><td>x" * 1000, "have 3,"),
]


@pytest.mark.parametrize(("field", "said"), LARGE)
def test_a_note_that_is_too_large_is_left_out(
    bare: Path, tmp_path: Path, field: str, said: str
) -> None:
    lines = ["#separator:tab", "#html:true", f"What is large?\t{field}", "What is small?\tThis."]
    (tmp_path / "notes.txt").write_text("\n".join(lines), "utf-8")
    result = run(bare, "import", str(tmp_path / "notes.txt"), *HERE)
    assert (result.code, result.err.strip()) == (0, "1 card written")
    (line,) = (line for line in result.out.splitlines() if "not written" in line)
    assert said in line
    assert line.endswith(": What is large?")
    assert "What is small?" in written(bare)


def test_a_note_whose_fields_are_too_large_together_is_left_out(bare: Path, tmp_path: Path) -> None:
    cells = ["What?", *["x" * 16_000] * 4]
    (tmp_path / "notes.tsv").write_text("\t".join(cells), "utf-8")
    result = run(bare, "import", str(tmp_path / "notes.tsv"), *HERE)
    assert "fields have 64,005 characters" in result.out


def test_many_cards_of_one_note_count_together(bare: Path, tmp_path: Path) -> None:
    model = genanki.Model(
        11,
        "Many",
        fields=[{"name": "A"}, {"name": "B"}],
        templates=[
            {"name": f"C{number}", "qfmt": "{{A}}", "afmt": "{{B}}"} for number in range(60)
        ],
    )
    deck = genanki.Deck(12, "Many")
    deck.add_note(genanki.Note(model, ["What?", "x" * 1000]))
    genanki.Package(deck).write_to_file(str(tmp_path / "many.apkg"))
    result = run(bare, "import", str(tmp_path / "many.apkg"), *HERE)
    assert "cards have 60,300 characters" in result.out


def test_pictures_in_the_text_do_not_count(bare: Path, tmp_path: Path) -> None:
    data = base64.b64encode(PNG + bytes(40_000)).decode()
    line = f'What?\t<img src="data:image/png;base64,{data}">\n'
    (tmp_path / "notes.txt").write_text("#separator:tab\n#html:true\n" + line, "utf-8")
    assert run(bare, "import", str(tmp_path / "notes.txt"), *HERE).err.strip() == "1 card written"


def test_one_question_with_many_answers_takes_as_many_comparisons(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"Which color has thing number one?\tcolor {number}" for number in range(100)]
    (tmp_path / "notes.tsv").write_text("\n".join([*lines, lines[-1]]), "utf-8")
    compared: list[bool] = []

    def certain(one: Signature, other: Signature) -> bool:
        compared.append(same(one, other))
        return compared[-1]

    same = overlaps.certain
    monkeypatch.setattr(overlaps, "certain", certain)
    result = run(bare, "import", str(tmp_path / "notes.tsv"), *HERE)
    assert result.err.strip() == "100 cards written"  # the repeated last line is found, too
    assert len(compared) < 101 * 65


def test_a_text_file_has_limits(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deckwright.exchange.importer.text_files.MAX_CELLS", 10)
    (tmp_path / "notes.tsv").write_text("a\tb\n" * 5 + "a\n", "utf-8")
    result = run(bare, "import", str(tmp_path / "notes.tsv"), *HERE)
    assert result.code == 0
    (tmp_path / "notes.tsv").write_text("a\tb\n" * 6, "utf-8")
    result = run(bare, "import", str(tmp_path / "notes.tsv"), *HERE)
    assert (result.code, "10 cells" in result.err) == (2, True)


def test_the_tags_of_a_header_count_in_every_row(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deckwright.exchange.importer.text_files.MAX_CELLS", 50)
    for rows, code in ((10, 0), (11, 2)):
        lines = ["#separator:tab", "#tags:x y z", *(f"Question {n}\tb" for n in range(rows))]
        (tmp_path / "notes.txt").write_text("\n".join(lines), "utf-8")
        assert run(bare, "import", str(tmp_path / "notes.txt"), *HERE, "--dry-run").code == code


def test_a_note_with_too_many_tags_is_left_out(bare: Path, tmp_path: Path) -> None:
    tags = " ".join(f"tag-{n}" for n in range(3000))
    (tmp_path / "notes.tsv").write_text(f"Front\tBack\tTags\nq\ta\t{tags}\nr\tb\tc\n", "utf-8")
    result = run(bare, "import", str(tmp_path / "notes.tsv"), *HERE)
    assert (result.code, result.err.strip()) == (0, "1 card written")
    assert "22,890" in result.out


def test_a_package_has_limits(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "INSERT INTO cards VALUES (1, 0, 0), (1, 1, 0), (1, 2, 0);"
    (tmp_path / "cards.apkg").write_bytes(altered(script))
    monkeypatch.setattr("deckwright.exchange.importer.collection.MAX_CARDS", 2)
    result = run(bare, "import", str(tmp_path / "cards.apkg"), *HERE)
    assert (result.code, "more than 2 cards" in result.err) == (2, True)
    script = "UPDATE notes SET flds = replace(hex(zeroblob(1000)), '00', char(31));"
    (tmp_path / "fields.apkg").write_bytes(altered(script))
    monkeypatch.setattr("deckwright.exchange.importer.collection.MAX_FIELDS", 20_000)
    result = run(bare, "import", str(tmp_path / "fields.apkg"), *HERE)
    assert (result.code, "much text" in result.err) == (2, True)


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}", r"\style{position:fixed}{x}", r"\class{a}{x}",
        r"\bbox[background:url(https://example.com)]{x}", r"\cssId{a}{x}", r"\require{html}",
        r"\def\a{x}", r"\unicode{x41}",
    ],
)  # fmt: skip
def test_a_formula_that_does_more_than_draw_is_code(bare: Path, tmp_path: Path, tex: str) -> None:
    lines = ["#separator:tab", "#html:true", rf"What is this?	\({tex}\) and \[{tex}\]"]
    (tmp_path / "notes.txt").write_text("\n".join(lines), "utf-8")
    result = run(bare, "import", str(tmp_path / "notes.txt"), *HERE)
    assert "is code" in result.out
    assert written(bare).endswith(f"\n\n`{tex}` and `{tex}`\n")


def test_pictures_get_names_that_every_system_takes(bare: Path, tmp_path: Path) -> None:
    names = ["con.png", "a:b.png", "A:B.png", "trailing..png", "y" * 120 + ".png", "nul.tar.png"]
    media = json.dumps({str(number): name for number, name in enumerate(names)}).encode()
    shown = "".join(f'<img src="{name}">' for name in names)
    members = {
        "collection.anki2": database(f"UPDATE notes SET flds = 'What?' || char(31) || '{shown}';"),
        "media": media,
        **{str(number): PNG + bytes([number]) for number in range(len(names))},
    }
    (tmp_path / "AUX.apkg").write_bytes(package(members))
    result = run(bare, "import", str(tmp_path / "AUX.apkg"), *HERE)
    assert (result.code, result.err.strip()) == (0, "1 card written")
    folder = bare / "cards/4.2-services/polly"
    found = {path.name for path in (folder / "img").iterdir()}
    assert found == {
        "the-con.png", "a-b.png", "a-b-2.png", "trailing.png", "y" * 40 + ".png", "nul-tar.png"
    }  # fmt: skip
    assert [path.name for path in folder.glob("*.md")] == ["the-aux.md"]
    assert not set(codes(bare, "error")) - {"R604"}
