"""The site in a real browser: opened from a file, searched, filtered, read by keyboard and
by axe-core; and followed while cards are written.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import ORIGIN, Visit, visit
from conftest import FULL, REPO, make_project, run
from playwright.sync_api import Browser, FrameLocator, Page, expect
from test_site import HOSTILE, edit

SCHEMES = ("light", "dark")
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
PAGES = (
    "index.html",
    "cards.html",
    "outline.html",
    "ages.html",
    "card/polly-input-length.html",
    "card/polly-for-museum.html",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini project's site, with a card that would do harm if its text were taken for markup."""
    project = make_project(tmp_path_factory.mktemp("site") / "mini")
    file = project / "cards" / "4.2-services" / "polly.md"
    file.write_text(file.read_text("utf-8") + HOSTILE, "utf-8")
    edit(project, "\nReplication", "\nAs in a museum, replication", "cards/4.1-reliability/s3.md")
    assert run(project, "preview").code == 0
    return project / "dist" / "site"


@contextmanager
def opened(browser: Browser, folder: Path, path: str, **context: object) -> Iterator[Visit]:
    """A page of the site from its file. At the end nothing must have gone wrong in it, and
    nothing asked for elsewhere.
    """
    with visit(
        browser, allowed=(folder.as_uri() + "/",), **{"viewport": DESKTOP, **context}
    ) as tab:
        tab.page.goto(f"{folder.as_uri()}/{path}")
        yield tab
        assert tab.heard() == []


