"""HTML as Markdown: what each element becomes, and what is said to be lost."""

from __future__ import annotations

import re

import pytest

from deckwright.exchange.importer import anki_html
from deckwright.exchange.importer.to_markdown import escaping
from deckwright.exchange.importer.to_markdown.writer import Writer


def written(html: str) -> tuple[str, list[str]]:
    """The Markdown of a field and the remarks on it; pictures are at `img/<name>`."""
    remarks: list[str] = []
    tree = anki_html.read(html, True, remarks.append)
    writer = Writer(escaping.light, lambda name: name and f"img/{name}", remarks.append)
    return writer.write(tree), remarks


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<b>bold</b> and <i>slanted</i>", "**bold** and *slanted*"),
        ('<span style="font-weight: 700; font-style: italic">both</span>', "**_both_**"),
        ("<b>one</b><b> more</b>", "**one more**"),
        ("<code>a `b` c</code>", "``a `b` c``"),
        ("x<sup>2</sup>, H<sub>2</sub>O", "x², H₂O"),
        ("one<br>two<br><br>three", "one\\\ntwo\n\nthree"),
        ("<p>one</p><div>two</div>three", "one\n\ntwo\n\nthree"),
        ("<blockquote>a<p>b</p></blockquote>", "> a\n>\n> b"),
        ("<ul><li>a<ol start=3><li>b</li></ol></li><li>c</li></ul>", "- a\n  3. b\n- c"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
        ("<ul><li><p>a</p></li><li>b</li></ul>", "- a\n\n- b"),
        ("<ul>a <li>b</li></ul>", "- a\n- b"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b"),
        ("<pre><code class='language-sh'>ls<br>```</code></pre>", "````sh\nls\n```\n````"),
        ("<pre><div>a</div><div>b</div></pre>", "```\na\nb\n```"),
        ('<a href="https://e.org/a">https://e.org/a</a>', "<https://e.org/a>"),
        ('<a href="https://e.org/(a)" title="t">b</a>', '[b](<https://e.org/(a)> "t")'),
        ('<img src="a b.png" alt="two *stars*">', "![two \\*stars\\*](<img/a b.png>)"),
        (r"so \(x_1\) and \[y\]", "so $x_1$ and\n\n$$\ny\n$$"),
    ],
)
def test_an_element_has_its_markdown_and_loses_nothing(html: str, markdown: str) -> None:
    assert written(html) == (markdown, [])


@pytest.mark.parametrize(
    ("html", "markdown", "names"),
    [
        ("<h2>Title</h2>text", "**Title**\n\ntext", "heading"),
        ("<u>under</u>", "under", "underlining"),
        ('<font color="red">r</font>', "r", "colors"),
        ("a<hr>b", "a\n\nb", "horizontal line"),
        ("<bucket>", "\\<bucket>", "<bucket>"),
        ("<script>x()</script>a", "a", "script"),
        ('<video src="v.mp4"></video>', "(v.mp4)", "v.mp4"),
        ("[sound:a.mp3]", "(sound: a.mp3)", "a.mp3"),
        ('<a href="javascript:x">b</a>', "b", "javascript:x"),
        ("x<sup>k</sup>", "x^k", "superscript"),
        ("in<b>side</b>", "inside", "emphasis"),
        ("a\u200bb", "ab", "invisible"),
    ],
)
def test_what_markdown_cannot_say_is_remarked(html: str, markdown: str, names: str) -> None:
    text, (remark,) = written(html)
    assert (text, names in remark) == (markdown, True), remark


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("2 * 3, snake_case, 5 # 6", "2 * 3, snake_case, 5 # 6"),
        ("*stars* and _lines_", "\\*stars\\* and \\_lines\\_"),
        ("costs $5", "costs $5"),
        ("$5 or $6", "\\$5 or \\$6"),
        ("# no heading", "\\# no heading"),
        ("1. no list", "1\\. no list"),
        ("- no list", "\\- no list"),
        ("[ ] no box", "\\[ ] no box"),
        ("---", "&#45;--"),
        ("&amp;lt; and a &lt; b", "\\&lt; and a < b"),
    ],
)
def test_text_has_a_backslash_only_where_it_needs_one(text: str, markdown: str) -> None:
    assert written(text)[0] == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("{{c1::a::hint}} b", "{{c1::a::hint}} b"),
        ("<b>x {{c1::y</b> z}}", "**x** {{c1::**y** z}}"),
        ("{{c1::a {{c2::b}} c}}", "{{c1::a }}{{c2::b}}{{c1:: c}}"),
        ("<code>f({{c1::x}})</code>", "`f(`{{c1::`x`}}`)`"),
        ("<pre>a = {{c1::1}}\nb</pre>", "`a = `{{c1::`1`}}\\\n`b`"),
        ("{{c1::<ul><li>a</li><li>b</li></ul>}}", "- {{c1::a}}\n- {{c1::b}}"),
    ],
)
def test_gaps_and_what_crosses_them_are_divided(html: str, markdown: str) -> None:
    assert written(html)[0] == markdown


def test_a_table_has_a_heading_and_one_line_for_each_row() -> None:
    html = (
        '<table><tr><th>a</th><th style="text-align: right">b</th></tr>'
        "<tr><td>1<br>2</td></tr><tr><td><div>x|y</div><div>z</div></td><td>3</td></tr></table>"
    )
    text, remarks = written(html)
    assert text == "| a | b |\n| --- | --: |\n| 1 / 2 |  |\n| x\\|y / z | 3 |"
    assert len(set(remarks)) == 1


def test_a_table_without_a_heading_and_with_wide_cells_is_remarked() -> None:
    text, remarks = written("<table><caption>c</caption><tr><td colspan=2>a</td></tr></table>")
    assert text == "c\n\n| a |\n| --- |"
    assert ["header" in remark for remark in remarks] == [False, True]


def test_a_picture_without_an_address_is_named() -> None:
    writer = Writer(escaping.light, lambda name: "", [].append)
    tree = anki_html.read("<img src='a.png'><img src='data:x'>", False, [].append)
    assert re.fullmatch(r"\(image: a\.png\)\(image: [\w ]+\)", writer.write(tree))


def test_what_a_reader_must_see_is_what_the_html_shows() -> None:
    writer = Writer(escaping.light, str, [].append)
    tree = anki_html.read(r"a {{c1::b}} <img src='c'> \(d\)", True, [].append)
    writer.write(tree)
    assert anki_html.seen(writer.said) == anki_html.seen(anki_html.visible(tree))
    assert anki_html.seen(writer.said)[1] == {"1": "b"}


def test_a_line_has_no_blocks() -> None:
    writer = Writer(escaping.light, str, [].append)
    tree = anki_html.read("<p>a</p><ul><li>b</li></ul>", False, [].append)
    assert writer.line(tree) == "a / b"


def test_heavy_escaping_leaves_nothing_to_chance() -> None:
    assert escaping.heavy("a*b_c`d<e>[f]#$") == r"a\*b\_c\`d\<e\>\[f\]\#\$"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("{{c1::a }} more}}", "{{c1::a }} more} }"),
        ("{{c1::a}} <code>x}}</code> y}}}", "{{c1::a}} `x}}` y} } }"),
    ],
)
def test_braces_that_end_no_gap_get_a_space(html: str, markdown: str) -> None:
    text, (remark,) = written(html)
    assert (text, "`}}`" in remark) == (markdown, True)


def test_braces_in_a_paragraph_without_gaps_stay() -> None:
    assert written("{{c1::a}}<br><br>b}}") == ("{{c1::a}}\n\nb}}", [])
