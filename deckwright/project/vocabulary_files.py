"""`schema/vocabulary/*.toml` and `words.txt` → the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from deckwright.core import files
from deckwright.core.source import Span
from deckwright.project.toml_file import Reader, Table
from deckwright.project.vocabulary import (
    Changed,
    Data,
    Domain,
    Exam,
    Kind,
    Level,
    Misleading,
    OutlineLine,
    Part,
    Renamed,
    Service,
    Shortfall,
    Skill,
    Status,
    Style,
    Topic,
    Vocabulary,
)

SPELLING_LIST = "schema/vocabulary/words.txt"
OVERLAY_FILE = "mine.toml"  # in the project's own folder: the vocabulary of its overlay

_SLUGGED = ("part", "kind", "level", "status", "exam", "service", "topic")
_REQUIRED = ("part", "kind", "status", "service")
_WORD = re.compile(r"[^\W\d_][^\W_]*")


class _Entry(NamedTuple):
    """A table of an array: `[[kind]]` number `number` (from 0) of its file."""

    kind: str
    number: int
    table: Table
    values: Mapping[str, Any]

    def place(self, key: str) -> Span:
        """Return the span of a value."""
        return self.table.place(self.kind, self.number, key)


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries of all files: those with a slug by kind and slug, and all by kind."""

    tables: tuple[Table, ...]
    by_slug: Mapping[str, Mapping[str, _Entry]]

    def of(self, kind: str) -> Iterator[_Entry]:
        """Yield the entries of one kind in the order of the files."""
        for table in self.tables:
            yield from _entries(kind, table)


def paths_of(folder: Path, base: str = "") -> list[str]:
    """Return the files of schema/vocabulary/ in the order in which they are read.

    An overlay's come last: `mine.toml`, or all files below the path prefix `base`.
    """
    return [
        f"{place}schema/vocabulary/{name}"
        for place in dict.fromkeys(("", base))
        for name in sorted(
            (p.name for p in (folder / f"{place}schema/vocabulary").glob("*.toml")),
            key=lambda name: (name == OVERLAY_FILE, name),
        )
    ]


def read(reader: Reader, base: str = "") -> Vocabulary | None:
    """Read the vocabulary of all files, or return None and record what is wrong."""
    paths = paths_of(reader.folder, base)
    if not any(path.startswith("schema/") for path in paths):
        place = files.nowhere("schema/vocabulary/base.toml")
        help_line = "create the file with the tables that schema/vocabulary.schema.json describes"
        reader.error("V801", "there is no vocabulary", place, help_line)
        return None
    read_tables = [reader.table(path, "schema/vocabulary.schema.json") for path in paths]
    tables = tuple(table for table in read_tables if table is not None)
    if len(tables) < len(read_tables):
        return None
    by_slug = {kind: _by_slug(reader, kind, tables) for kind in _SLUGGED}
    entries = _Entries(tables, by_slug)
    before = len(reader.diagnostics)
    _check_required(reader, entries)
    _check_names(reader, by_slug)
    _check_levels(reader, entries)
    _check_styles(reader, entries)
    _check_decks(reader, entries)
    _check_topics(reader, entries)
    _check_skills(reader, entries)
    _check_references(reader, entries)
    if len(reader.diagnostics) > before:
        return None
    return _vocabulary(entries, _spelling_list(reader, tables))


def _vocabulary(entries: _Entries, spelling_list: frozenset[str] | None) -> Vocabulary:
    def slugged(kind: str, make: type) -> dict[str, Any]:
        return {slug: make(**_values(entry)) for slug, entry in entries.by_slug[kind].items()}

    def listed(kind: str, make: type) -> tuple[Any, ...]:
        return tuple(make(**_values(entry)) for entry in entries.of(kind))

    parts = {slug: _part(entry) for slug, entry in entries.by_slug["part"].items()}
    statuses = (entry.values for entry in entries.by_slug["status"].values())
    return Vocabulary(
        parts=parts,
        kinds=slugged("kind", Kind),
        levels=slugged("level", Level),
        statuses={s["slug"]: Status(s["slug"], s["title"], s["words"]) for s in statuses},
        exams={slug: _exam(entry) for slug, entry in entries.by_slug["exam"].items()},
        services=slugged("service", Service),
        topics=_in_part_order(slugged("topic", Topic), list(parts)),
        outline=listed("outline", OutlineLine),
        skills=listed("skill", Skill),
        shortfalls=tuple(
            Shortfall(**_values(entry), span=entry.place("topic"))
            for entry in entries.of("shortfall")
        ),
        renamed=listed("renamed", Renamed),
        data=listed("data", Data),
        misleading=listed("misleading", Misleading),
        changed=listed("changed", Changed),
        styles=listed("style", Style),
        spelling_list=spelling_list,
    )


