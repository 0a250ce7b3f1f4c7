"""Phrases of a page that confirm a value: for an author to read, and to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from deckwright.core.card import Card
from deckwright.facts.comparable import content_terms, parts, same_amount
from deckwright.facts.evidence import LONGEST_PHRASE, Evidence, words_of
from deckwright.facts.page_evidence import compare_with_page
from deckwright.facts.page_number_check import numbers_in_unit
from deckwright.facts.page_numbers import page_numbers
from deckwright.facts.page_subject import amounts_of, card_text, is_one_of, subject_terms
from deckwright.facts.page_text import PageText, Unit, normal
from deckwright.facts.stated_value import StatedValue
from deckwright.markdown.page import ROW

SHORTEST_PHRASE = 4  # words, if the sentence has as many: fewer say little of their subject
_MOST_TRIES = 40  # phrases of a unit that are compared with the value
_MOST_UNITS = 12  # units of a page that are tried
_TITLE = 6  # words of a row's first cell that are in a phrase
_PER_WORD = 0.2  # what a word of a phrase costs, in words of the card
_EDGES = " \"'(),;:."


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sentence or row of a page, and a phrase of it that confirms the value."""

    unit: Unit
    phrase: str


def proposals(
    line: Evidence, value: StatedValue, card: Card, page: PageText, most: int
) -> tuple[Proposal, ...]:
    """Return the sentences and rows of a page that best confirm a value, at most `most`.

    `line` is an evidence line with this page; its phrase does not count.
    """
    own = subject_terms(card_text(card))

    def shared(unit: Unit) -> float:
        near = own & subject_terms(unit.text)
        above = own & subject_terms(" ".join([*unit.header, *unit.context]))
        return len(near) + len(above) / 2

    holding = sorted((unit for unit in page.units if holds(unit, value)), key=shared)
    found = (
        Proposal(unit, phrase)
        for unit in holding[: -_MOST_UNITS - 1 : -1]
        if (phrase := phrase_for(line, value, card, page, unit))
    )
    return tuple(proposal for proposal, _ in zip(found, range(most), strict=False))


def holds(unit: Unit, value: StatedValue) -> bool:
    """Return whether a unit has a number of a value, or if that has none, its words."""
    if wanted := amounts_of(value):
        return any(is_one_of(number, wanted) for number in numbers_in_unit(unit))
    return _has_words(unit.text, value)


def _has_words(text: str, value: StatedValue) -> bool:
    stated = [content_terms(occurrence.text) for occurrence in value.occurrences]
    return any(own and own <= content_terms(text) for own in stated)


def _may_hold(phrase: str, unit: Unit, value: StatedValue) -> bool:
    """Return whether a phrase of a unit may have a value; a row's titles may have its unit."""
    wanted = amounts_of(value)
    if not wanted:
        return _has_words(phrase, value)
    said = page_numbers(normal(phrase))
    return any(unit.kind == ROW or is_one_of(number, wanted) for number in said)


def phrase_for(line: Evidence, value: StatedValue, card: Card, page: PageText, unit: Unit) -> str:
    """Return the best phrase of a unit that confirms a value, or nothing.

    That is a short one with words of the card, which is on the page only once.
    """
    needed = parts(value)
    for phrase in _phrases(unit, card, value):
        tried = replace(line, phrase=phrase, means="")
        found = compare_with_page(tried, value, card, page)
        if found.unit == unit and not found.match.why and needed <= found.match.covers:
            return phrase
    return ""


def _phrases(unit: Unit, card: Card, value: StatedValue) -> Iterator[str]:
    """Yield the phrases of a unit that may confirm a value, the best first."""
    own = subject_terms(card_text(card))
    found = [
        (
            len(own & subject_terms(phrase))
            + 2 * _has_units(phrase, value)
            - _PER_WORD * len(words_of(phrase)),
            phrase,
        )
        for phrase in dict.fromkeys(runs(unit))
        if _may_hold(phrase, unit, value)
    ]
    found.sort(key=lambda entry: (-entry[0], len(entry[1]), entry[1]))
    yield from (phrase for _, phrase in found[:_MOST_TRIES])


def _has_units(phrase: str, value: StatedValue) -> bool:
    """Return whether a phrase has a number of the value with the same unit."""
    said = [number.amount for number in page_numbers(normal(phrase))]
    return any(same_amount(one, own) for one in said for own in amounts_of(value))


def runs(unit: Unit) -> Iterator[str]:
    """Yield the runs of words of a unit that can be a phrase."""
    if unit.kind != ROW:
        yield from _runs(unit.text.split(), LONGEST_PHRASE)
        return
    first = unit.cells[0].replace("\n", " ").split()
    title = " ".join(first[:_TITLE]).strip(_EDGES)
    room = LONGEST_PHRASE - len(words_of(title))
    for cell in unit.cells[1:]:
        for line in cell.split("\n"):
            yield from (f"{title} | {run}" for run in _runs(line.split(), room))
    yield from _runs(first, LONGEST_PHRASE)


def _runs(words: list[str], longest: int) -> Iterator[str]:
    shortest = max(1, min(SHORTEST_PHRASE, len(words), longest))
    for begin in range(len(words)):
        for end in range(begin + shortest, min(len(words), begin + longest) + 1):
            if phrase := " ".join(words[begin:end]).strip(_EDGES):
                yield phrase
