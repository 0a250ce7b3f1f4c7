"""Every package of the real deck and of the mini project, in a real Anki collection."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from anki_learner import EASY, Learner
from conftest import FULL, LATER, REPO, make_project, run

from deckwright import pipeline

PROJECTS = ("real", "mini")


@pytest.fixture(scope="module")
def built(real_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The output folders of both projects."""
    mini = make_project(tmp_path_factory.mktemp("mini") / "mini")
    assert run(mini, "decks").code == 0
    return {"real": real_dist, "mini": mini / "dist"}


def packages(dist: Path) -> list[Path]:
    return sorted(dist.rglob("*.apkg"))


def drawn(dist: Path) -> list[Path]:
    """Of many packages, `all.apkg` and one in 8, which a hash of the bytes draws."""
    found = packages(dist)
    if FULL or len(found) <= 20:
        return found
    return [p for p in found if p.name == "all.apkg" or sha256(p.read_bytes()).digest()[0] % 8 == 0]


def catalog(dist: Path) -> list[dict[str, Any]]:
    return json.loads((dist / "cards.json").read_text("utf-8"))


def expected_cards(row: dict[str, Any]) -> int:
    if row["type"] == "cloze":
        return len(set(re.findall(r"\{\{c(\d+)::", row["fields"]["Text"])))
    return 1


def leftovers(side: str) -> list[str]:
    """What should have become HTML or been filled in, outside code and math."""
    text = re.sub(
        r"<pre.*?</pre>|<code.*?</code>|<script.*?</script>|<style.*?</style>|\\\(.*?\\\)|\\\[.*?\\\]",
        " ",
        side,
        flags=re.DOTALL,
    )
    text = re.sub(r"<!--.*?-->", "", text)
    text = re.sub(r"<[^>]*>", " ", text)
    patterns = [
        r"\{\{",
        r"\}\}",
        r"\*\*",
        r"`",
        r"\]\(",
        r"\$\$",
        r"(?m)^\s*#+ ",
        r"(?m)^\s*[-*] \[[ x]\]",
        r"\|\s*---",
        r"&lt;/?[a-z]+&gt;.*&lt;/",
    ]
    return [m[0] for p in patterns for m in re.finditer(p, text)]


@pytest.mark.parametrize("project", PROJECTS)
def test_every_package_imports_clean(project: str, built: dict[str, Path], tmp_path: Path) -> None:
    rows = catalog(built[project])
    names = {p.relative_to(built[project]).as_posix() for p in packages(built[project])}
    assert names == {name for row in rows for name in row["packages"]}
    for number, path in enumerate(drawn(built[project])):
        name = path.relative_to(built[project]).as_posix()
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
def test_every_side_of_every_card_is_finished(
    project: str, built: dict[str, Path], tmp_path: Path
) -> None:
    rows = {row["guid"]: row for row in catalog(built[project])}
    learner = Learner(tmp_path / "all")
    learner.add(built[project] / "all.apkg")
    for number in learner.col.find_cards(""):
        card = learner.col.get_card(number)
        row = rows[card.note().guid]
        rendered = card.render_output()
        assert leftovers(rendered.question_text) == [], row["id"]
        assert leftovers(rendered.answer_text) == [], row["id"]
        assert rendered.question_av_tags == []
        assert rendered.answer_av_tags == []
        assert row["fields"]["ID"] in rendered.answer_text
        assert card.note()["MyNotes"] == ""
        if row["type"] == "cloze":
            gap = card.ord + 1
            assert f'data-ordinal="{gap}"' in rendered.question_text
            assert 'class="cloze"' in rendered.answer_text
        if row["type"] == "multiple-choice":
            assert f'data-key="{row["fields"]["Key"]}"' in rendered.answer_text
            assert "data-key=" not in rendered.question_text
    learner.close()


@pytest.mark.parametrize("project", PROJECTS)
def test_each_new_card_has_the_position_of_its_note(
    project: str, built: dict[str, Path], tmp_path: Path
) -> None:
    rows = catalog(built[project])
    assert sorted(row["position"] for row in rows) == list(range(1, len(rows) + 1))
    learner = Learner(tmp_path / "all")
    learner.add(built[project] / "all.apkg")
    due = dict(learner.col.db.all("select n.guid, c.due from cards c join notes n on n.id = c.nid"))
    assert due == {row["guid"]: row["position"] for row in rows}
    learner.close()


