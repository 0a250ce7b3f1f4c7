"""Both sides of a deck's life, as values: what an author has written, what a release held,
and what a learner may expect.

Nothing here looks at how the compiler stamps or how Anki decides. A card is a few
counters from which its text is made, so that every edit shows in the text; a released
row is what stands in the package; and a row counts as changed by a release when its
text in the packages became another one.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Set
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from anki_learner import TypeTexts, type_texts
from conftest import make_project

from deckwright import pipeline
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.identity import guid
from deckwright.project import ledger

EPOCH = 1_700_006_400 - 700  # shortly before midnight: a check goes by the day
NAMESPACE = "mini"
LEDGER = f"decks/ledger/{NAMESPACE}.tsv"
RETIRED = f"decks/retired/{NAMESPACE}.toml"
TYPES = ("basic", "cloze", "multiple-choice")
TASKS = {
    "4.1": ("4.1-reliability", "1 Reliability"),
    "4.2": ("4.2-services", "2 Services"),
    "summary": ("summary", "3 Summary"),
}
SERVICES = {"polly": "Polly", "s3": "S3", "ideas": "Ideas"}
TOPICS = {"4.1": ("copies", "zones"), "4.2": ("voices", "lexicons"), "summary": ("words", "signs")}
EXAMS = {"copies": ("old::3.1",), "voices": ("old::2.1", "next::2.1"), "lexicons": ("next::3.1",)}
SPARES = (("Spare1", "Spare2"), ("Spare7", "Spare2"), ("Spare2", "Spare1"))

_SETTINGS = f"""\
deck = "Mini"
tag = "mini"
epoch = {EPOCH}

[[root]]
path = "cards"
namespace = "{NAMESPACE}"

[[package]]
path = "all.apkg"

[[package]]
path = "task/{{slug}}.apkg"
each = "task"

[[package]]
path = "service/{{slug}}.apkg"
each = "service"

