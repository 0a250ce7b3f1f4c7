"""The vocabulary, from several files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from values import vocabulary

from deckwright.project import vocabulary_files
from deckwright.project.toml_file import Reader
from deckwright.project.vocabulary import Misleading, Vocabulary
from deckwright.project.vocabulary_files import paths_of

TASK = '[[task]]\nslug = "{0}"\nfolder = "{0}-x"\ntitle = "T"\nlabel = "L"\ndeck = "{0} Deck"\n'
TOPIC = """
[[topic]]
slug = "{}"
title = "A topic"
covers = "all"
task = "{}"
exams = {}
priority = 1
core = 2
mix = {{ cloze = 2 }}
"""
BASE = f"""
{TASK.format("2")}
{TASK.format("1")}

[[kind]]
slug = "quota"
title = "A limit"
needs-source = true
states = "limit"
fresh = 6

[[status]]
slug = "current"
title = "Current"
words = ""

[[status]]
slug = "closed"
title = "Closed"
words = "Closed to new customers."

[[exam]]
slug = "next"
title = "Next Exam"
tasks = ["1.1"]

[[service]]
slug = "s3"
title = "Amazon S3"
deck = "S3"
names = ["Bucketry"]
"""
LEVELS = """
[[level]]
slug = "first"
title = "F"
[[level]]
slug = "usual"
title = "U"
default = true
[[level]]
slug = "late"
title = "L"
"""
ORDER = '[[deck-order]]\ntask = "{0}"\ndecks = [{{ number = 7, service = "{1}" }}]\n'
MORE = TOPIC.format("one", "1", "[]") + TOPIC.format("two", "2", '["next::1.1"]')


@pytest.fixture
def folder(bare: Path) -> Path:
    """A project whose vocabulary is BASE."""
    for file in (bare / "schema" / "vocabulary").iterdir():
        file.unlink()
    write(bare, "base.toml", BASE)
    return bare


def write(folder: Path, name: str, text: str, base: str = "") -> None:
    (folder / base / "schema" / "vocabulary").mkdir(parents=True, exist_ok=True)
    (folder / base / "schema" / "vocabulary" / name).write_text(text, "utf-8")


def read(folder: Path, base: str = "") -> tuple[Vocabulary | None, list[tuple[str, str]]]:
    """The vocabulary, and where it has which problem."""
    reader = Reader(folder)
    found = vocabulary_files.read(reader, base)
    return found, [
        (f"{d.span.path.rpartition('/')[2]}:{d.span.line}", d.code) for d in reader.diagnostics
    ]


def test_all_files_make_one_vocabulary(folder: Path) -> None:
    write(folder, "more.toml", MORE)
    found, problems = read(folder)
    assert problems == []
    assert found is not None
    assert found.kinds["quota"].needs_source
    assert (found.kinds["quota"].states, found.kinds["quota"].fresh) == ("limit", 6)
    assert found.statuses["closed"].label == "Closed to new customers."
    assert found.default_status == "current"
    assert found.services["s3"].names == ("Bucketry",)
    assert found.topics["two"].exams == ("next::1.1",)
    task = found.task_of_folder("1-x")
    assert task is not None
    assert task.slug == "1"
    assert found.task_of_folder("3-x") is None


def test_topics_are_in_the_order_of_their_tasks(folder: Path) -> None:
    write(folder, "more.toml", MORE)
    found, _ = read(folder)
    assert found is not None
    assert list(found.tasks) == ["2", "1"]
    assert list(found.topics) == ["two", "one"]


def test_an_overlays_files_come_last(folder: Path) -> None:
    write(folder, "mine.toml", TASK.format("3"))
    write(folder, "z.toml", "")
    write(folder, "a.toml", TASK.format("4"), "elsewhere/")
    names = ["base.toml", "z.toml", "mine.toml"]
    assert paths_of(folder) == [f"schema/vocabulary/{name}" for name in names]
    assert paths_of(folder, "elsewhere/")[3:] == ["elsewhere/schema/vocabulary/a.toml"]
    found, _ = read(folder, "elsewhere/")
    assert found is not None
    assert list(found.tasks) == ["2", "1", "3", "4"]


def test_without_files_there_is_no_vocabulary(folder: Path) -> None:
    (folder / "schema" / "vocabulary" / "base.toml").unlink()
    write(folder, "a.toml", BASE, "elsewhere/")
    assert read(folder, "elsewhere/") == (None, [("base.toml:1", "V801")])


def test_the_tables_that_every_project_needs_are_required(folder: Path) -> None:
    write(folder, "base.toml", "\n")
    assert read(folder) == (None, [("base.toml:1", "V803")] * 4)
    reader = Reader(folder)
    vocabulary_files.read(reader, "")
    tables = [re.findall(r"`\[\[(\w+)\]\]`", problem.help) for problem in reader.diagnostics]
    assert tables == [["task"], ["kind"], ["status"], ["service"]]


@pytest.mark.parametrize(
    ("more", "place", "code"),
    [
        (TASK.format("1").replace("1-x", "x").replace("1 D", "D"), 2, "V804"),
        (TASK.format("3").replace("3-x", "1-x"), 3, "V804"),
        (TASK.format("3").replace("3 D", "1 d"), 6, "V804"),
        (TOPIC.format("a", "9", "[]"), 6, "V805"),
        (TOPIC.format("a", "1", '["last::1.1"]'), 7, "V805"),
        (TOPIC.format("a", "1", '["next::9.9"]'), 7, "V805"),
        ('[[outline]]\nheading = "H"\ntext = "T"\ntopics = ["x"]\n', 4, "V805"),
        ('[[shortfall]]\ntopic = "x"\ncards = 1\nreason = "One is enough."\n', 2, "V805"),
        (ORDER.format("9", "s3"), 2, "V805"),
        (ORDER.format("1", "s4"), 3, "V805"),
        (LEVELS.replace("default = true", ""), 3, "V803"),
        (LEVELS + "default = true\n", 12, "V804"),
        (
            '[[changed]]\nnames = ["X"]\nstatus = "gone"\nsource = "https://x.example"\n',
            3,
            "V805",
        ),
    ],
)
def test_what_is_repeated_or_does_not_exist_has_its_place(
    folder: Path, more: str, place: int, code: str
) -> None:
    write(folder, "more.toml", more)
    assert read(folder)[1] == [(f"more.toml:{place}", code)]


def test_levels_come_in_the_order_of_the_file_and_one_is_the_default(folder: Path) -> None:
    write(folder, "more.toml", LEVELS)
    found, _ = read(folder)
    assert found is not None
    assert (list(found.levels), found.default_level) == (["first", "usual", "late"], "usual")
    (folder / "schema" / "vocabulary" / "more.toml").unlink()
    found, _ = read(folder)
    assert found is not None
    assert (list(found.levels), found.default_level) == ([], "")


def test_a_tasks_order_of_decks_gives_their_names_a_number(folder: Path) -> None:
    write(folder, "more.toml", ORDER.format("1", "s3"))
    found, _ = read(folder)
    assert found is not None
    assert found.subdeck("1", "s3") == "1 Deck::07 S3"
    assert found.subdeck("2", "s3") == "2 Deck::S3"
    write(folder, "zmore.toml", ORDER.format("1", "s3"))
    assert read(folder)[1] == [("zmore.toml:3", "V804")]


def test_a_topic_has_one_shortfall(folder: Path) -> None:
    shortfall = '[[shortfall]]\ntopic = "one"\ncards = 1\nreason = "One is enough."\n'
    write(folder, "more.toml", MORE + shortfall)
    found, _ = read(folder)
    assert found is not None
    (one,) = found.shortfalls
    assert (one.topic, one.cards, one.reason, one.span.text) == (
        "one",
        1,
        "One is enough.",
        '"one"',
    )
    write(folder, "zmore.toml", shortfall)
    assert read(folder) == (None, [("zmore.toml:2", "V804")])


SKILL = """
[[skill]]
exam = "{}"
number = "{}"
text = "Choose a voice"
topics = ["{}"]
"""


def test_a_skill_names_an_exam_its_task_and_topics(folder: Path) -> None:
    write(folder, "more.toml", MORE + SKILL.format("next", "1.1.1", "one"))
    found, problems = read(folder)
    assert problems == []
    assert found is not None
    (skill,) = found.skills
    assert (skill.exam, skill.number, skill.topics) == ("next", "1.1.1", ("one",))
    write(folder, "zmore.toml", SKILL.format("next", "1.1.1", "one"))
    assert read(folder) == (None, [("zmore.toml:4", "V804")])


@pytest.mark.parametrize(
    ("exam", "number", "topic", "line"),
    [("exm", "1.1.1", "one", 3), ("next", "9.9.1", "one", 4), ("next", "1.1.1", "onn", 6)],
)
def test_a_skill_of_an_unknown_exam_task_or_topic_is_refused(
    folder: Path, exam: str, number: str, topic: str, line: int
) -> None:
    write(folder, "more.toml", MORE + SKILL.format(exam, number, topic))
    found, problems = read(folder)
    assert found is None
    assert [place for place, _ in problems] == [f"more.toml:{len(MORE.splitlines()) + line}"]


def test_the_spelling_list_has_all_names_and_the_words_of_words_txt(folder: Path) -> None:
    found, _ = read(folder)
    assert found is not None
    assert found.spelling_list is None
    write(folder, "words.txt", "# comment\nkubelet\n\n")
    changed = (
        '[[changed]]\nnames = ["Old Thing"]\nstatus = "closed"\nsource = "https://x.example"\n'
    )
    write(folder, "more.toml", f'words = ["mine"]\n{changed}')
    found, problems = read(folder)
    assert problems == []
    assert found is not None
    assert found.spelling_list is not None
    assert {"kubelet", "mine", "Old", "Thing", "Amazon", "S3", "Bucketry"} <= found.spelling_list
    assert not {"# comment", "comment", "", "1"} & found.spelling_list


def test_a_misleading_path_stands_for_all_below_it() -> None:
    found = vocabulary(misleading=(Misleading("data::a.b", "Outdated."),))
    for path in ("data::a.b", "data::a.b.c", "data::a.b[0]"):
        assert found.misleads(path) == "Outdated."
    assert found.misleads("data::a.bc") == found.misleads("data::a") == ""
