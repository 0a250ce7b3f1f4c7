"""One random history: an author, branches, releases and learners, and everything that is
compared after each step.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from anki_learner import ALWAYS
from history_forbidden import forbidden
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
from history_steps import Step
from history_student import PROJECT_TYPES, Student

from deckwright import pipeline
from deckwright.project import ledger


class Round(NamedTuple):
    """Edits, a release, and what learners do then."""

    edits: tuple[Step, ...]
    release: Step
    actions: tuple[Step, ...]


WAITS = (0, 1, 40, 700, 4_000, 90_000, 3_000_000)  # seconds between two steps
STRICT = True  # look at stamps, too, and not only at what learners get


@cache
def publisher() -> Publisher:
    """One project folder for all histories of this process."""
    found = Publisher(Path(tempfile.mkdtemp(prefix="histories-")) / "project")
    PROJECT_TYPES.update(found.numbers.values())
    return found


class History:
    """A deck's life: the branches, what was published, the learners, and what happened, a
    line a step.
    """

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
        """One edit of one branch, a release or a draft; a step for which nothing fits does nothing."""  # noqa: E501
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
            f"{card.id} is {card.kind} of {card.topic}, also {card.also}, exams {card.exams}, status {card.status!r}",  # noqa: E501
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
        """The two branches become one; or, as a fork does, one takes what the other has, and both go on."""  # noqa: E501
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
        # A card whose gap numbers also have a new hole is refused for that alone.
        refused = code in codes or (code == "L006" and "C406" in codes)
        assert refused, f"{line.name}: {name} is not refused: {codes}"
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
            f"{line.name}: {self.published[-1].name} at {self.now - EPOCH}, {'' if built.rendered.news else 'nothing new'}",  # noqa: E501
        )

    def _published(self, line: Line, built: pipeline.Built, name: str, draft: bool) -> Edition:
        """Writes the packages down and looks at them: the right cards, the texts of the
        author's, one row for one card.
        """
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
                    f"{name}: {row.fields[0]} changed, and is stamped {row.mod} instead of {self.now}"  # noqa: E501
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
        """All branches become one, a last release comes, and all who take all of it have the same."""  # noqa: E501
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
