"""`import`: decks of other programs become card files.

What cannot be said is listed, and nothing that exists is overwritten.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from base64 import b64encode
from itertools import pairwise
from pathlib import Path

import genanki
import pytest
from anki.collection import ImportAnkiPackageRequest
from conftest import REPO, codes, run
from foreign_decks import HERE, PNG, collection, export, section, tree, with_genanki, written


def test_a_deck_made_with_genanki(bare: Path, tmp_path: Path) -> None:
    with_genanki(tmp_path / "geo.apkg", tmp_path)
    result = run(bare, "import", str(tmp_path / "geo.apkg"), *HERE)
    assert result.code == 0, result.err
    text = (bare / "cards/4.2-services/polly/geo.md").read_text("utf-8")
    assert section(text, "polly-spain") == (
        "- kind: concept\n- topic: voices\n- also: s3\n- tags: geo::europe\n- source: https://example.org/spain\n\nSpain\n\n---\n\nMadrid\n\n---\n\n"
        "**Flag**\n\n![](img/flag-of-spain.png)\n\n**Remark**\n\nsince 1561"
    )
    assert section(text, "polly-madrid-reversed").endswith("Madrid\n\n---\n\nSpain")
    assert section(text, "polly-portugal").endswith("Lisboa\n\n---\n\n**Source**\n\nan old atlas")
    assert "{{c1::Canberra::city}} was founded in {{c2::1913}}" in section(text, "polly-founded")
    assert (bare / "cards/4.2-services/polly/img/flag-of-spain.png").read_bytes() == PNG
    assert "tags that" not in result.out
    assert run(bare, "fmt", "--check").code == 0
    assert codes(bare, "error") == ["R604"]  # the picture has no description


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
        ("old.apkg", True, True), ("old-plain.apkg", False, True), ("old.colpkg", True, True),
        ("new.apkg", False, False), ("new-studied.apkg", True, False), ("new.colpkg", True, False),
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
    assert ("studied" in result.out) == scheduled
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
    assert "renumbered: 2 is now 1" in result.out
    assert (
        "Which chart is this?\\\n![](img/chart.png)\n\n---\n\nA histogram:\n\n"
        "$$\nh = \\frac{2\\,IQR}{n^{1/3}}\n$$" in text
    )
    assert (bare / "cards/4.2-services/polly/img/chart.png").read_bytes() == PNG
    assert "- tags: exam, stats::basics\n" in text
    assert "- also: " not in text
    assert set(codes(bare, "error")) == {"R604"}


def test_a_text_export_of_anki_has_headers(bare: Path, tmp_path: Path) -> None:
    col = collection(tmp_path)
    path = export(col, tmp_path / "notes.txt", False, False)
    result = run(bare, "import", str(path), *HERE)
    text = (bare / "cards/4.2-services/polly/notes.md").read_text("utf-8")
    assert section(text, "polly-median-resist").endswith(
        "What does the **median** resist?\n\n---\n\nOutliers *on one side*"
    )
    assert "{{c2::standard deviation::name}}" in text
    assert re.search("not in .*: chart.png", result.out)
    assert "(image: chart.png)" in text
    # The same notes from a package are known again by their guids.
    again = run(bare, "import", str(export(col, tmp_path / "notes.apkg", False, False)), *HERE)
    assert re.search("already .* 5 cards", again.out)
    assert "## polly-average-reversed\n" in (
        bare / "cards/4.2-services/polly/notes-2.md"
    ).read_text("utf-8")  # the text does not tell of it


def test_a_csv_file_names_its_columns(bare: Path, tmp_path: Path) -> None:
    rows = (
        'question;answer;tags;Chapter\n"Where does ""Faust"" begin?";In heaven;goethe s3;1\n'
        '2 * 3 * 4 = ?;24;;\n"two\nlines";# no heading;;2\n'
    )
    (tmp_path / "reading list.csv").write_bytes("\ufeff".encode() + rows.encode())
    result = run(bare, "import", str(tmp_path / "reading list.csv"), *HERE)
    assert result.code == 0, result.err
    text = (bare / "cards/4.2-services/polly/reading-list.md").read_text("utf-8")
    assert section(text, "polly-faust-begin") == (
        "- kind: concept\n- topic: voices\n- also: s3\n- tags: goethe\n\n"
        'Where does "Faust" begin?\n\n---\n\n'
        "In heaven\n\n---\n\n**Chapter**\n\n1"
    )
    assert section(text, "polly-2-3-4").startswith(
        "- kind: concept\n- topic: voices\n\n2 * 3 * 4 = ?\n\n---\n\n24"
    )
    assert section(text, "polly-two-lines").endswith(
        "two\\\nlines\n\n---\n\n\\# no heading\n\n---\n\n**Chapter**\n\n2"
    )
    assert codes(bare, "error") == []


def test_terms_and_definitions_with_tabs(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "quizlet.txt").write_text(
        '"Hund" in English\tdog\nprice of *one*\t$5, or $10 <b\nKatze\tcat\nor: tomcat\n'
        "# hash\ta sign\n",
        "utf-8",
    )
    result = run(bare, "import", str(tmp_path / "quizlet.txt"), *HERE)
    assert result.code == 0, result.err
    assert "line 4" in result.out
    text = (bare / "cards/4.2-services/polly/quizlet.md").read_text("utf-8")
    assert section(text, "polly-hund-english").endswith('"Hund" in English\n\n---\n\ndog')
    assert section(text, "polly-price-one").endswith(
        "price of \\*one\\*\n\n---\n\n\\$5, or \\$10 \\<b"
    )
    assert section(text, "polly-katze").endswith("Katze\n\n---\n\ncat\\\nor: tomcat")
    assert section(text, "polly-hash").endswith("\\# hash\n\n---\n\na sign")


NESTED = """\
<h2>Sorting</h2><div>Compare <span style="color: red">these</span>:</div>
<table><tbody><tr><td>name</td><td>worst&nbsp;case</td></tr><tr><td><b>quick</b></td><td>n<sup>2</sup><br>rarely</td></tr></tbody></table>
<ul><li>in place<ol><li>heap</li><li>quick</li></ol></li>
<li>stable: <code>merge|tim</code></li></ul>
<pre><code class="language-python">def f(x):<br>    return x &lt; 1</code></pre>
<blockquote>as <u>taught</u></blockquote>
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
        "**Sorting**\n\nCompare these:\n\n"
        "| name | worst case |\n| --- | --- |\n| **quick** | n² / rarely |\n\n"
        "- in place\n  1. heap\n  2. quick\n- stable: `merge|tim`\n\n"
        "```python\ndef f(x):\n    return x < 1\n```\n\n> as taught\n\n"
        "(sound: bell.mp3)bad [good](<https://example.org/a_(b)>)"
    )
    for remark in (
        "heading",
        "colors",
        "first row",
        "slash",
        "underlining",
        "a script",
        "a sound",
        "a link",
        "inside another",
        "gap 4",
    ):
        assert remark in result.out, remark
    assert "* {{c1::a}}\n* {{c1::b}}\n\n`x = `{{c2::`1`}}\\\n`y`" in text
    assert "**cut** {{c1::**here** and}} {{c2::in }}{{c3::side}}{{c2:: too}} { {c4::open" in text
    assert run(bare, "fmt", "--check").code == 0


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
    assert "has changed: polly-alpha-two" in result.out
    after = tree(bare)
    assert {name: after[name] for name in before if "imported" not in name} == {
        n: d for n, d in before.items() if "imported" not in n
    }
    assert "polly-new-line" in after["cards/4.2-services/polly/words-2.md"].decode()
    # After the files are deleted, another import gives the same ids.
    for name in ("words.md", "words-2.md"):
        (bare / "cards/4.2-services/polly" / name).unlink()
    run(bare, "import", str(path), *HERE)
    assert re.findall(r"(?m)^## (.*)", written(bare))[-3:] == [
        "polly-new-line",
        "polly-alpha-two",
        "polly-alpha-one",
    ]


