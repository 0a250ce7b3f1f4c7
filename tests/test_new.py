"""`new`: where a card begins, what its id is, and what is refused."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from authoring import CHOOSING, Terminal, digest, notes, order, program
from conftest import POLLY, codes, diagnostics, edit, run, run_process, write_release

from deckwright.cards.rules.placeholders import placeholders
from deckwright.cli import editor
from deckwright.core.card import TYPES

VOICES = ("new", "--topic", "voices", "--service", "polly")
QUOTA = (*VOICES, "--kind", "quota")
BASIC = (*VOICES, "--kind", "concept", "--type", "basic", "--id", "polly-new")
S3 = ("new", "--topic", "voices", "--service", "s3", "--kind", "quota")


@pytest.mark.parametrize("form", TYPES)
def test_a_new_card_stops_the_build_until_every_placeholder_is_replaced(
    form: str, mini: Path
) -> None:
    kind = "quota" if form == "cloze" else "scenario"
    result = run(mini, *VOICES, "--kind", kind, "--type", form, "--id", "polly-new")
    path, line, name = result.out.strip().split(":")
    assert (result.code, name) == (0, "polly-new")
    text = (mini / path).read_text("utf-8")
    assert text.splitlines()[int(line) - 1] == "## polly-new"
    assert [(d["code"], d["line"]) for d in diagnostics(mini)] == [("C409", int(line) + 4)]
    assert run(mini, "fmt", "--check").code == 0
    assert run(mini, "decks").code == 1
    at = text.index("## polly-new")
    card = text[at:]
    words = [
        "https://docs.example.com/polly",
        "2026-08",
        *(f"Polly says word{n}" for n in range(20)),
    ]
    for (start, end, _), word in reversed([*zip(placeholders(card), words, strict=False)]):
        card = card[:start] + word + card[end:]
    (mini / path).write_text(text[:at] + card, "utf-8")
    assert codes(mini, "error") == []
    assert notes(mini)["polly-new"].card.type == form


def test_a_card_goes_behind_its_topic_or_to_the_end_of_the_file_of_its_service(mini: Path) -> None:
    assert run(mini, *BASIC).code == 0  # `polly/choosing.md` has fewer cards of this topic
    assert order(mini, POLLY)[-2:] == ["polly-purpose", "polly-new"]
    scenario = run(mini, *VOICES, "--kind", "scenario", "--type", "basic")
    assert scenario.out.startswith(CHOOSING), "where the topic has most cards of the kind"
    result = run(mini, *S3, "how", "many", "buckets")
    assert result.out == "cards/services/s3.md:3:s3-many-buckets\n"
    text = (mini / "cards/services/s3.md").read_text("utf-8")
    assert text.startswith("# Amazon S3\n\n## s3-many-buckets\n\n- kind: quota\n- topic: voices\n")
    other = "\n## s3-other\n\n- kind: concept\n- topic: copies\n\nWhat?\n\n---\n\nThis.\n"
    (mini / "cards/services/s3.md").write_text(text + other, "utf-8")
    assert run(mini, *S3, "second").code == 0
    expected = ["s3-many-buckets", "s3-second", "s3-other"]
    assert order(mini, "cards/services/s3.md") == expected


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        ((), "polly-voices"),
        (("what is the `longest` text",), "polly-longest-text"),
        (("the", "3,000", "characters", "of", "a", "call"), "polly-characters-call"),
        (("Größe einer Stimme?",), "polly-groe-einer-stimme"),
        (("purpose",), "polly-purpose-2"),
    ],
)
def test_ids_name_the_subject_and_are_free(
    words: tuple[str, ...], proposed: str, mini: Path
) -> None:
    result = run(mini, *QUOTA, *words)
    assert result.out.endswith(f":{proposed}\n")


def test_ids_that_were_released_or_are_written_are_taken(mini: Path) -> None:
    write_release(mini)
    text = (mini / POLLY).read_text("utf-8").partition("\n## polly-purpose")[0]
    broken = "\n## polly-broken ##\n\nNo metadata.\n\n```text\n## polly-shown\n```\n"
    (mini / POLLY).write_text(text + broken, "utf-8")
    for name, taken in (("polly-purpose", 1), ("polly-broken", 1), ("polly-shown", 0)):
        result = run(mini, *S3, "--id", name)
        assert (result.code, "never reused" in result.err) == (2 * taken, bool(taken)), name


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), ("--topic", "--service", "--kind", "--type", "voices", "--all`", "s3")),
        (VOICES, ("--kind", "concept, ", "--type", "basic, cloze, multiple-choice")),
        ((*QUOTA, "--type", "basic"), ("`basic`", "cloze")),
        ((*VOICES, "--topic", "voces"), ("`voces`", "`voices`")),
        ((*QUOTA, "--in", "crads"), ("crads", "`cards`")),
        ((*QUOTA, "--id", "Polly New"), ("`Polly New`",)),
        ((*QUOTA, "--id", "p" * 61), ("60",)),
    ],
)
def test_all_that_is_missing_or_wrong_is_named_in_one_run(
    arguments: tuple[str, ...], named: tuple[str, ...], mini: Path
) -> None:
    before = digest(mini)
    result = run(mini, *(arguments or ("new",)))
    assert result.code == 2
    assert [part for part in named if part not in result.err] == []
    assert digest(mini) == before


def test_a_service_needs_a_deck_in_the_part(mini: Path) -> None:
    decks = 'deck = "2 Services"\ndecks = [{ deck = "1 Speech", services = ["polly"] }]'
    edit(mini, 'deck = "2 Services"', decks, "schema/vocabulary/mini.toml")
    done = run(mini, *S3)
    assert (done.code, done.err.endswith(" polly\n")) == (2, True)


@pytest.mark.parametrize("link", [POLLY, "cards/services", "cards"])
def test_nothing_is_written_through_a_link(link: str, mini: Path, tmp_path: Path) -> None:
    shutil.rmtree(mini / "cards/services/polly")
    (mini / link).rename(tmp_path / "elsewhere")
    (mini / link).symlink_to(tmp_path / "elsewhere")
    before = digest(tmp_path)
    result = run(mini, *BASIC)
    assert (result.code, "symbolic link" in result.err) == (2, True)
    assert digest(tmp_path) == before


def test_a_file_that_has_errors_or_cannot_be_read_is_left_alone(mini: Path) -> None:
    shutil.rmtree(mini / "cards/services/polly")
    text = (mini / POLLY).read_text("utf-8")
    for harm, said in ((b"\n```text\nno end\n", "P215"), (b"\xff", "already exists")):
        (mini / POLLY).write_bytes(text.encode() + harm)
        before = digest(mini)
        result = run(mini, *BASIC)
        assert (result.code, said in result.out + result.err) == (2, True)
        assert digest(mini) == before


def test_cards_of_ones_own_begin_in_the_overlay(mini: Path) -> None:
    own = ("--overlay", "../own")
    assert run(mini, *own, *BASIC).code == 2
    (mini.parent / "real").mkdir()
    (mini.parent / "own").symlink_to("real")
    assert run(mini, *own, "fork", "My cards").code == 0
    assert run(mini, *own, *BASIC).out == "../own/cards/mine/services/polly.md:3:polly-new\n"
    theirs = run(mini, *own, *QUOTA, "--in", "cards")
    assert theirs.out.startswith(POLLY)


def test_the_editor_opens_at_the_line_and_its_file_is_checked(mini: Path, tmp_path: Path) -> None:
    """Ctrl-C in the editor is the editor's."""
    (mini / CHOOSING).write_text("# Broken\n", "utf-8")
    wait = "trap caught=yes INT; echo ready; while [ -z $caught ]; do sleep 0.1; done"
    change = 'sed -i "s/TODO: the question/What does Polly read?/" "$2"'
    vim = program(tmp_path / "vim", f'echo "$@" > {tmp_path}/log; {wait}; {change}')
    terminal = Terminal(mini, *BASIC, editor=vim)
    terminal.answer("ready", "\x03")
    assert terminal.end() == 1
    path, line, _ = terminal.shown.split(":")[:3]
    assert (tmp_path / "log").read_text("utf-8") == f"+{line} {path}\n"
    assert "What does Polly read?" in (mini / path).read_text("utf-8")
    assert "C409" in terminal.shown
    assert CHOOSING not in terminal.shown
    assert terminal.shown.rstrip().endswith("1 error")


