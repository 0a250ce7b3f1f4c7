"""`push` into a real Anki collection: what arrives, and what is never touched."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import catalog, run, write_release
from push_desk import COPIES, LENGTH, NAMES, NEW, PURPOSE, REDRAWN, Desk
from push_desk import desk as desk  # a fixture
from push_desk import pushed as pushed  # a fixture
from releases import retire
from sync_server import contents

from deckwright import pipeline
from deckwright.exchange.push.plan import GROUPS, AnkiCollection, as_lines, plan


def test_a_push_brings_what_a_package_brings(desk: Desk, tmp_path: Path) -> None:
    result = desk.push()
    assert (result.code, "verified" in result.err) == (0, True)
    other = Learner(tmp_path / "other")
    other.add(desk.package())
    here, there = contents(desk.learner.col), contents(other.col)
    for part in ("notes", "media", "tags"):
        assert here[part] == there[part], part
    assert desk.learner.state().cards == other.state().cards
    assert desk.learner.types() == other.types()
    other.close()
    assert desk.learner.problems() == []
    assert len(desk.learner.add(desk.package()).new) == 0
    assert (desk.push().code, desk.addon.written) == (0, [])
    after = contents(desk.learner.col)
    assert {**after, "col": 0} == {**here, "col": 0}


def test_the_plan_comes_first_and_no_is_an_answer(desk: Desk) -> None:
    before = contents(desk.learner.col)
    asked = run(desk.project, "push", "--port", str(desk.port))  # nobody answers
    assert "  + polly-purpose   (Mini::2 Services::Polly)" in asked.out
    assert (asked.code, "--yes" in asked.err) == (0, True)
    assert run(desk.project, "push", "--port", str(desk.port), "--dry-run").out == asked.out
    assert (desk.addon.written, contents(desk.learner.col)) == ([], before)


def test_a_changed_card_gets_its_text_and_tags_and_nothing_else_moves(pushed: Desk) -> None:
    pushed.learner.write_my_notes(PURPOSE, "mine")
    pushed.learner.tag(PURPOSE, "hard")
    pushed.learner.tag(PURPOSE, "Mini::Mine")  # below our root, in none of our groups
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    pushed.edit("- also: s3\n", "- status: legacy\n")
    pushed.redraw_image()
    before = pushed.learner.state()
    result = pushed.push()
    assert "  ~ polly-purpose: Answer\n" in result.out
    assert result.code == 0
    after = pushed.learner.state()
    for part in ("cards", "reviews", "types", "schema"):
        assert getattr(after, part) == getattr(before, part), part
    changed = {guid for guid, note in after.notes.items() if note != before.notes[guid]}
    assert changed == {PURPOSE, NAMES, COPIES}
    assert "Lifelike speech." in pushed.fields(PURPOSE)["Answer"]
    assert pushed.fields(PURPOSE)["MyNotes"] == "mine"
    assert {"hard", "Mini::Mine"} < set(after.notes[PURPOSE].tags)
    tags = set(after.notes[NAMES].tags)
    assert {"mini::status::legacy", "mini::service::polly"} < tags
    assert "mini::service::s3" not in tags
    names = {path.name for path in Path(pushed.learner.col.media.dir()).iterdir()}
    assert [name for name in names if name in pushed.fields(COPIES)["Answer"]]
    assert pushed.addon.written[:2] == ["storeMediaFile", "updateNoteFields"]
    assert pushed.addon.written.count(REDRAWN) == 2  # one tag is added, and the last
    assert pushed.learner.problems() == []


def test_every_tag_of_a_card_is_in_a_group_that_push_changes(mini: Path) -> None:
    run(mini, "decks")
    rows = catalog(mini / "dist").values()
    assert {tag.split("::")[1] for row in rows for tag in row["tags"]} <= set(GROUPS)


def test_new_cards_leave_old_ones_and_the_design_alone(pushed: Desk) -> None:
    col = pushed.learner.col
    # Long ago, so that any import takes ours for newer. Anki keeps note types in memory.
    col.db.execute("update notetypes set mtime_secs = 1000000000")
    col.close()
    col.reopen()
    before, types = pushed.learner.state(), pushed.learner.types()
    pushed.redesign()
    pushed.add_card()
    result = pushed.push()
    assert (result.code, pushed.addon.written) == (0, ["importPackage", REDRAWN]), result.out
    assert len(re.findall(r"^card design .* --types$", result.out, re.M)) == 3
    after = pushed.learner.state()
    assert {k: c for k, c in after.cards.items() if k in before.cards} == before.cards
    assert {g: n for g, n in after.notes.items() if g in before.notes} == before.notes
    assert set(after.notes) - set(before.notes) == {NEW}
    assert [one for one, _ in pushed.learner.types().values()] == [one for one, _ in types.values()]


def test_types_replaces_the_design_and_nothing_else(pushed: Desk) -> None:
    pushed.redesign()
    before = pushed.learner.state()
    result = pushed.push("--types")
    assert (result.code, "--types" in result.out) == (0, False)
    assert pushed.addon.written == [
        *["updateModelStyling", "updateModelTemplates"] * 3, REDRAWN,
    ]  # fmt: skip
    after = pushed.learner.state()
    assert (after.cards, after.notes, after.schema) == (before.cards, before.notes, before.schema)
    assert all(".new { color: blue }" in texts.css for texts, _ in pushed.learner.types().values())
    assert "card design" not in pushed.push().out


def test_a_note_type_with_other_fields_keeps_its_notes_as_they_are(pushed: Desk) -> None:
    models = pushed.learner.col.models
    data = models.get(pushed.learner.note(PURPOSE).mid)
    models.add_field(data, models.new_field("Mine"))
    models.update_dict(data)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    pushed.edit("The whole input may have more", "A longer input is fine")
    before = pushed.fields(PURPOSE)
    result = pushed.push()
    assert (result.code, pushed.fields(PURPOSE)) == (1, before)
    assert re.search(r"^not pushed: .*polly-purpose, .* fields\b", result.out, re.MULTILINE)
    assert "longer input" in pushed.fields(LENGTH)["Extra"]  # the other types go on


def test_a_text_that_no_release_has_is_not_overwritten_unasked(pushed: Desk) -> None:
    pushed.learner.edit(PURPOSE, 2, "my own answer")
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    result = pushed.push()
    assert "not pushed: polly-purpose: " in result.out
    assert (result.code, "--overwrite" in result.out) == (1, True)
    assert (pushed.fields(PURPOSE)["Answer"], pushed.addon.written) == ("my own answer", [])
    assert pushed.push("polly-purpose", "--overwrite").code == 0
    assert "Lifelike speech." in pushed.fields(PURPOSE)["Answer"]
    pushed.edit("Lifelike speech.\n", "Speech, like life.\n")  # the pushed draft is no release
    assert pushed.push().code == 1
    assert "Lifelike speech." in pushed.fields(PURPOSE)["Answer"]


def test_the_text_of_a_release_with_an_overlay_is_replaced(desk: Desk) -> None:
    write_release(desk.project)
    assert run(desk.project, "fork", "Mine").code == 0
    with (desk.project / "decks" / "mine.toml").open("a") as settings:
        settings.write('[[extend]]\nid = ["polly-purpose"]\ntags = ["hard"]\ntext = "Ours."\n')
    write_release(desk.project, "0.1.0", 10_000)
    assert desk.push().code == 0
    desk.edit("Speech.\n", "Lifelike speech.\n")
    assert desk.push().code == 0
    fields = desk.fields(PURPOSE)
    assert ("Lifelike" in fields["Answer"], "Ours." in fields["Extra"]) == (True, True)


def without_tags(desk: Desk) -> None:
    note = desk.learner.note(PURPOSE)
    note.tags = ["own"]
    desk.learner.col.update_note(note)


def twice(desk: Desk) -> None:
    col, old = desk.learner.col, desk.learner.note(PURPOSE)
    copy = col.new_note(old.note_type())
    copy.fields, copy.tags = list(old.fields), list(old.tags)
    col.add_note(copy, 1)


@pytest.mark.parametrize(("change", "help_line"), [(without_tags, "tag mini::"), (twice, "Browse")])
def test_a_note_that_may_not_be_the_cards_is_left_alone(
    change: Callable[[Desk], None], help_line: str, pushed: Desk
) -> None:
    change(pushed)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    result = pushed.push("--overwrite")
    assert "not pushed: polly-purpose: " in result.out
    assert (result.code, help_line in result.out, pushed.addon.written) == (1, True, [])


def test_an_id_in_two_card_folders_is_left_alone_and_a_long_plan_is_cut(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = pipeline.check(mini, date(2026, 11, 1)).value
    note, *others = pipeline.notes_of(checked).notes
    notes = [note, replace(note, guid="another"), *others]
    planned = plan(notes, notes, AnkiCollection({}, ()), checked.project, overwrite=True)
    assert list(planned.refused.values()) == [[note.id, note.id]]
    assert planned.added == others
    monkeypatch.setattr("deckwright.exchange.push.plan._SHOWN", 2)
    lines = list(as_lines(planned, types=False))
    assert [line[:4] for line in lines[1:4]] == ["  + ", "  + ", "  … "]


def test_retired_cards_are_only_named(pushed: Desk) -> None:
    retire(pushed.project, "polly-purpose")
    before = pushed.learner.state()
    result = pushed.push()
    assert re.search(r"^retired .* 1 .* ID:polly-purpose$", result.out, re.MULTILINE)
    assert (pushed.addon.written, pushed.learner.state()) == ([], before)


def test_a_choice_of_cards(desk: Desk) -> None:
    assert desk.push("reliability").code == 0
    assert COPIES in desk.learner.guids()
    assert PURPOSE not in desk.learner.guids()
    assert desk.push("polly-purpose").code == 0
    assert PURPOSE in desk.learner.guids()
    assert LENGTH not in desk.learner.guids()
    assert desk.push("s3").code == 0
    assert NAMES in desk.learner.guids()
    assert "ID:" not in desk.push("polly-purpose").out  # what was not chosen has a card, too
    wrong = desk.push("polly-purpos")
    assert (wrong.code, "`polly-purpose`" in wrong.err) == (2, True)