KILLED = """
import os, signal, sys
name, at, calls = sys.argv.pop(1), int(sys.argv.pop(1)), 0
call = getattr(os, name)


def counted(*arguments, **keywords):
    global calls
    calls += 1
    if calls == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return call(*arguments, **keywords)


setattr(os, name, counted)
from deckwright.cli.main import main
main()
"""


def started(project: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    """An import as a process of its own, which `code` runs."""
    command = [sys.executable, "-c", code, *arguments[:-1]]
    options = ["--root", str(project), "--no-cache", "import", arguments[-1], *HERE]
    return subprocess.Popen([*command, *options], cwd=REPO, stderr=subprocess.PIPE, text=True)


def recorded(project: Path) -> set[str]:
    """The ids of the cards in the record."""
    record = project / "decks/imported/mini.tsv"
    lines = record.read_text("utf-8").splitlines() if record.exists() else []
    return {line.split("\t")[0] for line in lines if not line.startswith("#")}


def ids(project: Path) -> list[str]:
    """The ids of all cards, sorted."""
    return sorted(re.findall(r"(?m)^## (.*)", written(project)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no signal ends a process at once")
def test_whenever_an_import_is_killed_another_one_completes_it(bare: Path, tmp_path: Path) -> None:
    """Also if the cards that are there have been edited by then: none comes twice."""
    picture = f'<img src="data:image/png;base64,{b64encode(PNG).decode()}">'
    rows = [f"Question number {n}?\tAnswer {n} {picture if n == 39 else ''}" for n in range(40)]
    path = tmp_path / "many.txt"
    path.write_text("\n".join(["#separator:tab", "#html:true", *rows]), "utf-8")
    left = []
    for name, at in [(name, at) for at in (1, 2, 3, 4, 5) for name in ("replace", "fdopen")]:
        project = shutil.copytree(bare, tmp_path / f"{name}-{at}")
        process = started(project, KILLED, name, str(at), str(path))
        _, said = process.communicate(timeout=60)
        assert process.returncode in (0, -signal.SIGKILL), said
        left.append(len(ids(project)))
        assert set(ids(project)) <= recorded(project), (name, at)
        assert {p.suffix for p in project.glob("cards/**/*.*") if p.is_file()} != {".md"}
        for file in project.glob("cards/**/*.md"):
            file.write_text(file.read_text("utf-8").replace("Question", "Edited"), "utf-8")
        result = run(project, "import", str(path), *HERE)
        assert result.code == 0, result.err
        assert len(ids(project)) == len(set(ids(project))) == 40, (name, at)
        assert recorded(project) == set(ids(project)), (name, at)
        assert len([*project.glob("cards/**/img/*.png")]) == 1
        assert set(codes(project, "error")) <= {"R604"}
    assert left[0] == 0
    assert left[-1] == 40
    assert len(set(left)) > 2, "it was never killed in the middle"


def test_imports_at_once_come_one_after_the_other(bare: Path, tmp_path: Path) -> None:
    """Neither a card nor a line of the record is lost, and no card comes twice."""
    words = ["alpha", "beta", "gamma", "delta", "epsilon"]
    paths = []
    for word, other in pairwise(words):
        paths.append(tmp_path / f"{word}.tsv")
        paths[-1].write_text(f"{word} means?\tthe {word}\n{other} means?\tthe {other}\n", "utf-8")
    main = "from deckwright.cli.main import main; main()"
    processes = [started(bare, main, str(path)) for path in paths]
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert ids(bare) == sorted(f"polly-{word}-means" for word in words)
    assert recorded(bare) == set(ids(bare))


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
    assert known["id"] in result.out
    assert result.err.strip() == "1 card written"
    assert codes(mini, "error") == []


def test_a_dry_run_writes_nothing(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("q one\ta\n", "utf-8")
    before = tree(bare)
    result = run(bare, "import", str(tmp_path / "a.tsv"), *HERE, "--dry-run")
    assert "cards/4.2-services/polly/a.md: 1 card" in result.out
    assert result.err.startswith("1 card would")
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
    wrong = run(bare, "import", str(tmp_path / "a.tsv"), *HERE, "--in", "cards/mime")
    assert (wrong.code, "`cards/mine`" in wrong.err) == (2, True)


def test_tags_become_tags_of_the_cards_and_return(bare: Path, tmp_path: Path) -> None:
    """`ideas` is a theme of the project, and a usual word in other people's tags."""
    (tmp_path / "a.csv").write_text(
        "question,answer,tags\nIs it a whale?,No.,exam-week ideas goethe::faust leech a:b s3\n",
        "utf-8",
    )
    result = run(bare, "import", str(tmp_path / "a.csv"), *HERE)
    text = written(bare)
    assert "- also: s3\n- tags: exam-week, ideas, goethe::faust\n" in text
    assert ": a:b (1), leech (1)" in result.out
    assert run(bare, "fmt", "--check").code == 0
    assert run(bare, "decks").code == 0
    (row,) = json.loads((bare / "dist/cards.json").read_text("utf-8"))
    marks = [tag for tag in row["tags"] if "::mark::" in tag]
    assert marks == [f"mini::mark::{tag}" for tag in ("exam-week", "goethe::faust", "ideas")]
    shutil.move(bare / "dist/all.apkg", tmp_path / "all.apkg")
    shutil.rmtree(bare / "cards/4.2-services/polly")
    assert run(bare, "import", str(tmp_path / "all.apkg")).code == 0
    assert "- tags: exam-week, goethe::faust, ideas\n" in written(bare)


def test_old_notes_keep_their_reviews_with_the_note_type_of_the_deck(
    mini: Path, tmp_path: Path
) -> None:
    """What the report says about review history, in Anki itself."""
    col = collection(tmp_path)
    path = export(col, tmp_path / "a.apkg", True, True)
    said = run(mini, "import", str(path), *HERE, "--dry-run").out
    assert "studied" in said
    assert "Notes › Change Note Type" in said
    assert run(mini, "decks", "--out", str(tmp_path / "dist")).code == 0
    package = ImportAnkiPackageRequest(package_path=str(tmp_path / "dist/all.apkg"))
    col.import_anki_package(package)
    (card_id,) = col.find_cards("is:review OR is:learn")
    before = col.get_card(card_id)
    new = col.models.by_name("AWS Machine Learning Basic")
    assert new is not None
    change = col.models.change_notetype_info(
        old_notetype_id=before.note_type()["id"], new_notetype_id=new["id"]
    )
    request = change.input
    request.note_ids.extend([before.nid])
    names = [field["name"] for field in new["flds"]]
    mapped = {"Question": 0, "Answer": 1}  # as docs/importing.md says; ID and the rest get nothing
    request.new_fields[:] = [mapped.get(name, -1) for name in names]
    col.models.change_notetype_of_notes(request)
    after = col.get_card(card_id)
    assert after.note_type()["id"] == new["id"]
    assert "Which chart" in after.question() or "median" in after.question()
    assert after.answer().count("Outliers") + after.answer().count("histogram") == 1
    assert (after.reps, after.due, after.queue) == (before.reps, before.due, before.queue)
    assert col.db.scalar("SELECT count() FROM revlog WHERE cid = ?", card_id) == 1


def test_titles_of_columns_say_which_is_the_question(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("tags,Note,answer,question\nx,Long.,It is.,Is it?\n", "utf-8")
    assert run(bare, "import", str(tmp_path / "a.csv"), *HERE).code == 0
    text = written(bare)
    assert "\n\nIs it?\n\n---\n\nIt is.\n\n---\n\n**Note**\n\nLong.\n" in text


def test_all_mistakes_come_in_one_run(mini: Path) -> None:
    arguments = ("no.csv", "--to", "4.2/poly", "--topic", "vioces", "--in", "yours")
    done = run(mini, "import", *arguments)
    assert done.code == 2
    for part in ("root yours", "`4.2/poly`", "`vioces`", "no.csv"):
        assert part in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--to TASK/SERVICE --topic TOPIC"),
        (("--to", "4.2-services/poly", "--topic", "voices"), "`4.2-services/polly`"),
        (("--to", "4.2-services/polly"), "--topic"),
        (("--to", "4.2/polly", "--topic", "copies"), "`copies`"),
        (("--topic", "voices"), "--to"),
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


def test_a_note_that_repeats_another_is_left_out(mini: Path, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("A rule?,Be kind.\n" * 3 + "A rule?,Be brief.\n", "utf-8")
    where = ("--to", "4.2/polly", "--topic", "voices")
    done = run(mini, "import", str(file), *where)
    assert done.code == 0
    assert "2 notes" in done.out
    written = (mini / "cards/4.2-services/polly/words.md").read_text("utf-8")
    assert (written.count("## "), written.count("Be kind"), written.count("Be brief")) == (2, 1, 1)
    assert re.search("already .* 2 cards", run(mini, "import", str(file), *where).out)


def test_own_cards_are_the_same_from_any_folder(mini: Path, tmp_path: Path) -> None:
    """The address of an image depends on the card's folder, and what it shows does not."""
    (mini / "cards/img").mkdir(exist_ok=True)
    (mini / "cards/img/whale.png").write_bytes(PNG)
    for file, address in (
        (mini / "cards/4.2-services/s3.md", "../img/whale.png"),
        (mini / "cards/4.2-services/polly/whales.md", "../../img/whale.png"),
    ):
        file.write_text(
            f"# Whales\n\n## {file.stem}-whale\n\n- kind: concept\n- topic: voices\n\n"
            f"What does the picture of {file.stem} show?\n\n---\n\nA whale.\n\n---\n\n"
            f"![A whale]({address})\n",
            "utf-8",
        )
    done = run(mini, "decks", "--out", str(tmp_path / "dist"))
    assert done.code == 0, done.out
    done = run(mini, "import", str(tmp_path / "dist/all.apkg"))
    assert (done.code, done.err) == (0, "0 cards written\n")
    assert "has changed" not in done.out
