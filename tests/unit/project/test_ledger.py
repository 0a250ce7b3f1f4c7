"""The ledger: its rows and its text form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import values
from values import row

from deckwright.core.source import Source
from deckwright.project.ledger import (
    GONE,
    UNKNOWN,
    CardRow,
    ExtendedRow,
    Ledger,
    Release,
    TypeRow,
    gap_digests,
    missing,
    read,
    version_key,
    write,
)

TYPE = TypeRow("cloze", 7, "cloze;1;1,2;3", "b" * 64, 1_000)
WHOLE = Ledger(
    releases={"1.0.0": Release("1.0.0", 1_000), "1.10.0": Release("1.10.0", 3_000)},
    types={"cloze": TYPE},
    cards={
        "a": row(),
        "b": row(
            "b",
            gaps=((1, GONE), (2, "11111111+22222222")),
            fingerprint=UNKNOWN,
            mod=2_000,
            shown="",
            state="1.10.0",
            successors=("a", "c"),
        ),
    },
    extended={"other/x": ExtendedRow("other/x", "a" * 16, "c" * 64, 2_500)},
)


def cards(*rows: CardRow) -> Ledger:
    return Ledger(cards={one.id: one for one in rows})


def parsed(*lines: str) -> list[tuple[str, int]]:
    """Codes and line numbers of what is wrong in a ledger of these lines."""
    outcome = read(Source("decks/ledger/mini.tsv", "".join(f"{line}\n" for line in lines)))
    assert bool(outcome.values) != bool(outcome.diagnostics)
    return [(d.code, d.span.line) for d in outcome.diagnostics]


def test_what_is_written_is_read_again() -> None:
    text = write(WHOLE)
    again = read(Source("", text)).values[0]
    assert again == WHOLE
    assert write(again) == text


def test_a_line_has_the_cells_of_its_row_and_a_dash_for_nothing() -> None:
    lines = [line for line in write(WHOLE).splitlines() if "\t" in line]
    assert [line.split("\t")[:2] for line in lines] == [
        ["card", "a"],
        ["card", "b"],
        ["extended", "other/x"],
        ["release", "1.0.0"],
        ["release", "1.10.0"],
        ["type", "cloze"],
    ]
    assert lines[1].split("\t")[6:] == [
        "1:- 2:11111111+22222222",
        "512000",
        "-",
        "2000",
        "1.0.0",
        "-",
        "1.10.0",
        "a c",
    ]


def test_a_row_has_its_place_in_the_text() -> None:
    ledger = read(Source("", write(WHOLE))).values[0]
    assert ledger.place(ledger.cards["b"]).text == "b"
    assert ledger.place(ledger.extended["other/x"]).text == "other/x"
    assert Ledger().place(TYPE).path == "decks/ledger"


@pytest.mark.parametrize(
    "line",
    [
        "release\t1.0\t1000",
        "release\t1.0.0\t1000\t",
        "typo\t1.0.0\t1000",
        "release",
        "<<<<<<< HEAD",
        "type\tfact\t7\tcloze;1;1,2;3\t-\t1000",
    ],
)
def test_a_line_that_cannot_be_read_is_reported_and_nothing_returned(line: str) -> None:
    assert parsed("# x", "", line) == [("L001", 3)]


def test_rows_that_repeat_a_key_are_reported() -> None:
    one, two = "release\t1.0.0\t1000", "release\t1.1.0\t2000"
    assert parsed(one, two) == parsed(two, one) == []
    assert parsed(one, one) == [("L001", 2)]
    assert parsed(two, one, two, one) == [("L001", 3), ("L001", 4)]


def test_the_last_release_is_the_one_with_the_highest_version() -> None:
    assert version_key("1.10.0") > version_key("1.9.2")
    last = WHOLE.last
    assert last is not None
    assert last.version == "1.10.0"
    assert Ledger().last is None


def test_the_last_time_may_be_that_of_any_row() -> None:
    assert WHOLE.last_mod == 3_000
    assert replace(WHOLE, extended={"x/y": ExtendedRow("x/y", "", "", 9_000)}).last_mod == 9_000
    assert Ledger().last_mod == 0


def test_markup_case_and_punctuation_of_an_answer_do_not_change_its_digest() -> None:
    plain = gap_digests(values.card(text="A {{c1::s3 bucket}}."))
    assert gap_digests(values.card(text="A {{c1::**S3** `Bucket`}}!")) == plain
    assert gap_digests(values.card(text="A {{c1::S3 table}}.")) != plain
    assert gap_digests(values.card(text="A {{c1::…}}."))  # an answer without words has one, too


def test_gaps_with_one_number_have_their_digests_joined() -> None:
    one = gap_digests(values.card(text="{{c2::y}} {{c1::x}}"))
    assert list(one) == [1, 2]
    assert {len(digest) for digest in one.values()} == {8}
    both = gap_digests(values.card(text="{{c1::y}} {{c1::x}} {{c3::x}}"))
    assert list(both) == [1, 3]
    assert both[1] == "+".join(sorted((one[1], one[2])))


def test_a_later_ledger_has_lost_nothing() -> None:
    later = replace(
        WHOLE,
        releases={**WHOLE.releases, "2.0.0": Release("2.0.0", 4_000)},
        types={"cloze": replace(TYPE, mod=4_000)},
        cards={**WHOLE.cards, "a": row(mod=4_000, state="2.0.0"), "c": row("c")},
    )
    assert missing(WHOLE, later) == ()
    assert missing(later, WHOLE) == ("a", "c", "cloze", "release 2.0.0")


@pytest.mark.parametrize("change", [{"mod": 999}, {"gaps": ((1, GONE),)}, {"state": "live"}])
def test_an_earlier_time_a_lost_gap_and_a_revival_are_losses(change: dict[str, Any]) -> None:
    before = row(gaps=((1, GONE), (2, GONE)), state="1.0.0")
    assert missing(cards(before), cards(before)) == ()
    assert missing(cards(before), cards(replace(before, **change))) == ("a",)
    assert missing(cards(before), cards()) == ("a",)
