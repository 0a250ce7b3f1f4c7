"""The plan of a push: what is new, changed or left alone, and how a push ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from conftest import make_project

from deckwright import pipeline
from deckwright.core.errors import UserError
from deckwright.core.note import Note
from deckwright.exchange.push.ankiconnect import Anki
from deckwright.exchange.push.history import (
    PushHistory,
    digest,
    fields_by_name,
    read_history,
    remember,
)
from deckwright.exchange.push.plan import Held, HeldNote, HeldType, PushPlan, Refused, plan, unmet
from deckwright.exchange.push.report import as_lines, refusal
from deckwright.exchange.push.session import Push, selected
from deckwright.pipeline import Checked
from deckwright.project.project import Project

PURPOSE = "polly-purpose"


@dataclass(frozen=True)
class Sample:
    """The mini project, its notes, and a collection that has them as they should be."""

    checked: Checked
    notes: tuple[Note, ...]
    held: Held

    @property
    def project(self) -> Project:
        return self.checked.project

    def note(self, name: str) -> Note:
        return next(note for note in self.notes if note.id == name)

    def holding(self, name: str, **changes: Any) -> Held:
        """The collection with one note changed."""
        notes = [
            replace(note, **changes) if note.fields["ID"] == name else note
            for note in self.held.notes
        ]
        return replace(self.held, notes=tuple(notes))

    def fields(self, **changes: str) -> Mapping[str, str]:
        """The fields of the sample card, changed."""
        return {**fields_by_name(self.note(PURPOSE), self.project), **changes}

    def plan(self, held: Held, history: PushHistory | None = None, **options: bool) -> PushPlan:
        guids = [note.guid for note in self.notes]
        known = history or PushHistory()
        return plan(self.notes, guids, held, self.project, known, **options)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = make_project(tmp_path_factory.mktemp("plan") / "mini")
    checked = pipeline.check(folder, date(2026, 11, 1)).values[0]
    notes, project = pipeline.rendered(checked).notes, checked.project
    types = {
        slug: HeldType(
            slug,
            notetype.name,
            tuple(field.name for field in notetype.fields),
            {template.name: (template.front, template.back) for template in notetype.templates},
            notetype.css,
        )
        for slug, notetype in project.notetypes.items()
    }
    held = tuple(
        HeldNote(number, note.type, fields_by_name(note, project), note.tags)
        for number, note in enumerate(notes, 1)
    )
    return Sample(checked, notes, Held(types, held))


def test_a_collection_that_is_up_to_date_needs_nothing(sample: Sample) -> None:
    found = sample.plan(sample.held)
    assert found.empty
    assert found.same == sample.notes
    assert (found.types, found.refused, found.retired, found.strangers) == ((), (), (), ())
    assert found.present == frozenset(sample.project.notetypes)


def test_a_note_that_anki_does_not_have_is_new(sample: Sample) -> None:
    without = [note for note in sample.held.notes if note.fields["ID"] != PURPOSE]
    found = sample.plan(replace(sample.held, notes=tuple(without)))
    assert found.added == (sample.note(PURPOSE),)
    assert not found.updates


def test_only_what_was_asked_for_is_planned(sample: Sample) -> None:
    found = plan(
        sample.notes, [sample.note(PURPOSE).guid], Held({}, ()), sample.project, PushHistory()
    )
    assert [note.id for note in found.added] == [PURPOSE]


def test_fields_of_the_compiler_follow_and_those_of_the_learner_stay(sample: Sample) -> None:
    fields = sample.fields(Answer="old", MyNotes="mine", Spare1="mine, too")
    note = sample.note(PURPOSE)
    known = PushHistory({note.guid: (digest(sample.project.notetypes[note.type], fields),)})
    (update,) = sample.plan(sample.holding(PURPOSE, fields=fields), known).updates
    assert list(update.fields) == ["Answer"]
    assert update.fields["Answer"] == sample.fields()["Answer"]


def test_a_text_of_unknown_origin_is_left_alone_unless_told_otherwise(sample: Sample) -> None:
    held = sample.holding(PURPOSE, fields=sample.fields(Answer="edited in Anki"))
    (refused,) = sample.plan(held).refused
    assert (refused.ids, "--overwrite" in refused.help) == ((PURPOSE,), True)
    assert [u.note.id for u in sample.plan(held, overwrite=True).updates] == [PURPOSE]


def test_tags_in_our_groups_follow_in_any_case_and_others_stay(sample: Sample) -> None:
    note = sample.note(PURPOSE)
    first, *others = note.tags
    tags = (*(tag.upper() for tag in others), "Mini::Service::old", "mini::mine", "own")
    found = sample.plan(sample.holding(PURPOSE, tags=tags))
    (update,) = found.updates
    assert f"  ~ {PURPOSE}: +{first} -Mini::Service::old" in as_lines(found, types=False)
    assert (update.fields, update.added, update.removed) == ({}, (first,), ("Mini::Service::old",))


def test_a_note_that_may_be_anothers_is_left_alone(sample: Sample) -> None:
    (refused,) = sample.plan(sample.holding(PURPOSE, tags=("own",))).refused
    assert refused.ids == (PURPOSE,)
    assert refused.help.endswith(sample.note(PURPOSE).tags[0])
    double = next(note for note in sample.held.notes if note.fields["ID"] == PURPOSE)
    held = replace(sample.held, notes=(*sample.held.notes, replace(double, note_id=99)))
    (refused,) = sample.plan(held).refused
    assert (refused.ids, f"ID:{PURPOSE}" in refused.help) == ((PURPOSE,), True)


def test_an_id_in_two_roots_is_left_alone_and_the_others_are_pushed(sample: Sample) -> None:
    twin = replace(sample.note(PURPOSE), guid="another")
    notes = (*sample.notes, twin)
    found = plan(notes, [note.guid for note in notes], Held({}, ()), sample.project, PushHistory())
    assert [refused.ids for refused in found.refused] == [(PURPOSE, PURPOSE)]
    assert len(found.added) == len(sample.notes) - 1


def test_a_note_type_of_another_shape_keeps_its_notes_out(sample: Sample) -> None:
    basic = sample.held.types["basic"]
    ids = tuple(note.id for note in sample.notes if note.type == "basic")
    for changed, here in (
        (replace(basic, fields=(*basic.fields, "Mine")), basic.fields),
        (replace(basic, templates={"Card 9": ("", "")}), basic.templates),
    ):
        held = replace(sample.held, types={**sample.held.types, "basic": changed})
        (refused,) = sample.plan(held).refused
        assert (refused.ids, refused.help.endswith(", ".join(here))) == (ids, True)
    others = {slug: known for slug, known in sample.held.types.items() if slug != "basic"}
    held = replace(sample.held, types=others, taken=frozenset({"basic"}))
    assert [refused.ids for refused in sample.plan(held).refused] == [ids]


def test_a_look_that_differs_is_named(sample: Sample) -> None:
    basic = sample.held.types["basic"]
    name = next(iter(basic.templates))
    changed = replace(basic, css="", templates={**basic.templates, name: ("", "")})
    found = sample.plan(replace(sample.held, types={**sample.held.types, "basic": changed}))
    assert [update.differs for update in found.types] == [("styling", f"template `{name}`")]
    assert found.empty
    differs = f"`{basic.name}`: styling, template `{name}` "
    for types in (False, True):
        (line,) = [line for line in as_lines(found, types) if differs in line]
        assert ("--types" in line) != types


def test_notes_under_our_tags_without_a_card_are_strangers(sample: Sample) -> None:
    ours = HeldNote(98, "basic", {"ID": "gone"}, ("Mini::task::4.2",))
    other = HeldNote(99, "basic", {"ID": "elsewhere"}, ("other::task::4.2",))
    found = sample.plan(replace(sample.held, notes=(*sample.held.notes, ours, other)))
    assert found.strangers == ("gone",)
    assert re.search(r": 1 .* ID:gone$", as_lines(found, types=False)[-1])


def test_what_a_push_did_not_reach_is_unmet(sample: Sample) -> None:
    done = sample.plan(Held({}, ()))
    assert unmet(done, sample.held, sample.project) == ()
    held = sample.holding(PURPOSE, fields=sample.fields(Answer="written back by an editor"))
    (refused,) = unmet(done, held, sample.project)
    assert (refused.ids, "different" in refused.reason) == ((PURPOSE,), True)
    (refused,) = unmet(done, Held(sample.held.types, ()), sample.project)
    assert (len(refused.ids), "missing" in refused.reason) == (len(sample.notes), True)


def test_a_plan_names_a_few_cards_of_each_kind(sample: Sample) -> None:
    lines = as_lines(sample.plan(Held({}, ())), types=False, limit=2)
    assert lines[0] == f"new: {len(sample.notes)} notes"
    assert [line[:4] for line in lines[1:4]] == ["  + ", "  + ", "  … "]
    assert refusal(Refused(("a", "b", "c"), "why", "what"), limit=2) == [
        "not pushed: a, b, … (3): why",
        "  help: what",
    ]


def test_the_history_keeps_the_newest_texts_of_a_note(sample: Sample) -> None:
    note = sample.note(PURPOSE)
    history = PushHistory({note.guid: tuple(map(str, range(8)))})
    once = history.with_notes([note], sample.project)
    assert once.digests[note.guid][:7] == tuple("1234567")
    assert once.has(note.guid, once.digests[note.guid][7])
    assert once.with_notes([note], sample.project) == once


def test_the_history_is_read_as_it_was_kept(sample: Sample) -> None:
    assert read_history(sample.project) == PushHistory()
    remember(sample.project, sample.notes)
    path = sample.project.folder / ".pushed.json"
    assert read_history(sample.project) == PushHistory().with_notes(sample.notes, sample.project)
    path.write_text("[]", "utf-8")
    assert read_history(sample.project) == PushHistory()
    path.unlink()


def push(sample: Sample, held: Held, types: bool = False) -> Push:
    return Push(Anki("http://localhost"), sample.project, (), sample.plan(held), types)


def test_a_push_that_was_not_carried_out_says_why(sample: Sample) -> None:
    everything = push(sample, Held({}, ()))
    assert not everything.empty
    for outcome, asked in ((everything.skipped(), False), (everything.declined(), True)):
        assert (outcome.exit_code, "--yes" in outcome.message) == (0, asked)
    edited = push(sample, sample.holding(PURPOSE, fields=sample.fields(Answer="edited")))
    assert (edited.empty, edited.skipped().exit_code) == (True, 1)


def test_a_push_with_nothing_to_do_remembers_what_is_there(sample: Sample) -> None:
    nothing = push(sample, sample.held)
    assert (nothing.empty, nothing.needless().exit_code) == (True, 0)
    assert read_history(sample.project).digests.keys() == {note.guid for note in sample.notes}
    (sample.project.folder / ".pushed.json").unlink()


def test_a_look_alone_is_something_to_do_if_it_is_asked_for(sample: Sample) -> None:
    basic = replace(sample.held.types["basic"], css="")
    held = replace(sample.held, types={**sample.held.types, "basic": basic})
    assert push(sample, held, types=False).empty
    assert not push(sample, held, types=True).empty


def test_notes_are_selected_by_name_task_and_service(sample: Sample) -> None:
    vocabulary = sample.project.vocabulary
    every = selected(sample.notes, vocabulary, (), (), ())
    assert every == list(sample.notes)
    assert selected(sample.notes, vocabulary, (PURPOSE,), (), ()) == [sample.note(PURPOSE)]
    of_task = selected(sample.notes, vocabulary, (), ("4.1",), ())
    assert {note.card.task for note in of_task} == {"4.1"}
    assert selected(sample.notes, vocabulary, (PURPOSE,), ("4.1",), ()) == []
    assert all("s3" in n.card.services for n in selected(sample.notes, vocabulary, (), (), ("s3",)))


def test_a_name_that_does_not_exist_is_refused(sample: Sample) -> None:
    vocabulary = sample.project.vocabulary
    with pytest.raises(UserError) as caught:
        selected(sample.notes, vocabulary, ("polly-purpos",), (), ())
    assert "polly-purpos" in str(caught.value)
    assert PURPOSE in caught.value.help
    with pytest.raises(UserError, match="nothing"):
        selected(sample.notes, vocabulary, (), (), ("nothing",))
