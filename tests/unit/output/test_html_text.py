"""The text of HTML."""

from __future__ import annotations

import pytest

from deckwright.output.html_text import lines, without_markup


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


def test_blocks_and_breaks_end_lines_and_empty_ones_are_dropped() -> None:
    html = "<p>a <b>b</b>\nc</p>\n\n<ul><li>d &lt; e</li><li></li></ul>x<br>y<!-- <br> -->z"
    assert lines(html) == ["a b", "c", "d < e", "x", "yz"]
