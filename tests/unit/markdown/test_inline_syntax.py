"""HTML, math and leftover syntax in running text."""

from __future__ import annotations

import pytest

from deckwright import markdown
from deckwright.core.source import Source


def marks(text: str, kind: str) -> list[tuple[str, str, str]]:
    """The marks of a kind: their text, their extra, and where they point."""
    blocks = markdown.parse(Source("x.md", text))
    return [(m.text, m.extra, m.span.text) for b in blocks for m in b.marks if m.kind == kind]


def html(text: str) -> str:
    return markdown.field_html(markdown.parse(Source("x.md", text)), str)


@pytest.mark.parametrize("tag", ["<b>", "</B>", '<a href="x">', "<!-- x -->", "<?x?>"])
def test_html_is_marked_and_comes_out_as_text(tag: str) -> None:
    assert marks(f"a {tag} b", "html") == [(tag, "", tag)]
    assert "<b" not in html(f"a {tag} b").lower()
    assert marks("<bucket> <Code> <Table> a < b > c `<b>` <1>", "html") == []


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("the ratio $x^2$ is $n$", ["x^2", "n"]),
        ("$5 and $6", []),
        ("$ x$ and $x $", []),
        ("$5 to $10", []),
        ("a$x$ and $x$b", []),
        ("${HOME}/$USER and \\$x", []),
        ("`$x$` $a_{b}$", ["a_{b}"]),
        ("$a\nb$", ["a\nb"]),
    ],
)
def test_dollars_are_math_only_without_spaces_and_words_beside_them(
    text: str, formulas: list[str]
) -> None:
    found = html(text)
    assert found.count("\\(") - found.count("\\<!-- -->(") == len(formulas)
    for formula in formulas:
        assert f"\\({' '.join(formula.split())}\\)" in found


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("a $$x$$ b", "running text", "$$"),
        ("$$x\n\ny$$", "blank line", "$$"),
        ("a $x \\) y$", "`\\)`", "\\)"),
        ("a $x \\\\] y$", "`\\]`", "\\\\]"),
        ("$$\nx \\] y\n$$", "`\\]`", "\\]"),
    ],
)
def test_formulas_that_would_break(text: str, word: str, place: str) -> None:
    (said, help_line, found) = (marks(text, "bad-math") + marks(text, "bad-tex"))[0]
    assert (word in said, found) == (True, place)
    assert help_line


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a ** b", ["**"]),
        ("a ~~b", ["~~"]),
        ("[a](b c", ["]("]),
        ("a ` b", ["`"]),
        ("![[a]]", ["![["]),
        ("text\n| a | b |", ["| a | b |"]),
        ("ec2:*Tags and s3:* x", ["*"]),
        ("2*3*4", ["*"]),
        ("a **b**c", ["**"]),
        ("*a* ** *b* **", ["**"]),
        ("a \\*\\* b `**` *a* b (*a*) a _b_ c", []),
        ("2 * 3", []),
        ("s3:* and x", []),
        ("a | b", []),
        ("~a~", []),
        ("a*", []),
    ],
)
def test_syntax_that_would_be_displayed_is_left_over(text: str, places: list[str]) -> None:
    found = marks(text, "leftover")
    assert [(said, place) for said, _, place in found] == [(place, place) for place in places]


def test_the_place_of_a_leftover_is_behind_the_equal_text_before_it() -> None:
    blocks = markdown.parse(Source("x.md", "`**` and \\** and ** x"))
    ((start, end),) = [(m.span.start, m.span.end) for b in blocks for m in b.marks]
    assert (start, end) == (17, 19)


@pytest.mark.parametrize(
    ("text", "address", "place"),
    [
        ("[x](javascript:alert(1)) b", "javascript:alert(1)", "[x](javascript:alert(1))"),
        ("[a](b) [x](<JavaScript:y>)", "JavaScript:y", "[x](<JavaScript:y>)"),
        ("[x](file:///etc/passwd)", "file:///etc/passwd", "[x](file:///etc/passwd)"),
        ("`[a](data:b)` [x](vbscript:y)", "vbscript:y", "[x](vbscript:y)"),
    ],
)
def test_a_link_that_is_never_made_is_a_link_all_the_same(
    text: str, address: str, place: str
) -> None:
    assert marks(text, "link")[-1] == ("", address, place)
    assert marks(text, "leftover") == []
    assert "href=" not in html(text).replace('href="b"', "")


def test_an_image_that_is_never_made_is_an_image_all_the_same() -> None:
    found = marks("![x](data:text/html,y)", "image")
    assert found == [("x", "data:text/html,y", "![x](data:text/html,y)")]
    assert marks("`[a](data:b)` ](", "link") == []
