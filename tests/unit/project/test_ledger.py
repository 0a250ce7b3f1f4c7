"""The ledger: its rows and its text form."""

from __future__ import annotations

from dataclasses import replace

import pytest
import values
from values import row

from deckwright.cli.release_checks import missing_rows
from deckwright.core.source import Source
from deckwright.project.ledger import (
    GONE,
    ExtendedRow,
    Ledger,
    Release,
    TypeRow,
    gap_digests,
    read,
    version_key,
    write,
)

TYPE = TypeRow("cloze", 7, "cloze;1;1,2;3", "b" * 64, 1_000)
B = row("b", gaps=((1, GONE), (2, "11111111+22222222")), state="1.10.0")
WHOLE = Ledger(
    releases={"1.0.0": Release("1.0.0", 1_000), "1.10.0": Release("1.10.0", 3_000)},
    types={"cloze": TYPE},
    cards={"a": row(), "b": replace(B, successors=("a", "c"))},
    extended={"other/x": ExtendedRow("other/x", "a" * 16, "c" * 64, 2_500)},
)


def problems(*lines: str) -> list[tuple[str, int]]:
    """Codes and line numbers of what is wrong in a ledger of these lines."""
    outcome = read(Source("decks/ledger/mini.tsv", "".join(f"{line}\n" for line in lines)))
    assert bool(outcome.value) != bool(outcome.diagnostics)
    return [(d.code, d.span.line) for d in outcome.diagnostics]


def test_what_is_written_is_read_again_in_any_order() -> None:
    text = write(WHOLE)
    turned = "\n".join(reversed(text.split("\n")))
    for source in (text, turned):
        again = read(Source("", source)).value
        assert again == WHOLE
        assert write(again) == text
        assert again.place(again.cards["b"]).text == "b"
        assert again.place(again.extended["other/x"]).text == "other/x"
    lines = [line for line in text.splitlines() if line and line[0] != "#"]
    assert lines[0] == "format\t1"
    assert lines[2].split("\t")[6:] == [
        "1:- 2:11111111+22222222", "512000", "a" * 64, "b" * 64, "1000", "1.0.0", "1.10.0", "a c",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "release\t1.0\t1000",
        "release\t1.0.0\t1000\t",
        "typo\t1.0.0\t1000",
        "release",
        "<<<<<<< HEAD",
        "type\tcloze\tx\tcloze;1;1,2;3\t-\t1000",
        "format\t2",
    ],
)
def test_a_line_that_cannot_be_read_is_reported_and_nothing_returned(line: str) -> None:
    assert problems("# x", "", line) == [("L001", 3)]


def test_of_two_rows_the_one_with_the_later_time_has_to_stay() -> None:
    one, two = "release\t1.0.0\t1000", "release\t1.0.0\t2000"
    for lines, older in (((one, two), 1), ((two, one), 2), ((one, one), 2)):
        (problem,) = read(Source("", "\n".join(lines))).diagnostics
        assert (problem.code, problem.span.line) == ("L001", 2)
        assert problem.help.endswith(f"delete line {older}")


def test_the_last_release_is_the_one_with_the_highest_version() -> None:
    assert version_key("1.10.0") > version_key("1.9.2")
    assert WHOLE.last == Release("1.10.0", 3_000)
    assert (WHOLE.last_mod, Ledger().last_mod, Ledger().last) == (3_000, 0, None)


def test_markup_case_and_punctuation_of_an_answer_do_not_change_its_digest() -> None:
    plain = gap_digests(values.card(text="A {{c1::s3 bucket}}."))
    assert gap_digests(values.card(text="A {{c1::**S3** `Bucket`}}!")) == plain
    assert gap_digests(values.card(text="A {{c1::S3 table}}.")) != plain
    assert gap_digests(values.card(text="A {{c1::…}}."))  # an answer without words has one, too
    both = gap_digests(values.card(text="{{c1::y}} {{c1::x}} {{c3::x}}"))
    assert list(both) == [1, 3]
    assert both[3] in both[1].split("+")


def test_rows_that_are_gone_or_have_an_earlier_time_are_missing_rows() -> None:
    assert missing_rows(WHOLE, WHOLE) == ()
    later = replace(WHOLE, types={"cloze": replace(TYPE, mod=4_000)}, extended={})
    assert missing_rows(WHOLE, later) == ("other/x",)
    assert missing_rows(later, WHOLE) == ("cloze",)
    assert missing_rows(WHOLE, Ledger()) == ("1.0.0", "1.10.0", "a", "b", "cloze", "other/x")
