"""The mini project compiles to exactly what stands in tests/golden/. `make accept`
rewrites it; the diff is read like code.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

from conftest import ACCEPT, REPO, run

GOLDEN = REPO / "tests" / "golden"


def compare(name: str, found: str) -> None:
    path = GOLDEN / name
    if ACCEPT:
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8")


def rows(package: Path, folder: Path) -> str:
    """The notes, cards and decks of a package as text, without note types."""
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        media = json.loads(archive.read("media"))
        (folder / "x.anki2").write_bytes(archive.read("collection.anki2"))
    db = sqlite3.connect(folder / "x.anki2")
    out = [f"members: {' '.join(names)}", f"media: {json.dumps(media, sort_keys=True)}", "decks:"]
    decks = {
        int(k): v["name"]
        for k, v in json.loads(db.execute("select decks from col").fetchone()[0]).items()
    }
    out += [f"  {name}" for name in sorted(decks.values())]
    out.append("notes: id guid tags")
    out += [
        f"  {i} {g} {t.strip()}"
        for i, g, t in db.execute("select id, guid, tags from notes order by rowid")
    ]
    out.append("cards: id note deck ord due type queue")
    out += [
        f"  {i} {n} {decks[d]} {o} {due} {t} {q}"
        for i, n, d, o, due, t, q in db.execute(
            "select id, nid, did, ord, due, type, queue from cards order by id"
        )
    ]
    db.close()
    return "\n".join(out) + "\n"


def test_cards_json(mini: Path) -> None:
    assert run(mini, "decks").code == 0
    found = json.loads((mini / "dist" / "cards.json").read_text("utf-8"))
    for row in found["cards"]:  # they follow from the note type's ids, which are the real deck's
        del row["mod"], row["content"], row["labels"]
    compare("cards.json", json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def test_rows_of_the_packages(mini: Path, tmp_path: Path) -> None:
    assert run(mini, "decks").code == 0
    for name in ("all.apkg", "service/s3.apkg"):
        compare(name.replace("/", "-") + ".txt", rows(mini / "dist" / name, tmp_path))


def test_coverage(mini: Path) -> None:
    compare("coverage.txt", run(mini, "coverage", "--all").out)
    compare("coverage-short.txt", run(mini, "coverage").out)
    compare("coverage.json", run(mini, "coverage", "--format", "json").out)


def test_dist_holds_exactly_what_was_asked_for(mini: Path) -> None:
    run(mini, "decks")
    compare(
        "dist.txt",
        "\n".join(
            sorted(
                p.relative_to(mini / "dist").as_posix()
                for p in (mini / "dist").rglob("*")
                if p.is_file()
            )
        )
        + "\n",
    )
