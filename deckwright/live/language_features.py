"""What an editor asks about a card file while it is written: completions, explanations, where something is defined, the cards of the
file. Text, place and what is known of the project in; values out. The text may be half written, so that it is read line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from deckwright import markdown
from deckwright.cards.sections import headings
from deckwright.cards.validate import home
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import codes
from deckwright.core.source import Source, Span
from deckwright.project.project import Project
from deckwright.project.toml_file import Table
from deckwright.project.vocabulary import Service, Task, Topic

KEY, TERM, CARD, TEXT = "key", "term", "card", "text"

_ENTRY = re.compile(r"[-*+][ \t]+([^\s:]+)[ \t]*:(?:[ \t]+(.*))?$")
_UNFINISHED = re.compile(r"[-*+](?:[ \t]++(?!\[).*)?$")
# A line of metadata that may be unfinished: the sign, blanks, the key, what is between it and the value, the value.
_LINE = re.compile(
    r"(?P<sign>[-*+]?)(?P<blank>[ \t]*)(?P<key>[A-Za-z-]*)(?P<colon>[ \t]*:[ \t]*)?(?P<value>.*)$"
)
_NAMES = {"topic": "topic", "also": "service", "kind": "kind", "status": "status", "exam": "exam"}
_CARDS = ("compare", "not-duplicate-of")
_SHORT = 120  # characters of a prompt beside a card's id
MOST = 200  # completions that are offered at once


@dataclass(frozen=True, slots=True)
class Known:
    """A project as it was last checked: `cards` are all that could be read, with errors or without."""

    project: Project
    cards: tuple[RawCard, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of metadata, maybe unfinished: where key and value stand, which part of it the place is in (`at_key`), what the other
    lines of the card give, what has to be written before the key (`lead`) and before the value (`gap`)."""

    card: str
    key: str
    key_span: Span
    value: str
    value_span: Span
    at_key: bool
    has_colon: bool
    lead: str
    gap: str
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` is what takes the place of `span`; `detail` is short and stands beside the label, `about` is Markdown. `card` is the one that
    the label names, if any."""

    label: str
    text: str
    span: Span
    kind: str
    detail: str = ""
    about: str = ""
    card: RawCard | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Completions, the likeliest first. Where there are more than MOST these are the ones that fit what is typed, and not `whole`."""

    items: tuple[Completion, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Explanation:
    """Markdown about what stands in `span`."""

    text: str
    span: Span


def entry(source: Source, offset: int) -> Entry | None:
    """The line of metadata at a place, or None where no metadata can stand."""
    number = source.span(offset, offset).line - 1
    line, start = source.line(number), source.offset(number)
    found = _LINE.match(line)
    if not found or (found["sign"] and found["key"] and not found["blank"]):
        return None
    head = _above(source, number)
    if head is None:
        return None
    card, above, apart = head
    if found["sign"] == "" and (
        found["blank"] or found["colon"] or found["value"] or (apart and above)
    ):
        return None  # a line of the question
    if found["colon"] is None and found["value"].strip():
        return None
    key_span = source.span(start + found.start("key"), start + found.end("key"))
    value_at = start + found.start("value")
    value = line[value_at - start : max(len(line.rstrip()), offset - start)]
    colon = found["colon"] or ""
    at_key = not colon or offset <= start + found.end("key") + colon.index(":")
    others = (*above, *_below(source, number))
    lead = "" if found["blank"] else " " if found["sign"] else "- "
    gap = " " if colon.endswith(":") else ""
    span = source.span(value_at, value_at + len(value))
    return Entry(card, found["key"], key_span, value, span, at_key, bool(colon), lead, gap, others)


def _above(source: Source, number: int) -> tuple[str, tuple[tuple[str, str], ...], bool] | None:
    """The id of the card whose metadata list a line can belong to, the entries above it, and whether it is apart from them by a blank
    line."""
    heads = {source.span(at, at).line - 1: name for at, name in headings(source.text)}
    entries: list[tuple[str, str]] = []
    for above in range(number - 1, -1, -1):
        text = source.line(above)
        if found := _ENTRY.match(text):
            entries.append((found[1], (found[2] or "").strip()))
        elif _UNFINISHED.match(text):
            continue
        elif above in heads:
            return heads[above], tuple(reversed(entries)), not source.line(number - 1).strip()
        elif text.strip():
            return None
    return None


def _below(source: Source, number: int) -> Iterator[tuple[str, str]]:
    for below in range(number + 1, len(source.starts)):
        text = source.line(below)
        if found := _ENTRY.match(text):
            yield found[1], (found[2] or "").strip()
        elif text.strip() and not _UNFINISHED.match(text):
            return


def completions(source: Source, offset: int, known: Known) -> Offer:
    """What can be written at a place."""
    found = entry(source, offset)
    if found is None:
        return Offer()
    offered = _keys(found, known) if found.at_key else _values(source, found, known)
    every = [one for one in offered if one.span.start <= offset <= one.span.end]
    best = every if len(every) <= MOST else _fitting(every, offset)[:MOST]
    items = (replace(one, detail=_short(_prompt(one.card))) if one.card else one for one in best)
    return Offer(tuple(items), len(best) == len(every))


def _fitting(every: Iterable[Completion], offset: int) -> list[Completion]:
    """Those whose labels have the letters before the place in their order, as editors compare them; first those that begin so."""
    fits: list[tuple[bool, Completion]] = []
    for one in every:
        typed = one.span.source.text[one.span.start : offset].lower()
        label = one.label.lower()
        letters = iter(label)
        if all(letter in letters for letter in typed):
            fits.append((not label.startswith(typed), one))
    return [one for _, one in sorted(fits, key=lambda fit: fit[0])]


def _keys(found: Entry, known: Known) -> Iterator[Completion]:
    """The metadata keys that are not given yet, in the order of the schema."""
    contract, vocabulary = known.project.card_schema, known.project.vocabulary
    given = dict(found.others)
    is_fact = (
        given.get("kind", "") in vocabulary.kinds and vocabulary.kinds[given["kind"]].needs_source
    )
    for key in contract.properties:
        if (key in given and not contract.repeatable(key)) or (key == "hint" and is_fact):
            continue
        text = key if found.has_colon else f"{found.lead}{key}: "
        yield Completion(
            key,
            text,
            found.key_span,
            KEY,
            "one line each" if contract.repeatable(key) else "",
            contract.description(key),
        )


def _values(source: Source, found: Entry, known: Known) -> Iterator[Completion]:
    """The values that a key can have, each with the blank that is missing before it."""
    for one in _bare_values(source, found, known):
        yield replace(one, text=found.gap + one.text) if found.gap else one


def _bare_values(source: Source, found: Entry, known: Known) -> Iterator[Completion]:
    span, vocabulary = found.value_span, known.project.vocabulary
    given = {value for key, value in found.others if key == found.key}
    where, _ = home(source, vocabulary)
    match found.key:
        case "kind":
            for kind in vocabulary.kinds.values():
                yield Completion(
                    kind.slug,
                    kind.slug,
                    span,
                    TERM,
                    kind.title,
                    "A cloze card: a sentence with gaps." if kind.needs_source else "",
                )
        case "status":
            for status in vocabulary.statuses.values():
                if status.slug != vocabulary.default_status:
                    yield Completion(
                        status.slug, status.slug, span, TERM, status.title, status.label
                    )
        case "topic":
            for topic in _topics_from(where[0] if where else None, vocabulary.topics.values()):
                yield Completion(
                    topic.slug,
                    topic.slug,
                    span,
                    TERM,
                    topic.title,
                    f"{topic.covers}\n\nTask {topic.task}",
                )
        case "also":
            for service in vocabulary.services.values():
                if service.slug not in given and not (where and service.slug == where[1].slug):
                    yield Completion(service.slug, service.slug, span, TERM, service.title)
        case "exam":
            yield from _exams(found, known, given)
        case "allow":
            for code in codes().values():
                if code.craft and not any(value.split(" ")[0] == code.code for value in given):
                    text = code.code if " " in found.value else f"{code.code} "
                    yield Completion(
                        code.code, text, _first_word(found), TERM, code.title, code.why
                    )
        case "shared-value":
            yield from _shared_values(found, known, given)
        case "source":
            pages = [
                f.value
                for card in known.cards
                if card.span.path == source.path
                for f in card.metadata
                if f.name == "source"
            ]
            for page in dict.fromkeys((*_written(source, "source", span), *pages)):
                if page not in given:
                    yield Completion(page, page, span, TEXT)
        case key if key in _CARDS:
            for card in _cards_from(source, where, known):
                if card.id.value != found.card and card.id.value not in given:
                    yield Completion(
                        card.id.value, card.id.value, span, CARD, about=card.span.path, card=card
                    )


def _topics_from(task: Task | None, topics: Iterable[Topic]) -> list[Topic]:
    """Those of a task first, else in the order of the curriculum."""
    return sorted(topics, key=lambda topic: task is None or topic.task != task.slug)


def _exams(found: Entry, known: Known, given: set[str]) -> Iterator[Completion]:
    vocabulary, span = known.project.vocabulary, found.value_span
    topic = vocabulary.topics.get(dict(found.others).get("topic", ""))
    every = {
        f"{exam.slug}::{task}": exam.title
        for exam in vocabulary.exams.values()
        for task in exam.tasks
    }
    own = [name for name in (topic.exams if topic else ()) if name in every]
    for name in dict.fromkeys((*own, *every)):
        if name not in given:
            yield Completion(
                name,
                name,
                span,
                TERM,
                every[name],
                "What follows from the topic." if name in own else "",
            )
    if not given:
        yield Completion("none", "none", span, TERM, "No exam")


def _shared_values(found: Entry, known: Known, given: set[str]) -> Iterator[Completion]:
    """Names of shared values that cards give, without the gap that may stand before them."""
    cards: dict[str, list[str]] = {}
    for card in known.cards:
        for name in (f.value.rpartition(" ")[2] for f in card.metadata if f.name == "shared-value"):
            cards.setdefault(name, []).append(card.id.value)
    gap = re.match(r"c\d+ +", found.value)
    span = found.value_span
    span = span.source.span(span.start + (gap.end() if gap else 0), span.end)
    for name, ids in cards.items():
        if ids != [found.card] and not any(value.rpartition(" ")[2] == name for value in given):
            yield Completion(
                name,
                name,
                span,
                TERM,
                "stated by " + ", ".join(ids[:3]) + (" …" if len(ids) > 3 else ""),
            )


def _cards_from(source: Source, where: tuple[Task, Service] | None, known: Known) -> list[RawCard]:
    """The cards of this file first, then those whose file's path names the same service, then the others."""
    service = where[1].slug if where else ""

    def distance(card: RawCard) -> int:
        path = card.span.path
        return (
            0
            if path == source.path
            else 1
            if service and service in path.removesuffix(".md").split("/")
            else 2
        )

    return sorted(known.cards, key=distance)


def _written(source: Source, key: str, but: Span) -> list[str]:
    """The values of a key in a text, wherever it stands, but for the one that is being written; the last first."""
    found = [
        m
        for m in re.finditer(rf"(?m)^[-*+][ \t]+{key}:[ \t]+(\S+)[ \t]*$", source.text)
        if m.start(1) != but.start
    ]
    return [m[1] for m in reversed(found)]


def _first_word(found: Entry) -> Span:
    return found.value_span.source.span(
        found.value_span.start, found.value_span.start + len(found.value.split(" ")[0])
    )


def hover(source: Source, offset: int, known: Known) -> Explanation | None:
    """What stands at a place: the schema's word on a key, or what a value means."""
    found = entry(source, offset)
    if found is None:
        return None
    contract, vocabulary = known.project.card_schema, known.project.vocabulary
    if found.at_key:
        about = contract.description(found.key)
        return Explanation(f"**{found.key}**\n\n{about}", found.key_span) if about else None
    if not found.value_span.start <= offset <= found.value_span.end:
        return None
    text = ""
    slug = found.value.split("::")[0]
    if found.key == "topic" and (topic := vocabulary.topics.get(slug)):
        exams = ", ".join(topic.exams) or "no exam"
        text = f"**{topic.title}**\n\n{topic.covers}\n\nTask {topic.task}, {exams}"
    elif found.key == "also" and (service := vocabulary.services.get(slug)):
        text = f"**{service.title}**"
    elif found.key == "kind" and (kind := vocabulary.kinds.get(slug)):
        text = f"**{kind.title}**" + (
            "\n\nA cloze card: a sentence with gaps, a source and the date of its check."
            if kind.needs_source
            else ""
        )
    elif found.key == "status" and (status := vocabulary.statuses.get(slug)):
        text = f"**{status.title}**" + (f"\n\n{status.label}" if status.label else "")
    elif found.key == "exam" and (exam := vocabulary.exams.get(slug)):
        text = f"**{exam.title}**"
    elif found.key == "allow" and (code := codes().get(found.value.split(" ")[0])):
        text = f"**{code.code}: {code.title}**\n\n{code.why}"
    elif found.key in _CARDS and (card := _card(found.value, known)):
        text = f"**{card.id.value}**\n\n{_prompt(card)}\n\n{card.span.path}"
    return Explanation(text, found.value_span) if text else None


def defined(source: Source, offset: int, known: Known, tables: Iterable[Table]) -> Span | None:
    """Where the card, topic, service and so on is defined that stands at a place. `tables` are the files of the vocabulary."""
    found = entry(source, offset)
    if (
        found is None
        or found.at_key
        or not found.value_span.start <= offset <= found.value_span.end
    ):
        return None
    if found.key in _CARDS:
        card = _card(found.value, known)
        return card.id.value_span if card else None
    kind, slug = _NAMES.get(found.key, ""), found.value.split("::")[0]
    for table in tables:
        entries = table.data.get(kind, ())
        for number, one in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(one, dict) and one.get("slug") == slug:
                return table.place(kind, number, "slug")
    return None


def _card(name: str, known: Known) -> RawCard | None:
    return next((card for card in known.cards if card.id.value == name), None)


def _prompt(card: RawCard) -> str:
    return markdown.plain(
        block for top in card.sections[:1] for one in top.blocks for block in one.walk()
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"
