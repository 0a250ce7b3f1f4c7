"""The text files that update notes without touching what is the learner's."""

from __future__ import annotations

import values
from values import card, note, notetype

from deckwright.output.text_update import text_updates

NOTE = note(card("a"), fields=("a", 'A "b"\nc', "", "mine"))


def test_a_row_ends_before_my_notes_and_has_no_tags() -> None:
    (artifact,) = text_updates({"task/4.1.apkg": (NOTE,)}, values.project()).values
    assert artifact.path == "task/4.1.txt"
    assert artifact.notes == 1
    assert artifact.data.decode() == (
        "#separator:tab\n#html:true\n#if matches:update current\n#guid column:1\n"
        "#notetype column:2\n#deck column:3\n"
        "#columns:guid\tnotetype\tdeck\tfield 1\tfield 2\tfield 3\n"
        f'{NOTE.guid}\tMini cloze\t{NOTE.deck}\ta\t"A ""b""\nc"\t\n'
    )


def test_a_shorter_row_is_not_padded_and_the_columns_are_those_of_the_longest() -> None:
    short = note(card("b"), type="basic", fields=("b", "mine"))
    types = {"cloze": notetype(), "basic": notetype("basic")}
    outcome = text_updates({"all.apkg": (short, NOTE)}, values.project(notetypes=types))
    lines = outcome.values[0].data.decode().split("\n")
    assert lines[6].endswith("\tfield 3")
    assert lines[7] == f"{short.guid}\tMini basic\t{short.deck}\tb"


def test_packages_without_notes_have_no_file() -> None:
    chosen = {"b.apkg": (NOTE,), "a.apkg": (NOTE,), "empty.apkg": ()}
    found = text_updates(chosen, values.project()).values
    assert [artifact.path for artifact in found] == ["a.txt", "b.txt"]
