"""The words of the site: all of them come from the project, in its language."""

from __future__ import annotations

import re
from pathlib import Path

from built_site import Show, site
from conftest import REPO, diagnostics, edit
from playwright.sync_api import Page, expect
from test_site_exam import examined

WORDS = "decks/notetypes/words.toml"

# All texts of a page and all names for screen readers, without cards and their titles, code, and
# the keys of a keyboard.
TEXTS = """() => {
  const all = [document.querySelector("meta[name=description]").content];
  const content = "script, kbd, code, pre, td:first-child, td a, .list a, .tile li a, .each, " +
    ".front, .back > :not(p:last-child), .text, .why, .extra, .sources, .letter, .spoken, .prose";
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    if (!nodes.currentNode.parentElement.closest(content)) { all.push(nodes.currentNode.data); }
  }
  for (const name of ["title", "aria-label", "aria-description", "placeholder", "label"]) {
    for (const one of document.querySelectorAll(`[${name}]`)) { all.push(one.getAttribute(name)); }
  }
  return all;
}"""


def marked(word: re.Match[str]) -> str:
    """A word in quotation marks with "¿" before each text between its tags and places."""
    return re.sub(r'(?i)((?<=["}>])|(?<= · ))(?=[^"<{·]*[a-z][^"]*")', "¿", word[0])


def unmarked(page: Page, folder: Path) -> set[str]:
    """The texts of a page that are neither words of the site nor in the project's files."""
    project = folder.parent.parent
    files = [*project.glob("schema/vocabulary/*.toml"), project / "decks/project.toml"]
    own = {file.stem for file in folder.glob("card/*")} | {"next", "old", "cards", "kb", "dic"}
    own |= {text for file in files for text in re.findall('"(.*?)"', file.read_text().lower())}
    found = {
        re.sub(r"^((next|old) )?[\d.]+(:| |$)|\(\d+\)$", "", piece.strip().lower()).strip(" :")
        for text in page.evaluate(TEXTS)
        for part in text.split(" · ")
        for piece in ([] if "¿" in part else re.split(" › |, ", " ".join(part.split())))
    }
    return {text for text in found - own if re.search(r"^(?!.*\.apkg$).*[a-z]", text)}


def test_every_text_of_the_site_is_a_word_of_the_project(show: Show, tmp_path: Path) -> None:
    """On every page, after clicks from the setup of rounds to their results, and in dialogs. The
    project's words are marked, as if they were Spanish.
    """
    project = examined(tmp_path / "mini")
    words = (REPO / WORDS).read_text("utf-8").partition("[site]")[2]
    (project / WORDS).write_text("[site]" + re.sub('".*?"', marked, words), "utf-8")
    edit(project, 'namespace = "mini"', 'namespace = "mini"\nlanguage = "es"', "decks/project.toml")
    folder = site(project)
    page, found = show("practice.html#type=multiple-choice", folder=folder), set()
    page.on("dialog", lambda dialog: found.add(dialog.message) or dialog.accept())

    def click(*buttons: str) -> None:
        for button in buttons:
            page.locator(button).locator("visible=true").first.click()
            found.update(unmarked(page, folder))

    page.locator("select[name=count]").select_option("5")
    click(".start")
    for number in range(6):
        expect(page.locator(".show-answer")).to_be_visible()
        if number:  # the first one is missed
            page.locator("iframe").content_frame.locator(".options > li").first.click()
        click(".show-answer")
        if "pick another" in page.locator(".verdict").inner_text():
            click(".show-answer")
        click(".deal .missed, .deal .next-card")
        if number == 4:
            click(".copy button", ".more")
    click(".end-round", ".fresh")
    for file in (*folder.glob("*.html"), *folder.glob("card/polly*.html"), folder / "exam.html"):
        page.goto(file.as_uri())
        assert page.locator("html[lang=es][dir=ltr]").count() == 1
        found.update(unmarked(page, folder))
    click(
        "input[value=down]", ".start", ".option", ".strike", ".flag", ".next", ".clock", ".option"
    )
    click(".to-overview", ".hand-in", ".surely", ".views :nth-child(2)", ".one-or-all")
    click(".open-all", ".copy button", ".fresh", ".last button", ".fresh")
    click("input[value=review]", ".start", ".option", ".next", ".to-overview", ".leave", ".discard")
    click(".clear")
    page.goto(f"{folder.as_uri()}/practice.html")
    click(".record button")
    page.goto(f"{folder.as_uri()}/cards.html#q=wich vaule&kind=scenario")
    click(".results summary", ".found")
    expect(page.locator(".found")).to_contain_text("“valu”")
    assert {text for text in found if "¿" not in text} == set()


def test_words_that_do_not_fit_are_errors(mini: Path) -> None:
    """Unknown, without a place or a tag, with another place, without a form, and no text."""
    wrong = ('skipp = "Skip"', 'correct = "{n}"', 'outline-numbers = "Numbers by {group}."')
    wrong += ('n-topics = { one = "a topic", other = "{n} topics of {all}" }', "skip = 1")
    wrong += ('n-cards = "cards"', 'n-sources = { one = "a source" }', 'n-choices = ""', "end = {}")
    words = ["[cards]", 'correct = "Sí"', "[site]", 'search = "Buscar"', *wrong]
    (mini / WORDS).write_text("\n".join(words), "utf-8")
    found = [f"{row['code']}:{row['line']}:{row['column']}" for row in diagnostics(mini)]
    columns = [1, *(line.index("=") + 3 for line in wrong[1:])]
    assert found == [f"V803:{line}:{column}" for line, column in enumerate(columns, start=5)]
