"""What an update does to a learner, one promise or one limit of Anki's each;
`test_histories.py` asks the same of random lives.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import anki.buildinfo
import pytest
from anki_learner import IF_NEWER, NEVER, Learner
from conftest import POLLY, catalog, edit, run, write_release
from releases import retire

from deckwright.core.identity import guid

# An update gets the time of the import, not the package's.
OLD = tuple(map(int, anki.buildinfo.version.split(".")[:2])) < (24, 12)
PURPOSE, LENGTH, NAMES, VOICE = (
    guid("mini", name)
    for name in ("polly-purpose", "polly-input-length", "polly-task-names", "new-voice")
)
NEW = "\n## new-voice\n\n- kind: concept\n- topic: voices\n\nWhat is a new voice?\n\n---\n\nA new one.\n"  # noqa: E501


def released(project: Path, version: str, seconds: int) -> Path:
    """Releases the project `seconds` after its epoch and builds it; returns a folder with
    the packages.
    """
    write_release(project, version, seconds)
    out = project.parent / f"packages-{version}"
    assert run(project, "decks", "--out", str(out)).code == 0
    assert not (out / "DRAFT.md").exists()
    return out


@pytest.fixture
def first(mini: Path) -> Path:
    return released(mini, "1.0.0", 10_000)


@pytest.fixture
def learner(tmp_path: Path, first: Path) -> Learner:
    """Has everything of the first release, and some reviews."""
    found = Learner(tmp_path / "learner", start=1_790_000_000 + 20_000)
    found.add(first / "all.apkg")
    for name in (PURPOSE, LENGTH, NAMES):
        found.study(name)
    return found


def updated(project: Path, learner: Learner) -> Path:
    """The folder of the next release, with the learner's clock after it."""
    learner.now = 1_790_000_000 + 50_000
    return released(project, "1.1.0", 40_000)


def test_an_update_touches_nothing_but_what_changed(mini: Path, learner: Learner) -> None:
    for name in (PURPOSE, LENGTH):
        learner.tag(name, "hard")
        learner.write_my_notes(name, "mine")
    before = learner.state()
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    edit(mini, "checked: 2026-10-05", "checked: 2026-10-06")
    learner.add(updated(mini, learner) / "all.apkg")
    after = learner.state()
    assert after.cards == before.cards
    assert after.reviews == before.reviews
    assert {g for g in after.notes if after.notes[g] != before.notes[g]} == {PURPOSE}
    assert (after.notes[LENGTH].fields[-1], "hard" in after.notes[LENGTH].tags) == ("mine", True)
    assert after.notes[PURPOSE].fields[2] == "<p>Spoken words.</p>"
    # What a package cannot keep: own tags and MyNotes of a note that changed.
    assert (after.notes[PURPOSE].fields[-1], "hard" in after.notes[PURPOSE].tags) == ("", False)
    assert learner.problems() == []


VOCABULARY, REPORT = "schema/vocabulary/mini.toml", "https://code.example/deck/issues/new"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('"next::2.1"', '"next::3.1"', VOCABULARY),
        ('title = "Amazon Polly"', 'title = "Amazon Talk"', VOCABULARY),
        ('title = "Services & cost"', 'title = "Services"', VOCABULARY),
        ("/polly/latest/dg/limits.html", "/polly/limits.html", POLLY),
        ("checked: 2026-09", "checked: 2026-10-09", POLLY),
        ("- also: s3\n", "", POLLY),
        ("What does Polly make of text?", "What does\nPolly make of text?", POLLY),
        ("\nSpeech.\n", "\n\nSpeech.  \n\n", POLLY),
        ("- hint: think of a museum\n", "- level: extended\n- hint: think of a museum\n", POLLY),
        (".note", ".note ", "decks/notetypes/style.css"),
        ('compare = "Compare"', 'compare = "Vergleich"', "decks/notetypes/words.toml"),
        ('namespace = "mini"', 'namespace = "mini"\nlanguage = "ar"', "decks/project.toml"),
        ('tag = "mini"', f'tag = "mini"\nreport = "{REPORT}?card={{id}}"', "decks/project.toml"),
    ],
    ids=lambda value: value if len(value) < 40 and "/" not in value else "",
)
def test_labels_and_layout_alone_update_no_note(
    old: str, new: str, path: str, mini: Path, learner: Learner
) -> None:
    """They arrive with the text update, which keeps the learner's tags and MyNotes."""
    for name in (PURPOSE, LENGTH, NAMES):
        learner.tag(name, "hard")
    before = learner.state()
    edit(mini, old, new, path, count=-1)
    second = updated(mini, learner)
    assert not learner.add(second / "all.apkg").updated
    assert learner.state().notes == before.notes
    assert (REPORT in str(learner.note(PURPOSE).note_type())) == (REPORT in new)
    learner.add_text(second / "all.apkg")
    for row in catalog(second).values():
        note = learner.note(row["guid"])
        assert note.fields[:-1] == list(row["fields"].values())[:-1]
        assert ("hard" in note.tags) == (row["guid"] in (PURPOSE, LENGTH, NAMES))


