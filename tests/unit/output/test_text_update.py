"""The text files that update notes without touching what is the learner's."""

from __future__ import annotations

import values
from values import card, note

from deckwright.output.text_update import text_updates

NOTE = note(card("a"), fields=("a", 'A "b"\nc', "", "mine"))


def test_a_row_has_no_cells_for_my_notes_and_tags() -> None:
    (artifact,) = text_updates({"task/4.1.apkg": (NOTE,)}, values.project()).values
    assert artifact.path == "task/4.1.cloze.txt"
    assert artifact.notes == 1
    assert artifact.data.decode() == (
        "#separator:tab\n#html:true\n#if matches:update current\n#notetype:1\n"
        "#guid column:2\n#deck column:3\n#tags column:7\n"
        "#columns:\tguid\tdeck\tID\tText\tExtra\ttags\n"
        f'\t{NOTE.guid}\t{NOTE.deck}\ta\t"A ""b""\nc"\t\n'
    )
