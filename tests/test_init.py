"""A new deck: what `init` writes can be used at once, and belongs to nobody else."""

from __future__ import annotations

import re
import shlex
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from anki_learner import Learner
from authoring import digest
from conftest import NOW, REPO, SETTINGS, codes, edit, run
from releases import git

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


def test_a_new_deck_has_no_problem_and_anki_takes_a_card_of_each_type(
    tmp_path: Path, learner: Learner
) -> None:
    git(tmp_path, "init", "-q", "my-deck")  # an empty repository can become a deck
    deck = init(tmp_path, "--title", "Cheese")
    assert codes(deck) == []
    assert run(deck, "fmt", "--check").code == 0
    assert run(deck, "coverage").code == 0
    assert run(deck, "decks").code == 0
    assert settings(deck)["epoch"] + 600 < NOW  # no draft is from the future
    learner.add(deck / "dist" / "all.apkg")
    state = learner.state()
    assert {card.deck for card in state.cards.values()} == {"Cheese::1 Basics::Studying"}
    names = {state.types[note.type] for note in state.notes.values()}
    assert names == {"Cheese Basic", "Cheese Cloze", "Cheese Multiple Choice"}


def test_nothing_is_about_the_deck_of_this_repository(tmp_path: Path) -> None:
    """In the project, its packages, and its site."""
    deck = init(tmp_path)
    assert run(deck, "preview").code == 0
    deck_words = r"aws|amazon|sagemaker|bedrock|polly|lex|ml[as]-c0[12]|build\.py"
    found = []
    for path in sorted(deck.rglob("*")):
        names_exams = path.name == "words.toml" or path.suffix in (".css", ".js")  # mock exams
        words = deck_words if names_exams else f"{deck_words}|exam"
        texts = [path.read_bytes()] if path.is_file() else []
        if path.suffix == ".apkg":
            with zipfile.ZipFile(path) as package:
                texts = [package.read(name) for name in package.namelist()]
        for text in texts:
            for match in re.finditer(rf"(?i)\b(?:{words})\b".encode(), text):
                around = text[max(match.start() - 30, 0) : match.end() + 30]
                found.append((path.relative_to(deck).as_posix(), around))
    assert found == []


def test_names_and_ids_are_all_that_differs_from_this_deck_and_they_are_random(
    tmp_path: Path,
) -> None:
    def plain(folder: Path, title: str) -> dict[str, str]:
        root = folder / "decks" / "notetypes"
        texts = {
            path.relative_to(root).as_posix(): path.read_text("utf-8").replace(f'"{title} ', '"')
            for path in root.rglob("*")
            if path.is_file()
        }
        return {path: re.sub(r"\bid = \d+", "id = 0", text) for path, text in texts.items()}

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = init(tmp_path / "a"), init(tmp_path / "b")
    assert plain(one, "My deck") == plain(two, "My deck") == plain(REPO, "Machine Learning on AWS")
    numbers = [*ids(one), *ids(two), *ids(REPO)]
    assert set(Counter(numbers).values()) == {1}
    assert max(numbers) < 2**63
    spaces = {settings(deck)["root"][0]["namespace"] for deck in (one, two)}
    assert len(spaces) == 2
    assert all(re.fullmatch(r"my-deck-[a-z2-7]{8}", name) for name in spaces)


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


@pytest.mark.parametrize(
    ("folder", "deck", "tag"),
    [
        ("alpine_cheese", "Alpine cheese", "alpine-cheese"),
        ("a b", "A b", "a-b"),
        ("チーズ", "チーズ", "deck-[a-z2-7]{4}"),
    ],
)
def test_without_a_title_it_is_the_name_of_the_folder(
    tmp_path: Path, folder: str, deck: str, tag: str
) -> None:
    """What the output says can be typed, and names what never changes."""
    result = run(tmp_path, "init", folder)
    made = settings(tmp_path / folder)
    assert made["deck"] == deck
    assert re.fullmatch(tag, made["tag"])
    assert re.findall(r"`(.*?)`", result.out) == [deck, made["tag"]]
    assert f"{folder}/decks/project.toml" in result.err
    command = result.err.splitlines()[-1].partition("./build.py ")[2]
    assert run(tmp_path, *shlex.split(command)).code == 0
    assert (tmp_path / folder / "dist" / "site" / "index.html").exists()


def test_the_settings_that_are_only_comments_can_be_used(tmp_path: Path) -> None:
    deck = init(tmp_path)
    file = deck / SETTINGS
    text = re.sub(r"(?m)^# (?=\w+ = |\[\[)", "", file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    topic = "- topic: practice\n"
    edit(deck, topic, f"{topic}- level: essential\n", "cards/basics/studying.md")
    assert {"about", "edit", "report"} < settings(deck).keys()
    assert settings(deck)["root"][0]["language"] == "de"
    assert run(deck, "preview").code == 0
    assert (deck / "dist" / "essentials.apkg").exists()


def test_the_workflow_is_written_on_request_with_fixed_actions(tmp_path: Path) -> None:
    def actions(folder: Path) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for file in (folder / ".github" / "workflows").glob("*.yml"):
            for name, pin in re.findall(r"uses: ([\w/-]+)@(\S+ # v\S+)", file.read_text("utf-8")):
                found.setdefault(name, set()).add(pin)
        return found

    assert run(tmp_path, "init", "other").code == 0
    assert not (tmp_path / "other" / ".github").exists()
    mine, here = actions(init(tmp_path, "--workflow")), actions(REPO)
    assert len(mine) == 4
    for name, pins in mine.items():
        assert len(pins | here.get(name, set())) == 1, name
        assert all(re.match(r"[0-9a-f]{40} ", pin) for pin in pins)


@pytest.mark.parametrize("name", ["README.md", ".gitignore", "cards/x", ""])
def test_what_is_there_stays_as_it_is(tmp_path: Path, name: str) -> None:
    file = tmp_path / "my-deck" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("mine\n", "utf-8")
    before = digest(tmp_path)
    result = run(tmp_path, "init", "my-deck")
    assert result.code == 2
    assert (name.partition("/")[0] or "isn't a folder") in result.err
    assert digest(tmp_path) == before


@pytest.mark.parametrize("title", ["", "   ", "a:b", 'a"b', "x" * 61, "a\u0007b"])
def test_a_name_that_anki_would_change_is_refused(tmp_path: Path, title: str) -> None:
    for arguments in (("my-deck", "--title", title), ("a:b",), ("",)):
        result = run(tmp_path, "init", *arguments)
        assert (result.code, "--title" in result.err or "no name" in result.err) == (2, True)
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


def test_requirements_name_a_file_and_nothing_that_an_index_could_have(tmp_path: Path) -> None:
    """Somebody else could publish another program under the name of the compiler."""
    deck = init(tmp_path)
    lines = (deck / "requirements.txt").read_text("utf-8").splitlines()
    (wheel,) = (line for line in lines if not line.startswith("#"))
    assert re.fullmatch(r"\./deckwright-\d+\.\d+\.\d+-py3-none-any\.whl", wheel)
    assert wheel in (deck / "README.md").read_text("utf-8")
