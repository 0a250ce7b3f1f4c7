"""Releases: what they refuse, what they write, that they are all or nothing, and what a
learner is told.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import NOW, REPO, TODAY, Run, codes, diagnostics, make_project, run, run_process
from releases import BOOK, POLLY, Clock, commit, edit, git
from test_faults import digest

from deckwright.cli.commands import release as command
from deckwright.core.identity import DRAFT_SECONDS
from deckwright.core.source import Source
from deckwright.project import ledger
from deckwright.project.ledger import Ledger

pytestmark = pytest.mark.usefixtures("own_git")


def release(project: Path, clock: Clock, version: str, *flags: str) -> Run:
    """A release an hour after the one before."""
    clock.seconds += 3600
    return run(project, "release", version, *flags)


def book(project: Path) -> Ledger:
    return ledger.read(Source(BOOK, (project / BOOK).read_text("utf-8"))).values[0]


def drafts(project: Path) -> bool:
    """Whether a build has unreleased changes."""
    assert run(project, "decks").code == 0
    return (project / "dist" / "DRAFT.md").exists()


def stamps(project: Path) -> dict[str, int]:
    return {name: row.mod for name, row in book(project).cards.items()}


def state(project: Path) -> tuple[object, ...]:
    """Everything that a release may change."""
    refs = git(project, "for-each-ref") + git(project, "status", "--porcelain")
    files = {
        p.as_posix(): p.read_bytes()
        for p in sorted(project.rglob("*"))
        if p.is_file() and ".git" not in p.parts
    }
    return refs, files


def test_a_release_commits_tags_and_builds(project: Path, clock: Clock) -> None:
    done = release(project, clock, "0.1.0")
    assert done.code == 0
    assert re.search(r"^9 cards .*\n  \+ ", done.out)
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "log", "--format=%s", "-1").strip() == "Release 0.1.0"
    assert git(project, "tag", "--points-at", "HEAD").strip() == "v0.1.0"
    assert git(project, "cat-file", "-t", "v0.1.0").strip() == "tag"
    assert git(project, "show", "--format=", "--name-only", "HEAD").split() == [
        "CHANGELOG.md",
        BOOK,
    ]
    assert set(stamps(project).values()) == {int(clock.seconds)}
    assert book(project).last == ledger.Release("0.1.0", int(clock.seconds))
    assert "## 0.1.0" in (project / "CHANGELOG.md").read_text("utf-8")
    rows = json.loads((project / "dist" / "cards.json").read_text("utf-8"))
    assert {(row["draft"], row["released"]) for row in rows} == {(False, "0.1.0")}
    assert not (project / "dist" / "DRAFT.md").exists()


def test_a_build_of_the_released_tree_gives_the_released_bytes(
    project: Path, clock: Clock, tmp_path: Path
) -> None:
    assert release(project, clock, "0.1.0").code == 0
    released = digest(project / "dist")
    assert run(project, "decks", "--out", str(tmp_path / "again")).code == 0
    assert digest(tmp_path / "again") == released
    git(tmp_path, "clone", "-q", str(project), "clone")
    assert not drafts(tmp_path / "clone")
    assert digest(tmp_path / "clone" / "dist") == released


def test_only_what_changed_is_stamped_anew(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    before, text = stamps(project), (project / BOOK).read_text("utf-8")
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    commit(project)
    done = release(project, clock, "1.0.1", "--mass")
    assert done.code == 0
    assert {name for name, stamp in stamps(project).items() if stamp != before[name]} == {
        "polly-purpose"
    }
    changed = set((project / BOOK).read_text("utf-8").splitlines()) - set(text.splitlines())
    assert sorted(line.split()[0] for line in changed) == ["#", "card", "release"]
    assert "      - Speech.\n      + Spoken words.\n" in done.out
    assert re.search(r"\b1 of 9\b", done.err)


def test_a_release_without_changes_stamps_nothing(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    before, packages = stamps(project), digest(project / "dist")
    assert release(project, clock, "1.0.1").code == 0
    assert stamps(project) == before
    assert digest(project / "dist") == packages


def test_checking_a_fact_again_changes_no_row(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    packages = {
        name: data
        for name, data in digest(project / "dist").items()
        if name.endswith((".apkg", ".txt"))
    }
    edit(project, "checked: 2026-09", "checked: 2026-10")
    assert not drafts(project)
    found = digest(project / "dist")
    assert {name: found[name] for name in packages} == packages
    rows = {
        row["id"]: row for row in json.loads((project / "dist" / "cards.json").read_text("utf-8"))
    }
    assert (rows["polly-purpose"]["checked"], rows["polly-purpose"]["fields"]["AsOf"]) == (
        "2026-10",
        "2026-09",
    )
    edit(
        project, "\nSpeech.\n", "\nSpoken words.\n"
    )  # once the card changes, it shows the newest date
    run(project, "decks")
    rows = {
        row["id"]: row for row in json.loads((project / "dist" / "cards.json").read_text("utf-8"))
    }
    assert (rows["polly-purpose"]["draft"], rows["polly-purpose"]["fields"]["AsOf"]) == (
        True,
        "2026-10",
    )


def test_note_ids_and_home_decks_stay(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    before = {
        row["id"]: row for row in json.loads((project / "dist" / "cards.json").read_text("utf-8"))
    }
    ids = {name: row.note_id for name, row in book(project).cards.items()}
    assert len({number // 512 for number in ids.values()}) == len(ids)
    assert max(ids.values()) < clock.seconds * 1000
    target = project / "cards" / "4.1-reliability" / "polly.md"
    target.write_text(
        (project / "cards/4.2-services/polly/choosing.md")
        .read_text("utf-8")
        .replace("voices", "copies"),
        "utf-8",
    )
    (project / "cards/4.2-services/polly/choosing.md").unlink()
    assert run(project, "check").code == 0
    commit(project)
    done = release(project, clock, "1.0.1", "--mass")
    assert done.code == 0
    assert re.search(r"^polly-for-museum .*\bMini::2 Services::Polly\.$", done.err, re.MULTILINE)
    after = {
        row["id"]: row for row in json.loads((project / "dist" / "cards.json").read_text("utf-8"))
    }
    assert {name: row["deck"] for name, row in after.items()} == {
        name: row["deck"] for name, row in before.items()
    }
    assert {name: row.note_id for name, row in book(project).cards.items()} == ids
    moved = [name for name in after if before[name]["task"] != after[name]["task"]]
    assert moved
    assert all("mini::task::4.1" in after[name]["tags"] for name in moved)


@pytest.mark.parametrize(
    ("decks", "held"),
    [
        ({"2 Services": "2 Service"}, ["polly-for-museum"]),
        ({"Polly": "S3", "S3": "Polly"}, ["polly-for-museum", "s3-copies"]),  # they swap
    ],
)
def test_a_deck_name_that_changes_is_refused(
    decks: dict[str, str], held: list[str], project: Path, clock: Clock
) -> None:
    release(project, clock, "1.0.0")
    file = project / "schema/vocabulary/mini.toml"
    text = re.sub(
        r'(?<=deck = ")[^"]+', lambda name: decks.get(name[0], name[0]), file.read_text("utf-8")
    )
    file.write_text(text, "utf-8")
    rows = (project / BOOK).read_text("utf-8").splitlines()
    assert [(d["code"], rows[d["line"] - 1].split("\t")[1]) for d in diagnostics(project)] == [
        ("L007", name) for name in held
    ]


def test_a_changed_namespace_is_refused(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    edit(project, 'namespace = "mini"', 'namespace = "maxi"', "decks/project.toml")
    (found,) = diagnostics(project)
    assert (found["code"], found["path"]) == ("L008", BOOK)
    moved = "decks/ledger/maxi.tsv"  # and with the ledger dragged along
    (project / BOOK).rename(project / moved)
    (found,) = diagnostics(project)
    assert (found["code"], found["path"]) == ("L008", moved)


def test_a_changed_shape_of_a_note_type_is_refused(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    path = "decks/notetypes/cloze/notetype.toml"
    text = (project / path).read_text("utf-8")
    lines = text.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if 'name = "Extra"' in line)
    card = 'name = "Card 2"\nid = 1234567890\nfront = "front.html"\nback = "back.html"\n'
    for differs, changed in (
        ("order", "".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]])),
        ("1137813320196416629", text.replace("1137813320196416629", "1137813320196416628")),
        ("1741130457036", text.replace("id = 1741130457036", "id = 1741130457037")),
        ("Card 2", f"{text}\n[[template]]\n{card}"),
        ("3692477360139192229", re.sub(r'  \{ name = "Spare3".*\n', "", text)),
    ):
        (project / path).write_text(changed, "utf-8")
        (found,) = diagnostics(project)
        assert (found["code"], found["path"]) == ("L009", path)
        assert differs in found["message"]
    (project / path).write_text(
        text.replace('name = "Spare1"', 'name = "Spare7"'), "utf-8"
    )  # a name may change, the id stays
    assert codes(project) == []


REFUSED = {
    "new.txt": lambda p: (p / "new.txt").write_text("x"),
    POLLY: lambda p: edit(p, "\nSpeech.\n", "\nWords.\n"),
    "git switch": lambda p: git(p, "checkout", "-q", "--detach"),
    "v1.1.0": lambda p: git(p, "tag", "v1.1.0"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_release_refuses(what: str, project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    REFUSED[what](project)
    before = state(project)
    done = release(project, clock, "1.1.0")
    assert done.code == 2
    (refusal,) = re.findall(r"^not released: .*\n  help: .*", done.err, re.MULTILINE)
    assert what in refusal
    assert state(project) == before


def test_a_release_refuses_cards_with_errors(project: Path, clock: Clock) -> None:
    edit(project, "\nSpeech.\n", "\n<b>Speech.\n")
    commit(project)
    before = state(project)
    done = release(project, clock, "0.1.0")
    assert (done.code, "P211" in done.out) == (1, True)
    assert state(project) == before


@pytest.mark.parametrize(
    ("version", "named"),
    [
        ("1.0.0", ["v1.0.0"]),
        ("0.9.0", ["0.9.0", "1.0.1", "1.1.0"]),
        ("1.1", ["`1.1`"]),
        ("v1.1.0", ["`v1.1.0`"]),
        ("1.01.0", ["`1.01.0`"]),
    ],
)
def test_versions_that_are_refused(
    version: str, named: list[str], project: Path, clock: Clock
) -> None:
    release(project, clock, "1.0.0")
    said = refused(project, clock, version)
    assert [value for value in named if value not in said] == []


def test_version_numbers_say_what_a_learner_has_to_do(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    edit(project, "{{c2::`SSML`}} tags", "{{c2::`SSML`}} {{c3::tags}}")
    commit(project)
    said = refused(project, clock, "1.0.1")
    assert "`polly-input-length`" in said
    assert "1.1.0" in said
    assert release(project, clock, "1.1.0", "--mass").code == 0
    with open(project / POLLY, "a") as file:
        file.write(
            "\n## polly-new\n\n- kind: concept\n- topic: voices\n\nWhat is new?\n\n---\n\nNothing.\n"  # noqa: E501
        )
    commit(project)
    assert "1.2.0" in refused(project, clock, "1.1.1")
    assert release(project, clock, "1.10.0").code == 0
    assert "1.10.1 or 1.11.0" in refused(project, clock, "1.9.0")


def plan(project: Path, version: str, when: int, **flags: bool) -> str:
    """Why a release at a certain time would be refused, and what to do."""
    from deckwright import pipeline

    checked = pipeline.check(project, TODAY).values[0]
    found = command.plan(checked, command.Wish(version, when, **flags))
    return "; ".join(f"{r.message}: {r.help}" for r in found.refusals)


def refused(project: Path, clock: Clock, version: str, *flags: str) -> str:
    """What a release says that is refused, and that changes nothing."""
    before = state(project)
    done = release(project, clock, version, "--mass", *flags)
    assert done.code == 2
    assert state(project) == before
    return done.err


def changed(project: Path, clock: Clock, word: str, version: str) -> None:
    """A release in which one card has another answer."""
    file = project / POLLY
    file.write_text(
        re.sub(
            r"\n---\n\n[^\n]+\n\n---\n\n```json",
            f"\n---\n\n{word}\n\n---\n\n```json",
            file.read_text("utf-8"),
        ),
        "utf-8",
    )
    commit(project)
    assert release(project, clock, version, "--mass").code == 0


def test_a_release_that_was_reverted_is_remembered(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    changed(project, clock, "Spoken words.", "1.0.1")
    git(project, "revert", "--no-edit", "HEAD", "HEAD~1")
    said = refused(project, clock, "1.0.2")
    assert "polly-purpose, release 1.0.1" in said
    assert "git restore --source v1.0.1" in said
    assert "git merge" not in said  # it was on this branch
    assert git(project, "restore", "--source", "v1.0.1", "decks/ledger") == ""
    commit(project)
    assert release(project, clock, "1.0.2", "--mass").code == 0
    assert stamps(project)["polly-purpose"] == int(
        clock.seconds
    )  # whoever has "Spoken words" gets "Speech" back


def test_a_release_that_was_reset_away_is_remembered(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    changed(project, clock, "Spoken words.", "1.0.1")
    git(project, "reset", "-q", "--hard", "v1.0.0")
    said = refused(project, clock, "1.0.2")
    assert "polly-purpose" in said
    assert "merge v1.0.1;" in said
    assert "git restore --source v1.0.1" in said
    assert git(project, "restore", "--source", "v1.0.1", "decks/ledger") == ""
    commit(project)
    assert release(project, clock, "1.0.2", "--mass").code == 0
    assert stamps(project)["polly-purpose"] == int(clock.seconds)


def test_lines_taken_out_of_a_ledger_are_missed(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    text = (project / BOOK).read_text("utf-8")
    (project / BOOK).write_text(
        "".join(line for line in text.splitlines(True) if "\tpolly-purpose\t" not in line), "utf-8"
    )
    commit(project)
    restore = "git restore --source v1.0.0"
    said = refused(project, clock, "1.1.0")
    assert ": polly-purpose\n" in said
    assert restore in said
    (project / BOOK).unlink()
    commit(project)
    assert restore in refused(project, clock, "1.1.0")
    assert git(project, "restore", "--source", "v1.0.0", "decks/ledger") == ""
    assert (project / BOOK).read_text("utf-8") == text


def test_the_ledger_of_the_second_root_is_missed_too(project: Path, clock: Clock) -> None:
    from test_projects import CARD, with_root

    (with_root(project) / "polly.md").write_text(
        CARD.format(id="my-card", question="What is mine?"), "utf-8"
    )
    commit(project)
    release(project, clock, "1.0.0")
    git(project, "rm", "-q", "decks/ledger/mine.tsv")
    commit(project)
    said = refused(project, clock, "1.1.0")
    assert ": my-card, release 1.0.0\n" in said
    assert "git restore --source v1.0.0" in said


CLONES = {
    "complete": ((), "git fetch --tags"),
    "shallow": (("--depth", "1"), "git fetch --tags --unshallow"),
}


@pytest.mark.parametrize("kind", CLONES)
@pytest.mark.parametrize("gone", ["a row", "the ledger", "nothing"])
def test_without_tags_a_clone_releases_nothing(
    kind: str, gone: str, project: Path, clock: Clock, tmp_path: Path
) -> None:
    release(project, clock, "1.0.0")
    changed(project, clock, "Spoken words.", "1.0.1")
    lines = (project / BOOK).read_text("utf-8").splitlines(True)
    kept = [line for line in lines if "\tpolly-purpose\t" not in line]
    if gone == "a row":
        (project / BOOK).write_text("".join(kept), "utf-8")
    elif gone == "the ledger":
        (project / BOOK).unlink()
    if gone != "nothing":
        commit(project)
    options, fetch = CLONES[kind]
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--no-tags", *options, project.as_uri(), str(clone))
    said = refused(clone, clock, "1.1.0")
    assert f": {fetch}\n" in said
    assert ("v1.0.1" in said) == (gone != "the ledger")
    git(clone, *fetch.split()[1:])
    if gone == "nothing":
        assert release(clone, clock, "1.1.0").code == 0
    else:
        assert "git restore --source v1.0.1" in refused(clone, clock, "1.1.0")


def test_the_first_release_can_be_made_in_a_clone(
    project: Path, clock: Clock, tmp_path: Path
) -> None:
    edit(project, "Speech.\n", "Spoken words.\n")
    commit(project)
    git(tmp_path, "clone", "-q", project.as_uri(), "complete")
    git(tmp_path, "clone", "-q", "--depth", "1", project.as_uri(), "shallow")
    assert ": git fetch --tags --unshallow\n" in refused(tmp_path / "shallow", clock, "1.0.0")
    assert release(tmp_path / "complete", clock, "1.0.0").code == 0


# What git prints, and with which help, is for the user to set; what it tells us is not.
SETTINGS = {
    "i18n.logOutputEncoding": "utf-16", "i18n.commitEncoding": "utf-16", "color.ui": "always",
    "color.diff": "always", "color.status": "always", "column.ui": "always", "column.tag": "row",
    "core.pager": "false", "core.quotePath": "true", "core.sparseCheckout": "true",
    "diff.external": "false", "diff.noprefix": "true", "log.decorate": "full",
    "log.showSignature": "true", "status.branch": "true", "status.short": "true",
    "status.showUntrackedFiles": "no", "tag.sort": "-refname",
}  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_of_git_change_no_release(setting: str, project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    (project / ".git" / "info" / "sparse-checkout").write_text("/*\n!/schema/\n")
    edit(project, "Speech.\n", "Spoken words.\n")
    commit(project)
    config = (project / ".git" / "config").read_text()
    git(project, "config", setting, SETTINGS[setting])
    (project / "Grüße.txt").write_text("x")
    assert ": Grüße.txt\n" in refused(project, clock, "1.0.1")
    (project / "Grüße.txt").unlink()
    done = release(project, clock, "1.0.1", "--mass")
    assert (done.code, "+ Spoken words." in done.out) == (0, True), done.err
    found = json.loads(run(project, "diff", "v1.0.0", "v1.0.1", "--format", "json").out)
    assert [card["id"] for card in found["changed"]] == ["polly-purpose"]
    (project / ".git" / "config").write_text(config)
    assert "encoding" not in git(project, "cat-file", "commit", "v1.0.1^{commit}")
    assert git(project, "status", "--porcelain") == ""


def test_tags_of_other_things_do_not_matter(project: Path, clock: Clock) -> None:
    git(project, "tag", "v7.0.0")
    git(project, "tag", "version-one")
    commit_file = project / "notes.txt"
    commit_file.write_text("x")
    commit(project)
    assert release(project, clock, "1.0.0").code == 0


def test_two_branches_that_release_want_a_word(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    git(project, "switch", "-q", "-c", "other")
    changed(project, clock, "Spoken words.", "1.0.1")
    git(project, "switch", "-q", "main")
    assert "--apart" in refused(project, clock, "1.0.2")
    assert release(project, clock, "1.0.2", "--apart").code == 0


def test_cards_that_git_ignores_are_not_released(project: Path, clock: Clock) -> None:
    (project / ".gitignore").write_text("dist/\nprivate.md\n")
    (project / "cards/4.2-services/polly/private.md").write_text(
        "# P\n\n## secret\n\n- kind: concept\n- topic: voices\n\nS?\n\n---\n\nS.\n", "utf-8"
    )
    commit(project)
    assert ": cards/4.2-services/polly/private.md\n" in refused(project, clock, "1.0.0")


def test_links_in_the_repository_do_no_harm(project: Path, clock: Clock) -> None:
    (project / "absolute").symlink_to("/usr/bin/env")
    (project / "outside").symlink_to("../../elsewhere")
    commit(project)
    release(project, clock, "1.0.0")
    changed(project, clock, "Spoken words.", "1.0.1")
    assert "+ Spoken words." in run(project, "diff", "v1.0.0", "v1.0.1").out


def test_a_root_put_first_restamps_no_note_type(project: Path, clock: Clock) -> None:
    from test_projects import CARD, with_root

    release(project, clock, "1.0.0")
    types = book(project).types
    (with_root(project) / "polly.md").write_text(
        CARD.format(id="my-card", question="What is mine?"), "utf-8"
    )
    file = project / "decks/project.toml"
    roots = re.findall(r"\[\[root\]\]\n(?:.+\n)+", file.read_text("utf-8"))
    file.write_text(
        file.read_text("utf-8").replace(roots[0], "").replace(roots[1], roots[1] + "\n" + roots[0]),
        "utf-8",
    )
    commit(project)
    assert release(project, clock, "1.1.0").code == 0
    assert book(project).types == types
    assert "1.1.0" not in book(project).releases, "nothing of this root was released"
    mine = ledger.read(Source("", (project / "decks/ledger/mine.tsv").read_text("utf-8"))).values[0]
    assert not mine.types
    assert not drafts(project)


def test_two_roots_may_share_a_namespace(project: Path, clock: Clock) -> None:
    from test_projects import CARD, with_root

    (with_root(project, "mini") / "polly.md").write_text(
        CARD.format(id="my-card", question="What is mine?"), "utf-8"
    )
    commit(project)
    assert release(project, clock, "1.0.0").code == 0
    assert "my-card" in book(project).cards
    assert len(book(project).cards) == 10


def test_two_branches_that_give_one_note_id_twice(project: Path, clock: Clock) -> None:
    """Note ids are times: two releases within the same second give the same ones."""

    def add(name: str, count: int) -> None:
        cards = "".join(
            f"\n## {name}-{n}\n\n- kind: concept\n- topic: words\n\n{name} {n}?\n\n---\n\nYes.\n"
            for n in range(count)
        )
        (project / f"cards/summary/ideas-{name}.md").write_text("# I\n" + cards, "utf-8")
        (project / "cards/summary/ideas").mkdir(exist_ok=True)
        (project / f"cards/summary/ideas-{name}.md").rename(
            project / f"cards/summary/ideas/{name}.md"
        )
        commit(project)

    (project / ".gitattributes").write_text("*.tsv merge=union\n*.md merge=union\n", "utf-8")
    commit(project)
    release(project, clock, "1.0.0")
    git(project, "switch", "-q", "-c", "other")
    add("b", 3)
    at = clock.seconds
    release(project, clock, "1.2.0")
    git(project, "switch", "-q", "main")
    add("a", 1)
    clock.seconds = at
    assert release(project, clock, "1.1.0", "--apart").code == 0
    subprocess.run(["git", "merge", "-q", "other"], cwd=project, capture_output=True)
    assert len(book(project).cards) == 13
    assert not drafts(project)


def test_an_index_that_is_locked_after_the_release(project: Path, clock: Clock) -> None:
    (project / ".git" / "index.lock").write_text("")
    done = release(project, clock, "1.0.0")
    assert done.code == 2
    assert git(project, "tag") == "v1.0.0\n"
    assert "not released" not in done.err
    assert "git reset --hard" in done.err
    (project / ".git" / "index.lock").unlink()
    assert "git reset --hard" in refused(project, clock, "1.0.1")
    git(project, "reset", "-q", "--hard")
    assert not drafts(project)


@pytest.mark.parametrize("harm", ["latin", "folder", "index", "bare"])
def test_what_is_broken_is_said_without_a_trace(harm: str, project: Path, clock: Clock) -> None:
    if harm == "latin":
        (project / "CHANGELOG.md").write_bytes("# Änderungen\n".encode("latin-1"))
        commit(project)
    elif harm == "folder":
        (project / "CHANGELOG.md").mkdir()
        (project / "CHANGELOG.md" / "x").write_text("x")
        commit(project)
    elif harm == "index":
        (project / ".git" / "index").write_text("junk")
    else:
        git(project, "config", "core.bare", "true")
    done = release(project, clock, "1.0.0")
    assert done.code == 2
    assert "not released: " in done.err


@pytest.mark.parametrize("heading", ["## [Unreleased]", "## Unreleased  ", "##  unreleased"])
def test_other_ways_to_write_unreleased(heading: str, project: Path, clock: Clock) -> None:
    (project / "CHANGELOG.md").write_text(f"# Changes\n\n{heading}\n\n- A new voice.\n", "utf-8")
    commit(project)
    assert release(project, clock, "0.2.0").code == 0
    text = (project / "CHANGELOG.md").read_text("utf-8")
    assert text.lower().count("unreleased") == 1
    assert text.index("## 0.2.0") < text.index("- A new voice.")


def utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def test_the_clock_is_not_trusted_blindly(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    stamped = int(clock.seconds)
    made = int(git(project, "log", "-1", "--format=%ct"))
    assert plan(project, "1.0.1", stamped + 601, late=True) == ""
    said = plan(project, "1.0.1", stamped + 600, late=True)
    assert said.endswith(utc(stamped + 600))  # when a release is possible
    for now in (stamped, stamped - 1):
        said = plan(project, "1.0.1", now, late=True)
        assert utc(now) in said
        assert "ledger" in said
        assert utc(stamped) in said
    assert "git commit --amend" in plan(project, "1.0.1", made - 1)
    assert "--late" in plan(project, "1.0.1", made + 86_401 + 3600)
    assert plan(project, "1.0.1", made + 86_401 + 3600, late=True) == ""


def test_the_first_release_comes_after_the_drafts_of_the_epoch(project: Path) -> None:
    edit(project, "epoch = 1790000000", f"epoch = {NOW - 100_000}", "decks/project.toml")
    git(project, "-c", "user.name=T", "commit", "-qam", "epoch")
    epoch = int(re.search(r"epoch = (\d+)", (project / "decks/project.toml").read_text())[1])  # type: ignore[index]
    assert f" {utc(epoch + 600)};" in plan(project, "1.0.0", epoch + 600)


def add_words(project: Path, number: int) -> None:
    """Adds cards that differ only in a number, and commits them."""
    extra = "".join(
        f"\n## word-{n}\n\n- kind: concept\n- topic: words\n\nWhat is word {n}?\n\n---\n\nNumber {n}.\n"  # noqa: E501
        for n in range(number)
    )
    with open(project / "cards/summary/ideas.md", "a") as file:
        file.write(extra)
    commit(project)


@pytest.mark.parametrize(
    ("words", "changed", "share"),
    [
        (0, 1, ""),  # far more than 5% of nine cards
        (90, 10, ""),
        (90, 11, "11 of 99"),
        (220, 11, ""),
        (220, 12, "12 of 229"),
    ],
)
def test_a_mass_restamp_needs_a_flag(
    project: Path, clock: Clock, words: int, changed: int, share: str
) -> None:
    """It is more than 5% of the cards, and more than ten."""
    if words:
        add_words(project, words)
    assert release(project, clock, "1.0.0").code == 0
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    for n in range(changed - 1):
        edit(project, f"Number {n}.", f"The number {n}.", "cards/summary/ideas.md")
    commit(project)
    done = release(project, clock, "1.0.1")
    assert done.code == (2 if share else 0), done.err
    if share:
        (refusal,) = re.findall(r"^not released: .*\n  help: .*", done.err, re.MULTILINE)
        assert f" {share} " in refusal
        assert "--mass" in refusal
        assert release(project, clock, "1.0.1", "--mass").code == 0


def test_a_dry_run_writes_nothing_and_tells_all(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    edit(project, "font-size: 18px", "font-size: 19px", "decks/notetypes/style.css")
    run(
        project,
        "retire",
        "s3-copies",
        "--reason",
        "Obsolete.",
        "--successor",
        "polly-purpose",
    )
    commit(project)
    before = state(project)
    done = release(project, clock, "1.1.0", "--dry-run", "--mass")
    assert state(project) == before
    assert done.code == 0
    assert "  ~ polly-purpose\n      Answer\n      - Speech.\n      + Spoken words.\n" in done.out
    assert re.search(r"\n  - s3-copies  Obsolete\. .*polly-purpose", done.out)
    assert ": basic, cloze, multiple-choice" in done.out
    counts = r"^1\.1\.0: 0 new .*\b1 changed, 1 retired\b.*\b1\.0\.0\b"
    assert re.search(counts, done.err, re.MULTILINE)


def test_a_dry_run_on_a_tree_that_cannot_be_released_says_both(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    done = release(project, clock, "1.0.1", "--dry-run", "--mass")
    assert done.code == 2
    assert "+ Spoken words." in done.out
    assert re.search(f"^not released: .*{POLLY}$", done.err, re.MULTILINE)


def test_without_history_the_dry_run_says_so(project: Path, clock: Clock, tmp_path: Path) -> None:
    release(project, clock, "1.0.0")
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    commit(project)
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-tags", f"file://{project}", "clone")
    done = release(tmp_path / "clone", clock, "1.0.1", "--dry-run", "--mass")
    assert "~ polly-purpose\n" in done.out
    assert "Spoken words." not in done.out
    assert re.search(r"\bcannot show\b.* v1\.0\.0$", done.err, re.MULTILINE)


def test_a_change_of_the_compiler_is_a_change_too(
    project: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sources, another rendering: the ledger sees it, and the mass restamp is stopped."""
    from deckwright import markdown

    add_words(project, 10)
    release(project, clock, "1.0.0")
    html = markdown.html
    monkeypatch.setattr(markdown, "html", lambda *a: html(*a).replace("<p>", '<p class="new">'))
    done = release(project, clock, "1.0.1")
    assert (done.code, "--mass" in done.err) == (2, True)


