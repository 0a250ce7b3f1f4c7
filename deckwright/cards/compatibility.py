"""Stage 4, after the duplicates: Cards against what was released. What learners have keeps its identity, or is retired in so
many words: a build that would cost somebody a review is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.identity import guid
from deckwright.core.source import Span
from deckwright.core.suggest import nearest
from deckwright.project.ledger import GONE, CardRow, Ledger, gap_digests
from deckwright.project.notetypes import FIELDS, NoteType, shape
from deckwright.project.project import Project
from deckwright.project.retirements import Retirements

_ALIKE = 0.6  # how near a new id is to a missing one to be taken for it (difflib's ratio, 0 to 1)
_PAIRS = 20_000  # more pairs of new and missing ids than this are not compared: that is no renaming, and would take seconds


def guard(
    cards: Iterable[Card], written: Mapping[tuple[str, str], Span], project: Project
) -> tuple[Diagnostic, ...]:
    """A complaint for everything that an update would break. `written` has the place of the id of every card that stands in
    the files, readable or not, by namespace and id."""
    cards = tuple(cards)
    diagnostics: list[Diagnostic] = [*_homes(project), *_shapes(project), *_own_look(project)]
    everywhere = {card_id for _, card_id in written}
    for namespace in project.namespaces:
        book, retired = (
            project.ledger(namespace),
            project.retirements.get(namespace, Retirements({}, {})),
        )
        here = {card_id: span for (name, card_id), span in written.items() if name == namespace}
        diagnostics.extend(_identities(book, namespace))
        diagnostics.extend(_gone(book, retired, here, namespace))
        diagnostics.extend(_retirements(book, retired, here, everywhere))
        for card in cards:
            row = book.cards.get(card.id) if card.namespace == namespace else None
            if row and row.live:
                diagnostics.extend(_card(card, row, book, retired))
    return tuple(diagnostics)


def _identities(book: Ledger, namespace: str) -> Iterator[Diagnostic]:
    """L008: the namespace is the one under which the ledger's cards were released."""
    for row in book.cards.values():
        if row.guid != guid(namespace, row.id):
            message = f"`{row.id}` was released under another namespace"
            help_line = "a namespace is permanent: put the old one back in decks/project.toml, and the ledger under its name"
            yield Diagnostic("L008", message, book.place(row), help_line)
            return


def _gone(
    book: Ledger, retired: Retirements, here: Mapping[str, Span], namespace: str
) -> Iterator[Diagnostic]:
    """L002, L003: every released card is there, under its id, or was retired."""
    new = {card_id: span for card_id, span in here.items() if card_id not in book.cards}
    if len(new) * sum(card_id not in here for card_id in book.cards) > _PAIRS:
        new = {}
    for card_id, row in book.cards.items():
        if card_id in retired.cards or (card_id in here and row.live):
            continue
        if not row.live:
            message = f"`{card_id}` was retired in {row.state}, but nothing says why any more"
            help_line = f"put its [[card]] back into decks/retired/{namespace}.toml: learners who have it are told the reason"
            yield Diagnostic("L003", message, book.place(row), help_line)
            continue
        now = max(new, key=lambda other: SequenceMatcher(None, card_id, other).ratio(), default="")
        if now and SequenceMatcher(None, card_id, now).ratio() >= _ALIKE:
            message = f"the released card `{card_id}` is gone; is this it, under another id?"
            help_line = f"give it its id back, `## {card_id}`; if it is another card, retire the old one: {_retire(card_id)}"
            yield Diagnostic(
                "L002", message, new[now], help_line, (("released here", book.place(row)),)
            )
        else:
            message = f"the released card `{card_id}` is gone"
            yield Diagnostic(
                "L002", message, book.place(row), f"put it back, or retire it: {_retire(card_id)}"
            )


def _retire(card_id: str) -> str:
    return f'python build.py retire {card_id} --reason "…"  (and --successor … where there is one)'


def _retirements(
    book: Ledger, retired: Retirements, here: Mapping[str, Span], everywhere: Collection[str]
) -> Iterator[Diagnostic]:
    """L003: what was retired was released, is gone, and has successors that exist, in this root or another (`everywhere`)."""
    for entry in retired.cards.values():
        if entry.id not in book.cards:
            message = f"`{entry.id}` was never released"
            yield Diagnostic(
                "L003",
                message,
                entry.span,
                "a card that no learner has is simply taken out: remove this entry",
            )
        elif entry.id in here and book.cards[entry.id].live:
            message = f"`{entry.id}` is retired, but still stands in the cards"
            help_line = "take the card out, or take this entry away"
            yield Diagnostic(
                "L003", message, entry.span, help_line, (("the card", here[entry.id]),)
            )
        for name in entry.successors:
            if name == entry.id or (name not in everywhere and name not in retired.cards):
                message = f"there is no card `{name}` to take the place of `{entry.id}`"
                help_line = (
                    nearest(name, set(everywhere) - {entry.id})
                    or "name cards that exist, or write successors = []"
                )
                yield Diagnostic("L003", message, entry.successors_span, help_line)
    for (card_id, number), gap in retired.gaps.items():
        row = book.cards.get(card_id)
        if row is None or number not in row.numbers:
            message = f"gap {number} of `{card_id}` was never released"
            yield Diagnostic(
                "L003",
                message,
                gap.span,
                "a gap that no learner has is simply taken out: remove this entry",
            )
    for row in book.cards.values():
        for number, digest in row.gaps:
            if digest == GONE and (row.id, number) not in retired.gaps:
                message = f"gap {number} of `{row.id}` was retired, but nothing says why any more"
                yield Diagnostic("L003", message, book.place(row), "put its [[gap]] back")


