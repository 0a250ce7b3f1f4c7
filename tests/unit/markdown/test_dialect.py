"""The parser of the dialect: its rules, and how it reads metadata."""

from __future__ import annotations

import pytest

from deckwright.markdown.dialect import parser


def kinds(text: str) -> list[str]:
    return [token.type for token in parser().parse(text) if token.level == 0]


def test_there_is_one_parser() -> None:
    assert parser() is parser()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n---", ["paragraph_open", "inline", "paragraph_close", "hr"]),
        ("<div>", ["paragraph_open", "inline", "paragraph_close"]),
        ("[a]: http://b", ["paragraph_open", "inline", "paragraph_close"]),
        ("$$\na\n$$", ["math_block"]),
        ("   # a", ["heading_open", "inline", "heading_close"]),
        ("12) a", ["ordered_list_open", "ordered_list_close"]),
        (
            "a\n1. b",
            [
                "paragraph_open",
                "inline",
                "paragraph_close",
                "ordered_list_open",
                "ordered_list_close",
            ],
        ),
        (" a | b\n :-|-", ["table_open", "table_close"]),
        ("a | b\n x-|-", ["paragraph_open", "inline", "paragraph_close"]),
    ],
)
def test_block_rules(text: str, expected: list[str]) -> None:
    shown = [kind for kind in kinds(text) if kind != "inline"]
    assert shown == [kind for kind in expected if kind != "inline"]


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


def texts(text: str) -> list[str]:
    return [token.content for token in parser().parse(text) if token.type == "inline"]


def test_only_of_metadata_the_entries_are_not_read() -> None:
    assert texts(f"## a\n\n{METADATA}\nQ") == ["a", "Q"]
    assert texts(f"# a\n\n{METADATA}\nQ") == ["a", "kind: a", "topic: b", "Q"]
    assert texts("- ## a\n\n  - kind: a\n\n  Q") == ["a", "kind: a", "Q"]
    assert texts(f"a\n\n{METADATA}\nQ") == ["a", "kind: a", "topic: b", "Q"]


def test_plain_metadata_has_the_tokens_that_the_library_would_make() -> None:
    quick = parser().parse(f"## a\n\n{METADATA}\n\nQ")
    slow = parser().parse(f"## a\n\n{METADATA}\n\n{{x}}".replace("kind: a", "kind:  `a`"))

    def outline(tokens: list) -> list[tuple[str, int, list[int] | None, str]]:
        return [
            (t.type, t.level, t.map, t.markup) for t in tokens if t.level < 2 and "list" in t.type
        ]

    assert outline(quick) == outline(slow)


def test_text_without_special_characters_is_one_token() -> None:
    (inline,) = [token for token in parser().parse("plain: (text), 50 % - a/b") if token.children]
    assert [child.type for child in inline.children or ()] == ["text"]
    assert "marks" not in inline.meta
