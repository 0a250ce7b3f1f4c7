"""`schema/vocabulary/`: tasks, kinds, states, exams, services, topics and outline as one value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckwright.core import files
from deckwright.core.source import Span
from deckwright.project.toml_file import Reader, Table

WORDS = "schema/vocabulary/words.txt"
OWN = "mine.toml"  # the file of an overlay's own words

_WORD = re.compile(r"[^\W\d_][^\W_]*")


@dataclass(frozen=True, slots=True)
class Task:
    slug: str
    folder: str
    title: str
    label: str
    deck: str


@dataclass(frozen=True, slots=True)
class Kind:
    slug: str
    title: str
    needs_source: bool = False  # a cloze card with a source and a check date
    states: str = ""
    fresh: int = 12


@dataclass(frozen=True, slots=True)
class Status:
    slug: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Exam:
    slug: str
    title: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    slug: str
    title: str
    deck: str
    theme: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    slug: str
    title: str
    covers: str
    task: str
    exams: tuple[str, ...]
    priority: int
    core: int
    mix: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OutlineLine:
    heading: str
    text: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    topic: str
    cards: int
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name that gave way to another; `kept` are longer names that begin with it and are still right."""

    old: str
    new: str
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Data:
    """Published data in an installed package: `name` stands before the `::` of evidence, `*` for every name that is not taken; `file`
    is a path in the package, `{name}` that name."""

    name: str
    title: str
    package: str
    file: str


@dataclass(frozen=True, slots=True)
class Misleading:
    """A path of published data that is no evidence, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A service or feature that is closed or gone, with the status that cards about it have; `today` takes its place."""

    names: tuple[str, ...]
    status: str
    source: str
    since: str = ""
    today: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """Everything that schema/vocabulary/ names, by slug and in curriculum order. `words` are those of the subject, for the
    spelling; None where the project has no list of them."""

    tasks: Mapping[str, Task]
    kinds: Mapping[str, Kind]
    statuses: Mapping[str, Status]
    exams: Mapping[str, Exam]
    services: Mapping[str, Service]
    topics: Mapping[str, Topic]
    outline: tuple[OutlineLine, ...]
    shortfalls: tuple[Shortfall, ...]
    renamed: tuple[Renamed, ...]
    data: tuple[Data, ...]
    misleading: tuple[Misleading, ...]
    changed: tuple[Changed, ...]
    words: frozenset[str] | None

    def task_of_folder(self, folder: str) -> Task | None:
        return next((task for task in self.tasks.values() if task.folder == folder), None)

    def misleads(self, path: str) -> str:
        """Why data at a path (`data::path`) is no evidence; nothing where it may be one."""
        return next(
            (
                m.reason
                for m in self.misleading
                if path == m.path or path.startswith((f"{m.path}.", f"{m.path}["))
            ),
            "",
        )

    @property
    def default_status(self) -> str:
        return next(iter(self.statuses))


def paths_of(folder: Path, base: str = "") -> list[str]:
    """The files of schema/vocabulary/ in their order, an overlay's (`mine.toml`, or all in its folder `base`) after the project's."""
    return [
        f"{place}schema/vocabulary/{name}"
        for place in dict.fromkeys(("", base))
        for name in sorted(
            (p.name for p in (folder / f"{place}schema/vocabulary").glob("*.toml")),
            key=lambda name: (name == OWN, name),
        )
    ]


def read(reader: Reader, base: str = "") -> Vocabulary | None:
    """The vocabulary of all its files together, or None with complaints in the reader."""
    paths = paths_of(reader.folder, base)
    if not any(path.startswith("schema/") for path in paths):
        reader.error(
            "V801",
            "there is no vocabulary",
            files.nowhere("schema/vocabulary/base.toml"),
            "write the tables that schema/vocabulary.schema.json describes",
        )
        return None
    tables = [reader.table(path, "schema/vocabulary.schema.json") for path in paths]
    if any(t is None for t in tables):
        return None
    found = [t for t in tables if t is not None]
    entries: dict[str, dict[str, tuple[Mapping[str, Any], Table, int]]] = {}
    for kind in ("task", "kind", "status", "exam", "service", "topic"):
        entries[kind] = _by_slug(reader, kind, found)
    for kind in ("task", "kind", "status", "service"):
        if not entries[kind]:
            reader.error(
                "V803", f"the vocabulary names no {kind}", found[0].source.lines_span(0, 1)
            )
    before = len(reader.diagnostics)
    shortfalls = tuple(_references(reader, entries, found))
    if len(reader.diagnostics) > before or not all(
        entries[k] for k in ("task", "kind", "status", "service")
    ):
        return None

    def made(kind: str, make: type) -> dict[str, Any]:
        return {slug: make(**_values(entry)) for slug, (entry, _, _) in entries[kind].items()}

    return Vocabulary(
        tasks=made("task", Task),
        kinds=made("kind", Kind),
        statuses=made("status", Status),
        exams=made("exam", Exam),
        services=made("service", Service),
        topics=_in_task_order(made("topic", Topic), list(entries["task"])),
        outline=tuple(OutlineLine(**_values(e)) for t in found for e in t.data.get("outline", ())),
        shortfalls=shortfalls,
        renamed=tuple(Renamed(**_values(e)) for t in found for e in t.data.get("renamed", ())),
        data=tuple(Data(**_values(e)) for t in found for e in t.data.get("data", ())),
        misleading=tuple(
            Misleading(**_values(e)) for t in found for e in t.data.get("misleading", ())
        ),
        changed=tuple(Changed(**_values(e)) for t in found for e in t.data.get("changed", ())),
        words=_words(reader, found),
    )


