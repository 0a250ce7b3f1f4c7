"""Practice on the site, in a real browser: rounds by mouse, touch, and keyboard, opened from
its files, interrupted, cleared, and with thousands of cards.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from browser import ORIGIN, visit
from built_site import (
    ACTIVE,
    DESKTOP,
    NIGHT,
    PHONE,
    ParsedPage,
    Show,
    made_up,
    overflow,
    parsed,
    rows,
    serious,
    site,
    stored,
)
from conftest import FULL, make_project
from playwright.sync_api import Browser, FrameLocator, Page, expect


@dataclass
class Round:
    """What a learner did: the cards in order, and those that should count as correct."""

    asked: list[str] = field(default_factory=list)
    right: set[str] = field(default_factory=set)

    @property
    def missed(self) -> set[str]:
        return set(self.asked) - self.right


def card(page: Page) -> FrameLocator:
    return page.frame_locator("iframe.asked")


def start(page: Page, way: str = "mouse", count: str = "10") -> None:
    filters(page)
    page.locator("select[name=count]").select_option(count)
    act(page, way, "Start")


def filters(page: Page) -> None:
    if not page.locator("select[name=count]").is_visible():
        page.get_by_text("More filters").click()


def act(page: Page, way: str, name: str, key: str = "") -> None:
    """Use a button; with the keyboard, press `key`, or Enter on the button."""
    button = page.get_by_role("button", name=name)
    expect(button).to_be_visible()
    if way == "touch":
        button.tap()
    elif way == "mouse":
        button.click()
    elif key:
        page.keyboard.press(key)
    else:
        button.press("Enter")


def skip(page: Page) -> None:
    """Leave the card on the page without an answer. Without a pick, a question is missed."""
    asks = card(page).locator(".options").count()
    page.locator(".show-answer").click()
    page.locator(".next-card" if asks else ".missed").click()


def asked(page: Page, number: int, cards: int) -> FrameLocator:
    """The frame with the card of this number, once it is shown."""
    expect(page.locator(".place")).to_have_text(re.compile(rf"^Card {number} of {cards}\b"))
    expect(page.locator(".show-answer")).to_be_visible()
    return card(page)


def picks_options(page: Page, way: str, folder: Path) -> bool:
    """Pick the first options of the card on the page, and check them. Returns if they are right."""
    inside = card(page)
    row = rows(folder)[inside.locator(".choice").get_attribute("data-id") or ""]
    key, options = set(row["fields"]["Key"].split()), inside.locator(".options > li")
    for number in range(len(key)):
        if way == "keyboard":
            page.keyboard.press("abcdef"[number])
        elif way == "touch":
            options.nth(number).tap()
        else:
            options.nth(number).click()
        expect(options.nth(number)).to_have_attribute("aria-checked", "true")
    right = key == {options.nth(n).get_attribute("data-n") for n in range(len(key))}
    act(page, way, "Check", "Space")
    expect(page.locator(".next-card")).to_be_visible()
    expect(inside.locator(".verdict")).to_have_class(re.compile("good" if right else "bad"))
    return right


def answer(page: Page, way: str, folder: Path, played: Round) -> None:
    """Answer the card on the page. Of the options, take the first; else grade by turns."""
    expect(page.locator(".show-answer")).to_be_visible()
    if card(page).locator(".options.live").count():
        name = card(page).locator(".choice").get_attribute("data-id") or ""
        right = picks_options(page, way, folder)
        last = page.get_by_role("button", name="Next").count() == 0
        act(page, way, "See the score" if last else "Next", "Enter")
    else:
        act(page, way, "Show answer", "Space")
        expect(page.locator(".knew")).to_be_visible()
        name = card(page).locator(".foot .id").inner_text().rsplit(" ", 1)[-1]
        right = len(played.asked) % 2 == 0
        act(page, way, "Got it" if right else "Missed", "2" if right else "1")
    played.asked.append(name)
    if right:
        played.right.add(name)


def play(page: Page, way: str, folder: Path, cards: int = 10) -> Round:
    """Answer the cards of a round from its first one to its score."""
    played = Round()
    for number in range(1, cards + 1):
        asked(page, number, cards)
        answer(page, way, folder, played)
    expect(page.locator(".score h1")).to_be_visible()
    return played


@pytest.mark.parametrize("way", ["touch", "keyboard"])
def test_a_round_ends_with_a_score_the_missed_cards_and_a_package(
    way: str, show: Show, built: Path
) -> None:
    """From a file, and with no network."""
    size, deck = PHONE if way == "touch" else DESKTOP, rows(built)
    page = show("practice.html", viewport=size, has_touch=way == "touch", offline=True)
    before = page.evaluate("history.length")
    start(page, way)
    if way == "touch":
        expect(page.locator(".show-answer kbd")).to_be_hidden()
        expect(page.locator(".top")).to_be_hidden()
    played = play(page, way, built)
    assert len(set(played.asked)) == 10
    expect(page.locator(".score h1")).to_have_text(f"{len(played.right)} of 10 correct")
    for number, item in enumerate(page.locator(".reviewed > li").all()):
        row = deck[(item.locator(".links a").first.get_attribute("href") or "")[5:-5]]
        fields, key = row["fields"], row["fields"].get("Key", "").split()
        question = ParsedPage(
            fields.get("Question") or re.sub("{{c.*?}}(?!})", "|", fields["Text"])
        )
        plain = max(re.findall(r"[\w ]+", question.words), key=len).strip()
        expect(item.locator(".front").first).to_contain_text(plain)
        if number:
            expect(item.locator(".picks")).to_be_hidden()
            summary = item.locator("summary")
            summary.tap() if way == "touch" else summary.press("Enter")
        expect(item.locator(".picks")).to_be_visible()
        assert item.locator(".is-mine").count() == len(key)
        assert item.locator(".is-right").count() == (len(key) or 1)
        assert item.locator(".picks > li").count() == (fields.get("Options", "").count("<li") or 1)
        for n in key:
            (words,) = re.findall(f'<li data-n="{n}">(.*?)</li>', fields["Options"])
            expect(item.locator(".is-right", has_text=ParsedPage(words).words)).to_have_count(1)
    searched = re.findall('"ID:(.*?)"', page.locator(".to-anki textarea").input_value())
    assert sorted(searched) == sorted(played.missed)
    links = [
        link.get_attribute("href") for link in page.locator(".review .links a[href^=card]").all()
    ]
    assert set(links) == {f"card/{name}.html" for name in played.missed}
    assert all((built / str(link)).is_file() for link in links)
    take = [link.get_attribute("href") for link in page.locator(".take a").all()]
    assert take == ["packages/all.apkg", "packages/few.apkg"], "the second is a smaller start"
    assert overflow(page) <= 0
    act(page, way, "All (10)")
    expect(page.locator(".reviewed .good")).to_have_count(len(played.right))
    graded = 10 - sum("Key" in deck[name]["fields"] for name in played.asked)
    expect(page.locator("h3", has_text="graded by you")).to_have_count(graded)
    assert page.evaluate("history.length") == before, "Back leaves the page"
    act(page, way, "Next 10 cards")
    asked(page, 1, 10)


@pytest.mark.parametrize("scheme", ["light", "dark"] if FULL else ["light"])
def test_every_part_of_a_round_is_accessible(scheme: str, show: Show) -> None:
    page = show("practice.html", host=True, viewport=PHONE, color_scheme=scheme)
    assert serious(page) == []
    start(page)
    kinds = set()
    for number in range(1, 11):
        kind = asked(page, number, 10).locator(".note").get_attribute("class")
        new = kind not in kinds
        kinds.add(kind)
        if new:
            assert serious(page) == [], kind
            if "choice" in str(kind):
                card(page).locator(".options > li").first.click()
        page.locator(".show-answer").click()
        if "pick another" in page.locator(".deal .verdict").inner_text():  # it asks once
            page.locator(".show-answer").click()
        expect(page.locator(".deal button:visible").first).to_be_visible()
        expect(page.locator(".show-answer")).to_be_hidden()
        if new:
            page.wait_for_timeout(100)
            assert serious(page) == [], kind
        assert overflow(page) <= 0
        page.locator(".missed:visible, .next-card:visible").click()
    expect(page.locator(".score h1")).to_be_visible()
    assert serious(page) == []


def test_a_reload_keeps_the_round(show: Show, built: Path) -> None:
    page = show("practice.html#service=polly")
    start(page)
    total = sum("polly" in (row["service"], *row["also"]) for row in rows(built).values())
    right = 0
    for number in range(1, total + 1):
        shown = asked(page, number, total).locator("#qa").inner_text()
        page.reload()
        again = asked(page, number, total).locator("#qa").inner_text()
        assert sorted(again.split()) == sorted(shown.split()), "options may be in another order"
        if card(page).locator(".options.live").count():
            right += picks_options(page, "mouse", built)
            verdict = card(page).locator(".verdict").inner_text()
            page.reload()
            expect(card(page).locator(".verdict")).to_have_text(verdict)
            page.locator(".next-card").click()
        else:
            page.locator(".show-answer").click()
            expect(page.locator(".knew")).to_be_visible()
            page.reload()
            expect(card(page).locator(".back")).to_be_visible()
            page.get_by_role("button", name="Got it").click()
            right += 1
    score = page.locator(".score h1", has_text=f"{right} of {total} correct")
    page.reload()
    expect(score).to_be_visible()
    expect(page.locator(".take a").first).to_have_attribute("href", "packages/part/services.apkg")
    page.goto("about:blank")
    page.goto(f"{built.as_uri()}/practice.html")
    expect(page.locator(".last-round")).to_contain_text(f"{right} of {total} correct")
    page.get_by_role("button", name="See result").click()
    expect(score).to_be_visible()
    page.go_back()
    expect(page.locator(".last-round")).to_be_visible()


def test_new_cards_come_first_and_then_missed_ones_until_all_is_cleared(
    show: Show, built: Path
) -> None:
    page = show("practice.html")
    clear, record = page.get_by_role("button", name="Clear progress"), page.locator(".record")
    expect(clear).to_be_hidden()
    start(page)
    first = play(page, "mouse", built)
    assert first.missed
    expect(record).to_contain_text("10 of 12 cards")
    page.get_by_role("button", name="New round").click()
    expect(page.get_by_role("button", name=f"Missed cards {len(first.missed)} ")).to_be_visible()
    expect(page.locator(".fits")).to_contain_text("12 cards match, 2 of them new")
    start(page)
    second = play(page, "mouse", built)
    assert {*rows(built)} - {*first.asked} | first.missed <= {*second.asked}
    page.get_by_role("button", name="Repeat").click()
    third = play(page, "keyboard", built, len(second.missed))
    assert set(third.asked) == second.missed
    expect(page.locator(".trace li")).to_have_count(3)
    page.once("dialog", lambda dialog: dialog.dismiss())
    clear.click()
    expect(page.locator(".score h1")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    clear.click()
    for _ in range(2):
        expect(page.locator(".presets button")).to_have_count(5)  # three for a part
        expect(record).to_be_hidden()
        assert page.evaluate("Object.keys(localStorage)") == []
        page.reload()


def test_cards_are_chosen_by_part_topic_service_and_exam(show: Show, built: Path) -> None:
    page = show("practice.html")
    assert page.locator(".setup form :is(select, input)").count() == 9
    expect(page.get_by_role("button", name="Start")).to_be_hidden()
    for name in ("part", "topic", "service", "exam", "task", "level", "type"):
        matching: dict[str, int] = {}
        for row in rows(built).values():
            exams = [exam.split("::")[0] for exam in row["exams"]]
            services = [row["service"], *row["also"]]
            for value in {"service": services, "exam": exams, "task": row["exams"]}.get(
                name, [row.get(name)]
            ):
                matching[value] = matching.get(value, 0) + 1
        for value, cards in matching.items():
            page.goto("about:blank")
            page.goto(f"{built.as_uri()}/practice.html#{name}={value}")
            expect(page.locator(".fits")).to_contain_text(f"{cards} card")
    page = show("practice.html")
    filters(page)
    part, topic, exam = (page.locator(f"[name={n}]") for n in ("part", "topic", "exam"))
    topics = lambda: topic.evaluate("one => [...one.list.options].map((o) => o.value)")  # noqa: E731
    assert topics() == ["Copies (2)", "Voices (8)", "Words (2)"]
    topic.fill("voi")
    expect(topic).to_have_accessible_description("Voices (8)")
    part.select_option("Services & cost (8)")
    expect(topic).to_have_value("Voices (8)")
    part.select_option("Reliability (2)")
    assert topics() == ["Copies (2)"]
    page.locator("[name=service]").fill("Amazon Polly")
    expect(page.locator(".fits")).to_contain_text("No card")
    expect(page.get_by_role("button", name="Start")).to_be_disabled()
    page.locator("[name=service]").fill("")
    assert exam.locator("option").all_inner_texts() == ["any", "OLD (2)", "NEXT (0)"]
    part.select_option("any")
    exam.select_option(value="1")  # a long title is below
    expect(exam).to_have_accessible_description("The next exam")


def test_keys_do_what_the_button_says(show: Show, built: Path) -> None:
    """Also after a click on an option. A letter or the arrows lead to another option first."""
    page, cards = show("practice.html"), len(rows(built))
    options = card(page).locator(".options > li")
    start(page, count="20")
    seen = set()
    for number in range(1, cards + 1):
        count = asked(page, number, cards).locator(".options > li").count()
        keys = page.locator(".keys").inner_text()
        assert re.findall("A to ([A-Z])", keys) == ([chr(64 + count)] if count else [])
        assert "Space or Enter" in keys
        one = card(page).locator('[role="radio"]').count()
        key = "Space" if number % 2 else "Enter"
        seen.add((count > 0, one > 0))
        if count:
            options.nth(0).click()
            page.keyboard.press("b")
            expect(options.nth(1)).to_be_focused()
            expect(options.nth(1)).to_have_attribute("aria-checked", "true")
        if one:
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Space")
            expect(options.nth(2)).to_have_attribute("aria-checked", "true")
        if count:
            picked = options.nth(2 if one else 1).get_attribute("data-n")
            page.keyboard.press(key)
            expect(card(page).locator("#answer")).to_have_class(re.compile("good|bad"))
            mine = card(page).locator(".options > li").filter(has_text="your answer")
            assert picked in [li.get_attribute("data-n") for li in mine.all()]
            page.keyboard.press(key)
        else:
            skip(page)
    assert seen == {(False, False), (True, True), (True, False)}


def test_a_round_can_be_ended_early(show: Show, built: Path) -> None:
    page = show("practice.html")
    start(page)
    page.get_by_role("button", name="End round").click()
    start(page)
    page.evaluate("location.hash = 'part=services&start=3'")
    asked(page, 1, 3)
    answer(page, "mouse", built, Round())
    page.evaluate("location.hash = 'part=services&start'")
    page.get_by_role("button", name="Continue the round at card 2 of 3").click()
    page.get_by_role("button", name="End round").click()
    expect(page.locator(".score h1")).to_have_text(re.compile("^[01] of 1 correct$"))
    expect(page.locator(".score .share")).to_contain_text("1 of 3")
    expect(page.locator(".by-topic")).to_be_hidden()
    page.get_by_role("button", name="New round").click()
    expect(page.locator(".setup h1")).to_be_focused()


def test_the_cards_are_those_of_the_card_pages(built: Path) -> None:
    """Practice has the HTML of the frames on the cards' pages, but for paths to other files."""
    cards: dict[str, list] = {}
    for file in (built / "assets" / "practice").glob("[0-9]*.js"):
        text = file.read_text("utf-8")
        cards |= json.loads(text.removeprefix("deckPractice.add(").rstrip(";\n").removesuffix(")"))
    assert set(cards) == set(rows(built))
    for name, (_, faces) in cards.items():
        frames = parsed(built / "card" / f"{name}.html").frames
        for frame, side in zip(frames, (s for face in faces for s in face[1:]), strict=True):
            mine = ParsedPage(side.replace('src="', 'src="../'))
            assert mine.text.strip() in frame.text
            assert mine.elements == frame.elements[-len(mine.elements) :]


