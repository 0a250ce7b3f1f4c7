"""Mock exams on the site, in a real browser: whole exams by touch and by keyboard, their results,
the search that real Anki understands, and what is kept over rounds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from anki_learner import Learner
from built_site import (
    DESKTOP,
    PHONE,
    Show,
    dead_links,
    edit,
    overflow,
    parsed,
    rows,
    serious,
    site,
)
from conftest import FULL, make_project
from playwright.sync_api import Page, expect

VOCABULARY = "schema/vocabulary/mini.toml"
MUSEUM = "cards/services/polly/choosing.md"
DOMAINS = """questions = 12
domains = [
  { number = "2", title = "Sound & sense", weight = 60 },
  { number = "3", title = "Copies of everything that must never get lost", weight = 40 },
]
"""
NARROW = {"width": 320, "height": 700}
SIZES = [(NARROW, "touch"), (DESKTOP, "keyboard")]
LOOKS = [(size, way, "light" if way == "touch" else "dark") for size, way in SIZES]
if FULL:
    wide = ({"width": 768, "height": 1024}, PHONE, NARROW, DESKTOP)
    LOOKS = [(s, w, c) for s in wide for w in ("touch", "keyboard") for c in ("light", "dark")]


def choices(numbers: range) -> str:
    """The text of multiple-choice cards: half of them for task 3.1, every fifth has two right
    options, and each of the first ten compares itself with the one after it.
    """
    cards = []
    for n in numbers:
        compare = f"- compare: made-{n + 1}\n" if n < 10 and n % 2 == 0 else ""
        task = "- exam: next::3.1\n" if n % 2 else ""
        right = {n % 4, (n + 1) % 4} if n % 5 == 0 else {n % 4}
        options = "".join(
            f"\n- [{'x' if o in right else ' '}] Value {n * 7 + o}\n\n  Reason {o} of {n}.\n"
            for o in range(4)
        )
        ask = f"Case {n * 31} of `part-{n}` is odd. What is the value of the thing with number {n}?"
        ask += " (Choose two.)" if len(right) == 2 else ""
        head = (
            f"## made-{n}\n\n- kind: scenario\n- topic: voices\n{task}{compare}- checked: 2026-10"
        )
        cards.append(f"{head}\n- source: https://docs.example.com/{n}\n\n{ask}\n{options}")
    return "\n".join(cards)


def examined(folder: Path, count: int = 40, domains: str = DOMAINS) -> Path:
    """A project whose site has a mock exam, if there are enough multiple-choice cards."""
    project = make_project(folder)
    edit(project, 'slug = "next"\n', f'slug = "next"\n{domains}', VOCABULARY)
    edit(project, "## polly-for-museum\n\n", "## polly-for-museum\n\n- exam: none\n", MUSEUM)
    cards = project / "cards" / "services" / "polly" / "made.md"
    cards.write_text(f"# Amazon Polly: made\n\n{choices(range(count))}", "utf-8")
    return project


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site(examined(tmp_path_factory.mktemp("exam") / "mini"))


def kept(page: Page) -> dict[str, Any]:
    """What the browser keeps of mock exams."""
    return json.loads(page.evaluate("localStorage.getItem('deck-exam: Mini')"))


def use(page: Page, way: str, name: str, key: str = "") -> None:
    button = page.get_by_role("button", name=name, exact=True)
    if way == "touch":
        button.tap()
    elif key:
        page.keyboard.press(key)
    else:
        button.press("Enter")


@dataclass
class Played:
    """What a learner did: the keys of the cards in order, the missed ones, and the flagged."""

    asked: list[str] = field(default_factory=list)
    missed: set[str] = field(default_factory=set)
    flagged: set[str] = field(default_factory=set)


def pick(page: Page, way: str, numbers: set[str]) -> None:
    """Pick the options with these numbers."""
    options = page.locator(".option")
    values = options.locator("input").evaluate_all("all => all.map((one) => one.value)")
    for place in [n for n, value in enumerate(values) if value in numbers]:
        if way == "touch":
            options.nth(place).tap()
        else:
            page.keyboard.press("abcdef"[place])
        expect(options.nth(place).locator("input")).to_be_checked()


def play(page: Page, way: str, folder: Path, review: bool = False) -> Played:
    """Answer an open exam to its overview: every third question wrong or, if it is the fourth,
    not at all, and flag every fifth. Reload in the middle.
    """
    played, deck = Played(), rows(folder)
    total = len(kept(page)["open"]["cards"])
    for number in range(1, total + 1):
        expect(page.locator(".place")).to_have_text(f"Question {number} of {total}")
        expect(page.locator(".option").first).to_be_visible()
        card = kept(page)["open"]["cards"][number - 1]["k"]
        right = set(deck[card]["fields"]["Key"].split())
        wrong = {str(n) for n in range(1, 5)} - right
        if number % 3 == 0:
            played.missed.add(card)
        if number != 4:
            few = set(sorted(wrong)[: len(right)]) if number % 3 == 0 else right
            pick(page, way, few)
        else:
            played.missed.add(card)
        if len(right) == 2 and number != 4:
            expect(page.locator(".picked")).to_have_text("Choose 2 · 2 picked")
        if number % 5 == 0:
            use(page, way, "Flag", "m")
            expect(page.locator(".flag")).to_have_attribute("aria-pressed", "true")
            played.flagged.add(card)
        played.asked.append(card)
        if number == total // 2:
            before = page.locator(".option").all_inner_texts()
            page.reload()
            use(page, way, "Continue")
            expect(page.locator(".option").first).to_be_visible()
            assert page.locator(".option").all_inner_texts() == before
            assert page.locator(".option input:checked").count() == len(right)
        assert overflow(page) <= 0
        if review:
            page.locator(".next").click()
            expect(page.locator(".option .why").first).to_contain_text("Reason")
            verdict = (
                "Not answered" if number == 4 else "Wrong" if card in played.missed else "Correct"
            )
            expect(page.locator(".deal .verdict")).to_have_text(verdict)
        else:
            expect(page.locator(".option .why, .is-right")).to_have_count(0)
        page.keyboard.press("Enter") if way == "keyboard" else page.locator(".next").tap()
    expect(page.locator(".overview")).to_be_visible()
    return played


@pytest.mark.parametrize(("size", "way", "scheme"), LOOKS)
def test_a_whole_exam_ends_with_what_was_missed(
    size: dict[str, int], way: str, scheme: str, show: Show, asking: Path
) -> None:
    touch = way == "touch"
    options = {"viewport": size, "has_touch": touch, "color_scheme": scheme}
    page = show("exam.html", host=True, folder=asking, **options)
    assert (serious(page), overflow(page)) == ([], 0)
    use(page, way, "Start")
    played = play(page, way, asking)
    assert len(set(played.asked)) == 12
    expect(page.locator(".overview h1")).to_have_text("1 open, 2 flagged")
    cells = page.locator(".overview .grid button")
    assert cells.nth(3).get_attribute("aria-label") == "Question 4, open"
    assert cells.nth(4).get_attribute("aria-label") == "Question 5, answered, flagged"
    assert (serious(page), overflow(page)) == ([], 0)
    cells.nth(3).click()
    expect(page.locator(".place")).to_have_text("Question 4 of 12")
    assert (serious(page), overflow(page)) == ([], 0)
    use(page, way, "Overview", "o")
    use(page, way, "Hand in")
    wrong = len(played.missed)
    expect(page.locator(".score h1")).to_have_text(
        f"{12 - wrong} of 12 · {round((12 - wrong) / 0.12)}%"
    )
    counts = page.locator(".by-part .num:nth-child(2)").all_inner_texts()
    assert [text.split(" of ")[1] for text in counts] == ["7", "5"], "60% and 40% of 12"
    assert sum(int(text.split(" of ")[0]) for text in counts) == 12 - wrong
    expect(page.locator(".reviewed > li")).to_have_count(wrong)
    item = page.locator(".reviewed > li").filter(has_text="Your answer").first
    expect(item.locator("h3")).to_have_text(
        re.compile(r"^What is the value of the thing with number \d+\?$")
    )
    expect(item.locator(".mine .why")).to_contain_text("Reason")
    expect(item.locator(".right .why").first).to_contain_text("Reason")
    expect(item.locator(".sources a").nth(1)).to_have_attribute(
        "href", re.compile("docs.example.com")
    )
    item.locator("summary").click()
    expect(item.locator(".option")).to_have_count(4)
    assert (serious(page), overflow(page)) == ([], 0)
    use(page, way, "Flagged (2)")
    expect(page.locator(".reviewed > li")).to_have_count(2)
    use(page, way, "New mock exam")
    expect(page.locator(".rounds button")).to_have_count(1)
    expect(page.locator(".tallies")).to_contain_text("Never seen: 28 of 40 questions")
    assert (serious(page), overflow(page)) == ([], 0)


def test_the_copied_search_finds_exactly_the_missed_cards_in_anki(
    show: Show, asking: Path, tmp_path: Path
) -> None:
    page = show("exam.html", folder=asking, permissions=["clipboard-read", "clipboard-write"])
    page.locator("[name=mode][value=review]").check()
    use(page, "keyboard", "Start")
    played = play(page, "keyboard", asking, review=True)
    use(page, "keyboard", "Hand in")
    use(page, "keyboard", "Copy")
    expect(page.locator(".to-anki [role=status]")).to_have_text("Copied.")
    search = page.evaluate("navigator.clipboard.readText()")
    learner = Learner(tmp_path / "anki")
    learner.add(asking / "packages" / "all.apkg")
    found = [learner.col.get_note(note).fields[0] for note in learner.col.find_notes(search)]
    learner.close()
    assert sorted(found) == sorted(played.missed)
    package = page.locator(".take a").get_attribute("href") or ""
    assert (asking / package).is_file()


def test_later_rounds_ask_what_is_new_and_can_be_exported(show: Show, asking: Path) -> None:
    page = show("exam.html", folder=asking)
    seen: list[str] = []
    for number in range(3):
        page.locator("[name=what][value=half]").check()
        page.get_by_label("Limit in minutes").fill("1")
        page.get_by_role("button", name="Start").click()
        assert len(kept(page)["open"]["cards"]) == 6
        expect(page.locator(".clock")).to_have_text(re.compile(r"^(1:00|0:5\d)$"))
        page.locator(".clock").click()
        expect(page.locator(".clock")).to_have_text("Show time")
        page.get_by_role("button", name="Overview").click()
        page.get_by_role("button", name="Hand in").click()
        expect(page.locator(".score h1")).to_have_text("0 of 6 · 0%")
        seen += [card["k"] for card in kept(page)["done"][number]["cards"]]
        page.get_by_role("button", name="New mock exam").click()
    assert len(set(seen)) == 18, "none again while there are new ones"
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    exported = download.value.path()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".progress")).to_be_hidden()
    said = page.locator(".keeping [role=status]")
    for file, words in (
        (asking / "index.html", "no rounds"),
        (exported, "3 rounds added"),
        (exported, "0 rounds"),
    ):
        page.locator(".keeping input").set_input_files(file)
        expect(said).to_contain_text(words)
    rounds = kept(page)["done"]
    missed = [card["k"] for card in rounds[0]["cards"]]
    again = {**rounds[0], "id": 1, "done": rounds[-1]["done"] + 1}
    page.evaluate(
        "(kept) => localStorage.setItem('deck-exam: Mini', JSON.stringify(kept))",
        {"open": None, "done": [*rounds, again]},
    )
    page.reload()
    expect(page.locator(".tallies")).to_contain_text("not right since: 6")
    search = page.locator(".twice textarea").input_value()
    assert re.findall('"ID:(.*?)"', search) == sorted(
        missed, key=lambda key: search.index(f'"ID:{key}"')
    )


def test_time_that_is_up_leads_to_the_overview(show: Show, asking: Path) -> None:
    page = show("exam.html", folder=asking)
    page.clock.install()
    page.reload()
    page.get_by_label("Limit in minutes").fill("2")
    page.get_by_role("button", name="Start").click()
    page.clock.run_for(119_000)
    expect(page.locator(".clock")).to_have_text(re.compile("^0:0[12]$"))
    page.clock.run_for(3_000)
    expect(page.locator(".overview .about")).to_contain_text("Time is up")
    page.get_by_role("button", name="Back to question").click()
    page.clock.run_for(2_000)
    expect(page.locator(".clock")).to_have_text(re.compile(r"^\+0:0\d$"))


def test_without_javascript_the_page_says_so(show: Show, asking: Path) -> None:
    page = show("exam.html", folder=asking, java_script_enabled=False)
    expect(page.get_by_role("link", name="every card by topic")).to_be_visible()
    expect(page.locator("main section:visible")).to_have_count(0)


def test_a_deck_without_weights_asks_evenly_by_part_and_a_small_one_has_no_mock_exam(
    show: Show, tmp_path: Path
) -> None:
    small = site(examined(tmp_path / "small", count=15))
    assert not (small / "exam.html").exists()
    assert (dead_links(small), "exam.html" in parsed(small / "index.html").text) == ([], False)
    project = examined(tmp_path / "even", domains="")
    text = choices(range(100, 140)).replace("next::3.1", "none").replace("voices", "copies")
    (project / "cards" / "reliability" / "s3").mkdir()
    file = project / "cards" / "reliability" / "s3" / "made.md"
    file.write_text(f"# Amazon S3: made\n\n{text}", "utf-8")
    page = show("exam.html", folder=site(project))
    page.get_by_role("button", name="Start").click()
    parts = [card["p"] for card in kept(page)["open"]["cards"]]
    assert sorted(map(parts.count, set(parts))) == [20, 20]
