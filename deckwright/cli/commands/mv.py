"""`mv`: cards into another file, with their ids, texts and gap numbers. What learners have stays where it is: a released card keeps its
deck, and only its tags follow.

First the files that get cards are written, then those that lose them. If the machine stops in between, the cards stand twice: `check`
says U501, and taking out either of the two mends it.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from deckwright import markdown
from deckwright.cards import workspace
from deckwright.cards.discover import name_diagnostics
from deckwright.cards.formatter import meaning
from deckwright.cards.parse import parse
from deckwright.cards.sections import fresh, without
from deckwright.cards.validate import home, validate
from deckwright.cards.workspace import Place, Tree, topic_of
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import ERROR, WARNING, Diagnostic, has_errors
from deckwright.core.errors import UserError
from deckwright.core.note import picture_path
from deckwright.core.progress import SILENT, Progress
from deckwright.core.source import Source, Span
from deckwright.project.vocabulary import Service, Task

_OF_THE_DECK = ("C464", "R610")  # what no card by itself is told


@dataclass(frozen=True, slots=True)
class Moved:
    """A card at its new place. `remark` says what learners, or its pictures, have to do with it."""

    id: str
    path: str
    line: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move does: `texts` by path, those that get cards first; files that are `gone` because they have no card left; cards that
    are there already; warnings that the new place brings."""

    texts: Mapping[str, str]
    gone: tuple[str, ...]
    cards: tuple[Moved, ...]
    same: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Going:
    """A card, and where it goes."""

    raw: RawCard
    goal: Place

    @property
    def before(self) -> str:
        return self.raw.span.path


def plan(
    tree: Tree, names: Iterable[str], to: str, today: date, progress: Progress = SILENT
) -> Plan:
    """Where cards go: `names` as for `cards_named`, `to` a file, or TASK/SERVICE. UserError where there are none, or where they cannot
    stand there."""
    wanted = workspace.cards_named(tree, names)
    workspace.readable(tree, {raw.span.path for raw in wanted})
    goals_of = {(raw.span.path, topic_of(raw)): raw for raw in wanted}
    found = {key: _goal(tree, raw, to) for key, raw in goals_of.items()}
    placed = [_Going(raw, found[raw.span.path, topic_of(raw)]) for raw in wanted]
    same = tuple(one.raw.id.value for one in placed if one.goal.path == one.before)
    going = [one for one in placed if one.goal.path != one.before]
    workspace.unlinked(tree, {one.goal.path for one in going})
    _same_identity(tree, going)
    goals = {one.goal.path: one.goal.source for one in going}
    texts = {path: _filled(tree, [one for one in going if one.goal.path == path]) for path in goals}
    after = [
        raw
        for path, source in goals.items()
        for raw in parse(replace(source, text=texts[path])).values
    ]
    gone = []
    for path in dict.fromkeys(one.before for one in going):
        leaving = [one.raw for one in going if one.before == path]
        if len(leaving) == len(tree.parsed[path].values):
            gone.append(path)
            continue
        texts[path] = without(leaving[0].span.source, leaving)
        after += parse(replace(leaving[0].span.source, text=texts[path])).values
    there = {(raw.span.path, _key(raw)): raw for raw in after}
    _nothing_lost(tree, after, {*texts, *gone})
    warnings = _fitting(
        tree, [(one.raw, there[one.goal.path, _key(one.raw)]) for one in going], today, progress
    )
    cards = tuple(_moved(tree, one, there[one.goal.path, _key(one.raw)]) for one in going)
    return Plan(texts, tuple(gone), cards, same, warnings)


def carry_out(tree: Tree, planned: Plan) -> None:
    """Writes all files, or raises OSError or UserError and leaves them as they were."""
    workspace.write(tree, planned.texts, planned.gone)


def summary(planned: Plan, dry: bool) -> str:
    """The closing lines."""
    out = [f"{card.id}: {card.remark}" for card in planned.cards if card.remark]
    out += [f"{name} is there already" for name in planned.same]
    out += [
        f"{path} has no card left and {'would be' if dry else 'is'} gone" for path in planned.gone
    ]
    number = len(planned.cards)
    return "\n".join([*out, f"{number:,} card{'s' * (number != 1)} {'would be ' * dry}moved"])


