"""The site in a real browser: opened from its files, searched, filtered, read by keyboard and
by axe-core; and followed while cards are written.
"""

from __future__ import annotations

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
from browser import ORIGIN, visit
from built_site import (
    ACTIVE,
    DESKTOP,
    NIGHT,
    PHONE,
    Show,
    face,
    overflow,
    results,
    rows,
    serious,
    site,
    stored,
)
from conftest import FULL, REPO, edit, run
from playwright.sync_api import Browser, expect

PAGES = (
    "index.html",
    "cards.html",
    "outline.html",
    "numbers.html",
    "ages.html",
    "card/polly-input-length.html",
    "card/polly-for-museum.html",
)
LOOKS = ((PHONE, "light"), (DESKTOP, "dark"), (PHONE, "dark"), (DESKTOP, "light"))


@pytest.mark.parametrize(("size", "scheme"), LOOKS if FULL else LOOKS[:2])
def test_every_kind_of_page_is_accessible_and_fits(size: dict, scheme: str, show: Show) -> None:
    """At night, only the contrast can be worse than by day."""
    page = show("index.html", host=True, viewport=size, color_scheme=scheme)
    for path in PAGES:
        page.goto(f"{ORIGIN}/{path}")
        page.wait_for_timeout(150)
        page.locator("main details").evaluate_all("all => all.forEach(e => { e.open = true; })")
        rules = () if scheme == "light" or FULL else ("color-contrast",)
        assert serious(page, rules) == [], path
        assert overflow(page) <= 0, path
        for width in (640, 320):  # 1280 pixels at 200% and 400%
            page.set_viewport_size({"width": width, "height": 450})
            assert overflow(page) <= 0, path
        page.set_viewport_size(size)
    page.goto(f"{ORIGIN}/index.html")
    pale = "#ccc" if scheme == "light" else "#333"
    page.evaluate(f"document.querySelector('.sum').style.color = '{pale}'")
    assert {problem.split(":")[0] for problem in serious(page)} == {"color-contrast"}


def test_search_finds_words_wherever_they_are(show: Show) -> None:
    page = show("cards.html")
    box, everything = page.locator("#q"), results(page)
    assert len(everything) == 12
    expect(page.locator("select[name=deck]")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("12 cards")
    for words, first in (
        ("BILLED characters", "polly-input-length"),
        ("polly-purpose", "polly-purpose"),
        ("UNDERFITTING", "idea-bias"),
        ("the price of Polly", "polly-input-length"),
        ("replicate", "s3-replication"),
        ("billing characters", "polly-input-length"),
        ("cafe", "s3-replication"),
        ('"billed characters"', "polly-input-length"),
        ("“billed characters", "polly-input-length"),
        ('"characters billed"', ""),
        ("zebra crossing", ""),
    ):
        box.fill(words)
        assert "".join(results(page)[:1]) == first, words
    expect(page.get_by_role("status")).to_contain_text("No cards")
    box.fill("museum")  # what the question says comes before what the back says
    assert results(page) == ["polly-for-museum", "s3-replication"]
    box.fill("billing")
    expect(page.locator(".results mark").first).to_have_text("billed")
    box.fill("")
    assert results(page) == everything


def test_every_page_leads_to_the_search(show: Show, built: Path) -> None:
    page = show("index.html")
    for path in (*PAGES, "practice.html"):
        page.goto(f"{built.as_uri()}/{path}")
        page.keyboard.press("/")
        expect(page.locator("#q")).to_be_focused()
        page.keyboard.type("museum/")
        expect(page.locator("#q")).to_have_value("museum/")
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.locator("#q")).to_be_focused()
    page.goto(f"{built.as_uri()}/index.html")
    page.locator("#q").fill("billed characters")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{built.as_uri()}/cards.html#q=billed+characters")
    assert results(page)[0] == "polly-input-length"
    page.locator("#q").fill("next 2.1")
    wanted = {name for name, row in rows(built).items() if "next::2.1" in row["exams"]}
    assert set(results(page)[: len(wanted)]) == wanted, "the cards of the task first"


