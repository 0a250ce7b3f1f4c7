"""The commands of authoring: a card begun, moved, split. Nothing is lost, and nobody's
identity changes.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import FULL, REPO, make_project, run, run_process, write_release
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deckwright import markdown, pipeline
from deckwright.cards.new_card import TYPES, placeholders, skeleton, unsourced
from deckwright.cards.parse import parse
from deckwright.cli import editor
from deckwright.core.card import Card, Field
from deckwright.core.errors import UserError
from deckwright.core.identity import guid
from deckwright.core.note import Note
from deckwright.core.source import Source
from deckwright.facts.stated_value import stated_value
from deckwright.project.ledger import gap_digests

POLLY = "cards/4.2-services/polly.md"
CHOOSING = "cards/4.2-services/polly/choosing.md"
VOICES = ("new", "--topic", "voices", "--service", "polly")
RANDOM = settings(
    max_examples=400 if FULL else 25,
    deadline=None,
    derandomize=not FULL,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def digest(folder: Path) -> dict[str, bytes]:
    """Every file and every folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def diagnostics(folder: Path) -> list[dict]:
    return json.loads(run(folder, "check", "--format", "json").out)


def notes(folder: Path) -> dict[str, Note]:
    """What the cards compile to, by id; all of them, though other cards may have warnings."""
    checked = pipeline.check(folder, date(2026, 11, 1))
    assert not [d.message for d in checked.diagnostics if d.severity == "error"]
    return {note.id: note for note in pipeline.rendered(checked.values[0]).notes}


def order(folder: Path, path: str) -> list[str]:
    """The ids of a file's cards as they stand there."""
    return [raw.id.value for raw in parse(Source(path, (folder / path).read_text("utf-8"))).values]


# new


@pytest.mark.parametrize("form", TYPES)
def test_a_new_card_stands_behind_its_topic_and_is_refused_until_it_is_written(
    form: str, mini: Path
) -> None:
    file = mini / "cards/4.2-services/polly/choosing.md"
    kind = "quota" if form == "cloze" else "scenario"
    result = run(mini, *VOICES, "--kind", kind, "--type", form, "--id", "polly-new")
    path, line, name = result.out.strip().split(":")
    assert (result.code, name) == (0, "polly-new")
    assert (mini / path).read_text("utf-8").splitlines()[int(line) - 1] == "## polly-new"
    assert order(mini, path)[-1] == "polly-new"
    found = diagnostics(mini)
    assert [d["code"] for d in found] == ["C409"]
    assert found[0]["path"] == path
    assert found[0]["line"] == int(line) + 4
    assert run(mini, "fmt", "--check").code == 0
    assert run(mini, "decks").code == 1
    assert not (mini / "dist").exists()
    assert file.exists()


@pytest.mark.parametrize("form", TYPES)
def test_every_placeholder_written_over_makes_a_card_of_that_type(form: str, mini: Path) -> None:
    result = run(
        mini,
        *VOICES,
        "--kind",
        "quota" if form == "cloze" else "scenario",
        "--type",
        form,
        "--id",
        "polly-new",
    )
    path = mini / result.out.split(":")[0]
    text = path.read_text("utf-8")
    begins = text.index("## polly-new")
    card = text[begins:]
    words = iter(
        ["https://docs.example.com/polly", "2026-08", *(f"Polly says word{n}" for n in range(20))]
    )
    for start, end, advice in reversed(
        [(*place, next(words)) for place in ((s, e) for s, e, _ in placeholders(card))]
    ):
        card = card[:start] + advice + card[end:]
    path.write_text(text[:begins] + card, "utf-8")
    assert [d["code"] for d in diagnostics(mini) if d["severity"] == "error"] == []
    assert notes(mini)["polly-new"].card.type == form


def test_the_advice_says_what_to_type_over_every_placeholder_of_ours() -> None:
    for form in TYPES:
        text = skeleton(form, "an-id", unsourced())
        assert all(
            advice != "write the text in its place, or take the line out"
            for _, _, advice in placeholders(text)
        )
        assert text.count("TODO:") == len(list(placeholders(text)))


def test_right_options_of_many_skeletons_stand_in_every_place() -> None:
    at = [
        skeleton("multiple-choice", f"card-{n}", ()).partition("[x]")[0].count("[ ]")
        for n in range(400)
    ]
    assert min(at.count(place) for place in range(4)) > 60


def test_the_first_card_of_a_service_begins_a_file_with_its_title(mini: Path) -> None:
    result = run(
        mini,
        "new",
        "how",
        "many",
        "buckets",
        "--topic",
        "voices",
        "--service",
        "s3",
        "--kind",
        "quota",
    )
    assert result.out == "cards/4.2-services/s3.md:3:s3-many-buckets\n"
    assert (
        (mini / "cards/4.2-services/s3.md")
        .read_text("utf-8")
        .startswith("# Amazon S3\n\n## s3-many-buckets\n\n- kind: quota\n- topic: voices\n")
    )
    assert [d["code"] for d in diagnostics(mini)] == ["C409"]


def test_a_card_goes_behind_the_last_of_its_topic_and_not_to_the_end(mini: Path) -> None:
    vocabulary = mini / "schema/vocabulary/mini.toml"
    topic = '[[topic]]\nslug = "other"\ntitle = "Other"\ncovers = "other"\ntask = "4.2"\nexams = []\npriority = 1\ncore = 1\nmix = { basic = 1 }\n\n'  # noqa: E501
    vocabulary.write_text(topic + vocabulary.read_text("utf-8"), "utf-8")
    shutil.rmtree(mini / "cards/4.2-services/polly")
    file = mini / POLLY
    file.write_text(
        file.read_text("utf-8")
        + "\n## polly-other\n\n- kind: concept\n- topic: other\n\nWhat else has Polly?\n\n---\n\nThis.\n",  # noqa: E501
        "utf-8",
    )
    before = file.read_text("utf-8")
    assert run(mini, *VOICES, "--kind", "concept", "--type", "basic", "--id", "polly-new").code == 0
    assert order(mini, POLLY) == [
        "polly-input-length",
        "polly-task-names",
        "polly-purpose",
        "polly-new",
        "polly-other",
    ]
    after = file.read_text("utf-8")
    at = after.index("## polly-new")
    assert after[:at] + after[after.index("## polly-other") :] == before


def a_card(number: int, topic: str, lines: int = 0) -> str:
    body = "\n".join(f"Line {n} of {number}." for n in range(lines))
    return f"\n## card-{number}\n\n- kind: concept\n- topic: {topic}\n\nWhat does card {number} ask?\n\n---\n\nThis {number}.\n\n---\n\nMore.\n{body}\n"  # noqa: E501


def test_a_card_goes_to_the_file_with_most_of_its_topic_but_not_into_a_long_one(mini: Path) -> None:
    folder = mini / "cards/4.1-reliability/s3"
    folder.mkdir()
    (folder / "a.md").write_text("# Amazon S3\n" + a_card(1, "copies"), "utf-8")
    (folder / "b.md").write_text(
        "# Amazon S3\n" + a_card(2, "copies") + a_card(3, "copies") + a_card(4, "copies"), "utf-8"
    )
    (folder / "c.md").write_text(
        "# Amazon S3\n"
        + "".join(a_card(n, "copies") for n in (5, 6, 7, 8))
        + a_card(9, "copies", 250),
        "utf-8",
    )
    arguments = (
        "new",
        "--topic",
        "copies",
        "--service",
        "s3",
        "--kind",
        "concept",
        "--type",
        "basic",
    )
    assert run(mini, *arguments, "--id", "s3-new").out.startswith("cards/4.1-reliability/s3/b.md:")
    (folder / "a.md").unlink()
    (folder / "b.md").unlink()
    (mini / "cards/4.1-reliability/s3.md").unlink()
    assert run(mini, *arguments, "--id", "s3-new").out.startswith("cards/4.1-reliability/s3/c.md:")


