"""The guides, walked through as a new user would: every command is copied from the page
and run in a fresh clone, in their order.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import FULL, REPO, WHOLE, catalog, clock_of
from installed import Installed, link_libraries

# What a fresh clone of the repository would not have.
_NOT_IN_GIT = shutil.ignore_patterns(
    ".git", ".venv*", ".data", "dist", ".dist-*", "__pycache__", ".*_cache", ".hypothesis"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with two repositories on a code host, `upstream` and its fork `you`, which
    git finds at the addresses of the guides.
    """
    work = tmp_path / "work"
    shutil.copytree(REPO, work, symlinks=True, ignore=_NOT_IN_GIT)
    home = tmp_path / "home"
    home.mkdir()
    lines = ["[user]", "name = You", "email = you@example.com", "[init]", "defaultBranch = main"]
    for name in ("upstream", "you"):
        lines += [
            f'[url "{tmp_path}/{name}.git"]',
            f"insteadOf = https://code.example.com/{name}/deck.git",
        ]
    (home / ".gitconfig").write_text("\n".join(lines) + "\n", "utf-8")
    for command in (
        "git init -q",
        "git add -A",
        "git commit -q -m Deck",
        "git clone -q --bare . ../upstream.git",
        "git clone -q --bare . ../you.git",
    ):
        said = sh(work, command, home)
        assert said.returncode == 0, said.stderr
    return home


def sh(folder: Path, script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs `script` as a shell of the user's does: it stops at the first line that fails."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        **clock_of(REPO),
        "LANG": "C.UTF-8",
        "PYTHON": sys.executable,
    }
    return subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
    )


def steps(page: Path) -> list[tuple[str, str, str]]:
    """The blocks of a page in their order: language, text, and the file that the sentence
    before it names last, if it does.
    """
    found = []
    for block in re.finditer(r"(?ms)^( *)```(\w+)\n(.*?)^ *```$", page.read_text("utf-8")):
        sentence = page.read_text("utf-8")[: block.start()].rstrip().rsplit("\n\n", 1)[-1]
        named = re.findall(r"(?s)`([\w./-]+\.(?:md|toml|csv|tsv))`", sentence)
        text = re.sub(rf"(?m)^{block[1]}", "", block[3])
        found.append((block[2], text, named[-1] if named else ""))
    return found


def walk(
    page: Path,
    folder: Path,
    home: Path,
    between: dict[str, str] | None = None,
    environment: str = "",
) -> dict[str, str]:
    """Does what the page says, in `folder`, and returns what each block of commands
    printed. `between`: what happens elsewhere in the world before the block that begins
    with these words. `environment`: commands that set the shell up.
    """
    said: dict[str, str] = {}
    last = ""
    start = folder
    for language, text, file in steps(page):
        if language in ("markdown", "toml", "csv", "tsv"):
            assert file, text
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            before = target.read_text("utf-8") if target.exists() else ""
            heading = re.escape(text.split("\n", 1)[0])
            section = rf"(?ms)^{heading}\n.*?(?=^## |\Z)"
            if text.startswith("# "):  # the whole file
                section = r"(?s).+"
            begun = re.search(section, before) if language == "markdown" else None
            joined = f"{before}\n{text}" if before else text
            after = before.replace(begun[0], text + "\n") if begun else joined
            target.write_text(after, "utf-8")
        elif language == "sh":
            for words, script in (between or {}).items():
                if text.startswith(words):
                    happened = sh(home.parent, script, home)
                    assert happened.returncode == 0, happened.stderr
            if clone := re.match(r"git clone \S+ (\S+)\ncd \1\n", text):
                assert sh(start, clone[0], home).returncode == 0
                folder, text = start / clone[1], text.removeprefix(clone[0])
                prepare(folder)
            result = sh(folder, environment + text, home)
            assert result.returncode == 0, f"{text}\n{result.stdout}\n{result.stderr}"
            last = said[text] = result.stdout + result.stderr
            for line in text.splitlines():  # what lasts in a terminal
                if line.startswith("export "):
                    environment += line + "\n"
                elif line.startswith(". "):
                    environment += f". {folder}/{line[2:]}\n"
                elif line.startswith("cd ") and not clone:
                    folder /= line[3:]
        elif language == "text" and not text.startswith("$ "):
            assert without_chance(text) in without_chance(last)
    return said


