"""Every package of the real deck and of the mini project, in a real Anki collection."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterable
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from anki_learner import EASY, Learner
from conftest import FULL, LATER, MINI, REPO, SETTINGS, WHOLE, catalog, edit, make_project, run
from sync_server import contents

from deckwright import pipeline
from deckwright.core.identity import guid

PROJECTS = ("real", "mini")


@pytest.fixture(scope="module")
def dists(real_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The output folders of both projects."""
    mini = make_project(tmp_path_factory.mktemp("mini") / "mini")
    assert run(mini, "decks").code == 0
    return {"real": real_dist, "mini": mini / "dist"}


@pytest.fixture
def draft(tmp_path: Path, learner: Learner) -> Path:
    """The mini project, whose draft the learner has imported."""
    project = make_project(tmp_path / "draft")
    assert run(project, "decks").code == 0
    learner.add(project / "dist" / "all.apkg")
    return project


def packages(dist: Path) -> list[Path]:
    return sorted(dist.rglob("*.apkg"))


def drawn(dist: Path) -> list[Path]:
    """Of many packages, `all.apkg` and one in 8, which a hash of the bytes draws."""
    found = packages(dist)
    if FULL or len(found) <= 20:
        return found
    return [
        p
        for p in found
        if p.name.endswith("all.apkg") or sha256(p.read_bytes()).digest()[0] % 8 == 0
    ]


def expected_cards(row: dict[str, Any]) -> int:
    if row["type"] == "cloze":
        return len(set(re.findall(r"\{\{c(\d+)::", row["fields"]["Text"])))
    return 1


# What is finished: code, formulas, and elements.
FINISHED = re.compile(
    r"<(pre|code|script|style)\b.*?</\1>|\\\(.*?\\\)|\\\[.*?\\\]|<!--.*?-->|<[^>]*>", re.DOTALL
)
# What should have become HTML or been filled in.
LEFTOVERS = re.compile(
    r"\{\{|\}\}|\*\*|`|\]\(|\$\$|^\s*#+ |^\s*[-*] \[[ x]\]|\|\s*---|&lt;/?[a-z]+&gt;.*&lt;/",
    re.MULTILINE,
)


def leftovers(side: str) -> list[str]:
    text = FINISHED.sub(lambda match: "" if match[0].startswith("<!--") else " ", side)
    return [match[0] for match in LEFTOVERS.finditer(text)]


@pytest.mark.parametrize("project", PROJECTS)
def test_every_package_imports_clean(project: str, dists: dict[str, Path], tmp_path: Path) -> None:
    rows = catalog(dists[project]).values()
    names = {p.relative_to(dists[project]).as_posix() for p in packages(dists[project])}
    assert names == {name for row in rows for name in row["packages"]}
    for number, path in enumerate(drawn(dists[project])):
        name = path.relative_to(dists[project]).as_posix()
        wanted = [row for row in rows if name in row["packages"]]
        learner = Learner(tmp_path / str(number))
        log = learner.add(path)
        assert (
            len(log.new),
            len(log.conflicting),
            len(log.duplicate),
            len(log.missing_notetype),
        ) == (len(wanted), 0, 0, 0), name
        assert learner.guids() == {row["guid"] for row in wanted}
        assert learner.decks() == {row["deck"] for row in wanted}
        assert learner.tags() == {tag for row in wanted for tag in row["tags"]}
        cards = learner.col.card_count()
        assert cards == sum(map(expected_cards, wanted))
        report, ok = learner.col.fix_integrity()
        assert ok, report
        assert learner.col.card_count() == cards, "Check Database added cards"
        assert not learner.col.get_empty_cards().notes
        media = learner.col.media.check()
        assert list(media.missing) == []
        assert not [name for name in media.unused if not name.startswith("_")]
        learner.close()


@pytest.mark.parametrize("project", PROJECTS)
def test_every_side_of_every_card_is_finished_and_a_second_import_changes_nothing(
    project: str, dists: dict[str, Path], learner: Learner
) -> None:
    rows = {row["guid"]: row for row in catalog(dists[project]).values()}
    learner.add(next(dists[project].glob("*all.apkg")))
    due = dict(learner.col.db.all("select n.guid, c.due from cards c join notes n on n.id = c.nid"))
    assert due == {row["guid"]: row["position"] for row in rows.values()}
    assert sorted(due.values()) == list(range(1, len(rows) + 1))
    for number in learner.col.find_cards(""):
        card = learner.col.get_card(number)
        row, rendered = rows[card.note().guid], card.render_output()
        assert leftovers(rendered.question_text + rendered.answer_text) == [], row["id"]
        assert (rendered.question_av_tags, rendered.answer_av_tags) == ([], [])
        assert row["fields"]["ID"] in rendered.answer_text
        assert card.note()["MyNotes"] == ""
        if row["type"] == "cloze":
            assert f'data-ordinal="{card.ord + 1}"' in rendered.question_text
            assert 'class="cloze"' in rendered.answer_text
        if row["type"] == "multiple-choice":
            assert f'data-key="{row["fields"]["Key"]}"' in rendered.answer_text
            assert "data-key=" not in rendered.question_text
    before = contents(learner.col)
    for package in drawn(dists[project]):
        log = learner.add(package)
        assert (len(log.new), len(log.updated), len(log.conflicting)) == (0, 0, 0), package
    assert contents(learner.col) == before


