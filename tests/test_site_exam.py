"""Mock exams on the site, in a real browser: whole exams by touch and by keyboard, their results,
the search that real Anki understands, and what is kept over rounds.
"""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from anki_learner import Learner
from built_site import Show, overflow, rows, serious, site
from conftest import FULL, edit, make_project
from playwright.sync_api import Page, expect

DOMAINS = """questions = 12
domains = [
  { number = "2", title = "Sound & sense", weight = 60 },
  { number = "3", title = "Copies of everything that must never get lost", weight = 40 },
]
"""
LOOKS = [(320, "touch", "light"), (1280, "keyboard", "dark")]
if FULL:
    LOOKS = list(product((320, 360, 768, 1280), ("touch", "keyboard"), ("light", "dark")))


def choices(numbers: range) -> str:
    """The text of multiple-choice cards: half of them for task 3.1, every fifth has two right
    options, and the first ten are compared with the next one.
    """
    text = ""
    for n in numbers:
        right = {n % 4, (n + 1) % 4} if n % 5 == 0 else {n % 4}
        text += f"## made-{n}\n\n- kind: scenario\n- topic: voices\n- checked: 2026-10\n"
        text += "- exam: next::3.1\n" * (n % 2) + f"- compare: made-{n + 1}\n" * (n < 10)
        text += f"- source: https://docs.example.com/{n}\n\nCase {n * 31} of `part-{n}` is odd. "
        text += f"What is the value of the thing with the number {n}?"
        text += " (Choose two.)" * (len(right) - 1) + "\n\n"
        for o in range(4):
            text += f"- [{' x'[o in right]}] Value {n * 7 + o}\n\n  Reason {o} of {n}.\n\n"
    return text


def examined(folder: Path, count: int = 40, domains: str = DOMAINS) -> Path:
    """A project whose site has a mock exam, if there are enough multiple-choice cards."""
    project = make_project(folder)
    exam, museum = 'slug = "next"\n', "## polly-for-museum\n\n"
    edit(project, exam, f"{exam}{domains}", "schema/vocabulary/mini.toml")
    edit(project, museum, f"{museum}- exam: none\n", "cards/services/polly/choosing.md")
    file = project / "cards" / "services" / "polly" / "made.md"
    file.write_text(f"# Amazon Polly: made\n\n{choices(range(count))}", "utf-8")
    return project


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site(examined(tmp_path_factory.mktemp("exam") / "mini"))


def kept(page: Page) -> list[dict[str, Any]]:
    """The rounds that the browser keeps, the open one last."""
    places = "['deck-exam: Mini', 'deck-exam: Mini (open)']"
    done, one = page.evaluate(f"{places}.map((place) => JSON.parse(localStorage[place] || null))")
    return [*(done or []), *([one] if one else [])]


def use(page: Page, way: str, name: str, key: str = "") -> None:
    button = page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}(:|$)"))
    if key and way == "keyboard":
        return page.keyboard.press(key)
    return button.tap() if way == "touch" else button.press("Enter")


def hand_in(page: Page, way: str, count: str) -> None:
    """With open questions, twice: the first time, Escape returns to the overview."""
    for act in (lambda: page.keyboard.press("Escape"), lambda: use(page, way, "Hand in anyway")):
        use(page, way, "Hand in")
        expect(page.locator("dialog")).to_contain_text(count)
        expect(page.get_by_role("button", name="Back to the questions")).to_be_focused()
        act()


