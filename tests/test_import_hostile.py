"""`import` of broken and malicious files, or on a full disk: no trace is left."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zstandard
from conftest import run
from foreign_decks import HERE, PNG, tree

from deckwright.core import files
from deckwright.exchange.importer import plan
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
    "wrong magic": (lambda: b"GIF89a not a package", "named like a package but is not one"),
    "empty": (lambda: b"", "named like a package but is not one"),
    "bare collection": (lambda: database(), "a collection, not a package"),
    "no zip after all": (lambda: b"PK\x03\x04" + bytes(200), "damaged"),
    "cut off": (lambda: old()[:-40], "damaged"),
    "no package": (lambda: package({"word/document.xml": b"<x/>"}), "is not an Anki package"),
    "leads out": (lambda: old(**{"../../evil": b"x"}), "a path outside of it: '../../evil'"),
    "absolute": (lambda: old(**{"/etc/passwd": b"x"}), "a path outside of it"),
    "windows": (lambda: old(**{"..\\evil": b"x"}), "a path outside of it"),
    "picture leads out": (
        lambda: old(media=b'{"0": "../x.png"}', **{"0": PNG}),
        "a path outside of it",
    ),
    "link": (with_link, "a symbolic link"),
    "map is no map": (lambda: old(media=b"[1]"), "list of images"),
    "map too deep": (lambda: old(media=b"[" * 200_000), "damaged"),
    "zip bomb": (lambda: package({"collection.anki2": bytes(2_000_000)}), "1,000,000 bytes"),
    "zstd bomb": (lambda: package({"collection.anki21b": BOMB}), "larger than 1,000,000 bytes"),
    "no zstd": (lambda: package({"collection.anki21b": b"plain"}), "cannot be unpacked"),
    "new map cut off": (lambda: new(entry(b"a.png")[:-2]), "damaged"),
    "new map leads out": (lambda: new(entry(b"../a.png")), "a path outside of it"),
    "no database": (lambda: package({"collection.anki2": b"x" * 4096}), "is not a database"),
    "broken database": (broken, "database"),
    "no notes": (lambda: altered("DROP TABLE notes;"), "no table `notes`"),
    "endless view": (lambda: altered(ENDLESS), "no table `notes`"),
    "type not there": (
        lambda: altered("UPDATE notes SET mid = 9;"),
        "the note type of a note",
    ),
    "types broken": (
        lambda: altered("UPDATE col SET models = '{\"1\": 5}';"),
        "note types cannot be read",
    ),
    "types without settings": (lambda: altered(UNTYPED), "note types cannot be read"),
    "types too deep": (lambda: altered(DEEP_TYPES), "note types cannot be read"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packages_are_refused_without_a_trace(
    bare: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, said = HOSTILE[name]
    monkeypatch.setattr("deckwright.exchange.importer.apkg.MAX_DATABASE", 1_000_000)
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
        (b"", "contains no notes"),
        (b"\xff\xfa\x00binary", "neither a package nor text"),
        (b"a\0b\tc", "neither a package nor text"),
        (b"one column\nonly\n", "no tabs between columns"),
        (b"#separator:tab\n#guid column:x\na\tb\n", "is not the number of a column"),
        (b'#separator:comma\na,"b\n', "line 2 cannot be read"),
    ],
)
def test_text_that_is_none_is_refused(bare: Path, tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "notes.txt").write_bytes(data)
    result = run(bare, "import", str(tmp_path / "notes.txt"), *HERE)
    assert result.code == 2
    assert said in result.err


def test_a_folder_and_a_missing_file_are_refused(bare: Path, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.apkg"):
        result = run(bare, "import", str(path), *HERE)
        assert result.code == 2
        assert ("not a regular file" if path.exists() else "no such file") in result.err


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
    assert "no space left on device" in result.err
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
    assert (result.code, "a.md cannot be read or written: file exists" in result.err) == (2, True)
    assert path.read_text("utf-8") == "mine\n"
    assert not (bare / "decks/imported").exists()
