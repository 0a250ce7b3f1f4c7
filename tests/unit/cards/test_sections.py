"""Cards added to and removed from the text of a file."""

from __future__ import annotations

from deckwright.cards.parse import parse
from deckwright.cards.sections import fresh, headings, with_sections, without
from deckwright.core.source import Source

TEXT = "# Title\n\n## a\n\n- kind: x\n\nOne\n\n\n## b\n\n- kind: x\n\nTwo\n"
SOURCE = Source("a.md", TEXT)
A, B = parse(SOURCE).value


def test_a_new_file_has_a_title_and_cards_with_blank_lines_between() -> None:
    assert fresh("Title", ["## a\n", "\n## b"]) == "# Title\n\n## a\n\n## b\n"


def test_a_card_goes_to_the_end_or_behind_another() -> None:
    new = "## c\n\nThree\n"
    assert with_sections(SOURCE, [new]) == TEXT + "\n" + new
    assert with_sections(SOURCE, [new], A) == TEXT.replace("\n\n\n## b", f"\n\n{new}\n## b")


def test_a_card_that_is_removed_takes_its_blank_lines_along() -> None:
    assert without(SOURCE, [A]) == "# Title\n\n## b\n\n- kind: x\n\nTwo\n"
    assert without(SOURCE, [B]) == "# Title\n\n## a\n\n- kind: x\n\nOne\n"
    assert without(SOURCE, [A, B]) == "# Title\n"


def test_headings_in_code_are_no_cards() -> None:
    text = "## a\n```\n## no\n```\n## b ##\n### no\n##no\n"
    assert [(text[at : at + 4], name) for at, name in headings(text)] == [
        ("## a", "a"),
        ("## b", "b"),
    ]
