"""What cards say of each other: IDs, `not-duplicate-of`, `compare`, and `shared-value`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from deckwright.cards.duplicates.card_terms import AnswerTerms, answer_terms
from deckwright.cards.duplicates.repeated import agree
from deckwright.core import terms
from deckwright.core.card import Card, Cloze, MetadataLine
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.suggest import closest, nearest
from deckwright.facts.stated_value import stated_value
from deckwright.project.project import Project


def diagnose(
    cards: Sequence[Card], ids: Iterable[MetadataLine], project: Project
) -> Iterator[Diagnostic]:
    """Yield diagnostics for IDs that are taken, and for relations between cards that are wrong.

    `ids` are those of all cards, also of cards with errors.
    """
    ids = [field for field in ids if field.value]
    yield from _same_identity(ids)
    yield from _retired(ids, project)
    yield from _named_cards(cards, ids, project)
    yield from _shared_values([card for card in cards if not project.leaves_out(card)])
    yield from _named_by_overlay(cards, project)


def _same_identity(ids: Sequence[MetadataLine]) -> Iterator[Diagnostic]:
    """U501, U504: two cards have one id, or in two card folders one identity."""
    seen: dict[tuple[str, str], MetadataLine] = {}
    for field in ids:
        source = field.value_span.source
        first = seen.setdefault((source.namespace, field.value), field)
        if first is field:
            continue
        related = (("first used here", first.value_span),)
        if first.value_span.source.card_folder == source.card_folder:
            message = f"the ID `{field.value}` is already used"
            help_line = "give the newer of the two cards a different ID"
            yield Diagnostic("U501", message, field.value_span, help_line, related)
        else:
            message = f"two card folders with the same namespace have a card `{field.value}`"
            help_line = (
                "give the newer card a different ID, "
                "or give the newer folder its own namespace in decks/project.toml"
            )
            yield Diagnostic("U504", message, field.value_span, help_line, related)


def _retired(ids: Sequence[MetadataLine], project: Project) -> Iterator[Diagnostic]:
    """U502: an id was retired in an earlier release."""
    for field in ids:
        row = project.row(field.value_span.source.namespace, field.value)
        if row and not row.live:
            way = "IDs are never reused"
            if row.successors:
                way = f"{', '.join(f'`{name}`' for name in row.successors)} replaced the old card"
            message = f"the ID `{field.value}` was retired in {row.state}"
            yield Diagnostic("U502", message, field.value_span, f"choose another ID; {way}")


def _named_cards(
    cards: Sequence[Card], ids: Sequence[MetadataLine], project: Project
) -> Iterator[Diagnostic]:
    """U505: `not-duplicate-of` and `compare` name another card that exists.

    If the named card is retired, its successor is proposed.
    """
    known = frozenset(field.value for field in ids)
    retired = {
        entry.id: entry
        for retirements in project.retirements.values()
        for entry in retirements.cards.values()
    }
    for card in cards:
        for field in (*card.not_duplicate_of, *card.compare):
            if field.value in known and field.value != card.id:
                continue
            others = known - {card.id}
            message, instead = f"there is no other card `{field.value}`", None
            if entry := retired.get(field.value):
                message = f"the card `{field.value}` is retired"
                instead = next((name for name in entry.successors if name in others), None)
                help_line = f"write `{instead}`, its successor"
            else:
                instead = closest(field.value, others)
                help_line = f"did you mean `{instead}`?"
            help_line = help_line if instead else "correct the ID, or remove the line"
            yield Diagnostic("U505", message, field.value_span, help_line, replacement=instead)


def _shared_values(cards: Sequence[Card]) -> Iterator[Diagnostic]:
    """U508: cards with the same `shared-value` state the same value."""
    first: dict[str, tuple[Card, str, AnswerTerms]] = {}
    for card in cards:
        for field in card.shared_values:
            gap, _, name = field.value.rpartition(" ")
            value = stated_value(card, int(gap[1:]) if gap else 0)
            if value is None:
                yield _no_value(card, field, gap)
                continue
            answer = answer_terms(terms.tokens(value.text), value.text)
            other, known, other_answer = first.setdefault(name, (card, value.text, answer))
            if not agree(answer, other_answer):
                message = f"`{name}` is {value.text} here and {known} in `{other.id}`"
                help_line = "read the `source` page, and correct the wrong value"
                related = (("the other card", other.prompt.span),)
                yield Diagnostic("U508", message, field.value_span, help_line, related)


def _no_value(card: Card, field: MetadataLine, gap: str) -> Diagnostic:
    message = f"the card has no gap {gap[1:]}" if gap else "the card has no correct option"
    help_line = "mark the correct option with `- [x]`, or remove the line"
    if isinstance(card.content, Cloze):
        help_line = "write the number of a gap that the card has, or remove the line"
    elif gap:
        help_line = f"remove `{gap}`, because only cloze cards have gaps"
    return Diagnostic("U508", message, field.value_span, help_line)


def _named_by_overlay(cards: Sequence[Card], project: Project) -> Iterator[Diagnostic]:
    """V808: a rule of an overlay names a card that the project does not have.

    This is a warning, because the project changes without the overlay.
    """
    if project.overlay is None:
        return
    known = {card.id for card in cards if not project.overlay.owns(card)}
    for name, place in project.overlay.named_cards:
        if name not in known:
            help_line = nearest(name, known) or "remove the ID from the list"
            yield Diagnostic("V808", f"the project has no card `{name}`", place, help_line)