[[package]]
path = "exam/next.apkg"
exam = "next"
"""


def _vocabulary() -> str:
    tasks = [
        f'[[task]]\nslug = "{slug}"\nfolder = "{folder}"\ntitle = "{slug}"\nlabel = "Task {slug}"\ndeck = "{deck}"\n'  # noqa: E501
        for slug, (folder, deck) in TASKS.items()
    ]
    services = [
        f'[[service]]\nslug = "{slug}"\ntitle = "Amazon {deck}"\ndeck = "{deck}"\n'
        + "theme = true\n" * (slug == "ideas")
        for slug, deck in SERVICES.items()
    ]
    kinds = [
        f'[[kind]]\nslug = "{slug}"\ntitle = "{slug}"\n'
        + "needs-source = true\n" * (slug == "quota")
        for slug in ("concept", "scenario", "quota")
    ]
    statuses = [
        f'[[status]]\nslug = "{slug}"\ntitle = "{slug}"\nwords = "{words}"\n'
        for slug, words in (("current", ""), ("legacy", "Gone"))
    ]
    exams = [
        f'[[exam]]\nslug = "{slug}"\ntitle = "{slug}"\ntasks = ["2.1", "3.1"]\n'
        for slug in ("old", "next")
    ]
    topics = [
        f'[[topic]]\nslug = "{slug}"\ntitle = "{slug}"\ncovers = "{slug}"\ntask = "{task}"\nexams = {json.dumps(EXAMS.get(slug, ()))}\n'  # noqa: E501
        "priority = 1\ncore = 2\nmix = { basic = 1, cloze = 1 }\n"
        for task, slugs in TOPICS.items()
        for slug in slugs
    ]
    return "\n".join((*tasks, *kinds, *statuses, *exams, *services, *topics))


@dataclass(frozen=True)
class CardText:
    """A card as its author has it. Counters stand for texts; `gaps` are numbers and the
    counters of their answers, in the order of the sentence; `name` is the file below
    the service's folder, empty for the service's own file.
    """

    id: str
    type: str
    task: str
    service: str
    name: str = ""
    kind: str = "concept"
    topic: str = ""
    also: tuple[str, ...] = ()
    exams: tuple[str, ...] = ()
    status: str = ""
    question: int = 0
    answer: int = 0
    extra: int = 0
    source: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    checked: str = "2023-05"

    @property
    def guid(self) -> str:
        return guid(NAMESPACE, self.id)

    @property
    def path(self) -> str:
        return f"cards/{TASKS[self.task][0]}/{self.service}{'/' * bool(self.name)}{self.name}.md"

    @property
    def numbers(self) -> set[int]:
        return {number for number, _ in self.gaps}

    @property
    def home(self) -> str:
        return f"Mini::{TASKS[self.task][1]}::{SERVICES[self.service]}"

    @property
    def meaning(self) -> CardText:
        """What an update of the card would be about: all but the check date and the file's name."""
        return replace(self, checked="", name="")

    @property
    def marks(self) -> tuple[str, ...]:
        """Words that stand in the fields of exactly this version."""
        if self.type == "cloze":
            answers = [f"{{{{c{n}::value {a} of gap {n}}}}}" for n, a in self.gaps]
            return (
                f"of {self.id} in version {self.question}",
                f"reason {self.extra}.",
                f"page-{self.source}.html",
                *answers,
            )
        return (
            f"{self.id} in version {self.question}",
            f"reply {self.answer} ",
            f"reason {self.extra}.",
            f"page-{self.source}.html",
        )

    @property
    def tags(self) -> tuple[str, ...]:
        places = [
            f"{'theme' if s == 'ideas' else 'service'}::{s}" for s in (self.service, *self.also)
        ]
        exams = () if self.exams == ("none",) else self.exams or EXAMS.get(self.topic, ())
        tags = [
            f"task::{self.task}",
            f"kind::{self.kind}",
            f"topic::{self.topic}",
            *places,
            *(f"exam::{e}" for e in exams),
        ]
        return tuple(
            sorted(
                f"mini::{tag}"
                for tag in [*tags, *([f"status::{self.status}"] if self.status else [])]
            )
        )

    def markdown(self) -> str:
        keys = [
            ("kind", self.kind),
            ("topic", self.topic),
            *(("also", s) for s in self.also),
            *(("exam", e) for e in self.exams),
        ]
        keys += [("status", self.status)] if self.status else []
        keys += [
            ("source", f"https://docs.example.com/{self.service}/page-{self.source}.html"),
            ("checked", self.checked),
        ]
        head = f"## {self.id}\n\n" + "\n".join(f"- {key}: {value}" for key, value in keys)
        end = f"---\n\nThe reason {self.extra}."
        if self.type == "cloze":
            gaps = " or ".join(f"{{{{c{n}::value {a} of gap {n}}}}}" for n, a in self.gaps)
            return (
                f"{head}\n\nThe limits of {self.id} in version {self.question}: {gaps}.\n\n{end}\n"
            )
        question = f"What is {self.id} in version {self.question}?"
        if self.type == "basic":
            return (
                f"{head}\n\n{question}\n\n---\n\nThe reply {self.answer} *and* no other.\n\n{end}\n"
            )
        options = [
            f"- [{'x' if n == 1 else ' '}] Choose {name} {self.id}\n\n  It is reply {self.answer} to {name}."  # noqa: E501
            for n, name in enumerate("abc")
        ]
        return f"{head}\n\n{question}\n\n" + "\n\n".join(options) + f"\n\n{end}\n"


class Entry(NamedTuple):
    """An entry of decks/retired/: which of its reasons, and the successors."""

    reason: int
    successors: tuple[str, ...] = ()


class Look(NamedTuple):
    """What the author has of a note type, in counters: the style is everybody's, the
    others are its own.
    """

    template: int = 0
    spare: int = 0


class Row(NamedTuple):
    """A note in a package. `gaps` are the numbers of its cards, from 0; `texts` is all
    that an update would be about.
    """

    guid: str
    type: int
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    mod: int
    deck: str
    gaps: frozenset[int]

    @property
    def texts(self) -> tuple[object, ...]:
        return self.type, self.fields, self.tags


class Known(NamedTuple):
    """What a release left, and the time of the release that last changed it. None where
    two branches' rows met in a way that the next release has to tell all learners.
    """

    texts: tuple[object, ...] | None
    since: int
    meaning: object = None


