"""What a text is about: items, numbers with units, directions."""

from __future__ import annotations

import pytest

from deckwright.core import terms
from deckwright.core.terms import tokens


def items(text: str) -> frozenset[str]:
    return terms.items(tokens(text))


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