def test_a_note_touched_after_the_release_waits_for_the_next_change(
    mini: Path, learner: Learner
) -> None:
    """A limit of Anki: it goes by times alone, so whoever touched the note last wins."""
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    second = updated(mini, learner)
    learner.tag(PURPOSE, "hard")
    learner.add(second / "all.apkg")
    assert learner.note(PURPOSE).fields[2] == "<p>Speech.</p>"
    edit(mini, "\nSpoken words.\n", "\nWords, spoken.\n")
    learner.add(released(mini, "1.1.1", 60_000) / "all.apkg")
    assert learner.note(PURPOSE).fields[2] == "<p>Words, spoken.</p>"


def test_the_text_update_keeps_tags_and_notes_on_changed_cards_too(
    mini: Path, learner: Learner
) -> None:
    learner.tag(PURPOSE, "hard")
    learner.write_my_notes(PURPOSE, "mine")
    learner.move(PURPOSE, "My deck")
    before = learner.state()
    edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
    edit(mini, "{{c2::`SSML`}} tags", "{{c2::`SSML`}} {{c3::tags}}")
    (mini / POLLY).write_text((mini / POLLY).read_text("utf-8") + NEW, "utf-8")
    second = updated(mini, learner)
    learner.add(second / "all.apkg", notes=NEVER, types=IF_NEWER)
    learner.add_text(second / "all.apkg")
    after = learner.state()
    assert after.notes[PURPOSE].fields[2] == "<p>Spoken words.</p>"
    assert (after.notes[PURPOSE].fields[-1], "hard" in after.notes[PURPOSE].tags) == ("mine", True)
    assert {k: v for k, v in after.cards.items() if k in before.cards} == before.cards
    assert {k for k in after.cards if k not in before.cards} == {(LENGTH, 2), (VOICE, 0)}
    assert "mini::topic::voices" in after.notes[VOICE].tags
    assert after.cards[VOICE, 0].deck == "Mini::2 Services::Polly"
    assert {g for g in before.notes if after.notes[g] != before.notes[g]} == {PURPOSE, LENGTH}
    assert after.reviews == before.reviews
    assert learner.problems() == []


def test_the_text_update_after_the_package_leaves_new_notes_with_their_tags(
    mini: Path, learner: Learner
) -> None:
    """Why the package comes first: a note that the text file adds has no tags, and keeps
    none when the package comes after.
    """
    (mini / POLLY).write_text((mini / POLLY).read_text("utf-8") + NEW, "utf-8")
    second = updated(mini, learner)
    learner.add_text(second / "all.apkg")
    learner.add(second / "all.apkg")
    assert learner.note(VOICE).tags == []


def test_retired_cards_are_found_and_deleted_with_one_search(
    mini: Path, learner: Learner, tmp_path: Path
) -> None:
    state = learner.state()
    for name in ("polly-purpose", "polly-input-length"):
        reason = f"{name} was <wrong> & {{{{c1::odd}}}}."
        retire(mini, name, "--successor", "polly-task-names", reason=reason)
    second = updated(mini, learner)
    learner.add(second / "all.apkg")
    assert learner.state().notes == state.notes, "a card that is gone stays with the learner"
    learner.add(second / "retired.apkg")
    after = learner.state()
    assert after.cards == state.cards
    assert after.reviews == state.reviews
    found = {learner.col.get_note(n).fields[0] for n in learner.col.find_notes("tag:mini::retired")}
    assert found == {"polly-purpose", "polly-input-length"}
    for number in learner.col.find_cards("tag:mini::retired"):
        shown = learner.col.get_card(number).render_output()
        text = shown.question_text + shown.answer_text
        assert "1.1.0" in shown.question_text
        assert "was &lt;wrong&gt; &amp; " in shown.answer_text
        assert "ID:polly-task-names" in shown.answer_text
        assert "tag:mini::retired" in shown.answer_text
        assert "{{c1::odd" not in text.replace("{<!-- -->{c1::odd", "")
    assert learner.problems() == []
    assert list(learner.col.get_empty_cards().notes) == []
    learner.col.remove_notes(learner.col.find_notes("tag:mini::retired"))
    learner.add(second / "all.apkg")
    assert not learner.col.find_notes("tag:mini::retired")
    assert PURPOSE not in learner.guids()

    newcomer = Learner(tmp_path / "newcomer")
    for package in sorted(second.rglob("*.apkg")):
        if package.name != "retired.apkg":
            newcomer.add(package)
    assert PURPOSE not in newcomer.guids()
    newcomer.add(second / "retired.apkg")  # by mistake; one deck, which can be deleted, has all
    cards = map(newcomer.col.get_card, newcomer.col.find_cards("tag:mini::retired"))
    assert {newcomer.col.decks.name(card.did) for card in cards} == {"Mini::Retired"}


