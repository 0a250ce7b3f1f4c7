"""How similar two cards are: certainly, likely or possibly duplicates, or another fact.

Similar wording is not enough: "same sentence, other fact" is as similar as a
paraphrase. So the comparison asks separately whether prompts, answers and whole
statements agree, whether one word was replaced in a sentence with the same order, and
whether the answer of one card is the question of the other. `certain` is a rule. The
other tiers are a logistic model over these measures, fitted on labeled pairs
(tests/duplicates/), with its weights in similarity.toml. The result for two cards does
not depend on other cards.
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
from deckwright.core.card import Basic, Cloze, Content

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"

Items = frozenset[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the comparison reads from a card; the sets are items of `core.terms`.

    `question` is the `text_keys.key` of the prompt with blank gaps. `statement` is
    prompt and answer together. `values` is the answer without units, `order` the
    prompt's items in order.
    """

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
    """A reading with one word for all synonyms."""

    prompt: Items
    answer: Items
    statement: Items
    order: tuple[str, ...]


def read(content: Content, language: str = "en") -> Reading:
    """Return a card's prompt, answer (gaps, right options) and statement, as items.

    `language` is a BCP 47 tag. Only English has stop words, synonyms and units.
    """
    if not terms.is_english(language):
        return _read_foreign(content, language)
    if isinstance(content, Cloze):
        return _read_cloze(content)
    prompt = markdown.plain(content.question.blocks)
    if isinstance(content, Basic):
        answer = markdown.plain(content.answer.blocks)
    else:
        answer = "; ".join(markdown.plain([o.text]) for o in content.options if o.right)
    asked, answered = terms.tokens(prompt), terms.tokens(answer)
    order, answer_items = terms.items_in_order(asked), terms.items(answered)
    return Reading(
        cloze=False,
        question=text_keys.key(prompt) or prompt,
        prompt=frozenset(order),
        answer=answer_items,
        statement=answer_items.union(order),
        values=_bare_values(answer, answered),
        directions=terms.directions([*asked, *answered]),
        order=order,
    )


def _read_cloze(content: Cloze) -> Reading:
    prompt = markdown.plain(content.text.blocks, blank=" … ")
    answer = "; ".join(markdown.gap_answers(content.text.blocks))
    order, answered = terms.items_in_order(terms.tokens(prompt)), terms.tokens(answer)
    whole = terms.tokens(markdown.plain(content.text.blocks))
    return Reading(
        cloze=True,
        question=text_keys.key(prompt) or prompt,
        prompt=frozenset(order),
        answer=terms.items(answered),
        statement=terms.items(whole),
        values=_bare_values(answer, answered),
        directions=terms.directions(whole),
        order=order,
    )


def _read_foreign(content: Content, language: str) -> Reading:
    if isinstance(content, Cloze):
        prompt = markdown.plain(content.text.blocks, blank=" … ")
        answer = "; ".join(markdown.gap_answers(content.text.blocks))
        whole = markdown.plain(content.text.blocks)
    else:
        prompt = markdown.plain(content.question.blocks)
        answer = (
            markdown.plain(content.answer.blocks)
            if isinstance(content, Basic)
            else "; ".join(markdown.plain([o.text]) for o in content.options if o.right)
        )
        whole = f"{prompt} {answer}"
    order = terms.items_of_any_language(prompt, language)
    answered = frozenset(terms.items_of_any_language(answer, language))
    return Reading(
        cloze=isinstance(content, Cloze),
        question=text_keys.key(prompt) or prompt,
        prompt=frozenset(order),
        answer=answered,
        statement=frozenset(terms.items_of_any_language(whole, language)),
        values=answered or frozenset({text_keys.literal(answer)}),
        directions=frozenset(),
        order=order,
    )


def _bare_values(answer: str, tokens: list[str]) -> Items:
    return terms.items_without_units(tokens) or frozenset({text_keys.literal(answer)})


def loosened(reading: Reading) -> Loose:
    """Return a reading with one word for all synonyms."""
    order = terms.merge_synonyms_in_order(reading.order)
    answer, statement = map(terms.merge_synonyms, (reading.answer, reading.statement))
    return Loose(frozenset(order), answer, statement, order)


def signatures(reading: Reading) -> tuple[tuple[str, object], ...]:
    """Return keys; certain duplicates and contradicting cards share at least one."""
    return (
        ("question", reading.question),
        ("prompt", reading.prompt),
        ("statement", reading.statement),
    )


def certain(one: Reading, other: Reading) -> bool:
    """Return whether only order, form and stop words differ.

    Prompts or statements have the same items, and the answers agree.
    """
    same_prompt = one.prompt == other.prompt and _agree(one, other)
    same_statement = one.statement == other.statement and _same_values(one, other)
    if not (same_prompt or same_statement):
        return False
    words = {word for word, _ in one.directions} & {word for word, _ in other.directions}
    return all(_directions(one, word) & _directions(other, word) for word in words)


