"""A learner with a real Anki collection: imports packages, studies, and tells what the
collection holds.

A learner may live on a clock of its own (`start`, `now`), so that a test can play
months in a moment. Anki itself knows only the machine's clock; so whatever it stamps
with that is set back to `now` after each action. This tells the two kinds of stamps
apart: all simulated times, the packages' too, lie before the real moment at which the
action began.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from anki.collection import Collection
from anki.import_export_pb2 import (
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
    ImportAnkiPackageUpdateCondition,
    ImportCsvRequest,
)

ALWAYS = ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_ALWAYS
IF_NEWER = ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER
NEVER = ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_NEVER

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4

Cards = (
    str | int | tuple[str, int]
)  # a guid (all its cards), a card id, or a guid and a template or gap number from 0


class NoteState(NamedTuple):
    """A note as the learner has it."""

    type: int
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    mod: int


class CardState(NamedTuple):
    """A card as the learner has it."""

    deck: str
    type: int
    queue: int
    due: int
    ivl: int
    reps: int
    lapses: int
    flags: int


class TypeTexts(NamedTuple):
    """What a learner sees of a note type."""

    name: str
    css: str
    fields: tuple[str, ...]
    templates: tuple[tuple[str, str, str], ...]


def type_texts(data: Mapping[str, Any]) -> TypeTexts:
    """A note type as Anki writes it into JSON."""
    templates = tuple((t["name"], t["qfmt"], t["afmt"]) for t in data["tmpls"])
    return TypeTexts(data["name"], data["css"], tuple(f["name"] for f in data["flds"]), templates)


@dataclass(frozen=True)
class State:
    """What a collection holds, apart from the texts of its note types. `schema` moves when
    a full sync is needed.
    """

    notes: dict[str, NoteState]
    cards: dict[tuple[str, int], CardState]
    reviews: tuple[tuple[int, ...], ...]
    types: dict[int, str]
    schema: int


@cache
def _empty_collection() -> bytes:
    """A new collection's file. Anki needs a while to make one; a copy is cheap."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.anki2"
        Collection(str(path)).close()
        return path.read_bytes()