def test_a_card_has_its_theme_and_hint_but_no_answer_yet(show: Show, built: Path) -> None:
    page, cards = show("practice.html", color_scheme="light"), len(rows(built))
    body, hint = card(page).locator("body"), card(page).locator("a.hint")
    start(page, count="20")
    for number in range(1, cards + 1):
        asked(page, number, cards)
        if hint.count():
            break
        skip(page)
    expect(card(page).locator(".front")).to_have_count(1)
    expect(card(page).locator(".back")).to_have_count(0)
    expect(page.locator(".knew")).to_be_hidden()
    expect(card(page).locator("div.hint")).to_be_hidden()
    hint.click()
    expect(card(page).locator("div.hint")).to_be_visible()
    expect(body).not_to_have_class(NIGHT)
    page.emulate_media(color_scheme="dark")
    expect(body).to_have_class(NIGHT)
    page.locator(".show-answer").click()
    expect(page.locator(".knew")).to_be_visible()
    expect(body).to_have_class(NIGHT)


def test_a_round_without_storage_and_a_card_that_does_not_load_at_first(
    browser: Browser, built: Path
) -> None:
    refused = [True]

    def serve(path: str) -> bytes | None:
        script = re.search(r"practice/\d+\.js$", path)
        return None if script and refused else stored(built, path)

    none = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    with visit(browser, serve, viewport=DESKTOP) as tab:
        tab.page.add_init_script(none)
        tab.page.goto(f"{ORIGIN}/practice.html")
        start(tab.page)
        again = tab.page.get_by_role("button", name="Try again")
        expect(again).to_be_visible()
        tab.heard()  # the script that was refused
        refused.clear()
        again.click()
        answer(tab.page, "mouse", built, Round())
        asked(tab.page, 2, 10)
        assert tab.heard() == []


