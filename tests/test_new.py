"""`new`: where a card starts, what its skeleton contains, questions in a terminal, the editor."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from authoring import (
    POLLY,
    VOICES,
    Terminal,
    a_card,
    digest,
    limits,
    notes,
    order,
    script,
)
from conftest import REPO, Run, codes, diagnostics, run, run_process, write_release

from deckwright.cards import workspace
from deckwright.cards.new_card import TYPES, placeholders, skeleton, unsourced
from deckwright.cli import editor
from deckwright.cli.card_answers import question
from deckwright.core.errors import UserError


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
    assert codes(mini, "error") == []
    assert notes(mini)["polly-new"].card.type == form


def test_the_advice_says_what_to_type_over_every_placeholder_of_ours() -> None:
    for form in TYPES:
        body = skeleton(form, "an-id", ())
        assert all(advice for _, _, advice in placeholders(body))
        text = skeleton(form, "an-id", unsourced())
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
    assert codes(mini) == ["C409"]


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
    assert (again.code, "retired" in again.err, "polly-voices" in again.err) == (2, True, True)
    assert run(mini, *VOICES, "purpose", "--kind", "quota").out.strip().endswith(":polly-purpose-2")
    (mini / "decks/retired/mini.toml").unlink()
    assert "already used" in run(mini, *VOICES, "--kind", "quota", "--id", "polly-purpose").err
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8") + "\n## polly-broken\n\nNo metadata.\n", "utf-8"
    )
    assert "already used" in run(mini, *VOICES, "--kind", "quota", "--id", "polly-broken").err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--topic", "voices"), ("--service, --kind, and --type", "--service polly --kind concept --type basic")),  # noqa: E501
        (("--topic", "voices", "--service", "polly", "--kind", "quota", "--type", "multiple-choice"), ("`quota`", "cloze")),  # noqa: E501
        (("--topic", "voices", "--service", "polly", "--kind", "scenario"), ("--type",)),
        (("--topic", "voces"), ("`voces`", "`voices`")),
        (("--kind", "qouta"), ("`qouta`", "`quota`")),
        (("--task", "4"), ("`4`", "4.1, 4.2")),
        (("--task", "4.1", "--topic", "voices"), ("voices", "task 4.2")),
        (("--in", "crads"), ("crads", "`cards`")),
        (("--topic", "v", "--service", "p", "--kind", "q", "--id", "Polly New"), ("`Polly New`",)),
        (("--topic", "v", "--service", "p", "--kind", "q", "--id", "p" * 61), ("61", "60")),
        (("--topic", "v", "--service", "p", "--kind", "q", "--id", "polly-purpose"), ("polly-purpose", "already used")),  # noqa: E501
        (("--topic", "vioces", "--kind", "consept", "--level", "hard", "--id", "polly-purpose"), ("`vioces`", "`consept`", "`hard`", "polly-purpose", "--service")),  # noqa: E501
    ],
)  # fmt: skip
def test_all_that_is_missing_or_wrong_is_named_in_one_run(
    arguments: tuple[str, ...], named: tuple[str, ...], mini: Path
) -> None:
    before = digest(mini)
    result = run(mini, "new", *arguments)
    assert result.code == 2
    assert [part for part in named if part not in result.err] == []
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
    text = (mini / result.out.split(":")[0]).read_text("utf-8")
    assert "- [x] TODO: " in text.split("## polly-new\n")[1]


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
    result = run(mini, *VOICES, "--kind", "quota", "--id", "polly-closed")
    assert (result.code, "already used" in result.err) == (2, True)


def test_a_heading_in_code_takes_no_id(mini: Path) -> None:
    (mini / POLLY).write_text(
        (mini / POLLY).read_text("utf-8") + "\n```text\n## polly-shown\n```\n", "utf-8"
    )
    assert run(mini, *VOICES, "--kind", "quota", "--id", "polly-shown").code == 0


def refuses_link(result: Run, path: str) -> bool:
    """Whether a command wrote nothing because a path of the project is a symbolic link."""
    return (result.code, f" {path} " in result.err, "symbolic link" in result.err) == (
        2,
        True,
        True,
    )


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
    assert refuses_link(result, POLLY)
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
    assert refuses_link(result, "cards/4.2-services/s3")
    assert digest(mini) == before
    assert not list((tmp_path / "outside").iterdir())


def test_a_link_for_retirements_stays_one(mini: Path, tmp_path: Path) -> None:
    write_release(mini)
    (mini / "decks/retired").mkdir()
    (tmp_path / "mini.toml").write_text("", "utf-8")
    (mini / "decks/retired/mini.toml").symlink_to(tmp_path / "mini.toml")
    result = run(mini, "retire", "polly-input-length", "--gap", "1", "--reason", "No limit.")
    assert refuses_link(result, "decks/retired/mini.toml")


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
    assert refuses_link(result, "cards")
    assert digest(tmp_path) == before


def test_a_file_that_would_swallow_the_card_is_left_alone(mini: Path) -> None:
    shutil.rmtree(mini / "cards/4.2-services/polly")
    file = mini / POLLY
    file.write_text(file.read_text("utf-8") + "\n```text\nno end\n", "utf-8")
    before = digest(mini)
    result = run(mini, *VOICES, "--kind", "quota", "--id", "polly-new")
    assert result.code == 2
    assert "P215" in result.out
    assert POLLY in result.err
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
    terminal.answer("service: ", "?\n")
    terminal.answer("s3     Amazon S3", "pol\n")
    terminal.answer("topic: ", "vioces\n")
    terminal.answer("`voices`", "vo\t\n")
    terminal.answer("topic: voices", "")
    terminal.answer("kind: ", "c\n")
    terminal.answer("type [basic]: ", "\n")
    terminal.answer("[polly-voices]: ", "polly-purpose\n")
    terminal.answer("already used", "polly-new\n")
    assert terminal.end() == 1
    place = next(line for line in terminal.shown.splitlines() if line.endswith(":polly-new"))
    path, line, _ = place.split(":")
    assert log.read_text("utf-8") == f"+{line} {path}\n"
    said = terminal.shown.partition(place)[2]
    assert f"{path}:{int(line) + 4}:" in said
    assert "error C409" in said
    assert f"{int(line) + 5}, {int(line) + 11}, and {int(line) + 15}" in said
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
    assert "no longer" in terminal.shown
    assert terminal.shown.rstrip().endswith("no problems")
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
    assert "no longer" in terminal.shown
    assert "no problems" not in terminal.shown
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
    assert "no longer" in terminal.shown


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
    assert str(tmp_path / "gone") in terminal.shown
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
    terminal.answer("service: ", "polly\n")
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


def test_the_topics_of_a_service_are_those_that_its_cards_have(mini: Path) -> None:
    vocabulary = mini / "schema/vocabulary/mini.toml"
    other = vocabulary.read_text("utf-8").partition('[[topic]]\nslug = "voices"')[2]
    other = other.partition("\n\n")[0].replace("Voices", "Other")
    vocabulary.write_text(
        f'[[topic]]\nslug = "other"{other}\n\n{vocabulary.read_text("utf-8")}', "utf-8"
    )
    asked = question(workspace.read(mini), {"service": "polly"})
    assert asked is not None
    assert (asked.name, asked.offered) == ("topic", ("voices",))
    assert {"voices", "other"} <= set(asked.known)


def test_a_level_is_written_unless_it_is_the_default(mini: Path) -> None:
    given = (*VOICES, "--kind", "quota", "--id")
    for level, lines in (("essential", 1), ("ext", 1), ("standard", 0)):
        name = f"polly-{level}"
        assert run(mini, *given, name, "--level", level).code == 0
        card = (mini / POLLY).read_text("utf-8").split(f"## {name}\n")[1].split("\n## ")[0]
        assert card.count("- level: ") == lines


def test_the_services_that_are_offered_have_a_deck_in_the_task(mini: Path) -> None:
    answers = {"topic": "voices"}
    every = question(workspace.read(mini), answers)
    assert every is not None
    assert {"polly", "s3"} <= set(every.known)
    decks = '[[deck-order]]\ntask = "4.2"\ndecks = [{ number = 1, service = "polly" }]\n'
    (mini / "schema" / "vocabulary" / "order.toml").write_text(decks, "utf-8")
    numbered = question(workspace.read(mini), answers)
    assert numbered is not None
    assert list(numbered.known) == ["polly"]


def test_a_service_without_a_deck_is_refused_before_anything_is_written(mini: Path) -> None:
    """Asked in a terminal, such a service is not offered."""
    vocabulary = mini / "schema/vocabulary/mini.toml"
    decks = '[[deck-order]]\ntask = "4.2"\ndecks = [{ number = 1, service = "polly" }]\n'
    vocabulary.write_text(f"{vocabulary.read_text('utf-8')}\n{decks}", "utf-8")
    before = digest(mini)
    given = ("--topic", "voices", "--service", "s3", "--kind", "quota", "--id", "s3-new")
    done = run(mini, "new", *given)
    assert done.code == 2
    assert "task 4.2" in done.err
    assert "`- also: s3`" in done.err
    assert digest(mini) == before
    with pytest.raises(UserError, match="`s3`"):
        question(workspace.read(mini), {"service": "s3", "task": "4.2"})
    asked = question(workspace.read(REPO), {})
    assert asked is not None
    assert (asked.name, "sqs" in asked.known, "polly" in asked.known) == ("service", False, True)


def test_a_card_with_errors_still_exists_for_those_that_name_it(mini: Path) -> None:
    text = (mini / POLLY).read_text("utf-8")
    other = "## polly-other\n\n- kind: concept\n- topic: voices\n- compare: polly-purpose\n\nWhy?\n\n---\n\nSo.\n"  # noqa: E501
    (mini / POLLY).write_text(
        f"{text.replace('kind: concept', 'kind: consept', 1)}\n{other}", "utf-8"
    )
    assert set(codes(mini, "error")) == {"S307"}
