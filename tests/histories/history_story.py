"""One random history: an author, releases and learners, and everything that is compared
after each step.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from anki_learner import ALWAYS, Learner
from history_model import (
    CONTENT,
    EPOCH,
    PARTS,
    SERVICES,
    TYPES,
    Author,
    CardText,
    Edition,
    Entry,
    Known,
    Package,
    Publisher,
    Row,
    Step,
    TypeTexts,
    bytes_of,
    stored,
)
from history_student import PROJECT_TYPES, Student

from deckwright import pipeline
from deckwright.core.identity import guid
from deckwright.project import ledger


class Round(NamedTuple):
    """Edits, a release, and what learners do then."""

    edits: tuple[Step, ...]
    release: Step
    actions: tuple[Step, ...]


WAITS = (0, 1, 40, 700, 4_000, 90_000, 3_000_000)  # seconds between two steps

# What a learner does to one note.
TOUCHES: Mapping[str, Callable[[Learner, str, int], object]] = {
    "study": lambda learner, key, n: learner.study(key, 1 + n % 4),
    "tag": lambda learner, key, n: learner.tag(key, f"mine::{n % 3}"),
    "flag": lambda learner, key, n: learner.flag(key, 1 + n % 7),
    "suspend": lambda learner, key, n: learner.suspend(key),
    "move": lambda learner, key, n: learner.move(key, ("Mine", "Mini::1 Reliability::Mine")[n % 2]),
    "my-notes": lambda learner, key, n: learner.write_my_notes(key, f"note {n}"),
    "edit": lambda learner, key, n: learner.edit(key, 1, f"{learner.note(key).fields[1]} (mine)"),
}


IMPORTS: Mapping[str, Callable[[Student, Package, Edition, int], None]] = {
    "import": Student.add,
    "import-always": partial(Student.add, notes=ALWAYS, types=ALWAYS),
    "import-text": Student.add_text,
}


@cache
def publisher() -> Publisher:
    """One project folder for all histories of this process."""
    return Publisher(Path(tempfile.mkdtemp(prefix="histories-")) / "project")


class History:
    """A deck's life: what was published, the learners, and what happened, a line a step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = publisher()
        self.now = EPOCH + 1000
        self.author = Author()
        self.published: list[Edition] = []
        # What the last release was made of, in which order, its bytes, and its packages.
        self.last: tuple[Any, ...] = ("", (), {}, {})
        self.students: list[Student] = []
        self.count: Counter[str] = Counter()
        self.serial = itertools.count(1)
        self.log: list[str] = []
        for number in range(5):
            self._edit_add(Step("add", number, number))

    def close(self) -> None:
        for student in self.students:
            student.learner.close()
            self.count["(Anki made cards twice)"] += student.doubled

    def say(self, kind: str, text: str) -> None:
        self.count[kind] += 1
        self.log.append(text)

    # --- the author

    def edit(self, step: Step) -> None:
        """One edit, a release or a draft; a step for which nothing fits does nothing."""
        if step.what != "nothing":
            getattr(self, "_edit_" + step.what.replace("-", "_"))(step)

    def _card(
        self, number: int, fits: Callable[[CardText], bool] = lambda card: True
    ) -> CardText | None:
        cards = [card for _, card in sorted(self.author.cards.items()) if fits(card)]
        return cards[number % len(cards)] if cards else None

    def _put(self, card: CardText | None, kind: str, **changes: Any) -> None:
        if card:
            self.author.cards[card.id] = replace(card, **changes)
            self.say(kind, f"{kind} {card.id}: {changes}")

    def _edit_add(self, step: Step) -> None:
        slug = TYPES[step.b % 3]
        card = CardText(
            id=f"card-{next(self.serial)}",
            type=slug,
            part=list(PARTS)[step.c % 3],
            service=list(SERVICES)[step.c // 3 % 3],
            gaps=((1, 0), (2, 0)) if slug == "cloze" else (),
        )
        self._put(card, f"add {slug}")

    def _edit_text(self, step: Step) -> None:
        card, value = self._card(step.b), step.c // 4 % 3
        part = ("question", "answer", "extra", "source")[step.c % 4]
        if card and card.gaps and part == "answer":
            at = step.c % len(card.gaps)
            gaps = [(n, value if i == at else v) for i, (n, v) in enumerate(card.gaps)]
            self._put(card, "edit", gaps=tuple(gaps))
        else:
            self._put(card, "edit", **{part: value})

    def _edit_recheck(self, step: Step) -> None:
        self._put(self._card(step.b), "re-check", checked=f"2023-{1 + step.c % 11:02}")

    def _edit_drop(self, step: Step) -> None:
        named = {name for entry in self.author.retired.values() for name in entry.successors}
        card = self._card(step.b, lambda c: not self.author.known(c) and c.id not in named)
        if card and len(self.author.cards) > 2:
            del self.author.cards[card.id]
            self.say("drop unreleased card", f"drop {card.id}, which no release has")

    def _edit_retire(self, step: Step) -> None:
        author, card = self.author, self._card(step.b, self.author.known)
        if card and len(author.cards) > 3:
            others = sorted({*author.cards, *author.retired} - {card.id})
            chosen = sorted({others[(step.c + 7 * n) % len(others)] for n in range(step.c % 3)})
            del author.cards[card.id]
            author.retired[card.id] = Entry(step.c % 4, tuple(chosen))
            self.say("retire card", f"retire {card.id} for {chosen}")

    def _edit_reason(self, step: Step) -> None:
        names = sorted(self.author.retired)
        if names:
            name = names[step.b % len(names)]
            entry = self.author.retired[name]._replace(reason=step.c % 4)
            self.author.retired[name] = entry
            self.say("edit a reason", f"why {name} is retired: {entry}")

    def _edit_move(self, step: Step) -> None:
        card = self._card(step.b)
        if card:
            part = (card.part, *PARTS)[step.c % 4]
            service = (card.service, *SERVICES)[step.c // 4 % 4]
            also = tuple(slug for slug in card.also if slug != service)
            name = ("", "more")[step.c // 16 % 2]
            self._put(card, "move card", part=part, service=service, also=also, name=name)

    def _edit_tag(self, step: Step) -> None:
        card = self._card(step.b)
        if card and step.c % 2:
            others = [slug for slug in SERVICES if slug != card.service]
            also = () if card.also else tuple(others[: 1 + step.c // 2 % 2])
            self._put(card, "re-tag", also=also)
        elif card:
            self._put(card, "re-tag", status="" if card.status else "legacy")

    def _taken(self, card: CardText) -> set[int]:
        return {
            *card.numbers,
            *self.author.numbers.get(card.id, {}),
            *(number for name, number in self.author.gone if name == card.id),
        }

    def _edit_gap(self, step: Step) -> None:
        card = self._card(step.b, lambda c: c.type == "cloze" and len(c.gaps) < 3)
        if card:
            gaps = [*card.gaps]
            gaps.insert(step.c % (len(gaps) + 1), (max(self._taken(card)) + 1, step.c % 3))
            self._put(card, "add gap", gaps=tuple(gaps))

    def _edit_turn(self, step: Step) -> None:
        card = self._card(step.b, lambda c: len(c.gaps) > 1)
        if card:
            self._put(card, "turn gaps", gaps=card.gaps[1:] + card.gaps[:1])

    def _edit_retire_gap(self, step: Step) -> None:
        card = self._card(step.b, lambda c: len(c.gaps) > 1)
        if card is None:
            return
        number = card.gaps[step.c % len(card.gaps)][0]
        gaps = tuple(gap for gap in card.gaps if gap[0] != number)
        if number in self.author.numbers.get(card.id, {}):
            self.author.gone[card.id, number] = step.c % 3
            self._put(card, "retire gap", gaps=gaps)
        elif number == max(self._taken(card)):
            self._put(card, "drop unreleased gap", gaps=gaps)

    def _edit_look(self, step: Step) -> None:
        """The style of all note types, or the template or spare fields of one."""
        slug, value = TYPES[step.b % 3], step.c // 3 % 3
        match step.c % 3:
            case 0:
                self.author.style = value
            case 1:
                self.author.templates[slug] = value
            case _:
                self.author.spares[slug] = value
        self.say("look", f"look of {slug}, {step.c % 3} → {value}")

    def _edit_shuffle(self, step: Step) -> None:
        self.author.order = step.c % 20
        self.say("shuffle files", f"the cards in another order ({self.author.order})")

    def _edit_forbidden(self, step: Step) -> None:
        """An edit that would cost somebody something is refused, whatever else is in the tree."""
        bad, author = deepcopy(self.author), self.author
        numbers, holes = author.numbers, sorted(h for h in author.holes if h[0] in author.cards)
        card = self._card(step.b, author.known)
        fact = self._card(step.b, lambda c: len(numbers.get(c.id, {}).keys() & c.numbers) > 1)
        match step.c % 6:
            case 0 if card:
                code = "L002"
                del bad.cards[card.id]
            case 1 if card:
                code = "L002"
                bad.cards[card.id] = replace(card, id=f"{card.id}-new")
            case 2 if card:
                code = "L004"
                other = "multiple-choice" if card.type == "basic" else "basic"
                bad.cards[card.id] = replace(card, type=other, gaps=())
            case 3 if fact:
                code = "L005"
                number = min(numbers[fact.id].keys() & fact.numbers)
                gaps = tuple(gap for gap in fact.gaps if gap[0] != number)
                bad.cards[fact.id] = replace(fact, gaps=gaps)
            case 4 if author.tombstones:
                code = "U502"
                name = sorted(author.tombstones)[step.b % len(author.tombstones)]
                bad.cards[name] = CardText(name, "basic", "reliability", "s3", question=9)
            case 5 if holes:
                code = "L006"
                name, number = holes[0]
                gaps = (*author.cards[name].gaps[:2], (number, 9))
                bad.cards[name] = replace(author.cards[name], gaps=gaps)
            case _:
                return
        codes = {d.code for d in self.desk.check(bad, self.now)[1] if d.severity == "error"}
        # A card whose gap numbers also have a new hole is refused for that alone.
        assert code in codes or (code in ("L005", "L006") and "C406" in codes), (code, codes)
        self.say(f"refused: {code}", f"refused: {code}")

    # --- releases and drafts

    def _pass(self, number: int) -> None:
        self.now += WAITS[number % len(WAITS)]

    def _pass_drafts(self, number: int) -> None:
        """The times of drafts are in the ten minutes after a release."""
        self._pass(number)
        self.now = max(self.now, self.author.times[-1] + 601)

    def _edit_release(self, step: Step) -> None:
        self._pass_drafts(step.b)
        author, name = self.author, f"{(1, 2, 10, 0)[step.c % 4]}.{next(self.serial)}.0"
        done = pipeline.release(self.desk.checked(author, self.now), name, self.now)
        author.ledger = ledger.write(done.project.ledgers["mini"])
        built = pipeline.build(done)
        assert not built.made.news, "a release leaves something unreleased"
        assert "DRAFT.md" not in {artifact.path for artifact in built.artifacts}
        edition = self._publish(built, name, draft=False)
        self.say("release", f"release {name} at {self.now - EPOCH}")
        everything, layout = author.everything(), (author.order, sorted(author.files()))
        rows = {key: package.rows for key, package in edition.packages.items()}
        if self.last[0] == everything:
            self.say("release without changes", "  (nothing has changed)")
            assert rows == self.last[3], f"{name} changes what is the same"
            if self.last[1] == layout:
                assert self.last[2] == bytes_of(built), f"{name} has other bytes for the same"
        self.last = (everything, layout, bytes_of(built), rows)
        author.times.append(self.now)
        if step.c % 3 == 0:
            later = self.now + WAITS[step.b % len(WAITS)]
            again = pipeline.build(self.desk.checked(author, later))
            assert again.artifacts == built.artifacts, "a second build says something else"

    def _edit_draft(self, step: Step) -> None:
        self._pass_drafts(step.b)
        built = pipeline.build(self.desk.checked(self.author, self.now))
        name = f"draft-{next(self.serial)}"
        self._publish(built, name, draft=bool(built.made.news))
        self.say("draft", f"{name} at {self.now - EPOCH}")

    def _publish(self, built: pipeline.Built, name: str, draft: bool) -> Edition:
        """Write the packages down and look at them: the cards and texts of the author's, one
        row for one card, and the promised times.
        """
        author, packages = self.author, stored(built, self.folder / name)
        rows = dict(packages["all.apkg"].rows)
        live = frozenset(card.guid for card in author.cards.values())
        assert set(rows) == live, f"{name}: other cards than the author's"
        for card in author.cards.values():
            self._compare(card, rows[card.guid])
        for package in packages.values():
            if package.name == "retired.apkg":
                names = author.tombstones if draft else author.retired
                assert set(package.rows) == {guid("mini", one) for one in names}
                for row in package.rows.values():
                    release = author.tombstones.get(row.fields[0], name)
                    assert row.tags == (f"mini::retired::{release}",)
                rows |= package.rows
            else:
                assert all(rows[key] == row for key, row in package.rows.items()), package.name
        types = {number: one for p in packages.values() for number, one in p.types.items()}
        since: dict[str | int, int] = {}
        drafts: set[str | int] = set()
        for key, meaning, known in (
            *((key, one, author.rows.get(key)) for key, one in author.meanings().items()),
            *((number, one[0], author.types.get(number)) for number, one in types.items()),
        ):
            if known and known.meaning == meaning:
                since[key] = known.since
            elif draft:  # less than the release that it differs from, which puts it right
                since[key] = known.since - 1 if known else author.times[-1]
                drafts.add(key)
            elif key in types and types[key][1] in author.times:
                since[key] = types[key][1]  # of a release whose packages had no card of it
            else:
                since[key] = self.now
        for key, row in rows.items():
            self._compare_time(row, author.rows.get(key), since[key], draft=key in drafts)
        edition = Edition(name, draft, packages, since, drafts, live)
        self.published.append(edition)
        if not name.startswith("draft"):
            self._remember(edition, rows, types)
        return edition

    def _compare(self, card: CardText, row: Row) -> None:
        text = " ".join(row.fields)
        assert all(mark in text for mark in card.marks), (card.marks, row.fields)
        assert row.tags == card.tags
        assert row.gaps == frozenset(n - 1 for n in card.numbers or {1})
        assert row.deck == self.author.homes.get(card.guid, card.home)
        assert row.fields[-1] == ""

    def _compare_time(self, row: Row, known: Known | None, since: int, draft: bool) -> None:
        """A row has the time of its release; a draft is close to the one that it differs from."""
        if not draft:
            assert row.mod == since, f"{row.fields[0]} has {row.mod} instead of {since}"
        elif known:
            assert 0 < known.since - row.mod <= 600, f"the draft of {row.fields[0]}"
        else:
            assert 0 < row.mod - self.author.times[-1] <= 600, f"the draft of {row.fields[0]}"

    def _remember(
        self, edition: Edition, rows: Mapping[str, Row], types: Mapping[int, tuple[TypeTexts, int]]
    ) -> None:
        author = self.author
        for card in author.cards.values():
            author.numbers.setdefault(card.id, {}).update(card.gaps)
            author.homes.setdefault(card.guid, rows[card.guid].deck)
        for key, meaning in author.meanings().items():
            author.rows[key] = Known(meaning, edition.since[key])
        for number, (texts, _) in types.items():
            author.types[number] = Known(texts, edition.since[number])
        for name in author.retired:
            author.tombstones.setdefault(name, edition.name)
        author.holes |= set(author.gone)
        PROJECT_TYPES.update(types)

    # --- learners

    def action(self, step: Step) -> None:
        """One thing that a learner does; when nothing fits, it imports something."""
        if step.what == "nothing":
            return
        self._pass(step.c)
        if not self.students:
            self._join()
        student = self.students[step.b % len(self.students)]
        if not student.state.notes and not step.what.startswith(("import", "join")):
            step = step._replace(what="import")
        if step.what in TOUCHES:
            notes = sorted(student.state.notes, key=lambda key: student.state.notes[key].fields[0])
            key = notes[step.c // 7 % len(notes)]
            self._did(student, f"{step.what} {student.state.notes[key].fields[0]}")
            student.act(self.now, lambda one: TOUCHES[step.what](one, key, step.c), [key])
        elif step.what in IMPORTS:
            self._import(student, step)
        elif not getattr(self, "_do_" + step.what.replace("-", "_"))(student, step):
            self._import(student, step._replace(what="import"))

    def _did(self, student: Student, text: str) -> bool:
        self.say(text.split(" ")[0], f"    {student.name} {text}")
        self.count["learner actions"] += 1
        return True

    def _join(self) -> Student:
        name = f"learner-{len(self.students)}"
        self.students.append(Student(name, self.folder / name, self.now))
        return self.students[-1]

    def _packages(self, step: Step, drafts: bool = True) -> tuple[Edition, list[Package]]:
        """All or some packages of the newest edition, mostly; or of any other."""
        editions = [edition for edition in self.published if drafts or not edition.draft]
        back = (0, 0, 0, 1, 0, 2, 1, 0, 3, 5, 8, 13)[step.b % 12]
        edition = editions[-1 - back % len(editions)]
        names, number = edition.normal, step.b // 12 + step.c // 7
        chosen = [names[(number // 3 + 5 * n) % len(names)] for n in range(1 + number // 3 % 3)]
        if number % 3 == 0:
            chosen = ["all.apkg"]
        return edition, [edition.packages[name] for name in dict.fromkeys(chosen)]

    def _import(self, student: Student, step: Step) -> None:
        edition, packages = self._packages(step)
        for package in packages:
            self._did(student, f"{step.what} {package.name} of {edition.name}")
            IMPORTS[step.what](student, package, edition, self.now)

    def _do_import_retired(self, student: Student, step: Step) -> bool:
        editions = [edition for edition in self.published if "retired.apkg" in edition.packages]
        if not editions:
            return False
        edition = editions[-1 - (0, 0, 1, 2)[step.b % 4] % len(editions)]
        student.add(edition.packages["retired.apkg"], edition, self.now)
        return self._did(student, f"imports-retired retired.apkg of {edition.name}")

    def _do_delete_retired(self, student: Student, step: Step) -> bool:
        """Finds what is retired, and deletes it."""
        keys = student.search("tag:mini::retired")
        tagged = {
            key
            for key, note in student.state.notes.items()
            if any(tag.startswith("mini::retired::") for tag in note.tags)
        }
        assert keys == tagged
        if not keys or step.b % 2:
            return False
        student.act(self.now, lambda one: [one.delete(key) for key in sorted(keys)], gone=keys)
        return self._did(student, f"delete-retired {len(keys)} cards")

    def _do_delete(self, student: Student, step: Step) -> bool:
        key = sorted(student.state.notes)[step.c % len(student.state.notes)]
        student.act(self.now, lambda learner: learner.delete(key), gone=[key])
        return self._did(student, f"delete {key}")

    def _do_restyle(self, student: Student, step: Step) -> bool:
        number = sorted(student.looks)[step.b % len(student.looks)]
        student.restyle(number, f".card {{ color: blue; }} /* {next(self.serial)} */", self.now)
        return self._did(student, f"restyle {student.state.types[number]}")

    def _do_join(self, student: Student, step: Step) -> bool:
        """Somebody begins with a package of a release, and gets no retired card."""
        if len(self.students) > 3 or all(edition.draft for edition in self.published):
            return False
        edition, packages = self._packages(step, drafts=False)
        new = self._join()
        for package in packages:
            self._did(new, f"begins with {package.name} of {edition.name}")
            new.add(package, edition, self.now)
        assert set(new.state.notes) <= edition.live, f"{new.name} gets a retired card"
        return True

    # --- the end

    def end(self) -> None:
        """A last release comes, and all who take all of it have the same."""
        self._edit_release(Step("release", 3, 3))
        while self.count["learner actions"] < 20:
            number = self.count["learner actions"]
            self.action(
                Step(("import", "study", "tag", "my-notes")[number % 4], number, number * 3)
            )
        self._pass(1)
        edition = self.published[-1]
        for student in self.students:
            for name in sorted(edition.packages):
                student.add(edition.packages[name], edition, self.now)
            rows = edition.packages["all.apkg"].rows
            for key, row in rows.items():
                if student.has[key].touched < edition.since[key]:
                    mine = student.state.notes[key].fields
                    assert mine[:CONTENT] == row.fields[:CONTENT], row.fields[0]
            # A second time, and older packages, change nothing that is there.
            releases = [one for one in self.published if not one.name.startswith("draft")]
            for older in (edition, *releases[:2]):
                student.add(older.packages["all.apkg"], older, self.now)
            before = student.state
            student.add_text(edition.packages["all.apkg"], edition, self.now)
            for key, row in rows.items():
                note, old = student.state.notes[key], before.notes[key]
                assert note.fields == (*row.fields[:-1], old.fields[-1]), row.fields[0]
                assert note.tags == old.tags
