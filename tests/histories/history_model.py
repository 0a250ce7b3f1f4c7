"""Both sides of a deck's life, as values: what an author has written, what a release held,
and what a learner may expect.

Nothing here looks at how the compiler sets times or how Anki decides. A card is a few
counters from which its text is made, so that every edit shows in the text; a released
row is what the package has; and a row counts as changed by a release when its author
changed it.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from anki_learner import TypeTexts, type_texts
from conftest import make_project

from deckwright import pipeline
from deckwright.core.diagnostics import Diagnostic, has_errors
from deckwright.core.identity import guid

EPOCH = 1_700_006_400 - 700  # shortly before midnight: a check goes by the day
LEDGER, RETIRED = "decks/ledger/mini.tsv", "decks/retired/mini.toml"
KINDS = {"basic": "concept", "cloze": "quota", "multiple-choice": "scenario"}
TYPES = tuple(KINDS)
# The parts of the mini project: folder, deck, the one topic, and its exams.
PARTS = {
    "reliability": ("reliability", "1 Reliability", "copies", ("old::3.1",)),
    "services": ("services", "2 Services", "voices", ("next::2.1", "old::2.1")),
    "summary": ("summary", "3 Summary", "words", ()),
}
CONTENT = -11  # five labels, five spare fields, and MyNotes come after what a card says
SERVICES = {"polly": "Polly", "s3": "S3", "ideas": "Ideas"}
SPARES = (("Spare1", "Spare2"), ("Spare7", "Spare2"), ("Spare2", "Spare1"))


class Step(NamedTuple):
    """One step of a history: what, and two numbers that choose among what is there."""

    what: str
    b: int = 0
    c: int = 0


@dataclass(frozen=True)
class CardText:
    """A card as its author has it. Counters stand for texts; `gaps` are numbers and the
    counters of their answers, in the order of the sentence; `name` is the file below
    the service's folder, empty for the service's own file.
    """

    id: str
    type: str
    part: str
    service: str
    name: str = ""
    also: tuple[str, ...] = ()
    status: str = ""
    question: int = 0
    answer: int = 0
    extra: int = 0
    source: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    checked: str = "2023-05"

    @property
    def guid(self) -> str:
        return guid("mini", self.id)

    @property
    def path(self) -> str:
        return f"cards/{PARTS[self.part][0]}/{self.service}{'/' * bool(self.name)}{self.name}.md"

    @property
    def numbers(self) -> set[int]:
        return {number for number, _ in self.gaps}

    @property
    def home(self) -> str:
        return f"Mini::{PARTS[self.part][1]}::{SERVICES[self.service]}"

    @property
    def meaning(self) -> object:
        """What an update of the card would be about: what it asks and says, not its labels."""
        return self.id, self.type, self.question, self.answer, self.extra, self.gaps, self.status

    @property
    def _answers(self) -> list[str]:
        return [f"{{{{c{n}::value {a} of gap {n}}}}}" for n, a in self.gaps]

    @property
    def marks(self) -> tuple[str, ...]:
        """Words that the fields of exactly this version have."""
        answers = self._answers if self.type == "cloze" else [f"reply {self.answer} "]
        question = f"{self.id} in version {self.question}"
        return (question, f"reason {self.extra}.", f"page-{self.source}.html", *answers)

    @property
    def tags(self) -> tuple[str, ...]:
        _, _, topic, exams = PARTS[self.part]
        services = (self.service, *self.also)
        tags = [
            f"part::{self.part}",
            f"kind::{KINDS[self.type]}",
            f"topic::{topic}",
            *(f"{'theme' if slug == 'ideas' else 'service'}::{slug}" for slug in services),
            *(f"exam::{exam}" for exam in exams),
            *([f"status::{self.status}"] if self.status else []),
        ]
        return tuple(sorted(f"mini::{tag}" for tag in tags))

    def markdown(self) -> str:
        keys = [
            ("kind", KINDS[self.type]),
            ("topic", PARTS[self.part][2]),
            *(("also", slug) for slug in self.also),
            *([("status", self.status)] if self.status else []),
            ("source", f"https://docs.example.com/{self.service}/page-{self.source}.html"),
            ("checked", self.checked),
        ]
        lines = "\n".join(f"- {key}: {value}" for key, value in keys)
        version = f"{self.id} in version {self.question}"
        if self.type == "cloze":
            parts = [f"The limits of {version}: {' or '.join(self._answers)}."]
        elif self.type == "basic":
            parts = [f"What is {version}?", f"---\n\nThe reply {self.answer} *and* no other."]
        else:
            options = [
                f"- [{'x' if n == 1 else ' '}] Choose {name} {self.id}\n\n"
                f"  It is reply {self.answer} to {name}."
                for n, name in enumerate("abc")
            ]
            parts = [f"What is {version}?", *options]
        end = f"---\n\nThe reason {self.extra}.\n"
        return "\n\n".join((f"## {self.id}\n\n{lines}", *parts, end))


class Entry(NamedTuple):
    """An entry of decks/retired/: which of its reasons, and the successors."""

    reason: int
    successors: tuple[str, ...] = ()


class Row(NamedTuple):
    """A note in a package. `gaps` are the numbers of its cards, from 0."""

    guid: str
    type: int
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    mod: int
    deck: str
    gaps: frozenset[int]


class Known(NamedTuple):
    """What a release left of a note or a note type, and when a release last changed it."""

    meaning: object
    since: int


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
            models, decks = map(json.loads, db.execute("select models, decks from col").fetchone())
            cards: dict[int, list[tuple[int, int]]] = {}
            for note, deck, number in db.execute("select nid, did, ord from cards"):
                cards.setdefault(note, []).append((deck, number))
            rows = {}
            columns = "id, guid, mid, mod, tags, flds"
            for note, key, kind, mod, tags, fields in db.execute(f"select {columns} from notes"):
                assert key not in rows, f"{self.name} holds the guid {key} twice"
                (home,) = {decks[str(deck)]["name"] for deck, _ in cards[note]}
                numbers = frozenset(number for _, number in cards[note])
                texts = tuple(fields.split("\x1f"))
                rows[key] = Row(key, kind, texts, tuple(tags.split()), mod, home, numbers)
            types = {int(key): (type_texts(model), model["mod"]) for key, model in models.items()}
            return rows, types
        finally:
            db.close()

    @property
    def rows(self) -> dict[str, Row]:
        return self._tables[0]

    @property
    def types(self) -> dict[int, tuple[TypeTexts, int]]:
        """Texts and times of its note types."""
        return self._tables[1]


@dataclass(frozen=True)
class Edition:
    """A release, or a draft. `since` ranks each row (by guid) and note type (by id): the
    time of the release that last changed it. `drafts` are those that no release holds
    so, `live` the cards of which it is made.
    """

    name: str
    draft: bool
    packages: Mapping[str, Package]
    since: Mapping[str | int, int]
    drafts: Set[str | int]
    live: frozenset[str]

    @property
    def normal(self) -> list[str]:
        return sorted(name for name in self.packages if name != "retired.apkg")


@dataclass
class Author:
    """What an author has, and what the releases left. `tombstones` are the retired cards
    with the releases that did it, `numbers` the gap numbers and answers that were ever
    released, `holes` the retired gaps.
    """

    cards: dict[str, CardText] = field(default_factory=dict)
    retired: dict[str, Entry] = field(default_factory=dict)
    gone: dict[tuple[str, int], int] = field(default_factory=dict)
    style: int = 0
    templates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TYPES, 0))
    spares: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TYPES, 0))
    order: int = 0
    ledger: str = ""
    rows: dict[str, Known] = field(default_factory=dict)
    types: dict[int, Known] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    tombstones: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[int, int]] = field(default_factory=dict)
    holes: set[tuple[str, int]] = field(default_factory=set)
    times: list[int] = field(default_factory=lambda: [EPOCH])  # of releases

    def known(self, card: CardText) -> bool:
        """Whether a release holds the card."""
        return card.guid in self.rows

    def everything(self) -> str:
        """All that packages are made of."""
        cards = sorted((card.guid, replace(card, name="")) for card in self.cards.values())
        return repr(
            (cards, self.retired, sorted(self.gone), self.style, self.templates, self.spares)
        )

    def meanings(self) -> dict[str, object]:
        """What the row of each card and of each retired card is about, by guid."""
        out: dict[str, object] = {card.guid: card.meaning for card in self.cards.values()}
        return out | {guid("mini", name): entry for name, entry in self.retired.items()}

    def files(self) -> dict[str, str]:
        """The files of the project that are the author's, by path."""
        out: dict[str, str] = {}
        for card in sorted(self.cards.values(), key=self._place):
            out[card.path] = out.get(card.path, f"# {card.service}\n") + "\n" + card.markdown()
        if self.ledger:
            out[LEDGER] = self.ledger
        entries = [
            f'[[card]]\nid = "{name}"\nreason = "Reason {entry.reason} & more."\n'
            f"successors = {json.dumps(entry.successors)}\n"
            for name, entry in sorted(self.retired.items())
        ]
        entries += [
            f'[[gap]]\nid = "{name}"\nnumber = {number}\nreason = "Reason {reason}."\n'
            for (name, number), reason in sorted(self.gone.items())
        ]
        if entries:
            out[RETIRED] = "\n".join(entries)
        return out

    def _place(self, card: CardText) -> tuple[int, str]:
        """Where a card is in the files: in another order for each number."""
        shuffled = sum(map(ord, card.id)) * (self.order * 37 + 11) % 101
        return (shuffled if self.order else 0, card.id)