def _goal(tree: Tree, raw: RawCard, to: str) -> Place:
    """Where a card goes."""
    source = raw.span.source
    file = workspace.file_named(tree, to)
    root = workspace.root_of(tree, file)
    if not to.endswith(".md"):
        inner = file.removeprefix(f"{root.path}/") if root else to
        task, service = workspace.home_named(tree.project.vocabulary, inner)
        own = root or next(r for r in tree.project.roots if r.path == source.root)
        if tree.homes().get(source.path) == (task, service) and own.path == source.root:
            return Place(source, service.title)
        return workspace.place(tree, own, task, service, topic_of(raw))
    if root is None or file == f"{root.path}/README.md":
        roots = " and ".join(f"{r.path}/" for r in tree.project.roots)
        raise UserError(
            f"{to} is no place for cards", f"name a file below {roots}: <task folder>/<service>.md"
        )
    known = next((s for s in tree.found.sources if s.path.casefold() == file.casefold()), None)
    if known and known.path != file:
        raise UserError(
            f"{file} differs from {known.path} in nothing but case", f"write {known.path}"
        )
    goal = known or Source(file, "", root.path, root.namespace)
    where, diagnostics = home(goal, tree.project.vocabulary)
    diagnostics = [*diagnostics, *name_diagnostics(file, root.path)]
    if where is None or has_errors(diagnostics):
        raise UserError(
            f"{to} is no place for cards", "mend the path as it is said above", tuple(diagnostics)
        )
    title = where[1].title if _home_of(tree, source) != where else _title(source) or where[1].title
    return workspace.place_in(goal, title, topic_of(raw))


def _home_of(tree: Tree, source: Source) -> tuple[Task, Service] | None:
    return home(source, tree.project.vocabulary)[0]


def _title(source: Source) -> str:
    blocks = markdown.parse(source)
    return blocks[0].text if blocks and blocks[0].kind == "heading" and blocks[0].level == 1 else ""


def _same_identity(tree: Tree, going: Sequence[_Going]) -> None:
    """A card keeps its namespace (with another it would be another card for every learner) and stands once in a file."""
    known = {
        path: {raw.id.value for raw in tree.parsed[path].values}
        for one in going
        if (path := one.goal.path) in tree.parsed
    }
    for one in going:
        name, goal = one.raw.id.value, one.goal.source
        if one.raw.span.source.namespace != goal.namespace:
            message = f"{name} would be another card for learners: the cards of {goal.root}/ have the namespace {goal.namespace}"
            raise UserError(
                message,
                f"cards stay in their root; begin a new one there: python build.py new --in {goal.root}",
            )
        if name in known.get(goal.path, ()):
            raise UserError(
                f"{goal.path} has a card {name} already", "take one of the two out by hand"
            )


def _key(raw: RawCard) -> tuple[str, str]:
    return raw.span.source.namespace, raw.id.value


def _section(raw: RawCard, path: str) -> str:
    """A card's text for another file: the addresses of its pictures lead from there."""
    text, source = raw.span.text, raw.span.source
    if posixpath.dirname(path) == posixpath.dirname(source.path):
        return text
    for mark in sorted(_pictures(raw), key=lambda mark: -mark.start):
        text = (
            text[: mark.start - raw.span.start]
            + _led(mark.text, source.path, path)
            + text[mark.end - raw.span.start :]
        )
    return text


def _pictures(raw: RawCard) -> Iterator[Span]:
    for section in raw.sections:
        for block in section.blocks:
            yield from (
                mark.span
                for mark in block.marks
                if mark.kind == "image" and not _is_address(mark.extra)
            )


def _is_address(address: str) -> bool:
    return address.startswith("/") or ":" in address


def _led(picture: str, before: str, after: str) -> str:
    """`![…](address)` with the address as it leads from another file."""
    at = picture.rfind("](") + 2
    address = picture[at:-1].split()[0] if picture[at:-1].split() else ""
    there = picture_path(before, address.strip("<>"))
    return picture[:at] + picture[at:].replace(
        address, posixpath.relpath(there, posixpath.dirname(after)), 1
    )