def without_chance(text: str) -> str:
    """Text without what is drawn by lot, or changes with every card that is added."""
    return re.sub(r"(?<=\.md):\d+:", ":…:", re.sub(r"\b(my-\w+)-[a-z2-7]{8}\b", r"\1-…", text))


def prepare(clone: Path) -> None:
    """Installs the libraries, by a link to where they are: nothing comes from the network here."""
    (clone / ".venv").symlink_to(sys.prefix)
    for pins in (*clone.glob("requirements/**/*.txt"), clone / "pyproject.toml"):
        os.utime(pins, (0, 0))  # older than what is installed


UPSTREAM = """
git clone -q https://code.example.com/upstream/deck.git theirs && cd theirs
sed -i 's/15 months/15 whole months/' cards/monitoring/cloudwatch/*.md
git mv cards/security/kms/keys-and-policies.md cards/security/kms/keys.md
git commit -qam 'Cards read again' && git push -q
"""


def test_a_first_card_in_five_minutes(home: Path) -> None:
    walk(REPO / "docs" / "first-card.md", home.parent, home)
    fork = home.parent / "my-deck"
    assert (fork / "dist" / "site" / "card" / "kms-example-pending.html").exists()
    cards = catalog(fork / "dist")
    assert "service/ml-on-aws-kms.apkg" in cards["kms-example-pending"]["packages"]
    changed = sh(fork, "git show --stat --format=", home).stdout
    assert "1 file changed, 17 insertions(+)" in changed
    pushed = sh(home.parent, "git -C you.git show --stat --format= kms-pending-deletion", home)
    assert pushed.stdout == changed


def test_cards_from_a_table(home: Path) -> None:
    work = home.parent / "work"
    prepare(work)
    walk(REPO / "docs" / "importing.md", work, home)
    assert (work / "cards-ja/security/kms/terms.md").is_file()
    assert sh(work, "git show --name-only --format=%s", home).stdout.split("\n\n")[1].split() == [
        "cards/security/kms/words.md",
        "decks/imported/words.txt",
    ]


def test_a_fork_in_ten_minutes(home: Path) -> None:
    """With a release of the fork's own, and an upstream that changes and moves cards
    before the pull.
    """
    walk(REPO / "docs" / "forking.md", home.parent, home, {"git pull": UPSTREAM})
    fork = home.parent / "my-deck"
    mine = (fork / "decks" / "mine.toml").read_text("utf-8")
    (namespace,) = re.findall(r'namespace = "(my-cards-[a-z2-7]{8})"', mine)
    ledger = f"decks/ledger/{namespace}.tsv"
    there = sh(
        home.parent, "git -C you.git tag; git -C you.git show --name-only --format= main", home
    ).stdout.split()
    assert there == [f"{namespace}-v0.1.0", ledger, "decks/mine.changelog.md"]
    metrics = "main:cards/monitoring/cloudwatch/metrics.md"
    assert "15 whole months" in sh(home.parent, f"git -C you.git show {metrics}", home).stdout
    outside = (home.parent / "my-cards" / "decks" / "mine.toml").read_text("utf-8")
    assert 'deck = "My cards"' in outside
    assert namespace not in outside
    assert not (home.parent / "deck" / "dist" / "mine.apkg").exists()  # no card yet, no package
    assert sh(home.parent / "deck", "git status --porcelain", home).stdout == ""
    built = sh(fork, "make -s decks", home)
    assert built.returncode == 0, built.stderr
    cards = catalog(fork / "dist")
    assert {WHOLE, "mine.apkg", "mine/exam-week.apkg", "service/ml-on-aws-kms.apkg"} <= set(
        cards["kms-team-grants"]["packages"]
    )
    assert "my-cards::mark::exam-week" in cards["cloudwatch-minute-data-retention"]["tags"]
    assert all(card["status"] != "closed-to-new" for card in cards.values())
    assert "mine/exam-week.apkg" not in cards["cloudwatch-minute-data-retention"]["packages"]