@dataclass(frozen=True)
class Package:
    """One package on disk."""

    path: Path
    name: str

    @cached_property
    def _tables(self) -> tuple[dict[str, Row], dict[int, tuple[TypeTexts, int]]]:
        with zipfile.ZipFile(self.path) as archive:
            data = archive.read("collection.anki2")
        db = sqlite3.connect(":memory:")
        try:
            db.deserialize(data)
            models, decks = (
                json.loads(text) for text in db.execute("select models, decks from col").fetchone()
            )
            cards: dict[int, list[tuple[int, int]]] = {}
            for note, deck, number in db.execute("select nid, did, ord from cards"):
                cards.setdefault(note, []).append((deck, number))
            rows = {}
            for note, name, kind, stamp, tags, fields in db.execute(
                "select id, guid, mid, mod, tags, flds from notes"
            ):
                assert name not in rows, f"{self.name} holds the guid {name} twice"
                homes = {decks[str(deck)]["name"] for deck, _ in cards[note]}
                assert len(homes) == 1, homes
                numbers = frozenset(number for _, number in cards[note])
                rows[name] = Row(
                    name,
                    kind,
                    tuple(fields.split("\x1f")),
                    tuple(tags.split()),
                    stamp,
                    homes.pop(),
                    numbers,
                )
            return rows, {
                int(number): (type_texts(model), model["mod"]) for number, model in models.items()
            }
        finally:
            db.close()

    @property
    def rows(self) -> dict[str, Row]:
        return self._tables[0]

    @property
    def types(self) -> dict[int, tuple[TypeTexts, int]]:
        """Texts and stamps of its note types."""
        return self._tables[1]


@dataclass(frozen=True)
class Edition:
    """A release, or a draft. `since` ranks each row (by guid) and note type (by id): the
    time of the release that last changed it. `drafts` are those that no release holds
    so, `live` the cards of which it is made.
    """

    name: str
    line: str
    time: int
    draft: bool
    packages: Mapping[str, Package]
    since: Mapping[str | int, int]
    drafts: Set[str | int]
    live: frozenset[str]

    @property
    def normal(self) -> list[str]:
        return sorted(name for name in self.packages if name != "retired.apkg")


@dataclass
class Line:
    """A branch: what its author has, and what its releases left. `stones`, `numbers` and
    `holes` are what was ever released: retired cards and the releases that did it,
    taken gap numbers by card, retired gaps.
    """

    name: str
    cards: dict[str, CardText] = field(default_factory=dict)
    retired: dict[str, Entry] = field(default_factory=dict)
    gone: dict[tuple[str, int], int] = field(default_factory=dict)
    style: int = 0
    looks: dict[str, Look] = field(default_factory=lambda: dict.fromkeys(TYPES, Look()))
    order: int = 0
    book: str = ""
    rows: dict[str, Known] = field(default_factory=dict)
    types: dict[int, Known] = field(default_factory=dict)
    homes: dict[str, set[str]] = field(default_factory=dict)
    stones: dict[str, set[str]] = field(default_factory=dict)
    numbers: dict[str, dict[int, int]] = field(default_factory=dict)
    holes: set[tuple[str, int]] = field(default_factory=set)
    released: list[Edition] = field(default_factory=list)
    sections: dict[str, CardText] = field(default_factory=dict)  # retired cards as they were
    still: tuple[object, object, object] | None = (
        None  # the last release: what it was made of, in which order, and its bytes
    )

    def copy(self, name: str) -> Line:
        own = {
            key: deepcopy(value)
            for key, value in vars(self).items()
            if key not in ("name", "released")
        }
        return Line(name, released=list(self.released), **own)

    def known(self, card: CardText) -> bool:
        """Whether a release holds the card."""
        return card.guid in self.rows

    def named(self) -> set[str]:
        """Cards that have to stay because a retired one names them."""
        return {name for entry in self.retired.values() for name in entry.successors}

    def everything(self) -> object:
        """All that packages are made of."""
        meanings = sorted((card.meaning for card in self.cards.values()), key=lambda c: c.id)
        return (
            meanings,
            sorted(self.retired.items()),
            sorted(self.gone.items()),
            self.style,
            sorted(self.looks.items()),
        )

    def meanings(self) -> dict[str, object]:
        """What the row of each card and of each retired card is about, by guid."""
        out: dict[str, object] = {card.guid: card.meaning for card in self.cards.values()}
        for name, entry in self.retired.items():
            out[guid(NAMESPACE, name)] = (
                entry,
                sorted(n for n in self.numbers.get(name, {}) if (name, n) not in self.gone),
            )
        return out

    def layout(self) -> object:
        """Where everything stands."""
        return self.order, sorted((card.id, card.path) for card in self.cards.values())

    def files(self) -> dict[str, str]:
        """The files of the project that are this line's, by path."""
        out: dict[str, str] = {}
        for card in sorted(self.cards.values(), key=lambda c: _shuffled(c.id, self.order)):
            out[card.path] = out.get(card.path, f"# {card.service}\n") + "\n" + card.markdown()
        if self.book:
            out[LEDGER] = self.book
        entries = [
            f'[[card]]\nid = "{name}"\nreason = "Reason {e.reason} & more."\nsuccessors = {json.dumps(e.successors)}\n'  # noqa: E501
            for name, e in sorted(self.retired.items())
        ]
        entries += [
            f'[[gap]]\nid = "{name}"\nnumber = {number}\nreason = "Reason {reason}."\n'
            for (name, number), reason in sorted(self.gone.items())
        ]
        if entries:
            out[RETIRED] = "\n".join(entries)
        return out


