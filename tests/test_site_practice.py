"""Practice on the site, in a real browser: rounds by mouse, touch, and keyboard, opened from
a file, interrupted, cleared, and with thousands of cards.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser import ORIGIN, visit
from conftest import FULL, make_project, run
from playwright.sync_api import Browser, FrameLocator, Page, expect
from test_site import HOSTILE
from test_site import Page as Parsed
from test_site_browser import ACTIVE, DESKTOP, PHONE, SCHEMES, opened, overflow, serious, served

WAYS = ("mouse", "touch", "keyboard")


def made_up(first: int, end: int) -> str:
    """The text of cards with the numbers from `first` to `end`, without `end`."""
    return "\n".join(
        f"## polly-made-{n}\n\n- kind: concept\n- topic: voices\n- checked: 2026-10\n\n"
        f"What is the made-up name of the voice with the number {n}?\n\n---\n\nVoice {n}.\n"
        for n in range(first, end)
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini project's site, with a card that would do harm if its text were taken for markup."""
    project = make_project(tmp_path_factory.mktemp("practice") / "mini")
    file = project / "cards" / "4.2-services" / "polly.md"
    file.write_text(file.read_text("utf-8") + HOSTILE + "\n" + made_up(0, 2), "utf-8")
    assert run(project, "preview").code == 0
    return project / "dist" / "site"


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    """The cards by ID, as cards.json has them."""
    return {row["id"]: row for row in json.loads((folder.parent / "cards.json").read_text("utf-8"))}


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
    page.locator("select[name=count]").select_option(count)
    act(page, way, "Start")


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
        button.focus()
        page.keyboard.press("Enter")


def answer(page: Page, way: str, deck: dict[str, dict[str, Any]], played: Round) -> None:
    """Answer the card on the page. Of the options, take the first; else grade by turns."""
    expect(page.locator(".show-answer")).to_be_visible()
    inside = card(page)
    if inside.locator(".options.live").count():
        row = deck[inside.locator(".choice").get_attribute("data-id") or ""]
        key = set(row["fields"]["Key"].split())
        options = inside.locator(".options > li")
        for number in range(len(key)):
            option = options.nth(number)
            {"mouse": option.click, "touch": option.tap}.get(
                way, lambda n=number: page.keyboard.press("abcdef"[n])
            )()
        picked = {options.nth(n).get_attribute("data-n") for n in range(len(key))}
        expect(options.first).to_have_attribute("aria-checked", "true")
        act(page, way, "Check", "Space")
        expect(page.locator(".next-card")).to_be_visible()
        good = picked == key
        expect(inside.locator(".verdict")).to_have_text(
            re.compile("^Correct$" if good else "Answer")
        )
        played.asked.append(row["id"])
        if good:
            played.right.add(row["id"])
        act(
            page,
            way,
            "Next" if page.get_by_role("button", name="Next").count() else "See the score",
            "Enter",
        )
        return
    act(page, way, "Show answer", "Space")
    expect(page.locator(".knew")).to_be_visible()
    name = inside.locator(".foot .id").inner_text().rsplit(" ", 1)[-1]
    good = len(played.asked) % 2 == 0
    played.asked.append(name)
    if good:
        played.right.add(name)
    act(page, way, "Got it" if good else "Missed", "2" if good else "1")


def play(page: Page, way: str, folder: Path, cards: int = 10) -> Round:
    """Answer the cards of a round from its first one to its score."""
    deck, played = rows(folder), Round()
    for number in range(1, cards + 1):
        expect(page.locator(".place")).to_have_text(f"Card {number} of {cards}")
        answer(page, way, deck, played)
    expect(page.locator(".score h1")).to_be_visible()
    return played