def test_a_card_of_another_topic_ends_the_file_of_its_service_unless_that_is_long(
    mini: Path,
) -> None:
    file = mini / "cards/4.2-services/s3.md"
    file.write_text("# Amazon S3\n" + a_card(1, "nothing-yet"), "utf-8")
    assert (
        run(mini, "new", "--topic", "voices", "--service", "s3", "--kind", "quota").out
        == "cards/4.2-services/s3.md:18:s3-voices\n"
    )
    assert file.read_text("utf-8").startswith(
        "# Amazon S3\n" + a_card(1, "nothing-yet").rstrip() + "\n\n## s3-voices\n"
    )
    file.write_text("# Amazon S3\n" + a_card(1, "nothing-yet", 250), "utf-8")
    assert (
        run(mini, "new", "--topic", "voices", "--service", "s3", "--kind", "quota").out
        == "cards/4.2-services/s3/voices.md:3:s3-voices\n"
    )


def test_a_new_topic_gets_a_file_of_its_own_where_the_service_has_only_a_folder(mini: Path) -> None:
    (mini / POLLY).unlink()
    vocabulary = mini / "schema/vocabulary/mini.toml"
    vocabulary.write_text(
        vocabulary.read_text("utf-8")
        .replace('slug = "words"', 'slug = "words-to-know"')
        .replace('"words"]', '"words-to-know"]')
        .replace('topic = "words"', 'topic = "words-to-know"')
        .replace('task = "summary"', 'task = "4.2"'),
        "utf-8",
    )
    (mini / "cards/summary/ideas.md").unlink()
    result = run(
        mini,
        "new",
        "--topic",
        "words-to",
        "--service",
        "polly",
        "--kind",
        "concept",
        "--type",
        "basic",
    )
    assert result.out == "cards/4.2-services/polly/words-to-know.md:3:polly-words-know\n"


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        ((), "polly-voices"),
        (("what is the longest text",), "polly-longest-text"),
        (("the", "3,000", "characters", "of", "a", "call"), "polly-characters-call"),
        (("Größe einer Stimme?",), "polly-groe-einer-stimme"),
        (("purpose",), "polly-purpose-2"),
    ],
)
def test_ids_name_the_subject_and_are_free(
    words: tuple[str, ...], proposed: str, mini: Path
) -> None:
    result = run(mini, *VOICES, *words, "--kind", "quota")
    assert result.out.strip().split(":")[2] == proposed


def test_ids_that_were_ever_released_are_not_proposed_and_not_taken(mini: Path) -> None:
    write_release(mini)
    assert run(mini, "retire", "polly-purpose", "--reason", "Nobody needs it.").code == 0
    again = run(mini, *VOICES, "--kind", "quota", "--id", "polly-purpose")
    assert again.code == 2
    assert (
        "was retired, and an id is never used again\n  help: choose another, as polly-voices"
        in again.err
    )
    assert run(mini, *VOICES, "purpose", "--kind", "quota").out.strip().endswith(":polly-purpose-2")
    (mini / "decks/retired/mini.toml").unlink()
    assert "is taken" in run(mini, *VOICES, "--kind", "quota", "--id", "polly-purpose").err
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8") + "\n## polly-broken\n\nNo metadata.\n", "utf-8"
    )
    assert "is taken" in run(mini, *VOICES, "--kind", "quota", "--id", "polly-broken").err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--topic", "voices"), "--service, --kind and --type are missing\n  help: without a terminal options say it all, as --service polly --kind concept --type basic"),  # noqa: E501
        (("--topic", "voices", "--service", "polly", "--kind", "quota", "--type", "multiple-choice"), "a quota card is a cloze card"),  # noqa: E501
        (("--topic", "voices", "--service", "polly", "--kind", "scenario"), "--type is missing"),
        (("--topic", "voces"), "there is no topic `voces`\n  help: did you mean `voices`?"),
        (("--kind", "qouta"), "there is no kind `qouta`\n  help: did you mean `quota`?"),
        (("--task", "4"), "`4` begins 2 names\n  help: 4.1, 4.2"),
        (("--task", "4.1", "--topic", "voices"), "the topic voices belongs to task 4.2"),
        (("--in", "crads"), "there is no root crads\n  help: did you mean `cards`?"),
        (("--topic", "v", "--service", "p", "--kind", "q", "--id", "Polly New"), "`Polly New` is not a card id"),  # noqa: E501
        (("--topic", "v", "--service", "p", "--kind", "q", "--id", "p" * 61), "the card id has 61 characters, more than 60"),  # noqa: E501
        (("--topic", "v", "--service", "p", "--kind", "q", "--id", "polly-purpose"), "the id polly-purpose is taken"),  # noqa: E501
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named(
    arguments: tuple[str, ...], says: str, mini: Path
) -> None:
    before = digest(mini)
    result = run(mini, "new", *arguments)
    assert result.code == 2
    assert says in result.err
    assert digest(mini) == before


def test_options_may_be_shortened(mini: Path) -> None:
    result = run(
        mini,
        "new",
        "--task",
        "4.2-services",
        "--topic",
        "v",
        "--service",
        "po",
        "--kind",
        "sc",
        "--type",
        "m",
        "--id",
        "polly-new",
    )
    assert result.code == 0
    assert "- [x] TODO: the right option" in (mini / result.out.split(":")[0]).read_text("utf-8")


@pytest.mark.parametrize(
    "heading", ["## polly-closed ##", "  ##   polly-closed", "##\tpolly-closed\t#"]
)
@pytest.mark.parametrize("broken", ["", "- [ ] no\n"])
def test_an_id_is_taken_however_its_heading_is_written(
    heading: str, broken: str, mini: Path
) -> None:
    text = (
        (mini / POLLY)
        .read_text("utf-8")
        .replace("## polly-purpose", heading)
        .replace("- kind: concept\n", f"- kind: concept\n{broken}")
    )
    (mini / POLLY).write_text(text, "utf-8")
    assert (
        "the id polly-closed is taken"
        in run(mini, *VOICES, "--kind", "quota", "--id", "polly-closed").err
    )