def _words(reader: Reader, tables: Iterable[Table]) -> frozenset[str] | None:
    """The words of words.txt, one a line, and those of all titles and names, which are spelt as the vocabulary spells them."""
    if not (reader.folder / WORDS).is_file():
        return None
    source = reader.text(WORDS)
    lines = source.text.split("\n") if source else []
    words = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    for table in tables:
        for kind in ("task", "exam", "service", "topic"):
            for entry in table.data.get(kind, ()):
                for name in (entry["title"], entry.get("deck", ""), *entry.get("names", ())):
                    words.update(_WORD.findall(name))
        words.update(table.data.get("words", ()))
        words.update(
            word for entry in table.data.get("renamed", ()) for word in _WORD.findall(entry["new"])
        )
        words.update(
            word
            for entry in table.data.get("changed", ())
            for name in entry["names"]
            for word in _WORD.findall(name)
        )
    return frozenset(words)


def _by_slug(
    reader: Reader, kind: str, tables: Iterable[Table]
) -> dict[str, tuple[Mapping[str, Any], Table, int]]:
    entries: dict[str, tuple[Mapping[str, Any], Table, int]] = {}
    for table in tables:
        for number, entry in enumerate(table.data.get(kind, ())):
            slug = entry["slug"]
            if slug in entries:
                _, other, index = entries[slug]
                first = ("first given here", other.place(kind, index, "slug"))
                here = table.place(kind, number, "slug")
                reader.error(
                    "V804",
                    f"the {kind} `{slug}` is given twice",
                    here,
                    "give each slug once",
                    (first,),
                )
            else:
                entries[slug] = (entry, table, number)
    return entries


def _references(
    reader: Reader, entries: Mapping[str, Mapping[str, Any]], tables: Iterable[Table]
) -> Iterator[Shortfall]:
    """Checks that what tables name exists and is named once; yields the shortfalls on the way."""

    def known(kind: str, slug: str, table: Table, *path: str | int) -> bool:
        if slug not in entries[kind]:
            reader.unknown(kind, slug, entries[kind], table.place(*path))
        return slug in entries[kind]

    for kind, key in (("task", "folder"), ("task", "deck"), ("service", "deck")):
        _once(reader, kind, key, entries[kind].values())
    for topic, table, number in entries["topic"].values():
        known("task", topic["task"], table, "topic", number, "task")
        for exam in topic["exams"]:
            slug, _, task = exam.partition("::")
            if (
                known("exam", slug, table, "topic", number, "exams")
                and task not in entries["exam"][slug][0]["tasks"]
            ):
                reader.unknown(
                    f"task of {slug}",
                    task,
                    entries["exam"][slug][0]["tasks"],
                    table.place("topic", number, "exams"),
                )
    seen: dict[str, Span] = {}
    for table in tables:
        for number, line in enumerate(table.data.get("outline", ())):
            for slug in line["topics"]:
                known("topic", slug, table, "outline", number, "topics")
        for number, entry in enumerate(table.data.get("shortfall", ())):
            place = table.place("shortfall", number, "topic")
            known("topic", entry["topic"], table, "shortfall", number, "topic")
            if seen.setdefault(entry["topic"], place) != place:
                first = ("first given here", seen[entry["topic"]])
                reader.error(
                    "V804",
                    f"the topic `{entry['topic']}` has two shortfalls",
                    place,
                    "keep one of the two",
                    (first,),
                )
            yield Shortfall(entry["topic"], entry["cards"], entry["reason"], place)
        for number, entry in enumerate(table.data.get("changed", ())):
            known("status", entry["status"], table, "changed", number, "status")


def _once(
    reader: Reader, kind: str, key: str, entries: Iterable[tuple[Mapping[str, Any], Table, int]]
) -> None:
    """No two entries share a folder or deck name; Anki tells decks apart without regard to case."""
    seen: dict[str, tuple[Table, int]] = {}
    for entry, table, number in entries:
        other, index = seen.setdefault(entry[key].casefold(), (table, number))
        if (other, index) != (table, number):
            first = ("first given here", other.place(kind, index, key))
            reader.error(
                "V804",
                f"two {kind}s have the {key} `{entry[key]}`",
                table.place(kind, number, key),
                "give each its own",
                (first,),
            )


def _values(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key.replace("-", "_"): tuple(value) if isinstance(value, list) else value
        for key, value in entry.items()
    }


def _in_task_order(topics: dict[str, Topic], tasks: list[str]) -> dict[str, Topic]:
    return dict(sorted(topics.items(), key=lambda item: tasks.index(item[1].task)))
