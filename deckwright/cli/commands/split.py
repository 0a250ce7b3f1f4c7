"""`split`: one card becomes two. The old one keeps its id and the numbers of the gaps that learners have; what goes begins a card of
its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deckwright import markdown
from deckwright.cards import body as content
from deckwright.cards import workspace
from deckwright.cards.new_card import skeleton
from deckwright.cards.parse import parse
from deckwright.cards.sections import with_sections
from deckwright.cards.workspace import Tree
from deckwright.cli.commands import retire
from deckwright.core.blocks import Mark
from deckwright.core.card import Cloze, Content, Field, MultipleChoice, RawCard, Section
from deckwright.core.errors import UserError
from deckwright.core.source import Source
from deckwright.project.ledger import CardRow

_NUMBERED = re.compile(r"c([1-9]\d{0,2}) +(.+)")
# What of the metadata is true of both cards; what names gaps goes with them, and the rest is about the old card.
_SHARED = ("kind", "topic", "also", "exam", "status", "source", "checked")
_OF_GAPS = ("shared-value", "evidence")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a split does: the file's text, what is written beside it (the retirements, by path), the two cards' lines, the gaps that go
    and those of them that are retired, whether evidence goes with them, and the ids of the other cards in the file."""

    old: str
    new: str
    path: str
    text: str
    old_line: int
    new_line: int
    others: frozenset[str]
    beside: Mapping[str, str]
    going: tuple[int, ...] = ()
    retired: tuple[int, ...] = ()
    evidence: bool = False


def card(tree: Tree, name: str) -> RawCard:
    """The card that is meant. UserError where there is none, or where its file is not written well."""
    found = workspace.cards_named(tree, [name])
    if len(found) != 1 or found[0].id.value != name.rpartition(":")[2]:
        raise UserError(f"{name} is no card", "name one card by its id")
    workspace.readable(tree, [found[0].span.path])
    return found[0]


def plan(tree: Tree, raw: RawCard, gaps: Iterable[int], new_id: str, reason: str = "") -> Plan:
    """What becomes of a card. `gaps` are those that go, none where it has no gaps; `new_id` is free. UserError where it cannot be
    split so."""
    body, going = _body(raw), tuple(dict.fromkeys(gaps))
    if isinstance(body, Cloze):
        return _fact(tree, raw, body, going, new_id, reason)
    if going:
        raise UserError(
            f"{raw.id.value} has no gaps",
            "leave --gap out: the new card begins with the metadata and the explanation",
        )
    metadata = [(given.name, given.value) for given in raw.metadata if given.name in _SHARED]
    kind = "multiple-choice" if isinstance(body, MultipleChoice) else "basic"
    section = skeleton(kind, new_id, metadata, body.extra.span.text)
    return _planned(tree, raw, raw.span.text, section, new_id, {})


def carry_out(tree: Tree, planned: Plan) -> None:
    """Writes the files, or raises OSError or UserError and leaves them as they were."""
    workspace.write(tree, {planned.path: planned.text}, beside=planned.beside)


def summary(planned: Plan) -> str:
    """What became of the gaps, in lines; nothing where there were none."""
    out = [
        f"gap {number} of {planned.old} was released; that it ends is written to {path}"
        for path in planned.beside
        for number in planned.retired
    ]
    if planned.evidence:
        out.append("evidence went with its gaps: python build.py verify --record")
    if planned.going:
        out.append("both cards have the same sentence now: take out of each what the other asks")
    return "\n".join(out)


def _body(raw: RawCard) -> Content:
    body, _ = content.read(raw, {})
    if body is None:
        raise UserError(
            f"{raw.id.value} cannot be read as it is", "mend it first: python build.py check"
        )
    return body


