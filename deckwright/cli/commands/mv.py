"""mv: move cards to another file, with their ids, texts, and gap numbers.

Learners keep what they have: a released card stays in its deck, and only its tags
follow.

Files that get cards are written before those that lose them. If the machine stops in
between, the cards are in both files: `check` reports U501, and removing one copy helps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import click

from deckwright import markdown
from deckwright.cards import workspace
from deckwright.cards.discover import name_diagnostics
from deckwright.cards.formatter import meaning
from deckwright.cards.image_addresses import from_project, text_in
from deckwright.cards.parse import parse
from deckwright.cards.sections import fresh, without
from deckwright.cards.validate import home, settings_of, validate_file
from deckwright.cards.workspace import Place, Workspace, topic_of
from deckwright.cli import completers, options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.cli.options import complete
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import ERROR, WARNING, Diagnostic, has_errors
from deckwright.core.errors import UserError
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source
from deckwright.core.wording import count
from deckwright.project.project import Root
from deckwright.project.vocabulary import Service, Task

_OF_THE_DECK = ("C464", "R610")  # codes about several cards, which one card cannot have


@click.command(cls=Command)
@click.argument("cards", nargs=-1, required=True, shell_complete=complete(completers.movable))
@click.argument("to", shell_complete=complete(completers.movable))
@options.dry_run("Show what would be moved, but write nothing.")
@pass_session
def command(session: Session, cards: tuple[str, ...], to: str, dry_run: bool) -> None:
    """Move cards to another file.

    The cards keep their IDs, text, and gap numbers, so learners keep their review history.

    CARDS can be card IDs, `path:line:id` as printed by `find`, or card files (to move all the
    cards in them). TO is a card file, which is created if it doesn't exist, or TASK/SERVICE,
    such as 4.3/kms. With TASK/SERVICE, each card goes to the file for its topic. Card files
    that become empty are deleted. Exits with 2, and changes nothing, if the cards can't be
    moved.

    \b
    Move two cards to a file:
      ./build.py mv kms-key-rotation kms-grants cards/4.3-security/kms/rotation.md
    Show which file a card would go to:
      ./build.py mv kms-key-rotation 4.3/kms --dry-run
    Move all cards in a file:
      ./build.py mv cards/4.3-security/kms.md cards/4.3-security/kms/keys.md
    """
    tree = session.workspace()
    planned = plan(tree, cards, to, session.today, session.progress)
    if not dry_run:
        carry_out(tree, planned)
    for card in planned.cards:
        session.place(card.path, card.line, card.id)
    session.report(planned.warnings)
    session.say(_summary(planned, dry_run))


@dataclass(frozen=True, slots=True)
class Moved:
    """A card at its new place, and a remark about its learners or images."""

    id: str
    path: str
    line: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move does.

    `texts` are files by path, those that get cards first. Files that are `gone` have no
    card left. `same` are cards that are there already. `warnings` are about the new
    place.
    """

    texts: Mapping[str, str]
    gone: tuple[str, ...]
    cards: tuple[Moved, ...]
    same: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Move:
    """A card, and where it goes."""

    raw: RawCard
    goal: Place

    @property
    def name(self) -> str:
        return self.raw.id.value

    @property
    def before(self) -> str:
        return self.raw.span.path


def plan(
    tree: Workspace, names: Iterable[str], to: str, today: date, progress: Progress = SILENT
) -> Plan:
    """Decide where cards go.

    `names` are as for `workspace.cards_named`; `to` is a file or TASK/SERVICE. Raises
    UserError if there are no such cards, or if they cannot be there.
    """
    wanted = workspace.cards_named(tree, names)
    workspace.require_readable(tree, {raw.span.path for raw in wanted})
    moves = _moves(tree, wanted, to)
    same = tuple(move.name for move in moves if move.goal.path == move.before)
    moves = [move for move in moves if move.goal.path != move.before]
    workspace.require_no_links(tree, {move.goal.path for move in moves})
    _require_same_identity(tree, moves)
    texts, gone = _texts(tree, moves)
    after = [raw for source in _sources(moves, texts) for raw in parse(source).values]
    _require_same_meaning(tree, after, {*texts, *gone})
    there = {(raw.span.path, _key(raw)): raw for raw in after}
    pairs = [(move, there[move.goal.path, _key(move.raw)]) for move in moves]
    warnings = _new_warnings(tree, [(move.raw, raw) for move, raw in pairs], today, progress)
    cards = tuple(_moved(tree, move, raw) for move, raw in pairs)
    return Plan(texts, gone, cards, same, warnings)


