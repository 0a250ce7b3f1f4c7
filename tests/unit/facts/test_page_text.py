"""The text of pages: sentences, list items and table rows, from Markdown and HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

from deckwright.facts.page_html import html_blocks
from deckwright.facts.page_numbers import ABOUT, HIGH, LOW, page_numbers
from deckwright.facts.page_text import PageText, folded, sentences

PAGES = Path(__file__).parents[2] / "pages"


def texts(source: str, is_html: bool = False) -> list[str]:
    return [unit.text for unit in PageText(source, is_html).units]


def test_markup_and_furniture_are_left_out() -> None:
    source = """\
---
source_url: https://docs.aws.amazon.com/parrot/latest/dg/x.html
---

# Limits<a name="x"></a>
<a name="limits"></a>

**Note**
Use [the **console**](https://example.com/a_(b).html "t"), `a_b` or {{your-name}}&nbsp;now.

**Topics**
+ [Limits](#limits)
+ [More limits](#more)

![A picture](x.png)
SCPs ***do not ***affect any role. See <i>more</i>\\* there.

## See also

* **Skills for AI coding assistants (optional).** Install 5,000 skills.
"""
    assert texts(source) == [
        "Use the console, a_b or your-name now.",
        "Topics",
        "SCPs do not affect any role.",
        "See more* there.",
    ]


def test_a_list_item_has_the_items_and_the_sentence_that_lead_to_it() -> None:
    page = PageText("# A\n\n## B\n\nNote the limits:\n+ One. Two.\n  + Three\n\n# C\n\nFour.\n")
    found = [(unit.kind, unit.text, unit.context) for unit in page.units]
    assert found == [
        ("sentence", "Note the limits:", ("A", "B")),
        ("item", "One.", ("A", "B", "Note the limits:")),
        ("item", "Two.", ("A", "B", "Note the limits:")),
        ("item", "Three", ("A", "B", "Note the limits:", "One. Two.")),
        ("sentence", "Four.", ("C",)),
    ]


def test_a_row_has_its_cells_their_lines_and_the_header() -> None:
    source = "# A\n\n| Op | Limit |\n| --- | --- |\n| `Do`<br />`Put` | [5](x.md) a<br>6 \\| 7 |\n"
    (row,) = PageText(source).units
    assert row.cells == ("Do\nPut", "5 a\n6 | 7")
    assert row.header == ("Op", "Limit")
    assert row.text == "Do / Put | 5 a / 6 | 7"


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
    units = PageText(source).units
    rows = [unit for unit in units if unit.kind == "row"]
    assert [row.cells for row in rows] == [("TCP", "443 & more"), ("TCP", "8443")]
    assert {row.header for row in rows} == {("Protocol", "Port")}
    assert [unit.text for unit in units if unit.kind == "item"] == ["Add these rules:", "Go on."]


def test_code_is_read_line_by_line() -> None:
    assert texts('```\n"a":   1,\n\n"b": 2\n```\n') == ['"a": 1,', '"b": 2']


def test_a_page_in_html() -> None:
    source = (PAGES / "estimator.html").read_text("utf-8")
    units = PageText(source, is_html=True).units
    assert [unit.text for unit in units] == [
        "The number of trees is 100 by default.",
        "It was 10 before version 0.22.",
        "n_birds",
        "Number of birds in each tree.",
        "Changed in version 1.2: the default is “sqrt”.",
        "depth | 1–32",
        "leaves | at least 2",
        "forest = Forest(trees=100)",
    ]
    assert units[5].header == ("Parameter", "Range")


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
        "<!-- " * 20_000,
        "e.g. A " * 20_000,
        f"<table><tr><td rowspan={'9' * 5000} colspan={'9' * 5000}>x",
    ],
)
def test_broken_html_has_some_text_soon_and_no_trace(source: str) -> None:
    assert len(html_blocks(source)) < 5000
    assert len(texts(source)) < 5000


def test_cells_that_cover_others_are_repeated_only_so_often() -> None:
    source = "<table>" + "<tr><td rowspan=100 colspan=100>x" * 20_000
    assert sum(len(block.texts) for block in html_blocks(source)) < 200_000


def test_comments_in_html_are_no_text() -> None:
    assert texts("<p>a <!-- <b>no</b> --> b &lt; c</p>", is_html=True) == ["a b < c"]


def test_the_hash_of_a_page_does_not_change_with_markup() -> None:
    one = PageText("---\na: b\n---\n# A\n\nUp to **3,000** [files](x.md).\nOr  less.\n")
    other = PageText("# A\n\nUp to 3000 [files](y.md#z). Or less.\n")
    assert one.digest == other.digest
    assert one.digest != PageText("# A\n\nUp to 3001 files. Or less.\n").digest


def test_the_hash_of_a_row_changes_with_its_header() -> None:
    page = "| Size ({}) |\n| --- |\n| 5 |\n"
    (one,), (other,) = (PageText(page.format(unit)).units for unit in ("MB", "GB"))
    assert one.text == other.text
    assert one.digest != other.digest


def test_sentences() -> None:
    text = 'Up to 1.5 MB (e.g. ten). "Two" is max. See No. 5. 3 more.'
    assert list(sentences(text)) == [
        "Up to 1.5 MB (e.g. ten).",
        '"Two" is max.',
        "See No. 5.",
        "3 more.",
    ]


def test_quotes_dashes_spaces_and_commas_do_not_matter() -> None:
    assert folded("“It’s”\u00a01,000\u20132,000 **`MB`**") == '"it\'s" 1000-2000 mb'


@pytest.mark.parametrize(
    ("text", "number", "unit", "bound", "end_of_range", "rate"),
    [
        ("can be up to 40,000 characters", 40_000, "", HIGH, "", ""),
        ("is 10K pixels wide", 10_000, "", "", "", ""),
        ("1M characters", 1_000_000, "", "", "", ""),
        ("one million records", 1_000_000, "", "", "", ""),
        ("5-300 seconds", 5, "seconds", "", LOW, ""),
        ("between 5 and 300 seconds", 5, "seconds", "", LOW, ""),
        ("128 MB to 10,240 MB", 128, "mb", "", LOW, ""),
        ("30 calendar days", 30, "days", "", "", ""),
        ("up to 6 Mb of audio", 6, "bit", HIGH, "", ""),
        ("2MBps for the rest", 2, "mb", "", "", "second"),
        ("80 tps with a burst", 80, "", "", "", "second"),
        ("15 requests per minute", 15, "", "", "", "minute"),
        ("no more than 20 letters", 20, "", HIGH, "", ""),
        ("not less than 20 letters", 20, "", LOW, "", ""),
        ("a minimum of two weeks", 2, "weeks", LOW, "", ""),
        ("5 or fewer", 5, "", HIGH, "", ""),
        ("about 5 minutes", 5, "minutes", ABOUT, "", ""),
        ("in 14-day steps", 14, "day", "", "", ""),
    ],
)
def test_a_number_has_what_makes_it_another_value(
    text: str, number: float, unit: str, bound: str, end_of_range: str, rate: str
) -> None:
    found = page_numbers(text)[0]
    assert (found.number, found.unit) == (number, unit)
    assert (found.bound, found.end_of_range, found.rate) == (bound, end_of_range, rate)


def test_digits_in_names_are_no_numbers() -> None:
    assert page_numbers("AES-256, SSE-S3, p4d.24xlarge, us-east-1 and EC2") == ()


def test_a_long_line_of_numbers_is_read_in_time() -> None:
    assert len(page_numbers("1 to 2, at least 3 MB | " * 10_000)) == 30_000


def test_a_comma_behind_a_number_is_none_of_it() -> None:
    found = page_numbers("up to 5, 1,000 or 10.")
    assert [(number.number, number.end) for number in found] == [(5, 7), (1000, 14), (10, 20)]