def play(page: Page, way: str, folder: Path, review: bool = False) -> set[str]:
    """Answer an open exam to its overview, and return what was missed. Every
    third question is wrong, the fourth is open, and every fifth is flagged. Reload in the middle.
    """
    deck, total, missed = rows(folder), len(kept(page)[-1]["cards"]), set()
    options = page.locator(".option")
    for number in range(1, total + 1):
        expect(page.locator(".place")).to_have_text(f"Question {number} of {total}")
        expect(options.first).to_be_visible()
        card = kept(page)[-1]["cards"][number - 1]["k"]
        right = deck[card]["fields"]["Key"].split()
        wrong = [*right[1:], *(n for n in "1234" if n not in right)][: len(right)]
        missed |= {card} if number % 3 == 0 or number == 4 else set()
        values = options.locator("input").evaluate_all("all => all.map((one) => one.value)")
        for value in [] if number == 4 else wrong if number % 3 == 0 else right:
            place = values.index(value)
            options.nth(place).tap() if way == "touch" else page.keyboard.press("abcd"[place])
            expect(options.nth(place).locator("input")).to_be_checked()
        if len(right) == 2 and number != 4:
            expect(page.locator(".picked")).to_have_text("2 of 2 picked")
        if number % 5 == 0:
            use(page, way, "Flag", "m")
        if number == total // 2:
            before, picked = options.all_inner_texts(), values.index(wrong[0])
            other = next(n for n in range(4) if not options.nth(n).locator(":checked").count())
            for out in (picked, other):
                use(page, way, f"Strike out {'ABCD'[out]}", f"Shift+{'ABCD'[out]}")
            expect(options.nth(picked).locator("input")).not_to_be_checked()
            options.nth(picked).tap() if way == "touch" else page.keyboard.press("abcd"[picked])
            page.reload()
            expect(options.first).to_be_visible()
            for name in ("Overview", "Stop for now", "Continue"):
                use(page, way, name)
            expect(page.locator(".struck")).to_have_count(1)
            expect(page.locator(".struck .option")).to_have_text(before[other].replace("\n", ""))
            assert options.all_inner_texts() == before
            assert page.locator(".option input:checked").count() == len(right)
        if review:
            page.locator(".next").click()
            expect(page.locator(".option .why").first).to_contain_text("Reason")
            good = "good" if card not in missed else "bad"
            expect(page.locator(f"legend + .verdict.{good}")).to_be_in_viewport()
        assert overflow(page) <= 0
        assert (page.locator(".why, .is-right").count() > 0) == review
        page.keyboard.press("Enter") if way == "keyboard" else page.locator(".next").tap()
    expect(page.locator(".overview")).to_be_visible()
    return missed


@pytest.mark.parametrize(("width", "way", "scheme"), LOOKS)
def test_a_whole_exam_ends_with_what_was_missed(
    width: int, way: str, scheme: str, show: Show, asking: Path
) -> None:
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    page = show("exam.html", host=True, folder=asking, has_touch=way == "touch", **look)
    flaws = lambda: (serious(page), overflow(page))  # noqa: E731
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert flaws() == ([], 0)
    use(page, way, "Start")
    missed = play(page, way, asking)
    expect(page.locator(".overview h1")).to_have_text("1 open, 2 flagged")
    cells = page.locator(".overview .grid button")
    expect(cells.nth(3)).to_have_accessible_name("Question 4, open")
    expect(cells.nth(4)).to_have_accessible_name("Question 5, answered, flagged")
    assert flaws() == ([], 0)
    use(page, way, "Next open")
    expect(page.locator(".place")).to_have_text("Question 4 of 12")
    assert flaws() == ([], 0)
    use(page, way, "Overview", "o")
    hand_in(page, way, "1 open")
    right, reviewed = 12 - len(missed), page.locator(".reviewed > li")
    expect(page.locator(".score h1")).to_have_text(f"{right} of 12 · {round(right / 0.12)}%")
    counts = page.locator(".by-part .num:nth-child(2)").all_inner_texts()
    expect(page.locator(".share")).to_have_text(re.compile(r" · \d+:\d\d per question"))
    expect(page.locator(".by-part ~ .to-anki .copy")).to_be_visible()
    expect(page.locator(".to-anki ol")).to_be_hidden()
    assert [text.split(" of ")[1] for text in counts] == ["7", "5"], "60% and 40% of 12"
    assert sum(int(text.split(" of ")[0]) for text in counts) == right
    expect(reviewed).to_have_count(len(missed))
    expect(page.locator(".picks:visible")).to_have_count(1)
    use(page, way, "Next", "n")
    expect(page.locator(".reviewed > li:visible")).to_contain_text("question 4 ")
    use(page, way, "Show as a list")
    use(page, way, "Open or close all answers")
    item = reviewed.filter(has_text="Wrong · your answer").first
    expect(item.locator("> .front")).to_have_text(re.compile(r"^Case .* is odd\. What is the .*\?"))
    expect(item.locator(".picks .why:visible")).to_have_text([re.compile("^Reason")] * 4)
    marks = [{*one.locator(".picks .mark").all_inner_texts()} for one in reviewed.all()]
    half = {"Correct · your answer", "Wrong · your answer", "Correct · missed"}
    assert all(some in ({"Correct"}, {"Wrong · your answer", "Correct"}, half) for some in marks)
    expect(item.locator(".sources")).to_contain_text("docs.example.com")
    assert flaws() == ([], 0)
    page.locator(".by-part a").last.press("Enter")
    expect(reviewed).to_have_count(5)
    page.locator(".by-part .gauge").first.click()
    expect(reviewed).to_have_count(7)
    page.locator(".by-topic a").dispatch_event("click")  # folded on a phone
    expect(page.locator(".views a")).to_have_text("Practice: Voices")
    for name, count in (("All (12)", 12), ("Left open (1)", 1), ("Flagged (2)", 2)):
        use(page, way, name)
        expect(reviewed).to_have_count(count)
    reviewed.last.locator("summary").click()
    reviewed.last.get_by_role("link", name="Card’s page").click()
    page.go_back()
    expect(reviewed.last.locator(".picks")).to_be_visible()
    expect(reviewed).to_have_count(2)
    expect(reviewed.last).to_be_in_viewport()
    page.reload()
    expect(reviewed.last).to_be_in_viewport()
    use(page, way, "New mock exam")
    expect(page.locator(".tallies")).to_contain_text("Never seen: 28 of 40 questions")
    assert flaws() == ([], 0)