@contextmanager
def served(browser: Browser, folder: Path, path: str, **context: object) -> Iterator[Page]:
    """A page of the site from a host, for axe-core, which cannot look into styles and
    frames of a file.
    """

    def serve(asked: str) -> bytes | None:
        file = folder / asked.lstrip("/")
        return file.read_bytes() if file.is_file() else None

    with visit(browser, serve, **{"viewport": DESKTOP, **context}) as tab:
        tab.page.goto(f"{ORIGIN}/{path}")
        yield tab.page
        assert tab.heard() == []


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def serious(page: Page, scheme: str = "light") -> list[str]:
    """What axe-core finds serious or critical, in the page and its frames.

    At night, only the contrast can be worse than by day.
    """
    only = {} if scheme == "light" or FULL else {"runOnly": ["color-contrast"]}
    found = Axe().run(page, options=only).response["violations"]
    return [
        f"{v['id']}: {n['target']} {n.get('failureSummary', '')}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]


def shown(page: Page) -> list[str]:
    """The ids of the cards in the list of results, in their order."""
    return list(
        page.evaluate(
            "Array.from(document.querySelectorAll('.results > li')).map((item) => item.dataset.id)"
        )
    )


def show_answers(page: Page) -> None:
    for button in page.get_by_text("Show answer").all():
        button.click()


def face(page: Page, side: str, number: int = 0) -> FrameLocator:
    return page.frame_locator(f"iframe.{side} >> nth={number}")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_kind_of_page_is_accessible_fits_and_is_quiet(
    scheme: str, size: dict, browser: Browser, folder: Path
) -> None:
    for path in PAGES:
        with served(browser, folder, path, viewport=size, color_scheme=scheme) as page:
            page.wait_for_timeout(150)
            for details in page.locator("main details").all():
                details.evaluate("(e) => { e.open = true; }")
            assert serious(page, scheme) == [], path
            assert overflow(page) <= 0, path


def test_axe_sees_a_fault(browser: Browser, folder: Path) -> None:
    with served(browser, folder, "index.html") as page:
        page.evaluate("document.querySelector('.sum').style.color = '#ccc'")
        assert {found.split(":")[0] for found in serious(page)} == {"color-contrast"}


def test_at_200_percent_nothing_overflows(browser: Browser, folder: Path) -> None:
    """A window of 1280 pixels at 200 % is one of 640; the phone's 360 at 200 % is one of
    180, where only frames may scroll.
    """
    for path in PAGES:
        with opened(
            browser, folder, path, viewport={"width": 640, "height": 450}, device_scale_factor=2
        ) as tab:
            assert overflow(tab.page) <= 0, path


def test_search_finds_words_wherever_they_stand(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "cards.html") as tab:
        page, box = tab.page, tab.page.locator("#q")
        everything = shown(page)
        assert len(everything) == 10
        expect(page.locator("select[name=deck]")).to_have_count(0)
        expect(page.get_by_role("status")).to_have_text("10 cards")
        for words, ids in (
            ("BILLED characters", {"polly-input-length"}),
            ("polly-purpose", {"polly-purpose"}),
            ("UNDERFITTING", {"idea-bias"}),
            ("amazon s3 copies", {"s3-replication", "s3-copies"}),
            ("zebra crossing", set()),
        ):
            box.fill(words)
            assert set(shown(page)) == ids, words
        expect(page.get_by_role("status")).to_have_text(
            "No cards found. Try fewer words or filters."
        )
        box.fill("")
        assert shown(page) == everything


def test_what_the_question_says_comes_first(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "cards.html") as tab:
        tab.page.locator("#q").fill("museum")
        assert shown(tab.page) == ["polly-for-museum", "s3-replication"], (
            "the second has it on its back, and comes earlier in the deck"
        )


def test_filters_narrow_count_and_live_in_the_address(browser: Browser, folder: Path) -> None:
    rows = {row["id"]: row for row in json.loads((folder.parent / "cards.json").read_text("utf-8"))}
    with opened(browser, folder, "cards.html") as tab:
        page = tab.page
        for name in ("task", "service", "topic", "kind", "status"):
            for value in {
                v
                for row in rows.values()
                for v in ([row["service"], *row["also"]] if name == "service" else [row[name]])
            }:
                page.locator(f"select[name={name}]").select_option(value)
                wanted = {
                    i
                    for i, row in rows.items()
                    if value
                    in ([row["service"], *row["also"]] if name == "service" else [row[name]])
                }
                assert set(shown(page)) == wanted, (name, value)
                assert (
                    page.locator(f"select[name={name}] option:checked")
                    .inner_text()
                    .endswith(f"({len(wanted)})")
                )
            page.locator("select[name=task]").evaluate("(e) => e.form.reset()")
            page.wait_for_timeout(20)
        page.locator("select[name=task]").select_option("4.2")
        page.locator("select[name=kind]").select_option("quota")
        page.locator("#q").fill("3,000 & more")
        page.locator("#q").fill("polly")
        both = shown(page)
        assert set(both) == {
            i for i, row in rows.items() if (row["task"], row["kind"]) == ("4.2", "quota")
        }
        address = page.url
        expect(page.locator(".on")).to_have_text("2 active")
        page.goto("about:blank")
        page.goto(address)
        assert shown(page) == both
        assert page.locator("#q").input_value() == "polly"


def test_cards_can_be_filtered_by_exam(browser: Browser, folder: Path) -> None:
    rows = json.loads((folder.parent / "cards.json").read_text("utf-8"))
    with opened(browser, folder, "cards.html#exam=next") as tab:
        found = set(shown(tab.page))
        voices = {row["id"] for row in rows if row["topic"] == "voices"}
        assert found == voices - {"polly-two-of-four"}, "the exam of this card is another one"
        assert 0 < len(found) < len(rows)
        expect(tab.page.locator("select[name=exam] option:checked")).to_have_text(
            f"NEXT ({len(found)})"
        )


def test_on_a_phone_a_filter_of_a_link_can_be_taken_away(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "cards.html#topic=voices", viewport=PHONE) as tab:
        clear = tab.page.get_by_role("button", name="Clear")
        tab.page.locator(".filters summary").click()
        expect(clear).to_be_visible()
        tab.page.get_by_role("button", name="Remove the filter Topic: Voices").click()
        expect(tab.page.get_by_role("status")).to_have_text("10 cards")
        expect(tab.page.locator(".chips")).to_be_hidden()
        expect(clear).to_be_hidden()
        assert "topic" not in tab.page.url


def test_an_opened_card_marks_the_right_option_by_its_letter(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "cards.html#topic=voices", viewport=PHONE) as tab:
        item = tab.page.locator("[data-id=polly-for-museum]")
        options, answer = item.locator(".front .options"), item.locator(".back .lead > li")
        expect(options).to_be_hidden()
        item.locator("summary").click()
        expect(options).to_be_visible()
        (place,) = answer.evaluate_all("all => all.map((one) => one.value)")
        right = options.locator("> li").nth(place - 1)
        expect(right).to_have_class("right")
        expect(right).to_have_text(answer.inner_text())
        tab.page.locator("#q").fill("museum " + answer.inner_text())
        expect(options.locator("mark").first).to_be_visible()


def test_ones_own_cards_have_a_filter_of_their_own(browser: Browser, mini: Path) -> None:
    """In a fork; a project's own site has no such filter."""
    (mini / "decks" / "mine.toml").write_text(
        'namespace = "mine-x7"\ndeck = "My cards"\ntag = "mine"\n', "utf-8"
    )
    home = mini / "cards" / "mine" / "4.2-services"
    home.mkdir(parents=True)
    (home / "polly.md").write_text(
        "# Mine\n\n## polly-mine\n\n- kind: concept\n- topic: voices\n\n"
        "What is mine?\n\n---\n\nThis.\n",
        "utf-8",
    )
    assert run(mini, "preview").code == 0
    site = mini / "dist" / "site"
    with opened(browser, site, "cards.html") as tab:
        assert len(shown(tab.page)) > 1
        tab.page.locator("select[name=deck]").select_option(label="My cards (1)")
        assert shown(tab.page) == ["polly-mine"]
        assert "deck=mine-x7" in tab.page.url
        tab.page.goto(f"{site.as_uri()}/practice.html#deck=mine-x7")
        expect(tab.page.locator(".fits")).to_have_text("1 card matches.")
        tab.page.get_by_role("button", name="Start").click()
        expect(tab.page.frame_locator(".asked").locator(".question")).to_have_text("What is mine?")


def test_the_front_comes_first_and_the_answer_when_asked_for(
    browser: Browser, folder: Path
) -> None:
    with opened(
        browser, folder, "cards.html#q=polly-input-length", has_touch=True, viewport=PHONE
    ) as tab:
        item = tab.page.locator(".results > li")
        expect(item).to_contain_text("how many")
        expect(item).not_to_contain_text("3,000")
        expect(item.locator(".front .gap").first).to_have_text("[how many?]")
        item.locator("summary").tap()
        expect(item.locator(".back")).to_contain_text("3,000")
        item.get_by_role("link", name="Open the page of card polly-input-length").tap()
        expect(tab.page).to_have_url(re.compile("card/polly-input-length.html$"))


def test_by_keyboard_alone(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "index.html") as tab:
        page, key = tab.page, tab.page.keyboard
        key.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to content")
        key.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.goto(f"{folder.as_uri()}/cards.html")
        key.press("/")
        expect(page.locator("#q")).to_be_focused()
        key.type("polly")
        key.press("ArrowDown")
        key.press("ArrowDown")
        expect(page.locator(".results > li:nth-child(2) summary")).to_be_focused()
        key.press("Enter")
        expect(page.locator(".results > li:nth-child(2) .back")).to_be_visible()
        key.press("ArrowUp")
        expect(page.locator(".results > li:nth-child(1) summary")).to_be_focused()
        key.press("ArrowUp")
        expect(page.locator("#q")).to_be_focused()
        key.press("Escape")
        expect(page.locator("#q")).to_have_value("")
        expect(page.get_by_role("status")).to_have_text("10 cards")
        key.press("ArrowDown")
        first = shown(page)[0]
        at_first = re.compile(f"card/{first}.html$")
        with page.expect_navigation(url=at_first):
            key.press("o")
        with page.expect_navigation():
            key.press("ArrowRight")
        expect(page).not_to_have_url(at_first)
        with page.expect_navigation(url=at_first):
            key.press("ArrowLeft")


def test_every_control_has_a_visible_focus_and_can_be_reached(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "card/polly-for-museum.html") as tab:
        seen = []
        for _ in range(14):
            tab.page.keyboard.press("Tab")
            here = tab.page.evaluate(
                "[document.activeElement.tagName, document.activeElement.textContent.trim(), getComputedStyle(document.activeElement).outlineStyle]"  # noqa: E501
            )
            if here[0] == "IFRAME":
                break
            assert here[2] != "none", here
            seen.append(here[1])
        assert {"Cards", "Outline", "Freshness", "Voices"} <= set(seen), seen


@pytest.mark.parametrize("scheme", SCHEMES)
def test_cards_are_shown_as_on_a_phone_by_day_and_by_night(
    scheme: str, browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "card/polly-input-length.html", color_scheme=scheme) as tab:
        page, body = tab.page, face(tab.page, "front").locator("body")
        assert page.locator("iframe").count() == 4, "two gaps, two sides"
        expect(face(page, "front").locator(".cloze")).to_have_text("[how many]")
        expect(face(page, "front", 1).locator(".cloze")).to_have_text("[...]")
        night = re.compile("night")
        if scheme == "dark":
            expect(body).to_have_class(night)
        else:
            expect(body).not_to_have_class(night)
        theme = page.get_by_role("button", name="Theme")
        expect(page.get_by_role("button")).to_have_count(1)  # no other switch
        if scheme == "light":
            theme.click()
        expect(body).to_have_class("card card1 nightMode night_mode")
        dark = body.evaluate("(e) => getComputedStyle(e).backgroundColor")
        theme.click()
        expect(body).to_have_class("card card1")
        assert body.evaluate("(e) => getComputedStyle(e).backgroundColor") != dark
        show_answers(page)
        expect(face(page, "back").locator("body")).to_have_class("card card1")
        expect(face(page, "back").locator(".cloze")).to_have_text("3,000")


def test_the_switch_of_the_theme_is_remembered(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "index.html", color_scheme="light") as tab:
        page, ground = tab.page, "getComputedStyle(document.body).backgroundColor"
        day = page.evaluate(ground)
        switch = page.get_by_role("button", name="Theme")
        switch.click()
        night = page.evaluate(ground)
        assert night != day
        page.goto(f"{folder.as_uri()}/card/polly-purpose.html")
        assert page.evaluate(ground) == night
        expect(face(page, "front").locator("body")).to_have_class(re.compile("nightMode"))


def test_a_pick_on_the_front_is_judged_on_the_back(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "card/polly-for-museum.html") as tab:
        front, back = face(tab.page, "front"), face(tab.page, "back")
        show_answers(tab.page)
        expect(back.locator("#answer")).to_contain_text("Answer")
        tab.page.get_by_text("Hide answer").click()
        expect(tab.page.get_by_text("Show answer")).to_be_visible()
        option = front.locator('.options > [data-n="1"]')
        option.click()
        expect(tab.page.get_by_text("Check", exact=True)).to_be_visible()
        option.click()
        expect(tab.page.get_by_text("Show answer")).to_be_visible()
        option.click()
        order = "(list) => list.map((option) => option.dataset.n)"
        shown = front.locator(".options > li").evaluate_all(order)
        tab.page.keyboard.press("Space")
        expect(back.locator(".mark").filter(has_text="your answer")).to_have_count(1)
        assert back.locator(".options > li").evaluate_all(order) == shown


def test_formulas_and_pictures_are_drawn(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "card/polly-purpose.html") as tab:
        show_answers(tab.page)
        expect(face(tab.page, "back").locator("math")).to_have_count(2)
        assert "\\(" not in face(tab.page, "back").locator("body").inner_text()
    with opened(browser, folder, "cards.html#q=copies") as tab:
        tab.page.locator(".results summary").first.click()
    rows = json.loads((folder.parent / "cards.json").read_text("utf-8"))
    (pictured, *_) = [row["id"] for row in rows if row["media"]]
    with opened(browser, folder, f"card/{pictured}.html") as tab:
        show_answers(tab.page)
        tab.page.wait_for_timeout(200)
        drawn = tab.page.evaluate(
            "Array.from(document.querySelectorAll('iframe')).flatMap((f) => Array.from(f.contentDocument.images)).map((i) => i.naturalWidth)"  # noqa: E501
        )
        assert drawn
        assert all(width > 0 for width in drawn)


def test_hostile_text_does_nothing(browser: Browser, folder: Path) -> None:
    for path in ("card/polly-hostile.html", "cards.html#q=polly-hostile", "outline.html"):
        with opened(browser, folder, path) as tab:
            tab.page.on(
                "dialog", lambda dialog: pytest.fail(f"a card's text was run: {dialog.message}")
            )
            tab.page.evaluate(
                "document.querySelectorAll('main details').forEach((e) => { e.open = true; })"
            )
            tab.page.wait_for_timeout(200)
            assert tab.page.evaluate("typeof window.deckCards") == (
                "object" if "cards.html" in path else "undefined"
            )


ACTIVE = (
    "<script>window.top.harmed = 1</script>",
    "<script>\n  window.top.harmed = 1\n</script>",
    '<img src="data:," onerror="window.top.harmed = 1">',
    '<img src="https://example.com/pixel.png">',
    '<div style="background: url(https://example.com/pixel.png)">x</div>',
    '<a id="click" href="javascript:window.top.harmed = 1">x</a>',
    '<iframe srcdoc="&lt;script>window.top.harmed = 1&lt;/script>"></iframe>',
    '<object data="https://example.com/a.html"></object>',
    '<form action="https://example.com/"><button id="click">x</button></form>',
    '<a id="click" href="https://example.com/" target="_top">x</a>',
)


@pytest.mark.parametrize("html", ACTIVE)
def test_active_content_in_a_card_does_nothing(
    browser: Browser, folder: Path, tmp_path: Path, html: str
) -> None:
    """The page's policy and the frame's sandbox hold even if a card's text became markup."""
    page = (folder / "card" / "polly-purpose.html").read_text("utf-8")
    marked = page.replace("What does Polly make of text?", f"Here. {escape(html)}")
    assert marked != page
    (folder / "card" / f"{tmp_path.name}.html").write_text(marked, "utf-8")
    with visit(browser, allowed=(folder.as_uri() + "/",), viewport=DESKTOP) as tab:
        tab.page.goto(f"{folder.as_uri()}/card/{tmp_path.name}.html")
        front = face(tab.page, "front")
        expect(front.locator(".question")).to_contain_text("Here.")
        if front.locator("#click").count():
            front.locator("#click").click()
        tab.page.wait_for_timeout(200)
        assert tab.page.evaluate("window.harmed") is None
        assert tab.outside == []
        assert tab.page.url.endswith(f"{tmp_path.name}.html")
        assert tab.errors  # the browser says what it refused


def test_without_a_script_the_cards_are_still_there(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "cards.html", java_script_enabled=False) as tab:
        tab.page.get_by_role("link", name="every card by topic").click()
        expect(tab.page.locator("#topics")).to_be_visible()
        tab.page.goto(f"{folder.as_uri()}/card/polly-purpose.html")
        expect(face(tab.page, "front").locator(".question")).to_have_text(
            "What does Polly make of text?"
        )
        expect(tab.page.locator("iframe.back")).to_be_hidden()
        tab.page.get_by_text("Show answer").click()
        expect(face(tab.page, "back").locator(".answer")).to_contain_text("Speech.")


@pytest.mark.parametrize("way", ["mouse", "touch", "keyboard", "Enter anywhere"])
def test_the_answer_is_hidden_until_it_is_asked_for(
    browser: Browser, folder: Path, way: str
) -> None:
    with opened(browser, folder, "card/polly-purpose.html", has_touch=way == "touch") as tab:
        page = tab.page
        button = page.locator("summary", has_text="Show answer")
        back = page.locator("iframe.back")
        expect(face(page, "front").locator(".question")).to_be_visible()
        expect(back).to_be_hidden()
        if way == "mouse":
            button.click()
        elif way == "touch":
            button.tap()
        elif way == "keyboard":
            button.focus()
            page.keyboard.press("Space")
        else:
            page.keyboard.press("Enter")
        expect(back).to_be_visible()
        expect(face(page, "back").locator(".answer")).to_contain_text("Speech.")
        page.get_by_text("Hide answer").click()
        expect(back).to_be_hidden()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_back_takes_the_place_of_the_front(
    browser: Browser, folder: Path, width: int, script: bool
) -> None:
    """The button stays below the card, and the details of the card are next to or below both."""
    size = {"width": width, "height": 800}
    name = "card/polly-for-museum.html"
    with opened(browser, folder, name, viewport=size, java_script_enabled=script) as tab:
        page, button = tab.page, tab.page.locator(".reveal > summary")
        boxes = {}
        for side, other in (("front", "back"), ("back", "front")):
            expect(page.locator(f"iframe.{side}")).to_be_visible()
            expect(page.locator(f"iframe.{other}")).to_be_hidden()
            card = page.locator(f"iframe.{side}").bounding_box()
            act, about = button.bounding_box(), page.locator(".about-card").bounding_box()
            assert card
            assert act
            assert about
            assert act["y"] >= card["y"] + card["height"]
            assert act["height"] >= 44
            assert card["width"] == (704 if width > 704 else width), "as wide as in practice"
            boxes[side] = card["x"], card["y"] + page.evaluate("window.scrollY")
            if width == 1440:
                assert about["x"] > card["x"] + card["width"]
            else:
                assert about["y"] > act["y"]
            button.click()
        assert boxes["front"] == boxes["back"]
        expect(page.locator("iframe.front")).to_be_visible()


def test_on_a_phone_a_card_comes_before_its_neighbors_and_details(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "card/polly-for-museum.html", viewport=PHONE) as tab:
        main = tab.page.locator("main")
        assert main.inner_text().split()[:4] == ["Task", "4.2", "›", "Voices"]
        assert main.inner_text().count("4.2") == 1
        tops = [
            (tab.page.locator(name).bounding_box() or {})["y"]
            for name in (".where", "iframe.front", ".reveal", ".near", ".about-card")
        ]
        assert tops == sorted(tops)
        for name in ("In Anki", "Packages", "Card file"):
            expect(main.get_by_text(name, exact=True)).to_be_hidden()
        main.get_by_text("Details").click()
        for name in ("In Anki", "Packages", "Card file"):
            expect(main.get_by_text(name, exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_frame_of_a_card_has_scrollbars(browser: Browser, folder: Path, width: int) -> None:
    size = {"width": width, "height": 800}
    for name in ("polly-input-length", "polly-for-museum", "polly-purpose"):
        with opened(browser, folder, f"card/{name}.html", viewport=size) as tab:
            for side, other in (("front", "back"), ("back", "front"), ("front", "back")):
                if side == "back" or tab.page.get_by_text("Hide answer").first.is_visible():
                    for button in tab.page.locator(".reveal > summary").all():
                        button.click()
                tab.page.wait_for_timeout(300)
                assert not tab.page.locator(f"iframe.{other}").first.is_visible()
                for frame in tab.page.locator(f"iframe.{side}").all():
                    wider, higher, cut, spare = frame.evaluate(
                        """(frame) => {
                            const inside = frame.contentDocument.documentElement;
                            return [inside.scrollWidth - frame.clientWidth,
                                inside.scrollHeight - frame.clientHeight,
                                inside.getBoundingClientRect().height - frame.clientHeight,
                                frame.clientHeight - frame.contentDocument.body.scrollHeight];
                        }"""
                    )
                    assert (wider, higher) == (0, 0), name
                    assert cut <= 0, name
                    assert spare <= 2, name


# --------------------------------------------------------------------------------------------------
# ---- the watch


@contextmanager
def watching(project: Path) -> Iterator[str]:
    """`preview --watch` as a process of its own; gives its address."""
    command = [sys.executable, str(REPO / "build.py"), "--root", str(project), "preview", "--watch"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        line = process.stderr.readline()
        (address,) = re.findall(r"http://127\.0\.0\.1:\d+/(?=\s)", line)
        yield address
        assert process.poll() is None, "it still runs"
    finally:
        process.terminate()
        out, err = process.communicate(timeout=10)
        assert "Traceback" not in out + err


def test_a_saved_card_is_on_the_page(browser: Browser, mini: Path) -> None:
    with watching(mini) as address, visit(browser, allowed=(address,), viewport=DESKTOP) as tab:
        page = tab.page
        page.goto(f"{address}card/polly-purpose.html")
        expect(page.locator(".live")).to_contain_text("No problems")
        for side in ("front", "back"):
            expect(page.locator(f"iframe.{side}")).to_be_visible()
        word = "Speech"
        for number in range(3):
            edit(mini, f"\n{word}.\n", f"\nSpoken words, {number}.\n")
            word = f"Spoken words, {number}"
            face(page, "back").locator(".answer", has_text=f"{word}.").wait_for()
        assert tab.heard() == []


def test_a_broken_card_shows_what_is_wrong_and_then_is_whole_again(
    browser: Browser, mini: Path
) -> None:
    with watching(mini) as address, visit(browser, allowed=(address,), viewport=DESKTOP) as tab:
        page = tab.page
        page.goto(f"{address}card/polly-purpose.html")
        expect(page.locator(".live")).to_contain_text("No problems")
        edit(mini, "\nSpeech.\n", "\n<b>Speech</b>.\n")
        expect(page.locator(".broken")).to_contain_text("`<b>` is raw HTML")
        expect(page.locator(".live")).to_contain_text("2 errors")
        expect(face(page, "back").locator(".answer")).to_have_text("Speech.")
        assert serious(page) == []
        edit(mini, "\n<b>Speech</b>.\n", "\nSound.\n")
        expect(face(page, "back").locator(".answer")).to_have_text("Sound.")
        expect(page.locator(".broken")).to_have_count(0)
        edit(
            mini,
            "- kind: concept\n- topic: voices\n- hint",
            "- kind: konzept\n- topic: voices\n- hint",
        )
        expect(page.locator(".broken")).to_contain_text("there is no kind `konzept`")
        edit(mini, "## polly-purpose", "## Polly Purpose")
        expect(page.locator(".live")).to_contain_text("error")
        edit(mini, "tag = ", "tug = ", "decks/project.toml")
        expect(page.locator(".live")).to_contain_text("tug")
        edit(mini, "tug = ", "tag = ", "decks/project.toml")
        edit(mini, "## Polly Purpose", "## polly-purpose")
        edit(mini, "konzept", "concept")
        expect(page.locator(".live")).to_contain_text("No problems")
        page.goto(f"{address}card/polly-purpose.html")
        expect(face(page, "back").locator(".answer")).to_have_text("Sound.")


def test_the_page_goes_to_the_card_that_is_edited_if_it_may(browser: Browser, mini: Path) -> None:
    with watching(mini) as address, visit(browser, allowed=(address,), viewport=DESKTOP) as tab:
        page = tab.page
        page.goto(address)
        expect(page.locator(".live")).to_contain_text("No problems")
        edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
        expect(page).to_have_url(f"{address}card/polly-purpose.html")
        page.goto(address)
        page.get_by_label("Follow edits").uncheck()
        edit(mini, "\nSpoken words.\n", "\nSound.\n")
        page.wait_for_timeout(1500)
        expect(page).to_have_url(address)
        assert tab.heard() == []


def test_the_server_answers_this_machine_only_and_gives_packages(mini: Path) -> None:
    with watching(mini) as address:
        for _ in range(50):
            with urlopen(f"{address}index.html") as answer:
                text = answer.read().decode()
            if "All cards" in text:
                break
            time.sleep(0.1)
        assert "All cards" in text
        with urlopen(f"{address}packages/all.apkg") as answer:
            assert answer.read()[:2] == b"PK"
        with pytest.raises(Exception, match="403"):
            urlopen(Request(f"{address}index.html", headers={"Host": "evil.example"}))
        with pytest.raises(Exception, match="404"):
            urlopen(f"{address}../decks/project.toml")
        port = address.rsplit(":", 1)[1].strip("/")
        taken = run(mini, "preview", "--watch", "--port", port)
        assert (taken.code, port in taken.err) == (2, True)
        assert not (mini / "dist").exists()


def answered(address: str, sender: str = "") -> tuple[int, str]:
    """The status of an answer, and who may load it. `sender` says whose page requests it."""
    headers = {"Sec-Fetch-Site": sender} if sender else {}
    try:
        answer = urlopen(Request(address, headers=headers))
    except HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers["Cross-Origin-Resource-Policy"]


def test_no_page_from_elsewhere_can_read_the_preview(
    browser: Browser, mini: Path, tmp_path: Path
) -> None:
    """The page is on this machine: Chromium lets no page from a network request anything here."""
    (tmp_path / "site").mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "site"))
    with watching(mini) as address, ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        while answered(f"{address}assets/cards.js")[0] == 404:
            time.sleep(0.1)
        script = f"<script src='{address}assets/cards.js'></script>"
        (tmp_path / "site/index.html").write_text(script, "utf-8")
        Thread(target=server.serve_forever, daemon=True).start()
        elsewhere = f"http://127.0.0.1:{server.server_port}/"
        with visit(browser, allowed=(address, elsewhere)) as tab:
            for place, found in ((elsewhere, "undefined"), (f"{address}cards.html", "object")):
                tab.page.goto(place)
                assert tab.page.evaluate("typeof deckCards") == found
        server.shutdown()


def test_only_pages_of_the_preview_can_load_it(mini: Path) -> None:
    """Whatever the path, and also if the other site is on this machine (`same-site`)."""
    senders = {"cross-site": 403, "same-site": 403, "same-origin": 200, "none": 200, "": 200}
    with watching(mini) as address:
        while answered(f"{address}assets/cards.js")[0] == 404:
            time.sleep(0.1)
        for path in ("assets/cards.js", "index.html", "live/live.js", "live/events"):
            found = {sender: answered(f"{address}{path}", sender) for sender in senders}
            assert found == {sender: (status, "same-origin") for sender, status in senders.items()}