def test_a_heading_in_code_takes_no_id(mini: Path) -> None:
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8") + "\n```text\n## polly-shown\n```\n", "utf-8"
    )
    assert run(mini, *VOICES, "--kind", "quota", "--id", "polly-shown").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("mv", "polly-purpose", "cards/4.2-services/s3.md"),
        ("mv", "polly-purpose", "cards/4.2-services/s3.md", "--dry-run"),
        ("mv", "polly-for-museum", POLLY),
        ("split", "polly-purpose", "--to", "polly-new"),
        ("retire", "polly-purpose", "--reason", "Gone away."),
        (*VOICES, "--kind", "quota", "--id", "polly-new"),
    ],
)
def test_a_file_that_is_a_link_stays_one_with_what_it_holds(
    arguments: tuple[str, ...], mini: Path
) -> None:
    write_release(mini)
    (mini / "texts").mkdir()
    (mini / POLLY).rename(mini / "texts/polly.md")
    (mini / POLLY).symlink_to("../../texts/polly.md")
    before = digest(mini)
    result = run(mini, *arguments)
    assert (result.code, f"{POLLY} is a link" in result.err) == (2, True)
    assert (mini / POLLY).is_symlink()
    assert digest(mini) == before


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_no_card_goes_into_a_folder_that_is_a_link(
    dry: tuple[str, ...], mini: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (mini / "cards/4.2-services/s3").symlink_to(tmp_path / "outside")
    before = digest(mini)
    result = run(mini, "mv", "polly-purpose", "cards/4.2-services/s3/deep.md", *dry)
    assert (result.code, "cards/4.2-services/s3 is a link" in result.err) == (2, True)
    assert digest(mini) == before
    assert not list((tmp_path / "outside").iterdir())


def test_a_link_for_retirements_stays_one(mini: Path, tmp_path: Path) -> None:
    write_release(mini)
    (mini / "decks/retired").mkdir()
    (tmp_path / "mini.toml").write_text("", "utf-8")
    (mini / "decks/retired/mini.toml").symlink_to(tmp_path / "mini.toml")
    result = run(mini, "retire", "polly-input-length", "--gap", "1", "--reason", "No limit.")
    assert (result.code, "decks/retired/mini.toml is a link" in result.err) == (2, True)


def test_an_overlay_may_be_a_link_itself(mini: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "own").symlink_to(tmp_path / "real")
    assert run(mini, "--overlay", "../own", "fork", "My cards").code == 0
    assert (
        run(mini, "--overlay", "../own", *VOICES, "--kind", "quota", "--id", "polly-mine").code == 0
    )
    assert (tmp_path / "real/cards/mine/4.2-services/polly.md").exists()


def test_no_card_begins_in_a_root_that_leads_out_of_the_project(mini: Path, tmp_path: Path) -> None:
    (mini / "cards").rename(tmp_path / "outside")
    (mini / "cards").symlink_to(tmp_path / "outside")
    before = digest(tmp_path)
    result = run(mini, *VOICES, "--kind", "quota", "--id", "polly-new")
    assert (result.code, "cards is a link" in result.err) == (2, True)
    assert digest(tmp_path) == before


def test_a_file_that_would_swallow_the_card_is_left_alone(mini: Path) -> None:
    shutil.rmtree(mini / "cards/4.2-services/polly")
    file = mini / POLLY
    file.write_text(file.read_text("utf-8") + "\n```text\nno end\n", "utf-8")
    before = digest(mini)
    result = run(mini, *VOICES, "--kind", "quota", "--id", "polly-new")
    assert result.code == 2
    assert "P215" in result.out
    assert f"{POLLY} cannot take a card as it is" in result.err
    assert digest(mini) == before


def test_cards_of_ones_own_begin_in_the_overlay(mini: Path) -> None:
    assert run(mini, "fork", "My cards").code == 0
    arguments = (
        "--topic",
        "voices",
        "--service",
        "polly",
        "--kind",
        "concept",
        "--type",
        "basic",
        "--id",
    )
    assert (
        run(mini, "new", *arguments, "polly-mine").out
        == "cards/mine/4.2-services/polly.md:3:polly-mine\n"
    )
    assert (
        run(mini, "new", *arguments, "polly-theirs", "--in", "cards")
        .out.split(":")[0]
        .startswith("cards/4.2-services/")
    )
    outside = mini.parent / "own"
    assert run(mini.parent, "--root", "mini", "--overlay", "own", "check").code == 2
    (mini / "decks/mine.toml").unlink()
    shutil.rmtree(mini / "cards/mine")
    assert run(mini, "--overlay", "../own", "fork", "My cards").code == 0
    assert (
        run(mini, "--overlay", "../own", "new", *arguments, "polly-mine").out
        == "../own/cards/mine/4.2-services/polly.md:3:polly-mine\n"
    )
    assert (outside / "cards/mine/4.2-services/polly.md").exists()


class Terminal:
    """The command line behind a pseudo-terminal: answers are typed when what they answer
    has been asked.
    """

    def __init__(self, folder: Path, *arguments: str, editor: str = "") -> None:
        self.shown = ""
        self.mark = 0
        self.deadline = time.monotonic() + 60
        environment = {**os.environ, "VISUAL": "", "EDITOR": editor, "TERM": "dumb"}
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.chdir(folder)
            os.execve(
                sys.executable, [sys.executable, str(REPO / "build.py"), *arguments], environment
            )

    def answer(self, asked: str, text: str) -> None:
        while asked not in self.shown[self.mark :]:
            assert self._read(), f"{asked!r} was never shown:\n{self.shown}"
        self.mark = self.shown.index(asked, self.mark) + len(asked)
        os.write(self.fd, text.encode())

    def _read(self) -> bool:
        """Reads on; whether there may be more."""
        if time.monotonic() > self.deadline:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"it waits for something:\n{self.shown}")
        if not select.select([self.fd], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # so Linux says that the other side is closed
            return False
        self.shown += data.decode().replace("\r\n", "\n")
        return bool(data)

    def end(self, typing: str = "") -> int:
        """The exit code. `typing` is typed until it ends: Python's readline passes over a
        Ctrl-C that comes while it shows its prompt.
        """
        while self._read():
            if typing:
                time.sleep(0.5)
                with contextlib.suppress(OSError):  # it has ended
                    os.write(self.fd, typing.encode())
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def script(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def test_questions_on_a_terminal_and_the_editor_at_the_line(mini: Path, tmp_path: Path) -> None:
    """Near misses are told, beginnings are enough, defaults are taken; then the editor
    gets the line, and only what is wrong with this card is said.
    """
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8").replace("kind: concept", "kind: nonsense"), "utf-8"
    )
    log = tmp_path / "log"
    vim = script(
        tmp_path,
        "vim",
        f'echo "$@" > {log}; sed -i "s/TODO: the question/What does Polly read?/" "$2"',
    )
    terminal = Terminal(mini, "new", editor=vim)
    terminal.answer("task: ", "4.2\n")
    terminal.answer("topic: ", "vioces\n")
    terminal.answer("there is no topic `vioces`; did you mean `voices`?", "vo\t\n")
    terminal.answer("topic: voices", "")
    terminal.answer("service [polly]: ", "?\n")
    terminal.answer("s3     Amazon S3", "\n")
    terminal.answer("kind: ", "c\n")
    terminal.answer("type [basic]: ", "\n")
    terminal.answer("id, which never changes [polly-voices]: ", "polly-purpose\n")
    terminal.answer("the id polly-purpose is taken", "polly-new\n")
    assert terminal.end() == 1
    place = next(line for line in terminal.shown.splitlines() if line.endswith(":polly-new"))
    path, line, _ = place.split(":")
    assert log.read_text("utf-8") == f"+{line} {path}\n"
    said = terminal.shown.partition(place)[2]
    assert "`TODO: the address of the page that states it` is still to be written" in said
    assert f"then go on in lines {int(line) + 5}, {int(line) + 11}" in said
    assert "nonsense" not in said
    assert said.rstrip().endswith("1 error")
    assert "What does Polly read?" in (mini / path).read_text("utf-8")


def test_a_card_that_is_written_in_the_editor_has_nothing_against_it(
    mini: Path, tmp_path: Path
) -> None:
    written = "s/TODO: the question/What does Polly read?/; s/TODO: the answer/Text./; s/TODO: the explanation/Any./; /TODO/d; s/polly-new/polly-renamed/"  # noqa: E501
    terminal = Terminal(
        mini,
        *VOICES,
        "--kind",
        "concept",
        "--type",
        "basic",
        "--id",
        "polly-new",
        editor=script(tmp_path, "nano", f'sed -i "{written}" "$2"'),
    )
    assert terminal.end() == 0
    assert f"polly-new does not stand in {POLLY} any more" in terminal.shown
    assert terminal.shown.rstrip().endswith("nothing to complain about")
    assert "polly-renamed" in notes(mini)


@pytest.mark.parametrize("change", ["s/^## polly-new/WHALE## polly-new/", "/^## polly-new/,$ d"])
def test_a_card_that_the_editor_lost_is_told_with_all_that_is_wrong_in_its_file(
    change: str, mini: Path, tmp_path: Path
) -> None:
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8").replace("Speech.", "Speech?? **"), "utf-8"
    )
    written = f"s/TODO: //; {change}"
    terminal = Terminal(
        mini,
        *VOICES,
        "--kind",
        "concept",
        "--type",
        "basic",
        "--id",
        "polly-new",
        editor=script(tmp_path, "nano", f'sed -i "{written}" "$2"'),
    )
    assert terminal.end() == 1
    path = terminal.shown.split(":")[0]
    assert f"polly-new does not stand in {path} any more" in terminal.shown
    assert "nothing to complain about" not in terminal.shown
    known = [d["message"] for d in diagnostics(mini) if d["path"] == path]
    assert all(message in terminal.shown for message in known)


def test_a_card_that_swallowed_another_in_the_editor_is_told_of(mini: Path, tmp_path: Path) -> None:
    change = "s/^## polly-part/WHALE## polly-part/"
    limits(mini)
    terminal = Terminal(
        mini,
        "split",
        "polly-limits",
        "--gap",
        "2",
        "--to",
        "polly-part",
        editor=script(tmp_path, "nano", f'sed -i "{change}" "$2"'),
    )
    assert terminal.end() == 1
    assert f"polly-part does not stand in {POLLY} any more" in terminal.shown


