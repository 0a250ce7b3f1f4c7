"""HTML as Markdown: what each element becomes, and what is said to be lost."""

from __future__ import annotations

import pytest

from deckwright.exchange.importer.foreign import NotWritableError
from deckwright.exchange.importer.to_markdown import to_markdown


def written(html: str) -> tuple[str, list[str]]:
    """The Markdown of a field and the remarks on it; pictures are at `img/<name>`."""
    remarks: list[str] = []
    text = to_markdown(html, True, lambda name: name and f"img/{name}", remarks.append)
    return text, remarks


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<b>bold</b> and <i>slanted</i>", "**bold** and *slanted*"),
        ('<span style="font-weight: 700; font-style: italic">both</span>', "_**both**_"),
        ("<code>a `b` c</code>", "`` a `b` c ``"),
        ("x<sup>2</sup>, H<sub>2</sub>O", "x², H₂O"),
        ("one<br>two<br><br>three<br>", "one\\\ntwo\n\nthree"),
        ("<p>one</p><div>two</div>three", "one\n\ntwo\n\nthree"),
        ("<b><div>one</div><div>two<br></div></b>", "**one**\n\n**two**"),
        ("<blockquote>a<p>b</p></blockquote>", "> a\n>\n> b"),
        ("<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>", "* a\n  1. b\n* c"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "* a\n  * b"),
        ("<ul><li><p>a</p><p>b</p></li></ul>", "* a\n\n  b"),
        ("<pre><code class='language-sh'>ls<br>cd</code></pre>", "```sh\nls\ncd\n```"),
        ("<code>a<br>b</code>", "```\na\nb\n```"),
        ("<pre><div>a</div><div>b</div></pre>", "```\na\nb\n```"),
        ('<a href="https://e.org/a">https://e.org/a</a>', "<https://e.org/a>"),
        ('<a href="https://e.org/(a)">b</a>', "[b](https://e.org/(a))"),
        ('<img src="a b.png" alt="two *stars*">', "![two \\*stars\\*](<img/a b.png>)"),
        (r"so \(x_1\) and \[y\]", "so $x_1$ and\n\n$$\ny\n$$"),
        (r"[$]x[/$] [$$]y<br>z[/$$]", "$x$\n\n$$\ny z\n$$"),
        (r"\(x_{{U}}\)", "$x_{ {U}}$"),
        ("1 < 2 &lt; 3<!-- c -->", "1 < 2 < 3"),
        ("2 * 3, snake_case, 5 # 6", "2 * 3, snake_case, 5 # 6"),
        ("*stars* and _lines_", "\\*stars\\* and \\_lines\\_"),
        ("costs $5", "costs \\$5"),
        ("$5 or $6", "\\$5 or \\$6"),
        ("# no heading\n- no item", "\\# no heading\n\\- no item"),
        ("1. no list", "1\\. no list"),
        ("[ ] no box", "\\[ ] no box"),
        ("---", "&#45;--"),
        ("&amp;lt; and [a](b)", "\\&lt; and [a\\](b)"),
        ("{{c1::a::hint}} b", "{{c1::a::hint}} b"),
        ("{{c1::a:: }} b", "{{c1::a}} b"),
        ("<b>x {{c1::y</b> z}}", "**x {{c1::y}}**{{c1:: z}}"),
        ("{{c1::<ul><li>a</li><li>b</li></ul>}}", "* {{c1::a}}\n* {{c1::b}}"),
        ("{{c1::one<br><br>two}}", "{{c1::one}}\n\n{{c1::two}}"),
        (r"\({{c1::x}}\)", "{{c1::$x$}}"),
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
        ("a<hr>b", "a\\\nb", "horizontal line"),
        ("a <Bucket>", "a \\<Bucket>", "<bucket>"),
        ("<hl>a</hl>", "a", "<hl>"),
        ("<script>x()</script>a", "a", "scripts"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt></ruby>字", "漢(かん)字", "readings"),
        ('<video src="v.mp4"></video>', "(v.mp4)", "video"),
        ("<svg><rect/><text>x</text></svg>a", "(drawing) a", "drawings"),
        ("[sound:a.mp3]", "(sound: a.mp3)", "sounds"),
        ('<a href="javascript:x">b</a>', "b (javascript:x)", "links"),
        ('<img src="">', "(image: )", "images"),
        ('<img src="a.png">', "![Image](img/a.png)", "description"),
        ("x<sup>k</sup>", "x^k", "superscript"),
        ("in<b>side</b>", "inside", "emphasis"),
        ("a\u200bb", "ab", "invisible"),
        ("{{x}}", "{ {x} }", "braces"),
        ("<ul><li><b>a</b><ol start=3><li>b</li></ol></li></ul>", "a\n\nb", "plain"),
        ("{{c3::a}} {{c1::b}}", "{{c2::a}} {{c1::b}}", "renumbered"),
        (r"\(x + {{c1::a}}\)", "{{c1::$x + a$}}", "formula"),
        (r"\(\href{x}{y}\) and \[\href{x}{y}\]", r"`\href{x}{y}` and `\href{x}{y}`", "code"),
        ("[latex]$x$[/latex]", "$x$", "LaTeX"),
        ("<pre>x = {{c1::1}}\ny</pre>", "x = {{c1::1}}\\\ny", "code with a gap"),
    ],
)
def test_what_markdown_cannot_say_is_remarked(html: str, markdown: str, names: str) -> None:
    text, remarks = written(html)
    assert text == markdown
    assert {names in remark for remark in remarks} == {True}, remarks


def test_a_gap_inside_another_is_not_written() -> None:
    with pytest.raises(NotWritableError):
        written("{{c1::a {{c2::b}} c}}")


def test_a_table_keeps_its_cells() -> None:
    html = (
        "<table><tbody><tr><td>name</td><td style='text-align: right'>worst&nbsp;case</td></tr>"
        "<tr><td><b>a|b</b></td><td>n<sup>2</sup><br>rarely</td></tr><tr><td>c</td></tr></table>"
    )
    text, remarks = written(html)
    assert text == ("| name | worst case |\n| --- | --: |\n| **a\\|b** | n² rarely |\n| c |")
    assert len(set(remarks)) == 2
