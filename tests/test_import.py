"""`import`: decks of other programs become card files; what cannot be said is listed, what is hostile is refused, nothing is overwritten."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import stat
import time
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import genanki
import pytest
import zstandard
from anki.collection import Collection, ExportAnkiPackageOptions
from anki.decks import DeckId
from conftest import FULL, REPO, make_project, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deckwright import markdown
from deckwright.cards.ids import propose, slug
from deckwright.core import files
from deckwright.core.source import Source
from deckwright.exchange.importer import plan
from deckwright.exchange.importer.card_fields import CardWriter
from deckwright.exchange.importer.pictures import Album
from deckwright.exchange.importer.plan import ImportPlan

HERE = ("--to", "4.2-services/polly", "--topic", "voices")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060606000000005000180d30e6b0000000049454e44ae426082"
)
Notes = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]


def written(project: Path) -> str:
    """All imported card files of a project, one after the other."""
    return "\n".join(path.read_text("utf-8") for path in sorted(project.glob("cards/**/*.md")))


def section(text: str, card: str) -> str:
    return re.split(r"(?m)^## ", text.split(f"## {card}\n", 1)[1])[0].strip()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def codes(project: Path) -> set[str]:
    """Codes of the errors that `check` has to say."""
    return set(re.findall(r": error ([A-Z]\d+):", run(project, "check").out))


def packed(path: Path) -> Notes:
    """Fields and tags of the notes in a package of ours, by guid."""
    with zipfile.ZipFile(path) as archive:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(archive.read("collection.anki2"))
        rows = connection.execute("SELECT guid, flds, tags FROM notes").fetchall()
        connection.close()
    return {guid: (tuple(fields.split("\x1f")), tuple(tags.split())) for guid, fields, tags in rows}


# --- decks of other origin --------------------------------------------------------------------------------------------------------------


def with_genanki(path: Path, folder: Path) -> None:
    """Geography, as scripts make it: a type of its own with a picture and a field that no template shows, one cloze, hierarchical tags."""
    (folder / "flag of spain.png").write_bytes(PNG)
    country = genanki.Model(
        1607392319,
        "Country",
        fields=[{"name": n} for n in ("Country", "Capital", "Flag", "Source", "Remark")],
        templates=[
            {
                "name": "Capital",
                "qfmt": "Capital of {{Country}}?",
                "afmt": '{{FrontSide}}<hr id="answer">{{Capital}}<br>{{Flag}}',
            },
            {
                "name": "Country",
                "qfmt": "{{Capital}} is the capital of?",
                "afmt": "{{FrontSide}}<hr>{{Country}}",
            },
        ],
    )
    deck = genanki.Deck(2059400110, "Geography::Europe")
    picture = '<img src="flag of spain.png">'
    fields = ["Spain", "Madrid", picture, "https://example.org/spain", "since 1561"]
    deck.add_note(genanki.Note(country, fields, tags=["geo::europe", "Amazon_S3"]))
    deck.add_note(genanki.Note(country, ["Portugal", "Lisboa", "", "an old atlas", ""]))
    deck.add_note(
        genanki.Note(
            genanki.CLOZE_MODEL, ["{{c1::Canberra::city}} was founded in {{c2::1913}}", ""]
        )
    )
    package = genanki.Package(deck)
    package.media_files = [str(folder / "flag of spain.png")]
    package.write_to_file(str(path))


def collection(folder: Path) -> Collection:
    """A learner's collection: basic, reversed, cloze, a picture, mathematics, and what editors leave behind."""
    col = Collection(str(folder / "learner.anki2"))
    (folder / "chart.png").write_bytes(PNG)
    name = col.media.add_file(str(folder / "chart.png"))

    def add(kind: str, *fields: str, tags: tuple[str, ...] = ()) -> None:
        notetype = col.models.by_name(kind)
        assert notetype is not None
        note = col.new_note(notetype)
        note.fields[: len(fields)] = fields
        note.tags = list(tags)
        col.add_note(note, col.decks.id("Learning::Statistics"))

    add(
        "Basic",
        "What does the <b>median</b> resist?",
        "Outliers&nbsp;<i>on one side</i>",
        tags=("stats::basics", "polly", "exam"),
    )
    add("Basic (and reversed card)", "mean", "average")
    add(
        "Cloze",
        r"The variance is {{c1::\(\frac{1}{n}\sum (x_i-\mu)^2\)}}, its root the {{c2::standard deviation::name}}.",
        "see below",
    )
    add("Cloze", "Only {{c2::the second}} gap is left here", "")
    add(
        "Basic",
        f'Which chart is this?<br><img src="{name}" style="width: 300px">',
        r"A histogram: \[h = \frac{2\,IQR}{n^{1/3}}\]",
    )
    return col