def intended(rows: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    """Cards by guid and number from 0, as a learner should meet them with Anki's defaults.

    Part by part, deck by deck in the order of the vocabulary, and in each deck level by
    level, topic by topic and kind by kind. Written anew, without the compiler's code.
    """
    words = pipeline.load(REPO, LATER).value.vocabulary
    parts, levels, topics, kinds = map(list, (words.parts, words.levels, words.topics, words.kinds))

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        decks = words.parts[row["part"]].decks  # several services can share a deck
        names = list(dict.fromkeys(decks.values()))
        deck = parts.index(row["part"]), names.index(decks[row["service"]])
        inside = levels.index(row["level"]), topics.index(row["topic"]), kinds.index(row["kind"])
        return *deck, *inside, row["path"], row["line"]

    return [
        (row["guid"], number)
        for row in sorted(rows, key=key)
        for number in range(expected_cards(row))
    ]


PARTS = tomllib.loads((REPO / "schema/vocabulary/base.toml").read_text("utf-8"))["part"]


@pytest.mark.parametrize(
    "package",
    [
        WHOLE,
        "ml-on-aws-essentials.apkg",
        *(f"part/ml-on-aws-{part['slug']}.apkg" for part in PARTS),
    ],
)
def test_all_new_cards_come_in_the_intended_order(
    package: str, dists: dict[str, Path], learner: Learner
) -> None:
    """Days of 20 new cards, with all options as Anki has them by default."""
    rows = [row for row in catalog(dists["real"]).values() if package in row["packages"]]
    expected = intended(rows)
    learner.add(dists["real"] / package)
    col = learner.col
    for day in range(-(-len(expected) // 20)):
        col.decks.select(col.decks.id_for_name("Machine Learning on AWS"))
        met: list[tuple[str, int]] = []
        while queued := col.sched.get_queued_cards(fetch_limit=1).cards:
            card = col.get_card(queued[0].card.id)
            if card.type == 0:
                met.append((card.note().guid, card.ord))
            card.start_timer()
            col.sched.answerCard(card, EASY)
        # Anki gathers the day's cards, then shows first gaps before second ones.
        gathered = expected[20 * day : 20 * (day + 1)]
        assert met == sorted(gathered, key=lambda card: card[1]), f"day {day + 1}"
        col.db.execute("update col set crt = crt - 86400")  # the next day
        col.close()
        col.reopen()


def test_ascending_position_gathers_all_decks_level_by_level(
    dists: dict[str, Path], learner: Learner
) -> None:
    """Deck options, New card gather order: Ascending position; sort order: Order gathered."""
    rows = {row["guid"]: row for row in catalog(dists["real"]).values()}
    learner.add(dists["real"] / WHOLE)
    col = learner.col
    config = col.decks.get_config(1)
    config["new"]["perDay"] = config["rev"]["perDay"] = 9999
    config["newGatherPriority"], config["newSortOrder"] = 1, 1
    config["new"]["bury"] = False
    col.decks.save(config)
    col.decks.select(col.decks.id_for_name("Machine Learning on AWS"))
    queue = col.sched.get_queued_cards(fetch_limit=9999).cards
    met = [rows[col.get_note(c.card.note_id).guid] for c in queue]
    assert len(met) == col.card_count()
    assert met == sorted(met, key=lambda row: row["position"])
    levels = [level for level, _ in groupby(row["level"] for row in met)]
    assert levels == ["essential", "standard", "extended"]


@pytest.mark.parametrize("project", PROJECTS)
def test_any_order_of_imports_gives_the_same_collection(
    project: str, dists: dict[str, Path], tmp_path: Path
) -> None:
    names = drawn(dists[project])
    first: tuple[Any, ...] = ()
    for seed in range(20 if FULL else 3):
        order = names[:]
        random.Random(seed).shuffle(order)
        learner = Learner(tmp_path / str(seed))
        for name in order:
            learner.add(name)
        tables = contents(learner.col)
        same = (tables[part] for part in ("notes", "revlog", "tags", "media"))
        found = (*same, learner.state().cards, learner.types())
        learner.close()
        first = first or found
        assert found == first, f"order {seed} gave another collection"


def test_a_changed_draft_arrives_with_updates_set_to_always(draft: Path, learner: Learner) -> None:
    """Only what changed is touched. Of a card, Always replaces what the learner wrote, and the
    default (If newer) does not.
    """
    package, values = draft / "dist" / "all.apkg", "due, ivl, flags, reps"
    note = learner.note(guid("mini", "polly-purpose"))
    note["MyNotes"], note.tags = "mine", [*note.tags, "own"]
    learner.col.update_note(note)
    (number,) = learner.card_ids(note.guid)
    learner.col.sched.set_due_date([number], "9")
    learner.flag(note.guid, 3)
    learner.add(package)
    note.load()
    assert (note["MyNotes"], "own" in note.tags) == ("mine", True)
    studied = learner.col.db.first(f"select {values} from cards where id = ?", number)
    before = learner.state()
    edit(draft, "\nSpeech.\n", "\nSpoken words.\n")
    for version in range(3):
        with open(draft / "decks" / "notetypes" / "style.css", "a") as style:
            style.write(f"/* version {version} */\n")
        assert run(draft, "decks").code == 0
        log = learner.add(package, always=True)
        assert (len(log.updated), len(log.new)) == (0 if version else 1, 0)
        texts = [type_ for type_, _ in learner.types().values()]
        assert all(f"version {version}" in type_.css for type_ in texts)
    note.load()
    assert "Spoken words" in note["Answer"]
    assert (note["MyNotes"], "own" in note.tags) == ("", False)
    assert learner.col.db.first(f"select {values} from cards where id = ?", number) == studied
    after = learner.state().notes
    assert [name for name in after if after[name] != before.notes[name]] == [note.guid]


def test_note_types_have_their_permanent_ids(dists: dict[str, Path], learner: Learner) -> None:
    learner.add(dists["real"] / WHOLE)
    for file in sorted((REPO / "decks" / "notetypes").glob("*/notetype.toml")):
        wanted = tomllib.loads(file.read_text("utf-8"))
        found = learner.col.models.by_name(wanted["name"])
        assert found["id"] == wanted["id"]
        for part, rows in (("flds", wanted["fields"]), ("tmpls", wanted["template"])):
            assert [(f["name"], f["id"]) for f in found[part]] == [
                (f["name"], f["id"]) for f in rows
            ]
        names = [field["name"] for field in found["flds"]]
        assert (names[0], names[-1]) == ("ID", "MyNotes")
        assert names[found["sortf"]] == wanted["sort-field"]


def test_two_projects_in_one_collection(
    dists: dict[str, Path], tmp_path: Path, learner: Learner
) -> None:
    """No note of the one touches the other, and drafts are from the time of their epoch."""
    learner.add(dists["real"] / WHOLE)
    before = learner.guids()
    log = learner.add(Path(copy(dists["mini"] / "all.apkg", tmp_path / "mini.apkg")))
    assert len(log.new) == len(catalog(dists["mini"]))
    assert before < learner.guids()
    epoch = tomllib.loads((MINI / "decks" / "project.toml").read_text("utf-8"))["epoch"]
    rows = catalog(dists["mini"]).values()
    assert all(row["draft"] and epoch < row["mod"] <= epoch + 600 for row in rows)
    for name in ("real", "mini"):
        rows = catalog(dists[name]).values()
        assert len({row["guid"] for row in rows}) == len(rows)
        assert all(re.fullmatch(r"[a-z2-7]{16}", row["guid"]) for row in rows)


ACTIVE = (
    "anki-colons-in-formula", "anki-formula-in-images", "anki-gap-in-title",
    "anki-image-in-gap", "anki-image-occlusion", "anki-latex-in-images", "anki-title-in-gap",
)  # fmt: skip


def test_anki_keeps_fields_in_which_it_could_find_gaps_or_formulas(
    tmp_path: Path, learner: Learner
) -> None:
    folder = make_project(tmp_path / "p", cards=False) / "cards" / "services"
    (folder / "img").mkdir(parents=True)
    size = bytes(11) + b"\x09" + bytes(3) + b"\x09"
    (folder / "img" / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + size)
    corpus = REPO / "tests" / "fuzz" / "corpus" / "cards"
    attacks = [corpus / name for name in ACTIVE]
    cards = [file.read_text("utf-8").replace("card-a", file.name) for file in attacks]
    text = "# T\n" + "\n".join(cards).replace("# T\n", "")
    (folder / "polly.md").write_text(text, "utf-8")
    assert run(tmp_path / "p", "decks", "--out", str(tmp_path / "dist")).code == 0
    rows = catalog(tmp_path / "dist").values()
    assert {row["id"] for row in rows} == {*ACTIVE}
    learner.add(tmp_path / "dist" / "all.apkg")
    for row in rows:  # so that the text import has something to write
        learner.edit(row["guid"], 1, row["fields"]["Text"] + " {{c9::mine}}")
    learner.add_text(tmp_path / "dist" / "all.apkg")
    learner.col.media.check()
    for row in rows:
        assert learner.note(row["guid"]).fields == list(row["fields"].values()), row["id"]


def test_the_summary_counts_the_cards_of_all_packages(mini: Path, learner: Learner) -> None:
    """Also if no package has all of them."""
    edit(mini, 'path = "all.apkg"', 'path = "s.apkg"\npart = ["summary"]', SETTINGS)
    said = run(mini, "decks").err
    for package in packages(mini / "dist"):
        learner.add(package)
    assert f" ({learner.col.card_count()} cards in Anki)" in said
