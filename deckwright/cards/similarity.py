"""How near two cards are: certainly the same, likely, possibly, or another fact in the same words.

Likeness of wording alone does not tell: "same sentence, other fact" is as like as a paraphrase. So the question asks, side by
side, whether prompts, answers and whole statements agree, whether one word was swapped for another in a sentence whose order is
kept, whether the answer of one is the question of the other. `certain` is a rule; the other tiers are a logistic model over those measures, fitted on labelled pairs
(`tests/duplicates/`), its weights in `similarity.toml`. Nothing depends on the other cards of the deck: a verdict stays.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from deckwright import markdown
from deckwright.core import terms, text_keys
from deckwright.core.card import Basic, Cloze, Content, MultipleChoice

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"

Items = frozenset[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the comparison reads in a card. `question` is the prompt in one form, its gaps blank; the sets are items of `words`:
    `values` is the answer without units; `order` has the prompt's as they stand."""

    cloze: bool
    question: str
    prompt: Items
    answer: Items
    statement: Items
    values: Items
    directions: frozenset[tuple[str, str]]
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loose:
    """The same with one word for all that mean the same."""

    prompt: Items
    answer: Items
    statement: Items
    order: tuple[str, ...]


def read(content: Content) -> Reading:
    """A card's prompt (gaps blank), answer (gaps, right options) and the statement that both make."""
    if isinstance(content, Cloze):
        prompt, answer = (
            markdown.plain(content.text.blocks, blank=" … "),
            "; ".join(markdown.gap_answers(content.text.blocks)),
        )
    else:
        prompt = markdown.plain(content.question.blocks)
        answer = (
            markdown.plain(content.answer.blocks) if isinstance(content, Basic) else _right(content)
        )
    asked, said = terms.tokens(prompt), terms.tokens(answer)
    whole = (
        terms.tokens(markdown.plain(content.text.blocks))
        if isinstance(content, Cloze)
        else [*asked, *said]
    )
    order = terms.items_in_order(asked)
    found, answered = frozenset(order), terms.items(said)
    return Reading(
        cloze=isinstance(content, Cloze),
        question=text_keys.key(prompt) or prompt,
        prompt=found,
        answer=answered,
        statement=terms.items(whole) if isinstance(content, Cloze) else found | answered,
        values=terms.bare(said) or frozenset({text_keys.literal(answer)}),
        directions=terms.directions(whole),
        order=order,
    )


def loosened(reading: Reading) -> Loose:
    order = terms.loose_in_order(reading.order)
    return Loose(
        frozenset(order), terms.loose(reading.answer), terms.loose(reading.statement), order
    )


def _right(content: MultipleChoice) -> str:
    return "; ".join(markdown.plain([o.text]) for o in content.options if o.right)


def signatures(reading: Reading) -> tuple[tuple[str, object], ...]:
    """Cards that share one of these are looked at for being certainly the same."""
    return (
        ("question", reading.question),
        ("prompt", reading.prompt),
        ("statement", reading.statement),
    )


def certain(one: Reading, other: Reading) -> bool:
    """Equal content words in prompt or statement, and answers that agree: nothing but order, form and filling words differs."""
    asked = one.prompt == other.prompt and _agree(one, other)
    said = one.statement == other.statement and _same_values(one, other)
    if not (asked or said):
        return False
    ways = {way for way, _ in one.directions} & {way for way, _ in other.directions}
    return all(
        {w for p, w in one.directions if p == way} & {w for p, w in other.directions if p == way}
        for way in ways
    )


def contradicts(one: Reading, other: Reading) -> bool:
    """The same question, word for word, and another answer."""
    return one.question == other.question and not _agree(one, other)


def _agree(one: Reading, other: Reading) -> bool:
    """Answers that say the same, or the same at greater length."""
    if _same_values(one, other):
        return True
    numbers = terms.numbers(one.values) == terms.numbers(other.values)
    longer = bool(one.values and other.values) and (
        one.values <= other.values or other.values <= one.values
    )
    return numbers and longer and not (one.cloze and other.cloze)


def _same_values(one: Reading, other: Reading) -> bool:
    """The same answer, wherever its unit stands: `15` days and `15 days`, but not `1 GB` and `one hour`."""
    units = [
        {item for item in reading.answer if item.startswith("#") and " " in item}
        for reading in (one, other)
    ]
    return one.answer == other.answer or (
        one.values == other.values and not (units[0] and units[1] and units[0] != units[1])
    )


def score(one: Loose, other: Loose) -> float:
    """How probable it is, on pairs like those of the labelled set, that two cards are duplicates: 0 to 1."""
    return _model().score(measures(one, other))


def tier(one: Reading, other: Reading) -> str:
    """CERTAIN, LIKELY, POSSIBLE, or nothing."""
    return CERTAIN if certain(one, other) else tier_of(score(loosened(one), loosened(other)))