def export(col: Collection, path: Path, scheduled: bool, legacy: bool) -> Path:
    """A collection in a file, with one card studied where it is `scheduled`; which way, says the file's ending."""
    if scheduled:
        col.decks.select(col.decks.id("Learning::Statistics") or DeckId(1))
        card = col.sched.getCard()
        assert card is not None
        card.start_timer()
        col.sched.answerCard(card, 3)
    if path.suffix == ".colpkg":
        col.export_collection_package(str(path), include_media=True, legacy=legacy)
    elif path.suffix == ".txt":
        col.export_note_csv(
            out_path=str(path),
            limit=None,
            with_html=True,
            with_tags=True,
            with_deck=True,
            with_notetype=True,
            with_guid=True,
        )
    else:
        options = ExportAnkiPackageOptions(
            with_scheduling=scheduled, with_deck_configs=scheduled, with_media=True, legacy=legacy
        )
        col.export_anki_package(out_path=str(path), limit=None, options=options)
    return path


def test_a_deck_made_with_genanki(bare: Path, tmp_path: Path) -> None:
    with_genanki(tmp_path / "geo.apkg", tmp_path)
    result = run(bare, "import", str(tmp_path / "geo.apkg"), *HERE)
    assert result.code == 0, result.err
    text = (bare / "cards/4.2-services/polly/geo.md").read_text("utf-8")
    assert section(text, "polly-spain") == (
        "- kind: concept\n- topic: voices\n- also: s3\n- source: https://example.org/spain\n\nSpain\n\n---\n\nMadrid\n\n---\n\n"
        "**Flag**\n\n![](img/flag-of-spain.png)\n\n**Remark**\n\nsince 1561"
    )
    assert section(text, "polly-madrid-reversed").endswith("Madrid\n\n---\n\nSpain")
    assert section(text, "polly-portugal").endswith("Lisboa\n\n---\n\n**Source**\n\nan old atlas")
    assert "{{c1::Canberra::city}} was founded in {{c2::1913}}" in section(text, "polly-founded")
    assert (bare / "cards/4.2-services/polly/img/flag-of-spain.png").read_bytes() == PNG
    assert "tags that mean nothing here: geo::europe (2)" in result.out
    assert run(bare, "fmt", "--check").code == 0
    assert codes(bare) == {
        "R604"
    }  # the picture has no description: what is missing is said afterwards


def test_an_answer_to_type_is_the_answer(bare: Path, tmp_path: Path) -> None:
    deck = genanki.Deck(77, "Typed")
    deck.add_note(
        genanki.Note(
            genanki.BASIC_TYPE_IN_THE_ANSWER_MODEL, ["What is the giraffe called?", "Rita"]
        )
    )
    genanki.Package(deck).write_to_file(str(tmp_path / "typed.apkg"))
    assert run(bare, "import", str(tmp_path / "typed.apkg"), *HERE).code == 0
    text = (bare / "cards/4.2-services/polly/typed.md").read_text("utf-8")
    assert text.endswith("What is the giraffe called?\n\n---\n\nRita\n")