def carry_out(tree: Workspace, planned: Plan) -> None:
    """Write all files, or raise OSError or UserError and leave them as they were."""
    workspace.write(tree, planned.texts, planned.gone)


def _summary(planned: Plan, dry_run: bool) -> str:
    out = [f"{card.id}: {card.remark}" for card in planned.cards if card.remark]
    out += [f"{name} is already in the right file" for name in planned.same]
    verb = "would be" if dry_run else "was"
    out += [f"{path} has no cards left and {verb} deleted" for path in planned.gone]
    moved = f"{count(len(planned.cards), 'card')} {'would be ' * dry_run}moved"
    return "\n".join([*out, moved])


def _moves(tree: Workspace, wanted: Iterable[RawCard], to: str) -> list[_Move]:
    """Where each card goes; cards of one file and topic go to the same place."""
    found: dict[tuple[str, str], Place] = {}
    moves = []
    for raw in wanted:
        key = raw.span.path, topic_of(raw)
        if key not in found:
            found[key] = _goal(tree, raw, to)
        moves.append(_Move(raw, found[key]))
    return moves


def _goal(tree: Workspace, raw: RawCard, to: str) -> Place:
    """Where a card goes. Raises UserError if `to` is no place for cards."""
    file = workspace.file_named(tree, to)
    root = workspace.root_of(tree, file)
    if not to.endswith(".md"):
        return _home_goal(tree, raw, file.removeprefix(f"{root.path}/") if root else to, root)
    if root is None or file == f"{root.path}/README.md":
        roots = " and ".join(f"{r.path}/" for r in tree.project.roots)
        help_line = f"name a file in {roots}, such as <task folder>/<service>.md"
        raise UserError(f"{to} is not a place for cards", help_line)
    known = next((s for s in tree.found.sources if s.path.casefold() == file.casefold()), None)
    if known and known.path != file:
        message = f"{file} differs from {known.path} only in case"
        raise UserError(message, f"write {known.path}")
    goal = known or Source(file, "", root.path, root.namespace)
    where, diagnostics = home(goal, tree.project.vocabulary)
    diagnostics = [*diagnostics, *name_diagnostics(file, root.path)]
    if where is None or has_errors(diagnostics):
        help_line = "fix the path as described above"
        raise UserError(f"{to} is not a place for cards", help_line, tuple(diagnostics))
    same_home = _home_of(tree, raw.span.source) == where
    title = (_title(raw.span.source) if same_home else "") or where[1].title
    return workspace.place_in(goal, title, topic_of(raw))


def _home_goal(tree: Workspace, raw: RawCard, name: str, root: Root | None) -> Place:
    """Where a card goes if `name` is TASK/SERVICE: if its file fits, it stays."""
    source = raw.span.source
    task, service = workspace.home_named(tree.project.vocabulary, name)
    own = root or next(r for r in tree.project.roots if r.path == source.root)
    if own.path == source.root and tree.homes().get(source.path) == (task, service):
        return Place(source, service.title)
    return workspace.place(tree, own, task, service, topic_of(raw))


def _home_of(tree: Workspace, source: Source) -> tuple[Task, Service] | None:
    return home(source, tree.project.vocabulary)[0]


def _title(source: Source) -> str:
    blocks = markdown.parse(source)
    first = blocks[0] if blocks else None
    return first.text if first and first.kind == "heading" and first.level == 1 else ""


def _require_same_identity(tree: Workspace, moves: Sequence[_Move]) -> None:
    """Raise UserError if a card would be another card for learners, or twice in a file.

    A card keeps its namespace, because its guid is made of it.
    """
    paths = {move.goal.path for move in moves} & tree.parsed.keys()
    known = {path: {raw.id.value for raw in tree.parsed[path].values} for path in paths}
    for move in moves:
        name, goal = move.name, move.goal.source
        if move.raw.span.source.namespace != goal.namespace:
            cards = f"the cards of {goal.root}/ have the namespace {goal.namespace}"
            raise UserError(
                f"{name} would become a new card for learners: {cards}",
                f"leave it where it is, or start a new card: ./build.py new --in {goal.root}",
            )
        if name in known.get(goal.path, ()):
            message = f"{goal.path} already has a card {name}"
            raise UserError(message, "delete one of the two by hand")


