"""The text update when a learner changed the note types: it reaches the right fields, or
none, and takes nothing that is the learner's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from anki_learner import IF_NEWER, NEVER, Learner
from conftest import POLLY, edit, make_project
from test_updates import LENGTH, NEW, PURPOSE, VOICE, released

from deckwright.core.identity import guid

TYPES = {"Basic": PURPOSE, "Cloze": LENGTH, "Multiple Choice": guid("mini", "polly-for-museum")}
Models, Model = Any, dict[str, Any]
Change = Callable[[Models, Model], None]


def field(model: Model, name: str) -> Any:
    return next(field for field in model["flds"] if field["name"] == name)


def moved(name: str, position: int) -> Change:
    return lambda models, model: models.reposition_field(model, field(model, name), position)


def deleted(*names: str) -> Change:
    def change(models: Models, model: Model) -> None:
        for name in names:
            models.remove_field(model, field(model, name))

    return change


def renamed(old: str, new: str) -> Change:
    return lambda models, model: models.rename_field(model, field(model, old), new)


def added(name: str, position: int) -> Change:
    def change(models: Models, model: Model) -> None:
        models.add_field(model, models.new_field(name))
        models.reposition_field(model, field(model, name), position)

    return change


ARRIVES: dict[str, Change] = {
    "nothing": lambda models, model: None,
    "MyNotes moved to the front of Extra": moved("MyNotes", 2),
    "ID moved to the end": moved("ID", -1),
    "the last fields deleted": deleted("AsOf", "Spare1", "Spare2", "Spare3"),
    "the last fields and MyNotes deleted": deleted("Spare3", "MyNotes"),
    "ID deleted": deleted("ID"),
    "Extra renamed": renamed("Extra", "Explanation"),
    "a field added": added("Own", 2),
    "a field with the name of a column added": added("deck", 2),
    "a field added at the end": added("tags", -1),
    "the names of Extra and AsOf swapped": lambda models, model: [
        renamed(old, new)(models, model)
        for old, new in (("Extra", "x"), ("AsOf", "Extra"), ("x", "AsOf"))
    ],
    "another name of the note type": lambda models, model: model.update(name="Mine"),
}
SKIPPED: dict[str, Change] = {
    "MyNotes moved to the start": moved("MyNotes", 0),
    "ID renamed": renamed("ID", "Key of the card"),
    "a field added at the start": added("Own", 0),
    "the start deleted, MyNotes follows": lambda models, model: [
        change(models, model) for change in (moved("MyNotes", 1), deleted("ID"))
    ],
}


def named(learner: Learner) -> dict[str, dict[str, str]]:
    """The fields of each note by their names."""
    notes = map(learner.col.get_note, learner.col.find_notes(""))
    return {note.guid: dict(note.items()) for note in notes}


def change_types(learner: Learner, change: Change) -> None:
    with learner._act():
        for name in TYPES:
            model = learner.col.models.by_name(f"Machine Learning on AWS {name}")
            assert model
            change(learner.col.models, model)
            learner.col.models.update_dict(model)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases; the second changes a card of each note type, and adds none."""
    project = make_project(tmp_path_factory.mktemp("text-update") / "mini")
    first = released(project, "1.0.0", 10_000)
    for name, old, new in (
        ("polly", "Speech.", "Spoken words."),
        ("polly", '"Engine": "neural"', '"Engine": "standard"'),
        ("polly", "The whole input may", "All the input can"),
        ("polly/choosing", "Text in, speech out.", "It speaks."),
        ("polly", "checked: 2026-10", "checked: 2026-08"),
        ("polly", "checked: 2026-09", "checked: 2026-08"),
        ("polly/choosing", "checked: 2026-10", "checked: 2026-08"),
        ("polly", "docs.example.com", "new.example.com"),
    ):
        edit(project, old, new, f"cards/services/{name}.md", count=-1)
    return first, released(project, "1.0.1", 40_000)


@pytest.fixture(scope="module")
def expected(
    releases: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, str]]:
    """The notes of someone who begins with the second release."""
    newcomer = Learner(tmp_path_factory.mktemp("newcomer"))
    newcomer.add(releases[1] / "all.apkg")
    found = named(newcomer)
    newcomer.close()
    return found


def updated(folder: Path, releases: tuple[Path, Path], change: Change) -> tuple[Any, Any]:
    """The notes of a learner who changed all note types, before and after the text update."""
    learner = Learner(folder / "learner", start=1_790_000_000 + 20_000)
    learner.add(releases[0] / "all.apkg")
    for key in TYPES.values():
        learner.tag(key, "hard")
        learner.write_my_notes(key, "mine")
    change_types(learner, change)
    before, fields = learner.state(), named(learner)
    learner.now = 1_790_000_000 + 50_000
    learner.add(releases[1] / "all.apkg", notes=NEVER)
    learner.add_text(releases[1] / "all.apkg")
    after = learner.state()
    assert after.cards == before.cards
    assert all(note.tags == before.notes[key].tags for key, note in after.notes.items())
    assert learner.problems() == []
    changed = named(learner)
    learner.close()
    return fields, changed


@pytest.mark.parametrize("change", ARRIVES.values(), ids=ARRIVES)
def test_every_text_arrives_in_the_field_of_its_name(
    tmp_path: Path, releases: tuple[Path, Path], expected: dict[str, dict[str, str]], change: Change
) -> None:
    before, after = updated(tmp_path, releases, change)
    assert after.keys() == expected.keys()
    for key, note in after.items():
        for name, text in note.items():
            known = name in expected[key] and name != "MyNotes"
            assert text == (expected[key] if known else before[key])[name], name
    assert any(after[key] != before[key] for key in TYPES.values())


@pytest.mark.parametrize("change", SKIPPED.values(), ids=SKIPPED)
def test_notes_stay_as_they_are_if_the_first_field_is_not_the_decks(
    tmp_path: Path, releases: tuple[Path, Path], change: Change
) -> None:
    """Anki fills the first field of a note type from the first column if no column has
    its name. That cell is empty, and Anki skips rows whose first field would be empty.
    """
    before, after = updated(tmp_path, releases, change)
    assert after == before


def test_a_new_card_gets_a_second_note_type_which_the_text_update_skips(mini: Path) -> None:
    """A limit of Anki: after a changed note type, a plain import updates only the new
    card, and the text update only the old one.
    """
    file = mini / POLLY
    editions = [released(mini, "1.0.0", 10_000)]
    file.write_text(file.read_text("utf-8") + NEW, "utf-8")
    editions.append(released(mini, "1.1.0", 40_000))
    edit(mini, "A new one.", "Newer.")
    edit(mini, "Speech.", "Spoken.")
    editions.append(released(mini, "1.1.1", 60_000))
    found = {}
    for notes in (IF_NEWER, NEVER):
        learner = Learner(mini.parent / str(notes), start=1_790_000_000 + 20_000)
        learner.add(editions[0] / "all.apkg")
        change_types(learner, added("Own", 2))
        for edition in editions[1:]:
            learner.now = (learner.now or 0) + 30_000
            learner.add(edition / "all.apkg", notes=notes)
            if notes == NEVER:
                learner.add_text(edition / "all.apkg")
        found[notes] = [named(learner)[key]["Answer"] for key in (PURPOSE, VOICE)]
        learner.close()
    assert found[IF_NEWER] == ["<p>Speech.</p>", "<p>Newer.</p>"]
    assert found[NEVER] == ["<p>Spoken.</p>", "<p>A new one.</p>"]