def _fact(
    tree: Tree, raw: RawCard, body: Cloze, going: tuple[int, ...], new_id: str, reason: str
) -> Plan:
    numbers = sorted({mark.number for mark in body.gaps})
    answers = {mark.number: " ".join(mark.text.split()) for mark in reversed(body.gaps)}
    listed = "; ".join(f"--gap {number} is {answers[number]}" for number in numbers)
    if len(numbers) == 1:
        raise UserError(
            f"{raw.id.value} has one gap, and asks one thing",
            "begin another card: python build.py new",
        )
    if unknown := [number for number in going if number not in numbers]:
        raise UserError(f"{raw.id.value} has no gap {unknown[0]}", listed)
    if not going:
        raise UserError("which gaps go to the new card?", listed)
    staying = [number for number in numbers if number not in going]
    if not staying:
        raise UserError(
            f"nothing would be left to ask on {raw.id.value}",
            "one gap has to stay: it keeps the id",
        )
    row = tree.project.row(raw.span.source.namespace, raw.id.value)
    kept = _kept(staying, row)
    new = {number: place for place, number in enumerate(sorted(going), start=1)}
    old_text = _with_lines(raw, _replaced(raw, body.gaps, kept), kept, min(numbers))
    wanted = [given for given in raw.metadata if given.name in (*_SHARED, *_OF_GAPS)]
    metadata = [(given.name, line) for given in wanted if (line := _line(given, new, min(numbers)))]
    explanation = (
        ["---", raw.sections[1].span.text]
        if len(raw.sections) > 1 and raw.sections[1].blocks
        else []
    )
    lines = "\n".join(f"- {key}: {value}" for key, value in metadata)
    section = (
        "\n\n".join((f"## {new_id}", lines, _prompt(raw, body.gaps, new), *explanation)) + "\n"
    )
    retired = _retired(tree, raw, row, going)
    beside = _retirements(tree, raw, retired, reason or f"It has a card of its own now: {new_id}.")
    planned = _planned(
        tree, raw, old_text, section, new_id, beside, going, retired, "evidence" in dict(metadata)
    )
    _answers_kept(planned, raw, body, kept, new)
    return planned


def _kept(staying: Iterable[int], row: CardRow | None) -> dict[int, int]:
    """The numbers of the gaps that stay. Released ones are for ever; those that nobody has close up, for a new card counts 1, 2, 3."""
    taken = set(row.numbers) if row else set()
    kept: dict[int, int] = {}
    for number in staying:
        released = row is not None and number in row.numbers
        kept[number] = (
            number
            if released
            else next(n for n in range(1, number + 1) if n == number or n not in taken)
        )
        taken.add(kept[number])
    return kept


def _line(given: Field, numbers: Mapping[int, int], first: int) -> str:
    """A line of the metadata for a card that has the gaps `numbers` under other numbers: empty where it is about another gap. One that
    names no gap is about the `first`."""
    if given.name not in _OF_GAPS:
        return given.value
    match = _NUMBERED.fullmatch(given.value)
    number, value = (int(match[1]), match[2]) if match else (first, given.value)
    if number not in numbers:
        return ""
    now, lowest = numbers[number], min(numbers.values())
    if now == number and (match or now == lowest):
        return given.value
    return value if now == lowest else f"c{now} {value}"


def _with_lines(raw: RawCard, text: str, numbers: Mapping[int, int], first: int) -> str:
    """The card's `text` with the lines of metadata that belong to the gaps `numbers`; all others to the letter."""
    for given in sorted(raw.metadata, key=lambda given: -given.name_span.start):
        source, now = given.name_span.source, _line(given, numbers, first)
        start, end = source.offset(given.name_span.line - 1), source.offset(given.name_span.line)
        if now:
            start, end = given.value_span.start, given.value_span.end
        text = text[: start - raw.span.start] + now + text[end - raw.span.start :]
    return text


def _replaced(raw: RawCard, gaps: Iterable[Mark], numbers: Mapping[int, int]) -> str:
    """The card's text in which the gaps that `numbers` has are numbered anew, and the others are plain text."""
    text = raw.span.text
    for mark in sorted(gaps, key=lambda mark: -mark.span.start):
        start, end = mark.span.start - raw.span.start, mark.span.end - raw.span.start
        inside = text[start:end].partition("::")[2]
        written = (
            f"{{{{c{numbers[mark.number]}::{inside}"
            if mark.number in numbers
            else _answer(inside, mark)
        )
        text = text[:start] + written + text[end:]
    return text


def _answer(inside: str, mark: Mark) -> str:
    """The answer of a gap as it is written in the file, without its hint: in quotes and lists its lines begin with more than its text, and
    in tables a pipe has a backslash."""
    lines = (re.escape(line).replace(r"\|", r"\\?\|") for line in mark.text.split("\n"))
    match = re.match(r"\n[ \t>]*".join(lines), inside)
    return match[0] if match else mark.text


