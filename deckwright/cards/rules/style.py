"""Wording that the project's list in schema/vocabulary/ advises against (`[[style]]`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from deckwright.cards.rules import Context, prose
from deckwright.core.card import Basic, Card, MultipleChoice
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Span
from deckwright.project.vocabulary import Style

# Code, images, and the braces and hints of gaps.
_NOT_PROSE = re.compile(prose.CODE + r"|!?\[[^\]]*\]\([^)\s]*\)|\{\{c\d+::|::[^{}]*\}\}|\}\}")


HIDDEN = "\ufffc"  # the object replacement character


def follows_the_style(card: Card, context: Context) -> Iterator[Diagnostic]:
    """C471 to C476: no text of the card matches a pattern of the project's list."""
    whole = card.span.text
    styles = [s for s in context.vocabulary.styles if not s.words or _has_any(whole, s.words)]
    if not styles:
        return
    for name, place in _places(card):
        raw, text = place.text, ""
        for style in styles:
            if style.places and name not in style.places:
                continue
            if style.words and not _has_any(raw, style.words):
                continue
            text = text or _prose(raw)
            for match in _compiled(style.pattern).finditer(text):
                yield _diagnostic(style, place, match)


def _has_any(text: str, words: Iterable[str]) -> bool:
    """Return whether a text has one of the words. Faster than any() with a generator."""
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern; a blank in it outside of `[…]` means any white space."""
    parts = re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|.", pattern, re.DOTALL)
    return re.compile("".join(r"(?:\s+)" if part == " " else part for part in parts))


def _diagnostic(style: Style, place: Span, match: re.Match[str]) -> Diagnostic:
    group = "here" if "here" in match.re.groupindex and not style.replacement else 0
    start = place.start + match.start(group)
    span = place.source.span(start, place.start + match.end(group))
    replacement = match.expand(style.replacement) if style.replacement else None
    if replacement and match[0][:1].isupper():
        replacement = replacement[:1].upper() + replacement[1:]
    help_line = style.instead or f"write `{replacement}`"
    usual = "isn't in the form that the project uses"
    if style.code == "C471":
        usual = "is on the project's list of words to avoid"
    problem = style.problem or f"`{' '.join(span.text.split())}` {usual}"
    return Diagnostic(style.code, problem, span, help_line, replacement=replacement)


def _places(card: Card) -> Iterator[tuple[str, Span]]:
    """Yield the texts of a card, each with the kind of place that it has."""
    content = card.content
    parts = [("prompt", card.prompt.blocks)]
    if isinstance(content, Basic):
        parts.append(("answer", content.answer.blocks))
    if isinstance(content, MultipleChoice):
        for option in content.options:
            parts += [("option", (option.text,)), ("reason", option.why)]
    for name, blocks in (*parts, ("extra", content.extra.blocks)):
        for block in blocks:
            if block.kind not in ("code", "indented", "math"):
                yield name, block.span


def _prose(text: str) -> str:
    """Return a text of the same length with HIDDEN for what is no prose."""
    return _NOT_PROSE.sub(lambda match: HIDDEN * len(match[0]), text)
