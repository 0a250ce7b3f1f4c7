"""Our own renderings of the cards are what Anki makes of them, card by card."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import LATER, REPO, run

from deckwright import pipeline
from deckwright.core.note import Row
from deckwright.output.site.card_sides import CardSides, card_sides
from deckwright.pipeline import Checked
from deckwright.project.notetypes import NoteField, NoteType, Template


def same_marks(side: str) -> str:
    """Return a side without white space at its ends and with one name for all hints."""
    return re.sub(r"hint[0-9a-f]{12,16}\b", "hint-x", side).strip()


def checked(folder: Path) -> Checked:
    return pipeline.check(folder, LATER).values[0]


@pytest.mark.parametrize("project", ["real", "mini"])
def test_every_card_is_what_anki_shows(
    project: str, mini: Path, real_dist: Path, tmp_path: Path
) -> None:
    folder, dist = (REPO, real_dist) if project == "real" else (mini, mini / "dist")
    if project == "mini":
        assert run(mini, "decks").code == 0
    learner = Learner(tmp_path / "learner")
    learner.add(dist / "all.apkg")
    found = {}
    for number in learner.col.find_cards(""):
        card = learner.col.get_card(number)
        output = card.render_output()
        found[card.note().guid, card.ord] = (
            same_marks(output.question_text),
            same_marks(output.answer_text),
        )
    here = checked(folder)
    ours = {
        (note.guid, side.ord): (same_marks(side.front), same_marks(side.back))
        for note in pipeline.rendered(here).notes
        for side in card_sides(note, here.project.notetypes[note.type])
    }
    assert found.keys() == ours.keys()
    assert len(ours) >= 11
    for key, sides in found.items():
        assert sides == ours[key]


MARKS = {"Q": "a <b>b</b> &lt;c&gt;", "Empty": "<br> <DIV></DIV>", "A": "x"}
TEMPLATES = [
    ("{{Q}}", "{{FrontSide}}<hr>{{text:Q}}"),
    (
        "{{#Q}}1{{^Empty}}2{{#A}}{{ A }}{{/A}}{{/Empty}}{{/Q}}{{^Q}}no{{/Q}}",
        "{{#Empty}}no{{/Empty}}{{text:Q}}",
    ),
    ("{{ text:Q }}", "{{hint:A}}{{hint:Empty}}|{{A}}"),
    ("{{#A}}{{#Q}}{{Q}}{{/Q}}{{/A}}", "{{^A}}{{#Q}}no{{/Q}}{{/A}}yes"),
]


@pytest.mark.parametrize(("front", "back"), TEMPLATES)
def test_conditions_and_filters_as_anki_has_them(front: str, back: str, tmp_path: Path) -> None:
    col = Learner(tmp_path / "learner").col
    made = col.models.new("Made")
    for name in MARKS:
        col.models.add_field(made, col.models.new_field(name))
    template = col.models.new_template("Card 1") | {"qfmt": front, "afmt": back}
    col.models.add_template(made, template)
    col.models.add(made)
    note = col.new_note(made)
    note.fields = list(MARKS.values())
    col.add_note(note, 1)
    output = note.cards()[0].render_output()
    assert same_marks(one(front, back).front) == same_marks(output.question_text)
    assert same_marks(one(front, back).back) == same_marks(output.answer_text)


def test_a_gap_with_odd_characters_is_what_anki_shows(tmp_path: Path) -> None:
    text = (
        'x {{c1::a\nb\té & "q" \'r\' <i>s</i> — € \u00a0 ÿ Ā }<!-- -->}::a "hint"}} '
        "y {{c2::z}} {{c1::again}}"
    )
    col = Learner(tmp_path / "learner").col
    stock = col.models.by_name("Cloze")
    note = col.new_note(stock)
    note.fields[0] = text
    col.add_note(note, 1)
    fields = tuple(NoteField(f["name"], number, "") for number, f in enumerate(stock["flds"]))
    templates = (Template("Cloze", 2, "{{cloze:Text}}", "{{cloze:Text}}", "", ""),)
    ours = card_sides(
        Row("x", "g", "cloze", (note.fields[0], ""), (), "D", 1, "", 1, 0, True),
        NoteType(
            "cloze", "Cloze", 1, True, 0, fields, templates, "", checked(REPO).project.epoch_span
        ),
    )
    for side, card in zip(ours, note.cards(), strict=True):
        output = card.render_output()
        assert (side.front, side.back) == (
            output.question_text,
            output.answer_text.removesuffix("<br>\n"),
        )


def one(front: str, back: str, cloze: bool = False) -> CardSides:
    row = Row("x", "g", "made", tuple(MARKS.values()), (), "D", 1, "", 1, 0, True)
    kind = kind_of(front, back)
    return card_sides(row, replace(kind, cloze=cloze))[0]


def kind_of(front: str, back: str) -> NoteType:
    fields = tuple(NoteField(name, number, "") for number, name in enumerate(MARKS))
    place = checked(REPO).project.epoch_span
    return NoteType(
        "made",
        "Made",
        1,
        False,
        0,
        fields,
        (Template("Card 1", 2, front, back, "", ""),),
        "",
        place,
    )


def test_a_template_that_shows_no_field_makes_no_card() -> None:
    row = Row("x", "g", "made", tuple(MARKS.values()), (), "D", 1, "", 1, 0, True)
    assert card_sides(row, kind_of("{{Empty}}", "{{A}}")) == ()
