"""Proposed ids."""

from __future__ import annotations

import pytest

from deckwright.cards.ids import ID, MAX_ID, file_stem, first_free, propose


@pytest.mark.parametrize("subject", ["x" * 200, "9 lives", "Übergröße", "What is it?", "…"])
def test_a_proposed_id_is_always_an_id(subject: str) -> None:
    for service in ("polly", "3d-things", "a" * 70):
        name = propose(subject, service, lambda _: False)
        assert ID.fullmatch(name)
        assert service != "polly" or len(name) <= MAX_ID


def test_many_names_from_one_stem_take_as_many_steps() -> None:
    taken: set[str] = {"a", "a-3"}
    tried: dict[str, int] = {}
    asked: list[str] = []

    def is_taken(name: str) -> bool:
        asked.append(name)
        return name in taken

    for _ in range(100):
        taken.add(first_free(lambda number: f"a{number}", is_taken, tried))
    assert taken == {"a", *(f"a-{number}" for number in range(2, 103))}
    assert len(asked) < 300


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("con", "the-con"), ("COM1", "the-com1"), ("console", "console"), ("a:b", "a-b"),
        ("trailing.. ", "trailing"), ("x" * 300, "x" * 40), ("-", ""), ("Übergröße", "ubergroe"),
    ],
)  # fmt: skip
def test_a_file_can_have_its_name_everywhere(name: str, stem: str) -> None:
    assert file_stem(name) == stem