def test_ctrl_c_in_the_editor_is_the_editors(mini: Path, tmp_path: Path) -> None:
    wait = "trap caught=yes INT; echo ready; while [ -z $caught ]; do sleep 0.1; done"
    vim = script(
        tmp_path, "vim", f'{wait}; sed -i "s/TODO: the question/What does Polly read?/" "$2"'
    )
    terminal = Terminal(
        mini, *VOICES, "--kind", "concept", "--type", "basic", "--id", "polly-new", editor=vim
    )
    terminal.answer("ready", "\x03")
    assert terminal.end() == 1, "as after any edit that leaves something to write"
    assert "stopped" not in terminal.shown
    assert "What does Polly read?" in "".join(
        path.read_text("utf-8") for path in mini.glob("cards/4.2-services/**/*.md")
    )


def test_no_editor_where_none_is_wanted_or_none_can_be_run(mini: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    vi = script(tmp_path, "vi", f"touch {log}")
    terminal = Terminal(
        mini, *VOICES, "--kind", "quota", "--id", "polly-new", "--no-edit", editor=vi
    )
    assert terminal.end() == 0
    result = run_process(
        mini, *VOICES, "--kind", "quota", "--id", "polly-other", env={**os.environ, "EDITOR": vi}
    )
    assert result.returncode == 0
    assert not log.exists()
    terminal = Terminal(
        mini, *VOICES, "--kind", "quota", "--id", "polly-third", editor=str(tmp_path / "gone")
    )
    assert terminal.end() == 2
    assert "cannot be run: no such file or directory" in terminal.shown
    assert "the card is written" in terminal.shown
    assert "Traceback" not in terminal.shown
    terminal = Terminal(mini, *VOICES, "--kind", "quota", "--id", "polly-fourth")
    assert terminal.end() == 0
    assert "set $VISUAL or $EDITOR" in terminal.shown
    assert all(
        name
        in (mini / "cards/4.2-services/polly/choosing.md").read_text("utf-8")
        + (mini / POLLY).read_text("utf-8")
        for name in ("polly-new", "polly-other", "polly-third", "polly-fourth")
    )


def test_who_leaves_the_questions_leaves_the_files(mini: Path) -> None:
    before = digest(mini)
    terminal = Terminal(mini, "new")
    terminal.answer("task: ", "4.2\n")
    terminal.answer("topic: ", "")
    assert terminal.end(typing="\x03") == 130
    assert "stopped\n" in terminal.shown
    assert digest(mini) == before


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("vim", ["vim", "+7", "a.md"]),
        ("/usr/bin/nvim -u NONE", ["/usr/bin/nvim", "-u", "NONE", "+7", "a.md"]),
        ("emacsclient -t", ["emacsclient", "-t", "+7", "a.md"]),
        ("kak", ["kak", "+7", "a.md"]),
        ("code", ["code", "--wait", "-g", "a.md:7"]),
        ("code -w", ["code", "-w", "-g", "a.md:7"]),
        ("subl --wait", ["subl", "--wait", "a.md:7"]),
        ("hx", ["hx", "a.md:7"]),
        ("zed", ["zed", "--wait", "a.md:7"]),
        ("'/opt/my editor/ed it' -x", ["/opt/my editor/ed it", "-x", "a.md"]),
    ],
)
def test_editors_are_told_the_line_in_their_own_way(program: str, arguments: list[str]) -> None:
    assert editor.command(program, Path("a.md"), 7) == arguments


# mv


def test_cards_move_to_a_file_behind_their_topic_and_the_rest_stays_to_the_letter(
    mini: Path,
) -> None:
    before, compiled = (mini / POLLY).read_text("utf-8"), notes(mini)
    result = run(
        mini, "mv", "polly-purpose", "polly-input-length", "cards/4.2-services/polly/limits.md"
    )
    assert (result.code, result.out) == (
        0,
        "cards/4.2-services/polly/limits.md:3:polly-purpose\ncards/4.2-services/polly/limits.md:33:polly-input-length\n",
    )
    assert order(mini, "cards/4.2-services/polly/limits.md") == [
        "polly-purpose",
        "polly-input-length",
    ]
    text = (mini / POLLY).read_text("utf-8")
    assert (
        text
        == "# Amazon Polly\n\n"
        + before[before.index("## polly-task-names") : before.index("\n## polly-purpose")]
    )
    assert (
        (mini / "cards/4.2-services/polly/limits.md")
        .read_text("utf-8")
        .startswith("# Amazon Polly\n\n## polly-purpose\n")
    )
    after = notes(mini)
    assert {name: (n.guid, n.deck, n.fields, n.tags) for name, n in after.items()} == {
        name: (n.guid, n.deck, n.fields, n.tags) for name, n in compiled.items()
    }
    assert run(mini, "fmt", "--check").code == 0


def test_a_file_that_has_no_card_left_is_deleted_and_its_title_goes_along(mini: Path) -> None:
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8").replace("# Amazon Polly", "# Polly, first things"),
        "utf-8",
    )
    result = run(mini, "mv", POLLY, "cards/4.2-services/polly/first.md")
    assert result.err == f"{POLLY} has no card left and is gone\n3 cards moved\n"
    assert not (mini / POLLY).exists()
    assert (
        (mini / "cards/4.2-services/polly/first.md")
        .read_text("utf-8")
        .startswith("# Polly, first things\n\n## polly-input-length\n")
    )
    again = run(
        mini,
        "mv",
        "cards/4.2-services/polly/first.md",
        "cards/4.2-services/polly/choosing.md",
        POLLY,
    )
    assert again.code == 0
    assert not (mini / "cards/4.2-services/polly").exists()
    assert len(order(mini, POLLY)) == 5


def test_a_dry_run_says_the_same_and_writes_nothing(mini: Path) -> None:
    before = digest(mini)
    dry = run(mini, "mv", "polly-purpose", "4.2/s3", "--dry-run")
    assert digest(mini) == before
    wet = run(mini, "mv", "polly-purpose", "4.2/s3")
    assert dry.out == wet.out == "cards/4.2-services/s3.md:3:polly-purpose\n"
    assert (
        dry.err.replace("would be ", "")
        == wet.err
        == "polly-purpose: its deck is Mini::2 Services::S3 now: no release has it yet\n1 card moved\n"  # noqa: E501
    )


def test_a_released_card_keeps_its_deck_and_its_guid(mini: Path) -> None:
    write_release(mini)
    before = notes(mini)["polly-purpose"]
    result = run(mini, "mv", "polly-purpose", "4.2-services/s3")
    assert "polly-purpose: its deck stays Mini::2 Services::Polly, its tags follow" in result.err
    after = notes(mini)["polly-purpose"]
    assert (after.guid, after.deck, after.note_id) == (before.guid, before.deck, before.note_id)
    assert "mini::service::s3" in after.tags


def test_pictures_are_found_from_the_new_place(mini: Path) -> None:
    before = notes(mini)["s3-replication"]
    (mini / "cards/4.1-reliability/s3").mkdir()
    assert run(mini, "mv", "s3-replication", "cards/4.1-reliability/s3/pictures.md").code == 0
    assert "](../img/copies.svg)" in (mini / "cards/4.1-reliability/s3/pictures.md").read_text(
        "utf-8"
    )
    after = notes(mini)["s3-replication"]
    assert (after.fields, after.media) == (before.fields, before.media)
    assert run(mini, "mv", "s3-replication", "cards/4.1-reliability/s3.md").code == 0
    assert "](img/copies.svg)" in (mini / "cards/4.1-reliability/s3.md").read_text("utf-8")


