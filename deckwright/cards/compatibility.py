"""The last stage of `check`: whether an update would break what learners have.

What was released keeps its identity, or is retired with a reason. A build that would
cost learners their reviews is refused.
"""

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
from deckwright.project.retirements import RetiredCard, Retirements

# A new id with at least this similarity (difflib's ratio, 0 to 1) may be a missing id, renamed.
_SIMILAR = 0.6
# With more pairs of new and missing ids than this no id was renamed, and to compare them would
# take seconds.
_MOST_PAIRS = 20_000

_RETIRE = './build.py retire {} --reason "…" (add `--successor ID` if another card replaces it)'


def diagnose(
    cards: Iterable[Card], written: Mapping[tuple[str, str], Span], project: Project
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics L002 to L009, for everything that an update would break.

    `written` has the place of every card id in the files, also of cards with errors, by
    namespace and id.
    """
    cards = tuple(cards)
    diagnostics = [
        *_changed_decks(project),
        *_changed_note_types(project),
        *_changed_overlay_style(project),
    ]
    everywhere = {card_id for _, card_id in written}
    for namespace in project.namespaces:
        ledger = project.ledger(namespace)
        retired = project.retirements.get(namespace, Retirements({}, {}))
        here = {card_id: span for (name, card_id), span in written.items() if name == namespace}
        diagnostics.extend(_other_namespace(ledger, namespace))
        diagnostics.extend(_missing_cards(ledger, retired, here, namespace))
        diagnostics.extend(_retired_cards(ledger, retired, here, everywhere))
        diagnostics.extend(_retired_gaps(ledger, retired))
        for card in cards:
            row = ledger.cards.get(card.id) if card.namespace == namespace else None
            if row and row.live:
                diagnostics.extend(_changed_card(card, row, ledger, retired))
    return tuple(diagnostics)


def _other_namespace(ledger: Ledger, namespace: str) -> Iterator[Diagnostic]:
    """L008: the ledger's cards were released under another namespace."""
    for row in ledger.cards.values():
        if row.guid != guid(namespace, row.id):
            message = f"`{row.id}` was released under another namespace"
            help_line = (
                "restore the old namespace in decks/project.toml and the old name of this file; "
                "a namespace is permanent"
            )
            yield Diagnostic("L008", message, ledger.place(row), help_line)
            return


def _missing_cards(
    ledger: Ledger, retired: Retirements, here: Mapping[str, Span], namespace: str
) -> Iterator[Diagnostic]:
    """L002: a released card is missing. L003: a retired card has lost its reason."""
    new = [card_id for card_id in here if card_id not in ledger.cards]
    if len(new) * sum(card_id not in here for card_id in ledger.cards) > _MOST_PAIRS:
        new = []
    for card_id, row in ledger.cards.items():
        if card_id in retired.cards or (card_id in here and row.live):
            continue
        place = ledger.place(row)
        if not row.live:
            message = f"`{card_id}` was retired in {row.state}, but its entry is missing"
            help_line = (
                f"restore its `[[card]]` entry in decks/retired/{namespace}.toml, "
                "because learners who have the card see the reason"
            )
            yield Diagnostic("L003", message, place, help_line)
        elif renamed := _most_similar(card_id, new):
            message = (
                f"the released card `{card_id}` is missing; is this the same card with a new ID?"
            )
            help_line = (
                f"if so, restore its ID, `## {card_id}`; "
                f"if not, retire the old card: {_RETIRE.format(card_id)}"
            )
            related = (("released here", place),)
            yield Diagnostic("L002", message, here[renamed], help_line, related)
        else:
            message = f"the released card `{card_id}` is missing"
            help_line = f"restore the card, or retire it: {_RETIRE.format(card_id)}"
            yield Diagnostic("L002", message, place, help_line)


def _most_similar(card_id: str, others: Iterable[str]) -> str:
    """Return the id that is most similar, empty if none is similar enough."""
    ratios = {other: SequenceMatcher(None, card_id, other).ratio() for other in others}
    best = max(ratios, key=ratios.__getitem__, default="")
    return best if ratios.get(best, 0) >= _SIMILAR else ""


def _retired_cards(
    ledger: Ledger, retired: Retirements, here: Mapping[str, Span], everywhere: Collection[str]
) -> Iterator[Diagnostic]:
    """L003: a retired card was not released, is still there, or has a wrong successor.

    Successors may be in another root: `everywhere` has the ids of all cards.
    """
    for entry in retired.cards.values():
        if entry.id not in ledger.cards:
            message = f"`{entry.id}` was never released"
            help_line = (
                "correct the ID, or remove this entry; "
                "a card that was never released can simply be deleted"
            )
            yield Diagnostic("L003", message, entry.span, help_line)
        elif entry.id in here and ledger.cards[entry.id].live:
            message = f"`{entry.id}` is retired, but the card still exists"
            help_line = "remove the card, or remove this entry"
            related = (("the card", here[entry.id]),)
            yield Diagnostic("L003", message, entry.span, help_line, related)
        yield from _wrong_successors(entry, retired, everywhere)


def _wrong_successors(
    entry: RetiredCard, retired: Retirements, everywhere: Collection[str]
) -> Iterator[Diagnostic]:
    for name in entry.successors:
        if name == entry.id or (name not in everywhere and name not in retired.cards):
            message = f"the successor `{name}` of `{entry.id}` does not exist"
            help_line = nearest(name, set(everywhere) - {entry.id})
            help_line = help_line or (
                f"write the ID of the card that replaces `{entry.id}`, "
                "or `successors = []` if no card does"
            )
            yield Diagnostic("L003", message, entry.successors_span, help_line)


def _retired_gaps(ledger: Ledger, retired: Retirements) -> Iterator[Diagnostic]:
    """L003: a retired gap was not released, or has lost its reason."""
    for (card_id, number), gap in retired.gaps.items():
        row = ledger.cards.get(card_id)
        if row is None or number not in row.numbers:
            message = f"gap {number} of `{card_id}` was never released"
            known = [str(released) for released in sorted(row.numbers)] if row else []
            numbers = f" (released gaps: {', '.join(known)})" if known else ""
            help_line = (
                f"correct the number{numbers}, or remove this entry; "
                "a gap that was never released can simply be deleted"
            )
            yield Diagnostic("L003", message, gap.span, help_line)
    for row in ledger.cards.values():
        for number, digest in row.gaps:
            if digest == GONE and (row.id, number) not in retired.gaps:
                message = f"gap {number} of `{row.id}` was retired, but its entry is missing"
                help_line = (
                    "restore its `[[gap]]` entry in decks/retired/, "
                    "because learners who have the gap see the reason"
                )
                yield Diagnostic("L003", message, ledger.place(row), help_line)


def _changed_card(
    card: Card, row: CardRow, ledger: Ledger, retired: Retirements
) -> Iterator[Diagnostic]:
    """L004: a released card has another note type. L005, L006: or other gaps."""
    related = (("released here", ledger.place(row)),)
    if card.type != row.type:
        message = f"`{card.id}` was released as a {row.type} card and is now a {card.type} card"
        help_line = (
            f"make it a {row.type} card again, or give this card a new ID "
            f"and retire the old one: {_RETIRE.format(card.id)}"
        )
        yield Diagnostic("L004", message, card.id_span, help_line, related)
        return
    now = gap_digests(card)
    released = {number: digests for number, digests in row.gaps if digests != GONE}
    gone = row.numbers - released.keys()
    going = {number for name, number in retired.gaps if name == card.id} - gone
    moved = _moved(now, {n: digests for n, digests in released.items() if n not in going})

    def misused(number: int, message: str, help_line: str) -> Diagnostic:
        return Diagnostic("L006", message, _gap_place(card, number), help_line, related)

    for number, old in moved.items():
        message = f"gap {number} has the answer that was released as gap {old}"
        reason = f"learners' reviews of this answer belong to gap {old}"
        yield misused(number, message, f"write `{{{{c{old}::`, because {reason}")
    for number in sorted(now.keys() & going):
        message = f"gap {number} is marked as retired, but is still in the text"
        help_line = "write its answer without braces, or remove the gap's entry from decks/retired/"
        yield misused(number, message, help_line)
    for number in sorted(now.keys() & gone):
        message = f"gap {number} was retired, and its number cannot be used again"
        free = max(row.numbers | now.keys()) + 1
        yield misused(number, message, f"write `{{{{c{free}::`")
    for number in sorted(released.keys() - now.keys() - going - set(moved.values())):
        message = f"the released gap {number} is missing"
        command = f'./build.py retire {card.id} --gap {number} --reason "…"'
        help_line = f"restore the gap, or retire it: {command}"
        yield Diagnostic("L005", message, card.prompt.span, help_line, related)


def _moved(now: Mapping[int, str], released: Mapping[int, str]) -> dict[int, int]:
    """Return the numbers of moved gaps, and the numbers that their answers had before.

    An answer that is still under its old number, too, has not moved.
    """
    moved = {}
    for number, digests in now.items():
        for digest in set(digests.split("+")) - set(released.get(number, "").split("+")):
            for old, known in released.items():
                if digest in known.split("+") and digest not in now.get(old, "").split("+"):
                    moved[number] = old
    return moved


def _gap_place(card: Card, number: int) -> Span:
    """Return the first place of a gap number, or the card if it has no gaps."""
    if not isinstance(card.content, Cloze):
        return card.span
    return next(gap.span for gap in card.content.gaps if gap.number == number)


def _changed_decks(project: Project) -> Iterator[Diagnostic]:
    """L007: the deck of a released card's first home has another name now.

    A card that moves to another file keeps its deck, so the home in the ledger counts.
    """
    vocabulary = project.vocabulary
    for namespace, ledger in project.ledgers.items():
        reported: set[str] = set()
        for row in ledger.cards.values():
            task, service = row.home.split("/")
            if row.home in reported or not row.live:
                continue
            if task not in vocabulary.tasks or service not in vocabulary.services:
                continue
            now = project.home_deck(namespace, task, service)
            if now != row.deck:
                reported.add(row.home)
                message = (
                    f"the deck of {row.home} was `{row.deck}` and is now `{now}`, "
                    f"but learners have `{row.id}` in the old one"
                )
                help_line = (
                    "restore `deck` in decks/project.toml or schema/vocabulary/, or in "
                    "decks/mine.toml if it is yours; you can change `title`, but not `deck`"
                )
                yield Diagnostic("L007", message, ledger.place(row), help_line)


def _changed_note_types(project: Project) -> Iterator[Diagnostic]:
    """L009: a note type has another id or shape than the released one."""
    for slug, notetype in project.notetypes.items():
        for ledger in project.ledgers.values():
            row = ledger.types.get(slug)
            if row and (row.id, row.shape) != (notetype.id, shape(notetype)):
                message = (
                    f"the note type `{slug}` differs from the released one: "
                    f"{_difference(row.shape, row.id, notetype)}"
                )
                help_line = "undo this change; to add a field, rename a spare field and keep its ID"
                related = (("released here", ledger.place(row)),)
                yield Diagnostic("L009", message, notetype.place, help_line, related)


def _changed_overlay_style(project: Project) -> Iterator[Diagnostic]:
    """L009: an overlay got or lost its own note types after its first release.

    Anki does not update a note with one of another note type.
    """
    if project.overlay is None:
        return
    ledger = project.ledger(project.overlay.namespace)
    own = any(row.slug not in FIELDS for row in ledger.types.values())
    if not ledger.cards or own == project.overlay.has_own_notetypes:
        return
    was, help_line = "the project's note types", "remove `style` and `report` from decks/mine.toml"
    if own:
        was = "their own note types"
        help_line = "restore `style` or `report` in decks/mine.toml"
    message = f"your cards were released with {was}, and that cannot change"
    yield Diagnostic("L009", message, project.overlay.place, help_line)


def _difference(released_shape: str, released_id: int, notetype: NoteType) -> str:
    """Return the first difference from a released note type, in words."""
    if released_id != notetype.id:
        return f"its ID was {released_id}"
    names = {str(field.id): field.name for field in notetype.fields}
    names |= {str(template.id): template.name for template in notetype.templates}
    parts = ("kind", "sort field", "fields", "templates")
    shapes = zip(parts, released_shape.split(";"), shape(notetype).split(";"), strict=True)
    for part, old, new in shapes:
        if old == new:
            continue
        was, now = old.split(","), new.split(",")
        added = [names.get(name, name) for name in now if name not in was]
        gone = [name for name in was if name not in now]
        changes = [f"added {', '.join(added)}"] if added else []
        if gone:
            changes.append(f"removed {', '.join(gone)}")
        return f"{part}: {'; '.join(changes)}" if changes else f"the order of the {part}"
    return "unknown"
