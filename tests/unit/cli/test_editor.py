"""What is said about a file after it was edited."""

from __future__ import annotations

from deckwright.cli.editor import about
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Source

CARD = "## {}\n\n- kind: concept\n- topic: voices\n\nWhat?\n\n---\n\nThat.\n\n"


def file(*names: str) -> Source:
    return Source("polly.md", "# Polly\n\n" + "".join(map(CARD.format, names)))


def problem(source: Source, name: str) -> Diagnostic:
    start = source.text.index(name)
    return Diagnostic("P211", name, source.span(start, start + 1))


def test_problems_of_the_other_cards_are_left_out() -> None:
    source = file("mine", "theirs")
    found = [problem(source, "mine"), problem(source, "theirs")]
    heard = about(found, [source], "polly.md", ["mine"], ["theirs"])
    assert [d.message for d in heard.diagnostics] == ["mine"]
    assert (heard.gone, heard.lost) == ((), False)


def test_a_card_that_has_another_id_is_gone_but_not_lost() -> None:
    heard = about([], [file("renamed", "theirs")], "polly.md", ["mine"], ["theirs"])
    assert (heard.gone, heard.lost) == (("mine",), False)


def test_a_card_that_no_other_replaces_is_lost_and_all_problems_are_said() -> None:
    source = file("theirs")
    heard = about([problem(source, "theirs")], [source], "polly.md", ["mine"], ["theirs"])
    assert (heard.gone, heard.lost, len(heard.diagnostics)) == (("mine",), True, 1)
    gone = about([], [], "polly.md", ["mine"], ["theirs"])
    assert gone.lost
