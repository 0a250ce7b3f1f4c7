"""Cards that certainly repeat or contradict an earlier one.

Cards ask the same thing if only order, form, and stop words differ. That is decided by
their signatures, so that not every card is compared with every other one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from deckwright import markdown
from deckwright.cards.duplicates.card_terms import AnswerTerms, Terms, card_terms
from deckwright.core import terms, text_keys
from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.identity import guid
from deckwright.core.note import image_paths
from deckwright.project.project import Project


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
    own, asked = card_terms(card.content, card.language), card.prompt.blocks
    sentence = b""
    if isinstance(card.content, Cloze):
        sentence = _digest("sentence", text_keys.key(markdown.plain(asked)))
    images = image_paths(asked)
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


def diagnose(
    cards: Sequence[Card], signatures: Sequence[Signature], project: Project
) -> Iterator[Diagnostic]:
    """U503, U507, U509: for each card, the first of the cards that it repeats.

    `signatures` are those of `cards`, in the same order. Only cards that share a part of
    them are compared.
    """
    earlier: dict[bytes, list[tuple[Card, Signature]]] = defaultdict(list)
    for card, own in zip(cards, signatures, strict=True):
        if project.leaves_out(card):
            continue
        groups = [earlier[key] for key in (own.question, own.prompt, own.statement)]
        sentences = earlier[own.sentence] if own.sentence else []
        compared = (
            _comparison(card, own, other, known)
            for group in (*groups, sentences[:1])
            for other, known in group
            if not is_exempt(card, other)
        )
        off = project.card_folder(card.namespace).off
        if diagnostic := next((one for one in compared if one and one.code not in off), None):
            yield diagnostic
        for group in (*groups, sentences):
            group.append((card, own))


def is_exempt(one: Card, other: Card) -> bool:
    """Return whether two cards must not be reported as duplicates.

    They have the same identity, or one declares `not-duplicate-of` or `compare`.
    """
    if guid(one.namespace, one.id) == guid(other.namespace, other.id):
        return True
    declared_by_one = (field.value for field in (*one.not_duplicate_of, *one.compare))
    declared_by_other = (field.value for field in (*other.not_duplicate_of, *other.compare))
    return other.id in declared_by_one or one.id in declared_by_other


def _comparison(card: Card, own: Signature, other: Card, known: Signature) -> Diagnostic | None:
    """Return how a card repeats or contradicts another one, if it does."""
    distinct = f"if they ask for different facts, write `- not-duplicate-of: {other.id}`"
    if certain(own, known):
        code, message = "U503", f"this card asks the same thing as `{other.id}`"
        help_line = (
            f"remove one of the two cards, or add the detail that tells them apart; {distinct}"
        )
    elif contradicts(own, known):
        code = "U509"
        message = f"this card asks the same question as `{other.id}`, but has a different answer"
        help_line = "fix the wrong answer, or add the detail that tells the two cards apart"
    elif own.sentence and own.sentence == known.sentence:
        code = "U507"
        message = f"this card has the same sentence as `{other.id}`, with different gaps"
        help_line = (
            "combine the two cards into one with several gaps, "
            f"or rewrite one of the sentences; {distinct}"
        )
    else:
        return None
    related = (("the other card", other.prompt.span),)
    return Diagnostic(code, message, card.prompt.span, help_line, related)
