"""The text of HTML."""

from __future__ import annotations

import pytest

from deckwright.output.html_text import without_markup


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a &amp; b", "a &amp; b"),
        ("<p class='x'>a <b>b</b></p>", "a b"),
        ("a}<!-- > -->}<br>b", "a}}b"),
        ("<style>p { }</style>a<SCRIPT>\nif (a < b) {}\n</SCRIPT>", "a"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_tags_comments_styles_and_scripts_are_removed(html: str, text: str) -> None:
    assert without_markup(html) == text