def intended(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Cards by guid and number from 0, as a learner should meet them with Anki's defaults.

    Task by task, deck by deck in the order of the vocabulary, and in each deck level by
    level, topic by topic and kind by kind. Written anew, without the compiler's code.
    """
    words = pipeline.load(REPO, LATER).values[0].vocabulary
    tasks, levels, topics, kinds = map(list, (words.tasks, words.levels, words.topics, words.kinds))

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        deck = tasks.index(row["task"]), words.deck_numbers[row["task"]][row["service"]]
        inside = levels.index(row["level"]), topics.index(row["topic"]), kinds.index(row["kind"])
        return *deck, *inside, row["path"], row["line"]

    return [
        (row["guid"], number)
        for row in sorted(rows, key=key)
        for number in range(expected_cards(row))
    ]


@pytest.mark.parametrize("package", ["all.apkg", "essentials.apkg"])
def test_the_first_sixty_new_cards_come_in_the_intended_order(
    package: str, built: dict[str, Path], tmp_path: Path
) -> None:
    """Three days of 20 new cards, with all options as Anki has them by default."""
    rows = [row for row in catalog(built["real"]) if package in row["packages"]]
    expected = intended(rows)
    learner = Learner(tmp_path / "all")
    learner.add(built["real"] / package)
    for day in range(3):
        col = learner.col
        col.decks.select(col.decks.id_for_name("AWS Machine Learning"))
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
        learner.close()
        learner = Learner(tmp_path / "all")
    learner.close()


def test_ascending_position_gathers_all_decks_level_by_level(
    built: dict[str, Path], tmp_path: Path
) -> None:
    """Deck options, New card gather order: Ascending position; sort order: Order gathered."""
    rows = {row["guid"]: row["position"] for row in catalog(built["real"])}
    learner = Learner(tmp_path / "all")
    learner.add(built["real"] / "all.apkg")
    col = learner.col
    config = col.decks.get_config(1)
    config["new"]["perDay"] = config["rev"]["perDay"] = 9999
    config["newGatherPriority"], config["newSortOrder"] = 1, 1
    config["new"]["bury"] = False
    col.decks.save(config)
    top = col.decks.id_for_name("AWS Machine Learning")
    col.decks.select(top)
    queue = col.sched.get_queued_cards(fetch_limit=9999).cards
    positions = [rows[col.get_note(c.card.note_id).guid] for c in queue]
    assert len(positions) == col.card_count()
    assert positions == sorted(positions)
    levels = {row["position"]: row["level"] for row in catalog(built["real"])}
    met = [level for level, _ in groupby(levels[position] for position in positions)]
    assert met == ["essential", "standard", "extended"]
    config["newGatherPriority"] = 0  # Anki's default: deck by deck
    col.decks.save(config)
    col.decks.select(top)
    queue = col.sched.get_queued_cards(fetch_limit=9999).cards
    by_deck = [rows[col.get_note(c.card.note_id).guid] for c in queue]
    assert by_deck != sorted(by_deck)
    learner.close()


@pytest.mark.parametrize("project", PROJECTS)
def test_any_order_of_imports_gives_the_same_collection(
    project: str, built: dict[str, Path], tmp_path: Path
) -> None:
    names = drawn(built[project])
    first: dict[str, Any] = {}
    for seed in range(20 if FULL else 3):
        order = names[:]
        random.Random(seed).shuffle(order)
        learner = Learner(tmp_path / str(seed))
        for name in order:
            learner.add(name)
        found = learner.snapshot()
        found.pop("schema")  # the time when this collection was made
        learner.close()
        first = first or found
        assert found == first, f"order {seed} gave another collection"


@pytest.mark.parametrize("project", PROJECTS)
def test_an_unchanged_build_changes_nothing(
    project: str, built: dict[str, Path], tmp_path: Path
) -> None:
    learner = Learner(tmp_path / "all")
    learner.add(built[project] / "all.apkg")
    before = learner.snapshot()
    for name in drawn(built[project]):
        log = learner.add(name)
        assert (len(log.new), len(log.updated), len(log.conflicting)) == (0, 0, 0), name
    assert learner.snapshot() == before
    learner.close()


def test_a_changed_card_arrives_and_keeps_its_history(tmp_path: Path) -> None:
    """A draft after a draft, imported with Update notes: Always. Only the card that
    changed is touched.
    """
    project = make_project(tmp_path / "mini")
    run(project, "decks")
    learner = Learner(tmp_path / "learner")
    learner.add(project / "dist" / "all.apkg")
    number = learner.col.find_cards("ID:polly-purpose")[0]
    learner.col.sched.set_due_date([number], "9")
    learner.col.set_user_flag_for_cards(3, [number])
    studied = learner.col.db.first("select due, ivl, flags, reps from cards where id = ?", number)
    mods = dict(learner.col.db.all("select guid, mod from notes"))
    file = project / "cards" / "4.2-services" / "polly.md"
    file.write_text(file.read_text("utf-8").replace("\nSpeech.\n", "\nSpoken words.\n"), "utf-8")
    assert run(project, "decks").code == 0
    log = learner.add(project / "dist" / "all.apkg", always=True)
    assert (len(log.updated), len(log.new)) == (1, 0)
    assert "Spoken words" in learner.col.get_card(number).note()["Answer"]
    assert (
        learner.col.db.first("select due, ivl, flags, reps from cards where id = ?", number)
        == studied
    )
    changed = [g for g, mod in learner.col.db.all("select guid, mod from notes") if mods[g] != mod]
    assert changed == [learner.col.get_card(number).note().guid]
    learner.close()


def test_always_replaces_what_the_learner_edited_and_if_newer_keeps_it(tmp_path: Path) -> None:
    """What the README says about drafts."""
    project = make_project(tmp_path / "mini")
    run(project, "decks")
    learner = Learner(tmp_path / "learner")
    learner.add(project / "dist" / "all.apkg")
    note = learner.col.get_note(learner.col.find_notes("ID:polly-purpose")[0])
    note["MyNotes"] = "mine"
    note.tags.append("own")
    learner.col.update_note(note)
    learner.add(project / "dist" / "all.apkg")
    note.load()
    assert (note["MyNotes"], "own" in note.tags) == ("mine", True)
    learner.add(project / "dist" / "all.apkg", always=True)
    note.load()
    assert (note["MyNotes"], "own" in note.tags) == ("", False)
    learner.close()


def test_a_changed_style_arrives_with_both_updates_set_to_always(tmp_path: Path) -> None:
    project = make_project(tmp_path / "mini")
    learner = Learner(tmp_path / "learner")
    for version in range(6):
        with open(project / "decks" / "notetypes" / "style.css", "a") as file:
            file.write(f"/* version {version} */\n")
        run(project, "decks")
        learner.add(project / "dist" / "all.apkg", always=True)
        for name in ("Basic", "Cloze", "Multiple Choice"):
            assert (
                f"version {version}"
                in learner.col.models.by_name(f"AWS Machine Learning {name}")["css"]
            )
    learner.close()


def test_code_that_looks_like_math_keeps_its_gap(tmp_path: Path) -> None:
    """Anki strips HTML between math delimiters, in code too: the gap must survive."""
    project = make_project(tmp_path / "p", cards=False)
    home = project / "cards" / "4.2-services"
    home.mkdir(parents=True)
    text = "Use `\\(` to open the {{c1::group & more::a & b}} and `\\)` to close."
    head = "# T\n\n## card-a\n\n- kind: quota\n- topic: voices\n- source: https://docs.example.com/x\n- checked: 2026-10\n\n"  # noqa: E501
    (home / "polly.md").write_text(head + text + "\n", "utf-8")
    assert run(project, "decks").code == 0
    learner = Learner(tmp_path / "learner")
    learner.add(project / "dist" / "all.apkg")
    rendered = learner.col.get_card(learner.col.find_cards("")[0]).render_output()
    assert 'class="cloze"' in rendered.question_text
    assert "[a &amp; b]" in rendered.question_text
    assert rendered.answer_text.count("</code>") >= 2
    learner.close()


def test_note_types_carry_their_permanent_ids(built: dict[str, Path], tmp_path: Path) -> None:
    import tomllib

    learner = Learner(tmp_path / "all")
    learner.add(built["real"] / "all.apkg")
    for file in sorted((REPO / "decks" / "notetypes").glob("*/notetype.toml")):
        wanted = tomllib.loads(file.read_text("utf-8"))
        found = learner.col.models.by_name(wanted["name"])
        assert found["id"] == wanted["id"]
        assert [(f["name"], f["id"]) for f in found["flds"]] == [
            (f["name"], f["id"]) for f in wanted["fields"]
        ]
        assert [(t["name"], t["id"]) for t in found["tmpls"]] == [
            (t["name"], t["id"]) for t in wanted["template"]
        ]
        assert found["flds"][0]["name"] == "ID"
        assert found["flds"][-1]["name"] == "MyNotes"
        assert found["flds"][found["sortf"]]["name"] == wanted["sort-field"]
    learner.close()


def test_stamps_and_ids_lie_in_the_past_and_in_the_draft_window(built: dict[str, Path]) -> None:
    import tomllib

    for name in PROJECTS:
        settings = (
            REPO / "decks" / "project.toml"
            if name == "real"
            else REPO / "tests" / "projects" / "mini" / "decks" / "project.toml"
        )
        epoch = tomllib.loads(settings.read_text("utf-8"))["epoch"]
        rows = catalog(built[name])
        assert all(epoch < row["mod"] <= epoch + 600 for row in rows)
        assert all(row["draft"] for row in rows)
        assert max(Counter(row["guid"] for row in rows).values()) == 1
        assert all(re.fullmatch(r"[a-z2-7]{16}", row["guid"]) for row in rows)


def test_packages_of_the_card_are_there(built: dict[str, Path]) -> None:
    names = {p.relative_to(built["real"]).as_posix() for p in packages(built["real"])}
    assert {"all.apkg", "domain4.apkg", "exam/mla-c02.apkg", "service/polly.apkg"} <= names
    assert {f"task/{t}.apkg" for t in ("4.1", "4.2", "4.3", "4.4", "summary")} <= names
    rows = catalog(built["real"])
    domain4 = {"4.1", "4.2", "4.3", "4.4"}
    assert all(("domain4.apkg" in row["packages"]) == (row["task"] in domain4) for row in rows)
    assert all(
        ("exam/mla-c02.apkg" in row["packages"])
        == any("::exam::mla-c02::" in t for t in row["tags"])
        for row in rows
    )


def test_the_mini_project_is_not_mixed_up_with_the_real_one(
    built: dict[str, Path], tmp_path: Path
) -> None:
    """Two projects in one collection: no note of the one touches the other."""
    learner = Learner(tmp_path / "both")
    learner.add(built["real"] / "all.apkg")
    before = learner.guids()
    copy = tmp_path / "mini.apkg"
    shutil.copy(built["mini"] / "all.apkg", copy)
    log = learner.add(copy)
    assert len(log.new) == len(catalog(built["mini"]))
    assert before < learner.guids()
    learner.close()


ACTIVE = (
    "anki-colons-in-formula", "anki-formula-in-images", "anki-gap-in-title",
    "anki-image-in-gap", "anki-image-occlusion", "anki-latex-in-images", "anki-title-in-gap",
)  # fmt: skip


def test_anki_keeps_fields_in_which_it_could_find_gaps_or_formulas(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", cards=False) / "cards" / "4.2-services"
    (folder / "img").mkdir(parents=True)
    size = bytes(11) + b"\x09" + bytes(3) + b"\x09"
    (folder / "img" / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + size)
    corpus = REPO / "tests" / "fuzz" / "corpus" / "cards"
    attacks = [corpus / name for name in ACTIVE]
    cards = [file.read_text("utf-8").replace("card-a", file.name) for file in attacks]
    text = "# T\n" + "\n".join(cards).replace("# T\n", "")
    (folder / "polly.md").write_text(text, "utf-8")
    assert run(tmp_path / "p", "decks", "--out", str(tmp_path / "dist")).code == 0
    rows = catalog(tmp_path / "dist")
    assert {row["id"] for row in rows} == {*ACTIVE}
    learner = Learner(tmp_path / "learner")
    learner.add(tmp_path / "dist" / "all.apkg")
    for row in rows:  # so that the text import has something to write
        learner.edit(row["guid"], 1, row["fields"]["Text"] + " {{c9::mine}}")
    learner.add_text(tmp_path / "dist" / "all.apkg")
    learner.col.media.check()
    for row in rows:
        assert learner.note(row["guid"]).fields == list(row["fields"].values()), row["id"]
    learner.close()
