"""Guids, note ids and modification times are permanent, so their values are given here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deckwright.core.identity import (
    DRAFT_SECONDS,
    SLOT,
    apart,
    draft_mod,
    fingerprint,
    guid,
    note_ids,
)

DIGESTS = st.integers(0, 2**256 - 1).map("{:064x}".format)


def test_a_guid_never_changes() -> None:
    assert guid("aws-machine-learning", "s3-copies") == "3atapp6dwyt3m4dn"


def test_a_fingerprint_never_changes() -> None:
    assert (
        fingerprint(7, ("a", "b"), ("t", "u"))
        == "7e75bacadee13af4834171a47b9ac68aa8ad9f9798c845116fe2fbcb4468ab83"
    )


def test_a_fingerprint_sees_where_fields_and_tags_end() -> None:
    rows = [(("a", "b"), ("c",)), (("a",), ("b", "c")), (("ab",), ("c",)), (("a", "b c"), ())]
    assert len({fingerprint(7, *row) for row in rows}) == len(rows)


@given(DIGESTS, st.integers(10_000, 20_000))
def test_the_draft_of_a_released_note_is_a_little_earlier(digest: str, released: int) -> None:
    assert released - DRAFT_SECONDS <= draft_mod(digest, released, 30_000) < released


@given(DIGESTS, st.integers(10_000, 20_000))
def test_the_draft_of_a_new_note_is_a_little_later_than_the_last_release(
    digest: str, last: int
) -> None:
    assert last < draft_mod(digest, 0, last) <= last + DRAFT_SECONDS


@given(st.integers(0, 20), st.sets(st.integers(0, 30)))
def test_new_note_ids_ascend_below_the_time_of_the_release(count: int, slots: set[int]) -> None:
    time = 1_000
    latest = time * 1000 // SLOT
    taken = [(latest - slot) * SLOT + 7 for slot in slots]
    ids = note_ids(count, time, taken)
    assert len(ids) == count
    assert ids == sorted(set(ids))
    assert all(number < time * 1000 and number % SLOT == 0 for number in ids)
    assert not {number // SLOT for number in ids} & {number // SLOT for number in taken}


def test_of_two_note_ids_that_are_too_close_the_later_moves_down() -> None:
    ids = [SLOT * 5, SLOT * 5 + 3, SLOT * 4, SLOT * 9 + 1]
    assert apart(ids) == [SLOT * 5, SLOT * 4, SLOT * 3, SLOT * 9 + 1]