def _prompt(raw: RawCard, gaps: Iterable[Mark], numbers: Mapping[int, int]) -> str:
    """The first section of the card's text with other gaps; none stands outside of it."""
    text, prompt = _replaced(raw, gaps, numbers), raw.sections[0].span
    return text[prompt.start - raw.span.start : len(text) - (raw.span.end - prompt.end)]


def _retired(
    tree: Tree, raw: RawCard, row: CardRow | None, going: Iterable[int]
) -> tuple[int, ...]:
    """The gaps that go and that learners have: their numbers end."""
    found = tree.project.retirements.get(raw.span.source.namespace)
    gone = {number for name, number in (found.gaps if found else {}) if name == raw.id.value}
    live = dict(row.gaps) if row and row.live else {}
    return tuple(number for number in going if live.get(number) and number not in gone)


def _retirements(tree: Tree, raw: RawCard, numbers: tuple[int, ...], reason: str) -> dict[str, str]:
    if not numbers:
        return {}
    namespace = raw.span.source.namespace
    if namespace not in tree.project.releasing:
        message = (
            f"{raw.id.value} is the project's, and only its own releases retire gap {numbers[0]}"
        )
        raise UserError(
            message,
            "propose the split to the project, or write a card of your own: python build.py new",
        )
    name, text = retire.with_gaps(tree.project, namespace, raw.id.value, numbers, reason)
    return {name: text}


def _planned(
    tree: Tree,
    raw: RawCard,
    old: str,
    section: str,
    new_id: str,
    beside: Mapping[str, str],
    going: tuple[int, ...] = (),
    retired: tuple[int, ...] = (),
    evidence: bool = False,
) -> Plan:
    """The file with the old card's text as it will be and the new one behind it; no other card changes a letter."""
    source = raw.span.source
    now = Source(source.path, source.text[: raw.span.start] + old + source.text[raw.span.end :])
    written = next((one for one in parse(now).values if one.span.start == raw.span.start), None)
    text = with_sections(now, [section], written)
    cards = {one.id.value: one.span for one in parse(Source(source.path, text)).values}
    others = {
        one.id.value: one.span.text for one in tree.parsed[source.path].values if one is not raw
    }
    if (
        written is None
        or cards.keys() != {raw.id.value, new_id, *others}
        or any(cards[name].text != text for name, text in others.items())
    ):
        if going:
            raise _inseparable(raw)
        raise UserError(
            f"{raw.id.value} cannot be taken apart as it is written",
            f"first: python build.py fmt {source.path}",
        )
    lines = cards[raw.id.value].line, cards[new_id].line
    return Plan(
        raw.id.value,
        new_id,
        source.path,
        text,
        *lines,
        frozenset(others),
        beside,
        going,
        retired,
        evidence,
    )


def _answers_kept(
    planned: Plan, raw: RawCard, body: Cloze, kept: Mapping[int, int], new: Mapping[int, int]
) -> None:
    """Every answer stands behind the number that it is meant to have, on the card that it is meant for; and with all gaps open both cards
    say what the one said."""
    cards = {one.id.value: one for one in parse(Source(planned.path, planned.text)).values}
    for name, numbers, sections in (
        (planned.old, kept, raw.sections),
        (planned.new, new, raw.sections[:2]),
    ):
        there, _ = content.read(cards[name], {})
        answers = (
            [(mark.number, mark.text) for mark in there.gaps] if isinstance(there, Cloze) else []
        )
        meant = [(numbers[mark.number], mark.text) for mark in body.gaps if mark.number in numbers]
        if answers != meant or _says(cards[name].sections) != _says(sections):
            raise _inseparable(raw)


def _says(sections: Iterable[Section]) -> list[str]:
    """What a reader sees of sections when all gaps are open."""
    return [
        " ".join(markdown.opened_html(section.blocks).split())
        for section in sections
        if section.blocks
    ]


def _inseparable(raw: RawCard) -> UserError:
    message = f"without the braces of a gap {raw.id.value} would not say the same"
    return UserError(
        message, "take the gap out by hand, and begin the other card with: python build.py new"
    )
