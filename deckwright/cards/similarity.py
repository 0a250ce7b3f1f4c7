"""How similar two cards are: certainly, likely or possibly duplicates, or another fact.

`certain` is a rule. The other tiers are a logistic model over the measures of
`measures.py`, tuned on labeled pairs (tests/duplicates/), with its weights in
similarity.toml. The result for two cards does not depend on other cards.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from deckwright import markdown
from deckwright.cards.measures import Items, Loose, measures
from deckwright.core import terms, text_keys
from deckwright.core.card import Basic, Card, Cloze, Content

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"

_GAP = "…"  # stands for a gap in a prompt


@dataclass(frozen=True, slots=True)
class Reading:
    """What the comparison reads from a card; the sets are items of `core.terms`.

    `question` is the `text_keys.key` of the prompt with blank gaps. `statement` is
    prompt and answer together. `values` is the answer without units, `order` the
    prompt's items in order. A unit after a gap, or after "how many", is part of the
    answer and not of the prompt.
    """

    cloze: bool
    question: str
    prompt: Items
    answer: Items
    statement: Items
    values: Items
    directions: frozenset[tuple[str, str]]
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
    asked, answered = _with_unit(terms.tokens(prompt), terms.tokens(answer))
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
    prompt = markdown.plain(content.text.blocks, blank=f" {_GAP} ")
    answer = "; ".join(markdown.gap_answers(content.text.blocks))
    asked, answered = terms.tokens(prompt), terms.tokens(answer)
    whole = terms.tokens(markdown.plain(content.text.blocks))
    answer_items, statement = terms.items(answered), terms.items(whole)
    filled = terms.numbers(statement - terms.items(asked))
    if filled:  # a unit after a gap belongs to the answer
        answer_items = answer_items - terms.numbers(answer_items) | filled
        asked = [
            w for before, w in pairwise(["", *asked]) if before != _GAP or not terms.is_unit(w)
        ]
    order = terms.items_in_order(asked)
    return Reading(
        cloze=True,
        question=text_keys.key(prompt) or prompt,
        prompt=frozenset(order),
        answer=answer_items,
        statement=statement,
        values=_bare_values(answer, answered),
        directions=terms.directions(whole),
        order=order,
    )


def _with_unit(asked: list[str], answered: list[str]) -> tuple[list[str], list[str]]:
    """Return the tokens of a question and of its answer.

    The unit of "how many minutes" belongs to the answer, if that is only a number.
    """
    if len(answered) == 1 and terms.quantities(answered):
        for at, (word, unit) in enumerate(pairwise(asked)):
            if word == "many" and terms.is_unit(unit):
                return asked[: at + 1] + asked[at + 2 :], [*answered, unit]
    return asked, answered


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


def signatures(reading: Reading) -> tuple[bytes, ...]:
    """Return keys; certain duplicates and contradicting cards share at least one."""
    return (
        _digest("question", reading.question),
        _digest("prompt", *sorted(reading.prompt)),
        _digest("statement", *sorted(reading.statement)),
    )


def _digest(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Signature(NamedTuple):
    """What finds the cards that may repeat a card.

    Cards that share one of `signs` may ask the same. `sentence` stands for the text of a
    cloze card with its gaps filled, and is empty for other cards.
    """

    signs: tuple[bytes, ...]
    sentence: bytes


def signature(card: Card) -> Signature:
    """Return the signature of a card."""
    sentence = b""
    if isinstance(card.content, Cloze):
        sentence = _digest("sentence", text_keys.key(markdown.plain(card.content.text.blocks)))
    return Signature(signatures(read(card.content, card.language)), sentence)


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
    units, other_units = _with_units(one), _with_units(other)
    if units and other_units and not units & other_units:
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


def unlike(one: Reading, other: Reading) -> bool:
    """Return whether two cards are far from duplicates.

    The score is less than half of what a possible duplicate needs, so that a small
    edit of a card or of the model does not make authors change their verdicts.
    """
    far = score(loosened(one), loosened(other)) < _model().possible / 2
    return far and not certain(one, other)


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