def _directions(reading: Reading, word: str) -> Items:
    """Return the content words behind a word of direction."""
    return frozenset(content for own, content in reading.directions if own == word)


def contradicts(one: Reading, other: Reading) -> bool:
    """Return whether two cards ask the same, and have different answers."""
    return one.question == other.question and not _agree(one, other)


def _agree(one: Reading, other: Reading) -> bool:
    """Return whether two answers say the same, one perhaps in more words."""
    if _same_values(one, other):
        return True
    if (one.cloze and other.cloze) or not (one.values and other.values):
        return False
    same_numbers = terms.numbers(one.values) == terms.numbers(other.values)
    return same_numbers and (one.values <= other.values or other.values <= one.values)


def _same_values(one: Reading, other: Reading) -> bool:
    """Return whether two answers are the same value, wherever the unit is written.

    `15` days and `15 days` are, `1 GB` and `one hour` are not.
    """
    if one.answer == other.answer:
        return True
    units, other_units = _with_units(one), _with_units(other)
    same_units = not units or not other_units or units == other_units
    return one.values == other.values and same_units


def _with_units(reading: Reading) -> Items:
    return frozenset(item for item in terms.numbers(reading.answer) if " " in item)


def score(one: Loose, other: Loose) -> float:
    """Return the probability (0 to 1) that two cards are duplicates.

    That is the share of duplicates among pairs like these in the labeled set.
    """
    return _model().score(measures(one, other))


def tier(one: Reading, other: Reading) -> str:
    """Return CERTAIN, LIKELY, POSSIBLE or an empty text for two cards."""
    return CERTAIN if certain(one, other) else tier_of(score(loosened(one), loosened(other)))


def tier_of(found: float) -> str:
    """Return LIKELY, POSSIBLE or an empty text for a pair's score."""
    model = _model()
    if found >= model.likely:
        return LIKELY
    return POSSIBLE if found >= model.possible else ""


def differ(one: str, other: str) -> bool:
    """Return whether two values differ: in numbers or units, or else in words."""
    tokens, other_tokens = terms.tokens(one), terms.tokens(other)
    items, other_items = terms.items(tokens), terms.items(other_tokens)
    numbers, other_numbers = terms.numbers(items), terms.numbers(other_items)
    if not numbers or not other_numbers:
        return items != other_items
    if numbers == other_numbers:
        return False
    bare = terms.numbers(terms.items_without_units(tokens))
    other_bare = terms.numbers(terms.items_without_units(other_tokens))
    both_have_units = all(any(" " in item for item in found) for found in (numbers, other_numbers))
    return bare != other_bare or both_have_units


def swapped(one: Reading, other: Reading) -> tuple[Items, Items] | None:
    """Return the items in which two similar statements with different answers differ.

    For example {`neural`} and {`standard`}: learners may confuse such cards. One item
    each may differ, or two if the answers are numbers. Returns None if more does, or
    the answers agree.
    """
    mine, theirs = one.statement - one.answer, other.statement - other.answer
    here, there = mine - theirs, theirs - mine
    if not here or not there or len(mine & theirs) < 3 or one.values == other.values:
        return None
    both_numbers = terms.numbers(one.values) and terms.numbers(other.values)
    most = 2 if both_numbers else 1
    return (here, there) if len(here) <= most and len(there) <= most else None


@dataclass(frozen=True, slots=True)
class _Model:
    bias: float
    weights: Mapping[str, float]
    likely: float
    possible: float

    def score(self, found: Mapping[str, float]) -> float:
        total = self.bias + sum(weight * found[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))


@cache
def _model() -> _Model:
    table = tomllib.loads(files("deckwright.cards").joinpath("similarity.toml").read_text("utf-8"))
    return _Model(table["bias"], table["weights"], table["likely"], table["possible"])


def measures(one: Loose, other: Loose) -> dict[str, float]:
    """Return what the model sees of a pair, each from 0 to about 1, in any order."""
    p, a, s = one.prompt, one.answer, one.statement
    q, b, t = other.prompt, other.answer, other.statement
    answers = _shared(a, b)
    rest_p, rest_q = p - b - q, q - a - p
    numbers_s, numbers_t = terms.numbers(s), terms.numbers(t)
    a_in_t, b_in_s = _within(a, t), _within(b, s)
    same_figures = bool(a & b) and a | b == terms.numbers(a | b)
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
        "same figures, prompts apart": same_figures * (1 - _shared(p - a, q - b)),
        "numbers differ": float(bool(numbers_s - numbers_t and numbers_t - numbers_s)),
        "words of prompts swapped": min(_weight(rest_p), _weight(rest_q)) / 5,
        "one or two words swapped": float(few_swapped),
        "nothing shared beside answers": float(not (s - a) & (t - b)),
        "answer asked by the other": (_within(a, q) + _within(b, p)) / 2 * (1 - answers),
        "prompts in one order": kept,
        "prompts in one order, squared": kept * kept,
        "prompts in one order, words swapped": kept * bool(p - q and q - p),
    }


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
