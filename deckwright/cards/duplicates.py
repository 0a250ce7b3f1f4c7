"""Stage 4: Cards → Cards, each id and each question once. Nothing is dropped silently: a double stops the build.

This is the first of the tiers of `similarity`: what is certainly the same. The others take their time: `neighbours`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deckwright import markdown
from deckwright.cards import similarity
from deckwright.cards.similarity import Reading
from deckwright.core import text_keys
from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.identity import guid
from deckwright.core.suggest import closest, nearest
from deckwright.facts.stated_value import stated
from deckwright.project.project import Project


def dedupe(cards: Iterable[Card], project: Project) -> Outcome[Card]:
    """The cards as they came, and a complaint for each that repeats an earlier one or takes a retired id."""
    cards = tuple(cards)
    shown = built(cards, project)
    diagnostics = (
        *_same_identity(cards),
        *_retired(cards, project),
        *_same_question(shown),
        *_verdicts(cards),
        *_shared_values(shown),
    )
    return Outcome(cards, (*diagnostics, *_unknown(cards, project)))


def built(cards: tuple[Card, ...], project: Project) -> tuple[Card, ...]:
    """The cards without those that an overlay leaves out: they stand beside no other."""
    overlay = project.overlay
    return (
        tuple(card for card in cards if not overlay.leaves_out(card))
        if overlay and overlay.left_out
        else cards
    )


def _unknown(cards: tuple[Card, ...], project: Project) -> Iterator[Diagnostic]:
    """V808: a rule of an overlay names a card that the project does not have, or no longer: a warning, for the project goes on by
    itself."""
    if project.overlay is None:
        return
    known = {card.id for card in cards if not project.overlay.owns(card)}
    for name, place in project.overlay.named_cards:
        if name not in known:
            help_line = nearest(name, known) or "take the name out of the rule"
            yield Diagnostic("V808", f"the project has no card `{name}`", place, help_line)


def _same_identity(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    seen: dict[str, Card] = {}
    for card in cards:
        first = seen.setdefault(guid(card.namespace, card.id), card)
        if first is card:
            continue
        related = (("first given here", first.id_span),)
        if first.span.source.root == card.span.source.root:
            yield Diagnostic(
                "U501",
                f"the id `{card.id}` is taken",
                card.id_span,
                "give this card an id of its own",
                related,
            )
        else:
            message = f"`{card.id}` has the same identity in two roots"
            yield Diagnostic(
                "U504",
                message,
                card.id_span,
                "give each [[root]] of decks/project.toml a namespace of its own",
                related,
            )


def _retired(cards: tuple[Card, ...], project: Project) -> Iterator[Diagnostic]:
    for card in cards:
        row = project.row(card.namespace, card.id)
        if row and not row.live:
            successors = ", ".join(f"`{name}`" for name in row.successors)
            way = f"{successors} took its place" if successors else "an id is never used again"
            yield Diagnostic(
                "U502",
                f"the id `{card.id}` was retired in {row.state}",
                card.id_span,
                f"choose another id; {way}",
            )


def _same_question(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    """U503, U507, U509: the first tier. Cards that share a signature are compared; each complains once, of the first it repeats."""
    seen: dict[tuple[str, object], list[tuple[Card, Reading]]] = {}
    told: dict[str, Card] = {}
    for card in cards:
        reading = similarity.read(card.content)
        alike = [
            pair for sign in similarity.signatures(reading) for pair in seen.setdefault(sign, [])
        ]
        found = next(
            (
                diagnostic
                for other, known in alike
                if (diagnostic := _verdict(card, reading, other, known))
            ),
            None,
        )
        if isinstance(card.content, Cloze):
            whole = text_keys.key(markdown.plain(card.prompt.blocks))
            first = told.setdefault(whole, card)
            if found is None and first is not card and not apart(card, first):
                message = f"this is the sentence of `{first.id}` with other gaps"
                found = _beside(
                    "U507",
                    message,
                    card,
                    first,
                    "make it one card with several gaps, or two sentences",
                )
        if found:
            yield found
        for sign in similarity.signatures(reading):
            seen[sign].append((card, reading))


def _verdict(card: Card, reading: Reading, other: Card, known: Reading) -> Diagnostic | None:
    """What is to be said of two cards that share a signature."""
    if apart(card, other):
        return None
    if similarity.certain(reading, known):
        help_line = "take one of the two out, or say in the question what makes them differ"
        return _beside("U503", f"this asks the same as `{other.id}`", card, other, help_line)
    if similarity.contradicts(reading, known):
        help_line = "one of the two is wrong, or the question does not say what makes them differ"
        return _beside(
            "U509",
            f"this asks the same as `{other.id}` and has another answer",
            card,
            other,
            help_line,
        )
    return None


def apart(one: Card, other: Card) -> bool:
    """Whether nothing is to be said of a pair: it is one card given twice, or its authors said that the two are no duplicates (who
    compares them has said so)."""
    if guid(one.namespace, one.id) == guid(other.namespace, other.id):
        return True
    return any(
        given.value == b.id
        for a, b in ((one, other), (other, one))
        for given in (*a.distinct, *a.compare)
    )


def _beside(code: str, message: str, card: Card, other: Card, help_line: str) -> Diagnostic:
    return Diagnostic(
        code,
        message,
        card.prompt.span,
        f"{help_line}; if they are no duplicates: `- not-duplicate-of: {other.id}`",
        (("the other card", other.prompt.span),),
    )


def _verdicts(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    """U505: what a card says of another names one that exists."""
    known = {card.id for card in cards}
    for card in cards:
        for given in (*card.distinct, *card.compare):
            if given.value not in known or given.value == card.id:
                help_line = nearest(given.value, known - {card.id}) or "take the line out"
                instead = closest(given.value, known - {card.id})
                yield Diagnostic(
                    "U505",
                    f"there is no other card `{given.value}`",
                    given.value_span,
                    help_line,
                    (),
                    instead,
                )


def _shared_values(cards: tuple[Card, ...]) -> Iterator[Diagnostic]:
    """U508: cards that name the same shared value state the same."""
    first: dict[str, tuple[Card, str]] = {}
    for card in cards:
        for given in card.shared_values:
            number, _, name = given.value.rpartition(" ")
            found = stated(card, int(number[1:]) if number else 0)
            if found is None:
                message = (
                    f"the card has no gap {number[1:]}" if number else "the card states no value"
                )
                yield Diagnostic(
                    "U508",
                    message,
                    given.value_span,
                    "name a gap that it has, as `c2 the-name-of-the-value`",
                )
                continue
            value = found.text
            other, known = first.setdefault(name, (card, value))
            if similarity.differ(value, known):
                message = f"`{name}` is {value} here and {known} on `{other.id}`"
                yield Diagnostic(
                    "U508",
                    message,
                    given.value_span,
                    "read the page again, and mend the one that is wrong",
                    (("the other card", other.prompt.span),),
                )
