"""The terms of a card: what it asks, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import NamedTuple

from deckwright import markdown
from deckwright.core import terms, text_keys
from deckwright.core.card import Basic, Cloze, Content

Terms = frozenset[str]

_GAP = "…"  # stands for a gap in a prompt


class AnswerTerms(NamedTuple):
    """The terms of an answer; `bare` has numbers without their units."""

    terms: Terms
    bare: Terms


@dataclass(frozen=True, slots=True)
class CardTerms:
    """The terms of a card, as items of `core.terms`.

    `question` is the key of the prompt's text with blank gaps, `order` are the prompt's
    terms in order, `statement` those of prompt and answer together. `directions` are pairs
    such as `from`, `csv`. A unit after a gap, or after "how many", is part of the answer and
    not of the prompt.
    """

    question: str
    order: tuple[str, ...]
    prompt: Terms
    answer: AnswerTerms
    statement: Terms
    directions: frozenset[tuple[str, str]] = frozenset()


def card_terms(content: Content, language: str = "en") -> CardTerms:
    """Return the terms of a card. `language` is a BCP 47 tag.

    Only English has stop words, synonyms, units, and directions.
    """
    prompt, answers = _prompt_and_answers(content)
    question, text = text_keys.key(prompt) or prompt, "; ".join(answers)
    if not terms.is_english(language):
        order = terms.items_of_any_language(prompt, language)
        said = frozenset(terms.items_of_any_language(text, language))
        answer = AnswerTerms(said, said or frozenset({text_keys.literal(text)}))
        return CardTerms(question, order, frozenset(order), answer, said.union(order))
    asked, tokens = _with_units(
        terms.tokens(prompt),
        [terms.tokens(text) for text in answers],
        _GAP if isinstance(content, Cloze) else "many",
    )
    order = terms.items_in_order(asked)
    answer = answer_terms(tokens, text)
    whole, statement = [*asked, *tokens], answer.terms.union(order)
    if isinstance(content, Cloze):
        whole = terms.tokens(markdown.plain(content.text.blocks))
        statement = terms.items(whole)
    directions = terms.directions(whole)
    return CardTerms(question, order, frozenset(order), answer, statement, directions)


def answer_terms(tokens: list[str], text: str) -> AnswerTerms:
    """Return the terms of an English answer, given its tokens and text."""
    literal = frozenset({text_keys.literal(text)})
    return AnswerTerms(terms.items(tokens), terms.items_without_units(tokens) or literal)


def without_synonyms(card: CardTerms) -> CardTerms:
    """Return the terms of a card with one word for all synonyms."""
    order = terms.merge_synonyms_in_order(card.order)
    return replace(
        card,
        order=order,
        prompt=frozenset(order),
        answer=AnswerTerms(terms.merge_synonyms(card.answer.terms), card.answer.bare),
        statement=terms.merge_synonyms(card.statement),
    )


def _prompt_and_answers(content: Content) -> tuple[str, list[str]]:
    """Return the text of a prompt, with blank gaps, and of each gap, answer or correct option."""
    if isinstance(content, Cloze):
        blocks = content.text.blocks
        return markdown.plain(blocks, blank=f" {_GAP} "), list(markdown.gap_answers(blocks))
    if isinstance(content, Basic):
        answers = [markdown.plain(content.answer.blocks)]
    else:
        answers = [markdown.plain([option.text]) for option in content.options if option.right]
    return markdown.plain(content.question.blocks), answers


def _with_units(
    prompt: list[str], answers: Iterable[list[str]], marker: str
) -> tuple[list[str], list[str]]:
    """Return the tokens of a prompt and its answers, with the units that a prompt has.

    A unit after `marker` (a gap, or the "many" of "how many") belongs to an answer that
    is only a number.
    """
    left = iter(answers)
    asked, answered, moved = [], [], ""
    for word, after in pairwise([*prompt, ""]):
        if moved:
            moved = ""
            continue
        asked.append(word)
        if word == marker:
            answer = next(left, [])
            if len(answer) == 1 and terms.quantities(answer) and terms.is_unit(after):
                moved = after
            answered += [*answer, moved] if moved else answer
    return asked, [*answered, *chain.from_iterable(left)]
