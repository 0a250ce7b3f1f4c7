"""What a text is about: items, numbers with units, directions."""

from __future__ import annotations

import pytest

from deckwright.core import terms
from deckwright.core.terms import tokens


def items(text: str) -> frozenset[str]:
    return terms.items(tokens(text))


def test_stop_words_have_no_item_and_other_words_their_stem() -> None:
    assert items("The keys are encrypted") == {"key", "encrypt"}


def test_words_of_contrast_are_marked() -> None:
    assert items("never without a key") == {"!never", "!without", "key"}


def test_numbers_are_in_the_base_unit() -> None:
    assert items("15 min") == items("900 s") == {"#900 s"}
    assert items("2.5 million requests") == {"#2500000", "request"}
    assert items("10 %") == items("10 percent") == {"#10 %"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("65 536 bytes", ((65536, "bytes"),)),
        ("one-minute", ((1, "minute"),)),
        ("one of them, at once", ()),
        ("once or twice", ((1, ""), (2, ""))),
        ("5 thousand MB and 7", ((5000, "mb"), (7, ""))),
        ("3 million 4 MB 5", ((3e6, ""), (4, "mb"), (5, ""))),
    ],
)
def test_quantities_have_their_units_as_written(
    text: str, found: tuple[tuple[float, str], ...]
) -> None:
    assert terms.quantities(tokens(text)) == found


def test_a_decimal_unit_of_bytes_has_two_amounts() -> None:
    assert terms.amounts(1, "MB") == {(1e6, "byte"), (1024.0**2, "byte")}
    assert terms.amounts(1, "MiB") == {(1024.0**2, "byte")}
    assert terms.amounts(2, "hours") == {(7200, "s")}
    with pytest.raises(KeyError):
        terms.amounts(1, "museum")


def test_a_unit_is_known_in_any_case() -> None:
    assert terms.is_unit("MB")
    assert terms.is_unit("Minutes")
    assert not terms.is_unit("museum")


def test_numbers_are_separated_from_words() -> None:
    assert terms.numbers(items("5 keys in 2 s")) == {"#5", "#2 s"}


def test_items_without_units_are_the_same_with_and_without_a_unit() -> None:
    assert terms.items_without_units(tokens("15 days")) == {"#15"}
    assert terms.items_without_units(tokens("15")) == {"#15"}


def test_synonyms_become_one_word_and_contrast_is_left_out() -> None:
    assert terms.merge_synonyms(items("not deleted")) == terms.merge_synonyms(items("removed"))
    assert terms.merge_synonyms(items("delete")) != terms.merge_synonyms(items("store"))


def test_order_and_repetition_are_kept_on_request() -> None:
    found = terms.items_in_order(tokens("key, value, key"))
    assert found == ("key", "valu", "key")
    assert terms.merge_synonyms_in_order(found) == found


def test_a_direction_is_a_word_with_the_next_content_word() -> None:
    assert terms.directions(tokens("from the CSV to Parquet")) == {
        ("from", "csv"),
        ("to", "parquet"),
    }


def test_british_and_american_spellings_have_one_item() -> None:
    assert items("labelled colours, analysed") == items("labeled colors, analyzed")
