"""A learner in a random history: what the collection must hold after each import, by
Anki's rules and our promises.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from anki import buildinfo
from anki_learner import ALWAYS, IF_NEWER, NEVER, CardState, Learner, NoteState, State
from history_model import Edition, Package, Row

# Up to 24.11, Anki gives an updated note the time of the import, and not the package's. To Anki,
# what was released before that import is then older, and does not arrive until it changes again
# (or with the text update).
SETS_IMPORT_TIME = tuple(int(part) for part in buildinfo.version.split(".")[:2]) < (25, 2)


PROJECT_TYPES: set[int] = set()  # ids of the note types of the deck


class Has(NamedTuple):
    """What a learner has of a row: the time that ranks it upstream, when the learner last
    touched it (0: never), and, of a draft's row, its modification time.
    """

    since: int
    touched: int = 0
    mod: int = 0

    def takes(self, since: int, mod: int, draft: bool) -> bool:
        """Whether an import brings another row: one that upstream changed later."""
        if draft:
            return mod > max(self.mod or self.since, self.touched)
        return since > max(self.since, self.touched)


class Student:
    """A learner, and what it may expect of every import.

    The promise: an import never takes or changes a card, a review or a note that
    upstream left alone, and brings every note that upstream changed later than what the
    learner has. Anki's limits to that:

    - a note that the learner touched (an edit, a tag) in the second of a release or later keeps the learner's version, until
      it changes upstream again; the text update brings its texts even then;
    - a new gap of a note that was not updated makes its card all the same, blank until the text comes;
    - an older package brings cards and gaps that a newer release has retired, if the learner has none of them;
    - the text update goes by contents, so that an older text replaces a newer one, as if the learner had written it;
    - *Always* takes everything, older rows and touched notes too, unless the times are equal;
    - when the fields or templates of a note type change, Anki makes the cards of its notes anew where it finds them missing, and
      may not find those of a note whose cards' ids have another note's between them (it groups neighbours, and since Check
      Database has counted the rows it may read them by id: 25.9.2, 26.9.3). The double ones go with the next Check Database,
      the learner's stay. So the ids of a note's cards lie together in packages; they do not where a learner has a card from
      elsewhere, as from a draft or from two branches, and a gap is added.
    """  # noqa: E501

    def __init__(self, name: str, folder: Path, now: int) -> None:
        self.name = name
        self.learner = Learner(folder, start=now)
        self.has: dict[str, Has] = {}
        self.looks: dict[int, Has] = {}
        self.state = self.learner.state()
        self.types = self.learner.types()
        self.stock = set(self.state.types)
        self.scattered = 0  # notes that have another's cards between theirs
        self.doubled = 0  # how often Anki made cards twice for that

    # --- imports

    def add(
        self,
        package: Package,
        edition: Edition,
        now: int,
        notes: int = IF_NEWER,
        types: int = IF_NEWER,
    ) -> None:
        """Imports a package and looks at everything that came and stayed."""
        self.learner.now = now
        before, looks = self.state, self.types
        log = self.learner.add(package.path, notes=notes, types=types)
        self._look(before)
        assert not log.conflicting, [note.fields[0] for note in log.conflicting]
        for key, row in package.rows.items():
            old, new = before.notes.get(key), self.state.notes.get(key)
            since, draft, touched = edition.since[key], key in edition.drafts, 0
            assert new is not None, f"{self.name}: {row.fields[0]} did not arrive"
            wanted = True
            if old is not None:
                has, touched = self.has[key], now if SETS_IMPORT_TIME else 0
                # A draft is never taken for the release that it differs from.
                differs = row.mod != old.mod or (draft and not has.mod and not has.touched)
                newer = has.takes(since, row.mod, draft)
                wanted = newer if notes == IF_NEWER else notes == ALWAYS and differs
            if wanted:
                self._same("the update did not arrive", row, new)
                self.has[key] = Has(since, touched, row.mod if draft else 0)
            else:
                assert new == old, f"{self.name}: {row.fields[0]}, left alone, was changed"
        self._only(before, package.rows)
        fresh = {
            (key, number): row.deck
            for key, row in package.rows.items()
            for number in row.gaps
            if (key, number) not in before.cards
        }
        self._cards(before, fresh)
        for number, (texts, mod) in package.types.items():
            since, mine = edition.since[number], looks.get(number)
            draft, wanted = number in edition.drafts, True
            if mine is not None and types == ALWAYS:
                wanted = mod != mine[1]
            elif mine is not None:
                wanted = self.looks[number].takes(since, mod, draft)
            if wanted:
                own, own_mod = self.types[number]
                assert own == texts, f"{self.name}: the look of {texts.name} did not arrive"
                touched = 0 if own_mod == mod else own_mod
                self.looks[number] = Has(since, touched, mod if draft else 0)
            else:
                assert self.types[number] == mine, f"the look of {texts.name} was changed"
        for number in looks.keys() - package.types.keys():
            assert self.types[number] == looks[number]
        assert set(self.types) == set(looks) | set(package.types)

    def add_text(self, package: Package, edition: Edition, now: int) -> None:
        """The text update: new notes and looks from the package, then the texts of those that are there."""  # noqa: E501
        self.add(package, edition, now, notes=NEVER)
        before, looks = self.state, self.types
        self.learner.now = now
        if not self.learner.add_text(package.path):
            return
        self._look(before)
        for key, row in package.rows.items():
            old, new = before.notes[key], self.state.notes[key]
            if old.fields[:-1] == row.fields[:-1]:
                assert new == old, f"{self.name}: the text update changed what was the same"
                continue
            mine = row._replace(fields=(*row.fields[:-1], old.fields[-1]), tags=old.tags)
            self._same("the text did not arrive", mine, new)
            self.has[key] = Has(edition.since[key], now)
        assert set(self.state.notes) == set(before.notes), "the text made a second note"
        self._only(before, package.rows)
        self._cards(before, {})
        assert self.types == looks

    # --- what the learner does

    def act(
        self,
        now: int,
        what: Callable[[Learner], object],
        notes: Iterable[str] = (),
        gone: Iterable[str] = (),
    ) -> None:
        """Something of the learner's own, to these notes and their cards, or to those that
        are then gone.
        """
        self.learner.now = now
        before, notes, gone = self.state, set(notes), set(gone)
        what(self.learner)
        self._look(before)
        for key, new in self.state.notes.items():
            if new != before.notes[key]:
                assert key in notes, f"{self.name}: {new.fields[0]} was changed, too"
                self.has[key] = self.has[key]._replace(touched=now)
        assert set(before.notes) - set(self.state.notes) == gone
        for card, old in before.cards.items():
            assert card[0] in gone or card[0] in notes or self.state.cards[card] == old
        assert {c for c in before.cards if c[0] not in gone} == set(self.state.cards)
        for key in gone:
            del self.has[key]

    def restyle(self, number: int, css: str, now: int) -> None:
        self.learner.now = now
        before = self.state
        self.learner.restyle(self.state.types[number], css)
        self._look(before)
        assert (before.notes, before.cards, before.reviews) == (
            self.state.notes,
            self.state.cards,
            self.state.reviews,
        )
        self.looks[number] = self.looks[number]._replace(touched=now)

    def search(self, text: str) -> set[str]:
        """The guids of the notes that a search in Anki finds."""
        col = self.learner.col
        return {col.get_note(number).guid for number in col.find_notes(text)}

    # --- what always holds

    def _look(self, before: State) -> None:
        """Takes the new state; what no step may ever do."""
        after = self.learner.state()
        problems = self.learner.problems()
        self.state = self.learner.state()
        looks, self.types = self.types, self.learner.types()
        if (
            problems
            and self.scattered
            and problems[0].endswith("cards twice")
            and looks != self.types
        ):
            problems = []
            self.doubled += 1
        else:  # Check Database itself may ask for a full sync
            assert replace(after, schema=0) == replace(self.state, schema=0), (
                f"{self.name}: Check Database changed something"
            )
        assert problems == [], f"{self.name}: {problems}"
        self.scattered = self._scattered()
        assert after.reviews[: len(before.reviews)] == before.reviews, "reviews are lost"
        assert after.schema == before.schema, f"{self.name}: a full sync is needed"
        assert not [name for name in after.types.values() if "+" in name], "a second note type"
        assert set(after.types) - self.stock <= PROJECT_TYPES, "a note type of somebody else"
        assert set(before.types) <= set(after.types)

    def _scattered(self) -> int:
        rows = self.learner.col.db.all(
            "select n.mid, c.nid from cards c join notes n on n.id = c.nid order by n.mid, c.id"
        )
        groups = [note for note, _ in itertools.groupby(note for _, note in rows)]
        return len(groups) - len(set(groups))

    def _only(self, before: State, rows: Mapping[str, Row]) -> None:
        """An import leaves everything alone that it does not hold, and adds no review."""
        assert self.state.reviews == before.reviews
        for key, old in before.notes.items():
            assert key in self.state.notes, f"{self.name}: the note {old.fields[0]} is gone"
            assert key in rows or self.state.notes[key] == old, (
                f"{self.name}: {old.fields[0]} was changed by a package without it"
            )
        assert set(self.state.notes) - set(before.notes) <= set(rows)

    def _cards(self, before: State, fresh: Mapping[tuple[str, int], str]) -> None:
        """Every card is as it was, and exactly the `fresh` ones came, new, into their decks."""
        for card, old in before.cards.items():
            name = before.notes[card[0]].fields[0]
            assert self.state.cards.get(card) == old, f"{self.name}: a card of {name} differs"
        came = {card: state for card, state in self.state.cards.items() if card not in before.cards}
        assert set(came) == set(fresh), (
            f"{self.name}: other cards came than {sorted(fresh)}: {sorted(came)}"
        )
        for card, state in came.items():
            assert state._replace(due=0) == CardState(fresh[card], 0, 0, 0, 0, 0, 0, 0), (
                f"{self.name}: {card} came as {state}"
            )

    def _same(self, what: str, row: Row, note: NoteState) -> None:
        fields = [pair for pair in zip(row.fields, note.fields, strict=False) if len({*pair}) > 1]
        same = not fields and note.tags == row.tags
        assert same, f"{self.name}: {what}: {row.fields[0]}: {fields}, {row.tags}, {note.tags}"
