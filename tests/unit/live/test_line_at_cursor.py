"""The line of metadata at a place in a text that may be half written."""

from __future__ import annotations

import pytest

from deckwright.core.source import Source
from deckwright.live.line_at_cursor import MetadataLine, metadata_line

CURSOR = "‸"


def found(text: str) -> MetadataLine | None:
    """The line of metadata at the cursor."""
    return metadata_line(Source("x.md", text.replace(CURSOR, "")), text.index(CURSOR))


def in_card(line: str) -> MetadataLine | None:
    return found(f"# T\n\n## card-a\n\n- topic: voices\n{line}\n- also: s3\n\nWhat?\n")


@pytest.mark.parametrize(
    ("line", "key", "value", "at_key"),
    [
        ("- ‸", "", "", True),
        ("- ki‸", "ki", "", True),
        ("- k‸ind: basic", "kind", "basic", True),
        ("- kind‸: basic", "kind", "basic", True),
        ("- kind:‸", "kind", "", False),
        ("- kind: ba‸sic", "kind", "basic", False),
        ("* kind : basic  ‸", "kind", "basic  ", False),
        ("- allow: C450 a reason: ‸this", "allow", "C450 a reason: this", False),
        ("ki‸", "ki", "", True),
        ("‸", "", "", True),
        ("-‸", "", "", True),
    ],
)
def test_key_and_value_of_a_line_that_may_be_unfinished(
    line: str, key: str, value: str, at_key: bool
) -> None:
    one = in_card(line)
    assert one is not None
    assert (one.key, one.value, one.at_key) == (key, value, at_key)
    assert (one.key_span.text, one.value_span.text) == (key, value)
    assert one.has_colon == (":" in line)


@pytest.mark.parametrize(
    "line",
    ["-kind‸", "two words‸", "- two words‸", " ki‸", "kind: ba‸", "What is it?‸", "- [ ] a‸"],
)
def test_lines_that_are_no_metadata(line: str) -> None:
    assert in_card(line) is None


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [("‸", "- ", ""), ("ki‸", "- ", ""), ("-‸", " ", ""), ("- ‸", "", ""), ("- kind:‸", "", " ")],
)
def test_what_is_missing_before_the_key_and_the_value(line: str, key: str, value: str) -> None:
    one = in_card(line)
    assert one is not None
    assert (one.before_key, one.before_value) == (key, value)


def test_a_line_knows_its_card_and_the_other_lines() -> None:
    one = found(
        "## card-a\n\n- kind: basic\n\n## card-b\n\n- topic: x\n- \n- also: s3\n"
        "- also: ‸\n- also:  polly\n- unfinished\n* exam: none\n\nText\n\n- hint: y\n"
    )
    assert one is not None
    assert one.card == "card-b"
    assert one.others == (("topic", "x"), ("also", "s3"), ("also", "polly"), ("exam", "none"))
    assert one.other_values == {"s3", "polly"}


@pytest.mark.parametrize(
    "text",
    [
        "- kind: ‸\n",
        "# T\n\n- kind: ‸\n",
        "## card-a\n\nText\n\n- kind: ‸\n",
        "## card-a\n\n- kind: basic\n\nWhat?\n\n- [ ] a\n\n- kind: ‸\n",
        "```\n## card-a\n\n- kind: ‸\n```\n",
    ],
)
def test_metadata_is_directly_below_the_heading_of_a_card(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    ("above", "card"),
    [
        ("## polly-x\n\n", "polly-x"),
        ("  ## polly-x ##\n\n", "polly-x"),
        ("~~~\n```\n~~~\n\n## polly-x\n\n", "polly-x"),
        ("```text\n## polly-x\n\n", None),
        ("##polly-x\n\n", None),
    ],
)
def test_a_card_begins_at_a_heading_as_the_compiler_sees_it(above: str, card: str | None) -> None:
    one = found(f"{above}- compare: ‸")
    assert (one.card if one else None) == card


def test_a_bare_word_after_a_blank_line_belongs_to_the_question() -> None:
    assert found("## card-a\n\n- kind: basic\n\nWh‸") is None
    assert found("## card-a\n\n- kind: basic\n\n- to‸") is not None
    assert found("## card-a\n\nki‸") is not None
