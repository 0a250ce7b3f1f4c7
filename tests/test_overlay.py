"""Somebody's own cards beside a project's: the overlay, its releases, and upstream's
releases pulled into it, in a real Anki.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import (
    LATER,
    POLLY,
    REPO,
    TODAY,
    Run,
    catalog,
    codes,
    diagnostics,
    edit,
    run,
    run_process,
)
from releases import Clock, commit, git, retire
from reproduce import digests

from deckwright.core.identity import guid
from deckwright.core.source import Source
from deckwright.project import ledger
from deckwright.project.ledger import Ledger

pytestmark = pytest.mark.usefixtures("own_git")

CARD = "\n## {}\n\n- kind: concept\n- topic: {}\n\n{}\n\n---\n\n{}\n"
OWN = CARD.format("polly-at-work", "own-things", "Which voice do we use at work?", "Qwellabot.")
MINE, WORDS = "decks/mine.toml", "schema/vocabulary/mine.toml"
LOOK = 'report = "https://x.example/?id={id}"\n'
OWN_POLLY = "cards/mine/services/polly.md"
VOCABULARY = """
words = ["Qwellabot"]

[[topic]]
slug = "own-things"
title = "Things of our own"
covers = "what we do at work"
part = "services"
exams = []
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
without-part = ["reliability"]

