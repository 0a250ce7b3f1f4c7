"""retire: record that a released card, or a released gap, is retired, and why."""

from __future__ import annotations

import json

import click

from deckwright.cards.workspace import Workspace
from deckwright.cli import options
from deckwright.cli.context import Command, Session, pass_session
from deckwright.core.errors import Mistakes, UserError
from deckwright.core.files import replace_files
from deckwright.core.suggest import nearest
from deckwright.project import retirements
from deckwright.project.ledger import CardRow

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
    metavar="CARD",
    help="The ID of a card that replaces this one. Can be repeated. Can't be used with --gap.",
)
@click.option(
    "--gap",
    type=click.IntRange(1, 500),
    metavar="NUMBER",
    help="Retire only the gap with this number.",
)
@pass_session
def command(
    session: Session, card: str, reason: str, successors: tuple[str, ...], gap: int | None
) -> None:
    """Retire a released card and tell learners why.

    Records the reason in decks/retired/, but doesn't change the card file. After you run the
    command, delete the card from its file. The next release contains a package of retired cards
    (its file name ends in `retired.apkg`). Learners who import it see the reason.

    With --gap, retires only that gap. After you run the command, remove the gap's braces from
    the card.

    Exits with 2 if the card or gap is already retired or was never released. A card or gap
    that was never released can simply be deleted from the file.

    \b
    Retire a card that another one replaces:
      ./build.py retire old-card --reason "The quota is gone." --successor new-card
    Retire one gap of a card:
      ./build.py retire my-card --gap 2 --reason "There is only one engine now."
    """
    if gap is not None and successors:
        raise click.UsageError("--gap and --successor can't be used together")
    tree, mistakes, reason = session.workspace(), Mistakes(), reason.strip()
    with mistakes.noted():
        namespace, row = _released(tree, card)
        if gap is not None:
            _require_gap(tree, namespace, row, gap)
    with mistakes.noted():
        _require_sentence(reason)
    others = {raw.id.value for raw in tree.cards()} - {card}
    for successor in successors:
        with mistakes.noted():
            if successor not in others:
                hint = nearest(successor, others) or "name another card of the project"
                raise UserError(f"there is no card {successor}", hint)
    mistakes.raise_all()
    values: dict[str, object] = {"id": card, "reason": reason, "successors": list(successors)}
    if gap is not None:
        values = {"id": card, "number": gap, "reason": reason}
    path = _add_entry(tree, namespace, "card" if gap is None else "gap", values)
    places = [f"{raw.span.path}:{raw.span.line}" for raw in tree.cards() if raw.id.value == card]
    what = "the card" if gap is None else "the gap's braces"
    remove = f"; now remove {what}: {' and '.join(places)}" if places else ""
    session.say(f"recorded in {path}{remove}")
    for raw in tree.cards() if gap is None else ():
        for line in raw.metadata:
            if line.name in ("compare", "not-duplicate-of") and line.value == card != raw.id.value:
                place = f"{raw.span.path}:{line.value_span.line}"
                session.say(f"{place}: also correct or remove this `{line.name}` line")


def _released(tree: Workspace, card_id: str) -> tuple[str, CardRow]:
    """Return the namespace and the ledger's row of a card that learners have.

    Raises UserError if there is none.
    """
    project = tree.project
    rows = {name: row for name in project.releasing if (row := project.row(name, card_id))}
    for name, row in rows.items():
        if row.live and card_id not in project.retired(name).cards:
            return name, row
    if rows:
        raise UserError(f"{card_id} is already retired", "there is nothing to do")
    if any(project.row(name, card_id) for name in project.namespaces):
        message = f"{card_id} belongs to the project, and only the project can retire it"
        leave_out = f'[[leave-out]] with id = ["{card_id}"] in decks/mine.toml'
        raise UserError(message, f"to leave it out of your decks, write {leave_out}")
    message = f"{card_id} was never released"
    if any(raw.id.value == card_id for raw in tree.cards()):
        raise UserError(message, "no learner has it, so just delete it from its file")
    every = [name for namespace in project.releasing for name in project.ledger(namespace).cards]
    raise UserError(message, nearest(card_id, every) or "there is no such card")


def _require_gap(tree: Workspace, namespace: str, row: CardRow, number: int) -> None:
    """Raise UserError if learners do not have a gap."""
    if number not in row.numbers:
        known = ", ".join(map(str, sorted(row.numbers))) or "none"
        help_line = f"released gaps: {known}; you can remove any other gap from the card"
        raise UserError(f"{row.id} was released without a gap {number}", help_line)
    if (row.id, number) in tree.project.retired(namespace).gaps:
        raise UserError(f"gap {number} of {row.id} is already retired", "there is nothing to do")


def _require_sentence(reason: str) -> None:
    """Raise UserError if the schema would not take a reason."""
    if len(reason) < 2 or not reason.isprintable():
        help_line = 'write one line, such as --reason "The limit no longer exists."'
        raise UserError("the reason isn't a sentence", help_line)


def _add_entry(tree: Workspace, namespace: str, table: str, values: dict[str, object]) -> str:
    """Write an entry to the end of a root's file of retirements, and return its path.

    Strings and arrays of JSON are TOML, too (https://toml.io/en/v1.0.0#string).
    """
    path = tree.project.card_folder(namespace).base + retirements.path(namespace)
    file = tree.project.folder / path
    before = file.read_text("utf-8") if file.exists() else _HEAD
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    entry = "\n".join((f"[[{table}]]", *lines))
    replace_files(tree.project.folder, {path: f"{before.rstrip()}\n\n{entry}\n"})
    return path