def _texts(tree: Workspace, moves: Sequence[_Move]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The texts of all files that change, and the files that have no card left."""
    arriving: dict[str, list[_Move]] = {}
    leaving: dict[str, list[RawCard]] = {}
    for move in moves:
        arriving.setdefault(move.goal.path, []).append(move)
        leaving.setdefault(move.before, []).append(move.raw)
    texts = {path: _text_with(tree, group) for path, group in arriving.items()}
    gone = [path for path, raws in leaving.items() if len(raws) == len(tree.parsed[path].values)]
    for path, raws in leaving.items():
        if path not in gone:
            texts[path] = without(raws[0].span.source, raws)
    return texts, tuple(gone)


def _text_with(tree: Workspace, moves: Sequence[_Move]) -> str:
    """The text of one file with its new cards, each behind the last of its topic."""
    source = moves[0].goal.source
    sections = [(topic_of(move.raw), text_in(move.raw, source.path)) for move in moves]
    if not source.text:
        return fresh(moves[0].goal.title, [section for _, section in sections])
    names = [move.name for move in moves]
    return workspace.put_by_topic(source, tree.parsed[source.path].values, sections, names)


def _sources(moves: Iterable[_Move], texts: Mapping[str, str]) -> list[Source]:
    """The files that change, as they will be."""
    known: dict[str, Source] = {}
    for move in moves:
        known |= {move.goal.path: move.goal.source, move.before: move.raw.span.source}
    return [replace(known[path], text=text) for path, text in texts.items()]


def _key(raw: RawCard) -> tuple[str, str]:
    return raw.span.source.namespace, raw.id.value


def _require_same_meaning(tree: Workspace, after: Iterable[RawCard], paths: Iterable[str]) -> None:
    """Raise UserError if a card of the files would be lost or say something else."""
    known = [tree.parsed[path] for path in paths if path in tree.parsed]
    before = Counter((_key(raw), _meaning(raw)) for outcome in known for raw in outcome.values)
    lost = before - Counter((_key(raw), _meaning(raw)) for raw in after)
    for (_, name), _ in lost:
        help_line = "format its file first: ./build.py fmt"
        raise UserError(f"moving {name} would change what it says", help_line)


def _meaning(raw: RawCard) -> str:
    return repr(meaning([raw], lambda address: from_project(raw.span.path, address)))


def _new_warnings(
    tree: Workspace, pairs: Sequence[tuple[RawCard, RawCard]], today: date, progress: Progress
) -> tuple[Diagnostic, ...]:
    """The warnings that cards get at their new place.

    `pairs` are each card as it is and as it will be. Raises UserError with the errors
    that the cards would have there.
    """
    warnings: list[Diagnostic] = []
    errors: list[Diagnostic] = []
    names: list[str] = []
    before = _diagnostics(tree, [raw for raw, _ in pairs], today, progress)
    after = _diagnostics(tree, [there for _, there in pairs], today, progress)
    for (raw, there), old, new in zip(pairs, before, after, strict=True):
        known = {(d.code, d.message) for d in old}
        found = [d for d in new if (d.code, d.message) not in known]
        warnings += [d for d in found if d.severity == WARNING]
        errors += [_at_old_place(d, raw, there) for d in found if d.severity == ERROR]
        names += [raw.id.value] * has_errors(found)
    if errors:
        message = f"{', '.join(names)} would have errors in the new file"
        help_line = "fix the problems above, or choose another file"
        raise UserError(message, help_line, tuple(errors))
    return tuple(warnings)


def _diagnostics(
    tree: Workspace, raws: Sequence[RawCard], today: date, progress: Progress
) -> list[list[Diagnostic]]:
    """The diagnostics of each card by itself, without those about the deck."""
    settings = settings_of(tree.project, tree.found.images)
    found = []
    for raw in raws:
        every = validate_file(raw.span.source, (raw,), settings).diagnostics
        inside = (d for d in every if raw.span.start <= d.span.start <= raw.span.end)
        found.append([d for d in inside if d.code not in _OF_THE_DECK])
    return found


def _at_old_place(d: Diagnostic, raw: RawCard, there: RawCard) -> Diagnostic:
    """A diagnostic about a card at its new place, pointing to where the card is now."""
    if d.span.path != there.span.path or not there.span.start <= d.span.start < there.span.end:
        return d
    start = min(d.span.start - there.span.start + raw.span.start, raw.span.end)
    end = min(start + d.span.end - d.span.start, raw.span.end)
    return replace(d, span=raw.span.source.span(start, end), related=())


def _moved(tree: Workspace, move: _Move, there: RawCard) -> Moved:
    where = _home_of(tree, move.goal.source)
    remark = ""
    if where and where != _home_of(tree, move.raw.span.source):
        namespace = there.span.source.namespace
        released = tree.project.row(namespace, move.name)
        deck = tree.project.home_deck(namespace, where[0].slug, where[1].slug)
        remark = f"it moves to the deck {deck}, because it was never released"
        if released:
            remark = f"it was released, so its deck stays {released.deck}; its tags change"
    return Moved(move.name, there.span.path, there.span.line, remark)
