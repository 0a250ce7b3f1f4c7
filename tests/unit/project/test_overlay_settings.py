"""`decks/mine.toml`: the overlay as a value."""

from __future__ import annotations

from pathlib import Path

import pytest
from values import card

from deckwright.project import overlay as overlays
from deckwright.project import vocabulary_files
from deckwright.project.overlay import CardFilter, Overlay, base_of
from deckwright.project.packages import PackageSpec
from deckwright.project.toml_file import Reader

NAMES = 'namespace = "mine"\ndeck = "Mine"\ntag = "mine"\n'


def read(project: Path, text: str) -> tuple[Overlay | None, list[tuple[int, str]]]:
    (project / "decks" / "mine.toml").write_text(text, "utf-8")
    reader = Reader(project)
    vocabulary = vocabulary_files.read(reader)
    settings = reader.table("decks/project.toml", "schema/project.schema.json")
    found = overlays.read(reader, "", settings, vocabulary)
    return found, [(d.span.line, d.code) for d in reader.diagnostics]


def selection(**values: str) -> CardFilter:
    return CardFilter({key: frozenset(value.split()) for key, value in values.items()})


def test_a_filter_matches_cards_that_fit_every_key() -> None:
    one = card("a", also=("polly",), status="closed")
    for matching in (
        selection(),
        selection(id="a b"),
        selection(service="polly"),
        selection(part="reliability", topic="copies", level="standard", status="closed"),
    ):
        assert matching.matches(one)
    for other in (
        selection(id="b"),
        selection(service="ec2"),
        selection(part="reliability", topic="voices"),
    ):
        assert not other.matches(one)


def test_only_the_projects_cards_are_left_out_or_extended(bare: Path) -> None:
    extend = '[[extend]]\nid = ["a", "b"]\ntags = ["hard"]\ntext = "Think **twice**."\n'
    found, problems = read(bare, f'{NAMES}[[leave-out]]\ntopic = ["copies"]\n{extend}')
    assert problems == []
    assert found is not None
    assert found.leaves_out(card("a"))
    assert not found.leaves_out(card("a", topic="voices"))
    assert not found.leaves_out(card("a", namespace="mine"))
    (extension,) = found.extensions
    assert (extension.cards, extension.tags) == (selection(id="a b"), ("hard",))
    assert extension.html == "<p>Think <strong>twice</strong>.</p>"
    assert [(name, place.line) for name, place in found.named_cards] == [("a", 7), ("b", 7)]


@pytest.mark.parametrize(
    "text", ["# Head", r"a\n\n---\n\nb", "A {{c1::gap}}.", "![x](y.svg)", "a <b>c</b>"]
)
def test_what_must_not_be_added_to_a_card_is_refused(bare: Path, text: str) -> None:
    found, problems = read(bare, f'{NAMES}[[extend]]\ntext = "{text}"\n')
    assert found is None
    assert (5, "V809") in problems


def test_own_note_types_come_with_a_style_or_a_report_address(bare: Path) -> None:
    (bare / "decks" / "mine.css").write_text("b {}", "utf-8")
    plain, _ = read(bare, NAMES)
    styled, _ = read(bare, f'{NAMES}style = "mine.css"\n')
    report, _ = read(bare, f'{NAMES}report = "https://x.example/{{id}}"\n')
    assert plain is not None
    assert styled is not None
    assert report is not None
    assert not plain.has_own_notetypes
    assert (styled.has_own_notetypes, styled.style) == (True, "b {}")
    assert report.has_own_notetypes


def test_packages_take_ones_own_cards_the_projects_or_both(bare: Path) -> None:
    package = '[[package]]\npath = "mine/{0}.apkg"\ncards = "{0}"\n'
    both = '[[package]]\npath = "both.apkg"\nwithout-part = ["summary"]\n'
    found, problems = read(bare, NAMES + package.format("mine") + package.format("project") + both)
    assert problems == []
    assert found is not None
    assert found.packages == (
        PackageSpec("mine/mine.apkg", namespaces=("mine",)),
        PackageSpec("mine/project.apkg", namespaces=("mini",)),
        PackageSpec("both.apkg", without_part=("summary",)),
    )


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (NAMES.replace('"mine"', '"mini"', 1), [(1, "V804")]),
        (NAMES.replace("Mine", "MINI"), [(2, "V804")]),
        (NAMES.replace('tag = "mine"', 'tag = "mini"'), [(3, "V804")]),
        (f'{NAMES}[[leave-out]]\nservice = ["pollx"]\n', [(5, "V805")]),
        (f'{NAMES}[[package]]\npath = "all.apkg"\nexam = "last"\n', [(6, "V805"), (5, "V804")]),
        (
            f'{NAMES}[[package]]\npath = "retired.apkg"\nwithout-service = ["ec9"]\n',
            [(6, "V805"), (5, "V804")],
        ),
    ],
)
def test_names_must_be_new_and_what_is_named_must_exist(
    bare: Path, text: str, problems: list[tuple[int, str]]
) -> None:
    assert read(bare, text)[1] == problems


def test_the_prefix_leads_from_the_project_to_the_overlay(tmp_path: Path) -> None:
    assert base_of(tmp_path / "deck", None) == ""
    assert base_of(tmp_path / "deck", tmp_path / "deck" / "..") == "../"
    assert base_of(tmp_path / "deck", tmp_path / "x" / ".." / "deck") == ""
    assert base_of(tmp_path / "deck", tmp_path / "my own") == "../my own/"
