"""The parser of the dialect: its rules, and how it reads metadata."""

from __future__ import annotations

import pytest

from deckwright.markdown.dialect import parser

METADATA = "- kind: a\n- topic: b\n"


@pytest.mark.parametrize(
    ("text", "is_metadata"),
    [
        (f"## a\n\n{METADATA}\nQ", True),
        (f"## a\n{METADATA}\nQ", True),
        (f"## a\n\n{METADATA}", True),
        ("## a\n\n* kind: *a*\n\n  more\n\nQ", True),  # read by the library's rule
        (f"# a\n\n{METADATA}\nQ", False),
        (f"## a\n\ntext\n\n{METADATA}\nQ", False),
        (f"> ## a\n>\n> {METADATA}", False),
        ("## a\n\n1. kind: a\n\nQ", False),
    ],
)
def test_metadata_is_the_list_under_a_heading_of_the_second_level(
    text: str, is_metadata: bool
) -> None:
    lists = [t for t in parser().parse(text) if t.type in ("bullet_list_open", "ordered_list_open")]
    assert [("metadata" in token.meta) for token in lists][:1] == ([is_metadata] if lists else [])


def test_plain_metadata_has_the_tokens_that_the_library_would_make() -> None:
    quick = parser().parse(f"## a\n\n{METADATA}\n\nQ")
    slow = parser().parse(f"## a\n\n{METADATA}\n\n{{x}}".replace("kind: a", "kind:  `a`"))

    def outline(tokens: list) -> list[tuple[str, int, list[int] | None, str]]:
        return [
            (t.type, t.level, t.map, t.markup) for t in tokens if t.level < 2 and "list" in t.type
        ]

    assert outline(quick) == outline(slow)
