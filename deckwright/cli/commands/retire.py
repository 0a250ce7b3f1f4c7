"""retire: withdraw a released card, or a released gap, and write down why."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

import click

from deckwright.cards import workspace
from deckwright.cards.parse import parse
from deckwright.cards.sections import without
from deckwright.cards.workspace import Workspace
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.card import RawCard
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.project import retirements
from deckwright.project.ledger import CardRow
from deckwright.project.project import Project

_HEAD = (
    "# Cards and gaps that were retired after a release. "
    "Keep the entries: learners who have the card see the reason.\n"
)


@click.command(cls=Command)
@click.argument("card", shell_complete=options.complete_card)
@click.option(
    "--reason",
    required=True,
    help="A sentence that says why you retire the card or gap. Learners see the reason for a "
    "card, but not the reason for a gap.",
)
@click.option(
    "--successor",
    "successors",
    multiple=True,
    shell_complete=options.complete_card,
    help="The ID of a card that replaces this one. Can be repeated. Can't be used with --gap.",
)
@click.option(
    "--gap",
    type=click.IntRange(1, 500),
    metavar="NUMBER",
    help="Retire only the gap with this number.",
)
@click.option(
    "--namespace",
    default="",
    help="The namespace of the card folder (see decks/project.toml). Needed only if two folders "
    "have a card with this ID.",
)
@pass_session
def command(
    session: Session,
    card: str,
    reason: str,
    successors: tuple[str, ...],
    gap: int | None,
    namespace: str,
) -> None:
    """Withdraw a released card and tell learners why.

    Removes the card from its file and records the reason in decks/retired/. Learners see the
    reason when they import retired.apkg from the next release.

    With --gap, retires only that gap and leaves the card in its file. Afterward, remove the
    gap's braces from the card yourself.

    Exits with 2 if the card or gap is already retired or was never released. If it was never
    released, just delete it from the file.

    \b
    Retire a card that another one replaces:
      ./build.py retire old-card --reason "The quota is gone." --successor new-card
    Retire one gap of a card:
      ./build.py retire my-card --gap 2 --reason "There is only one engine now."
    """
    if gap is not None and successors:
        raise click.UsageError("--gap and --successor cannot be used together")
    tree = session.workspace()
    if gap is not None:
        entry = retire_gap(tree, card, gap, reason, namespace)
        session.say(f"recorded in {entry}; now remove the gap's braces from the card")
        return
    done = retire_card(tree, card, reason, successors, namespace)
    cut = ""
    if done.emptied:
        cut = f"; {done.file} was deleted, because it had no other cards"
    elif done.file:
        cut = f"; the card was removed from {done.file}"
    session.say(f"recorded in {done.entry}{cut}")


@dataclass(frozen=True, slots=True)
class Retired:
    """The file of retirements, and the card's file if the card was removed from one.

    `emptied` is true if it was the last card in it, so that the file was deleted.
    """

    entry: str
    file: str = ""
    emptied: bool = False


def retire_card(
    tree: Workspace, card_id: str, reason: str, successors: tuple[str, ...], namespace: str = ""
) -> Retired:
    """Write the entry and remove the card from its file.

    Raises OSError or UserError and leaves both files as they were: if learners do not
    have the card, a successor is missing, or the card's file has errors.
    """
    mistakes = Mistakes()
    with mistakes.noted():
        namespace, row = _released(tree, card_id, namespace)
    with mistakes.noted():
        reason = _sentence(reason)
    for successor in successors:
        with mistakes.noted():
            _require_successor(tree, card_id, successor)
    mistakes.raise_all()
    entry = _entry("card", id=row.id, reason=reason, successors=list(successors))
    path, entries = _with_entry(tree.project, namespace, entry)
    raw = _written(tree, card_id, namespace)
    if raw is None:
        workspace.write(tree, {}, beside={path: entries})
        return Retired(path)
    file, text = raw.span.path, _text_without(tree, raw)
    if text:
        workspace.write(tree, {file: text}, beside={path: entries})
    else:
        workspace.write(tree, {}, (file,), {path: entries})
    return Retired(path, file, emptied=not text)


def retire_gap(tree: Workspace, card_id: str, number: int, reason: str, namespace: str = "") -> str:
    """Write the entry for a gap and return the path of the file with retirements.

    The card's text is left to its author. Raises OSError, or UserError if the gap was
    not released or is retired already.
    """
    mistakes = Mistakes()
    with mistakes.noted():
        namespace, row = _released(tree, card_id, namespace)
    with mistakes.noted():
        reason = _sentence(reason)
    mistakes.raise_all()
    if number not in row.numbers:
        known = ", ".join(map(str, sorted(row.numbers))) or "none"
        help_line = f"released gaps: {known}; you can remove any other gap from the card"
        raise UserError(f"{card_id} was released without a gap {number}", help_line)
    found = tree.project.retirements.get(namespace)
    if (found and (card_id, number) in found.gaps) or not dict(row.gaps)[number]:
        raise UserError(f"gap {number} of {card_id} is already retired", "there is nothing to do")
    path, text = with_gaps(tree.project, namespace, card_id, [number], reason)
    workspace.write(tree, {}, beside={path: text})
    return path


def with_gaps(
    project: Project, namespace: str, card_id: str, numbers: Iterable[int], reason: str
) -> tuple[str, str]:
    """The path of the file with retirements, and its text with entries for some gaps.

    Raises UserError if the reason is no sentence or the file cannot take an entry.
    """
    reason = _sentence(reason)
    entries = [_entry("gap", id=card_id, number=number, reason=reason) for number in numbers]
    return _with_entry(project, namespace, "".join(entries))


def _written(tree: Workspace, card_id: str, namespace: str) -> RawCard | None:
    """The card in the card files; None if it is in no file.

    Raises UserError if it is there twice, or if it may be in a file with errors.
    """
    here = [
        raw
        for raw in tree.cards()
        if raw.id.value == card_id and raw.span.source.namespace == namespace
    ]
    if len(here) > 1:
        places = " and ".join(f"{raw.span.path}:{raw.span.line}" for raw in here)
        message = f"{card_id} is in {len(here)} places"
        raise UserError(message, f"first delete all but one of them: {places}")
    if here:
        return here[0]
    sources = (s for s in tree.found.sources if s.namespace == namespace)
    workspace.require_readable(tree, [source.path for source in sources if card_id in source.text])
    return None


def _text_without(tree: Workspace, raw: RawCard) -> str:
    """The text of a card's file without it; empty if it was the last card.

    Raises UserError if another card would change.
    """
    path = raw.span.path
    workspace.require_readable(tree, [path])
    others = [one.span.text for one in tree.parsed[path].values if one is not raw]
    if not others:
        return ""
    text = without(raw.span.source, [raw])
    if [one.span.text for one in parse(Source(path, text)).values] != others:
        message = f"without {raw.id.value}, another card in its file would change"
        raise UserError(message, f"format its file first: ./build.py fmt {path}")
    return text


def _require_successor(tree: Workspace, card_id: str, successor: str) -> None:
    """Raise UserError if a successor is not another card of the project."""
    others = {raw.id.value for raw in tree.cards()} - {card_id}
    if successor not in others:
        hint = nearest(successor, others) or "name another card of the project"
        raise UserError(f"there is no card {successor}", hint)


def _sentence(reason: str) -> str:
    """A reason as the schema requires it. Raises UserError if it is none."""
    reason = reason.strip()
    if len(reason) < 2 or not reason.isprintable():
        help_line = 'write one line, such as --reason "The limit no longer exists."'
        raise UserError("the reason is not a sentence", help_line)
    return reason


def _released(tree: Workspace, card_id: str, namespace: str) -> tuple[str, CardRow]:
    """The namespace and the ledger's row of a card that learners have.

    `namespace` chooses if two roots have the id. Raises UserError if there is no such
    card, or more than one.
    """
    project = tree.project
    names = [name for name in project.releasing if namespace in ("", name)]
    rows = {name: row for name in names if (row := project.row(name, card_id))}
    live = {
        name: row
        for name, row in rows.items()
        if row.live and not _withdrawn(project, name, card_id)
    }
    if len(live) > 1:
        message = f"{card_id} was released in {' and in '.join(live)}"
        raise UserError(message, f"choose one: --namespace {next(iter(live))}")
    if live:
        return next(iter(live.items()))
    if rows:
        raise UserError(f"{card_id} is already retired", "there is nothing to do")
    raise _never_released(tree, card_id)


def _withdrawn(project: Project, namespace: str, card_id: str) -> bool:
    """True if the file of retirements names the card: the next release retires it."""
    found = project.retirements.get(namespace)
    return found is not None and card_id in found.cards


def _never_released(tree: Workspace, card_id: str) -> UserError:
    project = tree.project
    foreign = [name for name in project.namespaces if name not in project.releasing]
    if any(project.row(name, card_id) for name in foreign):
        message = f"{card_id} belongs to the project, and only the project can retire it"
        leave_out = f'[[leave-out]] with id = ["{card_id}"] in decks/mine.toml'
        return UserError(message, f"to leave it out of your decks, write {leave_out}")
    message = f"{card_id} was never released"
    if any(raw.id.value == card_id for raw in tree.cards()):
        return UserError(message, "no learner has it, so just delete it from its file")
    every = [name for namespace in project.releasing for name in project.ledger(namespace).cards]
    return UserError(message, nearest(card_id, every) or "there is no such card")


def _entry(table: str, **values: str | int | list[str]) -> str:
    """An entry in TOML, whose basic strings and arrays JSON's are, too.

    See https://toml.io/en/v1.0.0#string.
    """
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(("", f"[[{table}]]", *lines, "")).replace("\x7f", "\\u007f")


def _with_entry(project: Project, namespace: str, entry: str) -> tuple[str, str]:
    """The path and the text of a root's file of retirements with one more entry."""
    name = project.root(namespace).base + retirements.path(namespace)
    path = project.folder / name
    before = path.read_text("utf-8") if path.exists() else _HEAD
    after = before.rstrip("\n") + "\n" + entry
    try:
        tomllib.loads(after)
    except ValueError as error:
        help_line = "write its entries as [[card]] and [[gap]] tables"
        raise UserError(f"no entry can be added to {name}: {error}", help_line) from error
    return name, after
