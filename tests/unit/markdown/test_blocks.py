"""Blocks of a Markdown text and the places of what is in them."""

from __future__ import annotations

import pytest

from deckwright import markdown
from deckwright.core.blocks import Block, Mark
from deckwright.core.source import Source


def parse(text: str) -> tuple[Block, ...]:
    return markdown.parse(Source("x.md", text))


def marks(text: str, kind: str) -> list[Mark]:
    return [mark for block in parse(text) for mark in block.marks if mark.kind == kind]


@pytest.mark.parametrize(
    ("text", "kind", "field", "value"),
    [
        ("## a *b* ##", "heading", "text", "a *b*"),
        ("### a", "heading", "level", 3),
        ("a\nb", "paragraph", "text", "a\nb"),
        ("- a", "bullets", "info", "-"),
        ("3. a", "numbers", "level", 3),
        ("> a", "quote", "text", ""),
        ("```json x\n{}\n```", "code", "info", "json x"),
        ("~~~\n{}\n~~~", "code", "text", "{}\n"),
        ("    a", "indented", "text", "a\n"),
        ("| *a* | b |\n|---|---|\n| `c\\|d` | |", "table", "rows", (("a", "b"), ("c|d", ""))),
        ("***", "rule", "text", ""),
        ("$$\nx^2\n$$", "math", "text", "\nx^2\n"),
        ("<div>\na", "paragraph", "text", "<div>\na"),
        ("a\n===", "paragraph", "text", "a\n==="),
        ("[a]: http://x", "paragraph", "text", "[a]: http://x"),
    ],
)
def test_kinds_of_blocks(text: str, kind: str, field: str, value: object) -> None:
    (block,) = parse(text)
    assert block.kind == kind
    assert getattr(block, field) == value
    assert block.span.text == text.strip()


def test_containers_have_children_and_their_marks() -> None:
    (block,) = parse("1. a\n\n   > - {{c1::b}}\n2. c\n")
    assert [inner.kind for inner in block.walk()] == [
        "numbers", "item", "paragraph", "quote", "bullets", "item", "paragraph",
        "item", "paragraph",
    ]  # fmt: skip
    assert [mark.span.text for mark in block.marks] == ["{{c1::b}}"]


def test_a_checkbox_is_taken_from_its_item_and_places_stay_right() -> None:
    (block,) = parse("- [x] {{c1::a}} b\n- [X]\n- [ ] c\n- [y] d\n- [x]e\n- `[x] f`\n")
    assert [item.checked for item in block.children] == ["x", "x", " ", "", "", ""]
    assert block.children[0].children[0].text == "{{c1::a}} b"
    assert markdown.plain([block.children[0].children[0]]) == "a b"
    assert [mark.span.text for mark in block.marks] == ["{{c1::a}}"]


def test_metadata_is_the_list_directly_under_a_card_s_heading() -> None:
    _, metadata, text, other = parse("## a\n\n- k: {{c1::x}}\n- l: *y*\n\ntext\n\n- k: {{c1::z}}\n")
    assert [item.span.text for item in metadata.children] == ["- k: {{c1::x}}", "- l: *y*"]
    assert (metadata.kind, metadata.marks, metadata.html) == ("bullets", (), "")
    assert (text.kind, len(other.marks)) == ("paragraph", 1)


@pytest.mark.parametrize(
    "text",
    [
        "{x} ‹{{c1::a}}›",
        "> - a\n>   ‹{{c1::b\n>   c}}› d",
        "| a | ‹{{c1::b}}› |\n|---|---|\n| c | d |",
        "| a | b |\n|---|---|\n| `x\\|y` | z\\|‹{{c1::b}}› |",
        "| a | a |\n|---|---|\n| b | ‹{{c1::b}}› |",
        "text\n\t  ‹{{c1::b}}›",
        "# é日 ‹{{c1::🦜}}›  ",
        "## ‹{{c1::a}}› ##",
    ],
)
def test_the_place_of_a_mark_in_the_file(text: str) -> None:
    bare = text.replace("‹", "").replace("›", "")
    (mark,) = [m for block in parse(bare) for m in block.marks if m.kind == "gap"]
    assert (mark.span.start, mark.span.end) == (text.index("‹"), text.index("›") - 1)


def test_cells_after_the_last_column_are_surplus() -> None:
    table = "| a | b |\n|---|---|\n| c | d | e | f |\n| g |\n| h | i |\n| `j|k` | l |\n"
    assert [mark.span.text for mark in marks(table, "surplus")] == ["| e | f |", "| l |"]
    assert marks("a|b\n-|-\nc|d|e", "surplus")[0].span.text == "|e"
    assert marks("a|b\n-|-\nc|d|\nc|d\\|e", "surplus") == []


def test_a_gap_in_a_block_of_code_or_math_is_bad() -> None:
    for text in ("```\n{{c1::a}}\n```", "$$\n{{c1::a}}\n$$", "    {{c1::a}}"):
        (mark,) = marks(text, "bad-gap")
        assert ("formula" if "$" in text else "code block") in mark.text
        assert mark.span.text == "{{c1::"
    assert marks("```\n{a} {{c::b}}\n```", "bad-gap") == []


@pytest.mark.parametrize(
    ("text", "kind", "words", "extra"),
    [
        ("![a *b*](c.png 'd')", "image", "a *b*", "c.png"),
        ("[a](http://b)", "link", "", "http://b"),
        ("<http://b>", "link", "", "http://b"),
        ("[a]: http://b", "reference", "", ""),
        ("x <b>y", "html", "<b>", ""),
    ],
)
def test_pictures_links_and_html_are_marked(text: str, kind: str, words: str, extra: str) -> None:
    (mark,) = marks(text, kind)
    assert (mark.text, mark.extra) == (words, extra)


def test_a_picture_in_a_link_is_marked_and_one_in_alt_text_is_not() -> None:
    assert [m.kind for m in parse("[![a](b.png)](http://c)")[0].marks] == ["link", "image"]
    assert [m.extra for m in parse("![a ![b](c.png)](d.png)")[0].marks] == ["d.png"]