@pytest.mark.parametrize(
    ("name", "scheduled", "legacy"),
    [
        ("old.apkg", True, True), ("old-plain.apkg", False, True), ("new.apkg", False, False), ("new-studied.apkg", True, False),
        ("old.colpkg", True, True), ("new.colpkg", True, False),
    ],
)  # fmt: skip
def test_packages_of_anki_itself(
    bare: Path, tmp_path: Path, name: str, scheduled: bool, legacy: bool
) -> None:
    path = export(collection(tmp_path), tmp_path / name, scheduled, legacy)
    with zipfile.ZipFile(path) as archive:
        assert ("collection.anki21b" in archive.namelist()) == (not legacy)
    result = run(bare, "import", str(path), *HERE, "--name", "stats")
    assert result.code == 0, result.err
    assert ("1 of its cards have been studied" in result.out) == scheduled
    text = (bare / "cards/4.2-services/polly/stats.md").read_text("utf-8")
    assert section(text, "polly-median-resist").endswith(
        "What does the **median** resist?\n\n---\n\nOutliers *on one side*"
    )
    assert section(text, "polly-mean").endswith("mean\n\n---\n\naverage")
    assert section(text, "polly-average-reversed").endswith("average\n\n---\n\nmean")
    assert (
        r"{{c1::$\frac{1}{n}\sum (x_i-\mu)^2$}}, its root the {{c2::standard deviation::name}}."
        in text
    )
    assert "Only {{c1::the second}} gap is left here" in text
    assert "its gaps are numbered anew: 2 is 1" in result.out
    assert (
        "Which chart is this?\\\n![](img/chart.png)\n\n---\n\nA histogram:\n\n$$\nh = \\frac{2\\,IQR}{n^{1/3}}\n$$"
        in text
    )
    assert (bare / "cards/4.2-services/polly/img/chart.png").read_bytes() == PNG
    assert "tags that mean nothing here: exam (1), stats::basics (1)" in result.out
    assert codes(bare) == {"R604"}


def test_a_text_export_of_anki_has_headers(bare: Path, tmp_path: Path) -> None:
    col = collection(tmp_path)
    path = export(col, tmp_path / "notes.txt", False, False)
    result = run(bare, "import", str(path), *HERE)
    text = (bare / "cards/4.2-services/polly/notes.md").read_text("utf-8")
    assert section(text, "polly-median-resist").endswith(
        "What does the **median** resist?\n\n---\n\nOutliers *on one side*"
    )
    assert "{{c2::standard deviation::name}}" in text
    assert "a picture is not in the file: chart.png" in result.out
    assert "(picture: chart.png)" in text
    # The same notes from a package are known again by their guids.
    again = run(bare, "import", str(export(col, tmp_path / "notes.apkg", False, False)), *HERE)
    assert "there already: 5 cards" in again.out
    assert "## polly-average-reversed\n" in (
        bare / "cards/4.2-services/polly/notes-2.md"
    ).read_text("utf-8")  # the text does not tell of it


def test_a_csv_file_names_its_columns(bare: Path, tmp_path: Path) -> None:
    rows = 'question;answer;tags;Chapter\n"Where does ""Faust"" begin?";In heaven;goethe s3;1\n2 * 3 * 4 = ?;24;;\n"two\nlines";# no heading;;2\n'
    (tmp_path / "reading list.csv").write_bytes("\ufeff".encode() + rows.encode())
    result = run(bare, "import", str(tmp_path / "reading list.csv"), *HERE)
    assert result.code == 0, result.err
    text = (bare / "cards/4.2-services/polly/reading-list.md").read_text("utf-8")
    assert section(text, "polly-faust-begin") == (
        '- kind: concept\n- topic: voices\n- also: s3\n\nWhere does "Faust" begin?\n\n---\n\nIn heaven\n\n---\n\n**Chapter**\n\n1'
    )
    assert section(text, "polly-2-3-4").startswith(
        "- kind: concept\n- topic: voices\n\n2 * 3 * 4 = ?\n\n---\n\n24"
    )
    assert section(text, "polly-two-lines").endswith(
        "two\\\nlines\n\n---\n\n\\# no heading\n\n---\n\n**Chapter**\n\n2"
    )
    assert codes(bare) == set()


def test_terms_and_definitions_with_tabs(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "quizlet.txt").write_text(
        '"Hund" in English\tdog\nprice of *one*\t$5, or $10 <b\nKatze\tcat\nor: tomcat\n# hash\ta sign\n',
        "utf-8",
    )
    result = run(bare, "import", str(tmp_path / "quizlet.txt"), *HERE)
    assert result.code == 0, result.err
    assert "line 4 has no tab: it goes on the line above" in result.out
    text = (bare / "cards/4.2-services/polly/quizlet.md").read_text("utf-8")
    assert section(text, "polly-hund-english").endswith('"Hund" in English\n\n---\n\ndog')
    assert section(text, "polly-price-one").endswith(
        "price of \\*one\\*\n\n---\n\n\\$5, or \\$10 \\<b"
    )
    assert section(text, "polly-katze").endswith("Katze\n\n---\n\ncat\\\nor: tomcat")
    assert section(text, "polly-hash").endswith("\\# hash\n\n---\n\na sign")