@pytest.mark.parametrize(
    ("way", "scheme"), list(zip(WAYS, ("light", "dark", "light"), strict=True))
)
def test_a_round_ends_with_a_score_the_missed_cards_and_a_package(
    way: str, scheme: str, browser: Browser, folder: Path
) -> None:
    """From a file, and with no network: `opened` refuses all requests but for the site's files."""
    size = PHONE if way == "touch" else DESKTOP
    with opened(
        browser,
        folder,
        "practice.html",
        viewport=size,
        has_touch=way == "touch",
        color_scheme=scheme,
        offline=True,
    ) as tab:
        page, deck = tab.page, rows(folder)
        before = page.evaluate("history.length")
        start(page, way)
        played = play(page, way, folder)
        assert len(set(played.asked)) == 10
        expect(page.locator(".score h1")).to_have_text(f"{len(played.right)} of 10 correct")
        topics = {deck[name]["topic"] for name in played.asked}
        lines = page.locator(".by-topic tbody tr").all()
        assert len(lines) == len(topics)
        for line in lines:
            href = line.locator("a").get_attribute("href") or ""
            inside = [n for n in played.asked if deck[n]["topic"] == href.split("=")[1]]
            right = len(set(inside) & played.right)
            assert (line.locator("td.none").count() == 1) == (right == 0)
            expect(line.locator("td")).to_have_text(f"{right} of {len(inside)}")
        links = [link.get_attribute("href") for link in page.locator(".wrong a").all()]
        assert set(links) == {f"card/{name}.html" for name in played.missed}
        assert all((folder / str(link)).is_file() for link in links)
        package = page.locator(".take a")
        expect(package).to_have_attribute("href", "packages/all.apkg")
        assert overflow(page) <= 0
        assert page.evaluate("history.length") == before, "Back leaves the page"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_part_of_a_round_is_accessible(scheme: str, browser: Browser, folder: Path) -> None:
    with served(browser, folder, "practice.html", viewport=PHONE, color_scheme=scheme) as page:
        assert serious(page, scheme) == []
        start(page)
        seen = set()
        for _ in range(10):
            expect(page.locator(".show-answer")).to_be_visible()
            kind = card(page).locator(".note").get_attribute("class")
            new = kind not in seen
            seen.add(kind)
            if new:
                assert serious(page, scheme) == [], kind
                if "choice" in str(kind):
                    card(page).locator(".options > li").first.click()
            page.locator(".show-answer").click()
            expect(page.locator(".show-answer")).to_be_hidden()
            expect(page.locator(".deal button:visible").first).to_be_visible()
            if new:
                page.wait_for_timeout(100)
                assert serious(page, scheme) == [], kind
            assert overflow(page) <= 0
            page.locator(".missed:visible, .next-card:visible").click()
        expect(page.locator(".score h1")).to_be_visible()
        assert serious(page, scheme) == []