def test_filters_narrow_count_and_live_in_the_address(show: Show, built: Path) -> None:
    page = show("cards.html")
    deck = {
        name: {
            **{key: {row[key]} for key in ("part", "topic", "kind", "status")},
            "service": {row["service"], *row["also"]},
            "exam": {exam.split("::")[0] for exam in row["exams"]},
            "task": set(row["exams"]),
        }
        for name, row in rows(built).items()
    }
    for name in ("part", "service", "topic", "kind", "status", "exam", "task"):
        filter_ = page.locator(f"select[name={name}]")
        for value in set().union(*(card[name] for card in deck.values())):
            filter_.select_option(value)
            wanted = {card_id for card_id, card in deck.items() if value in card[name]}
            assert set(results(page)) == wanted, (name, value)
            assert filter_.locator("option:checked").inner_text().endswith(f"({len(wanted)})")
        filter_.evaluate("(e) => e.form.reset()")
        page.wait_for_timeout(20)
    page.locator("select[name=part]").select_option("services")
    page.locator("select[name=kind]").select_option("quota")
    page.locator("#q").fill("polly")
    both, address = results(page), page.url
    assert set(both) == {
        name
        for name, card in deck.items()
        if (card["part"], card["kind"]) == ({"services"}, {"quota"})
    }
    expect(page.locator(".on")).to_have_text("2 active")
    page.goto("about:blank")
    page.goto(address)
    assert (results(page), page.locator("#q").input_value()) == (both, "polly")


def test_on_a_phone_a_link_shows_its_filter_and_a_card_opens(show: Show, built: Path) -> None:
    page = show("cards.html#topic=voices", viewport=PHONE, has_touch=True)
    item = page.locator("[data-id=polly-for-museum]")
    options, answer = item.locator(".front .options"), item.locator(".back .lead > li")
    expect(options).to_be_hidden()
    item.locator("summary").tap()
    (place,) = answer.evaluate_all("all => all.map((one) => one.value)")
    right = options.locator("> li").nth(place - 1)
    expect(right).to_have_class("right")
    expect(right).to_have_text(answer.inner_text())
    page.locator("#q").fill("museum " + answer.inner_text())
    expect(options.locator("mark").first).to_be_visible()
    page.locator("#q").fill("")
    page.locator(".filters summary").click()
    page.get_by_role("button", name="Remove the filter Topic: Voices").click()
    expect(page.get_by_role("status")).to_have_text("12 cards")
    expect(page.locator(".chips")).to_be_hidden()
    expect(page.get_by_role("button", name="Clear")).to_be_hidden()
    assert "topic" not in page.url
    page.locator("#q").fill("polly-input-length")
    item = page.locator(".results > li")
    expect(item).not_to_contain_text("3,000")
    expect(item.locator(".front .gap").first).to_have_text("[how many?]")
    item.locator("summary").tap()
    expect(item.locator(".back")).to_contain_text("3,000")
    item.get_by_role("link", name="Open the page of card polly-input-length").tap()
    expect(page).to_have_url(f"{built.as_uri()}/card/polly-input-length.html")


def test_ones_own_cards_have_a_filter_of_their_own(show: Show, mini: Path) -> None:
    """In a fork; a project's own site has no such filter."""
    settings = 'namespace = "mine-x7"\ndeck = "My cards"\ntag = "mine"\n'
    (mini / "decks" / "mine.toml").write_text(settings, "utf-8")
    home = mini / "cards" / "mine" / "services"
    home.mkdir(parents=True)
    card = "## polly-mine\n\n- kind: concept\n- topic: voices\n\nWhat is mine?\n\n---\n\nThis.\n"
    (home / "polly.md").write_text(f"# Mine\n\n{card}", "utf-8")
    folder = site(mini)
    page = show("cards.html", folder=folder)
    assert len(results(page)) > 1
    page.locator("select[name=deck]").select_option(label="My cards (1)")
    assert (results(page), "deck=mine-x7" in page.url) == (["polly-mine"], True)
    page.goto(f"{folder.as_uri()}/practice.html#deck=mine-x7")
    expect(page.locator(".fits")).to_have_text("1 card matches.")
    page.get_by_role("button", name="Start").click()
    expect(page.frame_locator(".asked").locator(".question")).to_have_text("What is mine?")


FOCUS = """() => {
  const { tagName: tag, textContent: text } = document.activeElement;
  return { tag, text: text.trim(), outline: getComputedStyle(document.activeElement).outlineStyle };
}"""


