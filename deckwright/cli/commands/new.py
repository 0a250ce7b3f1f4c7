"""`new`: a card that is still to be written, put where it belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deckwright.cards import workspace
from deckwright.cards.ids import propose
from deckwright.cards.new_card import TYPES, skeleton, unsourced
from deckwright.cards.parse import parse
from deckwright.cards.workspace import Tree, topic_of
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.errors import UserError
from deckwright.core.source import Source
from deckwright.core.suggest import nearest

OPTIONS = ("task", "topic", "service", "kind", "type")


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be known of a card: one of OPTIONS, the names that there are with what each means, and the likeliest."""

    name: str
    known: Mapping[str, str]
    default: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A card that will be written: its file's text with it, the line of its heading, and the ids of the other cards there."""

    id: str
    path: str
    text: str
    line: int
    others: frozenset[str]


def question(tree: Tree, answers: Mapping[str, str]) -> Question | None:
    """The first question that `answers` (by the names of OPTIONS) leave open; None where they are enough."""
    words = tree.project.vocabulary
    if "task" not in answers and "topic" not in answers:
        return Question("task", {task.slug: task.title for task in words.tasks.values()})
    if "topic" not in answers:
        return Question(
            "topic", {t.slug: t.title for t in words.topics.values() if t.task == answers["task"]}
        )
    if "service" not in answers:
        return Question(
            "service",
            {s.slug: s.title for s in words.services.values()},
            _service(tree, answers["topic"]),
        )
    if "kind" not in answers:
        return Question("kind", {kind.slug: kind.title for kind in words.kinds.values()})
    if "type" not in answers and not words.kinds[answers["kind"]].needs_source:
        return Question("type", TYPES, "basic")
    return None


def given(tree: Tree, options: Mapping[str, str]) -> dict[str, str]:
    """Answers out of options, which may be shortened as answers may. UserError where one names nothing, or two do not go together."""
    words = tree.project.vocabulary
    known = {
        "task": {task.slug: task.title for task in words.tasks.values()},
        "topic": {topic.slug: topic.title for topic in words.topics.values()},
        "service": {service.slug: service.title for service in words.services.values()},
        "kind": {kind.slug: kind.title for kind in words.kinds.values()},
        "type": TYPES,
    }
    folders = {task.folder: task.slug for task in words.tasks.values()}
    found = {
        name: chosen(
            Question(name, known[name]), folders.get(text, text) if name == "task" else text
        )
        for name in OPTIONS
        if (text := options[name])
    }
    if {"task", "topic"} <= found.keys() and words.topics[found["topic"]].task != found["task"]:
        task = words.topics[found["topic"]].task
        raise UserError(
            f"the topic {found['topic']} belongs to task {task}",
            f"write --task {task}, or leave --task out",
        )
    if (
        {"kind", "type"} <= found.keys()
        and words.kinds[found["kind"]].needs_source
        and found["type"] != "cloze"
    ):
        raise UserError(
            f"a {found['kind']} card is a cloze card", "write --type cloze, or leave --type out"
        )
    return found


def missing(tree: Tree, answers: Mapping[str, str]) -> tuple[str, ...]:
    """The options that somebody without a terminal has to give."""
    kind = tree.project.vocabulary.kinds.get(answers.get("kind", ""))
    needed = ("topic", "service", "kind", *(() if kind and kind.needs_source else ("type",)))
    return tuple(name for name in needed if name not in answers)


def examples(tree: Tree, answers: Mapping[str, str]) -> str:
    """How the options that are missing are written."""
    words = tree.project.vocabulary
    names: dict[str, Iterable[str]] = {
        "topic": [t.slug for t in words.topics.values() if answers.get("task", t.task) == t.task],
        "service": [name for name in (_service(tree, answers["topic"]),) if name]
        if "topic" in answers
        else words.services,
        "kind": words.kinds,
        "type": TYPES,
    }
    return "without a terminal options say it all, as " + " ".join(
        f"--{name} {next(iter(names[name]), '…')}" for name in missing(tree, answers)
    )


def chosen(asked: Question, text: str) -> str:
    """The name that an answer means: a known one, or the beginning of just one. UserError with the nearest names."""
    text = text.strip()
    begins = [name for name in asked.known if name.startswith(text)]
    if text in asked.known:
        return text
    if text and len(begins) == 1:
        return begins[0]
    if text and begins:
        raise UserError(f"`{text}` begins {len(begins)} names", ", ".join(begins))
    within = [name for name in asked.known if text and text in name]
    hint = (
        nearest(text, asked.known)
        if not within
        else "did you mean " + " or ".join(f"`{name}`" for name in within[:5]) + "?"
    )
    raise UserError(
        f"there is no {asked.name} `{text}`", hint or "one of " + ", ".join(asked.known)
    )


