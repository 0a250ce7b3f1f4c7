"""The value that a card states, with its unit and its name in code."""

from __future__ import annotations

import pytest

from deckwright.facts.stated_value import StatedValue, stated_value
from unit.examples import make_card


def value(text: str, gap: int = 0) -> StatedValue:
    found = stated_value(make_card(text), gap)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("It waits {{c1::5}} minutes.", "minutes"),
        ("It waits {{c1::5}}-minute parts.", "minute"),
        ("It waits {{c1::5::how many seconds}}.", "seconds"),
        ("It takes {{c1::5}} (MB).", "MB"),
        ("It takes {{c1::5}} Mb.", "bit"),
        ("It takes {{c1::5}} million names.", "million"),
        ("It takes {{c1::1}} to {{c2::5}} GB.", "GB"),
        ("It takes {{c1::5}} names.", ""),
    ],
)
def test_the_unit_is_behind_the_gap_or_in_its_hint(text: str, unit: str) -> None:
    assert value(text).occurrences[0].unit == unit


def test_a_gap_number_can_occur_twice() -> None:
    found = value("First {{c1::one}}, then {{c1::two}} and {{c1::one}}.")
    assert len(found.occurrences) == 3
    assert found.text == "one; two"


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("A call takes {{c1::5}}.", 2),
        ("What is it?\n\n---\n\nA voice.", 1),
        ("Which?\n\n- [ ] one\n\n  Why.\n\n- [ ] two\n\n  Why.", 0),
    ],
)
def test_without_such_a_gap_or_right_option_there_is_no_value(text: str, gap: int) -> None:
    assert stated_value(make_card(text), gap) is None
