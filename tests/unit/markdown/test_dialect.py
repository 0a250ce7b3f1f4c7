"""The parser of the dialect: its rules, and how it reads metadata."""

from __future__ import annotations

from deckwright.markdown.dialect import parser

METADATA = "- kind: a\n- topic: b\n"


def test_plain_metadata_has_the_tokens_that_the_library_would_make() -> None:
    quick = parser().parse(f"## a\n\n{METADATA}\n\nQ")
    slow = parser().parse(f"## a\n\n{METADATA}\n\n{{x}}".replace("kind: a", "kind:  `a`"))

    def outline(tokens: list) -> list[tuple[str, int, list[int] | None, str]]:
        return [
            (t.type, t.level, t.map, t.markup) for t in tokens if t.level < 2 and "list" in t.type
        ]

    assert outline(quick) == outline(slow)
