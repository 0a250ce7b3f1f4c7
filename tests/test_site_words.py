"""The words of the site: all of them come from the project, in its language."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from built_site import Show, edit, site
from conftest import REPO, diagnostics
from playwright.sync_api import Page, expect
from test_site_exam import examined

WORDS = "decks/notetypes/words.toml"
ENGLISH = tomllib.loads((REPO / WORDS).read_text("utf-8"))["site"]

# All texts of a page and all names for screen readers, without cards and their titles, code, and
# the keys of a keyboard.
TEXTS = """() => {
  const all = [document.querySelector("meta[name=description]").content];
  const content = "script, kbd, code, pre, .prose, .front, .text, .why, .missed-cards a," +
    ".back > :not(p:last-child), td:first-child, td a, .each, .list a, .tile li a";
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    if (!nodes.currentNode.parentElement.closest(content)) { all.push(nodes.currentNode.data); }
  }
  for (const name of ["title", "aria-label", "placeholder", "label"]) {
    for (const one of document.querySelectorAll(`[${name}]`)) { all.push(one.getAttribute(name)); }
  }
  return all;
}"""


def has_letters(text: str) -> bool:
    return bool(re.search("[a-z]", re.sub("<.*?>|{.*?}", "", text), re.IGNORECASE))


def marked(word: Any) -> Any:
    """A word with "¿" in front of each text with letters between its tags."""
    if isinstance(word, dict):
        return {form: marked(text) for form, text in word.items()}
    return "".join("¿" * has_letters(text) + text for text in re.split("(<.*?>|{link})", word))


@pytest.fixture(scope="module")
def spanish(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose words are marked, as if they were Spanish."""
    project = examined(tmp_path_factory.mktemp("words") / "mini")
    words = (f"{name} = {json.dumps(marked(word))}\n" for name, word in ENGLISH.items())
    text = "".join(words).replace('": "', '" = "')
    (project / WORDS).write_text(f"[site]\n{text}", "utf-8")
    edit(project, 'namespace = "mini"', 'namespace = "mini"\nlanguage = "es"', "decks/project.toml")
    return site(project)


def unmarked(page: Page, folder: Path) -> set[str]:
    """The texts of a page that are neither words of the site nor in the project's files."""
    project = folder.parent.parent
    files = [*project.glob("schema/vocabulary/*.toml"), project / "decks/project.toml"]
    own = {file.stem for file in folder.glob("card/*")} | {"next", "old", "cards", "kb"}
    own |= {text for file in files for text in re.findall('"(.*?)"', file.read_text().lower())}
    found = {
        re.sub(r"^((next|old) )?[\d.]+(:| |$)|\(\d+\)$", "", piece.strip().lower()).strip(" :")
        for text in page.evaluate(TEXTS)
        for part in text.split(" · ")
        for piece in ([] if "¿" in part else re.split(" › |, ", " ".join(part.split())))
    }
    return {text for text in found - own if has_letters(text) and not text.endswith(".apkg")}


def test_every_text_of_the_site_is_a_word_of_the_project(show: Show, spanish: Path) -> None:
    pages = [*sorted(spanish.glob("*.html")), *sorted((spanish / "card").glob("polly*.html"))]
    found = {}
    for file in pages:
        if file.name in ("exam.html", "practice.html"):
            continue  # not yet
        page = show(file.relative_to(spanish).as_posix(), folder=spanish)
        assert page.locator("html[lang=es][dir=ltr]").count() == 1
        if file.name == "cards.html":
            page.locator("#q").fill("wich vaule")
            page.locator("select[name=kind]").select_option("scenario")
            page.locator(".results summary").first.click()
            expect(page.locator(".results .page")).to_be_visible()
            expect(page.locator(".found")).to_contain_text("“valu”")
        found[file.name] = unmarked(page, spanish)
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("word", "column"),
    [
        ('skipp = "Skip"', 1),
        ('outline-numbers = "Numbers by {group}."', 19),
        ('n-topics = "topics"', 12),
        ('n-topics = { one = "a topic", other = "{n} topics of {all}" }', 12),
        ('n-topics = { one = "a topic" }', 12),
        ("skip = 1", 8),
    ],
)
def test_a_word_that_does_not_fit_is_an_error(word: str, column: int, mini: Path) -> None:
    (mini / WORDS).write_text(f'[cards]\ncorrect = "Sí"\n[site]\n{word}\n', "utf-8")
    (found,) = diagnostics(mini)
    assert (found["code"], found["line"], found["column"]) == ("V803", 4, column)