def test_active_content_in_a_card_does_nothing(browser: Browser, built: Path) -> None:
    """The page's policy and the frame's sandbox hold even if a card's text became markup."""
    side = b'<div class=\\"question\\">'
    harm = json.dumps("".join(html for html in ACTIVE if 'id="click"' not in html))[1:-1].encode()
    replaced = {
        f"/assets/practice/{file.name}": file.read_bytes().replace(side, side + harm)
        for file in (built / "assets" / "practice").glob("[0-9]*.js")
    }
    assert all(harm in text for text in replaced.values())
    with visit(browser, partial(stored, built, replaced=replaced), viewport=DESKTOP) as tab:
        tab.page.goto(f"{ORIGIN}/practice.html")
        start(tab.page)
        for number in range(1, 5):
            asked(tab.page, number, 10)
            answer(tab.page, "mouse", built, Round())
        assert (tab.page.evaluate("window.harmed"), tab.outside) == (None, [])
        assert any("Content Security Policy" in error for error in tab.errors)


def test_of_many_cards_only_the_needed_ones_are_loaded(browser: Browser, tmp_path: Path) -> None:
    project, count = make_project(tmp_path / "many"), 5000 if FULL else 200
    for first in range(0, count, 100):
        file = project / "cards" / "services" / "polly" / f"made-{first:05}.md"
        file.write_text(f"# Amazon Polly: made\n\n{made_up(first, first + 100)}", "utf-8")
    folder = site(project)
    paths: list[str] = []

    def serve(path: str) -> bytes | None:
        paths.append(path)
        return stored(folder, path)

    def scripts() -> int:
        return len({path for path in paths if re.search(r"practice/\d+\.js$", path)})

    with visit(browser, serve, viewport=DESKTOP) as tab:
        tab.page.goto(f"{ORIGIN}/practice.html")
        expect(tab.page.locator(".fits")).to_contain_text(f"{len(rows(folder)):,} cards")
        start(tab.page)
        asked(tab.page, 1, 10)
        tab.page.wait_for_load_state("networkidle")
        assert 1 <= scripts() <= 2, "that of the first card, and that of the second"
        for _ in range(3):
            answer(tab.page, "keyboard", folder, Round())
        asked(tab.page, 4, 10)
        assert scripts() <= 5
        assert tab.heard() == []
