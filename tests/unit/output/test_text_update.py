"""The text files that update notes without touching what is the learner's."""

from __future__ import annotations

import values
from values import card, note, notetype

from deckwright.output.text_update import text_updates

NOTE = note(card("a"), fields=("a", 'A "b"\nc', "", "mine"))


def test_a_row_has_no_cells_for_my_notes_and_tags() -> None:
    (artifact,) = text_updates({"task/4.1.apkg": (NOTE,)}, values.project())
    assert artifact.path == "task/4.1.cloze.txt"
    assert artifact.notes == 1
    assert artifact.data.decode() == (
        "#separator:tab\n#html:true\n#if matches:update current\n#notetype:1\n"
        "#guid column:2\n#deck column:3\n#tags column:7\n"
        "#columns:\tguid\tdeck\tID\tText\tExtra\ttags\n"
        f'\t{NOTE.guid}\t{NOTE.deck}\ta\t"A ""b""\nc"\t\n'
    )


def test_each_note_type_of_a_package_has_its_own_file() -> None:
    fields = notetype().fields
    types = {"cloze": notetype(), "basic": notetype("basic", id=2, fields=fields[:1] + fields[3:])}
    other = note(card("b"), type="basic", fields=("b", "mine"))
    outcome = text_updates({"all.apkg": (other, NOTE)}, values.project(notetypes=types))
    basic, cloze = outcome
    assert [basic.path, cloze.path] == ["all.basic.txt", "all.cloze.txt"]
    assert basic.data.decode().split("\n")[3:] == [
        "#notetype:2",
        "#guid column:2",
        "#deck column:3",
        "#tags column:5",
        "#columns:\tguid\tdeck\tID\ttags",
        f"\t{other.guid}\t{other.deck}\tb",
        "",
    ]


def test_packages_without_notes_have_no_file() -> None:
    chosen = {"b.apkg": (NOTE,), "a.apkg": (NOTE,), "empty.apkg": ()}
    found = text_updates(chosen, values.project())
    assert [artifact.path for artifact in found] == ["a.cloze.txt", "b.cloze.txt"]