def test_by_keyboard_alone(show: Show, built: Path) -> None:
    page = show("index.html")
    key, items = page.keyboard, page.locator(".results > li")
    key.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    key.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.goto(f"{built.as_uri()}/cards.html")
    key.press("/")
    key.type("polly")
    key.press("ArrowDown")
    key.press("ArrowDown")
    expect(items.nth(1).locator("summary")).to_be_focused()
    key.press("Enter")
    expect(items.nth(1).locator(".back")).to_be_visible()
    key.press("ArrowUp")
    expect(items.nth(0).locator("summary")).to_be_focused()
    key.press("ArrowUp")
    expect(page.locator("#q")).to_be_focused()
    key.press("Escape")
    expect(page.locator("#q")).to_have_value("")
    expect(page.get_by_role("status")).to_have_text("12 cards")
    key.press("ArrowDown")
    first = re.compile(f"card/{results(page)[0]}.html$")
    with page.expect_navigation(url=first):
        key.press("o")
    with page.expect_navigation():
        key.press("ArrowRight")
    expect(page).not_to_have_url(first)
    with page.expect_navigation(url=first):
        key.press("ArrowLeft")
    page.goto(f"{built.as_uri()}/card/polly-for-museum.html")
    focused = []
    while (here := page.evaluate(FOCUS))["tag"] != "IFRAME" and len(focused) < 14:
        assert not focused or here["outline"] != "none", here
        focused.append(here["text"])
        key.press("Tab")
    assert {"Cards", "Outline", "Numbers", "Voices"} <= set(focused)
    page.goto(f"{built.as_uri()}/card/s3-replication.html")
    key.press("Enter")
    picture = face(page, "back").locator(".picture img")
    picture.press("Enter")
    page.locator("dialog button").press("Escape")
    expect(picture).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_or_the_chosen_one(scheme: str, show: Show, built: Path) -> None:
    page = show("card/polly-input-length.html", color_scheme=scheme)
    body = face(page, "front").locator("body")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.locator("iframe").count() == 4, "two gaps, two sides"
    expect(face(page, "front").locator(".cloze")).to_have_text("[how many]")
    expect(face(page, "front", 1).locator(".cloze")).to_have_text("[...]")
    (expect(body).to_have_class if scheme == "dark" else expect(body).not_to_have_class)(NIGHT)
    if scheme == "light":
        page.get_by_role("button", name="Theme").click()
    expect(body).to_have_class("card card1 nightMode night_mode")
    night = page.evaluate(ground)
    page.get_by_role("button", name="Theme").click()
    expect(body).to_have_class("card card1")
    day = page.evaluate(ground)
    assert day != night
    for button in page.get_by_text("Show answer").all():
        button.click()
    expect(face(page, "back").locator("body")).to_have_class("card card1")
    expect(face(page, "back").locator(".cloze")).to_have_text("3,000")
    page.goto(f"{built.as_uri()}/index.html")
    assert page.evaluate(ground) == day


def test_a_pick_on_the_front_is_marked_on_the_back(show: Show) -> None:
    page = show("card/polly-for-museum.html")
    front, back = face(page, "front"), face(page, "back")
    page.get_by_text("Show answer").click()
    expect(back.locator("#answer")).to_contain_text("Answer")
    page.get_by_text("Hide answer").click()
    option = front.locator('.options > [data-n="1"]')
    option.click()
    expect(page.get_by_text("Check", exact=True)).to_be_visible()
    option.click()
    expect(page.get_by_text("Show answer")).to_be_visible()
    option.click()
    order = "(list) => list.map((option) => option.dataset.n)"
    before = front.locator(".options > li").evaluate_all(order)
    page.keyboard.press("Space")
    expect(back.locator(".mark").filter(has_text="your answer")).to_have_count(1)
    assert back.locator(".options > li").evaluate_all(order) == before


def test_hostile_text_does_nothing(show: Show, built: Path) -> None:
    page = show("outline.html")
    page.on("dialog", lambda dialog: pytest.fail(f"a card's text was run: {dialog.message}"))
    for path in ("card/polly-hostile.html", "cards.html#q=polly-hostile", "outline.html"):
        page.goto(f"{built.as_uri()}/{path}")
        page.locator("main details").evaluate_all("all => all.forEach(e => { e.open = true; })")
        page.wait_for_timeout(200)
        kind = page.evaluate("typeof window.deckCards")
        assert kind == ("object" if "cards.html" in path else "undefined")