class Learner:
    """One collection in a folder of its own, which is made when it is not there. Without
    `start` on the machine's clock.
    """

    def __init__(self, folder: Path, start: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "collection.anki2"
        if not path.exists():
            path.write_bytes(_empty_collection())
        self.now = start
        self.col = Collection(str(path))
        self.stock = set(
            self.col.db.list(
                "select id from notetypes where id not in (select distinct mid from notes)"
            )
        )

    def close(self) -> None:
        self.col.close()

    @contextmanager
    def _act(self) -> Iterator[None]:
        """Around everything that changes the collection: what Anki stamps with the
        machine's time gets the learner's.
        """
        began = int(time.time())
        yield
        self.col.models._clear_cache()
        if self.now is None:
            return
        assert self.now < began, "simulated time has to lie in the past"
        for table, column in (
            ("notes", "mod"),
            ("cards", "mod"),
            ("notetypes", "mtime_secs"),
            ("decks", "mtime_secs"),
        ):
            self.col.db.execute(
                f"update {table} set {column} = ? where {column} >= ?", self.now, began
            )

    def add(
        self,
        package: Path,
        always: bool = False,
        notes: int = IF_NEWER,
        types: int = IF_NEWER,
        merge: bool = False,
    ) -> Any:
        """Imports a package with Anki's default options, or with other choices for Update
        notes and Update note types (`always` sets both to Always) and for Merge note
        types; returns Anki's import log.
        """
        if always:
            notes = types = ALWAYS
        options = ImportAnkiPackageOptions(
            update_notes=notes, update_notetypes=types, merge_notetypes=merge
        )  # all else off
        with self._act():
            result = self.col.import_anki_package(
                ImportAnkiPackageRequest(package_path=str(package), options=options)
            )
        return result.log

    def add_text(self, package: Path) -> list[Any]:
        """Imports the text files next to a package as Anki offers it when its window opens;
        returns Anki's import logs.
        """
        paths = [
            path
            for path in sorted(package.parent.glob("*.txt"))
            if path.stem.rpartition(".")[0] == package.stem
        ]
        logs = []
        for path in paths:
            with self._act():
                metadata = self.col.get_csv_metadata(str(path), None)
                request = ImportCsvRequest(path=str(path), metadata=metadata)
                logs.append(self.col.import_csv(request).log)
        return logs

    def note(self, guid: str) -> Any:
        """Anki's own object for a note."""
        return self.col.get_note(self.col.db.scalar("select id from notes where guid = ?", guid))

    def card_ids(self, which: Cards) -> list[Any]:
        if isinstance(which, int):
            return [which]
        guid, number = which if isinstance(which, tuple) else (which, None)
        rows = self.col.db.all(
            "select c.id, c.ord from cards c join notes n on n.id = c.nid where n.guid = ? order by c.ord",  # noqa: E501
            guid,
        )
        return [card for card, order in rows if number in (None, order)]

    def study(self, which: Cards, rating: int = GOOD) -> None:
        """Answers each card once. A suspended card is not shown, so not answered."""
        with self._act():
            for number in self.card_ids(which):
                card = self.col.get_card(number)
                if card.queue >= 0:
                    card.start_timer()
                    self.col.sched.answerCard(card, rating)

    def tag(self, guid: str, tag: str) -> None:
        with self._act():
            self.col.tags.bulk_add([self.note(guid).id], tag)

    def flag(self, which: Cards, flag: int = 1) -> None:
        with self._act():
            self.col.set_user_flag_for_cards(flag, self.card_ids(which))

    def suspend(self, which: Cards) -> None:
        with self._act():
            self.col.sched.suspend_cards(self.card_ids(which))

    def move(self, which: Cards, deck: str) -> None:
        """Puts cards into a deck of the learner's own, made when it is not there."""
        with self._act():
            self.col.set_deck(self.card_ids(which), self.col.decks.id(deck))

    def edit(self, guid: str, index: int, text: str) -> None:
        with self._act():
            note = self.note(guid)
            note.fields[index] = text
            self.col.update_note(note)

    def write(self, guid: str, deck: str, question: str, answer: str) -> None:
        """Adds a note of the learner's own, of Anki's own note type."""
        with self._act():
            note = self.col.new_note(self.col.models.by_name("Basic"))
            note.guid, note.fields = guid, [question, answer]
            self.col.add_note(note, self.col.decks.id(deck))

    def write_my_notes(self, guid: str, text: str) -> None:
        """MyNotes is the last field."""
        self.edit(guid, -1, text)

    def delete(self, guid: str) -> None:
        with self._act():
            self.col.remove_notes([self.note(guid).id])

    def restyle(self, notetype: str, css: str) -> None:
        """Replaces the style of a note type, named by its name."""
        with self._act():
            data = self.col.models.by_name(notetype)
            data["css"] = css
            self.col.models.update_dict(data)

    def state(self) -> State:
        """What the collection holds, cheap enough to be taken after each step."""
        note_rows = self.col.db.all("select id, guid, mid, flds, tags, mod from notes")
        card_rows = self.col.db.all(
            "select nid, ord, did, type, queue, due, ivl, reps, lapses, flags from cards"
        )
        guid_of = {row[0]: row[1] for row in note_rows}
        deck_of = {d.id: d.name for d in self.col.decks.all_names_and_ids()}
        return State(
            {
                guid: NoteState(mid, tuple(flds.split("\x1f")), tuple(tags.split()), mod)
                for _, guid, mid, flds, tags, mod in note_rows
            },
            {
                (guid_of.get(nid, f"?{nid}"), number): CardState(deck_of[did], *rest)
                for nid, number, did, *rest in card_rows
            },
            tuple(tuple(row) for row in self.col.db.all("select * from revlog order by id")),
            dict(self.col.db.all("select id, name from notetypes")),
            self.col.db.scalar("select scm from col"),
        )

    def types(self) -> dict[int, tuple[TypeTexts, int]]:
        """The note types that are not Anki's own: what a learner sees of them, and their stamps."""
        stamps = dict(self.col.db.all("select id, mtime_secs from notetypes"))
        return {
            number: (type_texts(self.col.models.get(number)), stamp)
            for number, stamp in stamps.items()
            if number not in self.stock
        }

    def problems(self) -> list[str]:
        """What is wrong with the collection: a recount, then Anki's Check Database (which
        also mends what it finds).
        """
        guids = Counter(self.col.db.list("select guid from notes"))
        out = [f"guid {guid} {count} times" for guid, count in sorted(guids.items()) if count > 1]
        bare = self.col.db.list(
            "select guid from notes where id not in (select nid from cards) order by guid"
        )
        out += [f"note {guid} without cards" for guid in bare]
        lost = self.col.db.scalar(
            "select count() from cards where nid not in (select id from notes)"
        )
        out += [f"{lost} cards without note"] if lost else []
        twice = self.col.db.scalar(
            "select count() from (select 1 from cards group by nid, ord having count() > 1)"
        )
        out += [f"{twice} cards twice"] if twice else []
        before = self.col.card_count()
        with self._act():
            report, ok = self.col.fix_integrity()
        # When a review falls on the edge of a second, Anki notes its time twice, one apart, and
        # "adds" it here: no matter of ours.
        said = [line for line in report.splitlines()[:-1] if "last review time" not in line]
        out += [] if ok else [f"Check Database: {line}" for line in said]
        after = self.col.card_count()
        return out + ([f"Check Database made {before} cards {after}"] if after != before else [])

    def guids(self) -> set[str]:
        return set(self.col.db.list("select guid from notes"))

    def decks(self) -> set[str]:
        """Names of the decks that hold cards."""
        return {
            self.col.decks.name(did) for did in self.col.db.list("select distinct did from cards")
        }

    def tags(self) -> set[str]:
        return set(self.col.tags.all())
