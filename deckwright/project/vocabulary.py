"""The vocabulary: parts, kinds, levels, statuses, exams, services, topics, outline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from deckwright.core.source import Span


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the deck.

    Its slug is also the name of its folder below cards/, and its title the line on the
    fronts of its cards. `deck` is the name of its deck, `decks` the names of the decks in
    that, by service. If there are none, each service has its own.
    """

    slug: str
    title: str
    deck: str
    decks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a card can ask for.

    `needs_source` means a cloze card with a source and a check date. `states` says what
    its text must state besides (`limit` or `price`). `fresh` is the number of months
    after which a check date is old.
    """

    slug: str
    title: str
    needs_source: bool = False
    states: str = ""
    fresh: int = 12


@dataclass(frozen=True, slots=True)
class Level:
    """How soon a learner should meet a card. One level is the default, without a tag."""

    slug: str
    title: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """A status of what a card is about. `label` is the text on the back, if any."""

    slug: str
    title: str
    label: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of an exam. Its tasks have numbers such as 2.1 in domain 2.

    `weight` is its share of the exam in percent.
    """

    number: str
    title: str
    weight: int


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam and the titles of its tasks by number. A superseded one has no tags.

    `about` says what learners should know about the exam, in sentences; `sources` are the
    pages that state it and the weights of the domains. `questions` is the number of its
    questions.
    """

    slug: str
    title: str
    tasks: Mapping[str, str]
    superseded: bool = False
    about: str = ""
    questions: int = 60
    sources: tuple[str, ...] = ()
    domains: tuple[Domain, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A service, or a theme: the home of cards that belong to no single service.

    `names` are what cards call it besides its title and the name of its deck.
    """

    slug: str
    title: str
    deck: str
    theme: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """What the deck must cover.

    `exams` are tasks of exams (`exam::task`), `core` the number of cards that the topic
    needs, `mix` the proposed number of its cards by type.
    """

    slug: str
    title: str
    covers: str
    part: str
    exams: tuple[str, ...]
    core: int
    mix: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """A line of the exam outline, with the topics that answer it."""

    heading: str
    text: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill that an exam guide lists, with the topics whose cards serve it.

    `number` is that of its task and one more, such as 2.1.5 in task 2.1.
    """

    exam: str
    number: str
    text: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A topic that needs fewer cards than its core number: `cards` are enough."""

    topic: str
    cards: int
    reason: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Renamed:
    """A name out of use. `kept` are longer names that begin with it and are in use."""

    old: str
    new: str
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Data:
    """Published data in an installed package.

    `name` comes before the `::` of evidence; `*` means every name without an entry.
    `file` is a path in the package, with `{name}` for the name.
    """

    name: str
    title: str
    package: str
    file: str


@dataclass(frozen=True, slots=True)
class Misleading:
    """A path of published data that is no evidence, and the reason."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A service or feature that is closed or gone.

    `status` is that of the cards about it, `today` what to use instead.
    """

    names: tuple[str, ...]
    status: str
    source: str
    since: str = ""
    today: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """A wording to avoid: `pattern` is a regular expression, `code` the diagnostic's.

    A blank in the pattern means any white space. `places` are the parts of a card in
    which it is looked for: prompt, answer, option, reason, extra; empty for all. A text
    without any of `words` is not looked at, which saves time.
    `instead` says what to write. `replacement` is a text that can always replace the
    match, with `\\1` for its first group; empty if there is none.
    """

    code: str
    pattern: str
    instead: str = ""
    problem: str = ""
    replacement: str = ""
    places: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """Everything that schema/vocabulary/ names, by slug and in curriculum order.

    `levels` are in the order in which learners meet them; there may be none.
    `spelling_list` has the words of the subject for the spelling check; None if the
    project has no list of words.
    """

    parts: Mapping[str, Part]
    kinds: Mapping[str, Kind]
    levels: Mapping[str, Level]
    statuses: Mapping[str, Status]
    exams: Mapping[str, Exam]
    services: Mapping[str, Service]
    topics: Mapping[str, Topic]
    outline: tuple[OutlineLine, ...]
    skills: tuple[Skill, ...]
    shortfalls: tuple[Shortfall, ...]
    renamed: tuple[Renamed, ...]
    data: tuple[Data, ...]
    misleading: tuple[Misleading, ...]
    changed: tuple[Changed, ...]
    styles: tuple[Style, ...]
    spelling_list: frozenset[str] | None

    @cached_property
    def exam_tasks(self) -> Mapping[str, str]:
        """The short names of the tasks that have tags, by `exam::task`: not of superseded exams."""
        return {slug: title.split(":")[0] for slug, title in self.exam_titles["task"].items()}

    @cached_property
    def exam_titles(self) -> Mapping[str, Mapping[str, str]]:
        """The titles of exams, domains (`exam::domain`), and tasks that have tags, by slug."""
        exams = [exam for exam in self.exams.values() if not exam.superseded]
        return {
            "exam": {exam.slug: exam.slug.upper() for exam in exams},
            "domain": {
                f"{exam.slug}::{domain.number}": (
                    f"{exam.slug.upper()} domain {domain.number}: {domain.title}"
                )
                for exam in exams
                for domain in exam.domains
            },
            "task": {
                f"{exam.slug}::{number}": f"{exam.slug.upper()} {number}: {title}"
                for exam in exams
                for number, title in exam.tasks.items()
            },
        }

    def served(self, tasks: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the exams, domains, and tasks of tags among these `exam::task`, by slug."""
        tasks = [task for task in tasks if task in self.exam_tasks]
        slugs = {
            "exam": [task.partition("::")[0] for task in tasks],
            "domain": [task.rpartition(".")[0] for task in tasks],
            "task": tasks,
        }
        return {
            name: tuple(slug for slug in dict.fromkeys(among) if slug in self.exam_titles[name])
            for name, among in slugs.items()
        }

    def misleads(self, path: str) -> str:
        """Return why data at `data::path` is no evidence; empty if it may be."""
        return next(
            (
                m.reason
                for m in self.misleading
                if path == m.path or path.startswith((f"{m.path}.", f"{m.path}["))
            ),
            "",
        )

    def subdeck(self, part: str, service: str) -> str:
        """Return the deck of a part's service, below the project's deck."""
        own = self.services[service].deck
        return f"{self.parts[part].deck}::{self.parts[part].decks.get(service, own)}"

    @cached_property
    def default_level(self) -> str:
        """The slug of the default level; empty if the vocabulary has no levels."""
        return next((level.slug for level in self.levels.values() if level.default), "")

    @cached_property
    def default_status(self) -> str:
        """The slug of the first status, which has no tag."""
        return next(iter(self.statuses))
