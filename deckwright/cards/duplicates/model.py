"""How probably two cards ask the same thing: a logistic model over nine measures.

Similar wording is not enough: "same sentence, other fact" is as similar as a
paraphrase. So the measures ask separately how answers and prompts agree, and whether a
few words were replaced in a sentence that keeps its order. The probability for two
cards does not depend on other cards.
"""

from __future__ import annotations

import math

from deckwright.cards.duplicates.card_terms import CardTerms, Terms
from deckwright.core import terms

LIKELY = 0.62  # from this probability on, two cards are likely duplicates

# Bias and weights are what `python tests/duplicates/measure.py --fit` prints.
BIAS = -0.381
WEIGHTS = {
    "answer within the other": 2.518,
    "answers within the statements": 3.236,
    "same figures, prompts apart": -4.097,
    "terms replaced": -1.339,
    "nothing shared beside answers": -1.325,
    "answer asked by the other": -4.474,
    "short prompt apart": -4.876,
    "same short prompt": 9.996,
    "prompts in one order": -7.865,
}

_GENERIC = frozenset(("default", "maximum", "minimum", "fix", "adjust"))  # of any limit
_NAME = 3  # terms of a prompt that may be only a name: "What is a feature group?"
_SHORT = 4  # terms of a short prompt


def probability(one: CardTerms, other: CardTerms) -> float:
    """Return the probability that two cards, without synonyms, are duplicates."""
    total = BIAS + sum(WEIGHTS[name] * value for name, value in measures(one, other).items())
    return 1 / (1 + math.exp(-total))


def measures(one: CardTerms, other: CardTerms) -> dict[str, float]:
    """Return what the model sees of a pair, each from 0 to about 1, in any order."""
    p, a, s = one.prompt, one.answer.terms, one.statement
    q, b, t = other.prompt, other.answer.terms, other.statement
    answers_differ = 1 - len(a & b) / (len(a | b) or 1)
    order = 2 * _in_common_order(one.order, other.order) / (len(one.order + other.order) or 1)
    return {
        # One answer has all terms of the other: "30 days" and "30 days by default".
        "answer within the other": max(_within(a, b), _within(b, a)),
        # Each card mentions what the other one answers.
        "answers within the statements": (_within(a, t) + _within(b, s)) / 2,
        # Both answers are the same number, but the cards ask about different things.
        "same figures, prompts apart": _same_figures(a, b) * (1 - _asked(one, other)),
        # Each prompt has terms that are nowhere on the other card.
        "terms replaced": min(len(p - t), len(q - s)) / 5,
        # Besides their answers, the cards have nothing in common.
        "nothing shared beside answers": float(not (s - a) & (t - b) - _GENERIC),
        # Each card asks for what the other one says.
        "answer asked by the other": (_within(a, q) + _within(b, p)) / 2 * answers_differ,
        # "What is a stream?" is mentioned in many a long answer.
        "short prompt apart": answers_differ * max(_apart(one, other), _apart(other, one)),
        # "What is a stream?" and "Define a stream", with the same answer.
        "same short prompt": (1 - answers_differ) * _same_short(p, q),
        # Different prompts with their terms in the same order come from one template.
        "prompts in one order": order * order * (p != q),
    }


def _within(one: Terms, other: Terms) -> float:
    """Return the share of `one` that is in `other`."""
    return len(one & other) / len(one) if one else 0.0


def _same_figures(answer: Terms, other: Terms) -> bool:
    """Return whether two answers have numbers in common, and nothing else."""
    both = answer & other
    return bool(both) and both == terms.numbers(both)


def _asked(one: CardTerms, other: CardTerms) -> float:
    """Return how much of a prompt is on the other card, without the terms of any limit."""
    return max(
        _within(one.prompt - one.answer.terms - _GENERIC, other.statement),
        _within(other.prompt - other.answer.terms - _GENERIC, one.statement),
    )


def _apart(one: CardTerms, other: CardTerms) -> float:
    """Return how much of a card with a very short prompt the other card lacks, or else 0."""
    if len(one.prompt) > _NAME:
        return 0.0
    return 1 - min(_within(one.prompt, other.prompt), _within(one.answer.terms, other.statement))


def _same_short(prompt: Terms, other: Terms) -> bool:
    """Return whether two prompts are short, and one has all terms of the other."""
    is_short = max(len(prompt), len(other)) <= _SHORT
    return is_short and (prompt <= other or other <= prompt)


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
