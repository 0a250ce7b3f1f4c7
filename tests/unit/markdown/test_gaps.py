"""Gaps in running text: answer, hint, what is wrong, and what is no gap."""

from __future__ import annotations

import pytest

from deckwright import markdown
from deckwright.core.blocks import Mark
from deckwright.core.source import Source
from deckwright.markdown.gaps import MAX_GAP


def marks(text: str) -> list[Mark]:
    return [mark for block in markdown.parse(Source("x.md", text)) for mark in block.marks]


def gaps(text: str) -> list[tuple[int, str, str]]:
    return [(m.number, m.text, m.extra) for m in marks(text) if m.kind == "gap"]


def bad(text: str) -> list[tuple[str, str]]:
    """What is said of bad gaps, and the text that it points to."""
    return [(m.text, m.span.text) for m in marks(text) if m.kind == "bad-gap"]


@pytest.mark.parametrize(
    ("text", "number", "answer", "hint"),
    [
        ("{{c1::a}}", 1, "a", ""),
        ("{{c999::a::b c}}", 999, "a", "b c"),
        ("{{c1::`a::b`::c}}", 1, "`a::b`", "c"),
        ("{{c1::``a}}`b``}}", 1, "``a}}`b``", ""),
        ("{{c1::$x_{a_{b}}$::c}}", 1, "$x_{a_{b}}$", "c"),
        ("{{c1::$5 and $6::c}}", 1, "$5 and $6", "c"),
        ("{{c1::a\\::b}}", 1, "a\\::b", ""),
        ("{{c1::a\nb}}", 1, "a\nb", ""),
        ("{{c1::**a**}}", 1, "**a**", ""),
        ("{{c1::a:`b::c`}}", 1, "a:`b::c`", ""),
        ("{{c1::arn:`a::b`}}", 1, "arn:`a::b`", ""),
        ("{{c1::a*}}", 1, "a*", ""),
        ("{{c1::[a](http://b)}}", 1, "[a](http://b)", ""),
    ],
)
def test_a_gap_has_number_answer_and_hint(text: str, number: int, answer: str, hint: str) -> None:
    assert gaps(text) == [(number, answer, hint)]
    assert bad(text) == []


def test_several_gaps_in_one_text_are_in_order() -> None:
    assert gaps("{{c2::a}} x {{c1::b}}{{c2::c}}") == [(2, "a", ""), (1, "b", ""), (2, "c", "")]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("{{c1::}} a", "the gap is empty", "{{c1::}}"),
        ("{{c1::&nbsp; }} a", "the gap is empty", "{{c1::&nbsp; }}"),
        ("{{c1::a} {{c2::b}}", "a single brace does not close a gap", "}"),
        ("{{c1::a {{c2::b}}", "a gap cannot be inside another gap", "{{c2::"),
        ("{{c1::_ab}} c_", "emphasis crosses the edge of the gap", "{{c1::_ab}}"),
        ("{{c1::a::}}", "the hint after `::` is empty", "::"),
        ("{{c1::a:: }}", "the hint after `::` is empty", ":: "),
        ("{{c1::a::b::c}}", "it is unclear where the hint begins", "::"),
        ("{{c1::a:::b}}", "it is unclear where the hint begins", "::"),
        ("{{c1::AWS::Region}}", "it is unclear where the hint begins", "::"),
        ("{{c1::arn:aws:iam::aws:policy/x}}", "it is unclear where the hint begins", "::"),
        ("{{c1::a::*b*}}", "a hint cannot contain markup", "*b*"),
        ("{{c1::a::`b`}}", "a hint cannot contain markup", "`b`"),
        (
            "x [{{c1::a](http://b)}} y",
            "the gap contains only part of a link",
            "{{c1::a](http://b)}}",
        ),
        ("{{c1::[a](http://b}})", "the gap contains only part of a link", "{{c1::[a](http://b}}"),
        ("{{c1::<http://b}}>", "the gap contains only part of a link", "{{c1::<http://b}}"),
        ("{{c1::a}}}", "it is unclear which two of the three braces close the gap", "}}}"),
    ],
)
def test_what_is_wrong_with_a_gap(text: str, message: str, place: str) -> None:
    assert bad(text) == [(message, place)]


def test_the_second_colons_are_the_ones_that_are_not_certain() -> None:
    (mark,) = [m for m in marks("x {{c1::a::b::c}}") if m.kind == "bad-gap"]
    assert mark.span.start == len("x {{c1::a::b")


