"""Numbers with units in a text."""

from __future__ import annotations

import pytest

from deckwright.core import terms
from deckwright.core.terms import tokens


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
