"""`import`: decks of other programs become card files.

Cards in the file = cards written + cards in the project + cards listed as not written.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import genanki
import pytest
from anki.collection import ImportAnkiPackageRequest
from conftest import REPO, SETTINGS, Run, codes, edit, run
from foreign_decks import (
    HERE,
    PNG,
    collection,
    export,
    numbers,
    section,
    tree,
    with_genanki,
    written,
)

MEDIAN = "What does the **median** resist?\n\n---\n\nOutliers *on one side*"


def test_a_deck_made_with_genanki(bare: Path, tmp_path: Path) -> None:
    with_genanki(tmp_path / "geo.apkg", tmp_path)
    result = run(bare, "import", str(tmp_path / "geo.apkg"), *HERE)
    assert result.code == 0, result.out
    text = (bare / "cards/services/polly/geo.md").read_text("utf-8")
    assert section(text, "polly-capital-spain") == (
        "- kind: concept\n- topic: voices\n- tags: geo::europe, Amazon_S3\n"
        "- source: https://example.org/spain\n\nCapital of Spain?\n\n---\n\nMadrid\n\n---\n\n"
        "**Flag**\n\n![Image](img/flag-of-spain.png)\n\n**Remark**\n\nsince 1561"
    )
    assert section(text, "polly-madrid-capital").endswith(
        "Madrid is the capital of?\n\n---\n\nSpain"
    )
    assert section(text, "polly-capital-portugal").endswith(
        "Lisboa\n\n---\n\n**Source**\n\nan old atlas"
    )
    assert "{{c1::Canberra::city}} was founded in {{c2::1913}}" in section(text, "polly-founded")
    assert (bare / "cards/services/polly/img/flag-of-spain.png").read_bytes() == PNG
    assert run(bare, "fmt", "--check").code == 0
    assert codes(bare, "error") == []


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
    text = (bare / "cards/services/polly/stats.md").read_text("utf-8")
    assert section(text, "polly-median-resist").endswith(MEDIAN)
    assert section(text, "polly-mean").endswith("mean\n\n---\n\naverage")
    assert section(text, "polly-average").endswith("average\n\n---\n\nmean")
    assert r"{{c1::$\frac{1}{n}\sum (x_i-\mu)^2$}}, its root the {{c2::standard " in text
    assert "Only {{c1::the second}} gap is left here" in text
    assert "renumbered" in result.out
    assert (
        "Which chart is this?\\\n![Image](img/chart.png)\n\n---\n\nA histogram:\n\n"
        "$$\nh = \\frac{2\\,IQR}{n^{1/3}}\n$$" in text
    )
    assert (bare / "cards/services/polly/img/chart.png").read_bytes() == PNG
    assert "- tags: exam, polly, stats::basics\n" in text
    assert codes(bare, "error") == []


def test_a_text_export_of_anki_has_headers(bare: Path, tmp_path: Path) -> None:
    path = export(collection(tmp_path), tmp_path / "notes.txt", False, False)
    result = run(bare, "import", str(path), *HERE)
    text = (bare / "cards/services/polly/notes.md").read_text("utf-8")
    assert section(text, "polly-median-resist").endswith(MEDIAN)
    assert "{{c2::standard deviation::name}}" in text
    assert result.code == 0
    assert "(image: chart.png)" in text


def test_a_second_import_brings_what_is_new_under_ids_that_stay(bare: Path, tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("alpha one\tfirst\nalpha two\tsecond\n", "utf-8")
    run(bare, "import", str(path), *HERE)
    before = tree(bare)
    assert numbers(run(bare, "import", str(path), *HERE)) == [2, 0, 2]
    assert tree(bare) == before
    path.write_text("a new line\tzeroth\nalpha two\tsecond, changed\nalpha one\tfirst\n", "utf-8")
    result = run(bare, "import", str(path), *HERE)
    assert (result.code, numbers(result)) == (0, [3, 2, 1])
    after = tree(bare)
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"decks/imported/words.txt"}
    assert "polly-new-line" in after["cards/services/polly/words-01.md"].decode()
    assert ids(bare) == [
        "polly-alpha-one",
        "polly-alpha-two",
        "polly-alpha-two-2",
        "polly-new-line",
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


def ids(project: Path) -> list[str]:
    """The ids of all cards, sorted."""
    return sorted(re.findall(r"(?m)^## (.*)", written(project)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no signal ends a process at once")
def test_whenever_an_import_is_killed_another_one_completes_it(bare: Path, tmp_path: Path) -> None:
    model = genanki.BASIC_MODEL
    deck = genanki.Deck(32, "Many")
    for n in range(60):
        picture = '<img src="a.png">' if n == 39 else ""
        deck.add_note(genanki.Note(model, [f"Question number {n}?", f"Answer {n} {picture}"]))
    (tmp_path / "a.png").write_bytes(PNG)
    path = tmp_path / "many.apkg"
    genanki.Package(deck, [str(tmp_path / "a.png")]).write_to_file(str(path))
    left = []
    for name, at in [(name, at) for at in (1, 2, 3, 4, 5) for name in ("replace", "fdopen")]:
        project = shutil.copytree(bare, tmp_path / f"{name}-{at}")
        process = started(project, KILLED, name, str(at), str(path))
        _, said = process.communicate(timeout=60)
        assert process.returncode in (0, -signal.SIGKILL), said
        left.append(len(ids(project)))
        result = run(project, "import", str(path), *HERE)
        assert result.code == 0, result.err
        assert len(ids(project)) == len(set(ids(project))) == 60, (name, at)
        assert len([*project.glob("cards/**/img/*.png")]) == 1
        assert codes(project, "error") == []
    assert left[0] == 0
    assert left[-1] == 60
    assert len(set(left)) > 2, "it was never killed in the middle"


def test_imports_at_once_come_one_after_the_other(bare: Path, tmp_path: Path) -> None:
    """No card is lost, and none comes twice."""
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


def test_old_notes_keep_their_reviews_with_the_note_type_of_the_deck(
    mini: Path, tmp_path: Path
) -> None:
    """What the report says about review history, in Anki itself."""
    col = collection(tmp_path)
    path = export(col, tmp_path / "a.apkg", True, True)
    said = run(mini, "import", str(path), *HERE, "--dry-run").out
    assert "studied" in said
    assert "Notes › Change Note Type" in said
    assert run(mini, "decks").code == 0
    col.import_anki_package(ImportAnkiPackageRequest(package_path=str(mini / "dist/all.apkg")))
    (card_id,) = col.find_cards("is:review OR is:learn")
    before = col.get_card(card_id)
    new = col.models.by_name("Machine Learning on AWS Basic")
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


def test_own_cards_are_the_same_from_any_folder(mini: Path, tmp_path: Path) -> None:
    """The address of an image depends on the card's folder, and what it shows does not."""
    (mini / "cards/img").mkdir(exist_ok=True)
    (mini / "cards/img/whale.png").write_bytes(PNG)
    for name, address in (("s3", "../img"), ("polly/whales", "../../img")):
        file = mini / f"cards/services/{name}.md"
        file.write_text(
            f"# Whales\n\n## {file.stem}-whale\n\n- kind: concept\n- topic: voices\n\n"
            f"What does the picture of {file.stem} show?\n\n---\n\nA whale.\n\n---\n\n"
            f"![A whale]({address}/whale.png)\n",
            "utf-8",
        )
    assert run(mini, "decks").code == 0
    done = run(mini, "import", "dist/all.apkg")
    assert (done.code, numbers(done)) == (0, [11, 0, 11])