NESTED = """<h2>Sorting</h2><div>Compare <span style="color: red">these</span>:</div>
<table><tbody><tr><td>name</td><td>worst&nbsp;case</td></tr><tr><td><b>quick</b></td><td>n<sup>2</sup><br>rarely</td></tr></tbody></table>
<ul><li>in place<ol><li>heap</li><li>quick</li></ol></li><li>stable: <code>merge|tim</code></li></ul>
<pre><code class="language-python">def f(x):<br>    return x &lt; 1</code></pre><blockquote>as <u>taught</u></blockquote>
<script>alert(1)</script>[sound:bell.mp3]<a href="javascript:x()">bad</a> <a href="https://example.org/a_(b)">good</a>"""


def test_nested_html_keeps_its_shape_and_tells_what_it_lost(bare: Path, tmp_path: Path) -> None:
    deck = genanki.Deck(77, "Web")
    deck.add_note(genanki.Note(genanki.BASIC_MODEL, ["Sorting, all of it?", NESTED]))
    deck.add_note(
        genanki.Note(
            genanki.CLOZE_MODEL,
            ["<div>{{c1::<ul><li>a</li><li>b</li></ul>}}</div><pre>x = {{c2::1}}\ny</pre>", ""],
        )
    )
    deck.add_note(
        genanki.Note(
            genanki.CLOZE_MODEL,
            ["<b>cut {{c1::here</b> and}} {{c2::in {{c3::side}} too}} {{c4::open", ""],
        )
    )
    genanki.Package(deck).write_to_file(str(tmp_path / "web.apkg"))
    result = run(bare, "import", str(tmp_path / "web.apkg"), *HERE)
    text = (bare / "cards/4.2-services/polly/web.md").read_text("utf-8")
    assert section(text, "polly-sorting-all").split("---\n\n", 1)[1] == (
        "**Sorting**\n\nCompare these:\n\n| name | worst case |\n| --- | --- |\n| **quick** | n² / rarely |\n\n"
        "- in place\n  1. heap\n  2. quick\n- stable: `merge|tim`\n\n```python\ndef f(x):\n    return x < 1\n```\n\n> as taught\n\n"
        "(sound: bell.mp3)bad [good](<https://example.org/a_(b)>)"
    )
    for remark in (
        "heading",
        "colours",
        "first row",
        "side by side",
        "underlining",
        "a script is left out",
        "a sound",
        "a link is left out",
    ):
        assert remark in result.out, remark
    assert "* {{c1::a}}\n* {{c1::b}}\n\n`x = `{{c2::`1`}}\\\n`y`" in text
    assert "**cut** {{c1::**here** and}} {{c2::in }}{{c3::side}}{{c2:: too}} { {c4::open" in text
    assert "a gap stood inside another" in result.out
    assert "gap 4 is not closed" in result.out
    assert run(bare, "fmt", "--check").code == 0


# --- again, and beside what is there ----------------------------------------------------------------------------------------------------


