"""What the model of `similarity.py` sees of a pair of cards: measures from 0 to about 1.

Similar wording is not enough: "same sentence, other fact" is as similar as a
paraphrase. So the measures ask separately whether prompts, answers and whole
statements agree, whether one word was replaced in a sentence with the same order,
whether the answer of one card is in the question of the other, and whether a question
is so short that a long answer to it contains the other card by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

from deckwright.core import terms

Items = frozenset[str]

# Items of limits that say nothing about their subjects.
_GENERIC = frozenset(("default", "maximum", "minimum", "fix", "adjust"))
_SHORT = 3  # items of a prompt that may be only a name: "What is a feature group?"


@dataclass(frozen=True, slots=True)
class Loose:
    """A reading with one word for all synonyms."""

    prompt: Items
    answer: Items
    statement: Items
    order: tuple[str, ...]


def measures(one: Loose, other: Loose) -> dict[str, float]:
    """Return what the model sees of a pair, each from 0 to about 1, in any order."""
    p, a, s = one.prompt, one.answer, one.statement
    q, b, t = other.prompt, other.answer, other.statement
    if value := _common_value(a, b):
        a = b = value
    answers = _shared(a, b)
    rest_p, rest_q = p - b - q, q - a - p
    numbers_s, numbers_t = terms.numbers(s), terms.numbers(t)
    a_in_t, b_in_s = _within(a, t), _within(b, s)
    same_figures = bool(a & b) and a & b == terms.numbers(a & b)
    rare_p, rare_q = p - a - _GENERIC, q - b - _GENERIC
    asked = max(_within(rare_p, t), _within(rare_q, s))
    few_swapped = 0 < len(rest_p) <= 2 and 0 < len(rest_q) <= 2 and len(p & q) >= 2
    length = len(one.order) + len(other.order)
    kept = 2 * _in_common_order(one.order, other.order) / (length or 1)
    return {
        "statement within the other": max(_within(s, t), _within(t, s)),
        "answer within the other": max(_within(a, b), _within(b, a)),
        "answers within the statements": (a_in_t + b_in_s) / 2,
        "lesser answer within a statement": min(a_in_t, b_in_s),
        "answers equal": float(bool(a) and a == b),
        "prompts equal": float(p == q),
        "statements equal": float(s == t),
        "prompts alike, answers not": (1 - answers) * _shared(p, q),
        "same figures, prompts apart": same_figures * (1 - asked),
        "numbers differ": float(bool(numbers_s - numbers_t and numbers_t - numbers_s)),
        "words of prompts swapped": min(_weight(rest_p), _weight(rest_q)) / 5,
        "one or two words swapped": float(few_swapped),
        "nothing shared beside answers": float(not (s - a) & (t - b) - _GENERIC),
        "answer asked by the other": (_within(a, q) + _within(b, p)) / 2 * (1 - answers),
        "other answer in the prompt": max(_within(a, q), _within(b, p)) * (not a & b),
        "short prompt apart": (1 - answers) * max(_apart(p, a, q, t), _apart(q, b, p, s)),
        "same short prompt": answers * (max(len(p), len(q)) <= 4 and (p <= q or q <= p)),
        "prompts in one order": kept,
        "prompts in one order, squared": kept * kept,
        "prompts in one order, words swapped": kept * bool(p - q and q - p),
    }


def _common_value(answer: Items, other: Items) -> Items:
    """Return the numbers of one answer if the other has them all, or else nothing.

    One is then a question about one gap of a card with several, or both are one value:
    `30 days` and `30 days by default`.
    """
    one, two = answer - _GENERIC, other - _GENERIC
    both = one & two
    only_numbers = terms.numbers(one | two) == one | two
    return both if only_numbers and both in (one, two) else frozenset()


def _apart(prompt: Items, answer: Items, other_prompt: Items, other_statement: Items) -> float:
    """Return how much of a card another statement lacks if the prompt is short, or else 0.

    That a long answer has all words of a short one says little if the question is only
    "What is …?" or "Show the flow".
    """
    if len(prompt) > _SHORT:
        return 0.0
    return 1 - min(_within(prompt, other_prompt), _within(answer, other_statement))


def _in_common_order(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Return the length of the longest common subsequence, with bit operations.

    H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004.
    """
    places: dict[str, int] = {}
    for number, item in enumerate(one):
        places[item] = places.get(item, 0) | 1 << number
    every = row = (1 << len(one)) - 1
    for item in other:
        met = row & places.get(item, 0)
        row = (row + met) | (row - met)
    return len(one) - (row & every).bit_count()


def _weight(found: Items) -> float:
    """Return the size of a set, in which a number counts 1.3."""
    return sum(1.3 if item[0] == "#" else 1.0 for item in found)


def _shared(one: Items, other: Items) -> float:
    """Return the share of two sets that both have (Jaccard)."""
    union = _weight(one | other)
    return _weight(one & other) / union if union else 1.0


def _within(one: Items, other: Items) -> float:
    """Return the share of `one` that is in `other`."""
    return _weight(one & other) / _weight(one) if one else 0.0
