"""Stage 4: Cards → Cards, each id and each question once. Nothing is dropped silently: a double stops the build.

Near doubles (reordered, paraphrased, one word apart) have their place here too, beside `_same_question`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deckwright import markdown, wording
from deckwright.diagnostic import Diagnostic, Outcome
from deckwright.identity import guid
from deckwright.model import Card, Fact
from deckwright.project import Project


def dedupe(cards: Iterable[Card], project: Project) -> Outcome[Card]:
    """The cards as they came, and a complaint for each that repeats an earlier one or takes a retired id."""
    cards = tuple(cards)
    faults = (*_same_identity(cards), *_retired(cards, project), *_same_question(cards))
    return Outcome(cards, faults)


def _same_identity(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    seen: dict[str, Card] = {}
    for card in cards:
        first = seen.setdefault(guid(card.namespace, card.id), card)
        if first is card:
            continue
        related = (("first given here", first.id_span),)
        if first.span.source.root == card.span.source.root:
            yield Diagnostic("U501", f"the id `{card.id}` is taken", card.id_span, "give this card an id of its own", related)
        else:
            message = f"`{card.id}` has the same identity in two roots"
            yield Diagnostic("U504", message, card.id_span, "give each [[root]] of decks/project.toml a namespace of its own", related)


def _retired(cards: tuple[Card, ...], project: Project) -> Iterator[Diagnostic]:
    for card in cards:
        row = project.row(card.namespace, card.id)
        if row and not row.live:
            successors = ", ".join(f"`{name}`" for name in row.successors)
            way = f"{successors} took its place" if successors else "an id is never used again"
            yield Diagnostic("U502", f"the id `{card.id}` was retired in {row.state}", card.id_span, f"choose another id; {way}")


def _same_question(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    """Same question word for word: with the gaps blank, or (two sentences with other gaps) with the gaps filled."""
    asked: dict[str, Card] = {}
    told: dict[str, Card] = {}
    for card in cards:
        blocks = card.prompt.blocks
        shown = markdown.plain(blocks, blank=" … ")
        question = wording.key(shown) or shown
        first = asked.setdefault(question, card)
        if first is card and isinstance(card.content, Fact):
            first = told.setdefault(wording.key(markdown.plain(blocks)), card)
        if first is not card and guid(first.namespace, first.id) != guid(card.namespace, card.id):
            yield Diagnostic(
                "U503",
                f"this asks the same as `{first.id}`",
                card.prompt.span,
                "take one of the two out, or say in the question what makes them differ",
                (("the other card", first.prompt.span),),
            )