def test_a_second_import_brings_what_is_new_under_ids_that_stay(bare: Path, tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("alpha one\tfirst\nalpha two\tsecond\n", "utf-8")
    run(bare, "import", str(path), *HERE)
    before = tree(bare)
    assert run(bare, "import", str(path), *HERE).err.strip() == "0 cards written"
    assert tree(bare) == before
    path.write_text(
        "a new line\tzeroth\nalpha two\tsecond, and changed\nalpha one\tfirst\n", "utf-8"
    )
    result = run(bare, "import", str(path), *HERE)
    assert result.err.strip() == "1 card written"
    assert "left as it is, though the file says something else now: polly-alpha-two" in result.out
    after = tree(bare)
    assert {name: after[name] for name in before if "imported" not in name} == {
        n: d for n, d in before.items() if "imported" not in n
    }
    assert "polly-new-line" in after["cards/4.2-services/polly/words-2.md"].decode()
    # Who takes the file away and imports again gets the same ids.
    for name in ("words.md", "words-2.md"):
        (bare / "cards/4.2-services/polly" / name).unlink()
    run(bare, "import", str(path), *HERE)
    assert re.findall(r"(?m)^## (.*)", written(bare))[-3:] == [
        "polly-new-line",
        "polly-alpha-two",
        "polly-alpha-one",
    ]


def test_what_is_asked_already_is_shown_and_not_written(mini: Path, tmp_path: Path) -> None:
    run(mini, "decks")
    known = next(
        row
        for row in json.loads((mini / "dist/cards.json").read_text("utf-8"))
        if row["type"] == "basic"
    )
    raw = next(
        path
        for path in mini.glob("cards/**/*.md")
        if f"## {known['id']}\n" in path.read_text("utf-8")
    )
    body = section(raw.read_text("utf-8"), known["id"])
    question, answer = (part.strip() for part in body.split("\n\n", 1)[1].split("---")[:2])
    (tmp_path / "twice.tsv").write_text(
        f"{question}\t{answer}\nSomething quite else, is it?\tYes, something\n", "utf-8"
    )
    result = run(mini, "import", str(tmp_path / "twice.tsv"), *HERE)
    assert f"not written, {known['id']} asks the same: " in result.out
    assert result.err.strip() == "1 card written"
    assert codes(mini) == set()


def test_a_dry_run_writes_nothing(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("q one\ta\n", "utf-8")
    before = tree(bare)
    result = run(bare, "import", str(tmp_path / "a.tsv"), *HERE, "--dry-run")
    assert "cards/4.2-services/polly/a.md: 1 card" in result.out
    assert result.err.strip() == "1 card would be written"
    assert tree(bare) == before


def test_another_root_has_a_namespace_and_a_record_of_its_own(bare: Path, tmp_path: Path) -> None:
    settings_file = bare / "decks/project.toml"
    text = settings_file.read_text("utf-8")
    settings_file.write_text(
        text.replace(
            "[[package]]", '[[root]]\npath = "cards/mine"\nnamespace = "mine"\n\n[[package]]', 1
        ),
        "utf-8",
    )
    (bare / "cards/mine").mkdir()
    (tmp_path / "a.tsv").write_text("q one\ta\n", "utf-8")
    assert run(bare, "import", str(tmp_path / "a.tsv"), *HERE, "--in", "cards/mine").code == 0
    assert (bare / "cards/mine/4.2-services/polly/a.md").exists()
    assert (bare / "decks/imported/mine.tsv").exists()
    assert run(bare, "check").code == 0
    assert (
        "did you mean `cards/mine`?"
        in run(bare, "import", str(tmp_path / "a.tsv"), *HERE, "--in", "cards/mime").err
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "1 cards".replace("1 cards", "a card names neither task nor service nor topic")),
        (("--to", "4.2-services/poly", "--topic", "voices"), "did you mean `4.2-services/polly`?"),
        (("--to", "4.2-services/polly"), "--topic is missing"),
        (("--to", "4.2/polly", "--topic", "copies"), "task 4.2 has no topic `copies`"),
        (("--topic", "voices"), "--to is missing"),
    ],
)
def test_a_card_without_a_home_needs_one(
    bare: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "a.tsv").write_text("q\ta\n", "utf-8")
    before = tree(bare)
    result = run(bare, "import", str(tmp_path / "a.tsv"), *arguments)
    assert result.code == 2
    assert said in result.err
    assert tree(bare) == before


def test_many_notes_go_into_several_files(bare: Path, tmp_path: Path) -> None:
    lines = [f"What is the square of {n}?\t{n * n}" for n in range(60)]
    (tmp_path / "a.tsv").write_text("\n".join(lines), "utf-8")
    result = run(bare, "import", str(tmp_path / "a.tsv"), *HERE)
    assert (result.code, result.err) == (0, "60 cards written\n")
    names = ("a.md", "a-2.md", "a-3.md")
    texts = [(bare / "cards/4.2-services/polly" / name).read_text("utf-8") for name in names]
    assert [text.count("\n## ") for text in texts] == [22, 22, 16]
    assert all(text.count("\n") <= 250 for text in texts)


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
    monkeypatch.setattr(plan, "plan", planned)
    result = run(bare, "import", str(tmp_path / "a.tsv"), *HERE)
    assert (result.code, "a.md cannot be read or written: file exists" in result.err) == (2, True)
    assert path.read_text("utf-8") == "mine\n"
    assert not (bare / "decks/imported").exists()