def test_a_checked_question_is_never_open(show: Show, asking: Path) -> None:
    page = show("exam.html", folder=asking)
    cards = [{"k": f"made-{n}", "p": "next::2", "a": []} for n in (5, 10, 15)]
    one = {"id": 1, "exam": "next", "mode": "review", "spent": 0, "at": 0, "cards": cards}
    page.evaluate("one => { localStorage['deck-exam: Mini (open)'] = JSON.stringify(one); }", one)
    page.reload()
    use(page, "keyboard", "Continue")
    for keys, said in (("", "Not answered · "), ("a", r"Wrong · [A-D]: .* · [A-D]: Value \d+$")):
        page.locator(".option input").first.press_sequentially(keys)
        page.locator(".next").click()
        if keys:  # it asks once
            expect(page.locator(".asked .picked")).to_contain_text("1 of 2 picked: pick another")
            page.locator(".next").click()
        expect(page.locator(".asked .verdict")).to_have_text(re.compile(said))
        page.locator(".next").click()
    page.locator(".option input").first.press_sequentially("ao")
    hand_in(page, "keyboard", "1 incomplete")
    expect(page.locator(".views")).to_have_text(re.compile(r"^Missed.*3.Left.*0.Incomplete.*1."))
    expect(page.locator(".of-review .grid [aria-label$=wrong]")).to_have_count(2)


def test_the_copied_search_finds_exactly_the_missed_cards_in_anki(
    show: Show, asking: Path, tmp_path: Path
) -> None:
    look = {"viewport": {"width": 320, "height": 360}, "permissions": ["clipboard-read"]}
    page = show("exam.html#round=1", folder=asking, **look)
    expect(page.locator(".unknown")).to_contain_text("doesn’t have that result")
    page.locator("[name=mode][value=review]").check()
    use(page, "keyboard", "Start")
    missed = play(page, "keyboard", asking, review=True)
    use(page, "keyboard", "Hand in")
    use(page, "keyboard", "Copy")
    expect(page.locator(".to-anki [role=status]")).to_have_text("Copied.")
    search = page.evaluate("navigator.clipboard.readText()")
    learner = Learner(tmp_path / "anki")
    learner.add(asking / str(page.locator(".to-anki li:first-child a").get_attribute("href")))
    found = {learner.col.get_note(note).fields[0] for note in learner.col.find_notes(search)}
    learner.close()
    assert found == missed
    page.emulate_media(media="print")
    expect(page.locator("button:visible")).to_have_count(0)


