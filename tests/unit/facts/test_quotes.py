"""The text of pages: sentences, list items and table rows, from Markdown and HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.facts.page_html import passages_in
from deckwright.facts.quotes import quotes_of, read_page

PAGES = Path(__file__).parents[2] / "pages"


def texts(source: str) -> list[str]:
    return [passage.text for passage in read_page(source)]


def test_markup_is_left_out() -> None:
    source = """\
---
source_url: https://docs.aws.amazon.com/parrot/latest/dg/x.html
---

# Limits<a name="x"></a>
<a name="limits"></a>

**Note**
Use [the **console**](https://example.com/a_(b).html "t"), `a_b` or {{your-name}}&nbsp;now.

![A picture](x.png)
SCPs ***do not ***affect any role. See <i>more</i>\\* there.
"""
    assert texts(source) == [
        "Note Use the console, a_b or your-name now.",
        "SCPs do not affect any role.",
        "See more* there.",
    ]


def test_a_row_has_its_cells_their_lines_and_the_header() -> None:
    source = "# A\n\n| Op | Limit |\n| --- | --- |\n| `Do`<br />`Put` | [5](x.md) a<br>6 \\| 7 |\n"
    (row,) = read_page(source)
    assert (row.cells, row.header) == (("Do / Put", "5 a / 6 | 7"), "Op | Limit")


def test_html_tables_in_markdown_are_tables_even_with_empty_lines() -> None:
    source = """\
1. Add these rules:

<table>
<thead><tr><th>Protocol</th><th>Port</th></tr></thead>

<tr><td rowspan="2"><code>TCP</code></td><td>443 &amp; more</td></tr>

<tr><td>{{8443}}</td></tr>
</table>

1. Go on.
"""
    assert texts(source) == ["Add these rules:", "TCP | 443 & more", "TCP | 8443", "Go on."]
    assert read_page(source)[1].header == "Protocol | Port"


def test_a_page_in_html() -> None:
    source = (PAGES / "estimator.html").read_text("utf-8")
    assert texts(source) == [
        "The number of trees is 100 by default.",
        "It was 10 before version 0.22.",
        "n_birds",
        "Number of birds in each tree.",
        "Changed in version 1.2: the default is “sqrt”.",
        "depth | 1–32",
        "leaves | at least 2",
        "forest = Forest(trees=100)",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "<td>5",
        "</table></tr></td>",
        "<table><tr><td rowspan=99999999 colspan=99999999>x</td><td>y",
        "<nav>" * 500,
        "</nav></nav>5 MB",
        "<li>" * 3000 + "x",
        "<p <p <p",
        "<![CDATA[ <!-- &#0; &#xffffffff; &nosuch;",
        "<table " * 20_000,
        "<table>" * 20_000 + "</table x>",
        "<!-- " * 20_000,
        "e.g. A " * 20_000,
        "<table>" + "<tr><td rowspan=100>x" * 4_000,
        f"<table><tr><td rowspan={'9' * 5000} colspan={'9' * 5000}>x",
    ],
)
def test_broken_html_has_some_text_soon_and_no_trace(source: str) -> None:
    assert len(passages_in(source)) < 5000
    assert len(texts(source)) < 5000


def test_a_phrase_has_the_sentence_that_it_is_in() -> None:
    html = (
        "<p>One <code>a.b</code> is&nbsp;kept, e.g. here. Two, 3,000,\n are not.</p><p>Three.</p>"
    )
    phrases = ("a.b", "two, 3000, are", "here. Two", "three", "four")
    said = [[quote.said for quote in quotes_of(phrase, passages_in(html))] for phrase in phrases]
    one, two = "One a.b is kept, e.g. here.", "Two, 3,000, are not."
    assert said == [[one], [two], [], ["Three."], []]