def test_of_two_cards_with_one_id_the_line_says_which(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    card = text[text.index("## polly-purpose") :]
    (mini / POLLY).write_text(f"{text}\n{card.replace('Speech.', 'Talk.')}", "utf-8")
    which = run(mini, "mv", "polly-purpose", "4.2/s3")
    assert which.code == 2
    places = re.findall(rf"{POLLY}:\d+:polly-purpose", which.err)
    assert len(places) == 2
    assert run(mini, "mv", f"{POLLY}:1:polly-purpose", "4.2/s3").code == 2
    assert run(mini, "mv", places[1], "4.2/s3").out == "cards/4.2-services/s3.md:3:polly-purpose\n"
    assert "Talk." in (mini / "cards/4.2-services/s3.md").read_text("utf-8")
    assert (mini / POLLY).read_text("utf-8") == text


def test_many_cards_are_put_into_a_file_at_once(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many go, their files are read as often, and the rules are asked as often."""
    from deckwright.cards import workspace
    from deckwright.cli.commands import mv

    real = {"parse": markdown.parse, "validate": mv.validate}
    counts: list[tuple[int, int]] = []
    for number in (2, 40):
        cards = "\n".join(
            f"## idea-{n}\n\n- kind: concept\n- topic: voices\n\nWhat is {n}?\n\n---\n\nNumber {n}.\n"  # noqa: E501
            for n in range(number)
        )
        (mini / "cards/4.2-services/polly/many.md").write_text(
            f"# Amazon Polly\n\n{cards}", "utf-8"
        )
        asked = {"parse": 0, "validate": 0}

        def counted(
            name: str, *given: object, asked: dict[str, int] = asked, **named: object
        ) -> object:
            asked[name] += 1
            return real[name](*given, **named)  # type: ignore[operator]

        before = workspace.read(mini)
        monkeypatch.setattr(markdown, "parse", partial(counted, "parse"))
        monkeypatch.setattr(mv, "validate", partial(counted, "validate"))
        planned = mv.plan(before, [f"idea-{n}" for n in range(number)], POLLY, date(2026, 11, 1))
        monkeypatch.undo()
        assert len(planned.cards) == number
        counts.append((asked["parse"], asked["validate"]))
    assert counts[0] == counts[1]


def test_a_picture_behind_many_pipes_of_a_cell_moves_along(mini: Path) -> None:
    cell = "\\|" * 20 + " ![Two buckets with an arrow between them](img/copies.svg)"
    file = mini / "cards/4.1-reliability/s3.md"
    file.write_text(
        file.read_text("utf-8").replace(
            "Replication:", f"| a | b |\n| --- | --- |\n| {cell} | z |\n\nReplication:"
        ),
        "utf-8",
    )
    assert run(mini, "mv", "s3-replication", "cards/4.1-reliability/s3/deep.md").code == 0
    assert cell.replace("](", "](../") in (mini / "cards/4.1-reliability/s3/deep.md").read_text(
        "utf-8"
    )


def test_cards_are_named_as_find_names_them_and_paths_as_they_lead_from_here(mini: Path) -> None:
    place = run(mini, "find", "polly-purpose").out.splitlines()[0]
    there = mini / "cards/4.2-services"
    assert (
        run(there, "--root", "../..", "mv", place, "s3.md").out
        == "../../cards/4.2-services/s3.md:3:polly-purpose\n"
    )
    assert run(there, "--root", "../..", "mv", "s3.md", "../../cards/4.2-services/polly").code == 0
    assert run(mini.parent, "--root", "mini", "mv", "polly-purpose", POLLY).code == 0
    assert (
        "polly-purpose is there already\n0 cards moved"
        in run(mini, "mv", "polly-purpose", "4.2/polly").err
    )


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("polly-purpose", "4.1/polly"), "S310", "polly-purpose cannot stand there"),
        (
            ("polly-task-names", "polly-purpose", "4.2/s3"),
            "S311",
            "polly-task-names cannot stand there",
        ),
        (
            ("polly-purpos", "4.2/s3"),
            "",
            "there is no card polly-purpos\n  help: did you mean `polly-purpose`?",
        ),
        (
            ("polly-purpose", "4.2/s4"),
            "",
            "`4.2/s4` is not a task and a service\n  help: did you mean `4.2-services/s3`?",
        ),
        (("polly-purpose", "cards/README.md"), "", "cards/README.md is no place for cards"),
        (
            ("polly-purpose", "notes/polly.md"),
            "",
            "notes/polly.md is no place for cards\n  help: name a file below cards/",
        ),
        (("polly-purpose", "cards/4.2-services/pollly.md"), "D105", "is no place for cards"),
        (("polly-purpose", "cards/4.2-services/polly/a b.md"), "D108", "is no place for cards"),
        (
            ("polly-purpose", "cards/4.2-services/Polly.md"),
            "",
            "differs from cards/4.2-services/polly.md in nothing but case",
        ),
        (
            ("polly-purpose", "cards/mine/4.2-services/polly.md"),
            "",
            "polly-purpose would be another card for learners",
        ),
        (("", "4.2/s3"), "", "a name is empty\n  help: name"),
        (("polly-purpose", ""), "", "a name is empty\n  help: name"),
    ],
)
def test_what_cannot_be_moved_stays(
    arguments: tuple[str, ...], code: str, says: str, mini: Path
) -> None:
    assert run(mini, "fork", "My cards").code == 0
    before = digest(mini)
    result = run(mini, "mv", *arguments)
    assert result.code == 2
    assert says in result.err
    assert f"error {code}" in result.out if code else True
    assert digest(mini) == before


def test_an_error_of_the_new_place_is_told_where_the_card_stands_now(mini: Path) -> None:
    place = run(mini, "mv", "polly-purpose", "4.1/polly").out.splitlines()
    assert place[0].startswith(f"{POLLY}:")
    line = int(place[0].split(":")[1])
    assert (mini / POLLY).read_text("utf-8").splitlines()[line - 1] == "- topic: voices"
    assert "- topic: voices" in place[1]


def test_a_topic_that_was_changed_first_lets_its_card_move(mini: Path) -> None:
    (mini / POLLY).write_text(
        (mini / POLLY)
        .read_text("utf-8")
        .replace("- kind: concept\n- topic: voices", "- kind: concept\n- topic: copies"),
        "utf-8",
    )
    assert "S310" in run(mini, "check").out
    assert run(mini, "mv", "polly-purpose", "4.1/polly").code == 0
    assert run(mini, "check").code == 0


def test_files_that_cannot_be_taken_apart_are_left_alone(mini: Path) -> None:
    (mini / POLLY).write_text((mini / POLLY).read_text("utf-8") + "\n```text\nno end\n", "utf-8")
    before = digest(mini)
    leaving = run(mini, "mv", "polly-purpose", "4.2/s3")
    coming = run(mini, "mv", order(mini, CHOOSING)[0], POLLY)
    assert "have to be mended before a card can leave them" in leaving.err
    assert "cannot take a card as it is" in coming.err
    assert "P215" in leaving.out
    assert "P215" in coming.out
    assert digest(mini) == before


@pytest.mark.parametrize("fails", [1, 2, 3])
def test_a_disk_that_fails_leaves_every_file_as_it_was(
    fails: int, mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest(mini)
    real, calls = os.replace, iter(range(1, 99))

    def replace(source: str, target: Path) -> None:
        if next(calls) == fails:
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    result = run(
        mini, "mv", "polly-purpose", order(mini, CHOOSING)[0], "cards/4.2-services/s3/new.md"
    )
    assert result.code == 2
    assert "cannot be read or written: no space left on device" in result.err
    assert digest(mini) == before


def test_a_machine_that_stops_in_between_leaves_a_double_that_check_finds(mini: Path) -> None:
    """The file that gets the card is whole by then; the other still has it."""
    stopped = "import os, sys; from deckwright.cli.main import main; real = os.replace; calls = iter(range(9)); os.replace = lambda a, b: os._exit(9) if next(calls) else real(a, b); main(sys.argv[1:])"  # noqa: E501
    command = [
        sys.executable,
        "-c",
        stopped,
        "--root",
        str(mini),
        "mv",
        "polly-purpose",
        "cards/4.2-services/polly/limits.md",
    ]
    assert subprocess.run(command, cwd=REPO, check=False).returncode == 9
    assert [d["code"] for d in diagnostics(mini)] == ["U501"]
    twice = run(mini, "mv", "polly-purpose", "4.2/s3")
    assert "polly-purpose stands in 2 places" in twice.err
    assert f"{POLLY}:" in twice.err


def test_somebody_who_saves_meanwhile_loses_nothing(mini: Path) -> None:
    from deckwright.cards import workspace
    from deckwright.cli.commands import mv

    before = workspace.read(mini)
    planned = mv.plan(before, ["polly-purpose"], "4.2/s3", date(2026, 11, 1))
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8").replace("Speech.", "Spoken words."), "utf-8"
    )
    saved = digest(mini)
    with pytest.raises(UserError, match="has just been changed"):
        mv.carry_out(before, planned)
    assert digest(mini) == saved


BODIES = (
    "What does number {n} do?\n\n---\n\nIt speaks {n} times.\n\n---\n\n- one\n- two\n",
    "Number {n} takes {{{{c1::{n},000::how many}}}} and {{{{c2::`x{n}`}}}}.\n\n---\n\n```text\n## no-card-{n}\n\n\n- no: list\n```\n",  # noqa: E501
    "Which is number {n}?\n\n- [ ] this {n}\n\n  No.\n\n- [x] that {n}\n\n  Yes.\n\n- [ ] {n} more\n\n  > Never.\n",  # noqa: E501
    "Number {n}?\n\n---\n\n![A way](../IMG/copies.svg)\n\n| a | b |\n| --- | --- |\n| {n} | $x^{n}$ |\n",  # noqa: E501
)
PLACES = (
    POLLY,
    "cards/4.2-services/polly/a.md",
    "cards/4.2-services/polly/b.md",
    "cards/4.2-services/s3.md",
)


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, list[int]], list[int], str]:
    """Cards by file, some of them to move, and where to."""
    numbers = list(range(draw(st.integers(1, 8))))
    files: dict[str, list[int]] = {}
    for number in draw(st.permutations(numbers)):
        files.setdefault(draw(st.sampled_from(PLACES)), []).append(number)
    moved = draw(st.lists(st.sampled_from(numbers), min_size=1, unique=True))
    return (
        files,
        moved,
        draw(st.sampled_from((*PLACES, "4.2/polly", "4.2/s3", "cards/4.2-services/s3/new.md"))),
    )


def write_tree(folder: Path, files: Mapping[str, list[int]], spaces: str) -> None:
    """The mini project with these cards in its 4.2-services/ instead of its own."""
    make_project(folder)
    shutil.rmtree(folder / "cards/4.2-services")
    (folder / "cards/img").mkdir()
    shutil.copy(folder / "cards/4.1-reliability/img/copies.svg", folder / "cards/img/copies.svg")
    for path, numbers in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        up = "../" * (path.count("/") - 1) + "img"
        cards = [
            f"## card-{n}\n\n- kind: {'quota' if n % 4 == 1 else 'scenario'}\n- topic: voices\n- source: https://docs.example.com/{n}\n- checked: 2026-08\n\n"  # noqa: E501
            + BODIES[n % 4].format(n=n).replace("../IMG", up)
            for n in numbers
        ]
        (folder / path).write_text(f"# Title of {path}\n\n" + f"\n{spaces}".join(cards), "utf-8")


@RANDOM
@given(tree=trees(), spaces=st.sampled_from(["", "\n\n", "   \n"]), released=st.booleans())
def test_random_moves_lose_nothing_and_change_nobody(
    tree: tuple[dict[str, list[int]], list[int], str],
    spaces: str,
    released: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    files, moved, to = tree
    folder = tmp_path_factory.mktemp("tree") / "p"
    write_tree(folder, files, spaces)
    if released:
        write_release(folder)
    before, lines = notes(folder), {path: order(folder, path) for path in files}
    result = run(folder, "mv", *(f"card-{n}" for n in moved), to)
    assert result.code == 0, result.err
    after = notes(folder)
    assert after.keys() == before.keys()
    new = {
        path.relative_to(folder).as_posix(): order(folder, path.relative_to(folder).as_posix())
        for path in folder.glob("cards/4.2-services/**/*.md")
    }
    going = [f"card-{n}" for n in moved]
    for path, ids in lines.items():
        assert [name for name in new.get(path, []) if name in ids and name not in going] == [
            name for name in ids if name not in going
        ]
    assert all(new.values())
    for name, note in after.items():
        assert (note.guid, note.type, note.note_id, note.media) == (
            before[name].guid,
            before[name].type,
            before[name].note_id,
            before[name].media,
        )
        assert gap_digests(note.card) == gap_digests(before[name].card)
        if note.card.service == before[name].card.service:
            assert (note.fields, note.tags, note.deck) == (
                before[name].fields,
                before[name].tags,
                before[name].deck,
            )
        else:
            assert name in going
            assert (note.deck == before[name].deck) == released
            assert [f for f in note.fields if f not in ("Amazon S3", "Amazon Polly")] == [
                f for f in before[name].fields if f not in ("Amazon S3", "Amazon Polly")
            ]
    if to.endswith(".md"):
        assert [name for name in new[to] if name in going and name not in lines.get(to, [])] == [
            n for n in going if n not in lines.get(to, [])
        ]
    assert not any(path.name.startswith(".") for path in folder.rglob("cards/**/*"))


# split

LIMITS = """# Amazon Polly

## polly-limits

- kind: quota
- topic: voices
- also: s3
- source: https://docs.example.com/polly/latest/dg/limits.html
- checked: 2026-10
- evidence: polly::shapes.Text.max
- evidence: c2 polly::shapes.Whole.max
- shared-value: c2 polly-whole-text
- shared-value: c3 polly-lexicons
- allow: C451 they are one table on the page

Polly by default: {{c1::3,000::how many}} **billed** characters a call, **{{c2::6,000}}** in all
and {{c3::`Lex::Icons`}} lexicons.

---

- Tags are free.

## polly-next

- kind: concept
- topic: voices

What is next?

---

This.
"""


def limits(folder: Path, released: bool = True) -> Path:
    (folder / POLLY).write_text(LIMITS, "utf-8")
    if released:
        write_release(folder)
    return folder / POLLY


def test_a_gap_becomes_a_card_with_what_belongs_to_it(mini: Path) -> None:
    file = limits(mini)
    result = run(mini, "split", "polly-limits", "--gap", "2", "--to", "polly-whole-text")
    assert result.code == 0
    assert result.out == f"{POLLY}:3:polly-limits\n{POLLY}:21:polly-whole-text\n"
    assert file.read_text("utf-8") == LIMITS.replace(
        "- evidence: c2 polly::shapes.Whole.max\n- shared-value: c2 polly-whole-text\n", ""
    ).replace("**{{c2::6,000}}**", "**6,000**").replace(
        "\n## polly-next",
        """
## polly-whole-text

- kind: quota
- topic: voices
- also: s3
- source: https://docs.example.com/polly/latest/dg/limits.html
- checked: 2026-10
- evidence: polly::shapes.Whole.max
- shared-value: polly-whole-text

Polly by default: 3,000 **billed** characters a call, **{{c1::6,000}}** in all
and `Lex::Icons` lexicons.

---

- Tags are free.

## polly-next""",
    )
    assert (
        (mini / "decks/retired/mini.toml")
        .read_text("utf-8")
        .endswith(
            '[[gap]]\nid = "polly-limits"\nnumber = 2\nreason = "It has a card of its own now: polly-whole-text."\n'  # noqa: E501
        )
    )
    assert (
        "gap 2 of polly-limits was released; that it ends is written to decks/retired/mini.toml"
        in result.err
    )
    assert "verify --record" in result.err
    assert run(mini, "fmt", "--check").code == 0


def test_the_first_gap_takes_the_lines_without_a_number_along(mini: Path) -> None:
    file = limits(mini)
    assert (
        run(
            mini,
            "split",
            "polly-limits",
            "--gap",
            "3",
            "--gap",
            "1",
            "--to",
            "polly-call",
            "--reason",
            "Two limits, two cards.",
        ).code
        == 0
    )
    old, new = file.read_text("utf-8").split("## polly-call")
    assert (
        "- evidence: c2 polly::shapes.Whole.max\n- shared-value: c2 polly-whole-text\n- allow"
        in old
    )
    assert (
        "3,000 **billed** characters a call, **{{c2::6,000}}** in all\nand `Lex::Icons` lexicons."
        in old
    )
    assert (
        "- evidence: polly::shapes.Text.max\n- shared-value: c2 polly-lexicons\n\nPolly by default: {{c1::3,000::how many}}"  # noqa: E501
        in new
    )
    assert "and {{c2::`Lex::Icons`}} lexicons." in new
    assert (mini / "decks/retired/mini.toml").read_text("utf-8").count(
        'reason = "Two limits, two cards."'
    ) == 2
    assert [d["code"] for d in diagnostics(mini) if d["severity"] == "error"] == []


def test_gaps_that_nobody_has_close_up_and_retire_nothing(mini: Path) -> None:
    file = limits(mini, released=False)
    assert run(mini, "split", "polly-limits", "--gap", "1", "--to", "polly-call").code == 0
    text = file.read_text("utf-8").partition("## polly-call")[0]
    assert (
        "- evidence: polly::shapes.Whole.max\n- shared-value: polly-whole-text\n- shared-value: c2 polly-lexicons\n"  # noqa: E501
        in text
    )
    assert "**{{c1::6,000}}** in all\nand {{c2::`Lex::Icons`}} lexicons." in text
    assert not (mini / "decks/retired").exists()
    assert [d["code"] for d in diagnostics(mini) if d["severity"] == "error"] == []


def test_a_released_number_stays_whatever_the_ledger_lacks(mini: Path) -> None:
    file = limits(mini)
    book = mini / "decks/ledger/mini.tsv"
    book.write_text(
        re.sub(
            r"(\tpolly-limits\t.*1:\S+) 2:\S+", r"\1", "\t" + book.read_text("utf-8")
        ).removeprefix("\t"),
        "utf-8",
    )
    file.write_text(
        LIMITS.replace("{{c2::6,000}}", "6,000").replace(
            "- evidence: c2 polly::shapes.Whole.max\n- shared-value: c2 polly-whole-text\n", ""
        ),
        "utf-8",
    )
    assert run(mini, "split", "polly-limits", "--gap", "1", "--to", "polly-call").code == 0
    assert (
        "and {{c3::`Lex::Icons`}} lexicons."
        in file.read_text("utf-8").partition("## polly-call")[0]
    )


@pytest.mark.parametrize(
    ("name", "form"), [("polly-purpose", "basic"), ("polly-for-museum", "multiple-choice")]
)
def test_beside_a_question_or_a_choice_stands_another_to_be_written(
    name: str, form: str, mini: Path
) -> None:
    write_release(mini)
    path = POLLY if form == "basic" else CHOOSING
    before = (mini / path).read_text("utf-8")
    result = run(mini, "split", name, "--to", "polly-another")
    assert (result.code, result.err) == (0, "")
    after = (mini / path).read_text("utf-8")
    at = after.index("## polly-another")
    end = after.find("\n## ", at) + 1 or len(after)
    assert (after[:at] + after[end:]).rstrip() == before.rstrip()
    assert [d["code"] for d in diagnostics(mini)] == ["C409"]
    assert run(mini, "fmt", "--check").code == 0
    assert after[at:end].count("- [") == (4 if form == "multiple-choice" else 0)
    if form == "basic":
        assert after[at:].endswith(before[before.index("```json") :])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("polly-limits", "--to", "polly-new"), "which gaps go to the new card?\n  help: --gap 1 is 3,000; --gap 2 is 6,000; --gap 3 is `Lex::Icons`"),  # noqa: E501
        (("polly-limits", "--gap", "2"), "--to is missing"),
        (("polly-limits", "--gap", "4", "--to", "polly-new"), "polly-limits has no gap 4"),
        (("polly-limits", "--gap", "1", "--gap", "2", "--gap", "3", "--to", "polly-new"), "nothing would be left to ask"),  # noqa: E501
        (("polly-limits", "--gap", "2", "--to", "polly-next"), "the id polly-next is taken"),
        (("polly-limits", "--gap", "2", "--to", "Polly"), "`Polly` is not a card id"),
        (("polly-limits", "--gap", "2", "--to", "polly-new", "--reason", "x"), "the reason is no sentence"),  # noqa: E501
        (("polly-next", "--gap", "1", "--to", "polly-new"), "polly-next has no gaps"),
        (("polly-lmits", "--to", "polly-new"), "there is no card polly-lmits\n  help: did you mean `polly-limits`?"),  # noqa: E501
        (("s3-copies", "--to", "s3-new"), "s3-copies has one gap"),
        ((POLLY, "--to", "polly-new"), f"{POLLY} is no card"),
        (("", "--to", "polly-new"), "a name is empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_split_stays(arguments: tuple[str, ...], says: str, mini: Path) -> None:
    limits(mini)
    before = digest(mini)
    result = run(mini, "split", *arguments)
    assert result.code == 2
    assert says in result.err
    assert digest(mini) == before


def fact(folder: Path, text: str) -> str:
    """A card `polly-odd` with a text, and its file's text. It has no errors."""
    head = (
        "- kind: quota\n- topic: voices\n- source: https://docs.example.com/x\n- checked: 2026-08"
    )
    whole = f"# Amazon Polly\n\n## polly-odd\n\n{head}\n\n{text}\n\n---\n\nWhy.\n"
    (folder / POLLY).write_text(whole, "utf-8")
    assert [d for d in diagnostics(folder) if d["severity"] == "error"] == []
    return whole


@pytest.mark.parametrize(
    "text",
    [
        "Polly takes {{c1::5}} and\n\n{{c2::2026}}. That is the year.",
        "Polly takes {{c1::5}} minus\n\n{{c2::-}} 7 things",
        "Polly takes {{c1::5}} and\n\n{{c2::>}} 7 things",
        "Polly takes {{c1::5}} and\n\n{{c2::##}} seven things",
        "Polly writes {{c1::five}} for\n{{c2::#}} five of them",
        "Polly takes {{c1::5}} of\n{{c2::---}}\nthings",
        "Polly takes {{c1::5}} and {{c2::`a`}}`b` things",
        "Polly takes {{c1::5}} and file{{c2::_name_}}x things",
        "Polly takes {{c1::5}} and !{{c2::[a](https://a.example/)}} things",
        "{{c2::-}} 7 is what Polly takes, or {{c1::5}}",
    ],
)
def test_an_answer_that_would_be_markup_without_its_braces_is_left_to_the_author(
    text: str, mini: Path
) -> None:
    fact(mini, text)
    before = digest(mini)
    result = run(mini, "split", "polly-odd", "--gap", "2", "--to", "polly-new")
    assert (result.code, result.out) == (2, "")
    assert "without the braces of a gap polly-odd would not say the same" in result.err
    assert "help: take the gap out by hand" in result.err
    assert digest(mini) == before


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("| k\\|l {{c2::xy}} | z |", "| k\\|l xy | z |", "| k\\|l {{c1::xy}} | z |"),
        ("| `k\\|l` | {{c2::xy::which}} |", "| `k\\|l` | xy |", "| `k\\|l` | {{c1::xy::which}} |"),
        (
            "| {{c2::x\\|y::which\\|one}} | \\| {{c2::v}} |",
            "| x\\|y | \\| v |",
            "| {{c1::x\\|y::which\\|one}} | \\| {{c1::v}} |",
        ),
    ],
)
def test_gaps_in_cells_with_pipes_are_taken_out_to_the_letter(
    text: str, old: str, new: str, mini: Path
) -> None:
    table = "Polly takes {{c1::5}}:\n\n| a | b |\n| --- | --- |\n"
    whole = fact(mini, table + text)
    assert run(mini, "split", "polly-odd", "--gap", "2", "--to", "polly-new").code == 0
    first, second = (mini / POLLY).read_text("utf-8").split("\n## polly-new")
    assert first == whole.replace(text, old)
    assert f"Polly takes 5:\n\n| a | b |\n| --- | --- |\n{new}\n\n---\n\nWhy.\n" in second


