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
        ("{{c1::arn:`a::b`}}", 1, "arn:`a::b`", ""),
        ("{{c1::[a](http://b)}}", 1, "[a](http://b)", ""),
    ],
)
def test_a_gap_has_number_answer_and_hint(text: str, number: int, answer: str, hint: str) -> None:
    assert gaps(text) == [(number, answer, hint)]
    assert bad(text) == []


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("{{c1::}} a", "is empty", "{{c1::}}"),
        ("{{c1::&nbsp; }} a", "is empty", "{{c1::&nbsp; }}"),
        ("{{c1::a} {{c2::b}}", "single brace", "}"),
        ("{{c1::a {{c2::b}}", "another gap", "{{c2::"),
        ("{{c1::_ab}} c_", "emphasis", "{{c1::_ab}}"),
        ("{{c1::a::}}", "hint after", "::"),
        ("{{c1::a::b::c}}", "hint begins", "::"),
        ("{{c1::a:::b}}", "hint begins", "::"),
        ("{{c1::AWS::Region}}", "hint begins", "::"),
        ("{{c1::arn:aws:iam::aws:policy/x}}", "hint begins", "::"),
        ("{{c1::a::*b*}}", "markup", "*b*"),
        ("{{c1::a::`b`}}", "markup", "`b`"),
        ("x [{{c1::a](http://b)}} y", "a link", "{{c1::a](http://b)}}"),
        ("{{c1::[a](http://b}})", "a link", "{{c1::[a](http://b}}"),
        ("{{c1::<http://b}}>", "a link", "{{c1::<http://b}}"),
        ("{{c1::a}}}", "three braces", "}}}"),
    ],
)
def test_what_is_wrong_with_a_gap(text: str, word: str, place: str) -> None:
    ((message, found),) = bad(text)
    assert (word in message, found) == (True, place), message


@pytest.mark.parametrize(
    ("text", "word", "written"),
    [
        ("{c1::a}", "two braces", "`{{c1::a}}`"),
        ("{{c 02: a }}", "space between", "`{{c2::a}}`"),
        ("{{ c1::a}}", "space before", "`{{c1::a}}`"),
        ("{{c0::a}}", "from 1 to 9", "`{{c1::a}}`"),
        ("{{c1,2::a}}", "one number", "`{{c1::a}}`"),
        ("{{c1000::a}}", "three digits", "`{{c1::a}}`"),
        ("{{C1::a}}", "lowercase", "`{{c1::a}}`"),
        ("{{c2|`a`}}", "`::`", "``{{c2::`a`}}``"),
        ("{c1::a} is $5", "two braces", "`{{c1::a}}`"),
        ("{{1|a}}", "`c`", "`{{c1::a}}`"),
        ("{{a}}", "`c1::`", "`{{c1::a}}`"),
        ("{{c::a}}", "no number", "`{{c1::a}}`"),
        ("{{c1::a", "isn't closed", "`}}`"),
        ("`{{c1::a}}`", "inside code", "the code"),
        ("\\{{c1::a}}", "backslash", "backslash"),
        ("![{{c1::a}}](b)", "description", "text"),
        ("[a]({{c1::b}})", "address", "text"),
        ("$a {{c1::b}} c$", "inside math", "formula"),
    ],
)
def test_what_looks_like_a_gap_and_is_none(text: str, word: str, written: str) -> None:
    (mark,) = [m for m in marks(text) if m.kind == "bad-gap"]
    assert word in mark.text
    assert written in mark.extra


@pytest.mark.parametrize(
    "text", ["{a}", "`{{a}}` `{c1:x}`", "{1: 2}", "${HOME}", "a `` `{{c` `` b"]
)
def test_braces_that_are_text(text: str) -> None:
    assert marks(text) == []


def test_nothing_in_a_gap_looks_like_another_gap() -> None:
    assert bad("{{c1::map {{a}}") == []
    assert [place for _, place in bad("{{c1::`{{a}}` and {1: 2}}}  x")] == ["}}}"]
    assert bad("{{c1::`{c1:x}`}}") == []


def test_a_gap_without_an_end_nearby_is_not_closed() -> None:
    assert gaps("{{c1::" + "x" * MAX_GAP + "}}")
    ((message, _),) = bad("{{c1::" + "x" * (MAX_GAP + 1) + "}}")
    assert "500" in message
    ((message, _),) = bad("{{c1::" + "x" * (MAX_GAP + 1) + " {{c2::a}}")
    assert "isn't closed" in message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{c1::a }} more}}", ["}}"]),
        ("a}} {{c1::b}}", ["}}"]),
        ("{{c1::a}} `x}}` $y_{a_{b}}$ }} }}", ["}}"]),
        ("{{c1::a}} `x}}` and $y_{a_{b}}$", []),
        ("{{c1::`}}`}} {{c2::$y_{a_{b}}$}}", []),
        ("{{c1::a}} b} c }d", []),
        ("{{c1:a}} {{c2::b}}", ["{{c1:"]),
    ],
)
def test_braces_that_end_no_gap_are_bad(text: str, found: list[str]) -> None:
    assert [place for _, place in bad(text)] == found