def test_a_project_inside_a_larger_repository(tmp_path: Path, clock: Clock) -> None:
    make_project(tmp_path / "all" / "sub" / "deck")
    (tmp_path / "all" / ".gitignore").write_text("dist/\n")
    (tmp_path / "all" / "other.txt").write_text("not ours\n")
    git(tmp_path / "all", "init", "-q", "-b", "main")
    commit(tmp_path / "all")
    deck = tmp_path / "all" / "sub" / "deck"
    assert release(deck, clock, "1.0.0").code == 0
    assert git(deck, "show", "--format=", "--name-only").split() == [
        "sub/deck/CHANGELOG.md",
        f"sub/deck/{BOOK}",
    ]
    assert git(deck, "status", "--porcelain") == ""
    edit(deck, "\nSpeech.\n", "\nSpoken words.\n")
    assert "+ Spoken words." in run(deck, "diff", "v1.0.0").out


KILLED = (
    "publish.stage",
    "publish.swap",
    "publish.discard",
    *(f"git.Repository.{n}" for n in ("commit", "tag_object", "move", "follow")),
)


@pytest.mark.parametrize("name", KILLED)
def test_a_release_killed_at_any_step_is_there_or_not(name: str, project: Path) -> None:
    """The process dies right before each step: branch and tag say the same, and a reset
    tree builds what they say.
    """
    before = git(project, "for-each-ref")
    module, attribute = name.split(".", 1)
    script = (
        f"import os, sys; sys.path.insert(0, {str(REPO)!r})\n"
        "from deckwright.core import git; from deckwright.output import publish\n"
        "def die(*a, **k): os._exit(9)\n"
        f"{module}.{attribute} = die\n"
        f"from deckwright.cli.main import main; main(['--root', {str(project)!r}, 'release', '1.0.0'])"  # noqa: E501
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 9
    released = name in ("publish.swap", "publish.discard", "git.Repository.follow")
    assert (git(project, "for-each-ref") != before) == released
    assert (git(project, "tag") == "v1.0.0\n") == released
    if not released:
        assert git(project, "status", "--porcelain", "--untracked-files=no") == ""
        assert not (project / "dist").exists()
    else:
        git(project, "reset", "-q", "--hard")
        assert (project / BOOK).exists()
        assert not drafts(project)


def outdated(project: Path) -> str:
    """What check says about an old ledger; empty if it says nothing."""
    done = run(project, "check")
    found = re.search(r"(?m)^decks/ledger/.* is older than the release (\S+)$", done.err)
    assert done.code == (1 if found else 0), done.out + done.err
    return found[1] if found else ""


def test_check_says_that_a_release_was_interrupted(
    project: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the tag and the files: the tree is that of the commit before."""
    assert outdated(project) == ""
    monkeypatch.setattr("deckwright.core.git.Repository.follow", lambda *_: None)
    release(project, clock, "1.0.0")
    assert not (project / BOOK).exists()
    assert outdated(project) == "v1.0.0"
    (project / POLLY).write_text((project / POLLY).read_text("utf-8") + "\n", "utf-8")  # kept
    help_line = run(project, "check").err.split("run ")[-1].split(", then")[0]
    assert help_line.startswith("git restore ")
    git(project, *help_line.split()[1:])
    assert git(project, "status", "--porcelain").split() == ["M", POLLY]
    assert outdated(project) == ""
    git(project, "checkout", "-q", "--", POLLY)
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    commit(project)
    release(project, clock, "1.0.1", "--mass")
    assert outdated(project) == "v1.0.1"
    commit(project, "The old tree again, which reverts the release")
    assert outdated(project) == "v1.0.1"
    help_line = run(project, "check").err.split("restore it: ")[-1].split(", then")[0]
    assert help_line == "git restore --source v1.0.1 decks/ledger"
    git(project, *help_line.split()[1:])
    assert outdated(project) == ""


def test_check_says_nothing_about_releases_that_the_tree_has_or_cannot_have(
    project: Path, clock: Clock, tmp_path: Path
) -> None:
    git(project, "branch", "old")
    release(project, clock, "1.0.0")
    assert outdated(project) == ""
    git(project, "tag", "v9.9.9")  # not made by `release`
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    commit(project)
    release(project, clock, "1.0.1", "--mass")
    git(project, "switch", "-q", "--detach", "v1.0.0")
    assert outdated(project) == ""
    git(project, "switch", "-q", "old")  # the release is not in its history
    assert outdated(project) == ""
    git(project, "switch", "-q", "main")
    for name, options in {"shallow": ["--depth=1"], "no-tags": ["--no-tags"]}.items():
        git(tmp_path, "clone", "-q", *options, project.as_uri(), name)
        assert outdated(tmp_path / name) == ""
        (tmp_path / name / BOOK).unlink()
        assert outdated(tmp_path / name) == ("v1.0.1" if name == "shallow" else "")
    (project / BOOK).unlink()
    assert outdated(project) == "v1.0.1"
    git(project, "checkout", "-q", "--", BOOK)
    settings = project / "decks" / "project.toml"  # a fork with its own namespace
    settings.write_text(settings.read_text("utf-8").replace('"mini"\n\n[[p', '"own"\n\n[[p'))
    (project / BOOK).unlink()
    assert outdated(project) == ""
    shutil.rmtree(project / ".git")
    assert outdated(project) == ""


def test_git_that_refuses_leaves_everything_as_it_was(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    commit(project)
    before = state(project)
    lock = project / ".git" / "refs" / "tags" / "v1.0.1.lock"  # somebody else is at it
    lock.write_text("")
    done = release(project, clock, "1.0.1", "--mass")
    assert done.code == 2
    assert "not released: git: " in done.err
    lock.unlink()
    assert state(project) == before


def test_without_a_name_for_commits_nothing_is_released(
    project: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "")
        monkeypatch.delenv(f"GIT_{name}_EMAIL")
    before = state(project)
    done = release(project, clock, "1.0.0")
    assert done.code == 2
    assert "not released: git: " in done.err
    assert state(project) == before


def test_packages_that_cannot_be_put_in_place_undo_the_release(
    project: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deckwright.output import publish

    before = state(project)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publish, "_swap", full)
    done = release(project, clock, "1.0.0")
    assert done.code == 2
    assert re.search(r" K701: .*`dist`.* no space\b", done.out)
    assert state(project) == before


def test_strangers_in_dist_stop_a_release(project: Path, clock: Clock) -> None:
    (project / "dist").mkdir()
    (project / "dist" / "mine.txt").write_text("x")
    before = state(project)
    done = release(project, clock, "1.0.0")
    assert (done.code, "K702" in done.out) == (2, True)
    assert state(project) == before


def test_a_folder_without_git(mini: Path, clock: Clock) -> None:
    """What was never released can become a repository: nothing is lost."""
    done = release(mini, clock, "1.0.0")
    assert (done.code, "git init" in done.err) == (2, True)
    done = run(mini, "diff", "v1.0.0")
    assert (done.code, "git repository" in done.err) == (2, True)


def test_what_the_authors_wrote_under_unreleased_moves_into_the_section(
    project: Path, clock: Clock
) -> None:
    (project / "CHANGELOG.md").write_text(
        "# Changes\n\nIntro.\n\n## Unreleased\n\n- A new voice.\n\n## Before\n\n- Old.\n", "utf-8"
    )
    commit(project)
    assert release(project, clock, "0.2.0").code == 0
    text = (project / "CHANGELOG.md").read_text("utf-8")
    assert re.fullmatch(
        r"# Changes\n\nIntro\.\n\n## Unreleased\n\n## 0\.2\.0, \d{4}-\d\d-\d\d\n\n- A new voice\.\n\n- Cards: \d+ new, 0 changed, 0 retired\.\n\n"  # noqa: E501
        r"## Before\n\n- Old\.\n",
        text,
    )


def test_diff_between_revisions(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    edit(project, "{{c2::`SSML`}} tags", "{{c2::`SSML`}} {{c3::tags}}")
    edit(project, "- also: s3\n", "")
    commit(project)
    release(project, clock, "1.1.0", "--mass")
    (project / "cards" / "summary" / "ideas.md").unlink()
    text = run(project, "diff", "v1.0.0", "v1.1.0").out
    assert "~ polly-input-length  (new gap 3)" in text
    assert "      Tags\n      - mini::service::s3\n" in text
    assert "gone" not in text
    found = json.loads(run(project, "diff", "v1.1.0", "--format", "json").out)
    assert (found["added"], found["changed"], found["types"]) == ([], [], [])
    assert (
        {card["id"] for card in found["gone"]}
        == {n for n in stamps(project) if n.startswith(("idea", "word"))}
        != set()
    )
    assert run(project, "diff", "v1.1.0", "v1.1.0").out == "no differences\n"
    wrong = run(project, "diff", "v9")
    assert (wrong.code, "revision v9" in wrong.err) == (2, True)
    assert run(project, "diff", "--output=x").code == 2


def test_attributes_of_git_hide_nothing_from_diff(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    (project / ".gitattributes").write_text("cards/** export-ignore\ncards/** export-subst\n")
    edit(project, "Speech.\n", "Spoken words: `$Format:%s$`.\n")
    commit(project)
    found = json.loads(run(project, "diff", "v1.0.0", "HEAD", "--format", "json").out)
    assert (found["gone"], [card["id"] for card in found["changed"]]) == ([], ["polly-purpose"])
    assert "$Format:%s$" in run(project, "diff", "v1.0.0", "HEAD").out
    assert run(project, "diff", "HEAD").out == "no differences\n"


def test_retiring_a_card(project: Path, clock: Clock) -> None:
    never = run(project, "retire", "polly-purpose", "--reason", "Why.")
    assert (never.code, "never released" in never.err) == (2, True)
    release(project, clock, "1.0.0")
    wrong = run(project, "retire", "polly-purposes", "--reason", "Why.")
    assert (wrong.code, "`polly-purpose`?" in wrong.err) == (2, True)
    done = run(
        project,
        "retire",
        "polly-purpose",
        "--reason",
        'It said "speech"\\ twice.',
        "--successor",
        "polly-task-names",
    )
    assert done.code == 0
    assert "polly-purpose" not in (project / POLLY).read_text("utf-8")
    assert run(project, "fmt", "--check").code == 0
    assert run(project, "check").code == 0
    again = run(project, "retire", "polly-purpose", "--reason", "Why.")
    assert (again.code, "already" in again.err) == (2, True)
    commit(project)
    assert "1.1.0" in refused(project, clock, "1.0.1")
    assert "1 to retire" in run(project, "decks").err
    assert not (project / "dist" / "retired.apkg").exists()
    assert release(project, clock, "1.1.0").code == 0
    row = book(project).cards["polly-purpose"]
    assert (row.state, row.successors, row.mod) == (
        "1.1.0",
        ("polly-task-names",),
        int(clock.seconds),
    )
    assert (project / "dist" / "retired.apkg").exists()
    assert "tag:mini::retired" in (project / "CHANGELOG.md").read_text("utf-8")
    assert 'It said "speech"\\ twice' in (project / "CHANGELOG.md").read_text("utf-8")
    rows = json.loads((project / "dist" / "cards.json").read_text("utf-8"))
    assert "polly-purpose" not in {row["id"] for row in rows}
    text = (project / "decks/retired/mini.toml").read_text("utf-8")
    (project / "decks/retired/mini.toml").unlink()
    (missing,) = diagnostics(project)
    assert (missing["code"], missing["path"]) == ("L003", BOOK)
    assert (
        "\tpolly-purpose\t" in (project / BOOK).read_text("utf-8").splitlines()[missing["line"] - 1]
    )
    (project / "decks/retired/mini.toml").write_text(text.replace("twice", "two times"), "utf-8")
    assert drafts(project)
    commit(project)
    assert release(project, clock, "1.1.1").code == 0
    assert book(project).cards["polly-purpose"].mod == int(clock.seconds)
    assert book(project).cards["polly-purpose"].state == "1.1.0"


def test_retiring_a_gap(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    retire = ("retire", "polly-input-length", "--reason", "No limit any more.", "--gap")
    wrong = run(project, *retire, "9")
    assert (wrong.code, "gap 9" in wrong.err) == (2, True)
    assert run(project, *retire, "1").code == 0
    assert codes(project) == ["L006"]  # until its braces are removed
    edit(project, "{{c1::3,000::how many}}", "3,000")
    commit(project)
    assert release(project, clock, "1.1.0", "--mass").code == 0
    assert dict(book(project).cards["polly-input-length"].gaps)[1] == ledger.GONE
    edit(project, "{{c2::`SSML`}} tags", "{{c2::`SSML`}} {{c1::tags}}")
    (reused,) = diagnostics(project)
    assert (reused["code"], "`{{c3::`" in reused["help"]) == ("L006", True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "{{c2::3,000::how many}} **billed** characters, {{c1::`SSML`}}",
            [("L006", "{{c2::3"), ("L006", "{{c1::`")],
        ),
        (
            "{{c2::3000}} **billed** characters, {{c1::SSML}}",
            [("L006", "{{c2::3"), ("L006", "{{c1::S")],
        ),
        ("3,000 **billed** characters, {{c1::`SSML`}}", [("L006", "{{c1::`")]),
        ("{{c1::3,000}} **billed** characters, SSML", [("L005", "Polly, ")]),
        ("{{c1::4,000}} **billed** characters, {{c2::`SSML`}}", []),
        (
            "{{c1::`SSML`}} and {{c1::3,000}} **billed** characters, {{c2::marks}}",
            [("L006", "{{c1::`")],
        ),
        ("{{c1::3,000}} **billed** characters, {{c2::`SSML`}} {{c3::here}}", []),
    ],
)
def test_gap_numbers_keep_their_answers(
    text: str, found: list[tuple[str, str]], project: Path, clock: Clock
) -> None:
    release(project, clock, "1.0.0")
    edit(project, "{{c1::3,000::how many}} **billed** characters, {{c2::`SSML`}}", text)
    lines = (project / POLLY).read_text("utf-8").splitlines()
    assert [
        (d["code"], lines[d["line"] - 1][d["column"] - 1 :][:7]) for d in diagnostics(project)
    ] == found


def test_retire_says_all_that_is_wrong_in_one_run(project: Path) -> None:
    before = state(project)
    arguments = ("polly-purposes", "--reason", " ", "--successor", "x", "--successor", "y")
    done = run(project, "retire", *arguments)
    assert done.code == 2
    for part in ("polly-purposes", "reason", " x", " y"):
        assert part in done.err
    assert state(project) == before


def test_reasons_and_files_that_retire_does_not_take(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    before = state(project)
    for reason in ("", " ", "x", "Two\nlines"):
        done = run(project, "retire", "polly-purpose", "--reason", reason)
        assert (done.code, "the reason" in done.err) == (2, True)
    assert state(project) == before
    (project / "decks/retired").write_text("a file")
    done = run(project, "retire", "polly-purpose", "--reason", "Why.")
    assert (done.code, "decks/retired" in done.err) == (2, True)
    (project / "decks/retired").unlink()
    (project / "decks/retired").mkdir()
    (project / "decks/retired/mini.toml").write_text(
        'card = [{ id = "s3-copies", reason = "Why.", successors = [] }]\n'
    )
    edit(project, "\nSpeech.\n", "\nSpeech.\n")
    done = run(project, "retire", "polly-purpose", "--reason", "Why.")
    assert (done.code, "decks/retired/mini.toml" in done.err) == (2, True)
    assert "## polly-purpose" in (project / POLLY).read_text("utf-8")


@pytest.mark.parametrize("name", ["s3-replication", "s3-copies"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n## s3-copies\n", "\n##s3-copies\n"),
        ("- checked: 2026-08\n\nA rule", "- checked: 2026-08\n- [ ] One.\n\nA rule"),
    ],
)
def test_retire_leaves_a_file_alone_in_which_cards_cannot_be_told_apart(
    before: str, after: str, name: str, project: Path, clock: Clock
) -> None:
    release(project, clock, "1.0.0")
    edit(project, before, after, "cards/4.1-reliability/s3.md")
    found = state(project)
    done = run(project, "retire", name, "--reason", "Gone away.")
    assert (done.code, "cards/4.1-reliability/s3.md:" in done.out) == (2, True)
    assert state(project) == found


def test_retire_of_a_card_that_stands_twice_takes_none(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    text = (project / POLLY).read_text("utf-8")
    edit(project, text, text + "\n" + text[text.index("## polly-purpose") :])
    found = state(project)
    done = run(project, "retire", "polly-purpose", "--reason", "Gone away.")
    assert (done.code, "2 places" in done.err) == (2, True)
    assert state(project) == found


def test_card_and_entry_of_a_retirement_are_written_together(
    project: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(project, clock, "1.0.0")
    found = state(project)
    real, calls = os.replace, iter(range(9))

    def replace(source: str, target: Path) -> None:
        if next(calls) == 1:
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert run(project, "retire", "polly-purpose", "--reason", "Why.").code == 2
    assert state(project) == found


def test_a_card_that_moves_to_another_root_names_its_new_self(project: Path, clock: Clock) -> None:
    from test_projects import CARD, with_root

    release(project, clock, "1.0.0")
    (with_root(project) / "polly.md").write_text(
        CARD.format(id="my-card", question="What is mine?"), "utf-8"
    )
    why = ("--reason", "It is mine now.", "--successor", "my-card")
    assert run(project, "retire", "polly-purpose", *why).code == 0
    assert run(project, "check").code == 0
    (project / "cards/mine/4.2-services/polly.md").write_text(
        CARD.format(id="s3-copies", question="What is mine?"), "utf-8"
    )
    commit(project)


def test_the_ledger_is_read_as_it_was_written(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    text = (project / BOOK).read_text("utf-8")
    assert ledger.write(ledger.read(Source(BOOK, text)).values[0]) == text
    lines = text.splitlines(keepends=True)
    for wrong in (
        [*lines, lines[-1]],
        [line.replace("\tlive\t", "\talive\t") for line in lines],
        ["<<<<<<< HEAD\n", *lines],
    ):
        found = ledger.read(Source(BOOK, "".join(wrong)))
        assert found.diagnostics
        assert {d.code for d in found.diagnostics} == {"L001"}


def test_two_roots_have_two_ledgers(project: Path, clock: Clock) -> None:
    from test_projects import CARD, with_root

    (with_root(project) / "polly.md").write_text(
        CARD.format(id="my-card", question="What is mine?"), "utf-8"
    )
    commit(project)
    assert release(project, clock, "1.0.0").code == 0
    mine = ledger.read(Source("", (project / "decks/ledger/mine.tsv").read_text("utf-8"))).values[0]
    assert set(mine.cards) == {"my-card"}
    assert not mine.types
    assert "my-card" not in book(project).cards
    assert not drafts(project)


def test_a_long_life_keeps_ids_apart(mini: Path) -> None:
    """Note ids of many releases never meet, though the notes of a release reach back
    before the one before.
    """
    from deckwright.core.identity import SLOT, note_ids

    taken: list[int] = []
    for number in range(5):
        ids = note_ids(3000, 1_790_000_000 + 601 * number, taken)
        assert ids == sorted(ids)
        assert ids[-1] + SLOT <= (1_790_000_000 + 601 * number) * 1000
        taken += ids
    assert len({number // SLOT for number in taken}) == len(taken)


def test_a_release_as_a_process(project: Path) -> None:
    """As a maintainer runs it, once: the next step and the exit code."""
    done = run_process(project, "release", "1.0.0")
    assert done.returncode == 0, done.stderr
    assert "git push --follow-tags" in done.stderr
    assert (
        run_process(project, "release", "1.0.1").returncode == 2
    )  # within the ten minutes of the drafts


def test_a_relation_to_a_retired_card_proposes_its_successor(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    museum = "cards/4.2-services/polly/choosing.md"
    edit(project, "- kind: scenario", "- compare: polly-purpose\n- kind: scenario", museum)
    successor = ("--reason", "It was split.", "--successor", "polly-input-length")
    assert run(project, "retire", "polly-purpose", *successor).code == 0
    found = {
        (d["code"], d["path"], "`polly-input-length`" in d["help"]) for d in diagnostics(project)
    }
    assert found == {("U505", museum, True)}


def test_a_release_says_when_the_next_one_is_possible(project: Path, clock: Clock) -> None:
    done = release(project, clock, "1.0.0")
    free = int(clock.seconds) + DRAFT_SECONDS
    told = datetime.fromtimestamp(free, UTC).strftime("%H:%M:%S UTC")
    assert told in done.err
    edit(project, "Speech.", "Spoken words.")
    commit(project, "A change")
    for now, code in ((free, 2), (free + 1, 0)):
        clock.seconds = now
        assert run(project, "release", "1.1.0", "--dry-run").code == code
