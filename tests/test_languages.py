"""Roots in other languages than English, from the check to real Anki."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import REPO, SETTINGS, edit, run

# The first card of each language in other words, and another question with the same answer.
AGAIN = {
    "de": "Was macht aus einem geschriebenen Text Polly für die Nutzer und Nutzerinnen?",
    "ja": "Amazon Polly は、書かれた文章を何に変換しますか",
}
OTHER = {
    "de": "Was bekommt eine Anwendung von Polly zurück, wenn sie keinen Fehler meldet?",
    "ja": "Amazon Polly の料金は何の数で決まりますか。",
}

WORDS = "Polly\nLex\nUnderfitting\noverfitting\n"


def project(mini: Path, language: str) -> Path:
    """The mini project with the cards of `tests/languages/` in this language."""
    settings = mini / "decks" / "project.toml"
    root = f'\n[[root]]\npath = "{language}"\nnamespace = "x-cards"\nlanguage = "{language}"\n'
    settings.write_text(settings.read_text("utf-8") + root, "utf-8")
    (mini / "schema" / "vocabulary" / "words.txt").write_text(WORDS, "utf-8")
    (mini / language / "services").mkdir(parents=True)
    shutil.copy(REPO / f"tests/languages/{language}.md", mini / language / "services/polly.md")
    return mini


@pytest.mark.parametrize("language", ["de", "ja"])
def test_a_root_in_another_language_is_checked_built_and_imported(
    mini: Path, learner: Learner, language: str
) -> None:
    folder = project(mini, language)
    checked = run(folder, "check", "--similar", "--all", language)
    assert (checked.code, checked.out) == (0, "")
    assert run(folder, "fmt", "--check").code == 0
    assert run(folder, "preview").code == 0
    assert len(learner.add(folder / "dist" / "all.apkg").new) == 11


def test_cards_say_their_language_and_the_words_of_the_project(mini: Path, tmp_path: Path) -> None:
    """In note types that of the first root; a card of another root says its own."""
    folder = project(mini, "de")
    edit(folder, 'namespace = "mini"', 'namespace = "mini"\nlanguage = "ar"', SETTINGS)
    words = folder / "decks/notetypes/words.toml"
    words.write_text('[cards]\nas-of = "وفق {AsOf}"\ncorrect = "صحيح"\n', "utf-8")
    assert run(folder, "decks").code == 0
    learner = Learner(tmp_path / "learner")
    learner.add(folder / "dist" / "all.apkg")
    german = set()
    for card in map(learner.col.get_card, learner.col.find_cards("")):
        back = card.answer()
        assert re.search('class="note back.*" lang="ar" dir="rtl"', back)
        assert f"وفق {card.note()['AsOf']}" in back or not card.note()["AsOf"]
        assert '--word: "صحيح";' in back
        assert not re.search(r"\[\[\w", back)
        if '<div lang="de" dir="ltr">' in back:
            german.add(card.note()["ID"])
    cards = (folder / "de/services/polly.md").read_text("utf-8")
    assert german == set(re.findall(r"(?m)^## (.*)", cards))
    learner.close()


@pytest.mark.parametrize("language", ["de", "ja"])
def test_two_cards_that_ask_the_same_are_found(mini: Path, language: str) -> None:
    folder = project(mini, language)
    file = folder / language / "services" / "polly.md"
    text = file.read_text("utf-8")
    lines = text.split("\n\n## ")[1].split("\n")
    at = next(n for n, line in enumerate(lines) if "Polly" in line)
    for question, code in ((AGAIN[language], 1), (OTHER[language], 0)):
        twin = "\n".join([*lines[:at], question, *lines[at + 1 :]])
        file.write_text(f"{text}\n## polly-noch-{twin.removeprefix('polly-')}\n", "utf-8")
        checked = run(folder, "check", language)
        assert (checked.code, "U503" in checked.out) == (code, bool(code)), checked.out
