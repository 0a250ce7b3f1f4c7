"""The commands of every day."""

from __future__ import annotations

from pathlib import Path

from conftest import edit, run


def test_find_takes_every_word_and_puts_the_id_first(mini: Path) -> None:
    result = run(mini, "find", "polly", "names")
    assert result.code == 0
    first = result.out.splitlines()[0]
    path, line, name = first.split(":")
    assert (path, name) == ("cards/services/polly.md", "polly-task-names")
    assert (mini / path).read_text("utf-8").splitlines()[int(line) - 1] == "## polly-task-names"
    assert (
        run(mini, "find", "SPEECH", "kind::concept").out.splitlines()[0].endswith(":polly-purpose")
    )


def test_find_says_when_nothing_has_all_words(mini: Path) -> None:
    result = run(mini, "find", "polly", "zebra")
    assert (result.code, result.out, result.err) == (1, "", "0 cards\n")


def test_find_reads_tags_that_only_the_path_says(mini: Path) -> None:
    found = run(mini, "find", "service::s3", "part::reliability").out.splitlines()[::2]
    assert [line.split(":")[2] for line in found] == ["s3-replication", "s3-copies"]


def test_find_keeps_to_its_limit_and_finds_cards_with_errors(mini: Path) -> None:
    edit(mini, "kind: concept", "kind: nonsense")
    result = run(mini, "find", "nonsense", "--limit", "1")
    assert result.out.splitlines()[0].endswith(":polly-purpose")
    assert len(run(mini, "find", "a", "--limit", "2").out.splitlines()) == 4
    assert "the first 2 are shown" in run(mini, "find", "a", "--limit", "2").err
