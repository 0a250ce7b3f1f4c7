"""Releases: what they refuse, what they write, that they are all or nothing, and what a
learner is told.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import POLLY, REPO, Run, catalog, codes, diagnostics, edit, make_project, run
from releases import LEDGER, Clock, commit, git, retire
from reproduce import digests

from deckwright.core.identity import DRAFT_SECONDS, SLOT
from deckwright.core.source import Source
from deckwright.project import ledger
from deckwright.project.ledger import Ledger

pytestmark = pytest.mark.usefixtures("own_git")

FALSE = shutil.which("false") or ""  # the program, which only fails

CARD = "\n## {0}\n\n- kind: concept\n- topic: voices\n\nWhat is {0}?\n\n---\n\nIt is {0}.\n"


def release(project: Path, clock: Clock, version: str, *flags: str) -> Run:
    """A release an hour after the one before."""
    clock.seconds += 3600
    return run(project, "release", version, *flags)


def last(project: Path, path: str = LEDGER) -> Ledger:
    return ledger.read(Source(path, (project / path).read_text("utf-8"))).value


def is_draft(project: Path) -> bool:
    """Whether a build has unreleased changes."""
    assert run(project, "decks").code == 0
    return (project / "dist" / "DRAFT.md").exists()


def mods(project: Path) -> dict[str, int]:
    return {name: row.mod for name, row in last(project).cards.items()}


def state(project: Path) -> tuple[object, ...]:
    """Everything that a release may change. Git may refuse to say anything."""
    commands = (["git", "for-each-ref"], ["git", "status", "--porcelain"])
    said = [subprocess.run(c, cwd=project, capture_output=True).stdout for c in commands]
    files = {path: sha for path, sha in digests(project).items() if not path.startswith(".git/")}
    return said, files


def refused(project: Path, clock: Clock, version: str) -> str:
    """What a release says that is refused, and that changes nothing."""
    before = state(project)
    done = release(project, clock, version, "--mass")
    assert (done.code, "help: " in done.err) == (2, True)
    assert state(project) == before
    return done.err


def release_changed(project: Path, clock: Clock, version: str) -> None:
    """A release in which one card has another answer."""
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    commit(project)
    assert release(project, clock, version, "--mass").code == 0


def write_cards(file: Path, *names: str) -> None:
    """Adds cards to the end of a file, which may be new."""
    text = file.read_text("utf-8") if file.exists() else "# Title\n"
    file.write_text(text + "".join(CARD.format(name) for name in names), "utf-8")


def test_a_release_commits_tags_and_builds(project: Path, clock: Clock) -> None:
    (project / "CHANGELOG.md").write_text(
        "# Changes\n\nIntro.\n\n## [unreleased]\n\n- A new voice.\n\n## Before\n\n- Old.\n", "utf-8"
    )
    commit(project)
    done = release(project, clock, "0.1.0")
    assert (done.code, "git push --follow-tags" in done.err) == (0, True)
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "log", "--format=%s", "-1").strip() == "Release 0.1.0"
    assert git(project, "tag", "--points-at", "HEAD").strip() == "v0.1.0"
    assert git(project, "cat-file", "-t", "v0.1.0").strip() == "tag"
    written = git(project, "show", "--format=", "--name-only", "HEAD").split()
    assert written == ["CHANGELOG.md", LEDGER]
    assert set(mods(project).values()) == {int(clock.seconds)}
    assert last(project).last == ledger.Release("0.1.0", int(clock.seconds))
    ids = [row.note_id for row in last(project).cards.values()]
    assert len({note_id // SLOT for note_id in ids}) == len(ids)
    assert max(ids) < clock.seconds * 1000
    assert re.fullmatch(
        r"# Changes\n\nIntro\.\n\n## \[unreleased\]\n\n## 0\.1\.0, \d{4}-\d\d-\d\d\n\n"
        r"- A new voice\.\n\n- Cards: \d+ new, 0 changed, 0 retired\.\n\n## Before\n\n- Old\.\n",
        (project / "CHANGELOG.md").read_text("utf-8"),
    )
    assert {(row["draft"], row["released"]) for row in catalog(project / "dist").values()} == {
        (False, "0.1.0")
    }
    assert not (project / "dist" / "DRAFT.md").exists()


def test_a_build_of_the_released_tree_gives_the_released_bytes(
    project: Path, clock: Clock, tmp_path: Path
) -> None:
    release(project, clock, "0.1.0")
    release_changed(project, clock, "0.1.1")
    published = digests(project / "dist")
    git(tmp_path, "clone", "-q", "--depth", "1", project.as_uri(), "clone")
    assert not is_draft(tmp_path / "clone")
    assert digests(tmp_path / "clone" / "dist") == published


def test_a_release_writes_only_the_rows_of_what_changed(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    before = set((project / LEDGER).read_text("utf-8").splitlines())
    release_changed(project, clock, "1.0.1")
    new = set((project / LEDGER).read_text("utf-8").splitlines()) - before
    rows = sorted(line.split("\t")[:2] for line in new if line[0] != "#")
    assert rows == [["card", "polly-purpose"], ["release", "1.0.1"]]


def ignored_card(project: Path) -> None:
    (project / ".gitignore").write_text("dist/\nprivate.md\n")
    commit(project)
    write_cards(project / "cards/services/polly/private.md", "secret")


def latin_changelog(project: Path) -> None:
    (project / "CHANGELOG.md").write_bytes("# Änderungen\n".encode("latin-1"))
    commit(project)


def wrong_card(project: Path) -> None:
    edit(project, "\nSpeech.\n", "\n<b>Speech.\n")
    commit(project)


REFUSED: dict[str, tuple[str, Callable[[Path], object]]] = {
    "an untracked file": ("new.txt", lambda p: (p / "new.txt").write_text("x")),
    "an uncommitted change": (POLLY, lambda p: edit(p, "\nSpeech.\n", "\nWords.\n")),
    "a card that git ignores": (": cards/services/polly/private.md\n", ignored_card),
    "a card with an error": ("P211", wrong_card),
    "a changelog that is not in UTF-8": ("CHANGELOG.md:1:", latin_changelog),
    "no branch": ("git switch", lambda p: git(p, "checkout", "-q", "--detach")),
    "a taken tag": ("v1.0.0", lambda p: git(p, "tag", "v1.0.0")),
    "a bare repository": ("git: ", lambda p: git(p, "config", "core.bare", "true")),
    "a broken index": ("git: ", lambda p: (p / ".git/index").write_text("junk")),
    "a locked index": ("git: ", lambda p: (p / ".git/index.lock").write_text("")),
    "a locked tag": ("git: ", lambda p: (p / ".git/refs/tags/v1.0.0.lock").write_text("")),
    "a commit hook": ("git: ", lambda p: (p / ".git/hooks/pre-commit").symlink_to(FALSE)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_leaves_everything_as_it_was(
    what: str, project: Path, clock: Clock
) -> None:
    (project / "CHANGELOG.md").write_text("# Changes\n")
    commit(project)
    text, harm = REFUSED[what]
    harm(project)
    before = state(project)
    done = release(project, clock, "1.0.0")
    assert (done.code, text in done.out + done.err) == (1 if text == "P211" else 2, True)
    assert done.err.count("  help: ") <= 1
    assert state(project) == before


def test_version_numbers_say_what_a_learner_has_to_do(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    for wrong in ("1.1", "v1.1.0", "1.01.0", f"1.0.{'9' * 5000}"):
        assert refused(project, clock, wrong).startswith(f"Error: `{wrong}` isn't a version")
    edit(project, "{{c2::`SSML`}} tags", "{{c2::`SSML`}} {{c3::tags}}")
    commit(project)
    assert "release it as 1.1.0" in refused(project, clock, "1.0.1")
    assert release(project, clock, "1.1.0", "--mass").code == 0
    write_cards(project / POLLY, "polly-new")
    commit(project)
    assert "1.2.0" in refused(project, clock, "1.1.1")
    assert release(project, clock, "1.10.0").code == 0
    assert "1.10.1 or 1.11.0" in refused(project, clock, "1.9.0")


@pytest.mark.parametrize("way", ["reset", "edit", "remove"])
def test_what_a_ledger_has_lost_is_missed(way: str, project: Path, clock: Clock) -> None:
    """A release is reset away, or a line or the file goes: learners have it."""
    release(project, clock, "1.0.0")
    release_changed(project, clock, "1.0.1")
    text = (project / LEDGER).read_text("utf-8")
    if way == "reset":
        git(project, "reset", "-q", "--hard", "v1.0.0")
    elif way == "edit":
        lines = [line for line in text.splitlines(True) if "\tpolly-purpose\t" not in line]
        (project / LEDGER).write_text("".join(lines), "utf-8")
        commit(project)
    else:
        git(project, "rm", "-q", LEDGER)
        commit(project)
    said = refused(project, clock, "1.2.0")
    assert "v1.0.1 released: " in said
    assert way == "remove" or "polly-purpose" in said
    restore = f"git show v1.0.1:./{LEDGER}"
    assert restore in said
    (project / LEDGER).parent.mkdir(exist_ok=True)
    (project / LEDGER).write_text(git(project, *restore.split()[1:]), "utf-8")
    commit(project)
    assert release(project, clock, "1.2.0", "--mass").code == 0
    took_back = mods(project)["polly-purpose"] == int(clock.seconds)
    assert took_back == (way == "reset")


def test_a_release_on_another_branch_has_to_be_merged(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    git(project, "switch", "-q", "-c", "other")
    release_changed(project, clock, "1.0.1")
    git(project, "switch", "-q", "main")
    assert "git merge v1.0.1" in refused(project, clock, "1.0.2")
    git(project, "merge", "-q", "v1.0.1")
    assert release(project, clock, "1.0.2").code == 0


# What git prints, and how, is for the user to set.
SETTINGS = {
    "color.ui": "always", "color.status": "always", "column.ui": "always", "core.pager": "false",
    "core.quotePath": "true", "i18n.logOutputEncoding": "utf-16", "log.showSignature": "true",
    "status.branch": "true", "status.short": "true", "status.showUntrackedFiles": "no",
}  # fmt: skip


def test_settings_of_git_change_no_release(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    for setting, value in SETTINGS.items():
        git(project, "config", setting, value)
    (project / "Grüße.txt").write_text("x")
    assert ": Grüße.txt\n" in refused(project, clock, "1.0.1")
    (project / "Grüße.txt").unlink()
    release_changed(project, clock, "1.0.1")
    assert git(project, "status", "--porcelain") == ""


def test_a_second_root_has_its_own_ledger_and_changes_no_note_type(
    project: Path, clock: Clock
) -> None:
    release(project, clock, "1.0.0")
    types, mine = last(project).types, "decks/ledger/mine.tsv"
    first = '[[root]]\npath = "cards/mine"\nnamespace = "mine"\n\n[[root]]'
    edit(project, "[[root]]", first, "decks/project.toml")
    (project / "cards/mine/services").mkdir(parents=True)
    write_cards(project / "cards/mine/services/polly.md", "my-card")
    commit(project)
    assert release(project, clock, "1.1.0").code == 0
    assert last(project).types == types
    assert "1.1.0" not in last(project).releases, "nothing of this root was released"
    assert (set(last(project, mine).cards), last(project, mine).types) == ({"my-card"}, {})
    assert not is_draft(project)
    git(project, "rm", "-q", mine, LEDGER)
    commit(project)
    said = refused(project, clock, "1.2.0")
    assert "v1.1.0 released: 1.1.0, my-card\n" in said
    assert f"{LEDGER} has lost what v1.0.0 released" in said


def utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def test_a_release_comes_after_the_drafts_of_the_one_before(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    start = clock.seconds
    for early in (start - 1, start, start + DRAFT_SECONDS):
        clock.seconds = early
        done = run(project, "release", "1.0.1", "--dry-run")
        assert (done.code, f"after {utc(start + DRAFT_SECONDS)};" in done.err) == (2, True)
    clock.seconds = start + DRAFT_SECONDS + 1
    assert run(project, "release", "1.0.1", "--dry-run").code == 0


@pytest.mark.parametrize(
    ("words", "changed", "share"),
    [(90, 10, ""), (90, 11, "11 of 99"), (220, 11, ""), (220, 12, "12 of 229")],
)
def test_a_change_of_many_cards_needs_a_flag(
    project: Path, clock: Clock, words: int, changed: int, share: str
) -> None:
    """It is more than 5% of the cards, and more than ten."""
    write_cards(project / POLLY, *(f"word-{n}" for n in range(words)))
    commit(project)
    assert release(project, clock, "1.0.0").code == 0
    for n in range(changed):
        edit(project, f"It is word-{n}.", f"This is word-{n}.")
    commit(project)
    done = release(project, clock, "1.0.1")
    assert done.code == (2 if share else 0), done.err
    if share:
        assert f" {share} " in done.err
        assert release(project, clock, "1.0.1", "--mass").code == 0


def test_a_dry_run_writes_nothing_and_tells_all(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    edit(project, "\nSpeech.\n", "\nSpoken words.\n")
    edit(project, "font-size: 18px", "font-size: 19px", "decks/notetypes/style.css")
    retire(project, "s3-copies", "--successor", "polly-purpose")
    done = release(project, clock, "1.1.0", "--dry-run", "--mass")
    assert (done.code, "uncommitted" in done.err) == (2, True)
    commit(project)
    before = state(project)
    assert release(project, clock, "1.1.0", "--dry-run", "--mass").out == done.out
    assert state(project) == before
    for line in (
        "- Cards: 0 new, 1 changed, 1 retired.",
        "- Changed: `polly-purpose`.",
        "- Retired: `s3-copies`. Obsolete. Replaced by `polly-purpose`.",
        "note types: basic, cloze, multiple-choice.",
    ):
        assert line in done.out
    assert 'git diff --word-diff v1.0.0 -- "*.md"' in done.err
    release(project, clock, "1.1.0", "--mass")
    assert done.out.partition("\n\n")[2] in (project / "CHANGELOG.md").read_text("utf-8")


def test_a_project_inside_a_larger_repository(tmp_path: Path, clock: Clock) -> None:
    top, deck = tmp_path / "all", tmp_path / "all" / "sub" / "deck"
    make_project(deck)
    (top / ".gitignore").write_text("dist/\n")
    (top / "other.txt").write_text("not ours\n")
    git(top, "init", "-q", "-b", "main")
    commit(top)
    assert release(deck, clock, "1.0.0").code == 0
    written = git(deck, "show", "--format=", "--name-only").split()
    assert written == ["sub/deck/CHANGELOG.md", f"sub/deck/{LEDGER}"]
    assert git(deck, "status", "--porcelain") == ""
    git(deck, "rm", "-q", LEDGER)
    commit(deck)
    assert f"{LEDGER} has lost" in refused(deck, clock, "1.1.0")


def test_packages_that_cannot_be_written_can_be_built_later(project: Path, clock: Clock) -> None:
    (project / "dist").mkdir()
    (project / "dist" / "mine.txt").write_text("x")
    done = release(project, clock, "1.0.0")
    assert (done.code, "K702" in done.out) == (2, True)
    assert git(project, "tag") == "v1.0.0\n"
    assert "build.py decks" in done.err
    (project / "dist" / "mine.txt").unlink()
    assert not is_draft(project)


@pytest.mark.parametrize("step", ["commit", "tag"])
def test_after_a_release_that_was_killed_the_next_one_says_what_to_do(
    step: str, project: Path, clock: Clock
) -> None:
    """The process dies right before the commit, or before the tag."""
    script = (
        f"import os, sys; sys.path.insert(0, {str(REPO)!r})\n"
        "from deckwright.core import git\n"
        f"git.{step} = lambda *a: os._exit(9)\n"
        "from deckwright.cli.main import main\n"
        f"main(['--root', {str(project)!r}, 'release', '1.0.0'])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 9
    assert git(project, "tag") == ""
    said = refused(project, clock, "1.0.1")
    if step == "commit":
        assert LEDGER in said
        git(project, "add", "-A")
        git(project, *said.split("run git ")[1].split("\n")[0].split())
        assert git(project, "status", "--porcelain") == ""
    else:
        command = 'git tag -a v1.0.0 -m "Release 1.0.0" COMMIT'
        assert command in said
        git(project, "tag", "-a", "v1.0.0", "-m", "Release 1.0.0", "HEAD")
        assert not is_draft(project)
        assert release(project, clock, "1.0.1").code == 0


def test_retiring_a_card(project: Path, clock: Clock) -> None:
    never = run(project, "retire", "polly-purpose", "--reason", "Why.")
    assert (never.code, "never released" in never.err) == (2, True)
    release(project, clock, "1.0.0")
    reason = 'It said "speech"\\ twice.'
    retire(project, "polly-purpose", "--successor", "polly-task-names", reason=reason)
    museum = "cards/services/polly/choosing.md"
    edit(project, "- kind: scenario", "- compare: polly-purpose\n- kind: scenario", museum)
    problems = {(d["code"], d["help"].split(",")[0]) for d in diagnostics(project)}
    assert problems == {("U505", "write `polly-task-names`")}
    edit(project, "- compare: polly-purpose\n", "", museum)
    assert codes(project) == []
    again = run(project, "retire", "polly-purpose", "--reason", "Why.")
    assert (again.code, "already" in again.err) == (2, True)
    commit(project)
    assert "1.1.0" in refused(project, clock, "1.0.1")
    assert "1 to retire" in run(project, "decks").err
    assert not (project / "dist" / "retired.apkg").exists()
    assert release(project, clock, "1.1.0").code == 0
    row = last(project).cards["polly-purpose"]
    assert (row.state, row.successors) == ("1.1.0", ("polly-task-names",))
    assert row.mod == int(clock.seconds)
    assert (project / "dist" / "retired.apkg").exists()
    changelog = (project / "CHANGELOG.md").read_text("utf-8")
    assert "tag:mini::retired" in changelog
    assert reason in changelog
    assert "polly-purpose" not in catalog(project / "dist")
    edit(project, "twice", "two times", "decks/retired/mini.toml")
    assert is_draft(project)
    commit(project)
    assert release(project, clock, "1.1.1").code == 0
    row = last(project).cards["polly-purpose"]
    assert (row.mod, row.state) == (int(clock.seconds), "1.1.0")


def test_retiring_a_gap(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    command = ("retire", "polly-input-length", "--reason", "No limit any more.", "--gap")
    wrong = run(project, *command, "9")
    assert (wrong.code, "gap 9" in wrong.err) == (2, True)
    assert run(project, *command, "1").code == 0
    assert run(project, *command, "1").code == 2
    assert codes(project) == ["L006"]  # until its braces are removed
    edit(project, "{{c1::3,000::how many}}", "3,000")
    commit(project)
    assert release(project, clock, "1.1.0", "--mass").code == 0
    assert dict(last(project).cards["polly-input-length"].gaps)[1] == ledger.GONE
    edit(project, "{{c2::`SSML`}} tags", "{{c2::`SSML`}} {{c1::tags}}")
    (reused,) = diagnostics(project)
    assert (reused["code"], "`{{c3::`" in reused["help"]) == ("L006", True)


def test_retire_says_all_that_is_wrong_in_one_run(project: Path, clock: Clock) -> None:
    release(project, clock, "1.0.0")
    before = state(project)
    for reason in ("", " ", "x", "Two\nlines"):
        arguments = ("polly-purposes", "--reason", reason, "--successor", "x", "--successor", "y")
        done = run(project, "retire", *arguments)
        assert done.code == 2
        for part in ("`polly-purpose`?", "the reason", "no card x", "no card y"):
            assert part in done.err
    assert state(project) == before
    edit(project, "- topic: voices\n", "- topic: voices\n- compare: s3-replication\n", count=-1)
    done = run(project, "retire", "s3-replication", "--reason", "Why.")
    assert "polly.md:7: also correct" in done.err
    shutil.rmtree(project / "decks/retired")
    (project / "decks/retired").write_text("a file")
    done = run(project, "retire", "polly-purpose", "--reason", "Why.")
    assert (done.code, "decks/retired" in done.err) == (2, True)


def test_a_released_package_stays_when_few_cards_are_left(project: Path, clock: Clock) -> None:
    edit(project, 'each = "service"', 'each = "service"\nmin-cards = 3', "decks/project.toml")
    commit(project)
    assert run(project, "release", "1.0.0").code == 0
    assert (project / "dist/service/s3.apkg").exists()
    edit(project, "- also: s3\n", "")
    assert run(project, "decks").code == 0
    assert (project / "dist/service/s3.apkg").exists()
    edit(project, "min-cards = 3", "min-cards = 3\nlevel = ['none']", "decks/project.toml")
    assert codes(project) == ["V805"]
