"""Which cards certainly ask the same thing: only order, form, and stop words differ."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from deckwright import markdown
from deckwright.cards.duplicates.card_terms import AnswerTerms, Terms, card_terms
from deckwright.core import terms, text_keys
from deckwright.core.card import Card, Cloze
from deckwright.core.note import picture_path


class Signature(NamedTuple):
    """What decides whether a card certainly repeats another one.

    Two cards have the same `question` if they ask in the same words, the same `prompt` and
    `statement` if their terms are the same, each with the same images in the prompt, and the
    same `sentence` if they are cloze cards whose text with filled gaps is the same; it is empty
    for other cards.
    """

    question: bytes
    prompt: bytes
    statement: bytes
    sentence: bytes
    answer: AnswerTerms
    directions: frozenset[tuple[str, str]]


def signature(card: Card) -> Signature:
    """Return the signature of a card."""
    content = card.content
    own = card_terms(content, card.language)
    sentence = b""
    if isinstance(content, Cloze):
        sentence = _digest("sentence", text_keys.key(markdown.plain(content.text.blocks)))
    prompt = content.text if isinstance(content, Cloze) else content.question
    images = [
        picture_path(card.span.path, mark.extra)
        for block in prompt.blocks
        for mark in block.marks
        if mark.kind == "image"
    ]
    return Signature(
        _digest("question", own.question, *images),
        _digest("prompt", *sorted(own.prompt), *images),
        _digest("statement", *sorted(own.statement), *images),
        sentence,
        own.answer,
        own.directions,
    )


def _digest(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def certain(one: Signature, other: Signature) -> bool:
    """Return whether prompts or statements have the same terms, and the answers agree."""
    same_prompt = one.prompt == other.prompt and _same_answer(one, other)
    same_statement = one.statement == other.statement and _equal(one.answer, other.answer)
    if not (same_prompt or same_statement):
        return False
    words = {word for word, _ in one.directions} & {word for word, _ in other.directions}
    return all(_after(one, word) & _after(other, word) for word in words)


def _after(card: Signature, word: str) -> Terms:
    """Return the terms behind a word of direction."""
    return frozenset(term for own, term in card.directions if own == word)


def contradicts(one: Signature, other: Signature) -> bool:
    """Return whether two cards ask the same in the same words, and have different answers."""
    return one.question == other.question and not _same_answer(one, other)


def _same_answer(one: Signature, other: Signature) -> bool:
    """Return whether the gaps of two cards are equal, or answers agree."""
    if one.sentence and other.sentence:
        return _equal(one.answer, other.answer)
    return agree(one.answer, other.answer)


def agree(one: AnswerTerms, other: AnswerTerms) -> bool:
    """Return whether two answers say the same, one perhaps in more words."""
    if _equal(one, other):
        return True
    same_numbers = terms.numbers(one.bare) == terms.numbers(other.bare)
    in_more_words = one.bare <= other.bare or other.bare <= one.bare
    return same_numbers and in_more_words and not _units_differ(one, other)


def _equal(one: AnswerTerms, other: AnswerTerms) -> bool:
    """Return whether two answers are the same value: `15` days and `15 days` are."""
    return one.terms == other.terms or (one.bare == other.bare and not _units_differ(one, other))


def _units_differ(one: AnswerTerms, other: AnswerTerms) -> bool:
    """Return whether both have numbers with units, and other ones."""
    amounts, other_amounts = (
        {term for term in answer.terms if " " in term} for answer in (one, other)
    )
    return bool(amounts and other_amounts) and amounts != other_amounts