def test_only_new_cards_of_an_own_package_need_a_topic(mini: Path) -> None:
    assert run(mini, "decks").code == 0
    package = (mini / "dist/all.apkg").rename(mini / "old.apkg")
    for file in (*mini.glob("cards/**/*.md"), mini / "schema/vocabulary/mini.toml"):
        file.write_text(file.read_text("utf-8").replace("voices", "speakers"), "utf-8")
    assert numbers(run(mini, "import", str(package)))[1] == 0
    (mini / "cards/services/polly.md").unlink()
    said = run(mini, "import", str(package))
    assert "polly-input-length" in said.err
    assert "--topic" in said.err


def test_what_a_learner_wrote_is_in_the_explanation(mini: Path, bare: Path, tmp_path: Path) -> None:
    assert run(mini, "decks").code == 0
    col = collection(tmp_path)
    col.import_anki_package(ImportAnkiPackageRequest(package_path=str(mini / "dist/all.apkg")))
    note = col.get_note(col.find_notes('note:"Machine Learning on AWS Basic"')[0])
    note["Spare5"], note["MyNotes"] = "in a spare field", "mine"
    col.update_note(note)
    path = export(col, tmp_path / "own.apkg", False, True)
    assert run(bare, "import", str(path), *HERE).code == 0
    text = section(written(bare), note["ID"])
    assert text.endswith("in a spare field\n\nmine")


