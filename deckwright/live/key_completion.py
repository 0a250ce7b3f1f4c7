"""What an editor can offer and explain about the value of each metadata key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deckwright import markdown
from deckwright.cards.validate import home
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import codes
from deckwright.core.source import Span
from deckwright.live.line_at_cursor import MetadataLine
from deckwright.project.project import Project
from deckwright.project.vocabulary import Service, Task

KEY, TERM, CARD, TEXT = "key", "term", "card", "text"  # kinds of completions


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A project as it was last checked.

    `cards` are all that could be read, with errors or without.
    """

    project: Project
    cards: tuple[RawCard, ...]

    def card(self, name: str) -> RawCard | None:
        """Return the card with the id `name`, if there is one."""
        return next((card for card in self.cards if card.id.value == name), None)


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` replaces `span`. `detail` is short and shown next to the label.

    `about` is Markdown. `card` is the card whose id the label is, if it is one.
    """

    label: str
    text: str
    span: Span
    kind: str
    detail: str = ""
    about: str = ""
    card: RawCard | None = None


def prompt(card: RawCard) -> str:
    """Return what a card asks, as plain text."""
    sections = card.sections[:1]
    return markdown.plain(b for section in sections for top in section.blocks for b in top.walk())


def _term(line: MetadataLine, name: str, detail: str = "", about: str = "") -> Completion:
    return Completion(name, name, line.value_span, TERM, detail, about)


def _home(line: MetadataLine, snapshot: Snapshot) -> tuple[Task, Service] | None:
    """Return the task and the service that the path of the file names."""
    return home(line.source, snapshot.project.vocabulary)[0]


def _kinds(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    for kind in snapshot.project.vocabulary.kinds.values():
        about = "A cloze card: a sentence with gaps." if kind.needs_source else ""
        yield _term(line, kind.slug, kind.title, about)


def _about_kind(value: str, snapshot: Snapshot) -> str:
    kind = snapshot.project.vocabulary.kinds.get(_slug(value))
    if kind is None:
        return ""
    about = "\n\nA cloze card: a sentence with gaps, a source and the date of its check."
    return f"**{kind.title}**{about if kind.needs_source else ''}"


def _levels(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    for level in snapshot.project.vocabulary.levels.values():
        if not level.default:
            yield _term(line, level.slug, level.title)


def _about_level(value: str, snapshot: Snapshot) -> str:
    level = snapshot.project.vocabulary.levels.get(_slug(value))
    return f"**{level.title}**" if level else ""


def _statuses(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    vocabulary = snapshot.project.vocabulary
    for status in vocabulary.statuses.values():
        if status.slug != vocabulary.default_status:
            yield _term(line, status.slug, status.title, status.label)


def _about_status(value: str, snapshot: Snapshot) -> str:
    status = snapshot.project.vocabulary.statuses.get(_slug(value))
    if status is None:
        return ""
    return f"**{status.title}**" + (f"\n\n{status.label}" if status.label else "")


def _topics(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """The topics of the file's task come first."""
    here = _home(line, snapshot)
    topics = snapshot.project.vocabulary.topics.values()
    for topic in sorted(topics, key=lambda topic: not here or topic.task != here[0].slug):
        yield _term(line, topic.slug, topic.title, f"{topic.covers}\n\nTask {topic.task}")


def _about_topic(value: str, snapshot: Snapshot) -> str:
    topic = snapshot.project.vocabulary.topics.get(_slug(value))
    if topic is None:
        return ""
    exams = ", ".join(topic.exams) or "no exam"
    return f"**{topic.title}**\n\n{topic.covers}\n\nTask {topic.task}, {exams}"


def _services(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """Without those that the card has already, one of them by the file's path."""
    here = _home(line, snapshot)
    known = line.other_values | ({here[1].slug} if here else set())
    for service in snapshot.project.vocabulary.services.values():
        if service.slug not in known:
            yield _term(line, service.slug, service.title)


def _about_service(value: str, snapshot: Snapshot) -> str:
    service = snapshot.project.vocabulary.services.get(_slug(value))
    return f"**{service.title}**" if service else ""


def _exams(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """The tasks of exams; those of the card's topic come first."""
    vocabulary, given = snapshot.project.vocabulary, line.other_values
    topic = vocabulary.topics.get(dict(line.others).get("topic", ""))
    exams = vocabulary.exams.values()
    titles = {f"{exam.slug}::{task}": exam.title for exam in exams for task in exam.tasks}
    of_topic = [name for name in (topic.exams if topic else ()) if name in titles]
    for name in dict.fromkeys((*of_topic, *titles)):
        if name not in given:
            about = "The default for the topic." if name in of_topic else ""
            yield _term(line, name, titles[name], about)
    if not given:
        yield _term(line, "none", "No exam")


def _about_exam(value: str, snapshot: Snapshot) -> str:
    exam = snapshot.project.vocabulary.exams.get(_slug(value))
    return f"**{exam.title}**" if exam else ""


def _rules(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """The rules that a card may break; the reason that may be behind the code stays."""
    span, given = line.value_span, {value.split(" ")[0] for value in line.other_values}
    typed, blank, _ = line.value.partition(" ")
    place = line.source.span(span.start, span.start + len(typed))
    for code in codes().values():
        if code.craft and code.code not in given:
            text = code.code if blank else f"{code.code} "
            yield Completion(code.code, text, place, TERM, code.title, code.why)


def _about_rule(value: str, snapshot: Snapshot) -> str:
    code = codes().get(value.split(" ")[0])
    return f"**{code.code}: {code.title}**\n\n{code.why}" if code else ""


def _shared_values(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """The names that other cards use; the gap that may be before the name stays."""
    cards: dict[str, list[str]] = {}
    for card in snapshot.cards:
        for field in card.metadata:
            if field.name == "shared-value":
                cards.setdefault(_name_of_value(field.value), []).append(card.id.value)
    gap = re.match(r"c\d+ +", line.value)
    span = line.value_span
    place = line.source.span(span.start + (gap.end() if gap else 0), span.end)
    given = {_name_of_value(value) for value in line.other_values}
    for name, ids in cards.items():
        if ids != [line.card] and name not in given:
            detail = "stated by " + ", ".join(ids[:3]) + (" …" if len(ids) > 3 else "")
            yield Completion(name, name, place, TERM, detail)


def _name_of_value(value: str) -> str:
    """Return the name in a value of `shared-value`, which may begin with a gap."""
    return value.rpartition(" ")[2]


def _sources(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """The pages that the file names, those written last first."""
    pattern = re.compile(r"(?m)^[-*+][ \t]+source:[ \t]+(\S+)[ \t]*$")
    found = list(pattern.finditer(line.source.text))
    written = [m[1] for m in reversed(found) if m.start(1) != line.value_span.start]
    cards = (card for card in snapshot.cards if card.span.path == line.source.path)
    checked = [f.value for card in cards for f in card.metadata if f.name == "source"]
    for page in dict.fromkeys((*written, *checked)):
        if page not in line.other_values:
            yield Completion(page, page, line.value_span, TEXT)


def _cards(line: MetadataLine, snapshot: Snapshot) -> Iterator[Completion]:
    """Those of the file come first, then those whose path names the same service."""
    here = _home(line, snapshot)

    def distance(card: RawCard) -> int:
        path = card.span.path
        if path == line.source.path:
            return 0
        return 1 if here and here[1].slug in path.removesuffix(".md").split("/") else 2

    known = {line.card, *line.other_values}
    for card in sorted(snapshot.cards, key=distance):
        if (name := card.id.value) not in known:
            path = card.span.path
            yield Completion(name, name, line.value_span, CARD, about=path, card=card)


def _about_card(value: str, snapshot: Snapshot) -> str:
    card = snapshot.card(value)
    return f"**{card.id.value}**\n\n{prompt(card)}\n\n{card.span.path}" if card else ""


def _slug(value: str) -> str:
    """Return the name in a value that may have a task behind it, as `exam::task`."""
    return value.split("::")[0]


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of one metadata key.

    `values` yields what its value can be, `about` returns Markdown about a value (empty
    if nothing is known of it), `table` is the array of the vocabulary's files that
    defines the values (empty if none does), and `names_card` is true if they are ids of
    cards.
    """

    values: Callable[[MetadataLine, Snapshot], Iterator[Completion]]
    about: Callable[[str, Snapshot], str] = lambda value, snapshot: ""
    table: str = ""
    names_card: bool = False


KEYS = {
    "kind": Key(_kinds, _about_kind, "kind"),
    "topic": Key(_topics, _about_topic, "topic"),
    "level": Key(_levels, _about_level, "level"),
    "also": Key(_services, _about_service, "service"),
    "exam": Key(_exams, _about_exam, "exam"),
    "status": Key(_statuses, _about_status, "status"),
    "source": Key(_sources),
    "shared-value": Key(_shared_values),
    "compare": Key(_cards, _about_card, names_card=True),
    "not-duplicate-of": Key(_cards, _about_card, names_card=True),
    "allow": Key(_rules, _about_rule),
}
