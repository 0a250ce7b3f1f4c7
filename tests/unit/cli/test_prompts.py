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
    ("answer", "message", "help_line"),
    [
        ("qu", "2 names start with `qu`", "choose one of quota, question"),
        ("ues", "there is no kind `ues`", "did you mean `question`?"),
        ("qouta", "there is no kind `qouta`", "did you mean `quota`?"),
        ("", "there is no kind ``", "choose one of concept, quota, question"),
    ],
)
def test_another_answer_is_refused_with_names_that_are_close(
    answer: str, message: str, help_line: str
) -> None:
    with pytest.raises(UserError) as refused:
        chosen(KINDS, answer)
    assert (str(refused.value), refused.value.help) == (message, help_line)