def imported(project: Path, name: str, text: str, *arguments: str) -> Run:
    """The result of an import of a text file."""
    file = project.parent / name
    file.write_text(text, "utf-8")
    return run(project, "import", str(file), *HERE, *arguments)


def test_no_card_is_lost_without_a_word(bare: Path) -> None:
    """Repetitions are written, and what `check` would refuse is listed on screen and in a file."""
    text = (
        "question,answer\nA rule?,Be kind.\nA rule?,Be kind.\nOnly asked?,\n"
        "{{c1::}} is empty,\nThe {{c1::young::}} one,\n<b>Looks</b> <u>good</u>?,Yes.\n"
    )
    preview = imported(bare, "a.csv", text, "--dry-run")
    assert preview.code == 1
    assert not (bare / "decks/imported").exists()
    done = imported(bare, "a.csv", text)
    assert (done.code, numbers(done)) == (1, [6, 4, 2])
    for place in ("line 4", "`answer`", "line 5", "C407"):
        assert place in done.out
    assert written(bare).count("Be kind.") == 2
    assert "**Looks** good?" in written(bare)
    listed = (bare / "decks/imported/a.txt").read_text("utf-8")
    assert done.err.strip() in listed
    assert listed.count(": line ") == 2
    assert set(codes(bare, "error")) == {"U503"}
    assert numbers(imported(bare, "a.csv", text)) == [6, 0, 4, 2]
    again = imported(bare, "a.csv", f"{text}A rule?,Be kind.\n", "--allow-loss")
    assert (again.code, numbers(again)) == (0, [7, 1, 4, 2])


def test_words_of_a_template_are_in_the_question(bare: Path, tmp_path: Path) -> None:
    fields = [{"name": name} for name in ("Country", "Capital", "Extra", "Hint")]
    template = {
        "name": "Capital",
        "qfmt": "{{#Extra}}[latex]{{Country}}[/latex]{{/Extra}}{{^Extra}}no{{/Extra}}"
        "<hr>What is the capital?{{type:Capital}}{{hint:Hint}}<script>x()</script>",
        "afmt": "{{FrontSide}}<hr id=answer>It is {{Capital}}. {{tts en_US:Capital}}",
    }
    model = genanki.Model(31, "Map", fields=fields, templates=[template])
    deck = genanki.Deck(32, "Maps::Europe")
    deck.add_note(genanki.Note(model, ["Monaco", "Monaco-Ville", "small", "M"]))
    genanki.Package(deck).write_to_file(str(tmp_path / "map.apkg"))
    result = run(bare, "import", str(tmp_path / "map.apkg"), *HERE)
    assert result.code == 0
    assert (
        "$Monaco$\\\nWhat is the capital?\n\n---\n\nMonaco-Ville\n\n---\n\n"
        "**Extra**\n\nsmall\n\n**Hint**\n\nM\n" in written(bare)
    )
    for part in ("type:Capital", "hint:Hint", "tts en_US:Capital", "It is .", "LaTeX", "scripts"):
        assert part in result.out