def _filled(tree: Tree, going: Sequence[_Going]) -> str:
    """The text of one file with the cards that go there, each behind the last card of its topic."""
    source, title = going[0].goal.source, going[0].goal.title
    sections = [(topic_of(one.raw), _section(one.raw, source.path)) for one in going]
    if not source.text:
        return fresh(title, [section for _, section in sections])
    return workspace.put_by_topic(
        source, tree.parsed[source.path].values, sections, [one.raw.id.value for one in going]
    )


def _nothing_lost(tree: Tree, after: Iterable[RawCard], paths: Iterable[str]) -> None:
    """Every card of the files is there afterwards as often as before, and says what it said. Whatever else: nothing is written."""
    before = Counter(
        (_key(raw), _says(raw))
        for path in paths
        if path in tree.parsed
        for raw in tree.parsed[path].values
    )
    lost = before - Counter((_key(raw), _says(raw)) for raw in after)
    for (_, name), _ in lost:
        raise UserError(
            f"{name} would not say the same in another file",
            "bring its file into its normal form first: python build.py fmt",
        )


def _says(raw: RawCard) -> str:
    return repr(
        meaning(
            [raw],
            lambda address: (
                address if _is_address(address) else picture_path(raw.span.path, address)
            ),
        )
    )


def _fitting(
    tree: Tree, pairs: Sequence[tuple[RawCard, RawCard]], today: date, progress: Progress
) -> tuple[Diagnostic, ...]:
    """The warnings that cards (each as it stands, and as it will) bring to their new place. UserError with the errors that they would
    have there."""
    warnings: list[Diagnostic] = []
    errors: list[Diagnostic] = []
    names: list[str] = []
    before = _said(tree, [raw for raw, _ in pairs], today, progress)
    after = _said(tree, [there for _, there in pairs], today, progress)
    for (raw, there), old, new in zip(pairs, before, after, strict=True):
        known = {(d.code, d.message) for d in old}
        found = [d for d in new if (d.code, d.message) not in known]
        warnings += [d for d in found if d.severity == WARNING]
        errors += [_as_before(d, raw, there) for d in found if d.severity == ERROR]
        names += [raw.id.value] * has_errors(found)
    if errors:
        raise UserError(
            f"{', '.join(names)} cannot stand there",
            "mend what is said above, or choose another place",
            tuple(errors),
        )
    return tuple(warnings)


def _said(
    tree: Tree, raws: Sequence[RawCard], today: date, progress: Progress
) -> list[list[Diagnostic]]:
    """What each card by itself is told."""
    said: list[list[Diagnostic]] = [[] for _ in raws]
    order = sorted(range(len(raws)), key=lambda n: (raws[n].span.path, raws[n].span.start))
    begins = [(raws[n].span.path, raws[n].span.start) for n in order]
    for d in validate(
        [raws[n] for n in order], tree.project, tree.found.images, today, progress=progress
    ).diagnostics:
        at = bisect_right(begins, (d.span.path, d.span.start)) - 1
        if (
            d.code not in _OF_THE_DECK
            and at >= 0
            and d.span.path == begins[at][0]
            and d.span.start <= raws[order[at]].span.end
        ):
            said[order[at]].append(d)
    return said


def _as_before(d: Diagnostic, raw: RawCard, there: RawCard) -> Diagnostic:
    """A complaint about a card at its new place, pointing to where it stands now."""
    start = min(d.span.start - there.span.start + raw.span.start, raw.span.end)
    inside = d.span.path == there.span.path and there.span.start <= d.span.start < there.span.end
    return (
        replace(
            d,
            span=raw.span.source.span(start, min(start + d.span.end - d.span.start, raw.span.end)),
            related=(),
        )
        if inside
        else d
    )


def _moved(tree: Tree, one: _Going, there: RawCard) -> Moved:
    project, name, where = tree.project, one.raw.id.value, _home_of(tree, one.goal.source)
    remark = ""
    if where and where != _home_of(tree, one.raw.span.source):
        released = project.row(there.span.source.namespace, name)
        deck = (
            released.deck
            if released
            else "::".join(
                (project.root(there.span.source.namespace).deck, where[0].deck, where[1].deck)
            )
        )
        remark = (
            f"its deck stays {deck}, its tags follow"
            if released
            else f"its deck is {deck} now: no release has it yet"
        )
    return Moved(name, there.span.path, there.span.line, remark)