def test_later_rounds_ask_what_is_new_and_can_be_exported(show: Show, asking: Path) -> None:
    """Each ends when its time is up."""
    page, seen = show("index.html", folder=asking), []
    expect(page.locator(".progress")).to_be_hidden()
    page.goto(page.url.replace("index.html", "exam.html"))
    clock, said = page.locator(".clock"), page.locator(".keeping [role=status]")
    page.clock.install()
    page.reload()
    for number in range(3):
        page.locator("[name=what][value=half]").check()
        limit = page.get_by_label("Limit in minutes")
        expect(limit).to_have_value("1" if number else "12")
        limit.fill("1")
        use(page, "keyboard", "Start")
        page.clock.run_for(50_000)
        expect(clock).to_have_text(re.compile("^0:(09|1.)$"))
        clock.click()
        expect(clock).to_have_text("Show time")
        page.clock.run_for(11_000)
        expect(page.locator(".overview .about")).to_contain_text("Time is up")
        hand_in(page, "keyboard", "6 open")
        expect(page.locator(".score h1")).to_have_text("0 of 6 · 0%")
        seen += [card["k"] for card in kept(page)[number]["cards"]]
        use(page, "keyboard", "New mock exam")
    assert len(set(seen)) == 18, "none again while there are new ones"
    page.reload()
    expect(page.locator("[name=what]:checked")).to_have_value("half")
    expect(page.locator(".last")).to_contain_text("Your last exam: 0 of 6 · 0%, ")
    page.goto(page.url.replace("exam.html", "practice.html"))
    expect(page.locator(".last")).to_contain_text("Your last one: 0 of 6 · 0%, ")
    expect(page.locator(".presets button").first).to_have_text(re.compile("^Missed cards 18"))
    page.go_back()
    use(page, "keyboard", "See result")
    use(page, "keyboard", "New mock exam")
    with page.expect_download() as download:
        use(page, "keyboard", "Export exams")
    exported = download.value.path()
    page.once("dialog", lambda dialog: dialog.accept())
    use(page, "keyboard", "Delete exams")
    expect(page.locator(".progress")).to_be_hidden()
    twice = Path(exported).with_name("twice.json")
    rounds = json.loads(exported.read_text("utf-8"))
    rounds["rounds"] = [{**rounds["rounds"][0], "id": 1}]
    twice.write_text(json.dumps(rounds), "utf-8")
    imported = ((exported, "3 exams"), (exported, "0 exams"), (twice, "1 exam"))
    for file, words in ((asking / "index.html", "no mock exams"), *imported):
        page.locator(".keeping input").set_input_files(file)
        expect(said).to_contain_text(words)
    expect(page.locator(".tallies")).to_contain_text("not answered correctly since: 6")
    found = re.findall('"ID:(.*?)"', page.locator(".twice textarea").input_value())
    assert set(found) == set(seen[:6])


def test_the_outline_and_the_first_page_show_the_progress(show: Show, asking: Path) -> None:
    page = show("exam.html#domain=next::2", folder=asking)
    use(page, "keyboard", "Start")
    for _ in range(7):
        page.locator(".option input").first.press_sequentially("ab")
        page.locator(".next").click()
    use(page, "keyboard", "Hand in")
    good = int(page.locator(".score h1").inner_text()[0])
    page.goto(page.url.replace("exam.html", "outline.html"))
    expect(page.locator("[data-domain]").first).to_contain_text(f"7 of 23 seen, {good} correct")
    new = sum(row["topic"] == "voices" for row in rows(asking).values()) - 7
    topic = page.locator("[data-topic=voices] .done").first
    expect(topic).to_have_text(f"{good} correct · {7 - good} missed · {new} new")
    page.goto(page.url.replace("outline.html", "index.html"))
    expect(page.locator(".progress .bars")).to_contain_text(f"{good} of 7")
    page.locator(".progress .last a").click()
    expect(page.locator(".score h1")).to_have_text(re.compile(f"^{good} of 7 · "))
    page.locator(".weakest a").click()
    expect(page.locator(".place")).to_have_text(re.compile("^Card 1 of "))


def test_a_mock_exam_needs_javascript_weights_or_parts_and_enough_questions(
    show: Show, asking: Path, tmp_path: Path
) -> None:
    page = show("exam.html", folder=asking, java_script_enabled=False)
    expect(page.get_by_role("link", name="every card by topic")).to_be_visible()
    expect(page.locator("main section:visible")).to_have_count(0)
    small = site(examined(tmp_path / "small", count=15))
    assert not (small / "exam.html").exists()
    assert "exam.html" not in (small / "index.html").read_text("utf-8")
    project = examined(tmp_path / "even", domains="")
    text = choices(range(100, 140)).replace("next::3.1", "none").replace("voices", "copies")
    (project / "cards" / "reliability" / "s3").mkdir()
    file = project / "cards" / "reliability" / "s3" / "made.md"
    file.write_text(f"# Amazon S3: made\n\n{text}", "utf-8")
    page = show("exam.html", folder=site(project))
    use(page, "keyboard", "Start")
    parts = [card["p"] for card in kept(page)[-1]["cards"]]
    assert sorted(map(parts.count, set(parts))) == [20, 20]
