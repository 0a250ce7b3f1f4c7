"""A new deck: what `init` writes can be used at once, and belongs to nobody else."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from anki_learner import Learner
from authoring import Terminal, digest
from conftest import NOW, REPO, codes, diagnostics, run

from deckwright.core import files

NOTETYPES = ("basic", "cloze", "multiple-choice")


def init(folder: Path, *arguments: str) -> Path:
    result = run(folder, "init", "my-deck", *arguments)
    assert result.code == 0, result.err
    return folder / "my-deck"


def settings(deck: Path) -> dict:
    return tomllib.loads((deck / "decks" / "project.toml").read_text("utf-8"))


def ids(folder: Path) -> list[int]:
    """The IDs of all note types, fields, and templates."""
    found = []
    for slug in NOTETYPES:
        text = (folder / "decks" / "notetypes" / slug / "notetype.toml").read_text("utf-8")
        data = tomllib.loads(text)
        found += [data["id"], *(entry["id"] for entry in (*data["fields"], *data["template"]))]
    return found


def test_a_new_deck_has_no_problem_and_a_card_of_each_type(tmp_path: Path) -> None:
    deck = init(tmp_path)
    assert codes(deck) == []
    assert run(deck, "fmt", "--check").code == 0
    topics = json.loads(run(deck, "coverage", "--format", "json").out)["topics"]
    assert [(row["have"], row["core"], row["missing"]) for row in topics] == [(2, 2, 0), (1, 1, 0)]
    assert run(deck, "decks").code == 0
    rows = json.loads((deck / "dist" / "cards.json").read_text("utf-8"))
    assert sorted(row["type"] for row in rows) == sorted(NOTETYPES)
    assert not (
        deck / "schema" / "card.schema.json"
    ).exists()  # an update of the compiler brings it


def test_anki_takes_the_cards_with_their_own_note_types(tmp_path: Path) -> None:
    deck = init(tmp_path, "--title", "Cheese")
    assert run(deck, "decks").code == 0
    learner = Learner(tmp_path / "learner")
    try:
        learner.add(deck / "dist" / "all.apkg")
        state = learner.state()
        assert {card.deck for card in state.cards.values()} == {"Cheese::1 Basics::Studying"}
        assert {state.types[note.type] for note in state.notes.values()} == {
            "Cheese Basic",
            "Cheese Cloze",
            "Cheese Multiple Choice",
        }
        assert learner.problems() == []
    finally:
        learner.close()


def test_nothing_is_about_the_deck_of_this_repository(tmp_path: Path) -> None:
    """In the project, its packages, and its site."""
    deck = init(tmp_path)
    assert run(deck, "preview").code == 0
    words = r"aws|amazon|sagemaker|bedrock|polly|lex|ml[as]-c0[12]|exam|build\.py"
    found = []
    for path in sorted(deck.rglob("*")):
        texts = [path.read_bytes()] if path.is_file() else []
        if path.suffix == ".apkg":
            with zipfile.ZipFile(path) as package:
                texts = [package.read(name) for name in package.namelist()]
        for text in texts:
            for match in re.finditer(rf"(?i)\b(?:{words})\b".encode(), text):
                around = text[max(match.start() - 30, 0) : match.end() + 30]
                found.append((path.relative_to(deck).as_posix(), around))
    assert found == []


def test_ids_and_the_namespace_are_random(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = init(tmp_path / "a"), init(tmp_path / "b")
    numbers = [*ids(one), *ids(two), *ids(REPO)]
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert len(ids(one)) == len(ids(REPO))
    assert max(numbers) < 2**63
    spaces = {settings(deck)["root"][0]["namespace"] for deck in (one, two)}
    assert len(spaces) == 2
    assert all(re.fullmatch(r"my-deck-[a-z2-7]{8}", name) for name in spaces)


def test_note_types_differ_from_those_of_this_deck_only_in_names_and_ids(tmp_path: Path) -> None:
    def plain(folder: Path, title: str) -> dict[str, str]:
        root = folder / "decks" / "notetypes"
        return {
            path.relative_to(root).as_posix(): re.sub(
                r"\bid = \d+", "id = 0", path.read_text("utf-8").replace(f'"{title} ', '"')
            )
            for path in root.rglob("*")
            if path.is_file()
        }

    assert plain(init(tmp_path, "--title", "Mine"), "Mine") == plain(REPO, "AWS Machine Learning")


@pytest.mark.parametrize(
    ("title", "tag"),
    [
        ("Cheese & wine", "cheese-wine"),
        ("Fromages français", "fromages-francais"),
        ("チーズ", "my-deck"),
        ("1984", "my-deck"),
        ("100 %tag% \\ 'x'", "my-deck"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_deck_can_have_any_title(tmp_path: Path, title: str, tag: str) -> None:
    deck = init(tmp_path, "--title", title)
    assert settings(deck)["deck"] == title
    assert settings(deck)["tag"] == tag
    assert run(deck, "check", "--strict").code == 0
    assert run(deck, "decks").code == 0
    assert (deck / "README.md").read_text("utf-8").startswith(f"# {title}\n")


def test_without_a_title_it_is_the_name_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "alpine_cheese-makers").mkdir()
    assert run(tmp_path / "alpine_cheese-makers", "init", ".").code == 0
    made = settings(tmp_path / "alpine_cheese-makers")
    assert (made["deck"], made["tag"]) == ("Alpine cheese makers", "alpine-cheese-makers")


def test_a_part_that_is_deleted_without_its_topics_says_what_else_to_delete(
    tmp_path: Path,
) -> None:
    deck = init(tmp_path)
    vocabulary = deck / "schema" / "vocabulary" / "base.toml"
    text = vocabulary.read_text("utf-8")
    part = re.search(r'(?m)^\[\[task\]\]\nslug = "basics"\n(.+\n)*', text)
    assert part
    vocabulary.write_text(text.replace(part[0], ""), "utf-8")
    helps = [row["help"] for row in diagnostics(deck) if "`basics`" in row["message"]]
    assert ["`[[topic]]`" in line for line in helps] == [True, True]


def test_the_settings_that_are_only_comments_can_be_used(tmp_path: Path) -> None:
    deck = init(tmp_path)
    file, cards = deck / "decks" / "project.toml", deck / "cards" / "basics" / "studying.md"
    text = re.sub(r"(?m)^# (?=\w+ = |\[\[)", "", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    topic = "- topic: practice\n"
    cards.write_text(
        cards.read_text("utf-8").replace(topic, topic + "- level: essential\n", 1), "utf-8"
    )
    assert {"about", "edit", "report"} < settings(deck).keys()
    assert settings(deck)["root"][0]["language"] == "de"
    assert run(deck, "preview").code == 0
    assert (deck / "dist" / "essentials.apkg").exists()


def test_the_command_to_run_next_can_be_typed(tmp_path: Path) -> None:
    said = run(tmp_path, "init", "a b").err.splitlines()[-1]
    assert said.endswith(" ./build.py --root 'a b' preview")
    assert run(tmp_path, *shlex.split(said.partition("./build.py ")[2])).code == 0
    assert (tmp_path / "a b" / "dist" / "site" / "index.html").exists()


@pytest.mark.parametrize("arguments", [(), ("--title", "Wine")])
def test_it_names_what_can_never_change(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = run(tmp_path, "init", "cheese", *arguments)
    deck, tag = (arguments[1], "wine") if arguments else ("Cheese", "cheese")
    assert re.findall(r"`(.*?)`", result.out) == [deck, tag]
    assert "cheese/decks/project.toml" in result.err


def test_two_decks_without_ascii_letters_have_different_tags(tmp_path: Path) -> None:
    tags = set()
    for name in ("チーズ", "1984"):
        assert run(tmp_path, "init", name).code == 0
        tags.add(settings(tmp_path / name)["tag"])
        assert run(tmp_path / name, "check", "--strict").code == 0
    assert len(tags) == 2
    assert all(re.fullmatch("deck-[a-z2-7]{4}", tag) for tag in tags)


def test_the_workflow_is_only_written_on_request(tmp_path: Path) -> None:
    assert not (init(tmp_path) / ".github").exists()
    assert run(tmp_path, "init", "other", "--workflow").code == 0
    assert (tmp_path / "other" / ".github" / "workflows" / "deck.yml").exists()


def test_the_workflow_runs_fixed_actions_as_the_workflows_here_do(tmp_path: Path) -> None:
    def actions(folder: Path) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for file in (folder / ".github" / "workflows").glob("*.yml"):
            for name, pin in re.findall(r"uses: ([\w/-]+)@(\S+ # v\S+)", file.read_text("utf-8")):
                found.setdefault(name, set()).add(pin)
        return found

    mine, here = actions(init(tmp_path, "--workflow")), actions(REPO)
    assert len(mine) == 4
    for name, pins in mine.items():
        assert len(pins | here.get(name, set())) == 1, name
        assert all(re.match(r"[0-9a-f]{40} ", pin) for pin in pins)


def test_the_workflow_allows_the_warnings_that_a_release_allows(tmp_path: Path) -> None:
    deck = init(tmp_path, "--workflow")
    cards = deck / "cards" / "basics" / "studying.md"
    cards.write_text(cards.read_text("utf-8").replace("strengthens", "strenghtens"), "utf-8")
    assert [row["severity"] for row in diagnostics(deck)] == ["warning"]
    workflow = (deck / ".github" / "workflows" / "deck.yml").read_text("utf-8")
    command = re.search(r"run: deckwright (check.*)", workflow)
    assert command
    result = run(deck, *command[1].split())
    assert (result.code, result.out.partition(" ")[0]) == (0, "::warning")


def test_requirements_name_a_file_and_nothing_that_an_index_could_have(tmp_path: Path) -> None:
    """Somebody else could publish another program under the name of the compiler."""
    deck = init(tmp_path)
    lines = (deck / "requirements.txt").read_text("utf-8").splitlines()
    (wheel,) = (line for line in lines if not line.startswith("#"))
    assert re.fullmatch(r"\./deckwright-\d+\.\d+\.\d+-py3-none-any\.whl", wheel)
    assert wheel in (deck / "README.md").read_text("utf-8")


def test_drafts_of_a_new_deck_are_not_from_the_future(tmp_path: Path) -> None:
    assert settings(init(tmp_path))["epoch"] + 600 < NOW


def test_in_a_terminal_it_asks_for_the_title_until_it_can_be_used(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "init", "my-deck")
    terminal.answer("[My deck]: ", "a:b\n")
    terminal.answer("name of", "")
    terminal.answer("[My deck]: ", "Cheese\n")
    assert terminal.end() == 0, terminal.shown
    assert settings(tmp_path / "my-deck")["deck"] == "Cheese"


def test_a_title_that_cannot_be_used_is_not_proposed(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "init", "a:b")
    terminal.answer("): ", "Cheese\n")
    assert terminal.end() == 0, terminal.shown
    assert settings(tmp_path / "a:b")["deck"] == "Cheese"


def test_a_question_that_is_not_answered_leaves_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "init", "my-deck")
    terminal.answer("[My deck]: ", "")
    assert terminal.end("\x03") == 130
    assert list(tmp_path.iterdir()) == []


def test_an_empty_git_repository_can_become_a_deck(tmp_path: Path) -> None:
    (tmp_path / "my-deck").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "my-deck", check=True)
    assert run(init(tmp_path), "check").code == 0


@pytest.mark.parametrize("name", ["README.md", ".gitignore", "cards"])
def test_a_folder_that_is_not_empty_stays_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "my-deck" / ".git").mkdir(parents=True)
    if name == "cards":
        (tmp_path / "my-deck" / name).mkdir()
    else:
        (tmp_path / "my-deck" / name).write_text("mine\n", "utf-8")
    before = digest(tmp_path)
    result = run(tmp_path, "init", "my-deck")
    assert result.code == 2
    assert f" {name}\n" in result.err
    assert digest(tmp_path) == before


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "my-deck").write_text("mine\n", "utf-8")
    result = run(tmp_path, "init", "my-deck")
    assert (result.code, "not a folder" in result.err) == (2, True)
    assert run(tmp_path, "init", "my-deck/inside").code == 2
    assert (tmp_path / "my-deck").read_text("utf-8") == "mine\n"


@pytest.mark.parametrize("title", ["", "   ", "a:b", 'a"b', "x" * 61, "a\u0007b"])
def test_a_title_that_anki_would_change_is_refused(tmp_path: Path, title: str) -> None:
    result = run(tmp_path, "init", "my-deck", "--title", title)
    assert (result.code, "a deck" in result.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_whose_name_cannot_be_the_title_needs_one(tmp_path: Path) -> None:
    result = run(tmp_path, "init", "a:b")
    assert result.code == 2
    assert "`a:b`" in result.err
    assert "--title" in result.err
    assert list(tmp_path.iterdir()) == []
    assert run(tmp_path, "init", "a:b", "--title", "Cheese").code == 0


def test_a_folder_needs_a_name(tmp_path: Path) -> None:
    result = run(tmp_path, "init", "")
    assert (result.code, "no name" in result.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stop", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("number", [1, 7, 19])
def test_a_failure_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, stop: BaseException
) -> None:
    written = []

    def replace_file(path: Path, data: str | bytes) -> None:
        written.append(path)
        if len(written) == number:
            raise stop
        write(path, data)

    write = files.replace_file
    monkeypatch.setattr(files, "replace_file", replace_file)
    (tmp_path / "there").mkdir()
    result = run(tmp_path, "init", "there/some/my-deck")
    assert result.code in (2, 130)
    assert len(written) == number
    assert list(tmp_path.rglob("*")) == [tmp_path / "there"]
