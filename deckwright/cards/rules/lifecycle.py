"""What was closed or is gone: a card about it says so in its status, and its back says what holds today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deckwright import markdown
from deckwright.cards.rules import Setting
from deckwright.core.blocks import Block
from deckwright.core.card import Basic, Card, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Span
from deckwright.project.vocabulary import Changed

_TODAY = re.compile(
    r"\b(?:today\w*|now|instead|successors?|replace[ds]?|in its place|takes? over|shut down|since|until|no longer|no new|closed)\b",
    re.IGNORECASE,
)


def says_its_status(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C468: a card of the default status neither asks about what has changed nor has it for an answer."""
    if card.status != setting.vocabulary.default_status or not setting.vocabulary.changed:
        return
    for entry, place in named(card, setting.vocabulary.changed):
        if any(
            place.source == block.span.source and block.span.start <= place.start < block.span.end
            for block in _asked_and_answered(card)
        ):
            message = f"`{_one_space(place.text)}` is {entry.status}" + (
                f" ({entry.since})" if entry.since else ""
            )
            help_line = f"write `- status: {entry.status}`" + (
                f", and on the back what holds today: {entry.today}" if entry.today else ""
            )
            yield Diagnostic("C468", message, place, help_line)
            return


def says_what_holds_today(card: Card, setting: Setting) -> Iterator[Diagnostic]:
    """C469: the back of a card with another status says in a line how things are today."""
    content = card.content
    if card.status == setting.vocabulary.default_status or not setting.vocabulary.changed:
        return
    back = (*(content.answer.blocks if isinstance(content, Basic) else ()), *content.extra.blocks)
    if not _TODAY.search(markdown.plain(back)):
        help_line = (
            "add a line to the explanation: what the exam expected, what takes its place today"
        )
        yield Diagnostic(
            "C469",
            f"the back of a card that is {card.status} does not say what holds today",
            card.id_span,
            help_line,
        )


def named(card: Card, changed: tuple[Changed, ...]) -> Iterator[tuple[Changed, Span]]:
    """Everything of a table that a card names, wherever it stands, with its place."""
    source, start = card.span.source, card.prompt.span.start
    text = source.text
    part = text[start : card.span.end]
    if not any(word in part for word in _last_words(changed)):
        return
    for match in _names(changed).finditer(text, start, card.span.end):
        entry = next(entry for entry in changed if _one_space(match["name"]) in entry.names)
        yield entry, source.span(match.start(), match.end())


def _one_space(text: str) -> str:
    return " ".join(text.split())


@cache
def _names(changed: tuple[Changed, ...]) -> re.Pattern[str]:
    every = sorted(
        {name for entry in changed for name in entry.names}, key=lambda name: (-len(name), name)
    )
    return re.compile(
        r"(?<![\w-])(?P<name>"
        + "|".join(r"\s+".join(map(re.escape, name.split())) for name in every)
        + r")s?(?![\w-])"
    )


@cache
def _last_words(changed: tuple[Changed, ...]) -> tuple[str, ...]:
    """The words by which most texts are told at once to name nothing: the last ones, for many names begin alike."""
    return tuple(sorted({name.split()[-1] for entry in changed for name in entry.names}))


def _asked_and_answered(card: Card) -> tuple[Block, ...]:
    """The blocks of the question and of what is right."""
    content = card.content
    if isinstance(content, Basic):
        return (*content.question.blocks, *content.answer.blocks)
    if isinstance(content, MultipleChoice):
        return (
            *content.question.blocks,
            *(option.text for option in content.options if option.right),
        )
    return content.text.blocks