def _card(card: Card, row: CardRow, book: Ledger, retired: Retirements) -> Iterator[Diagnostic]:
    """L004 to L006: a released card keeps its note type and its gap numbers."""
    related = (("released here", book.place(row)),)
    if card.type != row.type:
        message = f"`{card.id}` was released as a {row.type} card and is a {card.type} card now"
        help_line = f"put it back as it was; for the new card take a new id, and retire this one: {_retire(card.id)}"
        yield Diagnostic("L004", message, card.id_span, help_line, related)
        return
    now, released = (
        gap_digests(card),
        {number: digests for number, digests in row.gaps if digests != GONE},
    )
    gone = {number for number, digests in row.gaps if digests == GONE}
    going = {number for name, number in retired.gaps if name == card.id} - gone
    moved = _moved(now, {n: digests for n, digests in released.items() if n not in going})
    for number, old in moved.items():
        message = f"gap {number} has the answer that was released as gap {old}"
        help_line = (
            f"write `{{{{c{old}::`: a number keeps its answer, for it carries the learner's reviews"
        )
        yield Diagnostic("L006", message, _gap_place(card, number), help_line, related)
    for number in sorted(now.keys() & going):
        message = f"gap {number} is to be retired, but still stands in the text"
        yield Diagnostic(
            "L006",
            message,
            _gap_place(card, number),
            "take its braces out of the text, or the entry out of decks/retired/",
            related,
        )
    for number in sorted(now.keys() & gone):
        message = f"gap {number} was retired, and its number is not used again"
        yield Diagnostic(
            "L006",
            message,
            _gap_place(card, number),
            f"write `{{{{c{max(row.numbers | now.keys()) + 1}::`",
            related,
        )
    for number in sorted(released.keys() - now.keys() - going - set(moved.values())):
        message = f"the released gap {number} is gone"
        help_line = f'put it back, or retire it: python build.py retire {card.id} --gap {number} --reason "…"'
        yield Diagnostic("L005", message, card.prompt.span, help_line, related)


def _moved(now: Mapping[int, str], released: Mapping[int, str]) -> dict[int, int]:
    """Numbers with an answer that learners know under another number, and that other number."""
    moved = {}
    for number, digests in now.items():
        for digest in set(digests.split("+")) - set(released.get(number, "").split("+")):
            for old, known in released.items():
                if digest in known.split("+") and digest not in now.get(old, "").split("+"):
                    moved[number] = old
    return moved


def _gap_place(card: Card, number: int) -> Span:
    content = card.content
    return (
        next(gap.span for gap in content.gaps if gap.number == number)
        if isinstance(content, Cloze)
        else card.span
    )


def _homes(project: Project) -> Iterator[Diagnostic]:
    """L007: task and service of a released card's first home still have the deck names of then. (A card that moves to another file
    keeps its deck, so what matters is the home that the ledger knows.)"""
    words = project.vocabulary
    for namespace, book in project.ledgers.items():
        said: set[str] = set()
        for row in book.cards.values():
            task, service = row.home.split("/")
            if (
                row.home in said
                or not row.live
                or task not in words.tasks
                or service not in words.services
            ):
                continue
            now = f"{project.root(namespace).deck}::{words.tasks[task].deck}::{words.services[service].deck}"
            if now != row.deck:
                said.add(row.home)
                message = f"the deck of {row.home} was `{row.deck}` and is `{now}` now: learners have `{row.id}` in it"
                help_line = "put the deck name back (decks/project.toml, schema/vocabulary/): a title may change, a deck name never"
                yield Diagnostic("L007", message, project.ledger(namespace).place(row), help_line)


def _shapes(project: Project) -> Iterator[Diagnostic]:
    """L009: the note types are those that learners have."""
    for slug, notetype in project.notetypes.items():
        for book in project.ledgers.values():
            row = book.types.get(slug)
            if row and (row.id, row.shape) != (notetype.id, shape(notetype)):
                message = f"the note type `{slug}` has another shape than the released one: {_difference(row.shape, row.id, notetype)}"
                help_line = "put fields, templates, order, sort field and ids back; a new need is a spare field, renamed with its id kept"
                yield Diagnostic(
                    "L009",
                    message,
                    notetype.place,
                    help_line,
                    (("released here", book.place(row)),),
                )


def _own_look(project: Project) -> Iterator[Diagnostic]:
    """L009: an overlay's cards have note types of their own from its first release on, or never: Anki takes no note of another type for
    the same."""
    if project.overlay is None:
        return
    book = project.ledger(project.overlay.namespace)
    own = any(row.slug not in FIELDS for row in book.types.values())
    if book.cards and own != project.overlay.has_own_notetypes:
        was = "note types of their own" if own else "the project's note types"
        message = f"your cards were released with {was}, and would change them now"
        help_line = (
            "put `style` or `report` back into decks/mine.toml"
            if own
            else "take `style` and `report` out of decks/mine.toml"
        )
        yield Diagnostic("L009", message, project.overlay.place, help_line)


def _difference(before: str, number: int, notetype: NoteType) -> str:
    """The first thing that differs, in words."""
    if number != notetype.id:
        return f"its id was {number}"
    names = ("kind", "sort field", "fields", "templates")
    for name, old, new in zip(names, before.split(";"), shape(notetype).split(";"), strict=True):
        if old == new:
            continue
        label = {str(f.id): f.name for f in notetype.fields} | {
            str(t.id): t.name for t in notetype.templates
        }
        was, now = old.split(","), new.split(",")
        added, gone = (
            [label.get(i, i) for i in now if i not in was],
            [i for i in was if i not in now],
        )
        if added or gone:
            parts = [f"new {', '.join(added)}"] * bool(added) + [f"gone {', '.join(gone)}"] * bool(
                gone
            )
            return f"{name}: {'; '.join(parts)}"
        return f"the order of the {name}"
    return "unknown"
