"""No update ever costs a learner anything: random histories of a deck and its learners, played against real Anki.

An author edits, releases, branches and merges; learners skip releases, import what they like in any order, study and edit.
After each step everything that a learner has is compared with what was promised. A failing history is printed a line a step.

What Anki itself does not give, and the promise therefore not either, is stated where it is looked at: see `Student`.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from anki import buildinfo
from anki_learner import ALWAYS, IF_NEWER, NEVER, CardState, Learner, NoteState, State
from conftest import FULL
from history_model import (
    EPOCH,
    NAMESPACE,
    SERVICES,
    SPARES,
    TASKS,
    TOPICS,
    TYPES,
    CardText,
    Edition,
    Entry,
    Known,
    Line,
    Package,
    Publisher,
    Row,
    TypeTexts,
    bytes_of,
    guids,
    merged,
    merged_books,
    stored,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deckwright import pipeline
from deckwright.project import ledger

HISTORIES = int(os.environ.get("DECKWRIGHT_HISTORIES") or (300 if FULL else 56))
SIZES = ((3, 5), (3, 15), (6, 9))  # of rounds, of edits before a release, of actions after it
WAITS = (0, 1, 40, 700, 4_000, 90_000, 3_000_000)  # seconds between two steps

# Up to 24.11 Anki stamps a note with the time of the import that updated it, and not with the package's stamp. So what was
# released before that import is older to it, and does not arrive until it changes again (or by the text route).
STAMPS_IMPORT_TIME = tuple(int(part) for part in buildinfo.version.split(".")[:2]) < (25, 2)


class Has(NamedTuple):
    """What a learner has of a row: the time that ranks it upstream, when the learner last touched it (0: never), and, of a
    draft's row, the stamp by which other drafts go."""

    since: int
    touched: int = 0
    stamp: int = 0

    def takes(self, since: int, stamp: int, draft: bool) -> bool:
        """Whether an import brings another row: one that upstream changed later."""
        return (
            stamp > max(self.stamp or self.since, self.touched)
            if draft
            else since > max(self.since, self.touched)
        )


class Student:
    """A learner, and what it may expect of every import.

    The promise: an import never takes or changes a card, a review or a note that upstream left alone, and brings every note
    that upstream changed later than what the learner has. Anki's limits to that:

    - a note that the learner touched (an edit, a tag) in the second of a release or later keeps the learner's version, until
      it changes upstream again; the text route brings its texts even then;
    - a new gap of a note that was not updated makes its card all the same, blank until the text comes;
    - an older package brings cards and gaps that a newer release has retired, if the learner has none of them;
    - the text route goes by contents, so that an older text replaces a newer one, as if the learner had written it;
    - *Always* takes everything, older rows and touched notes too, unless the stamps are equal;
    - when the fields or templates of a note type change, Anki makes the cards of its notes anew where it finds them missing, and
      may not find those of a note whose cards' ids have another note's between them (it groups neighbours, and since Check
      Database has counted the rows it may read them by id: 25.9.2, 26.9.3). The double ones go with the next Check Database,
      the learner's stay. So the ids of a note's cards lie together in packages; they do not where a learner has a card from
      elsewhere, as from a draft or from two branches, and a gap is added.
    """

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
        assert not log.conflicting, (
            f"{self.name}: conflicting {[n.fields[0] for n in log.conflicting]}"
        )
        after = self.state
        for key, row in package.rows.items():
            old, new, since, draft = (
                before.notes.get(key),
                after.notes.get(key),
                edition.since[key],
                key in edition.drafts,
            )
            assert new is not None, f"{self.name}: {row.fields[0]} did not arrive"
            if old is None:
                assert (new.fields, new.tags) == (row.fields, row.tags), (
                    f"{self.name}: {row.fields[0]} came as another one"
                )
                self.has[key] = Has(since, 0, row.mod if draft else 0)
                continue
            has = self.has[key]
            if notes == IF_NEWER:
                wanted = has.takes(since, row.mod, draft)
            else:  # a draft is never taken for the release that it differs from
                wanted = notes == ALWAYS and (
                    row.mod != old.mod or (draft and not has.stamp and not has.touched)
                )
            if wanted:
                assert (new.fields, new.tags) == (row.fields, row.tags), self._differs(
                    "the update did not arrive", row.fields, new, old
                )
                self.has[key] = Has(
                    since, now if STAMPS_IMPORT_TIME else 0, row.mod if draft else 0
                )
            else:
                assert new == old, self._differs(
                    "a note that upstream left alone was changed", old.fields, new, old
                )
        self._only(before, package.rows)
        fresh = {
            (key, number): row.deck
            for key, row in package.rows.items()
            for number in row.gaps
            if (key, number) not in before.cards
        }
        self._cards(before, fresh)
        for number, (texts, stamp) in package.types.items():
            since, mine = edition.since[number], looks.get(number)
            if mine is None:
                wanted = True
            elif types == ALWAYS:
                wanted = stamp != mine[1]
            else:
                wanted = self.looks[number].takes(since, stamp, number in edition.drafts)
            if wanted:
                assert self.types[number][0] == texts, (
                    f"{self.name}: the look of {texts.name} did not arrive"
                )
                self.looks[number] = Has(
                    since,
                    self._type_touched(number, stamp),
                    stamp if number in edition.drafts else 0,
                )
            else:
                assert self.types[number] == mine, (
                    f"{self.name}: the look of {texts.name} was changed"
                )
        for number in looks.keys() - package.types.keys():
            assert self.types[number] == looks[number]
        assert set(self.types) == set(looks) | set(package.types)

    def _type_touched(self, number: int, stamp: int) -> int:
        return 0 if self.types[number][1] == stamp else self.types[number][1]

    def add_text(self, package: Package, edition: Edition, now: int) -> None:
        """The text route: new notes and looks from the package, then the texts of those that are there."""
        self.add(package, edition, now, notes=NEVER)
        if not package.text.exists():
            return
        before, looks = self.state, self.types
        self.learner.now = now
        self.learner.add_text(package.text)
        self._look(before)
        for key, row in package.rows.items():
            old, new = before.notes[key], self.state.notes[key]
            if old.fields[:-1] == row.fields[:-1]:
                assert new == old, self._differs(
                    "the text route changed a note with the same texts", old.fields, new, old
                )
                continue
            assert new.fields[:-1] == row.fields[:-1], self._differs(
                "the text did not arrive", row.fields, new, old
            )
            assert (new.fields[-1], new.tags) == (old.fields[-1], old.tags), self._differs(
                "the text route took what is the learner's", (), new, old
            )
            self.has[key] = Has(edition.since[key], now)
        assert set(self.state.notes) == set(before.notes), (
            f"{self.name}: the text made a second note"
        )
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
        """Something of the learner's own, to these notes and their cards, or to those that are then gone."""
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

    def found(self, search: str) -> set[str]:
        return {
            self.learner.col.get_note(number).guid for number in self.learner.col.find_notes(search)
        }

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
        assert after.reviews[: len(before.reviews)] == before.reviews, (
            f"{self.name}: the log of reviews lost something"
        )
        assert after.schema == before.schema, f"{self.name}: a full sync is needed"
        assert not [name for name in after.types.values() if "+" in name], (
            f"{self.name}: a second note type {sorted(after.types.values())}"
        )
        assert set(after.types) - self.stock <= PROJECT_TYPES, (
            f"{self.name}: a note type of somebody else"
        )
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
            assert self.state.cards.get(card) == old, (
                f"{self.name}: the card {before.notes[card[0]].fields[0]} {card[1]}: {old} → {self.state.cards.get(card)}"
            )
        came = {card: state for card, state in self.state.cards.items() if card not in before.cards}
        assert set(came) == set(fresh), (
            f"{self.name}: other cards came than {sorted(fresh)}: {sorted(came)}"
        )
        for card, state in came.items():
            assert state._replace(due=0) == CardState(fresh[card], 0, 0, 0, 0, 0, 0, 0), (
                f"{self.name}: {card} came as {state}"
            )

    def _differs(self, what: str, wanted: Iterable[str], new: NoteState, old: NoteState) -> str:
        fields = [(w, n) for w, n in zip(wanted, new.fields, strict=False) if w != n]
        return f"{self.name}: {what}: {new.fields[0]}: {fields}, tags {old.tags} → {new.tags}, stamp {old.mod} → {new.mod}"


