"""Which notes are in which package."""

from __future__ import annotations

import values
from values import card, note

from deckwright.output.selections import selections
from deckwright.project.packages import PackageSpec
from deckwright.project.vocabulary import Service

NOTES = (note(card("a")), note(card("b", also=("kms",))), note(card("c", service="kms")))


def test_a_package_with_too_few_cards_is_not_made() -> None:
    words = values.vocabulary(services={name: Service(name, name, name) for name in ("s3", "kms")})
    for minimum, expected in ((2, {"s3.apkg": "ab", "kms.apkg": "bc"}), (3, {})):
        spec = PackageSpec("{slug}.apkg", each="service", min_cards=minimum)
        chosen = selections(NOTES, values.project(packages=(spec,), vocabulary=words))
        found = {path: "".join(one.id for one in notes) for path, notes in chosen.items()}
        assert found == expected