[[package]]
path = "mine/theirs.apkg"
cards = "project"
"""


def settle(place: Path, rules: str = RULES) -> None:
    """Fill the folders that `fork` has made."""
    for path, text in (
        (MINE, settings(place) + rules),
        (WORDS, VOCABULARY),
        (OWN_POLLY, f"# Amazon Polly\n{OWN}"),
    ):
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, "utf-8")


def settings(place: Path) -> str:
    return (place / MINE).read_text("utf-8")


def namespace_of(place: Path) -> str:
    return re.findall(r'(?m)^namespace = "(.+?)"', settings(place))[0]


def released(folder: Path, clock: Clock, version: str, *options: str) -> None:
    """A release an hour after the one before."""
    clock.seconds += 3600
    ok(run(folder, *options, "release", version, "--mass"))


def ok(result: Run) -> Run:
    assert result.code == 0, result.out + result.err
    return result


def packages(place: Path) -> dict[str, str]:
    """The SHA-256 of the packages of the last build by path."""
    built = digests(place / "dist").items()
    return {path: digest for path, digest in built if path.endswith(".apkg")}


def last(place: Path, namespace: str) -> Ledger:
    path = place / "decks" / "ledger" / f"{namespace}.tsv"
    return ledger.read(Source(path.name, path.read_text("utf-8"))).value


def clone(project: Path, fork: Path) -> Path:
    """A fork of a project with the overlay, committed."""
    git(fork.parent, "clone", "-q", str(project), str(fork))
    ok(run(fork, "fork", "Anna's cards"))
    settle(fork)
    commit(fork, "My cards")
    return fork


@pytest.fixture
def forked(project: Path, clock: Clock, tmp_path: Path) -> Path:
    """A fork of a project that has a release."""
    released(project, clock, "1.0.0")
    return clone(project, tmp_path / "fork")


def test_what_an_overlay_makes_of_a_project(forked: Path, project: Path) -> None:
    before = catalog(project / "dist")
    checked, built = ok(run(forked, "check", "--strict")), ok(run(forked, "decks"))
    assert checked.out == ""
    assert all("1 left out, 1 extended" in command.err for command in (checked, built))
    after = catalog(forked / "dist")
    assert after.keys() == (before.keys() | {"polly-at-work"}) - {"s3-replication"}
    own, old, extended = after["polly-at-work"], before["polly-purpose"], after["polly-purpose"]
    assert own["deck"] == "Anna's cards::2 Services::Polly"
    tags = ("kind::concept", "service::polly", "part::services", "topic::own-things")
    assert set(own["tags"]) == {f"anna-s-cards::{tag}" for tag in tags}
    assert {"all.apkg", "mine.apkg", "mine/without-4.1.apkg"} <= set(own["packages"])
    assert "mine/theirs.apkg" not in own["packages"]
    assert "mine/theirs.apkg" in extended["packages"]
    assert "mine.apkg" not in extended["packages"]
    assert (extended["guid"], extended["deck"]) == (old["guid"], old["deck"])
    assert set(extended["tags"]) == {*old["tags"], "anna-s-cards::mark::exam-week"}
    added = "\n<p>At work: <strong>announcements</strong>.</p>"
    assert extended["fields"]["Extra"] == old["fields"]["Extra"] + added
    for name in after.keys() - {"polly-at-work", "polly-purpose"}:
        for key in ("mod", "content", "draft"):
            assert after[name][key] == before[name][key], name
    edit(forked, 'id = ["s3-replication"]', 'service = ["polly"]', MINE)
    ok(run(forked, "decks"))
    assert "polly-at-work" in catalog(forked / "dist"), "own cards are never left out"
    assert "polly-purpose" not in catalog(forked / "dist")
    assert "[[leave-out]]" in run(forked, "retire", "polly-purpose", "--reason", "Not mine.").err


def test_a_release_writes_only_the_forks_own_files(forked: Path, clock: Clock) -> None:
    namespace = namespace_of(forked)
    released(forked, clock, "1.0.0")
    written = git(forked, "show", "--name-only", "--format=", "HEAD").split()
    assert sorted(written) == [f"decks/ledger/{namespace}.tsv", "decks/mine.changelog.md"]
    assert f"{namespace}-v1.0.0" in git(forked, "tag").split()
    own = last(forked, namespace)
    assert (list(own.cards), list(own.extended)) == (["polly-at-work"], ["mini/polly-purpose"])
    assert not own.types
    assert not (forked / "dist" / "DRAFT.md").exists()
    assert "1 new, 1 changed" in (forked / "decks" / "mine.changelog.md").read_text("utf-8")
    plain = settings(forked)
    edit(forked, "namespace =", f"{LOOK}namespace =", MINE)
    assert codes(forked) == ["L009"], "a look does not come after the first release"
    (forked / MINE).write_text(plain.replace("id =", "state =", 1), "utf-8")
    assert codes(forked) == ["V803"], "a slip is not taken for another namespace"


def test_three_upstream_releases_pulled_and_learned(
    forked: Path, project: Path, clock: Clock, learner: Learner
) -> None:
    """The life of a fork: nothing conflicts, nothing is lost, and what the fork leaves
    alone keeps upstream's times.
    """
    namespace = namespace_of(forked)
    released(forked, clock, "1.0.0")
    at_work = guid(namespace, "polly-at-work")
    purpose, limit, names = (
        guid("mini", f"polly-{name}") for name in ("purpose", "input-length", "task-names")
    )
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
        theirs = last(forked, "mini")
        for name, note in catalog(forked / "dist").items():
            row = theirs.cards.get(name)
            if row and f"mini/{name}" not in last(forked, namespace).extended:
                assert (note["mod"], note["draft"]) == (row.mod, False), name
        released(forked, clock, version)
        assert last(forked, "mini") == theirs
        learner.add(forked / "dist" / "all.apkg")
        if (forked / "dist" / "retired.apkg").exists():
            learner.add(forked / "dist" / "retired.apkg")
        assert learner.problems() == []
        assert len(learner.state().reviews) == reviews
        cards = learner.state().cards
        assert {card.reps for (one, _), card in cards.items() if one in everything} == {1}
        assert cards[at_work, 0].flags == 1

    # 1.1.0: the extended card changes, another as well, a card comes.
    edit(project, "Speech.", "Spoken words.")
    edit(project, "3,000::how many", "3,000::how many at most")
    new = CARD.format("polly-new", "voices", "What does an engine choose?", "How it sounds.")
    (project / POLLY).write_text((project / POLLY).read_text("utf-8") + new, "utf-8")
    commit(project)
    released(project, clock, "1.1.0")
    pull("1.1.0")
    held = learner.state().notes
    assert "Spoken words." in "".join(held[purpose].fields)
    assert "At work: <strong>announcements</strong>." in "".join(held[purpose].fields)
    assert "anna-s-cards::mark::exam-week" in held[purpose].tags
    assert "how many at most" in "".join(held[limit].fields)
    assert guid("mini", "polly-new") in held

    # 1.2.0: a card is retired, a file moves, the vocabulary grows.
    retire(project, "polly-task-names", "--successor", "polly-new")
    polly = project / "cards/services/polly"
    (polly / "choosing.md").rename(polly / "engines.md")
    lex = '[[service]]\nslug = "lex"\ntitle = "Amazon Lex"\ndeck = "Lex"\n'
    (project / "schema" / "vocabulary" / "more.toml").write_text(lex, "utf-8")
    commit(project)
    released(project, clock, "1.2.0")
    pull("1.2.0")
    assert "mini::retired::1.2.0" in learner.state().notes[names].tags

    # 1.3.0: the extended card is retired: its last words reach those who hold the extended one,
    # whose time is later than upstream's.
    retire(project, "polly-purpose")
    commit(project)
    released(project, clock, "1.3.0")
    git(forked, "pull", "-q", "--no-edit", "--no-rebase", "--tags")
    assert codes(forked) == ["V808"], "the extended card is gone"
    pull("1.3.0")
    assert "mini::retired::1.3.0" in learner.state().notes[purpose].tags
    assert learner.guids() >= everything
    ids = learner.col.db.list("select id from notes")
    assert len(ids) == len(set(ids)) == len(learner.guids())


def test_an_extension_that_goes_is_taken_back_from_learners(
    forked: Path, clock: Clock, learner: Learner
) -> None:
    text, purpose = settings(forked), guid("mini", "polly-purpose")
    changed = re.sub(r'(?s)tags = \["exam-week"\]\ntext = .+?\n', 'tags = ["later"]\n', text)
    for version, rules, tags in (
        ("1.0.0", text, {"exam-week"}),
        ("1.0.1", changed, {"later"}),
        ("1.0.2", text[: text.index("[[extend]]")], set()),
    ):
        (forked / MINE).write_text(rules, "utf-8")
        git(forked, "commit", "-q", "-a", "--allow-empty", "-m", "Rules")
        released(forked, clock, version)
        learner.add(forked / "dist" / "all.apkg")
        note = learner.state().notes[purpose]
        assert ("At work" in "".join(note.fields)) == (version == "1.0.0")
        marks = {tag for tag in note.tags if tag.startswith("anna")}
        assert marks == {f"anna-s-cards::mark::{tag}" for tag in tags}
    ok(run(forked, "decks"))
    assert not (forked / "dist" / "DRAFT.md").exists()


def test_before_the_first_upstream_release(
    project: Path, clock: Clock, tmp_path: Path, learner: Learner
) -> None:
    """A fork may release first: upstream's cards stay drafts until upstream has released
    them, and every update arrives.
    """
    fork = clone(project, tmp_path / "fork")
    ok(run(fork, "decks"))
    assert "polly-input-length" in (fork / "dist" / "DRAFT.md").read_text("utf-8")
    released(fork, clock, "1.0.0")
    learner.add(fork / "dist" / "all.apkg")
    edit(project, "Speech.", "Spoken words.")
    edit(project, "3,000::how many", "3,000::how many at most")
    commit(project)
    released(project, clock, "1.0.0")
    git(fork, "pull", "-q", "--no-edit", "--no-rebase", "--tags")
    released(fork, clock, "1.0.1")
    learner.add(fork / "dist" / "all.apkg")
    held = learner.state().notes
    assert "Spoken words." in "".join(held[guid("mini", "polly-purpose")].fields)
    assert "how many at most" in "".join(held[guid("mini", "polly-input-length")].fields)


def test_the_same_overlay_outside_of_the_project(
    forked: Path, project: Path, clock: Clock, tmp_path: Path
) -> None:
    """What is in the fork may be in its own folder: the same packages."""
    ok(run(forked, "decks"))
    outside, namespace = tmp_path / "mine", namespace_of(forked)
    for part in (MINE, "cards/mine", WORDS):
        (outside / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(forked / part, outside / part)
    option = ("--overlay", "../mine")
    ok(run(project, *option, "check", "--strict"))
    ok(run(project, *option, "decks"))
    assert packages(project) == packages(forked)
    place = ok(run(project, *option, "find", "Qwellabot")).out
    assert place.startswith(f"../mine/{OWN_POLLY}:3:")
    ok(run(project, *option, "fmt"))
    refused = run(project, *option, "release", "1.0.0")
    assert (refused.code, "git repository" in refused.err) == (2, True)
    git(outside, "init", "-q", "-b", "main")
    commit(outside)
    released(project, clock, "1.0.0", *option)
    assert git(outside, "tag").split() == [f"{namespace}-v1.0.0"]
    assert git(project, "status", "--porcelain") == git(outside, "status", "--porcelain") == ""
    ok(run(project, *option, "decks"))
    assert not (project / "dist" / "DRAFT.md").exists()
    edit(outside, "own-things", "no-things", OWN_POLLY)
    assert f"../mine/{OWN_POLLY}:6:" in run(project, *option, "check").out


def test_an_overlay_with_its_own_look(
    forked: Path, clock: Clock, tmp_path: Path, learner: Learner
) -> None:
    """Own cards then have their own note types; those of the project keep the project's, byte
    for byte.
    """
    ok(run(forked, "decks"))
    learner.add(forked / "dist" / "all.apkg")
    shared, plain = learner.types(), settings(forked)
    (forked / "decks" / "mine.css").write_text(".card { color: teal; }\n", "utf-8")
    edit(forked, "namespace =", f'style = "mine.css"\n{LOOK}namespace =', MINE)
    commit(forked)
    released(forked, clock, "1.0.0")
    other = Learner(tmp_path / "other")
    other.add(forked / "dist" / "all.apkg")
    own = other.note(guid(namespace_of(forked), "polly-at-work")).note_type()
    assert own["name"].startswith("Anna's cards · ")
    assert "color: teal" in own["css"]
    assert "https://x.example/?id={{text:ID}}" in own["tmpls"][0]["afmt"]
    types = other.types()
    assert {number: types[number] for number in shared} == shared
    assert own["id"] not in shared
    other.close()
    (forked / MINE).write_text(plain, "utf-8")
    assert "L009" in codes(forked)


@pytest.mark.parametrize(
    ("name", "of"), [("Mini", "project"), ("a::b", "deck"), ("日本", "tag"), ("", "deck")]
)
def test_names_that_are_refused(name: str, of: str, mini: Path) -> None:
    result = run(mini, "fork", name)
    said = re.findall("project|deck|tag", result.err.partition("help:")[0])
    assert (result.code, said) == (2, [of])
    assert not (mini / "decks" / "mine.toml").exists()


def test_there_is_one_overlay(mini: Path, tmp_path: Path) -> None:
    missing = run(mini, "--overlay", str(tmp_path), "check")
    assert (missing.code, "fork" in missing.err) == (2, True)
    outside = ("--overlay", str(tmp_path / "other"))
    ok(run(mini, *outside, "fork", "Other"))
    ok(run(mini, "fork", "My cards"))
    before = settings(mini)
    for options in ((), outside, ("--overlay", str(tmp_path / "third"))):
        again = run(mini, *options, "fork", "My cards")
        assert (again.code, "already" in again.err) == (2, True)
    assert settings(mini) == before
    ok(run(mini, "check", "--strict"))
    assert "V804" in run(mini, *outside, "check").out


def test_the_example_can_be_used(tmp_path: Path, clock: Clock) -> None:
    clock.at(LATER.isoformat())
    folder = tmp_path / "copy"
    for part in ("decks", "schema", "cards"):
        shutil.copytree(REPO / part, folder / part)
    upstream = ("cards/mine", MINE, "decks/mine.css", WORDS)
    assert [path for path in upstream if (REPO / path).exists()] == []
    shutil.copy(folder / "decks" / "mine.example.toml", folder / MINE)
    (folder / "cards" / "mine").mkdir()
    checked = run_process(folder, "check")
    assert (checked.returncode, "V8" in checked.stdout) == (0, False), checked.stdout


def test_what_is_imported_goes_into_the_overlay(forked: Path, tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("Which engine is cheapest?;standard\n", "utf-8")
    target = ("--to", "services/polly", "--topic", "own-things")
    ok(run(forked, "import", str(tmp_path / "words.csv"), *target))
    new = git(forked, "status", "--porcelain", "--untracked-files=all").split()[1::2]
    assert sorted(new) == ["cards/mine/services/polly/words.md", "decks/imported/words.txt"]


def test_an_overlay_is_watched_too(mini: Path, tmp_path: Path) -> None:
    from deckwright.live.watch import watch

    outside = tmp_path / "overlay"
    ok(run(mini, "--overlay", str(outside), "fork", "My cards"))
    settle(outside, "")
    results = watch(mini, TODAY, outside)
    assert next(results).here == ()
    edit(outside, "own-things", "nothing-known", OWN_POLLY)
    result = next(results)
    assert result.saved == (f"../overlay/{OWN_POLLY}",)
    assert result.here


def test_an_own_word_has_its_own_place(mini: Path) -> None:
    ok(run(mini, "fork", "My cards"))
    settle(mini, "")
    (mini / "schema" / "vocabulary" / "words.txt").write_text("Polly\n", "utf-8")
    assert "Qwellabot" not in run(mini, "check").out
    edit(mini, 'words = ["Qwellabot"]', "", WORDS)
    (problem,) = [d for d in diagnostics(mini) if "Qwellabot" in d["message"]]
    assert (problem["code"], problem["path"]) == ("C467", OWN_POLLY)
    assert f"`words` in {WORDS}" in problem["help"]