def tier_of(found: float) -> str:
    """LIKELY, POSSIBLE, or nothing, by a pair's score."""
    model = _model()
    return LIKELY if found >= model.likely else POSSIBLE if found >= model.possible else ""


def differ(one: str, other: str) -> bool:
    """Whether two values are different ones: other numbers or units, or other words where there are no numbers."""
    first, second = terms.tokens(one), terms.tokens(other)
    mine, theirs = terms.items(first), terms.items(second)
    if terms.numbers(mine) and terms.numbers(theirs):
        bare = terms.numbers(terms.bare(first)) == terms.numbers(terms.bare(second))
        units = [any(" " in item for item in terms.numbers(found)) for found in (mine, theirs)]
        return terms.numbers(mine) != terms.numbers(theirs) and not (bare and not all(units))
    return mine != theirs


def swapped(one: Reading, other: Reading) -> tuple[Items, Items] | None:
    """The items in which two statements differ, answers aside ({`neural`}, {`standard`}), where learners would mix the two up:
    one item each, or, with numbers for answers, two at most and most of the rest shared. Else nothing."""
    mine, theirs = one.statement - one.answer, other.statement - other.answer
    here, there, both = mine - theirs, theirs - mine, mine & theirs
    if not (here and there) or one.values == other.values:
        return None
    if len(here) == len(there) == 1 and len(both) >= 3:
        return here, there
    figures = bool(terms.numbers(one.values) and terms.numbers(other.values))
    near = len(here) <= 2 and len(there) <= 2 and len(both) >= 3
    return (here, there) if figures and near else None


@dataclass(frozen=True, slots=True)
class _Model:
    bias: float
    weights: Mapping[str, float]
    likely: float
    possible: float

    def score(self, found: Mapping[str, float]) -> float:
        return 1 / (
            1
            + math.exp(
                -max(
                    -50.0,
                    min(
                        50.0,
                        self.bias
                        + sum(weight * found[name] for name, weight in self.weights.items()),
                    ),
                )
            )
        )


@cache
def _model() -> _Model:
    table = tomllib.loads(files("deckwright.cards").joinpath("similarity.toml").read_text("utf-8"))
    return _Model(table["bias"], table["weights"], table["likely"], table["possible"])


def measures(one: Loose, other: Loose) -> dict[str, float]:
    """What the model sees of a pair, each from 0 to about 1; the same in either order."""
    p, q, a, b, s, t = (
        one.prompt,
        other.prompt,
        one.answer,
        other.answer,
        one.statement,
        other.statement,
    )
    answers = _shared(a, b)
    rest_p, rest_q = p - b - q, q - a - p
    numbers_s, numbers_t = terms.numbers(s), terms.numbers(t)
    a_in_t, b_in_s = _within(a, t), _within(b, s)
    kept = 2 * _in_common_order(one.order, other.order) / (len(one.order) + len(other.order) or 1)
    return {
        "statement within the other": max(_within(s, t), _within(t, s)),
        "answer within the other": max(_within(a, b), _within(b, a)),
        "answers within the statements": (a_in_t + b_in_s) / 2,
        "lesser answer within a statement": min(a_in_t, b_in_s),
        "answers equal": float(bool(a) and a == b),
        "prompts equal": float(p == q),
        "statements equal": float(s == t),
        "prompts alike, answers not": (1 - answers) * _shared(p, q),
        "same figures, prompts apart": float(bool(a & b) and a | b == terms.numbers(a | b))
        * (1 - _shared(p - a, q - b)),
        "numbers differ": float(bool(numbers_s - numbers_t) and bool(numbers_t - numbers_s)),
        "words of prompts swapped": min(_weight(rest_p), _weight(rest_q)) / 5,
        "one or two words swapped": float(
            0 < len(rest_p) <= 2 and 0 < len(rest_q) <= 2 and len(p & q) >= 2
        ),
        "nothing shared beside answers": float(not (s - a) & (t - b)),
        "answer asked by the other": (_within(a, q) + _within(b, p)) / 2 * (1 - answers),
        "prompts in one order": kept,
        "prompts in one order, squared": kept * kept,
        "prompts in one order, words swapped": kept * bool(p - q and q - p),
    }


def _in_common_order(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """The length of the longest common subsequence, by bits: H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004."""
    places: dict[str, int] = {}
    for number, item in enumerate(one):
        places[item] = places.get(item, 0) | 1 << number
    every = row = (1 << len(one)) - 1
    for item in other:
        met = row & places.get(item, 0)
        row = (row + met) | (row - met)
    return len(one) - (row & every).bit_count()


def _weight(found: Items) -> float:
    """Numbers weigh a little more than words."""
    return sum(1.3 if item[0] == "#" else 1.0 for item in found)


def _shared(one: Items, other: Items) -> float:
    """The part of two sets that they share (Jaccard)."""
    union = _weight(one | other)
    return _weight(one & other) / union if union else 1.0


def _within(one: Items, other: Items) -> float:
    """The part of `one` that is in `other`."""
    return _weight(one & other) / _weight(one) if one else 0.0