def test_no_editor_opens_without_a_terminal_and_one_that_is_missing_is_named(
    mini: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    vi = program(tmp_path / "vi", f"touch {log}")
    assert Terminal(mini, *QUOTA, "a", "--no-edit", editor=vi).end() == 0
    assert run_process(mini, *QUOTA, "b", env={**os.environ, "EDITOR": vi}).returncode == 0
    assert not log.exists()
    for name, code, said in ((str(tmp_path / "gone"), 2, "can't be run"), ("", 0, "set $VISUAL")):
        terminal = Terminal(mini, *QUOTA, "c", editor=name)
        assert terminal.end() == code
        assert said in terminal.shown
    assert codes(mini, "error") == ["C409"] * 4


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("/usr/bin/nvim -u NONE", ["/usr/bin/nvim", "-u", "NONE", "+7", "a.md"]),
        ("code", ["code", "--wait", "--goto", "a.md:7"]),
        ("subl.cmd", ["subl.cmd", "--wait", "a.md:7"]),
        ("'/opt/my editor/ed it' -x", ["/opt/my editor/ed it", "-x", "a.md"]),
    ],
)
def test_editors_get_the_line_in_their_own_way(program: str, arguments: list[str]) -> None:
    assert editor.command(program, "a.md", 7) == arguments