def _part(entry: _Entry) -> Part:
    values = entry.values
    decks = {slug: each["deck"] for each in values.get("decks", ()) for slug in each["services"]}
    return Part(values["slug"], values["title"], values["deck"], decks)


def _exam(entry: _Entry) -> Exam:
    values = _values(entry)
    domains = tuple(Domain(**domain) for domain in values.pop("domains", ()))
    return Exam(**{**values, "about": values.get("about", "").strip()}, domains=domains)


def _values(entry: _Entry) -> dict[str, Any]:
    return {
        key.replace("-", "_"): tuple(value) if isinstance(value, list) else value
        for key, value in entry.values.items()
    }


def _in_part_order(topics: dict[str, Topic], parts: Sequence[str]) -> dict[str, Topic]:
    return dict(sorted(topics.items(), key=lambda item: parts.index(item[1].part)))


def _spelling_list(reader: Reader, tables: Iterable[Table]) -> frozenset[str] | None:
    """Return the words of words.txt, one a line, and those of all titles and names.

    None if the project has no words.txt.
    """
    if not (reader.folder / SPELLING_LIST).is_file():
        return None
    source = reader.text(SPELLING_LIST)
    lines = source.text.split("\n") if source else []
    words = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    for table in tables:
        words.update(table.data.get("words", ()))
        for name in _names(table):
            words.update(_WORD.findall(name))
    return frozenset(words)


def _names(table: Table) -> Iterator[str]:
    """Yield every name in a file that the spelling check must know."""
    for kind in ("part", "exam", "service", "topic"):
        for entry in table.data.get(kind, ()):
            yield from (entry["title"], entry.get("deck", ""), *entry.get("names", ()))
    for entry in table.data.get("renamed", ()):
        yield entry["new"]
    for entry in table.data.get("changed", ()):
        yield from entry["names"]


def _entries(kind: str, table: Table) -> Iterator[_Entry]:
    for number, values in enumerate(table.data.get(kind, ())):
        yield _Entry(kind, number, table, values)


def _by_slug(reader: Reader, kind: str, tables: Iterable[Table]) -> dict[str, _Entry]:
    """Return the entries of one kind by slug, and record repeated slugs."""
    by_slug: dict[str, _Entry] = {}
    for table in tables:
        for entry in _entries(kind, table):
            slug = entry.values["slug"]
            first = by_slug.setdefault(slug, entry)
            if first is not entry:
                message = f"the {kind} `{slug}` is defined twice"
                here, there = entry.place("slug"), first.place("slug")
                reader.repeated(message, here, there, "use each slug only once")
    return by_slug


def _check_required(reader: Reader, entries: _Entries) -> None:
    for kind in _REQUIRED:
        if not entries.by_slug[kind]:
            place = entries.tables[0].source.lines_span(0, 1)
            help_line = f"add a `[[{kind}]]` table to schema/vocabulary/"
            reader.error("V803", f"the vocabulary has no {kind}", place, help_line)


def _check_names(reader: Reader, by_slug: Mapping[str, Mapping[str, _Entry]]) -> None:
    """Check that no two parts or services share a deck, whatever the case.

    Anki ignores the case of deck names.
    """
    for kind in ("part", "service"):
        seen: dict[str, _Entry] = {}
        for entry in by_slug[kind].values():
            name = entry.values["deck"]
            first = seen.setdefault(name.casefold(), entry)
            if first is not entry:
                message = f"two {kind}s have the deck `{name}`"
                here, there = entry.place("deck"), first.place("deck")
                reader.repeated(message, here, there, "give each a different deck")


def _check_levels(reader: Reader, entries: _Entries) -> None:
    """Check that one level is the default, if there are levels."""
    levels = entries.by_slug["level"]
    defaults = [level for level in levels.values() if level.values.get("default")]
    if levels and not defaults:
        place = next(iter(levels.values())).place("slug")
        help_line = "write `default = true` under the level of cards without a `level` line"
        reader.error("V803", "no level is the default", place, help_line)
    for second in defaults[1:]:
        here, there = second.place("default"), defaults[0].place("default")
        reader.repeated("two levels are the default", here, there, "keep one of the two")


