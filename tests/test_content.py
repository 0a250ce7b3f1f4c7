"""The real deck keeps its promises: every topic and outline line is known, every card has
a source and a date.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import REPO, codes, run

from deckwright.project import project
from deckwright.project.project import Project


@pytest.fixture(scope="module")
def real() -> Project:
    return project.load(REPO).value


@pytest.fixture(scope="module")
def rows(real_dist: Path) -> list[dict[str, Any]]:
    return json.loads((real_dist / "cards.json").read_text("utf-8"))["cards"]


def test_every_part_has_topics_and_every_deck_at_least_five_cards(
    real: Project, rows: list[dict[str, Any]]
) -> None:
    parts = real.vocabulary.parts
    assert {topic.part for topic in real.vocabulary.topics.values()} == set(parts)
    cards = Counter(row["deck"].partition("::")[2] for row in rows)
    decks = {f"{part.deck}::{deck}" for part in parts.values() for deck in part.decks.values()}
    assert set(cards) == decks
    assert [deck for deck, count in cards.items() if count < 5] == []
    assert all(re.match(r"\d[a-z]? \S", part.deck) for part in parts.values())
    assert all(re.match(r".+::\d\d[a-z]? \S", deck) for deck in decks)


def test_every_skill_of_the_exam_is_served(real: Project) -> None:
    counted = json.loads(run(REPO, "coverage", "--format", "json").out)
    skills = counted["skills"]
    assert {skill["exam"] for skill in skills} == {"mla-c02"}
    assert len(skills) == 107
    assert {skill["number"].rpartition(".")[0] for skill in skills} == set(
        real.vocabulary.exams["mla-c02"].tasks
    )
    assert [skill["number"] for skill in skills if skill["have"] < 3] == []


def test_every_topic_is_on_an_outline_or_in_a_part_of_its_own(real: Project) -> None:
    """It serves a skill of MLA-C02 or a line of MLS-C01, or is about how to begin or the exam."""
    vocabulary = real.vocabulary
    answered = {slug for line in (*vocabulary.outline, *vocabulary.skills) for slug in line.topics}
    assert {topic.part for topic in vocabulary.topics.values() if topic.slug not in answered} <= {
        "start",
        "exam",
    }
    assert all(line.heading.startswith("MLS-C01") for line in vocabulary.outline)
    lines = [(line.heading, line.text) for line in real.vocabulary.outline]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    ("services", "floors"),
    [
        ("", (100, 28, 72)),
        ("sagemaker", (27, 8, 24)),
        ("bedrock", (5, 4, 6)),
        ("ec2 ec2-auto-scaling ebs elb batch", (12, 4, 3)),
        ("iam kms vpc", (12, 1, 16)),
        *((service, (2, 1, 1)) for service in ("comprehend", "lex", "polly", "rekognition")),
        *((service, (2, 1, 1)) for service in ("transcribe", "translate")),
    ],
)
def test_enough_cards_ask_for_the_numbers_and_rules_that_people_plan_with(
    services: str, floors: tuple[int, ...]
) -> None:
    rows = json.loads(run(REPO, "coverage", "--format", "json").out)["services"]
    among = [row["kinds"] for row in rows if row["service"] in (services or row["service"]).split()]
    counts = (sum(row[kind] for row in among) for kind in ("quota", "pricing", "security"))
    assert all(have >= floor for have, floor in zip(counts, floors, strict=True)), among


def test_enough_questions_have_several_right_options(rows: list[dict[str, Any]]) -> None:
    keys = [row["fields"]["Key"].split() for row in rows if row["type"] == "multiple-choice"]
    assert sum(len(key) > 1 for key in keys) >= 70


def test_every_card_says_where_from_and_when(rows: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in rows if not row["sources"] or not row["checked"]] == []


def test_no_card_names_a_mirror(rows: list[dict[str, Any]]) -> None:
    """A page is cited where its authors publish it, not where somebody keeps a copy."""
    mirror = re.compile(r"aws-docs|awsdocs|raw\.githubusercontent|web\.archive")
    assert [one for row in rows for one in row["sources"] if mirror.search(one)] == []


def test_the_deck_follows_every_rule_of_style(real: Project) -> None:
    assert [root.off for root in real.card_folders] == [frozenset()]
    assert codes(REPO) == []


def test_the_essentials_touch_every_line_of_the_outline(
    real: Project, rows: list[dict[str, Any]]
) -> None:
    topics = {row["topic"] for row in rows if row["level"] == "essential"}
    lines = [line.text for line in real.vocabulary.outline if topics.isdisjoint(line.topics)]
    assert lines == []
    assert 220 <= sum(row["level"] == "essential" for row in rows) <= 260


def test_shortfalls_are_still_needed(real: Project) -> None:
    topics = json.loads(run(REPO, "coverage", "--format", "json").out)["topics"]
    short = [row for row in topics if row["shortfall"] is not None]
    assert [
        row["topic"] for row in short if row["have"] >= min(row["core"], row["shortfall"] + 1)
    ] == []


def test_the_text_for_ankiweb_fits_and_names_every_site(
    real_dist: Path, rows: list[dict[str, Any]]
) -> None:
    description = (real_dist / "ankiweb.md").read_text("utf-8").split("## Description\n\n")[1]
    assert len(description) < 65_000  # what the form takes
    assert not re.search(r"<[a-z!/]", description)
    sites = {urlsplit(source).hostname for row in rows for source in row["sources"]}
    assert [site for site in sites if site not in description] == []
    assert "CC BY 4.0" in description
    assert "not affiliated" in description
