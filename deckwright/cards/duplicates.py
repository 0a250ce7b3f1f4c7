"""Stage 4: rules across all cards: each id, each question and each shared value once.

No card is dropped: a duplicate stops the build. This reports certain duplicates only,
which takes little time; `lookalikes` looks for likely and possible ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deckwright.cards import similarity
from deckwright.cards.similarity import Signature
from deckwright.core.card import Card, Cloze, Field
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.identity import guid
from deckwright.core.suggest import closest, nearest
from deckwright.core.wording import joined
from deckwright.facts.stated_value import stated_value
from deckwright.project.project import Project


def diagnose(
    cards: tuple[Card, ...],
    signatures: Iterable[Signature],
    ids: Iterable[Field],
    project: Project,
) -> tuple[Diagnostic, ...]:
    """Return diagnostics for cards that repeat an earlier one or take a retired id.

    Also for declared relations between cards that are wrong (U505, U508, V808). `signatures` are
    those of the cards, `ids` those of all cards, also of cards with errors.
    """
    shown = without_left_out(cards, project)
    signed = [pair for pair in zip(cards, signatures, strict=True) if _is_shown(pair[0], project)]
    ids = tuple(given for given in ids if given.value)
    return (
        *_same_identity(ids),
        *_retired(ids, project),
        *_same_question(signed),
        *_named_cards(cards, frozenset(given.value for given in ids), project),
        *_shared_values(shown),
        *_named_by_overlay(cards, project),
    )


def without_left_out(cards: tuple[Card, ...], project: Project) -> tuple[Card, ...]:
    """Return the cards without those that an overlay leaves out."""
    return tuple(card for card in cards if _is_shown(card, project))


def _is_shown(card: Card, project: Project) -> bool:
    return project.overlay is None or not project.overlay.leaves_out(card)


def is_exempt(one: Card, other: Card) -> bool:
    """Return whether two cards must not be reported as duplicates.

    They have the same identity, or one declares `not-duplicate-of` or `compare`.
    """
    if guid(one.namespace, one.id) == guid(other.namespace, other.id):
        return True
    declared_by_one = (given.value for given in (*one.distinct, *one.compare))
    declared_by_other = (given.value for given in (*other.distinct, *other.compare))
    return other.id in declared_by_one or one.id in declared_by_other


def _same_identity(ids: tuple[Field, ...]) -> Iterator[Diagnostic]:
    """U501, U504: two cards have one id, or in two roots one identity."""
    seen: dict[tuple[str, str], Field] = {}
    for given in ids:
        source = given.value_span.source
        first = seen.setdefault((source.namespace, given.value), given)
        if first is given:
            continue
        related = (("first used here", first.value_span),)
        if first.value_span.source.root == source.root:
            message = f"the ID `{given.value}` is already used"
            help_line = "give the newer of the two cards a different ID"
            yield Diagnostic("U501", message, given.value_span, help_line, related)
        else:
            message = f"two card folders with the same namespace have a card `{given.value}`"
            help_line = (
                "give the newer card a different ID, "
                "or give the newer folder its own namespace in decks/project.toml"
            )
            yield Diagnostic("U504", message, given.value_span, help_line, related)


def _retired(ids: tuple[Field, ...], project: Project) -> Iterator[Diagnostic]:
    """U502: an id was retired in an earlier release."""
    for given in ids:
        row = project.row(given.value_span.source.namespace, given.value)
        if row and not row.live:
            way = "IDs are never reused"
            if row.successors:
                way = f"{', '.join(f'`{name}`' for name in row.successors)} replaced the old card"
            message = f"the ID `{given.value}` was retired in {row.state}"
            yield Diagnostic("U502", message, given.value_span, f"choose another ID; {way}")


def _same_question(cards: Iterable[tuple[Card, Signature]]) -> Iterator[Diagnostic]:
    """U503, U507, U509: for each card, the first of the cards that it repeats.

    Only cards that share a sign are compared.
    """
    seen: dict[bytes, list[Card]] = {}
    sentences: dict[bytes, Card] = {}
    for card, signature in cards:
        groups = [seen.setdefault(sign, []) for sign in signature.signs]
        compared = (_comparison(card, other) for group in groups for other in group)
        found = next((diagnostic for diagnostic in compared if diagnostic), None)
        if signature.sentence:
            first = sentences.setdefault(signature.sentence, card)
            if found is None and first is not card and not is_exempt(card, first):
                message = f"this card has the same sentence as `{first.id}`, with different gaps"
                help_line = (
                    "combine the two cards into one with several gaps, "
                    "or rewrite one of the sentences"
                )
                found = _duplicate("U507", message, card, first, help_line)
        if found:
            yield found
        for group in groups:
            group.append(card)


def _comparison(card: Card, other: Card) -> Diagnostic | None:
    """Return U503 or U509 for two cards that ask the same."""
    if is_exempt(card, other):
        return None
    own, known = (similarity.read(one.content, one.language) for one in (card, other))
    if similarity.certain(own, known):
        message = f"this card asks the same thing as `{other.id}`"
        help_line = "remove one of the two cards, or add the detail that tells them apart"
        return _duplicate("U503", message, card, other, help_line)
    if similarity.contradicts(own, known):
        message = f"this card asks the same question as `{other.id}`, but has a different answer"
        help_line = "fix the wrong answer, or add the detail that tells the two cards apart"
        return _duplicate("U509", message, card, other, help_line)
    return None


def _duplicate(code: str, message: str, card: Card, other: Card, help_line: str) -> Diagnostic:
    if code != "U509":
        help_line += f"; if they ask for different facts, write `- not-duplicate-of: {other.id}`"
    related = (("the other card", other.prompt.span),)
    return Diagnostic(code, message, card.prompt.span, help_line, related)


def _named_cards(
    cards: tuple[Card, ...], known: frozenset[str], project: Project
) -> Iterator[Diagnostic]:
    """U505: `not-duplicate-of` and `compare` name another card that exists.

    `known` are the ids of all cards, also of those with errors. If the named card is
    retired, its successor is proposed.
    """
    successors = {
        entry.id: entry.successors
        for retirements in project.retirements.values()
        for entry in retirements.cards.values()
    }
    for card in cards:
        for given in (*card.distinct, *card.compare):
            if given.value not in known or given.value == card.id:
                others = known - {card.id}
                message = f"there is no other card `{given.value}`"
                help_line = nearest(given.value, others) or "remove the line"
                instead = closest(given.value, others)
                if given.value in successors:
                    message = f"the card `{given.value}` is retired"
                    follows = [name for name in successors[given.value] if name in others]
                    instead = follows[0] if follows else None
                    help_line = (
                        f"write `{instead}`, its successor" if instead else "remove the line"
                    )
                yield Diagnostic("U505", message, given.value_span, help_line, replacement=instead)


def _shared_values(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    """U508: cards with the same `shared-value` state the same value."""
    first: dict[str, tuple[Card, str]] = {}
    for card in cards:
        for given in card.shared_values:
            gap, _, name = given.value.rpartition(" ")
            value = stated_value(card, int(gap[1:]) if gap else 0)
            if value is None:
                yield _no_value(card, given, gap)
                continue
            other, known = first.setdefault(name, (card, value.text))
            if similarity.differ(value.text, known):
                message = f"`{name}` is {value.text} here and {known} in `{other.id}`"
                help_line = "read the `source` page, and correct the wrong value"
                related = (("the other card", other.prompt.span),)
                yield Diagnostic("U508", message, given.value_span, help_line, related)


def _no_value(card: Card, given: Field, gap: str) -> Diagnostic:
    message = f"the card has no gap {gap[1:]}" if gap else "the card has no correct option"
    help_line = "remove the line, or mark the correct option with `- [x]`"
    if isinstance(card.content, Cloze):
        numbers = sorted({mark.number for mark in card.content.gaps})
        name = given.value.rpartition(" ")[2]
        forms = joined([f"`c{number} {name}`" for number in numbers], "or")
        help_line = f"write the number of a gap that the card has: {forms}"
    elif gap:
        help_line = f"remove `{gap}`, because only cloze cards have gaps"
    return Diagnostic("U508", message, given.value_span, help_line)


def _named_by_overlay(cards: tuple[Card, ...], project: Project) -> Iterator[Diagnostic]:
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