class Publisher:
    """The project's folder and what comes out of it. One folder does for all histories:
    only files that differ are written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = make_project(folder, cards=False)
        settings = folder / "decks" / "project.toml"
        text = settings.read_text("utf-8").replace("1790000000", str(EPOCH))
        settings.write_text(text, "utf-8")
        self.base = {
            path.relative_to(folder).as_posix(): path.read_text("utf-8")
            for part in ("decks", "schema")
            for path in sorted((folder / part).rglob("*"))
            if path.is_file()
        }
        self.disk = dict(self.base)

    def write(self, author: Author) -> None:
        """Make the folder hold the author's files."""
        wanted = {**self.base, **self._looks(author), **author.files()}
        for path in sorted({*wanted, *self.disk}):
            file = self.folder / path
            if path not in wanted:
                file.unlink()
            elif wanted[path] != self.disk.get(path):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(wanted[path], "utf-8")
        self.disk = wanted

    def _looks(self, author: Author) -> dict[str, str]:
        style = "decks/notetypes/style.css"
        out = {style: f"{self.base[style]}/* style {author.style} */\n"}
        for slug in TYPES:
            front, settings = (
                f"decks/notetypes/{slug}/{name}" for name in ("front.html", "notetype.toml")
            )
            number, (first, second) = author.templates[slug], SPARES[author.spares[slug]]
            out[front] = self.base[front] + f'<div class="look-{number}"></div>\n' * bool(number)
            text = self.base[settings].replace('"Spare1"', '"=1"').replace('"Spare2"', '"=2"')
            out[settings] = text.replace('"=1"', f'"{first}"').replace('"=2"', f'"{second}"')
        return out

    def check(
        self, author: Author, now: int
    ) -> tuple[pipeline.Checked | None, tuple[Diagnostic, ...]]:
        """The author's project; None if there are errors."""
        self.write(author)
        outcome = pipeline.check(self.folder, datetime.fromtimestamp(now, UTC).date())
        return (None if has_errors(outcome.diagnostics) else outcome.value), outcome.diagnostics

    def checked(self, author: Author, now: int) -> pipeline.Checked:
        checked, diagnostics = self.check(author, now)
        problems = [(d.code, d.message) for d in diagnostics]
        assert checked is not None, f"check refuses an honest edit: {problems}"
        return checked


def stored(built: pipeline.Built, folder: Path) -> dict[str, Package]:
    """The packages of a build, written to their own folder."""
    out = {}
    for artifact in built.artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.data)
        if path.suffix == ".apkg":
            out[artifact.path] = Package(path, artifact.path)
    return out


def bytes_of(built: pipeline.Built) -> dict[str, bytes]:
    """What learners bring into Anki of a build."""
    return {
        artifact.path: artifact.data
        for artifact in built.artifacts
        if artifact.path.endswith((".apkg", ".txt"))
    }