def test_a_tombstone_of_each_note_type_reads_well(mini: Path, learner: Learner) -> None:
    ids: dict[int, str] = {}
    for note in map(learner.col.get_note, learner.col.find_notes("")):
        ids.setdefault(note.mid, note.fields[0])
    assert len(ids) == 3
    for name in ids.values():
        retire(mini, name, reason="Reason.")
    shutil.rmtree(mini / "cards/reliability", ignore_errors=True)  # its picture has no card
    second = updated(mini, learner)
    learner.add(second / "retired.apkg")
    notes = map(learner.col.get_note, learner.col.find_notes("tag:mini::retired::1.1.0"))
    assert {note.mid for note in notes} == set(ids)
    for number in learner.col.find_cards("tag:mini::retired"):
        shown = learner.col.get_card(number).render_output()
        assert "Reason." in shown.answer_text
        assert "Reason." not in shown.question_text
        assert "Retired" in shown.answer_text


def test_the_newest_draft_then_the_release_ends_in_the_released_state(
    mini: Path, learner: Learner, first: Path
) -> None:
    """Also where the release never saw the draft's change. Anki up to 24.11 gives an
    updated note the time of its import, which is later than any time before it;
    there *Always* is needed once more.
    """
    before = learner.state()
    style = mini / "decks/notetypes/style.css"
    css = style.read_text("utf-8")
    edit(mini, "\nSpeech.\n", "\nA draft.\n")
    edit(mini, "**billed** characters", "**counted** characters")
    style.write_text(f"{css}\n.draft {{ color: red; }}\n", "utf-8")
    out = mini.parent / "draft"
    assert "(2 changed, 3 " in run(mini, "decks", "--out", str(out)).err
    learner.add(out / "all.apkg")
    assert learner.state().notes == before.notes, "by default a draft is not taken"
    learner.add(out / "all.apkg", always=True)
    assert learner.note(PURPOSE).fields[2] == "<p>A draft.</p>"
    assert ".draft" in learner.col.models.by_name("Machine Learning on AWS Basic")["css"]

    edit(mini, "\nA draft.\n", "\nSpeech.\n")  # one change goes, one stays
    edit(mini, "**counted** characters", "**paid** characters")
    style.write_text(css, "utf-8")
    second = updated(mini, learner)
    learner.add(second / "all.apkg")
    after = learner.state()
    assert "**" not in after.notes[LENGTH].fields[1]
    assert "paid" in after.notes[LENGTH].fields[1]
    assert (after.notes[PURPOSE].fields[2] == "<p>Speech.</p>") == (not OLD)
    assert ".draft" not in learner.col.models.by_name("Machine Learning on AWS Basic")["css"]
    if OLD:
        learner.add(second / "all.apkg", always=True)
    assert tuple(learner.note(PURPOSE).fields) == before.notes[PURPOSE].fields
    assert after.cards == before.cards


def test_anki_remembers_how_updates_were_chosen(learner: Learner, first: Path) -> None:
    """A limit of Anki: *Never* or *Always* once is *Never* or *Always* from then on, until
    it is set back.
    """
    learner.add(first / "all.apkg", always=True)
    presets = learner.col._backend.get_import_anki_package_presets()
    assert (presets.update_notes, presets.update_notetypes) == (1, 1)
    learner.add(first / "all.apkg", notes=NEVER)
    assert learner.col._backend.get_import_anki_package_presets().update_notes == 2


def test_a_gap_that_was_retired_leaves_its_card_blank_until_empty_cards_takes_it(
    mini: Path, learner: Learner
) -> None:
    """A limit of Anki: nothing in a package takes a card away."""
    before = learner.state()
    edit(mini, "{{c2::`SSML`}}", "`SSML`")
    gap = ("polly-input-length", "--gap", "2", "--reason", "Too easy.")
    assert run(mini, "retire", *gap).code == 0
    learner.add(updated(mini, learner) / "all.apkg")
    assert learner.state().cards == before.cards
    report = learner.col.get_empty_cards()
    assert [list(note.card_ids) for note in report.notes] == [[learner.card_ids((LENGTH, 1))[0]]]
