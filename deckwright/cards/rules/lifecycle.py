"""Closed services: cards about them have a status, and say what is true today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deckwright import markdown
from deckwright.cards.rules import Context
from deckwright.core.blocks import Block
from deckwright.core.card import Basic, Card, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Span
from deckwright.project.vocabulary import Changed

_TODAY = re.compile(
    r"\b(?:today\w*|now|instead|successors?|replace[ds]?|in its place|takes? over|shut down|since"
    r"|until|no longer|no new|closed)\b",
    re.IGNORECASE,
)


def says_its_status(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C468: a question or answer about a closed service needs a status."""
    if card.status != context.vocabulary.default_status or not context.vocabulary.changed:
        return
    for entry, place in changes_named(card, context.vocabulary.changed):
        if not any(_starts_in(place, block.span) for block in _asked_and_answered(card)):
            continue
        name = _with_single_spaces(place.text)
        message = f"`{name}` is `{entry.status}`, but the card doesn't have this status"
        if entry.since:
            message = (
                f"`{name}` has been `{entry.status}` since {entry.since}, "
                "but the card doesn't have this status"
            )
        help_line = f"add `- status: {entry.status}` to the metadata"
        if not _says_what_holds_today(card):
            help_line += f"; {_what_to_say(entry)}"
        yield Diagnostic("C468", message, place, help_line)
        return


def says_what_holds_today(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C469: the back of a card with another status says what is true today."""
    if card.status == context.vocabulary.default_status or not context.vocabulary.changed:
        return
    if not _says_what_holds_today(card):
        message = f"the status is `{card.status}`, but the back doesn't say what is true today"
        named = (entry for entry, _ in changes_named(card, context.vocabulary.changed))
        help_line = _what_to_say(next((e for e in named if e.status == card.status), None))
        yield Diagnostic("C469", message, card.id_span, help_line)


def _says_what_holds_today(card: Card) -> bool:
    content = card.content
    answer = content.answer.blocks if isinstance(content, Basic) else ()
    return _TODAY.search(markdown.plain((*answer, *content.extra.blocks))) is not None


def _what_to_say(entry: Changed | None) -> str:
    """Return what the explanation of a card about something outdated should say."""
    if entry and entry.today:
        return f"in the explanation, say what to use today, as in `Today, use {entry.today}.`"
    return (
        "in the explanation, say what to use today, as in `Today, use …`, or that there is no "
        "replacement, as in `Nothing has replaced it.`"
    )


def changes_named(card: Card, changed: tuple[Changed, ...]) -> Iterator[tuple[Changed, Span]]:
    """Yield the entries of `changed` that a card names, with their places."""
    source, start, end = card.span.source, card.prompt.span.start, card.span.end
    if not changed or not _forms(changed).search(source.text, start, end):
        return
    for match in _names(changed).finditer(source.text, start, end):
        name = _with_single_spaces(match["name"])
        entry = next(entry for entry in changed if name in entry.names)
        yield entry, source.span(match.start(), match.end())


def _with_single_spaces(text: str) -> str:
    return " ".join(text.split())


@cache
def _names(changed: tuple[Changed, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?P<name>{_forms(changed).pattern})s?(?![\w-])")


@cache
def _forms(changed: tuple[Changed, ...]) -> re.Pattern[str]:
    every = sorted({name for entry in changed for name in entry.names})
    every.sort(key=len, reverse=True)
    return re.compile("|".join(r"\s+".join(map(re.escape, name.split())) for name in every))


def _starts_in(place: Span, outer: Span) -> bool:
    return place.source == outer.source and outer.start <= place.start < outer.end


def _asked_and_answered(card: Card) -> tuple[Block, ...]:
    """Return the blocks of the question and of the right answer."""
    content = card.content
    if isinstance(content, Basic):
        return (*content.question.blocks, *content.answer.blocks)
    if isinstance(content, MultipleChoice):
        right = (option.text for option in content.options if option.right)
        return (*content.question.blocks, *right)
    return content.text.blocks
