"""Somebody's own cards beside a project's: the overlay, its releases, and upstream's
releases pulled into it, in a real Anki.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import Run, codes, diagnostics, make_project, run, run_process
from releases import POLLY, Clock, commit, edit, git

from deckwright.core.identity import guid
from deckwright.core.source import Source
from deckwright.project import ledger
from deckwright.project.ledger import Ledger

pytestmark = pytest.mark.usefixtures("own_git")

OWN = """# Amazon Polly

## polly-at-work

- kind: concept
- topic: own-things

Which voice of Polly do we use at work?

---

Qwellabot.
"""

VOCABULARY = """
words = ["Qwellabot"]

[[topic]]
slug = "own-things"
title = "Things of our own"
covers = "what we do at work"
task = "4.2"
exams = []
priority = 1
core = 1
mix = { basic = 1 }
"""

RULES = """
[[leave-out]]
id = ["s3-replication"]

[[extend]]
id = ["polly-purpose"]
tags = ["exam-week"]
text = "At work: **announcements**."

[[package]]
path = "mine/without-4.1.apkg"
without-task = ["4.1"]

[[package]]
path = "mine/theirs.apkg"
cards = "project"
"""


def settle(place: Path, rules: str = RULES, base: str = "") -> str:
    """Fills a room that `fork` has made; returns its namespace."""
    settings = place / "decks" / "mine.toml"
    settings.write_text(settings.read_text("utf-8") + rules, "utf-8")
    (place / "schema" / "vocabulary").mkdir(parents=True, exist_ok=True)
    (place / "schema" / "vocabulary" / "mine.toml").write_text(VOCABULARY, "utf-8")
    file = place / "cards" / "mine" / "4.2-services" / "polly.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(OWN, "utf-8")
    return next(
        line.split('"')[1]
        for line in settings.read_text("utf-8").splitlines()
        if line.startswith("namespace")
    )


def released(folder: Path, clock: Clock, version: str, *options: str) -> Run:
    """A release an hour after the one before; of ten cards each is more than five percent."""
    clock.seconds += 3600
    return run(folder, *options, "release", version, "--mass")


def ok(result: Run) -> Run:
    assert result.code == 0, result.out + result.err
    return result


def built(place: Path) -> dict[str, dict]:
    """The notes of the last build by id."""
    return {
        note["id"]: note for note in json.loads((place / "dist" / "cards.json").read_text("utf-8"))
    }


def book(place: Path, namespace: str) -> Ledger:
    path = place / "decks" / "ledger" / f"{namespace}.tsv"
    return ledger.read(Source(path.name, path.read_text("utf-8"))).values[0]


@pytest.fixture
def forked(project: Path, clock: Clock, tmp_path: Path) -> Path:
    """A clone of a project that has a release, with a room of its own, committed."""
    ok(released(project, clock, "1.0.0"))
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "-q", str(project), str(fork))
    ok(run(fork, "fork", "Anna's cards"))
    settle(fork)
    commit(fork, "Cards of my own")
    return fork


def test_own_cards_are_never_left_out(forked: Path) -> None:
    settings = forked / "decks" / "mine.toml"
    rules = '\n[[leave-out]]\nservice = ["polly"]\n'
    settings.write_text(settings.read_text("utf-8") + rules, "utf-8")
    ok(run(forked, "decks"))
    after = built(forked)
    assert "polly-at-work" in after
    assert "polly-purpose" not in after


def test_what_an_overlay_makes_of_a_project(forked: Path, project: Path) -> None:
    before = built(project)
    assert ok(run(forked, "check", "--strict")).out == ""
    ok(run(forked, "decks"))
    after = built(forked)
    assert after.keys() == (before.keys() | {"polly-at-work"}) - {"s3-replication"}
    own, extended = after["polly-at-work"], after["polly-purpose"]
    assert own["deck"] == "Anna's cards::2 Services::Polly"
    assert set(own["tags"]) == {
        f"anna-s-cards::{t}"
        for t in ("kind::concept", "service::polly", "task::4.2", "topic::own-things")
    }
    assert own["packages"] == [
        "all.apkg",
        "domain.apkg",
        "mine.apkg",
        "mine/without-4.1.apkg",
        "service/polly.apkg",
        "task/4.2.apkg",
    ]
    assert extended["guid"] == before["polly-purpose"]["guid"]
    assert extended["deck"] == before["polly-purpose"]["deck"]
    assert set(extended["tags"]) == {
        *before["polly-purpose"]["tags"],
        "anna-s-cards::mark::exam-week",
    }
    assert (
        extended["fields"]["Extra"]
        == before["polly-purpose"]["fields"]["Extra"]
        + "\n<p>At work: <strong>announcements</strong>.</p>"
    )
    assert "mine/theirs.apkg" in extended["packages"]
    assert "mine.apkg" not in extended["packages"]
    for name in after.keys() - {"polly-at-work", "polly-purpose"}:
        assert (after[name]["mod"], after[name]["fingerprint"]) == (
            before[name]["mod"],
            before[name]["fingerprint"],
        )
    assert not any(
        note["draft"]
        for name, note in after.items()
        if name not in ("polly-at-work", "polly-purpose")
    )


def test_a_release_writes_only_the_forks_own_files(forked: Path, clock: Clock) -> None:
    namespace = settle_namespace(forked)
    ok(released(forked, clock, "1.0.0"))
    written = git(forked, "show", "--stat=200", "--name-only", "--format=", "HEAD").split()
    assert sorted(written) == [f"decks/ledger/{namespace}.tsv", "decks/mine.changelog.md"]
    assert f"{namespace}-v1.0.0" in git(forked, "tag").split()
    found = book(forked, namespace)
    assert list(found.cards) == ["polly-at-work"]
    assert list(found.extended) == ["mini/polly-purpose"]
    assert not found.types
    assert (forked / "dist" / "DRAFT.md").exists() is False
    assert "1 new, 1 changed" in (forked / "decks" / "mine.changelog.md").read_text("utf-8")


def settle_namespace(place: Path) -> str:
    text = (place / "decks" / "mine.toml").read_text("utf-8")
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("namespace"))


NEW = """
## polly-new

