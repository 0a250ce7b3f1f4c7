"""Duplicates, contradictions and swapped words (the model: test_similar.py)."""

from __future__ import annotations

import pytest
from deckwright.cards.measures import measures
from deckwright.cards.similarity import CERTAIN, Reading

from deckwright.cards import similarity
from unit.examples import make_card


def reading(text: str) -> Reading:
    return similarity.read(make_card(text).content)


def basic(question: str, answer: str) -> Reading:
    return reading(f"{question}\n\n---\n\n{answer}")


def test_order_and_stop_words_make_no_difference() -> None:
    one = basic("Which engine speaks in Polly?", "The neural engine.")
    other = basic("In Polly, which is the engine that speaks?", "Neural engine.")
    assert similarity.certain(one, other)
    assert similarity.tier(one, other) == CERTAIN


def test_a_cloze_and_a_question_with_one_statement_are_duplicates() -> None:
    cloze = reading("A call takes {{c1::3,000}} characters.")
    assert similarity.certain(cloze, basic("How many characters does a call take?", "3000"))


def test_the_units_of_gaps_count_unless_only_one_card_has_them() -> None:
    one = reading("The length is {{c1::one hour}}.")
    assert not similarity.certain(one, reading("The length is {{c1::1 GB}}."))
    assert similarity.certain(one, reading("The length is {{c1::1}}."))


def test_a_unit_beside_a_gap_or_in_a_question_belongs_to_the_answer() -> None:
    inside = reading("A key waits {{c1::30 days}}.")
    beside = reading("A key waits {{c1::30::how many}} days.")
    asked = basic("How many days does a key wait?", "30")
    assert inside.answer == beside.answer == asked.answer == {"#2592000 s"}
    assert inside.prompt == beside.prompt == asked.prompt == {"key", "wait"}
    assert similarity.certain(beside, asked)
    assert not similarity.certain(beside, basic("How many hours does a key wait?", "30"))
    assert "day" in basic("For how many days does a key wait?", "7 to 30").prompt


def test_a_question_about_one_of_several_gaps_has_the_same_answer() -> None:
    gaps = similarity.loosened(reading("A key waits {{c1::7}} to {{c2::30}} days."))
    asked = similarity.loosened(basic("How long does a key wait?", "30 days by default"))
    other = similarity.loosened(basic("How many days does a key wait?", "90"))
    assert measures(gaps, asked)["answers equal"] == 1
    assert measures(gaps, other)["answers equal"] == 0


def test_a_short_question_is_no_duplicate_only_because_its_answer_is_long() -> None:
    asked = similarity.loosened(basic("Which service speaks aloud?", "A neural voice."))
    vague = similarity.loosened(basic("Show the parts.", "Text, lexicon, neural voice, file."))
    assert measures(asked, vague)["short prompt apart"] > 0.4
    assert measures(vague, asked) == measures(asked, vague)
    assert similarity.tier_of(similarity.score(asked, vague)) == ""


def test_a_verdict_is_needed_until_cards_are_far_from_duplicates() -> None:
    one = basic("Which engine speaks in Polly?", "The neural engine.")
    assert not similarity.unlike(one, one)
    assert not similarity.unlike(one, basic("In Polly, what speaks?", "A neural engine."))
    assert similarity.unlike(one, basic("How old are museums?", "Ten years."))


def test_the_direction_of_a_sentence_counts() -> None:
    there = basic("What copies CSV files from disk to memory?", "A job.")
    assert similarity.certain(there, basic("From disk to memory, what copies CSV files?", "A job."))
    back = basic("What copies CSV files from memory to disk?", "A job.")
    assert not similarity.certain(there, back)


def test_the_same_question_with_another_answer_is_a_contradiction() -> None:
    one, other = basic("What speaks?", "A voice."), basic("What speaks?", "An engine.")
    assert similarity.contradicts(one, other)
    assert not similarity.certain(one, other)


def test_an_answer_in_more_words_is_no_contradiction() -> None:
    one, other = basic("What speaks?", "A voice."), basic("What speaks?", "A neural voice.")
    assert not similarity.contradicts(one, other)


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("3,000", "3000 characters", False),
        ("15 min", "900 s", False),
        ("15", "15 minutes", False),
        ("15 hours", "15 minutes", True),
        ("3,000", "3,500", True),
        ("neural", "the neural", False),
        ("neural", "standard", True),
    ],
)
def test_values_differ_in_numbers_units_or_words(one: str, other: str, differ: bool) -> None:
    assert similarity.differ(one, other) == differ
    assert similarity.differ(other, one) == differ


def test_one_swapped_word_makes_cards_confusable_if_the_answers_differ() -> None:
    text = "Polly: MP3 of {} voices has {{{{c1::{}}}}} by default."
    one = reading(text.format("standard", "a low rate"))
    other = reading(text.format("neural", "a high quality"))
    assert similarity.swapped(one, other) == ({"standard"}, {"neural"})
    assert similarity.swapped(one, reading(text.format("neural", "a low rate"))) is None


def test_two_swapped_words_are_confusable_only_with_numbers() -> None:
    text = "Polly: {} of {} voices has {{{{c1::{}}}}} Hz by default, and more on request."
    one, other = text.format("MP3", "standard", "22,050"), text.format("PCM", "neural", "16,000")
    assert similarity.swapped(reading(one), reading(other)) is not None
    one, other = text.format("MP3", "standard", "some"), text.format("PCM", "neural", "few")
    assert similarity.swapped(reading(one), reading(other)) is None


def test_a_card_has_full_measures_with_itself_and_none_with_a_stranger() -> None:
    one = similarity.loosened(basic("Which engine reads a lexicon aloud?", "The neural engine."))
    other = similarity.loosened(basic("How old are museums?", "Ten years."))
    same, different = measures(one, one), measures(one, other)
    for name in ("statement within the other", "answers equal", "prompts in one order"):
        assert (same[name], different[name]) == (1, 0), name
    assert same["nothing shared beside answers"] == 0
    assert different["nothing shared beside answers"] == 1
    assert similarity.score(one, one) > 0.9
    assert similarity.score(one, other) < 0.1


def test_words_in_another_order_are_less_similar() -> None:
    one = similarity.loosened(basic("Job reads disk, writes memory?", "Yes."))
    other = similarity.loosened(basic("Memory writes, disk reads job?", "Yes."))
    found = measures(one, other)
    assert found["prompts equal"] == 1
    assert found["prompts in one order"] == 1 / 5