class Step(NamedTuple):
    """One step of a history: what, and three numbers that choose among what is there."""

    what: str
    a: int = 0
    b: int = 0
    c: int = 0


class Round(NamedTuple):
    """Edits, a release, and what learners do then."""

    edits: tuple[Step, ...]
    release: Step
    actions: tuple[Step, ...]


PROJECT_TYPES: set[int] = set()
STRICT = True  # look at stamps, too, and not only at what learners get


@cache
def publisher() -> Publisher:
    """One project folder for all histories of this process."""
    found = Publisher(Path(tempfile.mkdtemp(prefix="histories-")) / "project")
    PROJECT_TYPES.update(found.numbers.values())
    return found


class History:
    """A deck's life: the branches, what was published, the learners, and what happened, a line a step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = publisher()
        self.now = EPOCH + 1000
        self.last = 0  # when the last release of any branch was made
        self.lines = [Line("main")]
        self.published: list[Edition] = []
        self.students: list[Student] = []
        self.count: Counter[str] = Counter()
        self.serial = itertools.count(1)
        self.places = itertools.count(1)
        self.log: list[str] = []
        for number in range(5):
            self._new_card(self.lines[0], number, number)

    def close(self) -> None:
        for student in self.students:
            student.learner.close()
            self.count["(Anki made cards twice)"] += student.doubled

    def say(self, kind: str, text: str) -> None:
        self.count[kind] += 1
        self.log.append(text)

    # --- the author

    def edit(self, step: Step) -> None:
        """One edit of one branch, a release or a draft; a step for which nothing fits does nothing."""
        line = self.lines[step.a % len(self.lines)]
        if step.what != "nothing":
            getattr(self, "_edit_" + step.what.replace("-", "_"))(line, step)

    def _card(
        self, line: Line, number: int, fits: Callable[[CardText], bool] = lambda card: True
    ) -> CardText | None:
        cards = [card for _, card in sorted(line.cards.items()) if fits(card)]
        return cards[number % len(cards)] if cards else None

    def _put(self, line: Line, card: CardText, kind: str, text: str) -> None:
        line.cards[card.id] = card
        self.say(kind, f"{line.name}: {text}")

    def _new_card(self, line: Line, kind: int, place: int) -> CardText:
        task = list(TASKS)[place % 3]
        service = list(SERVICES)[place // 3 % 3]
        slug = TYPES[kind % 3]
        card = CardText(
            id=f"card-{next(self.serial)}",
            type=slug,
            task=task,
            service=service,
            kind={"basic": "concept", "cloze": "quota", "multiple-choice": "scenario"}[slug],
            topic=TOPICS[task][place // 9 % 2],
            gaps=((1, 0), (2, 0)) if slug == "cloze" else (),
        )
        self._put(line, card, "add card", f"add {slug} {card.id} in {card.path}")
        return card

    def _edit_text(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b)
        what = ("question", "answer", "extra", "source")[step.c % 4]
        if card and card.type == "cloze" and what == "answer":
            number, value = card.gaps[step.c % len(card.gaps)]
            gaps = tuple((n, step.c // 4 % 3 if n == number else v) for n, v in card.gaps)
            self._put(
                line,
                replace(card, gaps=gaps),
                "edit",
                f"value of gap {number} of {card.id}: {value} → {dict(gaps)[number]}",
            )
        elif card:
            value = step.c // 4 % 3
            self._put(
                line, replace(card, **{what: value}), "edit", f"{what} of {card.id} → {value}"
            )

    def _edit_recheck(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b)
        if card:
            self._put(
                line,
                replace(card, checked=f"2023-{1 + step.c % 11:02}"),
                "re-check",
                f"check {card.id} again",
            )

    def _edit_recheck_all(self, line: Line, step: Step) -> None:
        line.cards = {
            name: replace(card, checked=f"2023-{1 + step.c % 11:02}")
            for name, card in line.cards.items()
        }
        self.say("re-check", f"{line.name}: check all again")

    def _edit_add(self, line: Line, step: Step) -> None:
        self._new_card(line, step.b, step.c)

    def _edit_drop(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b, lambda c: not line.known(c) and c.id not in line.named())
        if card and len(line.cards) > 2:
            del line.cards[card.id]
            self.say("drop unreleased card", f"{line.name}: drop {card.id}, which no release has")

    def _retire(self, line: Line, card: CardText, successors: Iterable[str], reason: int) -> None:
        line.sections[card.id] = line.cards.pop(card.id)
        line.retired[card.id] = Entry(reason, tuple(successors))

    def _edit_retire(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b, line.known)
        if card and len(line.cards) > 3:
            others = sorted({*line.cards, *line.retired} - {card.id})
            chosen = sorted({others[(step.c + 7 * n) % len(others)] for n in range(step.c % 3)})
            self._retire(line, card, chosen, step.c % 4)
            self.say(
                "retire card", f"{line.name}: retire {card.id} for {', '.join(chosen) or 'nothing'}"
            )

    def _edit_revive(self, line: Line, step: Step) -> None:
        """The author thinks better of it before the release."""
        names = sorted(line.retired.keys() - line.stones.keys())
        if names:
            name = names[step.b % len(names)]
            if name in line.sections:
                del line.retired[name]
                self._put(
                    line,
                    line.sections[name],
                    "take a retirement back",
                    f"{name} is not retired after all",
                )

    def _edit_reason(self, line: Line, step: Step) -> None:
        names = sorted(line.retired)
        if names:
            name = names[step.b % len(names)]
            others = sorted({*line.cards, *line.retired} - {name})
            entry = Entry(step.c % 4, (others[step.c % len(others)],) * (step.c // 4 % 2))
            line.retired[name] = entry
            self.say("edit a reason", f"{line.name}: why {name} is retired: {entry}")

    def _edit_split(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b, line.known)
        if card:
            self._put(
                line,
                replace(card, question=step.c % 3),
                "split",
                f"split {card.id}, question → {step.c % 3}, and",
            )
            self._new_card(line, TYPES.index(card.type), step.c)

    def _edit_join(self, line: Line, step: Step) -> None:
        card, other = self._card(line, step.b, line.known), self._card(line, step.c)
        if card and other and card != other and len(line.cards) > 3:
            self._retire(line, card, [other.id], step.c % 4)
            self._put(
                line,
                replace(other, extra=step.c % 3),
                "merge cards",
                f"{card.id} becomes a part of {other.id}, explanation → {step.c % 3}",
            )

    def _edit_move(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b)
        if card:
            task = (card.task, *TASKS)[step.c % 4]
            service = (card.service, *SERVICES)[step.c // 4 % 4]
            topic = card.topic if card.topic in TOPICS[task] else TOPICS[task][0]
            moved = replace(
                card, task=task, service=service, name=("", "more")[step.c // 16 % 2], topic=topic
            )
            moved = replace(moved, also=tuple(s for s in card.also if s != service))
            self._put(line, moved, "move card", f"move {card.id} to {moved.path}")

    def _edit_tag(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b)
        if card is None:
            return
        match step.c % 5:
            case 0:
                card = replace(
                    card,
                    also=()
                    if card.also
                    else tuple(s for s in SERVICES if s != card.service)[: 1 + step.c // 5 % 2],
                )
            case 1:
                card = replace(card, topic=TOPICS[card.task][step.c // 5 % 2])
            case 2:
                card = replace(card, status="" if card.status else "legacy")
            case 3:
                card = replace(card, exams=((), ("none",), ("next::2.1",))[step.c // 5 % 3])
            case _:
                card = replace(
                    card,
                    kind="quota"
                    if card.type == "cloze"
                    else ("concept", "scenario")[step.c // 5 % 2],
                )
        self._put(
            line,
            card,
            "re-tag",
            f"{card.id} is {card.kind} of {card.topic}, also {card.also}, exams {card.exams}, status {card.status!r}",
        )

    def _taken(self, line: Line, card: CardText) -> set[int]:
        return {
            *card.numbers,
            *line.numbers.get(card.id, {}),
            *(n for name, n in line.gone if name == card.id),
        }

    def _edit_gap(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b, lambda c: c.type == "cloze" and len(c.gaps) < 3)
        if card:
            number = max(self._taken(line, card)) + 1
            gaps = [*card.gaps]
            gaps.insert(step.c % (len(gaps) + 1), (number, step.c % 3))
            self._put(
                line, replace(card, gaps=tuple(gaps)), "add gap", f"add gap {number} to {card.id}"
            )

    def _edit_turn(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b, lambda c: len(c.gaps) > 1)
        if card:
            gaps = card.gaps[1:] + card.gaps[:1]
            self._put(
                line,
                replace(card, gaps=gaps),
                "turn gaps",
                f"another order of the gaps of {card.id}: {[n for n, _ in gaps]}",
            )

    def _edit_retire_gap(self, line: Line, step: Step) -> None:
        card = self._card(line, step.b, lambda c: len(c.gaps) > 1)
        if card is None:
            return
        number = card.gaps[step.c % len(card.gaps)][0]
        gaps = tuple(gap for gap in card.gaps if gap[0] != number)
        if number in line.numbers.get(card.id, {}):
            line.gone[card.id, number] = step.c % 3
            self._put(
                line, replace(card, gaps=gaps), "retire gap", f"retire gap {number} of {card.id}"
            )
        elif number == max(self._taken(line, card)):
            self._put(
                line,
                replace(card, gaps=gaps),
                "drop unreleased gap",
                f"drop gap {number} of {card.id}, which no release has",
            )

    def _edit_style(self, line: Line, step: Step) -> None:
        line.style = step.c % 3
        self.say("style", f"{line.name}: style → {line.style}")

    def _edit_template(self, line: Line, step: Step) -> None:
        slug = TYPES[step.b % 3]
        line.looks[slug] = line.looks[slug]._replace(template=step.c % 3)
        self.say("template", f"{line.name}: template of {slug} → {step.c % 3}")

    def _edit_spare(self, line: Line, step: Step) -> None:
        slug = TYPES[step.b % 3]
        line.looks[slug] = line.looks[slug]._replace(spare=step.c % len(SPARES))
        self.say(
            "rename spare field",
            f"{line.name}: spare fields of {slug} → {SPARES[step.c % len(SPARES)]}",
        )

    def _edit_shuffle(self, line: Line, step: Step) -> None:
        line.order = step.c % 20
        self.say("shuffle files", f"{line.name}: the files' cards in another order ({line.order})")

    def _edit_branch(self, line: Line, step: Step) -> None:
        if len(self.lines) == 1 and line.released:
            self.lines.append(line.copy(f"branch-{next(self.places)}"))
            self.say("branch", f"branch {self.lines[1].name} off {line.name}")

    def _edit_cherry(self, line: Line, step: Step) -> None:
        """The same new card on both branches."""
        for other in self.lines:
            card = self._card(
                other, step.b, lambda c: c.id not in line.cards and c.id not in line.retired
            )
            if other is not line and card:
                self._put(
                    line,
                    replace(card, gaps=tuple(sorted(card.gaps))),
                    "take card over",
                    f"take {card.id} over from {other.name}",
                )
                return

    def _edit_merge(self, line: Line, step: Step) -> None:
        """The two branches become one; or, as a fork does, one takes what the other has, and both go on."""
        if len(self.lines) == 2 and all(each.released for each in self.lines):
            other = self.lines[1 - self.lines.index(line)]
            book = merged_books(line.book, other.book)
            new = merged(line, other, step.c)
            new.book = book
            if step.b % 2 == 0:
                self.lines[self.lines.index(line)] = new
                self.say("pull", f"{line.name} pulls from {other.name}, choice {step.c:b}")
            else:
                self.lines = [new]
                self.say("merge", f"{line.name} and {other.name} become one, choice {step.c:b}")

    def _edit_forbidden(self, line: Line, step: Step) -> None:
        """An edit that would cost somebody something is refused, whatever else is in the tree."""
        found = forbidden(line, self.desk, step)
        if found is None:
            return
        name, code, changed, instead = found
        _, diagnostics = self.desk.check(changed, self.now, instead)
        codes = sorted({d.code for d in diagnostics if d.severity == "error"})
        assert code in codes, f"{line.name}: {name} is not refused: {codes}"
        self.say(f"refused: {name}", f"{line.name}: {name}: {code}")

    # --- releases and drafts

    def _pass(self, number: int) -> None:
        self.now += WAITS[number % len(WAITS)]

    def _edit_release(self, line: Line, step: Step) -> None:
        self.release(step)

    def release(self, step: Step) -> None:
        line = self.lines[step.a % len(self.lines)]
        self._pass(step.b)
        self.now = max(self.now, self.last + 601)
        name = f"{(1, 2, 10, 0)[step.c % 4]}.{next(self.places)}.0"
        checked = self.desk.checked(line, self.now)
        done = pipeline.release(checked, name, self.now)
        assert set(done.project.ledgers) == {NAMESPACE}
        line.book = ledger.write(done.project.ledgers[NAMESPACE])
        built = pipeline.build(done)
        assert not built.rendered.news, (
            f"a release leaves something unreleased: {built.rendered.news}"
        )
        assert "DRAFT.md" not in {a.path for a in built.artifacts}
        edition = self._published(line, built, name, draft=False)
        self.last = self.now
        self.say("release", f"{line.name}: release {name} at {self.now - EPOCH}")
        quiet = line.still is not None and line.still[0] == line.everything()
        if quiet:
            self.say("release without changes", "  (nothing has changed)")
            before = line.released[-1].packages
            assert before.keys() == edition.packages.keys()
            assert all(
                package.rows == edition.packages[key].rows for key, package in before.items()
            ), f"{name} changes what is the same"
            if line.still[1] == line.layout():
                assert line.still[2] == bytes_of(built), f"{name} has other bytes for the same"
        line.still = (line.everything(), line.layout(), bytes_of(built))
        line.released.append(edition)
        if step.c % 3 == 0:
            again = pipeline.build(self.desk.checked(line, self.now + WAITS[step.b % len(WAITS)]))
            assert bytes_of(again) == bytes_of(built), "a second build gives other packages"
            assert again.artifacts == built.artifacts, "a second build says something else"
            self.count["rebuild"] += 1

    def _edit_draft(self, line: Line, step: Step) -> None:
        self._pass(step.b)
        self.now = max(
            self.now, self.last + 601
        )  # a draft's stamps lie in the ten minutes after a release
        built = pipeline.build(self.desk.checked(line, self.now))
        self._published(line, built, f"draft-{next(self.places)}", draft=bool(built.rendered.news))
        self.say(
            "draft",
            f"{line.name}: {self.published[-1].name} at {self.now - EPOCH}, {'' if built.rendered.news else 'nothing new'}",
        )

    def _published(self, line: Line, built: pipeline.Built, name: str, draft: bool) -> Edition:
        """Writes the packages down and looks at them: the right cards, the texts of the author's, one row for one card."""
        packages = stored(built, self.folder / name)
        rows = dict(packages["all.apkg"].rows)
        assert set(rows) == {card.guid for card in line.cards.values()}, (
            f"{name}: other cards than the author's"
        )
        for card in line.cards.values():
            row = rows[card.guid]
            text = " ".join(row.fields)
            assert all(mark in text for mark in card.marks), (
                f"{name}: {card.id} is not what its author wrote: {card.marks} {row.fields}"
            )
            assert row.tags == card.tags, f"{name}: tags of {card.id}: {row.tags}"
            assert row.gaps == frozenset(n - 1 for n in card.numbers or {1})
            assert row.deck in line.homes.get(card.guid, {card.home}), (
                f"{name}: {card.id} goes to {row.deck}"
            )
            assert row.fields[-1] == ""
        for package in packages.values():
            if package.name == "retired.apkg":
                assert set(package.rows) == guids(line.stones if draft else line.retired), (
                    f"{name}: other cards are retired"
                )
                for row in package.rows.values():
                    releases = line.stones.get(row.fields[0], {name})
                    assert row.tags in {(f"mini::retired::{release}",) for release in releases}, (
                        f"{name}: {row.fields[0]} has {row.tags}"
                    )
                rows |= package.rows
            else:
                assert all(rows[key] == row for key, row in package.rows.items()), (
                    f"{name}: {package.name} has other rows"
                )
        looks = {
            number: found
            for package in packages.values()
            for number, found in package.types.items()
        }
        meanings = line.meanings()
        last = max((r.time for r in line.released), default=EPOCH)
        since: dict[str | int, int] = {}
        drafts: set[str | int] = set()
        for key, texts, before in (
            *((key, row.texts, line.rows.get(key)) for key, row in rows.items()),
            *((number, (found,), line.types.get(number)) for number, (found, _) in looks.items()),
        ):
            if (
                before
                and before.texts
                and (before.texts == texts or before.meaning == meanings.get(str(key), 0))
            ):
                since[key] = before.since
            elif not before and key in looks and looks[key][1] in {r.time for r in line.released}:
                since[key] = looks[key][
                    1
                ]  # a note type of that release, of which no package had a card
            elif (
                draft
            ):  # less than the release that it differs from, so that any release puts it right
                since[key] = before.since - 1 if before else last
                drafts.add(key)
            else:
                since[key] = self.now
        if STRICT:
            self._stamps(line, name, draft, rows)
        edition = Edition(
            name,
            line.name,
            self.now,
            draft,
            packages,
            since,
            drafts,
            frozenset(card.guid for card in line.cards.values()),
        )
        self.published.append(edition)
        if not name.startswith("draft"):
            self._remember(line, edition, rows, looks)
        return edition

    def _stamps(self, line: Line, name: str, draft: bool, rows: Mapping[str, Row]) -> None:
        """What the publisher promises of stamps and texts."""
        last = max((r.time for r in line.released), default=EPOCH)
        for key, row in rows.items():
            before = line.rows.get(key)
            if before and before.texts == row.texts:
                assert row.mod == before.since, (
                    f"{name}: {row.fields[0]} did not change, and is stamped anew"
                )
            elif not draft:
                assert row.mod == self.now, (
                    f"{name}: {row.fields[0]} changed, and is stamped {row.mod} instead of {self.now}"
                )
            elif before:
                assert 0 < before.since - row.mod <= 600, f"{name}: the draft of {row.fields[0]}"
            else:
                assert 0 < row.mod - last <= 600, f"{name}: the draft of {row.fields[0]}"

    def _remember(
        self,
        line: Line,
        edition: Edition,
        rows: Mapping[str, Row],
        looks: Mapping[int, tuple[TypeTexts, int]],
    ) -> None:
        cards = {card.guid: card for card in line.cards.values()}
        for card in line.cards.values():
            line.numbers.setdefault(card.id, {}).update(card.gaps)
        meanings = line.meanings()
        for key, row in rows.items():
            line.rows[key] = Known(row.texts, edition.since[key], meanings[key])
            if key in cards:
                line.homes.setdefault(key, {row.deck})
        for number, (texts, _) in looks.items():
            line.types[number] = Known((texts,), edition.since[number])
        for retired in line.retired:
            line.stones.setdefault(retired, {edition.name})
        line.holes |= set(line.gone)

    # --- learners

    def action(self, step: Step) -> None:
        """One thing that a learner does; when nothing fits, it imports something."""
        if step.what == "nothing":
            return
        self._pass(step.c)
        if not self.students:
            self._join(step)
        student = self.students[step.a % len(self.students)]
        if not student.state.notes and not step.what.startswith(("import", "join")):
            step = step._replace(what="import")
        if getattr(self, "_do_" + step.what.replace("-", "_"))(student, step) is False:
            self._do_import(student, step)

    def _did(self, student: Student, kind: str, text: str) -> None:
        self.say(kind, f"    {student.name} {text}")
        self.count["learner actions"] += 1

    def _join(self, step: Step) -> Student:
        name = ("Anna", "Ben", "Cleo", "Dora", "Emil", "Fritz", "Greta")[
            len(self.students) % 7
        ] + str(len(self.students) // 7 or "")
        self.students.append(Student(name, self.folder / "learners" / name, self.now))
        return self.students[-1]

    def _edition(self, step: Step) -> Edition:
        """The newest, mostly; or any other that was ever published."""
        back = (0, 0, 0, 1, 0, 2, 1, 0, 3, 5, 8, 13)[step.b % 12]
        return self.published[-1 - back % len(self.published)]

    def _packages(self, edition: Edition, number: int) -> list[Package]:
        names = edition.normal
        if number % 3 == 0:
            return [edition.packages["all.apkg"]]
        chosen = [names[(number // 3 + 5 * n) % len(names)] for n in range(1 + number // 3 % 3)]
        return [edition.packages[name] for name in dict.fromkeys(chosen)]

    def _do_import(self, student: Student, step: Step) -> None:
        edition = self._edition(step)
        older = any(
            since < student.has[key].since
            for key, since in edition.since.items()
            if key in student.has
        )
        for package in self._packages(edition, step.b // 12 + step.c // 7):
            self._did(
                student,
                f"import {'draft' if edition.draft else 'older release' if older else 'release'}",
                f"imports {package.name} of {edition.name}",
            )
            student.add(package, edition, self.now)

    def _do_import_always(self, student: Student, step: Step) -> None:
        edition = (
            next((e for e in reversed(self.published) if e.draft), None) if step.c % 4 else None
        )
        edition = edition or self._edition(step)
        for package in self._packages(edition, step.b // 12 + step.c // 7):
            self._did(
                student,
                f"import {'draft' if edition.draft else 'release'}: Always",
                f"imports {package.name} of {edition.name}, Always",
            )
            student.add(package, edition, self.now, notes=ALWAYS, types=ALWAYS)

    def _do_import_text(self, student: Student, step: Step) -> None:
        edition = self._edition(step)
        for package in self._packages(edition, step.b // 12 + step.c // 7):
            self._did(student, "text route", f"takes the texts of {package.name} of {edition.name}")
            student.add_text(package, edition, self.now)

    def _do_import_retired(self, student: Student, step: Step) -> bool | None:
        editions = [e for e in self.published if "retired.apkg" in e.packages]
        if not editions:
            return False
        edition = editions[-1 - (0, 0, 1, 2)[step.b % 4] % len(editions)]
        self._did(student, "import retired.apkg", f"imports retired.apkg of {edition.name}")
        student.add(edition.packages["retired.apkg"], edition, self.now)
        return None

    def _do_bury_retired(self, student: Student, step: Step) -> bool | None:
        """Finds what is retired, and deletes it."""
        found = student.found("tag:mini::retired")
        tagged = {
            key
            for key, note in student.state.notes.items()
            if any(t.startswith("mini::retired::") for t in note.tags)
        }
        assert found == tagged, f"{student.name}: the search finds {found} instead of {tagged}"
        if not found or step.b % 2:
            return False
        self._did(student, "delete retired cards", f"deletes {len(found)} retired cards")
        student.act(
            self.now, lambda learner: [learner.delete(key) for key in sorted(found)], gone=found
        )
        return None

    def _note(self, student: Student, number: int) -> tuple[str, str]:
        """A note of the learner's, and its card's id."""
        keys = sorted(student.state.notes, key=lambda key: student.state.notes[key].fields[0])
        key = keys[number % len(keys)]
        return key, student.state.notes[key].fields[0]

    def _do_study(self, student: Student, step: Step) -> None:
        key, name = self._note(student, step.b)
        rating = (3, 1, 4, 2)[step.c // 7 % 4]
        count = len(student.state.reviews)
        alive = [
            card
            for card, state in student.state.cards.items()
            if card[0] == key and state.queue >= 0
        ]
        self._did(student, "study", f"studies {name}, answer {rating}")
        student.act(self.now, lambda learner: learner.study(key, rating), [key])
        assert len(student.state.reviews) == count + len(alive)

    def _do_study_all(self, student: Student, step: Step) -> None:
        self._did(student, "study", "studies everything")
        keys = sorted(student.state.notes)
        student.act(self.now, lambda learner: [learner.study(key) for key in keys], keys)

    def _do_tag(self, student: Student, step: Step) -> None:
        key, name = self._note(student, step.b)
        self._did(student, "tag", f"tags {name}")
        student.act(self.now, lambda learner: learner.tag(key, f"mine::{step.c % 3}"), [key])

    def _do_flag(self, student: Student, step: Step) -> None:
        key, name = self._note(student, step.b)
        self._did(student, "flag", f"flags {name}")
        student.act(self.now, lambda learner: learner.flag(key, 1 + step.c % 7), [key])

    def _do_suspend(self, student: Student, step: Step) -> None:
        key, name = self._note(student, step.b)
        self._did(student, "suspend", f"suspends {name}")
        student.act(self.now, lambda learner: learner.suspend(key), [key])

    def _do_move(self, student: Student, step: Step) -> None:
        key, name = self._note(student, step.b)
        self._did(student, "move to own deck", f"moves {name}")
        student.act(
            self.now,
            lambda learner: learner.move(key, ("Mine", "Mini::1 Reliability::Mine")[step.c % 2]),
            [key],
        )

    def _do_my_notes(self, student: Student, step: Step) -> None:
        key, name = self._note(student, step.b)
        self._did(student, "write MyNotes", f"writes MyNotes of {name}")
        student.act(
            self.now,
            lambda learner: learner.write_my_notes(key, f"note {next(self.places)}"),
            [key],
        )

    def _do_edit(self, student: Student, step: Step) -> None:
        key, name = self._note(student, step.b)
        text = student.state.notes[key].fields[1]
        self._did(student, "edit a field", f"edits {name}")
        student.act(self.now, lambda learner: learner.edit(key, 1, f"{text} (mine)"), [key])

    def _do_delete(self, student: Student, step: Step) -> None:
        key, name = self._note(student, step.b)
        self._did(student, "delete a note", f"deletes {name}")
        student.act(self.now, lambda learner: learner.delete(key), gone=[key])

    def _do_restyle(self, student: Student, step: Step) -> None:
        number = sorted(student.looks)[step.b % len(student.looks)]
        self._did(student, "restyle", f"restyles {student.state.types[number]}")
        student.restyle(number, f".card {{ color: blue; }} /* {next(self.places)} */", self.now)

    def _do_rename_deck(self, student: Student, step: Step) -> bool | None:
        names = sorted(
            {card.deck for card in student.state.cards.values() if card.deck.startswith("Mini::")}
        )
        if not names:
            return False
        name = names[step.b % len(names)]
        keys = [key for key, _ in student.state.cards]
        self._did(student, "rename a deck", f"renames {name}")
        student.act(
            self.now, lambda learner: learner.rename_deck(name, f"Own {next(self.places)}"), keys
        )
        return None

    def _do_join(self, student: Student, step: Step) -> bool | None:
        """Somebody begins with a package of the newest release, and gets no retired card."""
        edition = next((e for e in reversed(self.published) if not e.draft), None)
        if edition is None or len(self.students) > 3:
            return False
        new = self._join(step)
        for package in self._packages(edition, step.b):
            self._did(new, "begin", f"begins with {package.name} of {edition.name}")
            new.add(package, edition, self.now)
            assert set(new.state.notes) <= edition.live, f"{new.name} gets a retired card"
        assert not any("retired" in tag for note in new.state.notes.values() for tag in note.tags)
        return None

    # --- the end

    def end(self) -> None:
        """All branches become one, a last release comes, and all who take all of it have the same."""
        if len(self.lines) == 2:
            for line in self.lines:
                if not line.released:
                    self.release(Step("release", self.lines.index(line)))
            self._edit_merge(self.lines[0], Step("merge", 0, 1, len(self.log) * 7))
        self.release(Step("release", 0, 3, 3))
        while self.count["learner actions"] < 20:
            number = self.count["learner actions"]
            self.action(
                Step(
                    ("import", "study", "tag", "my-notes")[number % 4],
                    number,
                    number * 5,
                    number * 3,
                )
            )
        self._pass(1)
        edition = self.published[-1]
        for number, student in enumerate(self.students):
            names = (
                edition.normal[number:]
                + edition.normal[:number]
                + ["retired.apkg"] * ("retired.apkg" in edition.packages)
            )
            self._did(student, "take all", f"imports everything of {edition.name}")
            for name in names:
                student.add(edition.packages[name], edition, self.now)
            rows = edition.packages["all.apkg"].rows
            for key, row in rows.items():
                if student.has[key].touched < edition.since[key]:
                    note = student.state.notes[key]
                    assert note.fields[:-1] == row.fields[:-1], (
                        f"{student.name} has another {row.fields[0]} than everybody"
                    )
            # A second time, and older packages of this branch, change nothing that is there.
            for older in [edition, *(e for e in self.lines[0].released if e is not edition)][:3]:
                student.add(older.packages["all.apkg"], older, self.now)
            before = student.state
            student.add_text(edition.packages["all.apkg"], edition, self.now)
            for key, row in rows.items():
                note, old = student.state.notes[key], before.notes[key]
                assert note.fields == (*row.fields[:-1], old.fields[-1]), (
                    f"{student.name} has another {row.fields[0]} than everybody"
                )
                assert note.tags == old.tags


def forbidden(
    line: Line, desk: Publisher, step: Step
) -> tuple[str, str, Line, dict[str, str]] | None:
    """An edit that a check has to refuse: its name, the code, the branch with it, and files instead of others."""
    new = line.copy(line.name)
    released = [card for _, card in sorted(line.cards.items()) if line.known(card)]
    gaps = (
        [c for c in released if len(line.numbers[c.id].keys() & c.numbers) > 1] if released else []
    )
    card = released[step.b % len(released)] if released else None
    fact = gaps[step.b % len(gaps)] if gaps else None
    settings_file, words = "decks/project.toml", "schema/vocabulary/mini.toml"
    slug = TYPES[step.b % 3]
    toml = f"decks/notetypes/{slug}/notetype.toml"
    text = desk._looks(line)[toml]
    match step.c % 12:
        case 0 if card:
            del new.cards[card.id]
            return "remove a released card", "L002", new, {}
        case 1 if card:
            new.cards[card.id] = replace(card, id=card.id + "-new")
            return "rename a released card", "L002", new, {}
        case 2 if fact:
            number = sorted(line.numbers[fact.id].keys() & fact.numbers)[step.b % 2]
            new.cards[fact.id] = replace(
                fact, gaps=tuple(gap for gap in fact.gaps if gap[0] != number)
            )
            return "drop a released gap", "L005", new, {}
        case 3 if fact:
            one, other = sorted(line.numbers[fact.id].keys() & fact.numbers)[:2]
            changed = (
                fact.markdown()
                .replace(f"c{one}::", "c0::")
                .replace(f"c{other}::", f"c{one}::")
                .replace("c0::", f"c{other}::")
            )
            if any(
                line.numbers[fact.id][number] != dict(fact.gaps)[number] for number in (one, other)
            ):
                return None  # with new answers nobody can see it
            file = {**desk.base, **line.files()}[fact.path]
            return (
                "swap two gap numbers",
                "L006",
                new,
                {fact.path: file.replace(fact.markdown(), changed)},
            )
        case 4 if line.stones:
            name = sorted(line.stones)[step.b % len(line.stones)]
            new.cards[name] = CardText(name, "basic", "4.1", "s3", topic="copies", question=9)
            return "use a retired id again", "U502", new, {}
        case 5 if [hole for hole in line.holes if hole[0] in line.cards]:
            name, number = sorted(hole for hole in line.holes if hole[0] in line.cards)[0]
            new.cards[name] = replace(
                line.cards[name], gaps=(*line.cards[name].gaps[:2], (number, 9))
            )
            return "use a retired gap number again", "L006", new, {}
        case 6 if card:
            if card.type == "basic":
                new.cards[card.id] = replace(card, type="multiple-choice")
            else:
                new.cards[card.id] = replace(card, type="basic", kind="concept", gaps=())
            return "make another type of a released card", "L004", new, {}
        case 7 if card:
            deck = next(iter(line.homes[card.guid])).split("::")[1]
            return (
                "rename a deck",
                "L007",
                new,
                {words: desk.base[words].replace(f'deck = "{deck}"', 'deck = "9 Other"')},
            )
        case 8 if line.book:
            first, second = (
                next(row for row in text.split("\n") if f'name = "{name}"' in row)
                for name in ("Status", "Task")
            )
            return (
                "turn two fields round",
                "L009",
                new,
                {toml: text.replace(first, "\0").replace(second, first).replace("\0", second)},
            )
        case 9 if line.book:
            return "give a field another id", "L009", new, {toml: _other_id(text)}
        case 10 if line.book:
            return (
                "change the namespace",
                "L008",
                new,
                {
                    settings_file: desk.base[settings_file].replace(
                        '"mini"\n\n[[package', '"other"\n\n[[package'
                    )
                },
            )
        case 11 if line.stones:
            del new.retired[sorted(line.stones)[step.b % len(line.stones)]]
            return "take out why a card was retired", "L003", new, {}
    return None


def _other_id(text: str) -> str:
    row = next(row for row in text.split("\n") if 'name = "Source"' in row)
    number = row.split("id = ")[1].split(",")[0]
    return text.replace(number, "123456789012345")


EDITS = (
    *["text"] * 9,
    *["tag", "gap", "add", "retire", "draft", "forbidden"] * 4,
    *["branch", "cherry"] * 5,
    *["move", "retire-gap", "merge", "release"] * 3,
    *["recheck", "join", "spare", "reason"] * 2,
    *["recheck-all", "drop", "revive", "split", "turn", "style", "template", "shuffle"],
)
ACTS = (
    *["import"] * 8,
    *["import-text", "import-always", "import-retired"] * 3,
    *["join", "study", "tag", "my-notes", "bury-retired"] * 2,
    *["edit", "study-all", "flag", "suspend", "move", "delete", "restyle", "rename-deck"],
)


def step(kinds: tuple[str, ...], number: int) -> Step:
    """A step out of one number, of which 0 does nothing. So a plan is a few numbers, which Hypothesis can take away."""
    if number == 0:
        return Step("nothing")
    choose = random.Random(number)
    return Step(choose.choice(kinds), *(choose.randrange(1000) for _ in range(3)))


def plans() -> st.SearchStrategy[list[Round]]:
    number = st.integers(0, 2**40)
    edits, actions = (
        st.lists(number, min_size=low, max_size=high).map(
            lambda found, kinds=kinds: tuple(step(kinds, n) for n in found)
        )
        for kinds, (low, high) in ((EDITS, SIZES[1]), (ACTS, SIZES[2]))
    )
    release = number.map(lambda n: step(("release",), n))
    return st.lists(
        st.builds(Round, edits, release, actions), min_size=SIZES[0][0], max_size=SIZES[0][1]
    )


@pytest.fixture(autouse=True, scope="module")
def clean() -> Iterator[None]:
    yield
    if publisher.cache_info().currsize:
        shutil.rmtree(publisher().folder.parent)
        publisher.cache_clear()


@pytest.fixture(autouse=True)
def quick_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas are looked at by every check; here, where they never change, once."""
    monkeypatch.setattr(
        Draft202012Validator, "check_schema", _looked_at_once(Draft202012Validator.check_schema)
    )


def _looked_at_once(look: Callable[..., None]) -> Callable[..., None]:
    seen: set[str] = set()

    def check_schema(schema: Any, *arguments: Any, **keywords: Any) -> None:
        text = repr(schema)
        if text not in seen:
            look(schema, *arguments, **keywords)
            seen.add(text)

    return check_schema


@contextmanager
def history() -> Iterator[History]:
    """A history in a folder of its own; what fails in it is told with all of its steps."""
    folder = Path(tempfile.mkdtemp(prefix="history-"))
    found = History(folder)
    try:
        yield found
    except AssertionError as error:
        raise AssertionError(f"{error}\n\nAfter these steps:\n" + "\n".join(found.log)) from error
    finally:
        found.close()
        shutil.rmtree(folder, ignore_errors=True)


def play(story: History, plan: Iterable[Round]) -> None:
    for part in plan:
        for edit in part.edits:
            story.edit(edit)
        story.release(part.release)
        for action in part.actions:
            story.action(action)
    story.end()


@pytest.mark.parametrize("part", range(2))
def test_no_update_costs_a_learner_anything(part: int) -> None:
    """Random histories; two halves, for two cores. DECKWRIGHT_HISTORIES says how many."""
    counts: Counter[str] = Counter()

    @settings(
        max_examples=max(1, HISTORIES // 2),
        deadline=None,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(plans())
    def run(plan: list[Round]) -> None:
        with history() as story:
            play(story, plan)
            assert len(story.published) >= 3
            assert story.count["learner actions"] >= 20
        counts.update(story.count)
        counts["histories"] += 1

    try:
        run()
    finally:
        print("\n".join(f"{count:7} {kind}" for kind, count in counts.most_common()))


def told(*steps: Callable[[History], object]) -> History:
    """A history step by step: what an author does to the one branch, and the one learner."""
    with history() as story:
        for each in steps:
            each(story)
    return story


def author(what: str, b: int = 0, c: int = 0) -> Callable[[History], object]:
    return lambda story: story.edit(Step(what, 0, b, c))


def publish(what: str) -> Callable[[History], object]:
    return author(what, 3, 1)


def takes_newest(story: History) -> None:
    """The learner imports all of what was published last, with Anki's defaults."""
    if not story.students:
        story._join(Step("join"))
    story._pass(1)
    edition = story.published[-1]
    story._did(story.students[0], "import release", f"imports all.apkg of {edition.name}")
    story.students[0].add(edition.packages["all.apkg"], edition, story.now)


def test_the_cards_of_a_note_have_neighbouring_ids_in_a_draft() -> None:
    story = told(author("add", 1, 3), author("add", 1, 6), publish("draft"), takes_newest)
    assert story.students[0].scattered == 0


def test_no_card_comes_twice_when_a_template_changes_after_a_draft() -> None:
    """Found by a random history. Anki 25.9.2 and 26.9.3, once Check Database has run: two facts with two gaps each came with
    a draft; the release brings another template of theirs, and Anki makes a second card of two gaps."""
    facts = (author("add", 1, 3), author("add", 1, 6))
    story = told(
        publish("release"),
        takes_newest,
        *facts,
        publish("draft"),
        takes_newest,
        author("template", 1, 1),
        publish("release"),
        takes_newest,
    )
    assert story.students[0].doubled == 0


@pytest.mark.parametrize("kind", [0, 2])
def test_a_renamed_spare_field_wakes_no_template(kind: int) -> None:
    """Found by a random history on Anki 23.10.1: when a field is renamed, it adds `{{ID}}` to a front that has no field outside a
    condition, and so makes a card of the sleeping template for every note."""
    told(
        publish("release"), takes_newest, author("spare", kind, 1), publish("release"), takes_newest
    )