# --- hostile files ----------------------------------------------------------------------------------------------------------------------


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
        "CREATE TABLE col (models TEXT); CREATE TABLE notes (id INTEGER, guid TEXT, mid INTEGER, tags TEXT, flds TEXT);"
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
ENDLESS = "DROP TABLE notes; CREATE VIEW notes AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id, '' guid, 1 mid, '' tags, '' flds FROM n;"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "wrong magic": (lambda: b"GIF89a not a package", "called a package and is none"),
    "empty": (lambda: b"", "called a package and is none"),
    "bare collection": (lambda: database(), "bare collection"),
    "no zip after all": (lambda: b"PK\x03\x04" + bytes(200), "damaged"),
    "cut off": (lambda: package({"collection.anki2": database()})[:-40], "damaged"),
    "no package": (lambda: package({"word/document.xml": b"<x/>"}), "no Anki package"),
    "leads out": (lambda: package({"collection.anki2": database(), "../../evil": b"x"}), "leads out of it: '../../evil'"),
    "absolute": (lambda: package({"collection.anki2": database(), "/etc/passwd": b"x"}), "leads out of it"),
    "windows": (lambda: package({"collection.anki2": database(), "..\\evil": b"x"}), "leads out of it"),
    "picture leads out": (lambda: package({"collection.anki2": database(), "media": b'{"0": "../x.png"}', "0": PNG}), "leads out of it"),
    "link": (lambda: package({"collection.anki2": database(), "0": b"/etc/passwd"}, **{"0": (stat.S_IFLNK | 0o777) << 16}), "a link"),
    "map is no map": (lambda: package({"collection.anki2": database(), "media": b"[1]"}), "list of pictures"),
    "map too deep": (lambda: package({"collection.anki2": database(), "media": b"[" * 200_000}), "damaged"),
    "zip bomb": (lambda: package({"collection.anki2": bytes(2_000_000)}), "more than 1,000,000 bytes"),
    "zstd bomb": (lambda: package({"collection.anki21b": BOMB}), "more than 1,000,000 bytes"),
    "no zstd": (lambda: package({"collection.anki21b": b"plain"}), "cannot be unpacked"),
    "new map cut off": (
        lambda: package(
            {"collection.anki21b": zstandard.compress(database()), "media": zstandard.compress(entry(b"a.png")[:-2])}
        ),
        "damaged",
    ),
    "new map leads out": (
        lambda: package({"collection.anki21b": zstandard.compress(database()), "media": zstandard.compress(entry(b"../a.png"))}),
        "leads out of it",
    ),
    "no database": (lambda: package({"collection.anki2": b"x" * 4096}), "no database"),
    "broken database": (lambda: package({"collection.anki2": database()[:4096] + b"\xff" * (len(database()) - 4096)}), "database"),
    "no notes": (lambda: package({"collection.anki2": database("DROP TABLE notes;")}), "no table of notes"),
    "endless view": (lambda: package({"collection.anki2": database(ENDLESS)}), "no table of notes"),
    "type not there": (lambda: package({"collection.anki2": database("UPDATE notes SET mid = 9;")}), "a type that is not there"),
    "types broken": (lambda: package({"collection.anki2": database("UPDATE col SET models = '{\"1\": 5}';")}), "note types cannot be read"),
    "types too deep": (
        lambda: package({"collection.anki2": database("UPDATE col SET models = replace(hex(zeroblob(100000)), '00', '[');")}),
        "note types cannot be read",
    ),
}  # fmt: skip


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
        (b"", "holds no notes"),
        (b"\xff\xfa\x00binary", "neither a package nor text"),
        (b"a\0b\tc", "neither a package nor text"),
        (b"one column\nonly\n", "nothing parts the columns"),
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
        assert ("no regular file" if path.exists() else "no such file") in result.err


