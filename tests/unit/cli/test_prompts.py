"""Which answers are accepted."""

from __future__ import annotations

import pytest

from deckwright.cli.prompts import Question, chosen
from deckwright.core.errors import UserError

KINDS = Question("kind", {"concept": "An idea", "quota": "A limit", "question": "A question"})


@pytest.mark.parametrize(
    ("answer", "name"), [("quota", "quota"), (" con ", "concept"), ("quo", "quota")]
)
def test_a_name_or_the_beginning_of_just_one_is_an_answer(answer: str, name: str) -> None:
    assert chosen(KINDS, answer) == name


@pytest.mark.parametrize(
    ("answer", "named", "offered"),
    [
        ("qu", "2 names", " quota, question"),
        ("ues", "`ues`", "`question`"),
        ("qouta", "`qouta`", "`quota`"),
        ("", "``", " concept, quota, question"),
    ],
)
def test_another_answer_is_refused_with_names_that_are_close(
    answer: str, named: str, offered: str
) -> None:
    with pytest.raises(UserError) as refused:
        chosen(KINDS, answer)
    assert named in str(refused.value)
    assert offered in refused.value.help
