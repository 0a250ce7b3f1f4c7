"""The last stage of `check`: compare the project with its last release, the ledgers.

What was released keeps its identity, or is retired with a reason. A build that would
cost learners their reviews is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from deckwright.core.card import Card, Cloze
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.identity import guid
from deckwright.core.source import Span
from deckwright.core.suggest import closest, nearest
from deckwright.core.wording import joined
from deckwright.project.ledger import GONE, CardRow, Ledger, gap_digests
from deckwright.project.notetypes import FIELDS, shape
from deckwright.project.packages import paths
from deckwright.project.project import Project
from deckwright.project.retirements import RetiredCard, Retirements

# If more cards than these are missing, none was renamed, and to look for similar ids would
# take seconds.
_MOST_RENAMED = 20

_RETIRE = './build.py retire {} --reason "…" (add `--successor ID` if another card replaces it)'


def diagnose(
    cards: Iterable[Card], places: Mapping[tuple[str, str], Span], project: Project
) -> tuple[Diagnostic, ...]:
    """Return the diagnostics L002 to L010, for everything that an update would break.

    `places` has the place of every card id in the files, also of cards with errors, by
    namespace and id.
    """
    diagnostics = [
        *_changed_decks(project),
        *_changed_note_types(project),
        *_changed_overlay_style(project),
    ]
    by_key = {(card.namespace, card.id): card for card in cards}
    everywhere = {card_id for _, card_id in places}
    for namespace in project.namespaces:
        ledger, retired = project.ledger(namespace), project.retired(namespace)
        here = {card_id: span for (name, card_id), span in places.items() if name == namespace}
        diagnostics += _other_namespace(ledger, namespace)
        diagnostics += _lost_names(ledger, namespace, project)
        diagnostics += _missing_cards(ledger, retired, here)
        diagnostics += _missing_entries(ledger, retired, namespace)
        for entry in retired.cards.values():
            diagnostics += _retired_card(entry, ledger, retired, here, everywhere)
        diagnostics += _unknown_gaps(ledger, retired)
        for row in ledger.cards.values():
            card = by_key.get((namespace, row.id))
            if card and row.live:
                related = (("released here", ledger.place(row)),)
                diagnostics += _changed_card(card, row, retired, related)
    return tuple(diagnostics)


def _other_namespace(ledger: Ledger, namespace: str) -> Iterator[Diagnostic]:
    """L008: the ledger's cards were released under another namespace."""
    row = next((row for row in ledger.cards.values() if row.guid != guid(namespace, row.id)), None)
    if row:
        message = f"`{row.id}` was released under another namespace"
        help_line = (
            "restore the old namespace in decks/project.toml and the old name of this file; "
            "a namespace is permanent"
        )
        yield Diagnostic("L008", message, ledger.place(row), help_line)


def _lost_names(ledger: Ledger, namespace: str, project: Project) -> Iterator[Diagnostic]:
    """L010: a released tag or package can no longer be made."""
    words, root = project.vocabulary, project.card_folder(namespace).tag
    themes = {slug: "theme" if one.theme else "service" for slug, one in words.services.items()}
    groups: Mapping[str, Iterable[str]] = {
        "part": words.parts,
        "kind": words.kinds,
        "topic": words.topics,
        "exam": words.exam_tasks,
        "level": words.levels.keys() - {words.default_level},
        "status": words.statuses.keys() - {words.default_status},
    }
    known = {f"{root}::{group}::{slug}" for group, slugs in groups.items() for slug in slugs}
    known |= {f"{root}::{group}::{slug}" for slug, group in themes.items()}
    known |= {path for spec in project.packages for path in paths(spec, words).values()}
    for name, row in ledger.names.items():
        if name not in known:
            what = "package" if name.endswith(".apkg") else "tag"
            where = "decks/project.toml, or in decks/mine.toml if it is yours"
            if name.startswith(f"{root}::"):
                where = "schema/vocabulary/"
            message = f"the {what} `{name}` was released, but no longer exists"
            why = "because learners' searches and links depend on it, even if no card uses it"
            help_line = f"restore its name in {where}, {why}"
            yield Diagnostic("L010", message, ledger.place(row), help_line)


def _missing_cards(
    ledger: Ledger, retired: Retirements, here: Mapping[str, Span]
) -> Iterator[Diagnostic]:
    """L002: a released card is missing."""
    rows = [row for row in ledger.cards.values() if row.live]
    missing = [row for row in rows if row.id not in here and row.id not in retired.cards]
    new = [card_id for card_id in here if card_id not in ledger.cards]
    for row in missing:
        place, message = ledger.place(row), f"the released card `{row.id}` is missing"
        renamed = closest(row.id, new) if len(missing) <= _MOST_RENAMED else None
        if renamed:
            message += "; is this the same card with a new ID?"
            help_line = (
                f"if so, restore its ID, `## {row.id}`; "
                f"if not, retire the old card: {_RETIRE.format(row.id)}"
            )
            related = (("released here", place),)
            yield Diagnostic("L002", message, here[renamed], help_line, related)
        else:
            help_line = f"restore the card, or retire it: {_RETIRE.format(row.id)}"
            yield Diagnostic("L002", message, place, help_line)


def _missing_entries(ledger: Ledger, retired: Retirements, namespace: str) -> Iterator[Diagnostic]:
    """L003: a retired card or gap has lost its entry in decks/retired/."""
    for row in ledger.cards.values():
        lost = []
        if not row.live and row.id not in retired.cards:
            lost.append(("card", f"`{row.id}` was retired in {row.state}"))
        for number in sorted(row.retired_gaps):
            if (row.id, number) not in retired.gaps:
                lost.append(("gap", f"gap {number} of `{row.id}` was retired"))
        for table, what in lost:
            help_line = (
                f"restore its `[[{table}]]` entry in decks/retired/{namespace}.toml, "
                f"because learners who have the {table} see the reason"
            )
            message = f"{what}, but its entry is missing"
            yield Diagnostic("L003", message, ledger.place(row), help_line)


