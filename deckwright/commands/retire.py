"""`retire`: takes a released card out of its file, or a released gap out of use, and writes down why."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from deckwright import retirement
from deckwright.cardfile import without
from deckwright.ledger import CardRow
from deckwright.model import RawCard
from deckwright.parse import parse
from deckwright.pipeline import Checked
from deckwright.project import Project
from deckwright.publish import replace_file
from deckwright.wording import nearest

_HEAD = "# Cards and gaps that were taken back after a release. Entries stay: learners who have the card are told the reason.\n"


class NotRetiredError(Exception):
    """Why nothing was retired, and what to type."""

    def __init__(self, message: str, help_line: str) -> None:
        super().__init__(message)
        self.help = help_line


@dataclass(frozen=True, slots=True)
class Retired:
    """What was written: the file of retirements, and the card's file where the card was cut out of one. `emptied`: it was the
    last card in it, and the file is gone too."""

    entry: str
    file: str = ""
    emptied: bool = False


def card(checked: Checked, card_id: str, reason: str, successors: tuple[str, ...], namespace: str = "") -> Retired:
    """Writes the entry and cuts the card out. NotRetiredError where learners do not have it, or a successor is missing."""
    namespace, row = _released(checked, card_id, namespace)
    reason = _sentence(reason)
    written = {c.id for name in checked.project.namespaces for c in _raws(checked, name)}
    for name in successors:
        if name == card_id or name not in written:
            raise NotRetiredError(f"there is no card {name}", nearest(name, written - {card_id}) or "name a card that takes its place")
    entry = f"\n[[card]]\nid = {_quoted(row.id)}\nreason = {_quoted(reason)}\nsuccessors = [{', '.join(map(_quoted, successors))}]\n"
    raw = next((c.raw for c in _raws(checked, namespace) if c.id == card_id), None)
    entries = checked.project.folder / _entries(checked.project, namespace)
    before = entries.read_text("utf-8") if entries.exists() else None
    path = _append(checked, namespace, entry)
    if raw is None:
        return Retired(path)
    source = raw.span.source
    alone = len(parse(source).values) == 1
    try:
        if alone:
            (checked.project.folder / source.path).unlink()
        else:
            replace_file(checked.project.folder / source.path, without(source, [raw]))
    except BaseException:  # both or neither
        if before is None:
            entries.unlink()
        else:
            replace_file(entries, before)
        raise
    return Retired(path, source.path, alone)


def gap(checked: Checked, card_id: str, number: int, reason: str, namespace: str = "") -> Retired:
    """Writes the entry; the card's text is its author's to change."""
    namespace, row = _released(checked, card_id, namespace)
    reason = _sentence(reason)
    if number not in row.numbers:
        known = ", ".join(map(str, sorted(row.numbers))) or "none"
        raise NotRetiredError(f"{card_id} was released without a gap {number}", f"released gaps: {known}; another one is simply taken out")
    if ((found := checked.project.retirements.get(namespace)) and (card_id, number) in found.gaps) or not dict(row.gaps)[number]:
        raise NotRetiredError(f"gap {number} of {card_id} is retired already", "there is nothing to do")
    return Retired(_append(checked, namespace, _gap_entry(card_id, number, reason)))


def with_gaps(project: Project, namespace: str, card_id: str, numbers: Iterable[int], reason: str) -> tuple[str, str]:
    """The file of retirements with entries for some released gaps: its path, and its text. NotRetiredError where it takes none."""
    return _with_entry(project, namespace, "".join(_gap_entry(card_id, number, _sentence(reason)) for number in numbers))


def _gap_entry(card_id: str, number: int, reason: str) -> str:
    return f"\n[[gap]]\nid = {_quoted(card_id)}\nnumber = {number}\nreason = {_quoted(reason)}\n"


@dataclass(frozen=True, slots=True)
class _Written:
    id: str
    raw: RawCard


def _raws(checked: Checked, namespace: str) -> Iterable[_Written]:
    for source in checked.found.sources:
        if source.namespace == namespace:
            yield from (_Written(raw.id.value, raw) for raw in parse(source).values)


def _sentence(reason: str) -> str:
    """A reason as the schema wants it."""
    reason = reason.strip()
    if len(reason) < 2 or not reason.isprintable():
        raise NotRetiredError("the reason is no sentence", 'one line for the learners who have the card: --reason "AWS lifted the limit."')
    return reason


def _released(checked: Checked, card_id: str, namespace: str) -> tuple[str, CardRow]:
    """The namespace and the ledger's row of a card that learners have. `namespace` chooses where two roots have the id."""
    project = checked.project
    rows = {n: row for n in project.releasing if (row := project.row(n, card_id)) and namespace in ("", n)}
    live = {n: row for n, row in rows.items() if row.live and not ((found := project.retirements.get(n)) and card_id in found.cards)}
    if len(live) > 1:
        raise NotRetiredError(f"{card_id} was released in {' and in '.join(live)}", f"say which: --namespace {next(iter(live))}")
    if live:
        return next(iter(live.items()))
    if rows:
        raise NotRetiredError(f"{card_id} is retired already", "there is nothing to do")
    if any(project.row(n, card_id) for n in project.namespaces if n not in project.releasing):
        way = f'leave it out: [[leave-out]] with id = ["{card_id}"] in decks/mine.toml'
        raise NotRetiredError(f"{card_id} is the project's, and only its own releases retire it", way)
    every = [card_id for name in project.releasing for card_id in project.ledger(name).cards]
    written = any(c.id == card_id for name in project.namespaces for c in _raws(checked, name))
    way = "no learner has it: take its section out, that is all" if written else nearest(card_id, every) or "there is no such card"
    raise NotRetiredError(f"{card_id} was never released", way)


def _quoted(text: str) -> str:
    """A basic string of TOML (https://toml.io/en/v1.0.0#string), which JSON's are too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entries(project: Project, namespace: str) -> str:
    """The file of a root's retirements, from the project's folder."""
    return project.root(namespace).base + retirement.path(namespace)


def _append(checked: Checked, namespace: str, entry: str) -> str:
    name, text = _with_entry(checked.project, namespace, entry)
    path = checked.project.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text)
    return name


def _with_entry(project: Project, namespace: str, entry: str) -> tuple[str, str]:
    name = _entries(project, namespace)
    path = project.folder / name
    before = path.read_text("utf-8") if path.exists() else _HEAD
    after = before.rstrip("\n") + "\n" + entry
    try:
        tomllib.loads(after)
    except tomllib.TOMLDecodeError as error:
        raise NotRetiredError(f"{name} does not take another entry: {error}", "write its entries as [[card]] and [[gap]] tables") from error
    return name, after