def test_fields_are_chosen_by_name(bare: Path) -> None:
    table = "Kana,English,guid,Level,Kanji:ja,tags\nいぬ,dog,G1,1,犬,n5 animals\nねこ,cat\n"
    options = ("--question", "kanji:ja", "--question", "kana", "--answer", "English")
    done = imported(bare, "a.csv", table, *options, "--tags", "Tags")
    roles = "question: Kanji ja, Kana; answer: English; extra: Level; tags: tags (2 cards)"
    assert (done.code, done.out.splitlines()[0]) == (0, roles)
    text = written(bare)
    assert "- tags: n5, animals\n\n犬\\\nいぬ\n\n---\n\ndog\n\n---\n\n**Level**\n\n1\n" in text
    wrong = imported(bare, "a.csv", table, "--question", "Kanij")
    named = [name in wrong.err for name in ("`Kanij`", "--answer", "Kanji ja", "tags", "Usage")]
    assert (wrong.code, named) == (2, [True, True, True, True, False])


@pytest.mark.parametrize(
    "options", [(), ("--question", "Word", "--answer", "meaning", "--extra", "example")]
)
def test_no_other_field_is_taken_for_an_empty_answer(bare: Path, options: tuple[str, ...]) -> None:
    table = "word,meaning,example\nvivir,,Vivo en Perú.\nir,to go,Voy.\n"
    done = imported(bare, "a.csv", table, *options)
    assert (done.code, numbers(done)) == (1, [2, 1, 1])
    assert "`meaning`" in done.out
    assert "vivir" not in written(bare)


def test_an_empty_field_on_the_back_of_a_template(bare: Path, tmp_path: Path) -> None:
    fields = [{"name": name} for name in ("Word", "Kana", "Meaning", "Unshown")]
    template = {"name": "1", "qfmt": "{{Word}}", "afmt": "{{FrontSide}}{{Kana}}{{Meaning}}"}
    model = genanki.Model(31, "Words", fields=fields, templates=[template])
    deck = genanki.Deck(32, "Words")
    deck.add_note(genanki.Note(model, ["いぬ", "", "dog", ""]))
    deck.add_note(genanki.Note(model, ["ねこ", "", "", "cat"]))
    genanki.Package(deck).write_to_file(str(tmp_path / "a.apkg"))
    done = run(bare, "import", str(tmp_path / "a.apkg"), *HERE)
    assert (done.code, numbers(done)) == (1, [2, 1, 1])
    assert re.search("`Kana` .* `Meaning` ", done.out)


def test_columns_without_names(bare: Path) -> None:
    """Their numbers are no headings, a column can hold tags, and text stays as typed."""
    table = "犬[いぬ]\tいぬ\tdog\tn5; free time\n猫\tねこ\t**cat**\tn4; pets\n"
    chosen = ("--question", "1", "--answer", "column 3")
    done = imported(bare, "a.tsv", table, *chosen, "--tags", "Column 4")
    assert "- tags: n5, free, time\n\n犬[いぬ]\n\n---\n\ndog\n\n---\n\nいぬ\n" in written(bare)
    for part in (
        "question: column 1; answer: column 3; ",
        "漢字[かんじ] stay in brackets, not above",
        "Markdown",
        "on 1 card: tags were split at spaces",
        "(line 1: 犬[いぬ])\non 1 card: Markdown",
    ):
        assert done.out.count(part) == 1
    less = imported(bare, "b.tsv", table, *chosen, "--extra", "column 2", "--dry-run")
    assert "other fields: column 4" in less.out


def test_an_unclear_header_is_asked_for(bare: Path) -> None:
    table = "kana,english,level\nいぬ,dog,1\n"
    asked = imported(bare, "a.csv", table)
    assert (asked.code, "--no-header" in asked.err) == (2, True)
    assert numbers(imported(bare, "a.csv", table, "--header", "--dry-run")) == [1, 1]
    assert numbers(imported(bare, "a.csv", table, "--no-header", "--dry-run")) == [2, 2]