def _retired_card(
    entry: RetiredCard,
    ledger: Ledger,
    retired: Retirements,
    here: Mapping[str, Span],
    everywhere: Set[str],
) -> Iterator[Diagnostic]:
    """L003: a retired card was not released, is still there, or has a wrong successor.

    Successors may be in another card folder: `everywhere` has the ids of all cards.
    """
    row = ledger.cards.get(entry.id)
    if row is None:
        message = f"`{entry.id}` was never released"
        help_line = (
            "correct the ID, or remove this entry; "
            "a card that was never released can simply be deleted"
        )
        yield Diagnostic("L003", message, entry.span, help_line)
    elif row.live and entry.id in here:
        message = f"`{entry.id}` is retired, but the card still exists"
        related = (("the card", here[entry.id]),)
        help_line = "remove the card, or remove this entry"
        yield Diagnostic("L003", message, entry.span, help_line, related)
    for name in entry.successors:
        if name == entry.id or (name not in everywhere and name not in retired.cards):
            message = f"the successor `{name}` of `{entry.id}` doesn't exist"
            help_line = nearest(name, everywhere - {entry.id}) or (
                f"write the ID of the card that replaces `{entry.id}`, "
                "or `successors = []` if no card does"
            )
            yield Diagnostic("L003", message, entry.successors_span, help_line)


def _unknown_gaps(ledger: Ledger, retired: Retirements) -> Iterator[Diagnostic]:
    """L003: a retired gap was not released."""
    for (card_id, number), gap in retired.gaps.items():
        row = ledger.cards.get(card_id)
        numbers = row.numbers if row else frozenset()
        if number not in numbers:
            message = f"gap {number} of `{card_id}` was never released"
            known = ", ".join(map(str, sorted(numbers))) or "none"
            help_line = (
                f"correct the number (released gaps: {known}), or remove this entry; "
                "a gap that was never released can simply be deleted"
            )
            yield Diagnostic("L003", message, gap.span, help_line)


def _changed_card(
    card: Card, row: CardRow, retired: Retirements, related: tuple[tuple[str, Span], ...]
) -> Iterator[Diagnostic]:
    """L004: a released card has another note type. L005, L006: or other gaps."""
    if card.type != row.type:
        message = f"`{card.id}` was released as a {row.type} card and is now a {card.type} card"
        help_line = (
            f"make it a {row.type} card again, or give this card a new ID "
            f"and retire the old one: {_RETIRE.format(card.id)}"
        )
        yield Diagnostic("L004", message, card.id_span, help_line, related)
        return
    now = gap_digests(card)
    going = {number for name, number in retired.gaps if name == card.id} - row.retired_gaps
    released = {number: digests for number, digests in row.gaps if digests != GONE}
    moved = _moved(now, {n: digests for n, digests in released.items() if n not in going})
    for number in sorted(now):
        if number in moved:
            old = moved[number]
            message = f"gap {number} has the answer that was released as gap {old}"
            help_line = (
                f"write `{{{{c{old}::`, "
                f"because learners' reviews of this answer belong to gap {old}"
            )
        elif number in going:
            message = f"gap {number} is marked as retired, but is still in the text"
            help_line = (
                "write its answer without braces, or remove the gap's entry from decks/retired/"
            )
        elif number in row.retired_gaps:
            message = f"gap {number} was retired, and its number can't be used again"
            help_line = f"write `{{{{c{max(row.numbers | now.keys()) + 1}::`"
        else:
            continue
        yield Diagnostic("L006", message, _gap_place(card, number), help_line, related)
    for number in sorted(released.keys() - now.keys() - going - set(moved.values())):
        command = f'./build.py retire {card.id} --gap {number} --reason "…"'
        help_line = f"restore the gap, or retire it: {command}"
        message = f"the released gap {number} is missing"
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
        homes: dict[str, CardRow] = {}
        for row in ledger.cards.values():
            if row.live:
                homes.setdefault(row.home, row)
        for home, row in homes.items():
            part, service = home.split("/")
            if part not in vocabulary.parts or service not in vocabulary.services:
                continue
            now = project.home_deck(namespace, part, service)
            if now != row.deck:
                message = (
                    f"the deck of {home} was `{row.deck}` and is now `{now}`, "
                    f"but learners have `{row.id}` in the old one"
                )
                help_line = (
                    "restore the old `deck` in decks/project.toml or schema/vocabulary/ (for your "
                    "own cards, in decks/mine.toml); you can change `title` instead"
                )
                yield Diagnostic("L007", message, ledger.place(row), help_line)


def _changed_note_types(project: Project) -> Iterator[Diagnostic]:
    """L009: a note type has another id or shape than the released one."""
    parts = ("kind", "sort field", "fields", "templates")
    for slug, notetype in project.notetypes.items():
        for ledger in project.ledgers.values():
            row = ledger.types.get(slug)
            if row is None:
                continue
            old, new = row.shape.split(";"), shape(notetype).split(";")
            changed = [part for part, was, now in zip(parts, old, new, strict=True) if was != now]
            if row.id != notetype.id:
                changed.insert(0, f"ID (it was {row.id})")
            if changed:
                what = joined(changed, "and")
                message = f"the note type `{slug}` differs from the released one in its {what}"
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
    message = f"your cards were released with {was}, and that can't change"
    yield Diagnostic("L009", message, project.overlay.place, help_line)
