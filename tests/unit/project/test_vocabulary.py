"""The vocabulary, from several files. Most tests add `more.toml` to the one of the mini project."""

from __future__ import annotations

from pathlib import Path

import pytest
from values import vocabulary

from deckwright.project import vocabulary_files
from deckwright.project.toml_file import Reader
from deckwright.project.vocabulary import Misleading, Vocabulary
from deckwright.project.vocabulary_files import paths_of

PART = '[[part]]\nslug = "{0}"\ntitle = "T"\ndeck = "{0} Deck"\n'
DECKS = PART.format("5") + 'decks = [{{ deck = "07 {0}", services = [{1}] }}]\n'
TOPIC = """
[[topic]]
slug = "a"
title = "A topic"
covers = "all"
part = "{}"
exams = {}
core = 2
mix = {{ cloze = 2 }}
"""
EXAM = '[[exam]]\nslug = "first"\ntitle = "F"\ntasks = { "1.1" = "Try" }\nsuperseded = true\n'
LEVEL = '[[level]]\nslug = "late"\ntitle = "L"\n'
SHORTFALL = '[[shortfall]]\ntopic = "{}"\ncards = 1\nreason = "One is enough."\n'
SKILL = '[[skill]]\nexam = "{}"\nnumber = "{}"\ntext = "Choose a voice"\ntopics = ["{}"]\n'
CHANGED = '[[changed]]\nnames = ["Old Thing"]\nstatus = "{}"\nsource = "https://x.example"\n'


def write(folder: Path, name: str, text: str, base: str = "") -> None:
    (folder / base / "schema" / "vocabulary").mkdir(parents=True, exist_ok=True)
    (folder / base / "schema" / "vocabulary" / name).write_text(text, "utf-8")


def places(folder: Path) -> list[tuple[str, str]]:
    """Where the vocabulary has which problem."""
    reader = Reader(folder)
    vocabulary_files.read(reader, "")
    return [(f"{d.span.path.rpartition('/')[2]}:{d.span.line}", d.code) for d in reader.diagnostics]


def valid(folder: Path, base: str = "") -> Vocabulary:
    """The vocabulary, which has no problem."""
    reader = Reader(folder)
    found = vocabulary_files.read(reader, base)
    assert reader.diagnostics == []
    assert found is not None
    return found


def test_all_files_make_one_vocabulary(bare: Path) -> None:
    write(bare, "more.toml", PART.format("0") + TOPIC.format("reliability", '["next::2.1"]'))
    found = valid(bare)
    assert found.kinds["quota"].needs_source
    assert found.statuses["legacy"].label == "Gone & not coming back"
    assert (found.default_status, found.default_level) == ("current", "standard")
    assert found.topics["a"].exams == ("next::2.1",)
    assert list(found.topics) == ["copies", "a", "voices", "words"]  # in the order of their parts


def test_an_overlays_files_come_last(bare: Path) -> None:
    write(bare, "mine.toml", PART.format("3"))
    write(bare, "z.toml", "")
    write(bare, "a.toml", PART.format("4"), "elsewhere/")
    names = ["mini.toml", "z.toml", "mine.toml"]
    assert paths_of(bare) == [f"schema/vocabulary/{name}" for name in names]
    assert paths_of(bare, "elsewhere/")[3:] == ["elsewhere/schema/vocabulary/a.toml"]
    assert list(valid(bare, "elsewhere/").parts) == ["reliability", "services", "summary", "3", "4"]


@pytest.mark.parametrize(
    ("more", "place", "code"),
    [
        (PART.format("reliability"), 2, "V804"),
        (PART.format("3").replace("3 Deck", "3 summary"), 4, "V804"),
        (DECKS.format("X", '"s3", "s3"'), 5, "V804"),
        (SHORTFALL.format("words"), 2, "V804"),
        (SKILL.format("next", "2.1.1", "voices"), 3, "V804"),
        (LEVEL + "default = true\n", 4, "V804"),
        (TOPIC.format("9", "[]"), 6, "V805"),
        (TOPIC.format("reliability", '["last::2.1"]'), 7, "V805"),
        (TOPIC.format("reliability", '["next::9.9"]'), 7, "V805"),
        ('[[outline]]\nheading = "H"\ntext = "T"\ntopics = ["x"]\n', 4, "V805"),
        (SHORTFALL.format("x"), 2, "V805"),
        (DECKS.format("X", '"s4"'), 5, "V805"),
        (CHANGED.format("gone"), 3, "V805"),
        (SKILL.format("exm", "2.1.2", "voices"), 2, "V805"),
        (SKILL.format("next", "9.9.1", "voices"), 3, "V805"),
        (SKILL.format("next", "2.1.2", "voces"), 5, "V805"),
    ],
)
def test_what_is_repeated_or_does_not_exist_has_its_place(
    bare: Path, more: str, place: int, code: str
) -> None:
    write(bare, "more.toml", more)
    assert places(bare) == [(f"more.toml:{place}", code)]


def test_one_level_is_the_default(bare: Path) -> None:
    text = (bare / "schema/vocabulary/mini.toml").read_text("utf-8")
    write(bare, "mini.toml", text.replace("default = true\n", ""))
    assert [code for _, code in places(bare)] == ["V803"]


def test_the_tables_that_every_project_needs_are_required(bare: Path) -> None:
    write(bare, "mini.toml", "\n")
    assert places(bare) == [("mini.toml:1", "V803")] * 4


def test_services_can_share_a_deck_of_a_part(bare: Path) -> None:
    write(bare, "more.toml", DECKS.format("Sound", '"s3", "polly"'))
    found = valid(bare)
    decks = [found.subdeck("5", "s3"), found.subdeck("5", "polly"), found.subdeck("services", "s3")]
    assert decks == ["5 Deck::07 Sound", "5 Deck::07 Sound", "2 Services::S3"]


def test_a_superseded_exam_has_no_tasks_for_tags(bare: Path) -> None:
    write(bare, "more.toml", EXAM)
    assert list(valid(bare).exam_tasks) == [
        f"{exam}::{task}" for exam in ("old", "next") for task in ("2.1", "3.1")
    ]


def test_the_spelling_list_has_all_names_and_the_words_of_words_txt(bare: Path) -> None:
    assert valid(bare).spelling_list is None
    write(bare, "words.txt", "# comment\nkubelet\n\n")
    write(bare, "more.toml", f'words = ["mine"]\n{CHANGED.format("legacy")}')
    words = valid(bare).spelling_list
    assert words is not None
    assert {"kubelet", "mine", "Old", "Thing", "Amazon", "S3"} <= words
    assert not {"# comment", "comment", "", "1"} & words


def test_a_misleading_path_stands_for_all_below_it() -> None:
    found = vocabulary(misleading=(Misleading("data::a.b", "Outdated."),))
    for path in ("data::a.b", "data::a.b.c", "data::a.b[0]"):
        assert found.misleads(path) == "Outdated."
    assert found.misleads("data::a.bc") == found.misleads("data::a") == ""