def proposed(tree: Tree, answers: Mapping[str, str], words: Iterable[str]) -> str:
    """An id that is free: the name by which ids of this service begin, and the subject, in `words` or in the topic's name. Numbers are
    values, and left out."""
    subject = " ".join(
        word for part in words for word in part.split() if any(c.isalpha() for c in word)
    )
    taken = tree.taken()
    return propose(
        subject or answers["topic"].replace("-", " "),
        _beginning(tree, answers["service"]),
        taken.__contains__,
    )


def plan(tree: Tree, answers: Mapping[str, str], card_id: str, inside: str = "") -> Planned:
    """A card with all `answers` in its place. `inside` names a root. UserError where the file cannot take it."""
    words = tree.project.vocabulary
    topic, kind = words.topics[answers["topic"]], answers["kind"]
    root = workspace.root_named(tree.project, inside)
    where = workspace.place(
        tree, root, words.tasks[topic.task], words.services[answers["service"]], topic.slug
    )
    metadata = (("kind", kind), ("topic", topic.slug), *unsourced())
    section = skeleton(answers.get("type", "cloze"), card_id, metadata)
    return _planned(card_id, where.path, workspace.put(where, [section], [card_id]))


def carry_out(tree: Tree, planned: Planned) -> None:
    """Writes the file, or raises OSError or UserError and leaves it as it is."""
    workspace.write(tree, {planned.path: planned.text})


@dataclass(frozen=True, slots=True)
class Heard:
    """What there is to say of a file after somebody edited it: complaints, the ids that are not there any more, and whether their cards are
    `lost`: no card took their place under another id."""

    diagnostics: tuple[Diagnostic, ...]
    gone: tuple[str, ...] = ()
    lost: bool = False


def about(
    diagnostics: Iterable[Diagnostic],
    sources: Iterable[Source],
    path: str,
    ids: Iterable[str],
    others: Iterable[str],
) -> Heard:
    """What there is to say of the cards `ids` of a file. Its `others` are left aside, unless one of `ids` is not there any more: its text
    may be theirs now."""
    source = next((s for s in sources if s.path == path), Source(path, ""))
    ids, others = tuple(ids), frozenset(others)
    cards = parse(source).values
    gone = tuple(name for name in ids if name not in {raw.id.value for raw in cards})
    aside = [] if gone else [raw.span for raw in cards if raw.id.value in others]
    here = (d for d in diagnostics if d.span.path == path)
    found = tuple(
        d for d in here if not any(span.start <= d.span.start < span.end for span in aside)
    )
    return Heard(
        found, gone, bool(gone) and sum(raw.id.value not in others for raw in cards) < len(ids)
    )


def _planned(card_id: str, path: str, text: str) -> Planned:
    lines = {raw.id.value: raw.span.line for raw in parse(Source(path, text)).values}
    return Planned(card_id, path, text, lines[card_id], frozenset(lines) - {card_id})


def _service(tree: Tree, topic: str) -> str:
    """The service that most cards of a topic are about; without cards the one whose name the topic's begins with."""
    homes = tree.homes()
    counts = Counter(
        homes[raw.span.path][1].slug
        for raw in tree.cards()
        if topic_of(raw) == topic and raw.span.path in homes
    )
    names = sorted(
        (s for s in tree.project.vocabulary.services if topic.startswith(f"{s}-")), key=len
    )
    return counts.most_common(1)[0][0] if counts else names[-1] if names else ""


def _beginning(tree: Tree, service: str) -> str:
    """As many words of a service's name as most ids of its cards begin with; of a service without cards all, of a theme none."""
    homes = tree.homes()
    ids = [
        raw.id.value
        for raw in tree.cards()
        if raw.span.path in homes and homes[raw.span.path][1].slug == service
    ]
    if not ids:
        return "" if tree.project.vocabulary.services[service].theme else service
    words = service.split("-")
    for count in range(len(words), 0, -1):
        beginning = "-".join(words[:count])
        if sum(name.startswith(f"{beginning}-") for name in ids) * 2 > len(ids):
            return beginning
    return ""
