"""`retire`: takes a released card out of its file, or a released gap out of use, and writes down why."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from deckwright.cards import workspace
from deckwright.cards.parse import parse
from deckwright.cards.sections import without
from deckwright.cards.workspace import Tree
from deckwright.core.card import RawCard
from deckwright.core.errors import UserError
from deckwright.core.source import Source
from deckwright.core.suggest import nearest
from deckwright.project import retirements
from deckwright.project.ledger import CardRow
from deckwright.project.project import Project

_HEAD = "# Cards and gaps that were taken back after a release. Entries stay: learners who have the card are told the reason.\n"


@dataclass(frozen=True, slots=True)
class Retired:
    """What was written: the file of retirements, and the card's file where the card was cut out of one. `emptied`: it was the
    last card in it, and the file is gone too."""

    entry: str
    file: str = ""
    emptied: bool = False


def card(
    tree: Tree, card_id: str, reason: str, successors: tuple[str, ...], namespace: str = ""
) -> Retired:
    """Writes the entry and cuts the card out, or raises OSError or UserError and leaves both files as they were: where learners do not
    have the card, a successor is missing, or the card's file has errors."""
    namespace, row = _released(tree, card_id, namespace)
    reason = _sentence(reason)
    written = {raw.id.value for raw in tree.cards()}
    for name in successors:
        if name == card_id or name not in written:
            raise UserError(
                f"there is no card {name}",
                nearest(name, written - {card_id}) or "name a card that takes its place",
            )
    entry = f"\n[[card]]\nid = {_quoted(row.id)}\nreason = {_quoted(reason)}\nsuccessors = [{', '.join(map(_quoted, successors))}]\n"
    path, entries = _with_entry(tree.project, namespace, entry)
    here = [
        raw
        for raw in tree.cards()
        if raw.id.value == card_id and raw.span.source.namespace == namespace
    ]
    if len(here) > 1:
        places = " and ".join(f"{raw.span.path}:{raw.span.line}" for raw in here)
        raise UserError(
            f"{card_id} stands in {len(here)} places", f"take one of the two out first: {places}"
        )
    if not here:  # or it is left out, in a file with errors
        named = [
            s.path for s in tree.found.sources if s.namespace == namespace and card_id in s.text
        ]
        workspace.readable(tree, named)
    file = here[0].span.path if here else ""
    text = _without(tree, here[0]) if here else ""
    gone = (file,) if file and not text else ()
    workspace.write(tree, {file: text} if text else {}, gone, {path: entries})
    return Retired(path, file, bool(gone))


def _without(tree: Tree, raw: RawCard) -> str:
    """The text of a card's file without it; empty where it was the last one. UserError where another card would change."""
    path = raw.span.path
    workspace.readable(tree, [path])
    others = [one.span.text for one in tree.parsed[path].values if one is not raw]
    if not others:
        return ""
    text = without(raw.span.source, [raw])
    if [one.span.text for one in parse(Source(path, text)).values] != others:
        raise UserError(
            f"{raw.id.value} cannot be cut out as it is written",
            f"first: python build.py fmt {path}",
        )
    return text


def gap(tree: Tree, card_id: str, number: int, reason: str, namespace: str = "") -> Retired:
    """Writes the entry; the card's text is its author's to change."""
    namespace, row = _released(tree, card_id, namespace)
    reason = _sentence(reason)
    if number not in row.numbers:
        known = ", ".join(map(str, sorted(row.numbers))) or "none"
        raise UserError(
            f"{card_id} was released without a gap {number}",
            f"released gaps: {known}; another one is simply taken out",
        )
    if (
        (found := tree.project.retirements.get(namespace)) and (card_id, number) in found.gaps
    ) or not dict(row.gaps)[number]:
        raise UserError(f"gap {number} of {card_id} is retired already", "there is nothing to do")
    path, text = _with_entry(tree.project, namespace, _gap_entry(card_id, number, reason))
    workspace.write(tree, {}, beside={path: text})
    return Retired(path)


def with_gaps(
    project: Project, namespace: str, card_id: str, numbers: Iterable[int], reason: str
) -> tuple[str, str]:
    """The file of retirements with entries for some released gaps: its path, and its text. UserError where it takes none."""
    return _with_entry(
        project,
        namespace,
        "".join(_gap_entry(card_id, number, _sentence(reason)) for number in numbers),
    )


def _gap_entry(card_id: str, number: int, reason: str) -> str:
    return f"\n[[gap]]\nid = {_quoted(card_id)}\nnumber = {number}\nreason = {_quoted(reason)}\n"


def _sentence(reason: str) -> str:
    """A reason as the schema wants it."""
    reason = reason.strip()
    if len(reason) < 2 or not reason.isprintable():
        raise UserError(
            "the reason is no sentence",
            'one line for the learners who have the card: --reason "AWS lifted the limit."',
        )
    return reason


def _released(tree: Tree, card_id: str, namespace: str) -> tuple[str, CardRow]:
    """The namespace and the ledger's row of a card that learners have. `namespace` chooses where two roots have the id."""
    project = tree.project
    rows = {
        n: row
        for n in project.releasing
        if (row := project.row(n, card_id)) and namespace in ("", n)
    }
    live = {
        n: row
        for n, row in rows.items()
        if row.live and not ((found := project.retirements.get(n)) and card_id in found.cards)
    }
    if len(live) > 1:
        raise UserError(
            f"{card_id} was released in {' and in '.join(live)}",
            f"say which: --namespace {next(iter(live))}",
        )
    if live:
        return next(iter(live.items()))
    if rows:
        raise UserError(f"{card_id} is retired already", "there is nothing to do")
    if any(project.row(n, card_id) for n in project.namespaces if n not in project.releasing):
        way = f'leave it out: [[leave-out]] with id = ["{card_id}"] in decks/mine.toml'
        raise UserError(f"{card_id} is the project's, and only its own releases retire it", way)
    every = [card_id for name in project.releasing for card_id in project.ledger(name).cards]
    written = any(raw.id.value == card_id for raw in tree.cards())
    way = (
        "no learner has it: take its section out, that is all"
        if written
        else nearest(card_id, every) or "there is no such card"
    )
    raise UserError(f"{card_id} was never released", way)


def _quoted(text: str) -> str:
    """A basic string of TOML (https://toml.io/en/v1.0.0#string), which JSON's are too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entries(project: Project, namespace: str) -> str:
    """The file of a root's retirements, from the project's folder."""
    return project.root(namespace).base + retirements.path(namespace)


def _with_entry(project: Project, namespace: str, entry: str) -> tuple[str, str]:
    name = _entries(project, namespace)
    path = project.folder / name
    before = path.read_text("utf-8") if path.exists() else _HEAD
    after = before.rstrip("\n") + "\n" + entry
    try:
        tomllib.loads(after)
    except tomllib.TOMLDecodeError as error:
        raise UserError(
            f"{name} does not take another entry: {error}",
            "write its entries as [[card]] and [[gap]] tables",
        ) from error
    return name, after