def test_a_reload_keeps_the_round(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html#service=polly") as tab:
        page, deck, played = tab.page, rows(folder), Round()
        start(page)
        total = sum("polly" in (row["service"], *row["also"]) for row in deck.values())
        judged = 0
        for number in range(1, total + 1):
            expect(page.locator(".show-answer")).to_be_visible()
            shown = card(page).locator("#qa").inner_text()
            page.reload()
            expect(page.locator(".place")).to_have_text(f"Card {number} of {total}")
            expect(page.locator(".show-answer")).to_be_visible()
            again = card(page).locator("#qa").inner_text()
            assert sorted(again.split()) == sorted(shown.split()), "options may be in another order"
            if card(page).locator(".options.live").count():
                card(page).locator(".options > li").first.click()
                page.get_by_role("button", name="Check").click()
                expect(page.locator(".next-card")).to_be_visible()
                verdict = card(page).locator(".verdict").inner_text()
                page.reload()
                expect(card(page).locator(".verdict")).to_have_text(verdict)
                judged += verdict == "Correct"
                page.locator(".next-card").click()
            else:
                page.locator(".show-answer").click()
                expect(page.locator(".knew")).to_be_visible()
                page.reload()
                expect(card(page).locator(".back")).to_be_visible()
                page.get_by_role("button", name="Got it").click()
                judged += 1
        score = f"{judged} of {total} correct"
        expect(page.locator(".score h1")).to_have_text(score)
        page.reload()
        expect(page.locator(".score h1")).to_have_text(score)
        expect(page.locator(".take a")).to_have_attribute("href", "packages/service/polly.apkg")
        assert played.asked == []


def test_progress_can_be_cleared(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html") as tab:
        page = tab.page
        expect(page.get_by_role("button", name="Clear progress")).to_be_hidden()
        start(page)
        play(page, "mouse", folder)
        expect(page.locator(".record")).to_contain_text("you have answered 10 of 12 cards")
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("button", name="Clear progress").click()
        expect(page.locator(".score h1")).to_be_visible()
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Clear progress").click()
        expect(page.get_by_role("button", name="Start")).to_be_visible()
        expect(page.locator(".record")).to_be_hidden()
        assert page.evaluate("Object.keys(localStorage)") == []
        page.reload()
        expect(page.get_by_role("button", name="Start")).to_be_visible()
        expect(page.locator(".record")).to_be_hidden()


def test_new_cards_come_first_and_then_missed_ones(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html") as tab:
        page = tab.page
        start(page)
        first = play(page, "mouse", folder)
        assert first.missed
        page.get_by_role("button", name="New round").click()
        expect(page.locator(".fits")).to_contain_text("12 cards match, 2 of them new to you")
        start(page)
        second = play(page, "mouse", folder)
        assert set(rows(folder)) - set(first.asked) <= set(second.asked)
        assert first.missed <= set(second.asked)
        again = page.get_by_role("button", name="Practice the")
        missed = second.missed
        again.click()
        expect(page.locator(".place")).to_have_text(f"Card 1 of {len(missed)}")
        third = play(page, "keyboard", folder, len(missed))
        assert set(third.asked) == missed


def test_cards_are_chosen_by_task_service_exam_and_level(browser: Browser, folder: Path) -> None:
    deck = rows(folder)

    def values(row: dict[str, Any], name: str) -> list[str]:
        if name == "service":
            return [row["service"], *row["also"]]
        if name == "exam":
            return [exam.split("::")[0] for exam in row["exams"]]
        return [row[name]]

    with opened(browser, folder, "practice.html") as tab:
        page = tab.page
        names = ["task", "topic", "service", "exam"]
        assert page.locator(".setup select").count() == len(names) + 1
        for name in names:
            for value in {v for row in deck.values() for v in values(row, name)}:
                page.goto("about:blank")
                page.goto(f"{folder.as_uri()}/practice.html#{name}={value}")
                wanted = {i for i, row in deck.items() if value in values(row, name)}
                plural = "card matches." if len(wanted) == 1 else "cards match."
                expect(page.locator(".fits")).to_have_text(f"{len(wanted)} {plural}")
        page.select_option("select[name=task]", label="Reliability")
        page.select_option("select[name=service]", label="Amazon Polly")
        expect(page.locator(".fits")).to_have_text("No card matches. Choose fewer conditions.")
        expect(page.get_by_role("button", name="Start")).to_be_disabled()


def test_long_titles_are_below_the_select(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html") as tab:
        page, exam = tab.page, tab.page.locator("select[name=exam]")
        assert exam.locator("option").all_inner_texts() == ["any", "OLD", "NEXT"]
        expect(page.get_by_text("The next exam")).to_have_count(0)
        exam.select_option("NEXT")
        expect(exam).to_have_accessible_description("The next exam")
        expect(page.get_by_text("The next exam")).to_be_visible()
        exam.select_option("any")
        expect(page.get_by_text("The next exam")).to_have_count(0)


def test_the_topics_to_choose_are_those_of_the_task(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html") as tab:
        task, topic = tab.page.get_by_label("Task"), tab.page.get_by_label("Topic")
        titles = ["any", "Copies", "Voices", "Words"]
        assert sorted(topic.locator("option").all_inner_texts(), key=titles.index) == titles
        groups = topic.locator("optgroup").evaluate_all("(all) => all.map((one) => one.label)")
        assert groups == ["Reliability", "Services & cost", "Summary"]
        topic.select_option("Voices")
        task.select_option("Services & cost")
        assert topic.locator("option").all_inner_texts() == ["any", "Voices"]
        expect(topic.locator("option:checked")).to_have_text("Voices")
        task.select_option("Reliability")
        assert topic.locator("option").all_inner_texts() == ["any", "Copies"]
        expect(topic.locator("option:checked")).to_have_text("any")


def test_a_topic_of_the_score_starts_a_round_with_it(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html#task=4.2") as tab:
        page, deck = tab.page, rows(folder)
        total = sum(row["task"] == "4.2" for row in deck.values())
        start(page)
        play(page, "mouse", folder, min(total, 10))
        link = page.locator(".by-topic").get_by_role("link", name="Voices")
        expect(link).to_have_attribute("href", "#topic=voices")
        assert link.evaluate("(e) => getComputedStyle(e).textDecorationLine") == "underline"
        link.click()
        wanted = min(10, sum(row["topic"] == "voices" for row in deck.values()))
        expect(page.locator(".place")).to_have_text(f"Card 1 of {wanted}")
        page.get_by_role("button", name="End round").click()
        page.evaluate("location.hash = 'topic=copies'")
        expect(page.get_by_label("Topic").locator("option:checked")).to_have_text("Copies")
        expect(page.get_by_label("Task").locator("option:checked")).to_have_text("any")
        expect(page.locator(".setup h1")).to_be_focused()


def test_the_score_names_the_missed_cards_first_and_topics_if_any_has_several_cards(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "practice.html", viewport=PHONE) as tab:
        page = tab.page
        start(page)
        page.locator(".show-answer").click()
        page.locator(".missed:visible, .next-card:visible").click()
        page.get_by_role("button", name="End round").click()
        expect(page.locator(".score h1")).to_be_visible()
        expect(page.locator(".by-topic")).to_be_hidden()
        page.get_by_role("button", name="New round").click()
        expect(page.locator(".setup h1")).to_be_focused()
        start(page)
        for _ in range(10):
            page.locator(".show-answer").click()
            page.locator(".missed:visible, .next-card:visible").click()
        expect(page.locator(".score h1")).to_have_text("0 of 10 correct")
        assert all(t.startswith("0 of") for t in page.locator("td.none").all_inner_texts())
        assert page.locator("td.none").count() == page.locator(".by-topic tbody tr").count() > 0
        titles = page.locator(".score h2:visible").all_inner_texts()
        assert titles == ["Missed", "By topic", "Review in Anki"]
        expect(page.locator(".score .share")).to_be_empty()
        head = page.get_by_role("columnheader", name="Correct").bounding_box()
        rule = page.locator(".by-topic table").bounding_box()
        assert head
        assert rule
        end = "(e) => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right; }"  # noqa: E501
        right = page.get_by_role("columnheader", name="Correct").evaluate(end)
        assert abs(right - rule["x"] - rule["width"]) < 1


def test_the_score_offers_the_first_level_as_a_smaller_package(
    browser: Browser, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "mini")
    with (project / "decks" / "project.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[package]]\npath = "few.apkg"\ntitle = "Few"\nlevel = ["essential"]\n')
    cards = project / "cards" / "4.2-services" / "polly.md"
    few = made_up(0, 2).replace("- kind: concept\n", "- kind: concept\n- level: essential\n")
    cards.write_text(cards.read_text("utf-8") + few, "utf-8")
    done = run(project, "preview")
    assert done.code == 0, done.out
    with opened(browser, project / "dist" / "site", "practice.html") as tab:
        page = tab.page
        level = page.locator("select[name=level]")
        assert level.locator("option").all_inner_texts() == ["any", "Essential", "Standard"]
        start(page)
        for _ in range(10):
            page.locator(".show-answer").click()
            page.locator(".missed:visible, .next-card:visible").click()
        take = page.locator(".take").inner_text()
        assert re.match(
            r"Review in Anki\s+These cards are part of:\s+all cards\s+\d+ cards\s+\d+ kB\s+"
            r"For a smaller start:\s+Few\s+2 cards\s+\d+ kB$",
            take,
            re.IGNORECASE,
        ), take


def asked(page: Page, number: int, cards: int) -> FrameLocator:
    """The frame with the card of this number, once it is shown."""
    expect(page.locator(".place")).to_have_text(f"Card {number} of {cards}")
    expect(page.locator(".show-answer")).to_be_visible()
    return card(page)


def test_keys_are_beside_the_buttons_and_only_those_that_do_something(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "practice.html") as tab:
        page, cards = tab.page, len(rows(folder))
        start(page, count="20")
        seen = set()
        for number in range(1, cards + 1):
            options = asked(page, number, cards).locator(".options > li").count()
            seen.add(options > 0)
            keys = page.locator(".keys").inner_text()
            assert re.findall("A to ([A-Z])", keys) == ([chr(64 + options)] if options else [])
            assert "Space or Enter" in keys
            page.locator(".show-answer").click()
            page.locator(".missed:visible, .next-card:visible").click()
        assert seen == {True, False}


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_key_after_a_click_on_an_option_does_what_the_button_says(
    key: str, browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "practice.html") as tab:
        page, deck = tab.page, rows(folder)
        start(page, count="20")
        judged = 0
        for card_number in range(1, len(deck) + 1):
            options = asked(page, card_number, len(deck)).locator(".options > li")
            if options.count():
                name = card(page).locator(".choice").get_attribute("data-id") or ""
                picks = len(deck[name]["fields"]["Key"].split())
                for number in range(picks):
                    options.nth(number).click()
                expect(page.locator(".show-answer")).to_have_text("Check Space")
                page.keyboard.press(key)
                expect(card(page).locator(".mark").filter(has_text="your answer")).to_have_count(
                    picks
                )
                expect(card(page).locator("#answer")).to_have_class(re.compile("good|bad"))
                judged += 1
                page.keyboard.press(key)
            else:
                page.locator(".show-answer").click()
                page.locator(".missed").click()
        assert judged


def test_keys_pick_another_option_before_the_button(browser: Browser, folder: Path) -> None:
    """A letter or the arrows lead to an option that is not picked yet, and Space picks it."""
    with opened(browser, folder, "practice.html") as tab:
        page, cards = tab.page, len(rows(folder))
        start(page, count="20")
        options = card(page).locator(".options > li")
        for number in range(1, cards + 1):
            if asked(page, number, cards).locator('[role="radio"]').count():
                break
            page.locator(".show-answer").click()
            page.locator(".missed:visible, .next-card:visible").click()
        options.nth(0).click()
        page.keyboard.press("b")
        expect(options.nth(1)).to_be_focused()
        expect(options.nth(1)).to_have_attribute("aria-checked", "true")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        expect(options.nth(2)).to_have_attribute("aria-checked", "true")
        picked = options.nth(2).get_attribute("data-n")
        page.keyboard.press("Space")
        expect(card(page).locator("#answer")).to_be_visible()
        mine = card(page).locator(".options > li").filter(has_text="your answer")
        expect(mine).to_have_attribute("data-n", picked or "")


def test_on_a_phone_a_round_has_one_line_above_it(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html", viewport=PHONE, has_touch=True) as tab:
        page = tab.page
        header, button = page.locator(".top").bounding_box(), page.locator(".start").bounding_box()
        assert header
        assert button
        assert button["width"] > 300
        start(page, "touch", "5")
        expect(page.locator(".place")).to_have_text("Card 1 of 5")
        after = page.locator(".top").bounding_box()
        assert after
        assert after["height"] < header["height"] - 20
        expect(page.locator(".show-answer")).to_have_text("Show answer Space")
        expect(page.locator(".show-answer kbd")).to_be_hidden()


def test_a_round_can_be_ended_early(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html") as tab:
        page = tab.page
        start(page)
        page.get_by_role("button", name="End round").click()
        expect(page.get_by_role("button", name="Start")).to_be_visible()
        start(page)
        answer(page, "mouse", rows(folder), Round())
        page.goto("about:blank")
        page.goto(f"{folder.as_uri()}/practice.html#task=4.2")
        page.get_by_role("button", name="Continue the round at card 2 of 10").click()
        expect(page.locator(".place")).to_have_text("Card 2 of 10")
        page.get_by_role("button", name="End round").click()
        expect(page.locator(".score h1")).to_have_text(re.compile("^[01] of 1 correct$"))
        expect(page.locator(".score .share")).to_contain_text("after 1 of 10 cards")


def test_the_cards_are_those_of_the_card_pages(folder: Path) -> None:
    """Practice has the HTML of the frames on the cards' pages, but for paths to other files."""
    cards: dict[str, list] = {}
    for file in (folder / "assets" / "practice").glob("[0-9]*.js"):
        text = file.read_text("utf-8")
        cards |= json.loads(text.removeprefix("deckPractice.add(").rstrip(";\n").removesuffix(")"))
    assert set(cards) == set(rows(folder))
    for name, (_, faces) in cards.items():
        page = Parsed((folder / "card" / f"{name}.html").read_text("utf-8"))
        sides = [side for face in faces for side in face[1:]]
        assert len(page.frames) == len(sides)
        for frame, side in zip(page.frames, sides, strict=True):
            mine = Parsed(side.replace('src="', 'src="../'))
            assert mine.text.strip() in frame.text
            assert mine.elements == frame.elements[-len(mine.elements) :]


def test_a_hint_opens_and_the_theme_reaches_the_card(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "practice.html", color_scheme="light") as tab:
        page = tab.page
        start(page, count="20")
        for _ in rows(folder):
            expect(page.locator(".show-answer")).to_be_visible()
            hint = card(page).locator("a.hint")
            if hint.count():
                break
            page.locator(".show-answer").click()
            page.locator(".missed").click()
        expect(card(page).locator("div.hint")).to_be_hidden()
        hint.click()
        expect(card(page).locator("div.hint")).to_be_visible()
        expect(card(page).locator("body")).not_to_have_class(re.compile("night"))
        page.emulate_media(color_scheme="dark")
        expect(card(page).locator("body")).to_have_class(re.compile("nightMode"))
        page.locator(".show-answer").click()
        expect(page.locator(".knew")).to_be_visible()
        expect(card(page).locator("body")).to_have_class(re.compile("nightMode"))


def test_the_answer_is_not_on_the_page_before_it_is_asked_for(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "practice.html") as tab:
        page = tab.page
        start(page)
        expect(page.locator(".show-answer")).to_be_visible()
        expect(card(page).locator(".front")).to_have_count(1)
        expect(card(page).locator(".back")).to_have_count(0)
        for name in ("knew", "missed", "next-card"):
            expect(page.locator(f".{name}")).to_be_hidden()


def test_without_storage_a_round_can_be_played(browser: Browser, folder: Path) -> None:
    with visit(browser, allowed=(folder.as_uri() + "/",), viewport=DESKTOP) as tab:
        tab.page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
        )
        tab.page.goto(f"{folder.as_uri()}/practice.html")
        start(tab.page)
        answer(tab.page, "mouse", rows(folder), Round())
        expect(tab.page.locator(".place")).to_have_text("Card 2 of 10")
        expect(tab.page.locator(".show-answer")).to_be_visible()
        assert tab.heard() == []


def test_a_card_that_does_not_load_can_be_tried_again(browser: Browser, folder: Path) -> None:
    refuse = [True]

    def serve(path: str) -> bytes | None:
        file = folder / path.lstrip("/")
        if re.search(r"practice/\d+\.js$", path) and refuse[0]:
            return None
        return file.read_bytes() if file.is_file() else None

    with visit(browser, serve, viewport=DESKTOP) as tab:
        page = tab.page
        page.goto(f"{ORIGIN}/practice.html")
        start(page)
        expect(page.locator(".deal .verdict")).to_have_text("This card could not be loaded.")
        refuse[0] = False
        page.get_by_role("button", name="Try again").click()
        answer(page, "mouse", rows(folder), Round())
        expect(page.locator(".place")).to_have_text("Card 2 of 10")


def test_active_content_in_a_card_does_nothing(browser: Browser, folder: Path) -> None:
    """The page's policy and the frame's sandbox hold even if a card's text became markup."""
    harm = json.dumps("".join(html for html in ACTIVE if 'id="click"' not in html))[1:-1]

    def serve(path: str) -> bytes | None:
        file = folder / path.lstrip("/")
        if not file.is_file():
            return None
        data = file.read_bytes()
        if re.search(r"practice/\d+\.js$", path):
            side = b'<div class=\\"question\\">'
            assert side in data
            return data.replace(side, side + harm.encode())
        return data

    with visit(browser, serve, viewport=DESKTOP) as tab:
        page = tab.page
        page.goto(f"{ORIGIN}/practice.html")
        start(page)
        for number in range(1, 5):
            expect(page.locator(".place")).to_have_text(f"Card {number} of 10")
            answer(page, "mouse", rows(folder), Round())
        assert page.evaluate("window.harmed") is None
        assert tab.outside == []
        assert any("Content Security Policy" in error for error in tab.errors)


def generated(folder: Path, count: int) -> Path:
    """The site of a project with `count` more cards."""
    project = make_project(folder / "many")
    home = project / "cards" / "4.2-services" / "polly"
    part = 100
    for first in range(0, count, part):
        file = home / f"made-{first:05}.md"
        cards = made_up(first, min(count, first + part))
        file.write_text(f"# Amazon Polly: made\n\n{cards}", "utf-8")
    done = run(project, "preview")
    assert done.code == 0, done.out[:2000]
    return project / "dist" / "site"


def test_of_many_cards_only_the_needed_ones_are_loaded(browser: Browser, tmp_path: Path) -> None:
    site = generated(tmp_path, 5000 if FULL else 200)
    asked: list[str] = []

    def serve(path: str) -> bytes | None:
        asked.append(urlsplit(path).path)
        file = site / path.lstrip("/")
        return file.read_bytes() if file.is_file() else None

    with visit(browser, serve, viewport=DESKTOP) as tab:
        page = tab.page
        page.goto(f"{ORIGIN}/practice.html")
        total = len(rows(site))
        expect(page.locator(".fits")).to_have_text(f"{total:,} cards match.")
        start(page)
        expect(page.locator(".show-answer")).to_be_visible()
        page.wait_for_load_state("networkidle")
        scripts = {path for path in asked if re.search(r"practice/\d+\.js$", path)}
        assert 1 <= len(scripts) <= 2, "that of the first card, and that of the second"
        for _ in range(3):
            answer(page, "keyboard", rows(site), Round())
        expect(page.locator(".show-answer")).to_be_visible()
        scripts = {path for path in asked if re.search(r"practice/\d+\.js$", path)}
        assert len(scripts) <= 5
        sent = sum(
            (site / path.lstrip("/")).stat().st_size
            for path in set(asked)
            if path != "/favicon.ico"
        )
        whole = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
        assert sent < (0.05 if FULL else 0.3) * whole
        assert tab.heard() == []