# What step 7 asks the reader to delete before the file.
NO_SAMPLES = r"""
python3 - <<'END'
import pathlib, re
path = pathlib.Path("start/my-deck/schema/vocabulary/base.toml")
text = path.read_text("utf-8")
for slug in ("basics", "studying", "practice", "writing"):
    text = re.sub(rf'\[\[\w+\]\]\nslug = "{slug}"\n(?:.+\n)*', "", text)
path.write_text(text, "utf-8")
path = pathlib.Path("start/my-deck/README.md")
text = path.read_text("utf-8")
path.write_text(re.sub(r"(?s)## The sample cards\n.*?(?=## )", "", text), "utf-8")
END
"""


def test_a_deck_of_ones_own_in_ten_steps(
    tmp_path: Path, installed: Installed, learner: Learner
) -> None:
    """With nothing but the wheel, to a site that the workflow builds from what was pushed."""
    home, start = tmp_path / "home", tmp_path / "start"
    home.mkdir()
    start.mkdir()
    shutil.copy(installed.wheel, start)
    (home / ".gitconfig").write_text(
        "[user]\nname = You\nemail = you@example.com\n"
        f'[url "{tmp_path}/host.git"]\ninsteadOf = https://code.example.com/you/my-deck.git\n',
        "utf-8",
    )
    assert sh(tmp_path, "git init -q --bare --initial-branch=main host.git", home).returncode == 0
    offline = (
        f"export PATH={Path(sys.executable).parent}:$PATH PIP_NO_INDEX=1 PIP_NO_COMPILE=1 "
        f"PYTHONPATH={link_libraries(tmp_path / 'libraries')}\n"
    )
    page = REPO / "docs" / "your-own-deck.md"
    assert re.findall(r"(?m)^## (\d+)\.", page.read_text("utf-8")) == [*map(str, range(1, 11))]
    between = {
        "deckwright preview\n": "cp -n start/my-deck/dist/all.apkg first.apkg",
        "rm cards/basics": NO_SAMPLES,
    }
    said = walk(page, start, home, between, offline)
    assert said["deckwright check\ndeckwright decks\n"].startswith(
        "3 cards in 1 file: no problems\n"
    )
    deck = start / "my-deck"
    assert sh(deck, "git status --porcelain", home).stdout == ""
    but = "':!*.js' ':!*words.toml'"  # the site's page to practice on is no sample
    samples = sh(deck, f"git grep -IwE 'basics|studying|practice|writing' -- {but}", home).stdout
    assert samples == ""
    learner.add(tmp_path / "first.apkg")
    assert len(learner.state().notes) == 3
    learner.add(deck / "dist" / "all.apkg")
    assert "Cheese of the world::2 Cheeses::Blue cheese" in learner.decks()
    if FULL:  # an environment takes its time
        released = (deck / "dist" / "all.apkg").read_bytes()
        assert published(deck, "origin/main", home, offline) == released
        assert published(deck, "origin/main~1", home, offline) is None  # before the release


def published(deck: Path, commit: str, home: Path, environment: str) -> bytes | None:
    """Runs the commands of the workflow in a clone, as the code host does. Returns the package
    on the site, or None if the site would not be published.
    """
    workflow = (deck / ".github" / "workflows" / "deck.yml").read_text("utf-8")
    blocks = re.findall(r"(?m)^        run: (?:\|\n((?: {10}.*\n)+)|(.*\n))", workflow)
    assert len(blocks) == 3
    work = deck.parent / "runner"
    script = (
        f"{environment}rm -rf {work} && mkdir {work} && cd {work}\n"
        "git clone -q https://code.example.com/you/my-deck.git deck && cd deck\n"
        f"git switch -q --detach {commit}\n"
        "python3 -m venv ../env && . ../env/bin/activate && export GITHUB_OUTPUT=../output\n"
        ": > ../output\n"
    )
    script += "".join(re.sub(r"(?m)^ +", "", block or line) for block, line in blocks)
    result = sh(deck.parent, script, home)
    assert result.returncode == 0, result.stderr
    if (work / "output").read_text("utf-8") != "released=true\n":
        return None
    assert "path: dist/site/\n" in workflow
    (package,) = (work / "deck" / "dist" / "site").rglob("*all.apkg")
    return package.read_bytes()