def _check_styles(reader: Reader, entries: _Entries) -> None:
    """Check that patterns are regular expressions, and replacements fit them."""
    for style in entries.of("style"):
        try:
            pattern = re.compile(style.values["pattern"])
            if replacement := style.values.get("replacement"):
                re.sub(pattern, replacement, "")
        except (re.error, IndexError) as error:
            message = f"this isn't a regular expression: {error}"
            help_line = (
                "fix the pattern; https://docs.python.org/3/library/re.html describes the format"
            )
            reader.error("V803", message, style.place("pattern"), help_line)


def _check_decks(reader: Reader, entries: _Entries) -> None:
    """Check that the decks of each part name services that exist, each once."""
    for part in entries.by_slug["part"].values():
        decks = part.values.get("decks", ())
        services = [slug for deck in decks for slug in deck["services"]]
        for slug in dict.fromkeys(services):
            _check_slug(reader, entries, "service", slug, part, "decks")
            if services.count(slug) > 1:
                message = f"`{slug}` has two decks in the part `{part.values['slug']}`"
                reader.error("V804", message, part.place("decks"), "keep one of the two")


def _check_topics(reader: Reader, entries: _Entries) -> None:
    """Check that topics name parts, exams, and tasks of these exams that exist."""
    for topic in entries.by_slug["topic"].values():
        _check_slug(reader, entries, "part", topic.values["part"], topic, "part")
        for name in topic.values["exams"]:
            slug, _, task = name.partition("::")
            _check_exam_task(reader, entries, slug, task, topic, "exams", "exams")


def _check_skills(reader: Reader, entries: _Entries) -> None:
    """Check that skills name exams, their tasks, and topics that exist, each number once."""
    seen: dict[tuple[str, str], _Entry] = {}
    for skill in entries.of("skill"):
        exam, number = skill.values["exam"], skill.values["number"]
        _check_exam_task(reader, entries, exam, number.rpartition(".")[0], skill, "exam", "number")
        for slug in skill.values["topics"]:
            _check_slug(reader, entries, "topic", slug, skill, "topics")
        first = seen.setdefault((exam, number), skill)
        if first is not skill:
            message = f"the exam {exam} has two skills {number}"
            here, there = skill.place("number"), first.place("number")
            reader.repeated(message, here, there, "keep one of the two")


def _check_references(reader: Reader, entries: _Entries) -> None:
    """Check that all other entries name topics and statuses that exist."""
    for line in entries.of("outline"):
        for slug in line.values["topics"]:
            _check_slug(reader, entries, "topic", slug, line, "topics")
    seen: dict[str, _Entry] = {}
    for shortfall in entries.of("shortfall"):
        topic = shortfall.values["topic"]
        _check_slug(reader, entries, "topic", topic, shortfall, "topic")
        first = seen.setdefault(topic, shortfall)
        if first is not shortfall:
            message = f"the topic `{topic}` has two shortfalls"
            here, there = shortfall.place("topic"), first.place("topic")
            reader.repeated(message, here, there, "keep one of the two")
    for changed in entries.of("changed"):
        _check_slug(reader, entries, "status", changed.values["status"], changed, "status")


def _check_exam_task(
    reader: Reader,
    entries: _Entries,
    exam: str,
    task: str,
    entry: _Entry,
    exam_key: str,
    task_key: str,
) -> None:
    """Check that an exam and a task of it exist, which an entry gives under these keys."""
    exams = entries.by_slug["exam"]
    _check_slug(reader, entries, "exam", exam, entry, exam_key)
    if exam in exams and task not in exams[exam].values["tasks"]:
        tasks = exams[exam].values["tasks"]
        reader.unknown(f"task of {exam}", task, tasks, entry.place(task_key))


def _check_slug(
    reader: Reader, entries: _Entries, kind: str, slug: str, entry: _Entry, key: str
) -> None:
    """Check that a slug that an entry gives under `key` exists."""
    known = entries.by_slug[kind]
    if slug not in known:
        reader.unknown(kind, slug, known, entry.place(key), entry.kind)