def _shuffled(name: str, order: int) -> tuple[int, str]:
    """Where a card stands in the files: another order for each number, the same in every process."""  # noqa: E501
    return (sum(map(ord, name)) * (order * 37 + 11) % 101 if order else 0, name)


def merged(one: Line, other: Line, choice: int) -> Line:
    """What an author makes of two branches: bits of `choice` say whose version of a card
    is taken. What either side retired is retired; what either side released is there.
    """
    out = one.copy(one.name)
    out.retired = (
        {**other.retired, **one.retired} if choice & 1 else {**one.retired, **other.retired}
    )
    out.gone = {**one.gone, **other.gone}
    out.holes = one.holes | other.holes
    out.stones = {
        name: one.stones.get(name, set()) | other.stones.get(name, set())
        for name in {*one.stones, *other.stones}
    }
    out.numbers = {
        name: {**one.numbers.get(name, {}), **other.numbers.get(name, {})}
        for name in {*one.numbers, *other.numbers}
    }
    names = sorted({*one.cards, *other.cards} - set(out.retired))
    out.cards = {}
    for place, name in enumerate(names):
        mine, theirs = one.cards.get(name), other.cards.get(name)
        card = (theirs or mine) if mine is None or choice >> (place + 1) & 1 else mine
        assert card is not None
        if card.type == "cloze":
            second = theirs if card is mine else mine
            gone = {number for (owner, number) in out.gone if owner == name}
            gaps = [gap for gap in card.gaps if gap[0] not in gone]
            there = {number for number, _ in gaps}
            values = dict(second.gaps) if second else {}
            missing = sorted(set(out.numbers.get(name, {})) - gone - there)
            gaps += [(number, values.get(number, out.numbers[name][number])) for number in missing]
            highest = max({*there, *missing, *gone, *out.numbers.get(name, {})})
            card = replace(card, gaps=tuple(gaps) or ((highest + 1, 0),))
        out.cards[name] = card
    out.style, out.looks = (
        (one.style, one.looks.copy()) if choice & 2 else (other.style, other.looks.copy())
    )
    out.rows = {
        key: _later(one.rows.get(key), other.rows.get(key)) for key in {*one.rows, *other.rows}
    }
    out.types = {
        key: _later(one.types.get(key), other.types.get(key)) for key in {*one.types, *other.types}
    }
    for name in out.stones:
        key = guid(NAMESPACE, name)
        buried = [line.rows[key].since for line in (one, other) if name in line.stones]
        if max(buried) < out.rows[key].since:
            out.rows[key] = Known(
                None, out.rows[key].since
            )  # some learners have a living version that is later than its end
    out.released = sorted(
        {id(r): r for r in (*one.released, *other.released)}.values(), key=lambda r: r.time
    )
    out.still, out.sections = None, {}
    out.homes = {
        key: one.homes.get(key, set()) | other.homes.get(key, set())
        for key in {*one.homes, *other.homes}
    }
    return out


def _later(one: Known | None, other: Known | None) -> Known:
    if one is None or other is None:
        return one or other or Known(None, 0)
    if one.since == other.since and one.texts != other.texts:
        return Known(None, one.since)
    return max(one, other, key=lambda k: k.since)


