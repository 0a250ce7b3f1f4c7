"""What depends on the day, where a month or a year ends, and what must not depend on it."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

import pytest
from conftest import LATER, REPO, codes, edit, make_project, run
from releases import Clock
from reproduce import digests

from deckwright import pipeline
from deckwright.cards.staleness import aged

DAYS = ("2026-12-01", "2026-12-31", "2027-01-01", "2027-02-28", "2028-02-29", "2028-03-01")
CHECKED = "- checked: 2026-10\n"


@pytest.mark.parametrize(
    ("today", "checked", "found"),
    [
        ("2026-12-01", "2026-12", []),
        ("2026-12-01", "2026-12-02", []),  # it is tomorrow in some time zones
        ("2026-12-01", "2026-12-03", ["S306"]),
        ("2026-12-30", "2027-01", ["S306"]),
        ("2026-12-31", "2027-01", []),
        ("2026-12-31", "2027-01-02", ["S306"]),
        ("2027-01-01", "2027-01-02", []),
        ("2027-01-01", "2027-02", ["S306"]),
        ("2028-02-28", "2028-02-29", []),
        ("2028-02-28", "2028-03", ["S306"]),
        ("2028-02-29", "2028-03-01", []),
        ("2028-02-29", "2028-02-30", ["S305"]),
        ("2028-03-01", "2027-02-29", ["S305"]),
    ],
)
def test_a_check_date_is_in_the_future_from_the_day_after_tomorrow(
    today: str, checked: str, found: list[str], mini: Path, clock: Clock
) -> None:
    clock.at(today)
    edit(mini, CHECKED, f"- checked: {checked}\n")
    assert codes(mini) == found


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_day_is_that_of_utc(
    zone: str, mini: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At noon UTC, it is 2 o'clock of the next day on Kiritimati."""
    clock.at("2026-12-01")
    edit(mini, CHECKED, "- checked: 2026-12-03\n")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert codes(mini) == ["S306"]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("today", "checked", "months"),
    [
        ("2026-11-30", "2026-11-01", 0),
        ("2026-12-01", "2026-11-30", 1),
        ("2026-12-31", "2026-12-01", 0),
        ("2026-12-31", "2027-01-01", 0),
        ("2027-01-01", "2026-12-31", 1),
        ("2027-01-01", "2026-01-31", 12),
        ("2028-02-29", "2028-02", 0),
        ("2028-02-29", "2027-02-28", 12),
        ("2028-03-01", "2028-02-29", 1),
    ],
)
def test_an_age_is_the_same_in_the_report_and_on_the_site(
    today: str, checked: str, months: int, mini: Path, clock: Clock
) -> None:
    clock.at(today)
    edit(mini, CHECKED, f"- checked: {checked}\n")
    edit(mini, 'title = "A limit"', 'title = "A limit"\nfresh = 1', "schema/vocabulary/mini.toml")
    day = date.fromisoformat(today)
    found = pipeline.check(mini, day).value
    assert found
    (one,) = [a for a in aged(found.cards, found.project, day) if a.card.checked == checked]
    assert one.months == months
    assert one.urgency == pytest.approx(1.5 * months)
    assert run(mini, "preview").code == 0
    page = (mini / "dist/site/ages.html").read_text("utf-8")
    listed = re.findall(rf"checked {checked}, (\d+) months? ago", page)
    assert listed == ([str(months)] if months else []), "what is not due is not listed"


def test_a_draft_is_the_same_on_every_day(tmp_path: Path, clock: Clock) -> None:
    project = make_project(tmp_path / "mini")
    built = []
    for day in DAYS:
        clock.at(day)
        assert run(project, "decks").code == 0
        built.append(digests(project / "dist"))
    assert built == [built[0]] * len(DAYS)


@pytest.mark.parametrize("day", ["2026-12-31", "2028-02-29", LATER.isoformat()])
def test_the_real_deck_has_no_problems_on_any_later_day(day: str, clock: Clock) -> None:
    clock.at(day)
    assert run(REPO, "check", "--strict").code == 0