- kind: concept
- topic: voices

What does the engine parameter of Polly choose?

---

How the voice is made.
"""


def test_three_upstream_releases_pulled_and_learned(
    forked: Path,
    project: Path,
    clock: Clock,
    tmp_path: Path,
) -> None:
    """The life of a fork: nothing conflicts, nothing is lost, and what the fork leaves
    alone keeps upstream's stamps.
    """
    namespace = settle_namespace(forked)
    ok(released(forked, clock, "1.0.0"))
    purpose, at_work, limit, names = (
        guid(n, i)
        for n, i in (
            ("mini", "polly-purpose"),
            (namespace, "polly-at-work"),
            ("mini", "polly-input-length"),
            ("mini", "polly-task-names"),
        )
    )
    learner = Learner(tmp_path / "anki")
    learner.add(forked / "dist" / "all.apkg")
    everything = learner.guids()
    assert {purpose, at_work, limit, names} <= everything
    assert guid("mini", "s3-replication") not in everything
    for one in sorted(everything):
        learner.study(one)
    learner.flag(at_work)
    reviews = len(learner.state().reviews)

    def pull(version: str) -> None:
        """Upstream's newest release into the fork, the fork's own release after it, and that into Anki."""  # noqa: E501
        git(forked, "pull", "-q", "--no-edit", "--no-rebase", "--tags")
        assert git(forked, "status", "--porcelain") == ""
        ok(run(forked, "decks"))
        theirs = book(forked, "mini")
        for name, note in built(forked).items():
            row = theirs.cards.get(name)
            if row and f"mini/{name}" not in book(forked, namespace).extended:
                assert (note["mod"], note["draft"]) == (row.mod, False), name
        ok(released(forked, clock, version))
        assert book(forked, "mini") == theirs
        learner.add(forked / "dist" / "all.apkg")
        if (forked / "dist" / "retired.apkg").exists():
            learner.add(forked / "dist" / "retired.apkg")
        assert learner.problems() == []
        assert len(learner.state().reviews) == reviews
        assert all(
            card.reps == 1 for (one, _), card in learner.state().cards.items() if one in everything
        )
        assert learner.state().cards[at_work, 0].flags == 1

    # 1.1.0: the extended card changes, another as well, a card comes.
    edit(project, "Speech.", "Spoken words.")
    edit(project, "3,000::how many", "3,000::how many at most")
    (project / POLLY).write_text((project / POLLY).read_text("utf-8") + NEW, "utf-8")
    commit(project)
    ok(released(project, clock, "1.1.0"))
    pull("1.1.0")
    held = learner.state().notes
    assert "Spoken words." in "".join(held[purpose].fields)
    assert "At work: <strong>announcements</strong>." in "".join(held[purpose].fields)
    assert "anna-s-cards::mark::exam-week" in held[purpose].tags
    assert "how many at most" in "".join(held[limit].fields)
    assert guid("mini", "polly-new") in held

    # 1.2.0: a card is retired, a file moves, the vocabulary grows.
    ok(
        run(
            project,
            "retire",
            "polly-task-names",
            "--reason",
            "Nobody needs it.",
            "--successor",
            "polly-new",
        )
    )
    (project / "cards/4.2-services/polly/choosing.md").rename(
        project / "cards/4.2-services/polly/engines.md"
    )
    words = project / "schema" / "vocabulary" / "more.toml"
    words.write_text('[[service]]\nslug = "lex"\ntitle = "Amazon Lex"\ndeck = "Lex"\n', "utf-8")
    commit(project)
    ok(released(project, clock, "1.2.0"))
    pull("1.2.0")
    assert "mini::retired::1.2.0" in learner.state().notes[names].tags

    # 1.3.0: the extended card is retired: its last words reach those who hold the extended one,
    # whose stamp is later than upstream's.
    ok(run(project, "retire", "polly-purpose", "--reason", "It says nothing."))
    commit(project)
    ok(released(project, clock, "1.3.0"))
    git(forked, "pull", "-q", "--no-edit", "--no-rebase", "--tags")
    looked = ok(run(forked, "check"))
    assert "V808" in looked.out
    assert "polly-purpose" in looked.out
    pull("1.3.0")
    assert "mini::retired::1.3.0" in learner.state().notes[purpose].tags
    assert learner.guids() >= everything
    ids = learner.col.db.list("select id from notes")
    assert len(ids) == len(set(ids)) == len(learner.guids())
    learner.close()


def test_an_extension_that_goes_is_taken_back_from_learners(
    forked: Path,
    clock: Clock,
    tmp_path: Path,
) -> None:
    ok(released(forked, clock, "1.0.0"))
    learner = Learner(tmp_path / "anki")
    learner.add(forked / "dist" / "all.apkg")
    settings = forked / "decks" / "mine.toml"
    text = settings.read_text("utf-8")
    settings.write_text(
        text.replace(
            'tags = ["exam-week"]\ntext = "At work: **announcements**."', 'tags = ["later"]'
        ),
        "utf-8",
    )
    commit(forked)
    ok(released(forked, clock, "1.0.1"))
    learner.add(forked / "dist" / "all.apkg")
    note = learner.state().notes[guid("mini", "polly-purpose")]
    assert "At work" not in "".join(note.fields)
    assert "anna-s-cards::mark::later" in note.tags
    settings.write_text(text[: text.index("[[extend]]")], "utf-8")
    commit(forked)
    ok(released(forked, clock, "1.0.2"))
    learner.add(forked / "dist" / "all.apkg")
    assert not any(
        tag.startswith("anna-s-cards")
        for tag in learner.state().notes[guid("mini", "polly-purpose")].tags
    )
    ok(run(forked, "decks"))
    assert not (forked / "dist" / "DRAFT.md").exists()
    learner.close()


def test_before_the_first_upstream_release(project: Path, clock: Clock, tmp_path: Path) -> None:
    """A fork may release first: upstream's cards stay drafts until upstream has released
    them, and every update arrives.
    """
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "-q", str(project), str(fork))
    ok(run(fork, "fork", "Anna's cards"))
    settle(fork)
    commit(fork)
    ok(released(fork, clock, "1.0.0"))
    learner = Learner(tmp_path / "anki")
    learner.add(fork / "dist" / "all.apkg")
    edit(project, "Speech.", "Spoken words.")
    edit(project, "3,000::how many", "3,000::how many at most")
    commit(project)
    ok(released(project, clock, "1.0.0"))
    git(fork, "pull", "-q", "--no-edit", "--no-rebase", "--tags")
    ok(released(fork, clock, "1.0.1"))
    learner.add(fork / "dist" / "all.apkg")
    held = learner.state().notes
    assert "Spoken words." in "".join(held[guid("mini", "polly-purpose")].fields)
    assert "how many at most" in "".join(held[guid("mini", "polly-input-length")].fields)
    assert learner.problems() == []
    learner.close()


def test_the_same_overlay_outside_of_the_project(
    forked: Path,
    project: Path,
    clock: Clock,
    tmp_path: Path,
) -> None:
    """What lies in the fork may lie in a folder of its own: the same packages."""
    ok(run(forked, "decks"))
    outside = tmp_path / "mine"
    for part in ("decks/mine.toml", "cards/mine", "schema/vocabulary/mine.toml"):
        (outside / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(forked / part, outside / part)
    theirs = {p.name: p.read_bytes() for p in (forked / "dist").glob("*.apkg")}
    option = ("--overlay", "../mine")
    ok(run(project, *option, "check", "--strict"))
    ok(run(project, *option, "decks"))
    assert {p.name: p.read_bytes() for p in (project / "dist").glob("*.apkg")} == theirs
    assert ok(run(project, *option, "find", "Qwellabot")).out.startswith(
        "../mine/cards/mine/4.2-services/polly.md:3:"
    )
    assert ok(run(project, *option, "fmt")).code == 0
    refused = run(project, *option, "release", "1.0.0")
    assert refused.code == 2
    assert "git" in refused.err
    git(outside, "init", "-q", "-b", "main")
    commit(outside)
    ok(released(project, clock, "1.0.0", *option))
    namespace = settle_namespace(outside)
    assert f"{namespace}-v1.0.0" in git(outside, "tag").split()
    assert sorted(git(outside, "show", "--name-only", "--format=", "HEAD").split()) == [
        f"decks/ledger/{namespace}.tsv",
        "decks/mine.changelog.md",
    ]
    assert git(project, "status", "--porcelain") == ""
    ok(run(project, *option, "decks"))
    assert not (project / "dist" / "DRAFT.md").exists()
    broken = outside / "cards/mine/4.2-services/polly.md"
    broken.write_text(broken.read_text("utf-8").replace("own-things", "no-things"), "utf-8")
    assert "../mine/cards/mine/4.2-services/polly.md:6:" in run(project, *option, "check").out


def test_an_overlay_with_a_look_of_its_own(forked: Path, clock: Clock, tmp_path: Path) -> None:
    """Own cards have note types of their own then; those of the project keep the
    project's, byte for byte.
    """
    ok(run(forked, "decks"))
    learner = Learner(tmp_path / "plain")
    learner.add(forked / "dist" / "all.apkg")
    shared = learner.types()
    learner.close()
    settings = forked / "decks" / "mine.toml"
    (forked / "decks" / "mine.css").write_text(".card { color: teal; }\n", "utf-8")
    settings.write_text(
        settings.read_text("utf-8").replace(
            "\n[[package]]",
            '\nstyle = "mine.css"\nreport = "https://x.example/?id={id}"\n\n[[package]]',
            1,
        ),
        "utf-8",
    )
    commit(forked)
    ok(released(forked, clock, "1.0.0"))
    learner = Learner(tmp_path / "styled")
    learner.add(forked / "dist" / "all.apkg")
    own = learner.note(guid(settle_namespace(forked), "polly-at-work")).note_type()
    assert own["name"].startswith("Anna's cards · ")
    assert "color: teal" in own["css"]
    assert "https://x.example/?id={{text:ID}}" in own["tmpls"][0]["afmt"]
    assert {
        number: types for number, types in learner.types().items() if number in shared
    } == shared
    assert own["id"] not in shared
    learner.close()
    settings.write_text(
        settings.read_text("utf-8").replace(
            'style = "mine.css"\nreport = "https://x.example/?id={id}"\n', ""
        ),
        "utf-8",
    )
    assert "L009" in run(forked, "check").out


def test_a_look_of_its_own_comes_with_the_first_release_or_never(
    forked: Path,
    clock: Clock,
) -> None:
    ok(released(forked, clock, "1.0.0"))
    settings = forked / "decks" / "mine.toml"
    settings.write_text(
        settings.read_text("utf-8").replace(
            "\n[[package]]", '\nreport = "https://x.example/?id={id}"\n\n[[package]]', 1
        ),
        "utf-8",
    )
    assert "L009" in run(forked, "check").out


@pytest.mark.parametrize(
    ("name", "of"), [("Mini", "project"), ("a::b", "deck"), ("日本", "tag"), ("", "deck")]
)
def test_names_that_are_refused(name: str, of: str, mini: Path) -> None:
    result = run(mini, "fork", name)
    assert (result.code, re.findall("project|deck|tag", result.err.partition("help:")[0])) == (
        2,
        [of],
    )
    assert not (mini / "decks" / "mine.toml").exists()


def test_a_room_is_made_once(mini: Path) -> None:
    ok(run(mini, "fork", "My cards"))
    before = (mini / "decks" / "mine.toml").read_bytes()
    again = run(mini, "fork", "My cards")
    assert again.code == 2
    assert "already exists" in again.err
    assert (mini / "decks" / "mine.toml").read_bytes() == before
    ok(run(mini, "check", "--strict"))
    settings = mini / "decks" / "mine.toml"
    settings.write_text(
        settings.read_text("utf-8").replace(settle_namespace(mini), "mini"), "utf-8"
    )
    assert "V804" in run(mini, "check").out


def test_the_example_can_be_used(tmp_path: Path, clock: Clock) -> None:
    from conftest import LATER, REPO

    clock.at(LATER.isoformat())
    folder = tmp_path / "copy"
    folder.mkdir()
    for part in ("decks", "schema", "cards"):
        shutil.copytree(REPO / part, folder / part)
    shutil.copy(folder / "decks" / "mine.example.toml", folder / "decks" / "mine.toml")
    (folder / "cards" / "mine").mkdir()
    found = run_process(folder, "check")
    assert found.returncode == 0, found.stdout
    assert "V8" not in found.stdout


def test_upstream_keeps_out_of_the_forkers_rooms() -> None:
    from conftest import REPO

    for path in (
        "cards/mine",
        "decks/mine.toml",
        "decks/mine.css",
        "decks/mine.changelog.md",
        "schema/vocabulary/mine.toml",
    ):
        assert not (REPO / path).exists()


def test_only_the_project_retires_its_cards(forked: Path) -> None:
    result = run(forked, "retire", "polly-purpose", "--reason", "Not mine.")
    assert result.code == 2
    assert "[[leave-out]]" in result.err


def test_what_is_imported_goes_into_the_forkers_room(forked: Path, tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("Which engine is cheapest?;standard\n", "utf-8")
    found = ok(
        run(
            forked,
            "import",
            str(tmp_path / "words.csv"),
            "--to",
            "4.2-services/polly",
            "--topic",
            "own-things",
        )
    )
    assert "cards/mine/4.2-services/polly/words.md" in found.out
    new = git(forked, "status", "--porcelain", "--untracked-files=all").split()[1::2]
    assert sorted(new) == [
        "cards/mine/4.2-services/polly/words.md",
        f"decks/imported/{settle_namespace(forked)}.tsv",
    ]


def test_an_overlay_is_watched_too(mini: Path, tmp_path: Path) -> None:
    from datetime import date

    from deckwright.live.watch import watch

    outside = tmp_path / "room"
    ok(run(mini, "--overlay", str(outside), "fork", "My cards"))
    settle(outside, "")
    seen = watch(mini, date(2026, 11, 25), outside)
    assert next(seen).here == ()
    file = outside / "cards/mine/4.2-services/polly.md"
    file.write_text(file.read_text("utf-8").replace("own-things", "nothing-known"), "utf-8")
    look = next(seen)
    assert [path.endswith("cards/mine/4.2-services/polly.md") for path in look.saved] == [True]
    assert [d.code for d in look.here] == ["S305"] or look.here


def test_an_overlay_that_is_not_there(mini: Path, tmp_path: Path) -> None:
    result = run(mini, "--overlay", str(tmp_path), "check")
    assert result.code == 2
    assert "fork" in result.err
    inside = make_project(tmp_path / "two")
    ok(run(inside, "fork", "One"))
    outside = tmp_path / "other"
    ok(run(mini, "--overlay", str(outside), "fork", "Other"))
    assert "V804" in run(inside, "--overlay", str(outside), "check").out


def test_a_word_of_ones_own_has_a_place_of_its_own(mini: Path) -> None:
    ok(run(mini, "fork", "My cards"))
    settle(mini, "")
    (mini / "schema" / "vocabulary" / "words.txt").write_text("Polly\n", "utf-8")
    assert "Qwellabot" not in run(mini, "check").out
    own = mini / "schema" / "vocabulary" / "mine.toml"
    own.write_text(own.read_text("utf-8").replace('words = ["Qwellabot"]', ""), "utf-8")
    (found,) = [row for row in diagnostics(mini) if "Qwellabot" in row["message"]]
    assert (found["code"], found["path"]) == ("C467", "cards/mine/4.2-services/polly.md")
    assert "`words` in schema/vocabulary/mine.toml" in found["help"]


def test_what_upstream_has_not_released_is_a_draft_in_a_fork_too(
    project: Path,
    clock: Clock,
    tmp_path: Path,
) -> None:
    assert run(project, "fork", "Anna's cards").code == 0
    ok(run(project, "decks"))
    assert "polly-purpose" in (project / "dist" / "DRAFT.md").read_text("utf-8")
    commit(project)
    assert "0 new cards" in ok(run(project, "release", "0.1.0", "--dry-run")).err


def test_a_slip_in_the_settings_is_not_taken_for_another_namespace(
    forked: Path,
    clock: Clock,
) -> None:
    ok(released(forked, clock, "1.0.0"))
    settings = forked / "decks" / "mine.toml"
    settings.write_text(
        settings.read_text("utf-8") + '\n[[leave-out]]\nstate = ["legacy"]\n', "utf-8"
    )
    assert codes(forked) == ["V803"]


def test_a_project_with_a_room_takes_no_second(forked: Path) -> None:
    result = run(forked, "--overlay", "../second", "fork", "Other cards")
    assert (result.code, "already" in result.err) == (2, True)
    assert not (forked.parent / "second").exists()