# --- properties -------------------------------------------------------------------------------------------------------------------------


def test_the_real_deck_comes_back_as_it_was(tmp_path: Path) -> None:
    """Build → import into an empty project → build: the same notes, field for field and tag for tag."""
    assert run(REPO, "decks", "--out", str(tmp_path / "dist")).code == 0
    project = make_project(tmp_path / "p", cards=False)
    for name in ("schema", "decks"):
        for path in (REPO / name).rglob("*.toml"):
            if "ledger" not in path.parts and "retired" not in path.parts:
                (project / path.relative_to(REPO)).parent.mkdir(parents=True, exist_ok=True)
                (project / path.relative_to(REPO)).write_bytes(path.read_bytes())
    (project / "schema/vocabulary/mini.toml").unlink()
    (project / "schema/vocabulary/words.txt").write_bytes(
        (REPO / "schema/vocabulary/words.txt").read_bytes()
    )
    result = run(project, "import", str(tmp_path / "dist/all.apkg"))
    assert result.code == 0, result.err
    assert "not with all" not in result.err
    assert run(project, "decks").code == 0
    before, after = packed(tmp_path / "dist/all.apkg"), packed(project / "dist/all.apkg")
    assert len(before) > 100
    assert after == before
    assert run(project, "import", str(tmp_path / "dist/all.apkg")).err.strip() == "0 cards written"


PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp"]),
    min_size=1,
    max_size=12,
)
SIGNS = st.text("ab 1.*_`#>-+=|~[](){}<>&!\\$\n:;", min_size=1, max_size=14)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tags = st.sampled_from(
        [
            "b",
            "i",
            "div",
            "p",
            "span",
            "code",
            "pre",
            "ul><li",
            "ol><li",
            "blockquote",
            "table><tr><td",
            "h2",
            "u",
            "a href='https://e.org/x'",
            "del",
        ]
    )
    return st.one_of(
        st.builds(
            lambda tag, text: (
                f"<{tag}>{text}" + "".join(f"</{t.split()[0]}>" for t in reversed(tag.split("><")))
            ),
            tags,
            inner,
        ),
        st.builds(lambda number, text: f"{{{{c{number}::{text}}}}}", st.integers(1, 3), inner),
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: f"{a}<br>{b}", inner, inner),
    )


HTML = st.recursive(st.one_of(PLAIN, SIGNS).map(escaped), wrapped, max_leaves=8)


def letters(html: str) -> str:
    """Letters and digits of a piece of HTML, read in the simplest way there is."""
    text = re.sub(r"\{\s?\{c\d+::", "", unescape(re.sub(r"<(?:/?[a-z][^<>]*|!-- --)>", "", html)))
    return "".join(c for c in text if c.isalnum())


@given(HTML)
@settings(
    max_examples=2000 if FULL else 150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
def test_any_html_says_the_same_as_markdown(html: str) -> None:
    """Whatever the HTML, the Markdown that is written compiles to the same letters in the same order."""
    text = CardWriter(Album({}, {}, (), "t"), "cards/a/b").write(html, gaps=True)
    assert letters(markdown.html(markdown.parse(Source("a.md", text)), str)) == letters(
        unicodedata.normalize("NFC", html)
    )


@pytest.mark.parametrize(
    "piece",
    [
        "<a",
        "<",
        "<!--",
        "<![",
        "{{c1::",
        "{{c1::a}}",
        "{{c1::a}}<b>x</b>",
        "<b>{{c1::a</b>}}",
        "[sound:",
        "<div>",
    ],
)
def test_the_worst_fields_take_seconds_not_hours(piece: str) -> None:
    began = time.process_time()
    CardWriter(Album({}, {}, (), "t"), "cards/a/b").write(piece * (50_000 // len(piece)), gaps=True)
    assert time.process_time() - began < 20


@given(st.text(max_size=80))
def test_proposed_ids_are_ids_and_free(text: str) -> None:
    taken: set[str] = set()
    for _ in range(3):
        name = propose(text, "polly", taken.__contains__)
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)
        assert len(name) <= 60
        assert name not in taken
        taken.add(name)
    assert slug(slug(text)) == slug(text)
