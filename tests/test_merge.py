"""What git's union merge makes of the ledgers of two branches, and what `check` says of it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from authoring import RANDOM
from conftest import POLLY, REPO, codes, diagnostics, edit, write_release
from hypothesis import given
from hypothesis import strategies as st
from releases import LEDGER, commit, git, retire
from values import row

from deckwright.core.source import Source
from deckwright.project import ledger
from deckwright.project.ledger import CardRow, Ledger, Release
from deckwright.project.new_project import GIT_ATTRIBUTES

EPOCH = 1_790_000_000  # of the mini project
ORDERS = [("one", "two"), ("two", "one")]
NEW = "# Amazon S3\n\n## {}\n\n- kind: concept\n- topic: voices\n\nWhat is {}?\n\n---\n\nNew.\n"


@pytest.fixture
def base(project: Path) -> Path:
    """The mini project after a release."""
    (project / ".gitattributes").write_text(GIT_ATTRIBUTES.read_text("utf-8"), "utf-8")
    write_release(project)
    commit(project)
    return project


def branch(project: Path, name: str, version: str, seconds: int) -> None:
    """Release what was edited, on a new branch, and go back to main."""
    git(project, "switch", "-q", "-c", name)
    write_release(project, version, seconds)
    commit(project)
    git(project, "switch", "-q", "main")


def merge(project: Path, order: tuple[str, str]) -> bool:
    """Merge both branches, one after the other. Whether there was no conflict."""
    git(project, "merge", "-q", order[0])
    second = ["git", "merge", "-q", "-m", "Merge", order[1]]
    return not subprocess.run(second, cwd=project, capture_output=True).returncode


def rows(project: Path) -> Ledger:
    return ledger.read(Source(LEDGER, (project / LEDGER).read_text("utf-8"))).value


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("added", ["polly-purpose-a", "polly-input", "a-card", "z-card"])
def test_releases_of_different_cards_merge(base: Path, order: tuple[str, str], added: str) -> None:
    """The rows of the changed and the added cards are neighbors in the ledger."""
    edit(base, "\nSpeech.\n", "\nSpoken words.\n")
    branch(base, "one", "1.0.1", 2_000)
    edit(base, "6,000 characters in all", "6,000 characters in total")
    edit(base, "| small | 1 |", "| small | 2 |")
    (base / "cards/services/s3.md").write_text(NEW.format(added, added), "utf-8")
    branch(base, "two", "1.1.0", 3_000)
    assert merge(base, order)
    assert codes(base, "error") == []
    merged = rows(base)
    assert set(merged.releases) == {"1.0.0", "1.0.1", "1.1.0"}
    times = {name: card.mod - EPOCH for name, card in merged.cards.items()}
    assert times.pop("polly-purpose") == 2_000
    later = {name for name, time in times.items() if time == 3_000}
    assert later == {"polly-input-length", "polly-task-names", added}
    assert set(times.values()) == {1_000, 3_000}
    write_release(base, "1.2.0", 4_000)
    assert rows(base).cards == merged.cards


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("other", ["1.0.1", "1.0.2"])
def test_a_card_that_both_branches_released_is_reported(
    base: Path, order: tuple[str, str], other: str
) -> None:
    edit(base, "\nSpeech.\n", "\nSpoken words.\n")
    branch(base, "one", "1.0.1", 2_000)
    edit(base, "\nSpeech.\n", "\nA voice.\n")
    branch(base, "two", other, 3_000)
    assert not merge(base, order)  # the text of the card is for the author to decide
    git(base, "checkout", "-q", "--ours", POLLY)
    commit(base, "Merge")
    while found := [d for d in diagnostics(base) if d["code"] == "L001"]:
        number = re.search(r"delete line (\d+)", found[0]["help"])
        assert number
        lines = (base / LEDGER).read_text("utf-8").splitlines(keepends=True)
        del lines[int(number[1]) - 1]
        (base / LEDGER).write_text("".join(lines), "utf-8")
    merged = rows(base)
    assert merged.cards["polly-purpose"].mod == merged.last_mod == EPOCH + 3_000
    assert codes(base, "error") == []


def test_a_card_that_one_branch_retired_and_the_other_released_is_reported(base: Path) -> None:
    retire(base, "polly-purpose")
    branch(base, "one", "1.1.0", 2_000)
    edit(base, "\nSpeech.\n", "\nSpoken words.\n")
    branch(base, "two", "1.0.1", 3_000)
    assert not merge(base, ("one", "two"))
    git(base, "checkout", "-q", "--ours", POLLY)
    assert codes(base, "error") == ["L001", "L003"]  # twice in the ledger; retired, but written


KEYS = st.sampled_from([f"card-{letter}" for letter in "abcdefgh"])


@RANDOM
@given(st.sets(KEYS), st.sets(KEYS), st.sets(KEYS), st.booleans())
def test_random_changes_to_different_rows_are_all_kept(
    tmp_path: Path, known: set[str], changed: set[str], first: set[str], turned: bool
) -> None:
    """Each row of `changed` is changed, or added if it is not known, on one of two branches."""
    base = {name: row(name) for name in known}

    def released(mine: set[str], version: str, mod: int) -> dict[str, CardRow]:
        return {
            name: replace(row(name), mod=mod, content_fingerprint=f"{mod:064}") for name in mine
        }

    one = released(changed & first, "1.1.0", 2_000)
    two = released(changed - first, "1.2.0", 3_000)
    old, new, other = ({v: Release(v, 1_000)} for v in ("1.0.0", "1.1.0", "1.2.0"))
    texts = {
        "base": Ledger(old, cards=base),
        "one": Ledger(old | new, cards=base | one),
        "two": Ledger(old | other, cards=base | two),
    }
    for name, value in texts.items():
        (tmp_path / name).write_text(ledger.write(value), "utf-8")
    files = ("two", "base", "one") if turned else ("one", "base", "two")
    merged = git(tmp_path, "merge-file", "--union", "-p", *files)
    outcome = ledger.read(Source(LEDGER, merged))
    assert outcome.value == Ledger(old | new | other, cards=base | one | two)


def test_git_keeps_both_sides_of_a_ledger_here_and_in_new_projects() -> None:
    for path in (REPO / ".gitattributes", GIT_ATTRIBUTES):
        assert "decks/ledger/*.tsv merge=union" in path.read_text("utf-8").splitlines()
