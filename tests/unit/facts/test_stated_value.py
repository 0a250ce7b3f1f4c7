"""The value that a card states, with its unit and its name in code."""

from __future__ import annotations

import pytest

from deckwright.facts.stated_value import StatedValue, stated_value
from unit.examples import make_card


def value(text: str, gap: int = 0) -> StatedValue:
    found = stated_value(make_card(text), gap)
    assert found is not None
    return found


def test_without_a_number_the_first_gap_counts() -> None:
    text = "A call takes {{c2::5}} names and {{c1::2}} voices."
    assert value(text).text == "2"
    assert value(text, 2).text == "5"


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


def test_the_words_before_a_gap_are_kept_without_markup() -> None:
    assert value("It takes at least **{{c1::5}}** MB.").occurrences[0].before.endswith("at least")


def test_a_value_has_a_name_in_code_only_if_there_is_one() -> None:
    assert value("Set {{c1::`Max` to 5}}.").occurrences[0].code == "Max"
    assert value("Set {{c1::`Max` or `Min`}}.").occurrences[0].code == ""


def test_a_gap_number_can_occur_twice() -> None:
    found = value("First {{c1::one}}, then {{c1::two}} and {{c1::one}}.")
    assert len(found.occurrences) == 3
    assert found.text == "one; two"


def test_answers_and_right_options_are_values() -> None:
    assert value("What is it?\n\n---\n\nA **voice**.").text == "A voice."
    options = "Which?\n\n- [x] one\n\n  Why.\n\n- [ ] two\n\n  Why.\n\n- [x] three\n\n  Why."
    assert value(options).text == "one; three"


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