def test_active_content_in_a_card_does_nothing(browser: Browser, built: Path) -> None:
    """The page's policy and the frame's sandbox hold even if a card's text became markup."""
    source = (built / "card" / "polly-purpose.html").read_text("utf-8")
    question = "What does Polly make of text?"
    assert question in source
    by_click = [html for html in ACTIVE if 'id="click"' in html]
    for html in ("".join(html for html in ACTIVE if html not in by_click), *by_click):
        marked = source.replace(question, f"Here. {escape(html)}").encode()
        serve = partial(stored, built, replaced={"/card/x.html": marked})
        with visit(browser, serve, viewport=DESKTOP) as tab:
            tab.page.goto(f"{ORIGIN}/card/x.html")
            front = face(tab.page, "front")
            expect(front.locator(".question")).to_contain_text("Here.")
            if front.locator("#click").count():
                front.locator("#click").click()
            tab.page.wait_for_timeout(200)
            assert tab.page.evaluate("window.harmed") is None
            assert (tab.outside, tab.page.url) == ([], f"{ORIGIN}/card/x.html")
            assert tab.errors  # the browser says what it refused


def test_the_answer_is_hidden_until_it_is_asked_for(show: Show) -> None:
    page = show("card/polly-purpose.html", has_touch=True)
    button, back = page.locator(".reveal > summary"), page.locator("iframe.back")
    for act in (
        button.click,
        button.tap,
        lambda: button.press("Space"),
        lambda: page.keyboard.press("Enter"),
    ):
        expect(face(page, "front").locator(".question")).to_be_visible()
        expect(back).to_be_hidden()
        act()
        expect(back).to_be_visible()
        expect(face(page, "back").locator(".answer")).to_contain_text("Speech.")
        page.get_by_text("Hide answer").click()
        expect(back).to_be_hidden()
        button.evaluate("(e) => e.blur()")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_back_takes_the_place_of_the_front(script: bool, show: Show, built: Path) -> None:
    """The button stays below the card, and the details of the card are next to or below both."""
    page = show("cards.html", java_script_enabled=script)
    if not script:
        page.get_by_role("link", name="every card by topic").click()
        expect(page.locator("#topics")).to_be_visible()
    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{built.as_uri()}/card/polly-for-museum.html")
        boxes = []
        for side, other in (("front", "back"), ("back", "front")):
            expect(page.locator(f"iframe.{side}")).to_be_visible()
            expect(page.locator(f"iframe.{other}")).to_be_hidden()
            card, button, about = (
                page.locator(name).bounding_box() or {}
                for name in (f"iframe.{side}", ".reveal > summary", ".about-card")
            )
            assert button["y"] >= card["y"] + card["height"]
            assert button["height"] >= 44
            assert card["width"] == min(width, 704), "as wide as in practice"
            boxes.append((card["x"], card["y"] + page.evaluate("window.scrollY")))
            if width == 1440:
                assert about["x"] > card["x"] + card["width"]
            else:
                assert about["y"] > button["y"]
            page.locator(".reveal > summary").click()
        assert boxes[0] == boxes[1]
        hidden = page.locator("main").get_by_text("In Anki", exact=True)
        expect(hidden).to_be_hidden()
        page.locator("main").get_by_text("Details").click()
        expect(hidden).to_be_visible()


MARGINS = """(frame) => {
  const inside = frame.contentDocument.documentElement, body = frame.contentDocument.body;
  return [inside.scrollWidth - frame.clientWidth, inside.scrollHeight - frame.clientHeight,
    Math.max(0, inside.getBoundingClientRect().height - frame.clientHeight),
    Math.max(0, frame.clientHeight - body.scrollHeight - 2)];
}"""


@pytest.mark.parametrize("name", ["polly-input-length", "polly-for-museum", "polly-purpose"])
def test_no_frame_of_a_card_has_scrollbars_or_is_cut(name: str, show: Show) -> None:
    page = show(f"card/{name}.html")
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for side in ("front", "back"):
            page.wait_for_timeout(300)
            frames = page.locator(f"iframe.{side}")
            assert frames.first.is_visible()
            assert frames.evaluate_all(f"all => all.flatMap({MARGINS})") == [0] * 4 * frames.count()
            for button in page.locator(".reveal > summary").all():
                button.click()


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