@pytest.mark.parametrize("sign", ["> ", "- "])
def test_gaps_over_a_line_end_in_quotes_and_lists_are_taken_out_to_the_letter(
    sign: str, mini: Path
) -> None:
    more = sign if sign == "> " else "  "
    gap = f"{{{{c2::seven\n{more}things::how\n{more}many}}}}"
    whole = fact(mini, f"Both:\n\n{sign}Polly takes {{{{c1::5}}}} and {gap} b")
    assert run(mini, "split", "polly-odd", "--gap", "2", "--to", "polly-new").code == 0
    first, second = (mini / POLLY).read_text("utf-8").split("\n## polly-new")
    assert first == whole.replace(gap, f"seven\n{more}things")
    assert f"Both:\n\n{sign}Polly takes 5 and {gap.replace('c2', 'c1')} b\n" in second


def test_a_gap_of_somebody_elses_is_not_retired(mini: Path) -> None:
    limits(mini)
    assert run(mini, "fork", "My cards").code == 0
    before = digest(mini)
    result = run(mini, "split", "polly-limits", "--gap", "2", "--to", "polly-new")
    assert result.code == 2
    assert "polly-limits is the project's, and only its own releases retire gap 2" in result.err
    assert digest(mini) == before


def test_card_and_retirement_are_written_together(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(mini)
    before = digest(mini)
    real, calls = os.replace, iter(range(9))

    def replace(source: str, target: Path) -> None:
        if next(calls) == 1:
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert run(mini, "split", "polly-limits", "--gap", "2", "--to", "polly-new").code == 2
    assert digest(mini) == before


def test_split_on_a_terminal_asks_for_the_id_and_tells_what_is_wrong_with_both(
    mini: Path, tmp_path: Path
) -> None:
    limits(mini)
    log = tmp_path / "log"
    terminal = Terminal(
        mini,
        "split",
        "polly-limits",
        "--gap",
        "2",
        editor=script(tmp_path, "hx", f'echo "$@" > {log}'),
    )
    terminal.answer("id, which never changes: ", "polly-next\n")
    terminal.answer("the id polly-next is taken", "polly-whole-text\n")
    assert terminal.end() == 0
    assert log.read_text("utf-8") == f"{POLLY}:21\n"
    assert "U507: this is the sentence of `polly-limits` with other gaps" in terminal.shown


def test_learners_keep_their_reviews_of_the_gaps_that_stay(mini: Path, tmp_path: Path) -> None:
    """In a real Anki: the card of the gap that went has nothing to ask any more, all
    others are as they were.
    """
    file = limits(mini)
    assert run(mini, "decks").code == 0
    learner = Learner(tmp_path / "anki")
    learner.add(mini / "dist/all.apkg")
    whole = guid("mini", "polly-limits")
    learner.study(whole)
    before = {key: card for key, card in learner.state().cards.items() if key[0] == whole}
    assert sorted(ord for _, ord in before) == [0, 1, 2]
    assert run(mini, "split", "polly-limits", "--gap", "2", "--to", "polly-whole-text").code == 0
    old, new = file.read_text("utf-8").split("## polly-whole-text")
    file.write_text(
        old.replace(", **6,000** in all", "")
        + "## polly-whole-text"
        + new.replace(
            " by default: 3,000 **billed** characters a call, **{{c1::6,000}}** in all\nand `Lex::Icons` lexicons.",  # noqa: E501
            ": **{{c1::6,000}}** characters in all.",
        ),
        "utf-8",
    )
    write_release(mini, "1.1.0", 90000)
    assert run(mini, "decks").code == 0
    learner.add(mini / "dist/all.apkg")
    after = {key: card for key, card in learner.state().cards.items() if key[0] == whole}
    assert after == before
    assert (guid("mini", "polly-whole-text"), 0) in learner.state().cards
    empty = learner.col.get_empty_cards()
    assert [list(note.card_ids) for note in empty.notes] == [
        [
            learner.col.db.scalar(
                "select c.id from cards c join notes n on n.id = c.nid where n.guid = ? and c.ord = 1",  # noqa: E501
                whole,
            )
        ]
    ]
    learner.close()


ANSWERS = ("{n},000", "`Name::Of{n}`", "**bold {n}**", "$x_{n}$", "a\\nline {n}", "{n} %")


@st.composite
def facts(draw: st.DrawFn) -> tuple[list[tuple[int, str]], list[str], int, list[int]]:
    """The gaps of a sentence (number, text), lines about them, how many of the numbers
    were released, and those that go.
    """
    count = draw(st.integers(2, 5))
    released = draw(st.integers(0, count))
    numbers = list(range(1, count + 1))
    texts = {
        n: draw(st.sampled_from(ANSWERS)).replace("{n}", str(n)).replace("\\n", "\n")
        for n in numbers
    }
    again = draw(st.lists(st.sampled_from(numbers), max_size=2))
    hints = st.sampled_from(("", "::how many", "::in words"))
    gaps = [(n, f"{{{{c{n}::{texts[n]}{draw(hints)}}}}}") for n in (*numbers, *again)]
    lines = [
        f"{key}: {'' if n == 1 and draw(st.booleans()) else f'c{n} '}{value}"
        for n in numbers
        for key, value in (("evidence", f"polly::shapes.Of{n}.max"), ("shared-value", f"name-{n}"))
        if draw(st.booleans())
    ]
    going = draw(
        st.lists(st.sampled_from(numbers), min_size=1, max_size=min(3, count - 1), unique=True)
    )
    return [*gaps[:released], *draw(st.permutations(gaps[released:]))], lines, released, going


@RANDOM
@given(fact=facts())
def test_random_splits_change_no_identity_and_lose_no_answer(
    fact: tuple[list[tuple[int, str]], list[str], int, list[int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    gaps, lines, released, going = fact
    folder = make_project(tmp_path_factory.mktemp("split") / "p")

    def write(known: int) -> None:
        sentence = " and ".join(text for n, text in gaps if n <= known)
        mine = [
            line
            for line in lines
            if not (found := re.search(r"c(\d)", line)) or int(found[1]) <= known
        ]
        head = "\n".join(
            [
                "- kind: quota",
                "- topic: voices",
                "- source: https://docs.example.com/x",
                "- checked: 2026-08",
                *(f"- {line}" for line in (*mine, "allow: C451 one table")),
            ]
        )
        (folder / POLLY).write_text(
            f"# Amazon Polly\n\n## polly-many\n\n{head}\n\nPolly takes {sentence} at most.\n",
            "utf-8",
        )

    if released:
        write(released)
        write_release(folder)
    write(max(n for n, _ in gaps))
    before = notes(folder)
    old = gap_digests(before["polly-many"].card)
    said = {
        line.value.rpartition(" ")[2]: value for line, value in values(before["polly-many"].card)
    }
    result = run(
        folder,
        "split",
        "polly-many",
        *(word for n in going for word in ("--gap", str(n))),
        "--to",
        "polly-part",
    )
    assert result.code == 0, result.err
    after = notes(folder)
    many, part = after["polly-many"], after["polly-part"]
    assert {
        name: (n.guid, n.type, n.deck) for name, n in after.items() if name != "polly-part"
    } == {name: (n.guid, n.type, n.deck) for name, n in before.items()}
    assert {
        name: (n.fields, n.tags, n.mod)
        for name, n in after.items()
        if name not in ("polly-many", "polly-part")
    } == {name: (n.fields, n.tags, n.mod) for name, n in before.items() if name != "polly-many"}
    staying = [n for n in old if n not in going]
    kept = gap_digests(many.card)
    assert {n: kept[n] for n in staying if n <= released} == {
        n: old[n] for n in staying if n <= released
    }
    assert list(kept.values()) == [old[n] for n in staying]
    assert list(gap_digests(part.card).items()) == [
        (place, old[n]) for place, n in enumerate(sorted(going), start=1)
    ]
    retired = folder / "decks/retired/mini.toml"
    ended = tomllib.loads(retired.read_text("utf-8"))["gap"] if retired.exists() else []
    assert sorted(entry["number"] for entry in ended) == sorted(n for n in going if n <= released)
    assert {
        line.value.rpartition(" ")[2]: value
        for card in (many.card, part.card)
        for line, value in values(card)
    } == said
    assert (
        markdown.plain(many.card.prompt.blocks)
        == markdown.plain(part.card.prompt.blocks)
        == markdown.plain(before["polly-many"].card.prompt.blocks)
    )
    if released:
        write_release(folder, "1.1.0", 90000)
        assert notes(folder).keys() == after.keys()


def values(card: Card) -> Iterator[tuple[Field, str]]:
    """The lines about a card's gaps, each with the value that it is about."""
    for line in (*card.shared_values, *card.evidence):
        number = re.match(r"c(\d+) ", line.value)
        found = stated_value(card, int(number[1]) if number else 0)
        assert found is not None
        yield line, found.text
