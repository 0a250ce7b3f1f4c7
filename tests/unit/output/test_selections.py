"""Which notes are in which package."""

from __future__ import annotations

import values
from values import card, note

from deckwright.output.selections import selections
from deckwright.project.packages import PackageSpec
from deckwright.project.vocabulary import Level, Service

LEVELS = {name: Level(name, name, name == "standard") for name in ("essential", "standard")}
SERVICES = {name: Service(name, name, name) for name in ("s3", "kms")}
NOTES = (
    note(card("a", level="essential")),
    note(card("b", also=("kms",))),
    note(card("c", level="essential", service="kms")),
)


def chosen(*specs: PackageSpec) -> dict[str, tuple[str, ...]]:
    words = values.vocabulary(levels=LEVELS, services=SERVICES)
    found = selections(NOTES, values.project(packages=specs, vocabulary=words))
    return {path: tuple(one.id for one in notes) for path, notes in found.items()}


def test_a_package_can_have_the_cards_of_some_levels() -> None:
    assert chosen(PackageSpec("x.apkg", level=("essential",))) == {"x.apkg": ("a", "c")}
    assert chosen(PackageSpec("x.apkg", level=("standard",))) == {"x.apkg": ("b",)}


def test_a_package_with_too_few_cards_is_not_made() -> None:
    each = PackageSpec("{slug}.apkg", each="service", min_cards=2)
    assert chosen(each) == {"s3.apkg": ("a", "b"), "kms.apkg": ("b", "c")}
    each = PackageSpec("{slug}.apkg", each="service", min_cards=3)
    assert chosen(each) == {}
