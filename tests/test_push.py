"""`push` into a real Anki collection: what arrives, and what is never touched."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from anki_learner import Learner
from conftest import run, write_release
from push_desk import LENGTH, NAMES, PURPOSE, REDRAWN, Desk
from push_desk import desk as desk  # a fixture
from push_desk import pushed as pushed  # a fixture
from releases import retire

from deckwright.core.identity import guid
from deckwright.exchange.push.history import HISTORY_FILE
from deckwright.exchange.push.plan import GROUPS


def test_a_push_brings_what_a_package_brings(desk: Desk, tmp_path: Path) -> None:
    result = desk.push("--yes")
    assert (result.code, "verified" in result.err) == (0, True)
    other = Learner(tmp_path / "other")
    other.add(desk.package())
    here, there = desk.learner.snapshot(), other.snapshot()
    other.close()
    for part in ("notes", "types", "media", "tags", "decks"):
        assert here[part] == there[part], part
    assert desk.learner.problems() == []


def test_a_package_after_a_push_finds_its_notes(desk: Desk) -> None:
    desk.push("--yes")
    before = desk.learner.guids()
    log = desk.learner.add(desk.package())
    assert (len(log.new), desk.learner.guids()) == (0, before)


def test_a_second_push_does_nothing(pushed: Desk) -> None:
    before = pushed.learner.snapshot()
    assert pushed.is_up_to_date()
    assert pushed.learner.snapshot() == before


def test_the_plan_comes_first_and_no_is_an_answer(desk: Desk) -> None:
    before = desk.learner.snapshot()
    result = desk.push()  # nobody answers
    assert "  + polly-purpose   (Mini::2 Services::Polly)" in result.out
    assert (result.code, "--yes" in result.err) == (0, True)
    assert desk.push("--dry-run").out == result.out
    assert (desk.asked(), desk.learner.snapshot()) == ([], before)
    assert not (desk.project / HISTORY_FILE).exists()


def test_a_changed_card_gets_its_text_and_nothing_else_moves(pushed: Desk) -> None:
    pushed.learner.write_my_notes(PURPOSE, "mine")
    pushed.learner.tag(PURPOSE, "hard")
    pushed.learner.tag(PURPOSE, "mini::mine")  # below our root, in none of our groups
    before = pushed.learner.state()
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    result = pushed.push("--yes")
    assert "  ~ polly-purpose: Answer\n" in result.out
    assert result.code == 0
    after = pushed.learner.state()
    assert (after.cards, after.reviews, after.types, after.schema) == (
        before.cards,
        before.reviews,
        before.types,
        before.schema,
    )
    assert "Lifelike speech." in pushed.fields(PURPOSE)["Answer"]
    assert pushed.fields(PURPOSE)["MyNotes"] == "mine"
    assert {"hard", "mini::mine"} < set(after.notes[PURPOSE].tags)
    assert {g: n for g, n in after.notes.items() if g != PURPOSE} == {
        g: n for g, n in before.notes.items() if g != PURPOSE
    }
    assert pushed.asked() == ["updateNoteFields", REDRAWN]
    assert pushed.learner.problems() == []


def test_tags_of_ours_follow_the_card(pushed: Desk) -> None:
    pushed.learner.tag(NAMES, "Mini::Mine")
    pushed.learner.tag(NAMES, "polly")
    pushed.edit("- also: s3\n", "- status: legacy\n")
    assert pushed.push("--yes").code == 0
    tags = set(pushed.learner.note(NAMES).tags)
    assert "mini::service::s3" not in tags
    assert {"mini::status::legacy", "mini::service::polly", "polly"} < tags
    assert "mini::mine" in {tag.casefold() for tag in tags}


def test_every_tag_of_a_card_is_in_a_group_of_ours(mini: Path) -> None:
    run(mini, "decks")
    rows = json.loads((mini / "dist" / "cards.json").read_text("utf-8"))
    assert {tag.split("::")[1] for row in rows for tag in row["tags"]} <= set(GROUPS)


def test_new_cards_leave_old_ones_and_the_look_alone(pushed: Desk) -> None:
    style = pushed.project / "decks" / "notetypes" / "style.css"
    style.write_text(style.read_text("utf-8") + "\n.new { color: blue }\n", "utf-8")
    pushed.learner.col.db.execute(
        "update notetypes set mtime_secs = 1000000000"
    )  # long ago, so that any import takes ours for newer
    pushed.learner.col.close()  # Anki keeps note types in memory
    pushed.learner.col.reopen()
    before = pushed.learner.state()
    types = {number: texts for number, (texts, _) in pushed.learner.types().items()}
    new = "\n## polly-new\n\n- kind: concept\n- topic: voices\n\nWhat is new?\n\n---\n\nThis.\n"
    path = pushed.project / "cards" / "4.2-services" / "polly.md"
    path.write_text(path.read_text("utf-8") + new, "utf-8")
    result = pushed.push("--yes")
    assert (result.code, pushed.asked()) == (0, ["importPackage", REDRAWN]), result.out
    (look,) = {line.partition(": ")[2] for line in result.out.splitlines() if "--types" in line}
    assert look.startswith("styling ")
    after = pushed.learner.state()
    assert {k: c for k, c in after.cards.items() if k in before.cards} == before.cards
    assert {g: n for g, n in after.notes.items() if g in before.notes} == before.notes
    assert set(after.notes) - set(before.notes) == {guid("mini", "polly-new")}
    assert {number: texts for number, (texts, _) in pushed.learner.types().items()} == types


def test_types_replaces_the_look_and_nothing_else(pushed: Desk) -> None:
    style = pushed.project / "decks" / "notetypes" / "style.css"
    style.write_text(style.read_text("utf-8") + "\n.new { color: blue }\n", "utf-8")
    front = pushed.project / "decks" / "notetypes" / "basic" / "front.html"
    front.write_text(front.read_text("utf-8") + "\n<p>new</p>\n", "utf-8")
    before = pushed.learner.state()
    result = pushed.push("--types", "--yes")
    assert result.code == 0
    assert pushed.asked() == [*["updateModelStyling", "updateModelTemplates"] * 3, REDRAWN]
    after = pushed.learner.state()
    assert (after.cards, after.notes, after.schema) == (before.cards, before.notes, before.schema)
    assert "`AWS Machine Learning Basic`: styling, template `Card 1` " in result.out
    assert "--types" not in result.out
    assert all(
        ".new { color: blue }" in texts.css for number, (texts, _) in pushed.learner.types().items()
    )
    assert "styling" not in pushed.push("--dry-run").out


def test_a_note_type_of_another_shape_is_refused(pushed: Desk) -> None:
    models = pushed.learner.col.models
    data = models.get(pushed.learner.note(PURPOSE).mid)
    models.add_field(data, models.new_field("Mine"))
    models.update_dict(data)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    pushed.edit("The whole input may have more", "A longer input is fine")
    before = pushed.fields(PURPOSE)
    result = pushed.push("--types", "--yes")
    assert result.code == 1
    assert re.search(r"^not pushed: .*polly-purpose, .* fields\b", result.out, re.MULTILINE)
    assert pushed.fields(PURPOSE) == before
    assert "longer input" in pushed.fields(LENGTH)["Extra"]  # the other types go on


def test_a_foreign_type_of_our_name_is_refused(desk: Desk) -> None:
    models = desk.learner.col.models
    data = models.new("x")
    models.add_field(data, models.new_field("Front"))
    template = models.new_template("Card 1")
    template["qfmt"], template["afmt"] = "{{Front}}", "{{Front}}"
    models.add_template(data, template)
    toml = tomllib.loads(
        (desk.project / "decks" / "notetypes" / "basic" / "notetype.toml").read_text("utf-8")
    )
    data["name"] = toml["name"]
    models.add_dict(data)
    result = desk.push("--yes")
    assert result.code == 1
    assert f"`{toml['name']}`" in result.out
    assert PURPOSE not in desk.learner.guids()
    assert LENGTH in desk.learner.guids()


def test_an_edit_of_the_learner_is_not_overwritten_unasked(pushed: Desk) -> None:
    pushed.learner.edit(PURPOSE, 2, "my own answer")
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    result = pushed.push("--yes")
    assert result.code == 1
    assert "not pushed: polly-purpose: " in result.out
    assert "--overwrite" in result.out
    assert (pushed.fields(PURPOSE)["Answer"], pushed.asked()) == ("my own answer", [])
    assert pushed.push("--yes", "--overwrite").code == 0
    assert "Lifelike speech." in pushed.fields(PURPOSE)["Answer"]


def test_the_text_of_the_last_release_is_known_without_a_record(desk: Desk) -> None:
    write_release(desk.project)
    desk.learner.add(desk.package())
    desk.learner.write_my_notes(PURPOSE, "mine")
    desk.edit("Speech.\n", "Lifelike speech.\n")
    assert not (desk.project / HISTORY_FILE).exists()
    assert desk.push("--yes").code == 0
    assert "Lifelike speech." in desk.fields(PURPOSE)["Answer"]
    assert desk.fields(PURPOSE)["MyNotes"] == "mine"


def test_a_note_without_our_tags_is_taken_for_another_decks(pushed: Desk) -> None:
    note = pushed.learner.note(PURPOSE)
    note.tags = ["own"]
    pushed.learner.col.update_note(note)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    result = pushed.push("--yes")
    assert "not pushed: polly-purpose: " in result.out
    assert (result.code, "tag mini::" in result.out, pushed.asked()) == (1, True, [])


def test_two_notes_of_one_id_are_refused(pushed: Desk) -> None:
    col, old = pushed.learner.col, pushed.learner.note(PURPOSE)
    copy = col.new_note(old.note_type())
    copy.fields, copy.tags = list(old.fields), list(old.tags)
    col.add_note(copy, 1)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    result = pushed.push("--yes")
    assert "not pushed: polly-purpose: " in result.out
    assert (result.code, "ID:polly-purpose" in result.out, pushed.asked()) == (1, True, [])


def test_retired_cards_and_strangers_are_only_named(pushed: Desk) -> None:
    write_release(pushed.project)
    pushed.push("--yes")
    retire(pushed.project, "polly-purpose")
    path = pushed.project / "cards" / "summary" / "ideas.md"
    text = path.read_text("utf-8")
    before = pushed.learner.state()
    pushed.addon.log.clear()
    result = pushed.push("--yes")
    assert re.search(r"^retired: 1 .* ID:polly-purpose$", result.out, re.MULTILINE)
    assert len(pushed.learner.col.find_notes("ID:polly-purpose")) == 1
    assert (pushed.asked(), pushed.learner.state()) == ([], before)
    assert text == path.read_text("utf-8")


def test_a_new_picture_is_there_before_the_field_that_shows_it(pushed: Desk) -> None:
    picture = pushed.project / "cards" / "4.1-reliability" / "img" / "copies.svg"
    picture.write_text(picture.read_text("utf-8").replace("</svg>", "<!-- new --></svg>"), "utf-8")
    assert pushed.push("--yes").code == 0
    assert pushed.asked() == ["storeMediaFile", "updateNoteFields", REDRAWN]
    text = pushed.fields(guid("mini", "s3-replication"))["Answer"]
    names = {path.name for path in Path(pushed.learner.col.media.dir()).iterdir()}
    assert [name for name in names if name in text]


def test_a_choice_of_cards(desk: Desk) -> None:
    assert desk.push("--task", "4.1", "--yes").code == 0
    assert desk.learner.guids() == {guid("mini", "s3-replication"), guid("mini", "s3-copies")}
    assert desk.push("polly-purpose", "--yes").code == 0
    assert PURPOSE in desk.learner.guids()
    assert LENGTH not in desk.learner.guids()
    assert desk.push("--service", "s3", "--yes").code == 0
    assert NAMES in desk.learner.guids()
    # What was not chosen is no stranger.
    assert "ID:" not in desk.push("polly-purpose", "--dry-run").out
    wrong = desk.push("polly-purpos")
    assert (wrong.code, "`polly-purpose`" in wrong.err) == (2, True)
