"""The tree of a field: HTML as editors leave it, and what Anki reads in it."""

from __future__ import annotations

import pytest

from deckwright.exchange.importer.anki_html import (
    Element,
    Gap,
    GapEnd,
    Math,
    Node,
    Sound,
    numbers,
    read,
    seen,
    visible,
)


def children(html: str, gaps: bool = True) -> tuple[list[Node], list[str]]:
    """The nodes of a field, and the remarks on it."""
    remarks: list[str] = []
    return read(html, gaps, remarks.append).children, remarks


def outline(node: Node) -> object:
    """A tree of tags."""
    if isinstance(node, Element):
        return (
            {node.tag: [outline(child) for child in node.children]} if node.children else node.tag
        )
    return node


@pytest.mark.parametrize(
    ("html", "outlines"),
    [
        ("a<br>b", ["a", "br", "b"]),
        ("<p>a<div>b</div>", [{"p": ["a"]}, {"div": ["b"]}]),
        ("<ul><li>a<li>b</ul>c", [{"ul": [{"li": ["a"]}, {"li": ["b"]}]}, "c"]),
        (
            "<ul><li>a<ul><li>b</ul><li>c</ul>",
            [{"ul": [{"li": ["a", {"ul": [{"li": ["b"]}]}]}, {"li": ["c"]}]}],
        ),
        (
            "<table><tr><td>a<td>b</tr><tr><td>c</table>",
            [{"table": [{"tr": [{"td": ["a"]}, {"td": ["b"]}]}, {"tr": [{"td": ["c"]}]}]}],
        ),
        ("<table><tr><td>a</div>b</td></tr></table>", [{"table": [{"tr": [{"td": ["a", "b"]}]}]}]),
        ("a</b><i>b", ["a", {"i": ["b"]}]),
        ("a<!-- c -->b<!doctype html>", ["ab"]),
        ("1 < 2 &lt; 3", ["1 < 2 < 3"]),
    ],
)
def test_html_is_read_as_a_browser_reads_it(html: str, outlines: list[object]) -> None:
    nodes, remarks = children(html)
    assert ([outline(node) for node in nodes], remarks) == (outlines, [])


def test_gaps_have_numbers_hints_and_ends() -> None:
    nodes, remarks = children("a {{c2::b::<i>h</i> 1}} c")
    assert nodes == ["a ", Gap(2, "h 1"), "b", GapEnd(), " c"]
    assert remarks == []


def test_a_gap_inside_another_divides_it() -> None:
    nodes, remarks = children("{{c1::a {{c2::b}} c}}")
    assert nodes == [
        Gap(1, ""), "a ", GapEnd(), Gap(2, ""), "b", GapEnd(), Gap(1, ""), " c", GapEnd()
    ]  # fmt: skip
    assert len(remarks) == 1


def test_braces_that_make_no_gap_are_text() -> None:
    nodes, remarks = children("{{c1::open")
    assert "".join(map(str, nodes)) == "{ {c1::open"
    assert ["gap 1 " in remark for remark in remarks] == [True]
    nodes, remarks = children("{{c1::a}}", gaps=False)
    assert "".join(map(str, nodes)) == "{ {c1::a}}"
    assert ["`{{c1::`" in remark for remark in remarks] == [True]


@pytest.mark.parametrize(
    ("html", "math"),
    [
        (r"\(a<br>b\)", Math("a b", False)),
        (r"\[a\]", Math("a", True)),
        ("[$]a[/$]", Math("a", False)),
        ("[$$]a[/$$]", Math("a", True)),
    ],
)
def test_formulas_are_taken_out_of_the_html(html: str, math: Math) -> None:
    assert children(html) == ([math], [])


def test_a_gap_in_a_formula_is_put_around_it() -> None:
    assert children(r"\({{c1::a::h}}\)") == ([Gap(1, "h"), Math("a", False), GapEnd()], [])
    nodes, remarks = children(r"\(x + {{c1::a}}\)")
    assert nodes == [Gap(1, ""), Math("x + a", False), GapEnd()]
    assert ["formula" in remark for remark in remarks] == [True]


def test_sounds_are_nodes() -> None:
    assert children("[sound:a &amp; b.mp3]") == ([Sound("a & b.mp3")], [])


def test_numbers_of_gaps_are_given_once_and_rise() -> None:
    assert numbers("{{c3::a}} {{c1::b}} {{c3::c}}") == [1, 3]


def test_what_is_seen_has_no_blanks_and_knows_what_gaps_hide() -> None:
    tree = read("a {{c1::b c}} <img src='x'> {{c1::d}}", True, [].append)
    assert seen(visible(tree)) == ("abc\ufffcd", {"1": "bcd"})
