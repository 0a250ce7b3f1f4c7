"""Evidence lines: their parts, and the part that is wrong."""

from __future__ import annotations

import pytest

from deckwright.core.card import MetadataLine
from deckwright.core.source import Source
from deckwright.facts.evidence import Evidence, page_name, page_url, read


def field(line: str) -> MetadataLine:
    source = Source("a.md", f"- evidence: {line}")
    return MetadataLine("evidence", line, source.span(2, 10), source.span(12, len(source.text)))


def parsed(line: str) -> Evidence:
    return read(field(line)).value


def test_a_line_has_a_gap_data_and_a_path() -> None:
    found = parsed("c2 my-data::shapes.a[Sid].max")
    assert (found.gap, found.data, found.path) == (2, "my-data", "shapes.a[Sid].max")
    assert found.text == "my-data::shapes.a[Sid].max"
    assert found.path_span.text == "shapes.a[Sid].max"
    assert (found.unit, found.member, found.phrase) == ("", "", "")


@pytest.mark.parametrize(
    ("line", "unit", "member", "phrase"),
    [
        ("data::path minutes", "minutes", "", ""),
        ("data::path has Some Name", "", "Some Name", ""),
        ("data::path~some  words", "", "", "some words"),
    ],
)
def test_behind_the_path_is_a_unit_a_name_or_a_phrase(
    line: str, unit: str, member: str, phrase: str
) -> None:
    found = parsed(line)
    assert (found.unit, found.member, found.phrase) == (unit, member, phrase)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("data", "data"),
        ("c1 Data::path", "Data"),
        ("data::a..b", "a..b"),
        ("data::path = 5", " = 5"),
        ("data::path~ ", "~ "),
        ("data::path has", "has"),
        ("page::a/b~**|", "~**|"),
        ("page::a/b~means 5", "~means 5"),
        ("page::a/b has x", " has x"),
        ("page::~x", "~"),
        ("page::https://a.b/c~x", "https://a.b/c"),
        ("data::path weeksday", "weeksday"),
    ],
)
def test_a_malformed_line_is_reported_at_the_wrong_part(line: str, place: str) -> None:
    outcome = read(field(line))
    (problem,) = outcome.diagnostics
    assert outcome.value is None
    assert (problem.code, problem.span.text) == ("E001", place)


def test_a_misspelled_unit_gets_a_suggestion() -> None:
    (problem,) = read(field("data::path mintes")).diagnostics
    assert "`minutes`" in problem.help


@pytest.mark.parametrize(
    ("line", "path", "phrase", "means"),
    [
        ("page::polly/latest/dg/limits~up to  5", "polly/latest/dg/limits", "up to 5", ""),
        ("page::a.org/b?c=d#e~first | 5", "a.org/b?c=d#e", "first | 5", ""),
        ("page::a/b~no cost means nothing", "a/b", "no cost", "nothing"),
        ("page::a/b~it means free means no cost", "a/b", "it means free", "no cost"),
    ],
)
def test_a_line_can_quote_a_page(line: str, path: str, phrase: str, means: str) -> None:
    found = parsed(line)
    assert found.is_page
    assert (found.path, found.phrase, found.means) == (path, phrase, means)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://docs.aws.amazon.com/AmazonS3/latest/API_x.y.html", "AmazonS3/latest/API_x.y"),
        ("https://docs.aws.amazon.com/a/b/", "docs.aws.amazon.com/a/b/"),
        ("https://docs.aws.amazon.com/a.b/c.html", "docs.aws.amazon.com/a.b/c.html"),
        ("https://docs.aws.amazon.com/a/b.html#c", "docs.aws.amazon.com/a/b.html#c"),
        ("https://a.org/~b/c.html", "a.org/%7Eb/c.html"),
    ],
)
def test_a_page_has_a_name_that_no_other_page_has(url: str, name: str) -> None:
    assert page_name(url) == name
    assert page_url(name) == url.replace("~", "%7E")
    assert parsed(f"page::{name}~x").path == name