@pytest.mark.parametrize(
    ("text", "message", "help_line"),
    [
        ("{c1::a}", "a gap begins with two braces", "write `{{c1::a}}`"),
        (
            "{{c 02: a }}",
            "there is a space between `c` and the gap number",
            "write `{{c2::a}}`",
        ),
        ("{{ c1::a}}", "there is a space before `c`", "write `{{c1::a}}`"),
        ("{{c0::a}}", "a gap number must begin with a digit from 1 to 9", "write `{{c1::a}}`"),
        ("{{c01::a}}", "a gap number must begin with a digit from 1 to 9", "write `{{c1::a}}`"),
        ("{{c1,2::a}}", "a gap can have only one number", "write `{{c1::a}}`"),
        ("{{c1000::a}}", "a gap number can have up to three digits", "write `{{c1::a}}`"),
        ("{{C1::a}}", "the `c` before the gap number must be lowercase", "write `{{c1::a}}`"),
        ("{{c2|`a`}}", "`::` must follow the gap number", "write ``{{c2::`a`}}``"),
        ("{{c1 a}}", "`::` must follow the gap number", "write `{{c1::a}}`"),
        ("$5, {c1::a}", "a gap begins with two braces", "write `{{c1::a}}`"),
        ("{c1::a} is $5", "a gap begins with two braces", "write `{{c1::a}}`"),
        ("{{1|a}}", "`c` is missing before the gap number", "write `{{c1::a}}`"),
        ("{{a}}", "`c1::` is missing after `{{`", "write `{{c1::a}}`; if the braces"),
        ("{{c::a}}", "the gap has no number", "write `{{c1::a}}`"),
        ("{{c1::a", "the gap is not closed", "write `}}` after the answer"),
        ("`{{c1::a}}`", "a gap cannot be inside code", "put the gap around the code"),
        ("\\{{c1::a}}", "a backslash does not hide a gap from Anki", "remove the backslash"),
        ("![{{c1::a}}](b)", "a gap cannot be in an image's description", "put the gap in the text"),
        ("[a]({{c1::b}})", "a gap cannot be in a link's address", "put the gap in the link's text"),
        ("$a {{c1::b}} c$", "a gap cannot be inside math", "put the gap around the formula"),
    ],
)
def test_what_looks_like_a_gap_and_is_none(text: str, message: str, help_line: str) -> None:
    (mark,) = [m for m in marks(text) if m.kind == "bad-gap"]
    assert mark.text == message
    assert mark.extra.startswith(help_line)


@pytest.mark.parametrize(
    "text", ["{a}", "`{{a}}` `{c1:x}`", "{1: 2}", "${HOME}", "a `` `{{c` `` b"]
)
def test_braces_that_are_text(text: str) -> None:
    assert marks(text) == []


def test_nothing_in_a_gap_looks_like_another_gap() -> None:
    assert bad("{{c1::map {{a}}") == []
    assert bad("{{c1::`{{a}}` and {1: 2}}}  x") == [
        ("it is unclear which two of the three braces close the gap", "}}}")
    ]
    assert bad("{{c1::`{c1:x}`}}") == []


def test_a_gap_without_an_end_nearby_is_not_closed() -> None:
    assert gaps("{{c1::" + "x" * MAX_GAP + "}}")
    found = bad("{{c1::" + "x" * (MAX_GAP + 1) + "}}")
    assert [message for message, _ in found] == ["the gap has more than 500 characters"]
    found = bad("{{c1::" + "x" * (MAX_GAP + 1) + " {{c2::a}}")
    assert [message for message, _ in found] == ["the gap is not closed"]


STRAY = "this `}}` is outside the gap and does not end it"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{c1::a }} more}}", [(STRAY, "}}")]),
        ("a}} {{c1::b}}", [(STRAY, "}}")]),
        ("{{c1::a}} `x}}` $y_{a_{b}}$ }} }}", [(STRAY, "}}")]),
        ("{{c1::a}} `x}}` and $y_{a_{b}}$", []),
        ("{{c1::`}}`}} {{c2::$y_{a_{b}}$}}", []),
        ("no gap }}", []),
        ("{{c1::a}} b} c }d", []),
        ("{{c1:a}} {{c2::b}}", [("`::` must follow the gap number", "{{c1:")]),
    ],
)
def test_braces_that_end_no_gap_are_bad(text: str, found: list[tuple[str, str]]) -> None:
    assert bad(text) == found


def test_braces_that_end_no_gap_are_found_behind_a_formula_in_code() -> None:
    (mark,) = (m for m in marks("{{c1::a}} `$x}}$` }}") if m.kind == "bad-gap")
    assert mark.span.start == len("{{c1::a}} `$x}}$` ")
