"""split: make two cards from one.

The old card keeps its id and the numbers of its released gaps. What goes starts a new
card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import click

from deckwright import markdown
from deckwright.cards import body as content
from deckwright.cards import gap_numbers, workspace
from deckwright.cards.new_card import skeleton
from deckwright.cards.parse import parse
from deckwright.cards.sections import with_sections
from deckwright.cards.workspace import Workspace
from deckwright.cli import completers, options
from deckwright.cli.commands.retire import with_gaps
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.editor import edit_cards
from deckwright.cli.options import complete
from deckwright.cli.prompts import ask_id, on_a_terminal
from deckwright.core.card import Cloze, Content, MultipleChoice, RawCard, Section
from deckwright.core.errors import UserError
from deckwright.core.source import Source
from deckwright.project.ledger import CardRow

# Metadata that is true of both cards. What names gaps goes with them, and the rest is
# about the old card.
_SHARED = ("kind", "topic", "level", "also", "exam", "status", "source", "checked")
_UNNAMED = "a-card-that-is-to-come"  # stands for an id that is not known yet


@click.command(cls=Command)
@click.argument("card", shell_complete=complete(completers.cards))
@click.option(
    "--gap",
    "gaps",
    multiple=True,
    type=click.IntRange(1, 500),
    metavar="NUMBER",
    help="The number of a gap to move to the new card. To move several gaps, repeat the option, "
    "as in --gap 2 --gap 3.",
)
@click.option(
    "--to",
    "new_id",
    default="",
    metavar="ID",
    help="The ID of the new card. Required, except in a terminal, where you are prompted for it.",
)
@click.option(
    "--reason",
    default="",
    help="Why the released gaps are retired. Recorded in decks/retired/. "
    "Default: a sentence that names the new card.",
)
@options.no_edit
@pass_session
def command(
    session: Session, card: str, gaps: tuple[int, ...], new_id: str, reason: str, no_edit: bool
) -> None:
    """Split one card that asks too much.

    The original card keeps its ID, and the new card is added to the same file.

    For a cloze card, use --gap to give the numbers of the gaps to move. Each gap moves to the
    new card, along with any metadata that applies only to that gap. On the original card, the
    answer remains as plain text. After the split, edit both cards so that each asks only its
    own question. If a released gap moves, its number on the original card is retired and
    never used again. Released gaps that stay keep their numbers.

    For a basic or multiple-choice card, leave out --gap. The new card starts with the same
    metadata and explanation, and you write the rest.

    In a terminal, both cards open in $VISUAL or $EDITOR and are checked when you close the
    editor. Exits with 1 if the check finds errors or if you deleted one of the cards, and
    with 2 if nothing was written.

    \b
    Move one gap to a new card:
      ./build.py split kms-key-limits --gap 2 --to kms-grant-limit
    Move two gaps to a new card without opening an editor:
      ./build.py split kms-key-limits --gap 2 --gap 3 --to kms-grant-limit --no-edit
    Split a basic card:
      ./build.py split lex-what-it-does --to lex-when-it-asks-back
    """
    tree = session.workspace()
    raw = named(tree, card)
    plan(tree, raw, gaps, _UNNAMED, reason)  # if it cannot be split, do not ask for an id
    if new_id:
        new_id = workspace.checked_id(tree, new_id, f"{raw.id.value}-more")
    elif on_a_terminal():
        new_id = ask_id(session, tree, "")
    else:
        help_line = "write --to and an ID for the new card; it can't change after a release"
        raise UserError("--to is missing", help_line)
    planned = plan(tree, raw, gaps, new_id, reason)
    carry_out(tree, planned)
    session.place(planned.path, planned.old_line, planned.old)
    session.place(planned.path, planned.new_line, planned.new)
    for line in _remarks(planned):
        session.say(line)
    if not no_edit:
        cards = [planned.old, planned.new]
        edit_cards(session, planned.path, planned.new_line, cards, planned.others)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a split does.

    `text` is the file with both cards, `others` are the ids of the other cards in it.
    `going` are the gaps that go, and `retired` those of them that learners have; their
    file of retirements is in `beside`, by path. `evidence` is true if evidence goes.
    """

    old: str
    new: str
    path: str
    text: str
    old_line: int
    new_line: int
    others: frozenset[str]
    going: tuple[int, ...] = ()
    retired: tuple[int, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    evidence: bool = False


def named(tree: Workspace, name: str) -> RawCard:
    """The card of a name. Raises UserError if there is none or its file has errors."""
    found = workspace.cards_named(tree, [name])
    if len(found) != 1 or found[0].id.value != name.rpartition(":")[2]:
        raise UserError(f"{name} is not a card", "name one card, by its ID")
    workspace.require_readable(tree, [found[0].span.path])
    return found[0]


def plan(tree: Workspace, raw: RawCard, gaps: Iterable[int], new_id: str, reason: str = "") -> Plan:
    """Decide what becomes of a card.

    `gaps` are those that go, none if the card has no gaps; `new_id` is free. Raises
    UserError if the card cannot be split like that.
    """
    body, going = _body(raw), tuple(dict.fromkeys(gaps))
    if isinstance(body, Cloze):
        _require_gaps(raw, body, going)
        return _cloze(tree, raw, body, going, new_id, reason)
    if going:
        help_line = "leave out --gap; the new card starts with the metadata and the explanation"
        raise UserError(f"{raw.id.value} has no gaps", help_line)
    metadata = [(given.name, given.value) for given in raw.metadata if given.name in _SHARED]
    kind = "multiple-choice" if isinstance(body, MultipleChoice) else "basic"
    section = skeleton(kind, new_id, metadata, body.extra.span.text)
    planned = _with_both(tree, raw, raw.span.text, section, new_id)
    if planned is None:
        message = f"{raw.id.value} cannot be split because of its formatting"
        raise UserError(message, f"format its file first: ./build.py fmt {raw.span.path}")
    return planned


def carry_out(tree: Workspace, planned: Plan) -> None:
    """Write the files, or raise OSError or UserError and leave them as they were."""
    workspace.write(tree, {planned.path: planned.text}, beside=planned.beside)


def _remarks(planned: Plan) -> Iterable[str]:
    """What happened to the gaps; nothing if there were none."""
    for path in planned.beside:
        for number in planned.retired:
            yield f"gap {number} of {planned.old} was released; its retirement is in {path}"
    if planned.evidence:
        yield "evidence moved to the new card; run ./build.py verify --record"
    if planned.going:
        yield "both cards now have the same sentence; edit them so that each asks its own question"


def _body(raw: RawCard) -> Content:
    body, _ = content.read(raw, {})
    if body is None:
        message = f"{raw.id.value} has errors"
        raise UserError(message, "fix them first: ./build.py check")
    return body


def _require_gaps(raw: RawCard, body: Cloze, going: tuple[int, ...]) -> None:
    """Raise UserError unless some of the card's gaps go and some stay."""
    answers = {mark.number: " ".join(mark.text.split()) for mark in reversed(body.gaps)}
    listed = "; ".join(f"--gap {number} is {answers[number]}" for number in sorted(answers))
    if len(answers) == 1:
        message = f"{raw.id.value} has only one gap"
        raise UserError(message, "to start another card, run ./build.py new")
    if unknown := [number for number in going if number not in answers]:
        raise UserError(f"{raw.id.value} has no gap {unknown[0]}", listed)
    if not going:
        raise UserError("--gap is missing", listed)
    if answers.keys() <= set(going):
        message = f"{raw.id.value} would have no gap left"
        raise UserError(message, "keep at least one gap")


def _cloze(
    tree: Workspace, raw: RawCard, body: Cloze, going: tuple[int, ...], new_id: str, reason: str
) -> Plan:
    """The plan for a card with gaps, of which those in `going` go."""
    row = tree.project.row(raw.span.source.namespace, raw.id.value)
    every = sorted({mark.number for mark in body.gaps})
    kept = _kept([number for number in every if number not in going], row)
    new = {number: place for place, number in enumerate(sorted(going), start=1)}
    old_text = gap_numbers.renumbered(raw, body.gaps, kept)
    metadata = _metadata(raw, new, every[0])
    section = _section(raw, body, new_id, metadata, new)
    retired = _learned(tree, raw, row, going)
    beside = _retirements(tree, raw, retired, reason or f"This gap now has its own card: {new_id}.")
    planned = _with_both(tree, raw, old_text, section, new_id)
    if planned is None or not _says_the_same(planned, raw, body, kept, new):
        message = f"without the braces of a gap, {raw.id.value} would say something else"
        by_hand = "remove the gap by hand, and start the new card with ./build.py new"
        raise UserError(message, by_hand)
    evidence = any(key == "evidence" for key, _ in metadata)
    return replace(planned, going=going, retired=retired, beside=beside, evidence=evidence)


def _kept(staying: Iterable[int], row: CardRow | None) -> dict[int, int]:
    """The new numbers of the gaps that stay.

    Released numbers are permanent. The others close up, because a new card counts 1, 2,
    3.
    """
    released = set(row.numbers) if row else set()
    taken, kept = set(released), {}
    for number in staying:
        free = next(n for n in range(1, number + 1) if n == number or n not in taken)
        kept[number] = number if number in released else free
        taken.add(kept[number])
    return kept


def _metadata(raw: RawCard, numbers: Mapping[int, int], first: int) -> list[tuple[str, str]]:
    """The metadata of the new card."""
    keys = (*_SHARED, *gap_numbers.KEYS)
    lines = [
        (given.name, gap_numbers.metadata_value(given, numbers, first))
        for given in raw.metadata
        if given.name in keys
    ]
    return [(key, value) for key, value in lines if value]


def _section(
    raw: RawCard,
    body: Cloze,
    new_id: str,
    metadata: Iterable[tuple[str, str]],
    numbers: Mapping[int, int],
) -> str:
    """The text of the new card: the same sentence and explanation with its own gaps."""
    lines = "\n".join(f"- {key}: {value}" for key, value in metadata)
    parts = [f"## {new_id}", lines, gap_numbers.prompt(raw, body.gaps, numbers)]
    if len(raw.sections) > 1 and raw.sections[1].blocks:
        parts += ["---", raw.sections[1].span.text]
    return "\n\n".join(parts) + "\n"


def _learned(
    tree: Workspace, raw: RawCard, row: CardRow | None, going: Iterable[int]
) -> tuple[int, ...]:
    """The gaps that go and that learners have: their numbers are retired."""
    found = tree.project.retirements.get(raw.span.source.namespace)
    gone = {number for name, number in (found.gaps if found else {}) if name == raw.id.value}
    live = dict(row.gaps) if row and row.live else {}
    return tuple(number for number in going if live.get(number) and number not in gone)


def _retirements(
    tree: Workspace, raw: RawCard, numbers: tuple[int, ...], reason: str
) -> dict[str, str]:
    if not numbers:
        return {}
    namespace, name = raw.span.source.namespace, raw.id.value
    if namespace not in tree.project.releasing:
        message = f"{name} belongs to the project, and only the project can retire gap {numbers[0]}"
        other = "write your own card with ./build.py new"
        raise UserError(message, f"propose the split to the project, or {other}")
    path, text = with_gaps(tree.project, namespace, name, numbers, reason)
    return {path: text}


def _with_both(tree: Workspace, raw: RawCard, old: str, section: str, new_id: str) -> Plan | None:
    """The file with the old card's new text and the new card behind it.

    None if another card would change, or if one of the two would not be found.
    """
    source = raw.span.source
    now = Source(source.path, source.text[: raw.span.start] + old + source.text[raw.span.end :])
    written = next((one for one in parse(now).values if one.span.start == raw.span.start), None)
    if written is None:
        return None
    text = with_sections(now, [section], written)
    cards = {one.id.value: one.span for one in parse(Source(source.path, text)).values}
    others = {one.id.value: one.span for one in tree.parsed[source.path].values if one is not raw}
    if cards.keys() != {raw.id.value, new_id, *others}:
        return None
    if any(cards[name].text != span.text for name, span in others.items()):
        return None
    lines = cards[raw.id.value].line, cards[new_id].line
    return Plan(raw.id.value, new_id, source.path, text, *lines, frozenset(others))


def _says_the_same(
    planned: Plan, raw: RawCard, body: Cloze, kept: Mapping[int, int], new: Mapping[int, int]
) -> bool:
    """True if every answer has its number on the card that it is meant for.

    And if both cards say what the one did when all gaps are open.
    """
    cards = {one.id.value: one for one in parse(Source(planned.path, planned.text)).values}
    wanted = ((planned.old, kept, raw.sections), (planned.new, new, raw.sections[:2]))
    for name, numbers, sections in wanted:
        there, _ = content.read(cards[name], {})
        gaps = there.gaps if isinstance(there, Cloze) else ()
        answers = [(mark.number, mark.text) for mark in gaps]
        meant = [(numbers[mark.number], mark.text) for mark in body.gaps if mark.number in numbers]
        if answers != meant or _opened(cards[name].sections) != _opened(sections):
            return False
    return True


def _opened(sections: Iterable[Section]) -> list[str]:
    """What a reader sees of sections when all gaps are open."""
    blocks = [section.blocks for section in sections if section.blocks]
    return [" ".join(markdown.opened_html(found).split()) for found in blocks]