def test_a_saved_card_is_on_the_page_with_what_is_wrong(browser: Browser, mini: Path) -> None:
    with watching(mini) as address, visit(browser, allowed=(address,), viewport=DESKTOP) as tab:
        page = tab.page
        live, answer = page.locator(".live"), face(page, "back").locator(".answer")
        page.goto(address)
        expect(live).to_contain_text("No problems")
        edit(mini, "\nSpeech.\n", "\nSpoken words.\n")
        expect(page).to_have_url(f"{address}card/polly-purpose.html")
        expect(answer).to_have_text("Spoken words.")
        assert page.locator("iframe.front").is_visible()
        edit(mini, "\nSpoken words.\n", "\n<b>Speech</b>.\n")
        expect(page.locator(".broken")).to_contain_text("P211")
        expect(live).to_contain_text("2 errors")
        expect(answer).to_have_text("Spoken words.")
        assert serious(page) == []
        edit(mini, "\n<b>Speech</b>.\n", "\nSound.\n")
        expect(answer).to_have_text("Sound.")
        expect(page.locator(".broken")).to_have_count(0)
        edit(mini, "## polly-purpose", "## Polly Purpose")
        expect(live).to_contain_text("error")
        edit(mini, "tag = ", "tug = ", "decks/project.toml")
        expect(live).to_contain_text("tug")
        edit(mini, "tug = ", "tag = ", "decks/project.toml")
        edit(mini, "## Polly Purpose", "## polly-purpose")
        expect(live).to_contain_text("No problems")
        page.goto(address)
        page.get_by_label("Follow edits").uncheck()
        edit(mini, "\nSound.\n", "\nSpeech.\n")
        page.wait_for_timeout(1500)
        expect(page).to_have_url(address)
        assert tab.heard() == []


def answered(address: str, **headers: str) -> tuple[int, str, bytes]:
    """The status of an answer, who may load it, and its content."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        answer = urlopen(Request(address, headers=named))
    except HTTPError as error:
        answer = error
    with answer:
        whose = answer.headers["Cross-Origin-Resource-Policy"]
        return answer.status, whose, b"" if "events" in address else answer.read()


def test_the_server_answers_only_its_own_pages(
    browser: Browser, mini: Path, tmp_path: Path
) -> None:
    """Whatever the path, and also if the other site is on this machine (`same-site`). Chromium
    lets no page from a network request anything here, so the page elsewhere is on this machine.
    """
    (tmp_path / "site").mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "site"))
    senders = {"cross-site": 403, "same-site": 403, "same-origin": 200, "none": 200}
    with watching(mini) as address, ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        while answered(f"{address}assets/cards.js")[0] == 404:
            time.sleep(0.1)
        assert answered(f"{address}packages/all.apkg")[2][:2] == b"PK"
        assert answered(f"{address}index.html", Host="evil.example")[0] == 403
        assert answered(f"{address}../decks/project.toml")[0] == 404
        for path in ("assets/cards.js", "index.html", "live/live.js", "live/events"):
            for sender, status in senders.items():
                answer = answered(f"{address}{path}", Sec_Fetch_Site=sender)
                assert answer[:2] == (status, "same-origin"), (path, sender)
        script = f"<script src='{address}assets/cards.js'></script>"
        (tmp_path / "site/index.html").write_text(script, "utf-8")
        Thread(target=server.serve_forever, daemon=True).start()
        elsewhere = f"http://127.0.0.1:{server.server_port}/"
        with visit(browser, allowed=(address, elsewhere)) as tab:
            for place, kind in ((elsewhere, "undefined"), (f"{address}cards.html", "object")):
                tab.page.goto(place)
                assert tab.page.evaluate("typeof deckCards") == kind
        server.shutdown()
        port = address.rsplit(":", 1)[1].strip("/")
        taken = run(mini, "preview", "--watch", "--port", port)
        assert (taken.code, port in taken.err) == (2, True)
        assert not (mini / "dist").exists()


def test_the_numbers_of_a_service_open_by_their_address_and_are_printed_open(show: Show) -> None:
    page = show("numbers.html#numbers-2")
    expect(page.locator("table:visible")).to_have_count(1)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("table:visible").count() == page.locator("table").count() > 1
