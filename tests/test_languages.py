"""Roots in other languages than English, from the check to real Anki."""

from __future__ import annotations

from pathlib import Path

import pytest
from anki_learner import Learner
from conftest import run

GERMAN = """# Amazon Polly

## polly-zweck

- kind: concept
- topic: voices

Was macht Polly aus einem geschriebenen Text für die Nutzerinnen und Nutzer?

---

Gesprochene Sprache.

---

Die Ausgabe heißt hier Audiostrom. Not und Last sind keine Verneinung.

## polly-grenze

- kind: quota
- topic: voices
- source: https://example.com/grenzen
- checked: 2026-08

Ein Aufruf von Polly darf höchstens {{c1::3.000::Zeichen}} abrechnen.
"""
JAPANESE = """# Amazon Polly

## polly-mokuteki

- kind: concept
- topic: voices

Amazon Polly は書かれた文章を何に変換しますか。

---

音声

## polly-seigen

- kind: quota
- topic: voices
- source: https://example.com/seigen
- checked: 2026-08

Polly の一回の呼び出しで請求される文字数は最大 {{c1::3,000::文字}} です。
"""
# The first card of each language in other words, and another question with the same answer.
AGAIN = {
    "de": "Was macht aus einem geschriebenen Text Polly für die Nutzer und Nutzerinnen?",
    "ja": "Amazon Polly は、書かれた文章を何に変換しますか",
}
OTHER = {
    "de": "Was bekommt eine Anwendung von Polly zurück, wenn sie keinen Fehler meldet?",
    "ja": "Amazon Polly の料金は何の数で決まりますか。",
}


def project(mini: Path, language: str, text: str) -> Path:
    settings = mini / "decks" / "project.toml"
    root = f'\n[[root]]\npath = "{language}"\nnamespace = "x-cards"\nlanguage = "{language}"\n'
    settings.write_text(settings.read_text("utf-8") + root, "utf-8")
    (mini / "schema" / "vocabulary" / "words.txt").write_text("Polly\n", "utf-8")
    home = mini / language / "4.2-services"
    home.mkdir(parents=True)
    (home / "polly.md").write_text(text, "utf-8")
    return mini


@pytest.mark.parametrize(("language", "text"), [("de", GERMAN), ("ja", JAPANESE)])
def test_a_root_in_another_language_is_checked_built_and_imported(
    mini: Path, tmp_path: Path, language: str, text: str
) -> None:
    folder = project(mini, language, text)
    checked = run(folder, "check", "--similar", "--all", language)
    assert (checked.code, checked.out) == (0, "")
    assert run(folder, "fmt", "--check").code == 0
    assert run(folder, "preview").code == 0
    learner = Learner(tmp_path / "learner")
    assert len(learner.add(folder / "dist" / "all.apkg").new) == 11
    learner.close()


@pytest.mark.parametrize(("language", "text"), [("de", GERMAN), ("ja", JAPANESE)])
def test_two_cards_that_ask_the_same_are_found(mini: Path, language: str, text: str) -> None:
    folder = project(mini, language, text)
    file = folder / language / "4.2-services" / "polly.md"
    first = text.split("\n\n## ")[1]
    lines = first.split("\n")
    at = next(n for n, line in enumerate(lines) if "Polly" in line)
    for question, code in ((AGAIN[language], 1), (OTHER[language], 0)):
        twin = "\n".join([*lines[:at], question, *lines[at + 1 :]])
        file.write_text(f"{text}\n## polly-noch-{twin.removeprefix('polly-')}\n", "utf-8")
        checked = run(folder, "check", language)
        assert (checked.code, "U503" in checked.out) == (code, bool(code)), checked.out
