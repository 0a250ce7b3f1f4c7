"""check: what it reports of which files, and what it fixes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import codes, edit, run, write_release

WRONG = """# Amazon Polly

## polly-purpose-again

- kindd: concept
- topic:voices
- topik: voices

What does Polly make of **written** text?

***

Speech.

## polly-second-thing

- kind: concept
- topic: voices

What is the second thing about Polly?
---

The\u200b thing.
"""
FIXED = WRONG.replace("kindd", "kind").replace("topic:v", "topic: v").replace("***\n", "---\n")
FIXED = FIXED.replace("Polly?\n---", "Polly?\n\n---").replace("\u200b", "")
WORDS = ("four", "fif", "six", "seven", "eigh")
HOME = "cards/services/polly/fix.md"


@pytest.fixture
def wrong(mini: Path) -> Path:
    (mini / HOME).write_bytes(WRONG.encode())
    return mini


def test_fix_writes_what_the_help_says_and_nothing_else(wrong: Path) -> None:
    others = {p: p.read_bytes() for p in wrong.rglob("*") if p.is_file() and p != wrong / HOME}
    done = run(wrong, "check", "--fix")
    assert done.code == 1
    assert re.findall(r"error (\w+)", done.out) == ["S301"]  # `topic` must not be given twice
    assert (wrong / HOME).read_bytes() == FIXED.encode()
    assert {p: p.read_bytes() for p in others} == others
    first, *fixed = done.err.splitlines()[:3]
    assert first.startswith(f"{HOME}:7: S301 not fixed")
    assert "`topic`" in first
    assert fixed == [
        f"{HOME}:5: fixed S301: `kindd` → `kind`",
        f"{HOME}:6: fixed P206: `- topic:voices` → `- topic: voices`",
    ]
    (wrong / HOME).write_text(FIXED.replace("- topik: voices\n", ""), "utf-8")
    done = run(wrong, "check", "--fix")
    assert (done.code, done.out, done.err.count("\n")) == (0, "", 1)


def test_fix_leaves_files_alone_that_are_not_named_or_have_other_line_ends(wrong: Path) -> None:
    run(wrong, "check", "--fix", "cards/summary")
    assert (wrong / HOME).read_bytes() == WRONG.encode()
    windows = WRONG.replace("\n", "\r\n").encode()
    (wrong / HOME).write_bytes(windows)
    done = run(wrong, "check", "--fix")
    assert (wrong / HOME).read_bytes() == windows
    assert done.err.splitlines()[0].endswith(f" ./build.py fmt {HOME}")


def test_an_error_does_not_hide_that_a_released_card_is_gone(mini: Path) -> None:
    write_release(mini)
    edit(mini, "## polly-purpose", "## polly-aim")
    edit(mini, "kind: quota", "kind: qouta", count=-1)
    assert set(codes(mini)) == {"L002", "S307"}


def test_only_the_named_files_are_reported(wrong: Path) -> None:
    every = run(wrong, "check")
    assert every.code == 1
    assert run(wrong, "check", "cards/services").out == every.out
    other = run(wrong, "check", "cards/summary", "cards/reliability/s3.md")
    assert (other.code, other.out) == (0, "")
    assert other.err.startswith("2 files: ")
    unknown = run(wrong, "check", "cards/summary", "cards/nowhere.md")
    assert unknown.code == 2
    assert "cards/nowhere.md" in unknown.err


def test_of_many_warnings_the_first_three_of_each_code_are_shown(mini: Path) -> None:
    head = "## polly-{0}\n\n- kind: concept\n- topic: voices\n\n"
    cards = (f"{head}Is the {{0}}th case true?\n\n---\n\nYes.\n\n".format(word) for word in WORDS)
    text = "# Amazon Polly\n\n" + "".join(cards)
    (mini / HOME).write_text(text, "utf-8")
    every = run(mini, "check", "--all").out
    found = re.findall(r"warning (\w+)", every)
    code = max(set(found), key=found.count)
    assert found.count(code) == 5
    some = run(mini, "check").out
    assert some.count(f"warning {code}") == 3
    assert f"2 more {code}" in some.splitlines()[-2]
    assert codes(mini).count(code) == 5


def test_a_project_that_cannot_be_read_has_no_number_of_cards(mini: Path) -> None:
    assert run(mini, "check").err == "9 cards in 4 files: no problems\n"
    (mini / "schema" / "vocabulary" / "base.toml").write_text("broken\n", "utf-8")
    for folder in (mini, mini / "cards"):
        assert re.findall(r"\d+ \w+", run(folder, "check").err) == ["1 error"]
