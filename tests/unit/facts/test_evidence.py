"""Evidence lines: their parts, and the part that is wrong."""

from __future__ import annotations

import pytest

from deckwright.core.card import MetadataLine
from deckwright.core.source import Source
from deckwright.facts.evidence import page_name, page_url, parse_evidence


def field(line: str) -> MetadataLine:
    source = Source("a.md", f"- evidence: {line}")
    return MetadataLine("evidence", line, source.span(2, 10), source.span(12, len(source.text)))


@pytest.mark.parametrize(
    "line",
    [
        "data", "c1 Data::path", "data::a..b", "data::path = 5", "data::path=5", "data::path~ ",
        "data::path has", "data::path weeksday", "page::a/b~**|", "page::a/b~means 5",
        "page::a/b has x", "page::~x", "page::https://a.b/c~x",
    ],
)  # fmt: skip
def test_a_malformed_line_is_reported(line: str) -> None:
    outcome = parse_evidence(field(line))
    assert outcome.value is None
    assert [problem.code for problem in outcome.diagnostics] == ["E001"]


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
    found = parse_evidence(field(f"page::{name}~x")).value
    assert found.path == name