class Publisher:
    """The project's folder and what comes out of it. One folder does for all histories:
    only files that differ are written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = make_project(folder, cards=False)
        (folder / "decks" / "project.toml").write_text(_SETTINGS, "utf-8")
        (folder / "schema" / "vocabulary" / "mini.toml").write_text(_vocabulary(), "utf-8")
        self.base = {
            path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for part in ("decks", "schema")
            for path in sorted((folder / part).rglob("*"))
            if path.is_file()
        }
        shutil.rmtree(folder / "cards")
        (folder / "cards").mkdir()
        self.disk = dict(self.base)
        self.numbers = {
            slug: int(
                self.base[f"decks/notetypes/{slug}/notetype.toml"]
                .split("\nid = ")[1]
                .split("\n")[0]
            )
            for slug in TYPES
        }

    def write(self, line: Line, instead: Mapping[str, str] | None = None) -> None:
        """Makes the folder hold the line's files, and `instead` of some of them others."""
        wanted = {**self.base, **self._looks(line), **line.files(), **(instead or {})}
        for path in sorted({*wanted, *self.disk}):
            if wanted.get(path) == self.disk.get(path):
                continue
            file = self.folder / path
            if path in wanted:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(wanted[path], "utf-8")
            else:
                file.unlink()
        self.disk = wanted

    def _looks(self, line: Line) -> dict[str, str]:
        out = {}
        style = "decks/notetypes/style.css"
        out[style] = self.base[style] + f"/* style {line.style} */\n" * bool(line.style)
        for slug, look in line.looks.items():
            front, toml = (
                f"decks/notetypes/{slug}/front.html",
                f"decks/notetypes/{slug}/notetype.toml",
            )
            out[front] = self.base[front] + f'<div class="look-{look.template}"></div>\n' * bool(
                look.template
            )
            first, second = SPARES[look.spare]
            text = self.base[toml].replace('"Spare1"', '"=1"').replace('"Spare2"', '"=2"')
            out[toml] = text.replace('"=1"', f'"{first}"').replace('"=2"', f'"{second}"')
        return out

    def check(
        self, line: Line, now: int, instead: Mapping[str, str] | None = None
    ) -> tuple[pipeline.Checked | None, tuple[Diagnostic, ...]]:
        """The project as the line has it; none where there are errors."""
        self.write(line, instead)
        outcome = pipeline.check(self.folder, datetime.fromtimestamp(now, UTC).date())
        return (None if has_errors(outcome.diagnostics) else outcome.values[0]), outcome.diagnostics

    def checked(self, line: Line, now: int) -> pipeline.Checked:
        found, diagnostics = self.check(line, now)
        assert found is not None, (
            f"check refuses an honest edit: {[(d.code, d.message) for d in diagnostics]}"
        )
        return found


def stored(built: pipeline.Built, folder: Path) -> dict[str, Package]:
    """The packages of a build, written to a folder of their own."""
    out = {}
    for artifact in built.artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.data)
        if path.suffix == ".apkg":
            out[artifact.path] = Package(path, artifact.path)
    return out


def bytes_of(built: pipeline.Built) -> dict[str, bytes]:
    """What learners bring into Anki of a build (the report of facts has the newest check
    dates, which change nothing there).
    """
    return {
        a.path: a.data
        for a in built.artifacts
        if a.path.endswith((".apkg", ".txt")) and a.path != "facts.txt"
    }


def merged_books(one: str, other: str) -> str:
    """The ledgers of two branches after a merge: of two rows for a card, the later is kept."""
    first, second = (ledger.read(ledger_source(text)).values[0] for text in (one, other))

    def later(rows: Mapping[str, Any], others: Mapping[str, Any], time: str = "mod") -> Any:
        every = (*rows.items(), *others.items())
        return dict(sorted(every, key=lambda item: getattr(item[1], time)))

    return ledger.write(
        ledger.Ledger(
            releases=later(first.releases, second.releases, "time"),
            types=later(first.types, second.types),
            cards=later(first.cards, second.cards),
            extended=later(first.extended, second.extended),
        )
    )


def ledger_source(text: str) -> Any:
    from deckwright.core.source import Source

    return Source(LEDGER, text)


def guids(names: Iterable[str]) -> set[str]:
    return {guid(NAMESPACE, name) for name in names}