def test_the_language_of_the_cards_is_set(bare: Path) -> None:
    table = "Столица Франции?\tПариж\nСтолица Италии?\tРим\nСтолица Испании?\tМадрид\n"
    done = imported(bare, "a.tsv", table, "--language", "ru")
    assert (done.code, '`language = "ru"`' in done.out) == (0, True)
    assert 'namespace = "mini"\nlanguage = "ru"\n' in (bare / SETTINGS).read_text("utf-8")
    assert [code for code in codes(bare) if code != "K703"] == []
    edit(bare, "namespace =", "namespce =", SETTINGS)
    assert {"V803"} <= set(codes(bare)) <= {"V803", "K703"}


WORDS = "".join(f"犬{'猫' * n}\tdog {'and cat ' * n}\n" for n in range(12))


def test_a_missing_language_is_asked_for(bare: Path) -> None:
    """The language of cards that are there never changes, and none is taken that is no language."""
    assert imported(bare, "a.tsv", WORDS).code == 0
    assert set(codes(bare, "error")) == {"V810"}
    other = imported(bare, "b.tsv", "Q?\tA.\n", "--language", "ja")
    assert (other.code, "cards-ja" in other.err) == (2, True)
    assert '`language = "ja"`' in other.err
    wrong = imported(bare, "b.tsv", "Q?\tA.\n", "--language", "jp", "--topic", "vioces")
    assert ("`ja`" in wrong.err, "`voices`" in wrong.err) == (True, True)
    edit(bare, '"mini"\n\n', '"mini"\nlanguage = "en"\n\n', SETTINGS)
    assert "V810" not in codes(bare)


def test_a_word_with_several_meanings_can_be_allowed(bare: Path) -> None:
    """The output has the line to write, if cards repeat each other, and only then."""
    table = "banco\tbank\nbanco\tbench\nEl banco\tbank, bench\n"
    assert "U5" not in imported(bare, "a.tsv", "vivir\tto live\n", "--dry-run").out
    said = imported(bare, "a.tsv", table, "--language", "es").out
    line, place, path = re.findall("`([^`]+)`|in (decks.*)", said.splitlines()[-1])[-3:]
    assert set(codes(bare, "error")) == {"U509"}
    edit(bare, place[0], f"{place[0]}\n{line[0]}", path[1])
    assert codes(bare, "error") == []
    said = imported(bare, "a.tsv", f"{table}El banco\tbank; vivir\nvivir\tlive\n").out
    assert ": 1 (polly-el-banco); " in said


def test_the_order_of_the_file_is_the_order_of_the_cards(bare: Path) -> None:
    lines = [f"What is the square of {n}?\t{n * n}" for n in range(60)]
    assert numbers(imported(bare, "a.tsv", "\n".join(lines))) == [60, 60]
    paths = sorted(bare.glob("cards/**/*.md"))
    assert [path.name for path in paths] == ["a-01.md", "a-02.md", "a-03.md"]
    assert re.findall(r"square of (\d+)", written(bare)) == [str(n) for n in range(60)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("a.tsv", ["--to PART/SERVICE --topic TOPIC"]),
        ("a.tsv --to services/poly --topic voices", ["`services/polly`"]),
        ("a.tsv --to services/polly --topic copies", ["`copies`"]),
        ("a.tsv --topic voices", ["--to"]),
        (
            "no.csv --to services/poly --topic vioces --in yours",
            ["no.csv", "`services/poly`", "`vioces`"],
        ),
        ("no.csv --in yours", ["no.csv", ".apkg", "yours", "`[[root]]`"]),
        ("a.json --in yours", ["`.json`", ".apkg", "yours"]),
    ],
)
def test_what_is_missing_or_unknown_is_said_at_once(
    bare: Path, arguments: str, said: list[str]
) -> None:
    for name in ("a.tsv", "a.json"):
        (bare / name).write_text("q\ta\n", "utf-8")
    before = tree(bare)
    result = run(bare, "import", *arguments.split())
    assert result.code == 2
    assert [part for part in said if part not in result.err] == []
    assert tree(bare) == before
