"""Our own renderings of the cards are what Anki makes of them, card by card."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import LATER, REPO, run

from deckwright import pipeline
from deckwright.core.files import nowhere
from deckwright.core.note import PackagedNote
from deckwright.output.site.card_sides import CardSides, card_sides
from deckwright.project.notetypes import NoteField, NoteType, Template


def same_marks(side: str) -> str:
    """Return a side without white space at its ends and with one name for all hints."""
    return re.sub(r"hint[0-9a-f]{12,16}\b", "hint-x", side).strip()


@pytest.mark.parametrize("project", ["real", "mini"])
def test_every_card_is_what_anki_shows(
    project: str, mini: Path, real_dist: Path, tmp_path: Path
) -> None:
    folder, dist = (REPO, real_dist) if project == "real" else (mini, mini / "dist")
    if project == "mini":
        assert run(mini, "decks").code == 0
    learner = Learner(tmp_path / "learner")
    learner.add(next(dist.glob("*all.apkg")))
    found = {}
    for number in learner.col.find_cards(""):
        card = learner.col.get_card(number)
        output = card.render_output()
        found[card.note().guid, card.ord] = (
            same_marks(output.question_text),
            same_marks(output.answer_text),
        )
    here = pipeline.check(folder, LATER).value
    ours = {
        (note.guid, side.ord): (same_marks(side.front), same_marks(side.back))
        for note in pipeline.notes_of(here).notes
        for side in card_sides(note, here.project.notetypes[note.type])
    }
    assert found.keys() == ours.keys()
    assert len(ours) >= 11
    for key, sides in found.items():
        assert sides == ours[key]


FIELDS = {"Q": "a <b>b</b> &lt;c&gt;", "Empty": "<br> <DIV></DIV>", "A": "x"}


def sides(
    names: Iterable[str], values: Iterable[str], front: str, back: str, cloze: bool = False
) -> tuple[CardSides, ...]:
    """Our renderings of a note of a note type with one template."""
    fields = tuple(NoteField(name, number, "") for number, name in enumerate(names))
    template = Template("Card 1", 2, front, back, "", "")
    notetype = NoteType("made", "Made", 1, cloze, 0, fields, (template,), "", nowhere("x"))
    row = PackagedNote("x", "g", "made", tuple(values), (), "D", 1, "", "", 1, 0, True)
    return card_sides(row, notetype)


@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("{{Q}}", "{{FrontSide}}<hr>{{text:Q}}"),
        (
            "{{#Q}}1{{^Empty}}2{{#A}}{{ A }}{{/A}}{{/Empty}}{{/Q}}{{^Q}}no{{/Q}}",
            "{{#Empty}}no{{/Empty}}{{text:Q}}",
        ),
        ("{{ text:Q }}", "{{hint:A}}{{hint:Empty}}|{{A}}"),
        ("{{#A}}{{#Q}}{{Q}}{{/Q}}{{/A}}", "{{^A}}{{#Q}}no{{/Q}}{{/A}}yes"),
    ],
)
def test_conditions_and_filters_as_anki_has_them(front: str, back: str, tmp_path: Path) -> None:
    col = Learner(tmp_path / "learner").col
    made = col.models.new("Made")
    for name in FIELDS:
        col.models.add_field(made, col.models.new_field(name))
    template = col.models.new_template("Card 1") | {"qfmt": front, "afmt": back}
    col.models.add_template(made, template)
    col.models.add(made)
    note = col.new_note(made)
    note.fields = list(FIELDS.values())
    col.add_note(note, 1)
    output = note.cards()[0].render_output()
    (ours,) = sides(FIELDS, FIELDS.values(), front, back)
    assert same_marks(ours.front) == same_marks(output.question_text)
    assert same_marks(ours.back) == same_marks(output.answer_text)


def test_a_gap_with_odd_characters_is_what_anki_shows(tmp_path: Path) -> None:
    text = (
        'x {{c1::a\nb\té & "q" \'r\' <i>s</i> — € \u00a0 ÿ Ā }<!-- -->}::a "hint"}} '
        "y {{c2::z}} {{c1::again}}"
    )
    col = Learner(tmp_path / "learner").col
    note = col.new_note(col.models.by_name("Cloze"))
    note.fields[0] = text
    col.add_note(note, 1)
    ours = sides(note.keys(), note.fields, "{{cloze:Text}}", "{{cloze:Text}}", cloze=True)
    for side, card in zip(ours, note.cards(), strict=True):
        output = card.render_output()
        assert side.front == output.question_text
        assert side.back == output.answer_text.removesuffix("<br>\n")


def test_a_template_that_shows_no_field_makes_no_card() -> None:
    assert sides(FIELDS, FIELDS.values(), "{{Empty}}", "{{A}}") == ()
