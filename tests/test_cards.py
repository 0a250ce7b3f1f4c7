"""Every card as a learner sees it: rendered by Anki, in the pages of its apps, looked at
by a real browser.

On AnkiDroid's page at 360 pixels, one card in 16; on the other apps' pages, a card with each
set of features. `make test-full` looks at every card everywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from conftest import FULL, REPO, WHOLE, make_project, run, write_release
from playwright.sync_api import Browser
from reviewer import (
    CLASSIC,
    DESKTOP,
    DROID,
    IPHONE,
    PLATFORMS,
    SMALL,
    Card,
    Deck,
    Platform,
    Reviewer,
    load,
    reviewer,
)

from deckwright.cards.rules import size

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def name(platform: Platform) -> str:
    return platform.name


@pytest.fixture(scope="module")
def real(real_dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Deck:
    """All cards of the real deck."""
    return _loaded(real_dist / WHOLE, tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Deck:
    """The cards of the mini project."""
    project = make_project(tmp_path_factory.mktemp("mini") / "mini")
    return _deck(project, project.parent)


@pytest.fixture(scope="module")
def retired(tmp_path_factory: pytest.TempPathFactory) -> Deck:
    """What the learner gets of cards that were taken back, one of each type."""
    project = make_project(tmp_path_factory.mktemp("retired") / "mini")
    write_release(project)
    home = project / "cards" / "services"
    for file in (home / "polly.md", home / "polly" / "choosing.md"):
        file.unlink()
    entry = '[[card]]\nid = "{}"\nreason = "AWS closed it."\nsuccessors = ["s3-copies"]\n'
    ids = ("input-length", "task-names", "purpose", "for-museum", "two-of-four")
    entries = [entry.format(f"polly-{name}") for name in ids]
    (project / "decks" / "retired").mkdir()
    (project / "decks" / "retired" / "mini.toml").write_text("\n".join(entries), "utf-8")
    write_release(project, "1.1.0", 2000)
    return _deck(project, project.parent, "retired.apkg")


def _deck(project: Path, folder: Path, package: str = "all.apkg") -> Deck:
    assert run(project, "decks", "--out", str(folder / "dist")).code == 0
    return _loaded(folder / "dist" / package, folder)


def _loaded(package: Path, folder: Path) -> Deck:
    return load(package, folder / "learner", notes="See <b>page 12</b> of my notes.")


def without_script(card: Card) -> Card:
    front, back = (re.sub(r"(?s)<script>.*?</script>", "", side) for side in card.sides.values())
    return replace(card, front=front, back=back)


def diagnostics(app: Reviewer, card: Card) -> list[str]:
    """What hurts a reader of the card, on either side, by day or at night."""
    out = []
    for row in app.look(card):
        small = app.platform.width < DROID.width
        found = [f for f in row["findings"] if not (small and f.startswith("scrolls sideways"))]
        text = re.sub(r"(?s)<(style|script)>.*?</\1>", "", card.sides[row["side"]])
        formulas = len(re.findall(r"\\[(\[]", text))
        if row["math"] != formulas:
            found.append(f"math: {row['math']} of {formulas} formulas drawn")
        room = app.platform.height - app.platform.bars
        if row["side"] == "front" and row["height"] > room and app.platform.height >= DROID.height:
            found.append(f"the front is {row['height']} px tall, a screen has {room}")
        out += [f"{card.id}, {row['side']}, {row['body']}: {diagnostic}" for diagnostic in found]
    return out + [f"{card.id}: {diagnostic}" for diagnostic in app.visit.heard()]


# --------------------------------------------------------------------------------------------------
# ------ every card


@pytest.mark.parametrize("platform", PLATFORMS, ids=name)
@pytest.mark.parametrize("project", ["real", "mini", "retired"])
def test_every_side_is_legible_by_day_and_at_night(
    project: str, platform: Platform, browser: Browser, request: pytest.FixtureRequest
) -> None:
    deck: Deck = request.getfixturevalue(project)
    cards = deck.cards if FULL or project != "real" else deck.sample()
    if platform is DROID and project == "real":
        cards = deck.drawn()
    with reviewer(browser, deck, platform) as app:
        found = [diagnostic for card in cards for diagnostic in diagnostics(app, card)]
        assert not found, "\n".join(found)


def test_a_card_is_complete_without_its_script(browser: Browser, real: Deck) -> None:
    sample = [without_script(card) for card in (real.cards if FULL else real.sample())]
    marks = "nodes => nodes.filter(n => getComputedStyle(n, '::after').content == '\"Correct\"').map(n => n.dataset.n)"  # noqa: E501
    with reviewer(browser, real, DROID) as app:
        found = [diagnostic for card in sample for diagnostic in diagnostics(app, card)]
        assert not found, "\n".join(found)
        for card in sample:
            if card.type == "choice":
                options = app.page.locator(".options > li")
                for side, right in (("front", []), ("back", card.fields["Key"].split())):
                    app.show(card, side)
                    assert options.evaluate_all(marks) == right, card.id
                assert app.page.locator(".why > li:visible").count() == options.count()


def test_letters_of_options_and_wide_tables_fit(browser: Browser, real: Deck) -> None:
    """From right to left, no letter is stretched. A table that is too wide becomes a list."""
    card = next(card for card in real.cards if "<table" in card.back and card.type == "choice")
    width = "one => parseFloat(getComputedStyle(one, '::before').width)"
    with reviewer(browser, real, SMALL) as app:
        app.show(replace(card, back=card.back.replace("<td>", "<td>Asynchronously")), "back")
        assert not [one for one in app.measure()["findings"] if "tbl" in one]
        app.page.evaluate("document.querySelector('.note').dir = 'rtl'")
        assert app.page.locator(".options > li").first.evaluate(width) < 30


@pytest.mark.parametrize("larger", ["zoom = 1.6", "zoom = 2", "fontSize = '28.8px'"])
def test_larger_text_stays_on_the_page(larger: str, browser: Browser, real: Deck) -> None:
    """The apps' text size settings zoom the page or its text: what needs scrolling
    sideways shows it.
    """
    with reviewer(browser, real, DROID) as app:
        wide = []
        for card in real.cards if FULL else real.sample():
            for side in card.sides:
                app.show(card, side)
                app.page.evaluate(f"document.body.style.{larger}")
                found = app.measure()["findings"]
                wide += [(card.id, side, one) for one in found if re.match("overflow|cut", one)]
                app.page.evaluate("document.body.removeAttribute('style')")
        assert wide == []


@pytest.mark.parametrize("platform", [CLASSIC, DROID], ids=name)
def test_no_code_line_of_38_columns_breaks(
    platform: Platform, browser: Browser, real: Deck
) -> None:
    """On a phone of 360 pixels, in each place of a card, in type of 12 pixels or more."""
    start = r'((?:class="(?:question|text|answer|box|compare)"|<ul class="why">\s*<li)[^>]*>)'
    code = rf'\1<pre class="hl"><code>{"x" * size.CODE_EASY}</code></pre>'
    with reviewer(browser, real, platform) as app:
        for kind in ("basic", "cloze", "choice"):
            card = next(c for c in real.cards if c.type == kind and c.fields["Compare"])
            front, back = (re.sub(start, code, side) for side in (card.front, card.back))
            found = diagnostics(app, replace(card, front=front, back=back))
            assert back.count("<pre") >= card.back.count("<pre") + 3
            assert [one for one in found if "the front is" not in one] == []


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_axe_finds_nothing_serious(night: bool, browser: Browser, real: Deck) -> None:
    with reviewer(browser, real, DROID) as app:
        app.page.add_script_tag(content=AXE)
        rules = {"resultTypes": ["violations"]} | (
            {"runOnly": ["color-contrast"]} if night and not FULL else {}
        )
        for card in real.cards if FULL else real.sample():
            for side in card.sides:
                app.show(card, side, night)
                found = app.page.evaluate("rules => axe.run('#qa', rules)", rules)["violations"]
                grave = [v for v in found if v["impact"] in ("serious", "critical")]
                assert grave == [], (card.id, side)


# --------------------------------------------------------------------------------------------------
# --- a choice card


# Number → words of an option or a reason, as a browser reads the field by itself, outside the card.
ITEMS = """html => { const box = document.createElement('div'); box.className = 'note'; box.innerHTML = html; document.body.append(box);
    const said = Object.fromEntries(Array.from(box.querySelectorAll('li[data-n]'), item => [item.dataset.n, item.innerText]));
    box.remove(); return said; }"""  # noqa: E501


WIDTHS = (
    "items => items.map(item => document.querySelector('.note').clientWidth - item.offsetWidth)"
)


def numbers(app: Reviewer, css: str = ".options > li") -> list[str]:
    shown: list[str] = app.page.locator(css).evaluate_all("all => all.map(one => one.dataset.n)")
    return shown


def pick(app: Reviewer, options: list[str]) -> None:
    for n in options:
        option = app.page.locator(f'.options > [data-n="{n}"]')
        (option.tap if app.platform.touch else option.click)()


def verdict(card: Card, order: list[str], picks: list[str], words: dict[str, str]) -> str:
    """What the back must say of picks. `words` are those of the options."""
    right = card.fields["Key"].split()
    hits = len(set(picks) & set(right))
    if hits == len(right) == len(picks):
        return "Correct"
    found = f"{hits} of {len(right)} correct" if hits else "Wrong" if picks else "Answer"
    named = (f" · {'ABCDEF'[at]}: {words[n]}" for at, n in enumerate(order) if n in right)
    return found + "".join(named)


def check_back(app: Reviewer, card: Card, order: list[str], picks: list[str]) -> None:
    """The back after `picks`: order of the front, verdict in words and colour, marks, a
    reason under each option.
    """
    right = card.fields["Key"].split()
    reasons = app.page.evaluate(ITEMS, card.fields["Why"])
    said = app.page.locator(".verdict")
    expected = verdict(card, order, picks, app.page.evaluate(ITEMS, card.fields["Options"]))
    assert numbers(app) == order
    assert said.inner_text() == expected or "\\(" in expected, card.id
    grade = ("good" if expected == "Correct" else "bad") if picks else ""
    assert said.get_attribute("class") == f"verdict {grade}".strip()
    for n in order:
        option = app.page.locator(f'.options > [data-n="{n}"]')
        words = ["Correct"] * (n in right) + ["Wrong"] * (n in picks and n not in right)
        words += ["your answer"] * (n in picks)
        assert "".join(option.locator(".mark").all_inner_texts()) == " · ".join(words), card.id
        assert ("missed" in (option.get_attribute("class") or "")) == ("Wrong" in words)
        assert option.locator(".reason").inner_text() == reasons[n] or "\\(" in reasons[n], card.id
    assert app.page.locator(".reasons").count() == 0


@pytest.mark.parametrize("platform", [CLASSIC, DROID, IPHONE, DESKTOP], ids=name)
def test_a_choice_is_picked_on_the_front_and_judged_on_the_back(
    platform: Platform, browser: Browser, real: Deck
) -> None:
    cards = real.choices() if FULL or platform is DROID else real.choices()[:5]
    cases: Counter[str] = Counter()
    # Cards so far with as many right options: each is answered in another way.
    seen: Counter[int] = Counter()
    with reviewer(browser, real, platform) as app:
        for card in cards:
            app.show(card, "front")
            order, right = numbers(app), card.fields["Key"].split()
            assert set(app.page.locator(".options > li").evaluate_all(WIDTHS)) == {0}, "too narrow"
            wrong = [n for n in order if n not in right]
            taps = (right, right[:1], wrong[: len(right)], order[:3], [])[seen[len(right)] % 5]
            seen[len(right)] += 1
            pick(app, taps)
            picks = taps[-1:] if len(right) == 1 else taps[: len(right)]
            assert sorted(numbers(app, '.options > [aria-checked="true"]')) == sorted(picks)
            count = f" · {len(picks)} picked" if picks else ""
            full = ", deselect one first" if len(taps) > len(picks) else ""
            said = app.page.locator(".choose")
            assert len(right) == 1 or said.inner_text() == f"Choose {len(right)}{count}{full}"
            role: Any = ("radio", "radiogroup") if len(right) == 1 else ("checkbox", "group")
            assert app.page.get_by_role(role[0], name=re.compile("^[A-F]: ")).count() == len(order)
            assert app.page.get_by_role(role[1], name=re.compile(r"\w \w")).count() == 1
            app.show(card, "back")
            check_back(app, card, order, picks)
            said = app.page.locator(".verdict").inner_text().split(" · ")[0]
            cases[re.sub(r"\d of \d", "partly", said)] += 1
            assert app.visit.heard() == []
    if platform is DROID:
        assert set(cases) >= {"Correct", "Wrong", "partly correct", "Answer"}


def test_the_script_is_es5() -> None:
    """What old web views read, and nothing global: it runs once a side, on some apps many
    times in one page.
    """
    new = r"\b(?:let|const|class|async|await|import|export)\b|=>|`|\.\.\.|\?\."
    lasting = (
        r"localStorage|document\.write|alert|onload|setTimeout|setInterval|pycmd|document\.add"
    )
    for script in sorted((REPO / "decks" / "notetypes").rglob("*.js")):
        code = re.sub(r"//.*", "", script.read_text("utf-8"))
        assert re.findall(f"{new}|{lasting}", code) == [], script
        assert re.fullmatch(r"\s*\(function \(\) \{.*\}\)\(\);\s*", code, re.DOTALL)


def test_options_are_shuffled_anew_each_time(browser: Browser, real: Deck) -> None:
    card = max(real.choices(), key=lambda c: c.fields["Options"].count("<li"))
    with reviewer(browser, real, DROID) as app:
        orders = set()
        for _ in range(12):
            app.show(card, "front")
            order = numbers(app)
            orders.add(tuple(order))
            assert app.page.locator('.options > [aria-checked="true"]').count() == 0, (
                "picks of the last time"
            )
            pick(app, [order[0]] * 2)  # a second tap takes a pick back
            assert app.page.locator('.options > [aria-checked="true"]').count() == 0
        assert len(orders) > 3


def test_a_tap_on_an_option_never_turns_the_card(browser: Browser, real: Deck, mini: Deck) -> None:
    """AnkiMobile turns the card at a tap on anything but links, buttons, and what has
    `onclick` or the class `tappable`; whether it looks at the element's ancestors too
    is told both ways, so it must be the very element that is touched.
    """
    spared = """list => { const out = [], box = list.getBoundingClientRect();
        for (let y = box.top + 1; y < Math.min(box.bottom, innerHeight); y += 5) for (let x = box.left + 1; x < box.right; x += 9) {
            const at = document.elementFromPoint(x, y);
            if (!at.matches('a, button, [onclick], .tappable')) out.push(at.outerHTML.slice(0, 80)); }
        return out; }"""  # noqa: E501
    for deck in (real, mini):
        with reviewer(browser, deck, IPHONE) as app:
            for card in deck.choices():
                first, math = '<li data-n="1">', r'<li data-n="1">\(x^2\) <code>a</code> '
                app.show(replace(card, front=card.front.replace(first, math)), "front")
                assert app.page.locator(".options mjx-container").count() >= 1
                assert app.page.locator(".options").evaluate(spared) == [], card.id


KEYS = "Tab ArrowUp Space ArrowDown Tab ArrowRight ArrowDown ArrowUp"


def test_by_keyboard_alone(browser: Browser, real: Deck) -> None:
    """Anki's desktop program takes Space and Enter (they turn the card), so arrows do too:
    up and down go, right picks.
    """
    card = next(c for c in real.choices() if c.fields["Pick"] == "2")
    with reviewer(browser, real, DESKTOP) as app:
        app.show(card, "front")
        order = numbers(app)
        for key in KEYS.split():
            app.page.keyboard.press(key)
        focused = app.page.evaluate(
            "[document.activeElement.dataset.n, getComputedStyle(document.activeElement).outlineStyle]"  # noqa: E501
        )
        assert focused == [order[2], "solid"]
        app.show(card, "back")
        check_back(app, card, order, [order[0], order[2]])
        hinted = next(c for c in real.cards if c.fields.get("Hint"))
        app.show(hinted, "front")
        app.page.keyboard.press("Tab")
        app.page.keyboard.press("Enter")
        assert app.page.locator("div.hint").is_visible()


# -------------------------------------------------------------------------------------------------
# what a back holds


def test_a_tap_unfolds_sources_and_enlarges_a_picture(browser: Browser, real: Deck) -> None:
    """And turns no card: each is what AnkiMobile and AnkiDroid leave alone."""
    several = [c for c in real.cards if c.fields["Source"].count("<a ") > 2 and "<img" in c.back]
    with reviewer(browser, real, IPHONE) as app:
        for card in several[:3]:
            app.show(card, "back")
            more, picture = app.page.locator(".source summary"), app.page.locator(".picture > img")
            links, width = app.page.locator(".source a:visible"), "picture => picture.offsetWidth"
            before = picture.last.evaluate(width)
            for count in (card.fields["Source"].count("<a "), 1):
                more.tap()
                picture.last.tap()
                assert links.count() == count
                assert (picture.last.evaluate(width) > 1.5 * before) == (count > 1)
                assert not [one for one in app.measure()["findings"] if one.startswith("over")]
            for spared in (more, picture.last):
                assert spared.evaluate("node => node.matches('[onclick].tappable')")
    assert several


# Each name, and the offsets at which a browser breaks it.
BREAKS = """names => names.map(name => { const at = [], range = document.createRange(); let top = null, seen = 0;
    for (const text of name.childNodes) for (let n = 0; n < (text.length || 0); n++, seen++) {
        range.setStart(text, n); range.setEnd(text, n + 1);
        const here = Math.round(range.getBoundingClientRect().top);
        if (top !== null && here > top) at.push(seen);
        top = here; }
    return [name.textContent, at]; })"""  # noqa: E501


def test_long_names_break_only_where_their_parts_meet(browser: Browser, real: Deck) -> None:
    """On the page: the fields have no such marks, so searches and text updates see none."""
    meet = re.compile(r"(?<=[_./:=,\s-])|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
    broken = 0
    with reviewer(browser, real, DROID) as app:
        for card in (c for c in real.drawn() if "<code>" in c.back):
            assert "<wbr" not in "".join(card.fields.values())
            app.show(card, "back")
            for name, at in app.page.locator(":not(pre) > code").evaluate_all(BREAKS):
                broken += len(at)
                wrong = set(at) - {match.start() for match in meet.finditer(name)}
                assert not wrong or max(map(len, meet.split(name))) > 20, (card.id, name, at)
    assert broken


def test_a_back_tells_where_it_comes_from(browser: Browser, real: Deck) -> None:
    with reviewer(browser, real, DROID) as app:
        for card in real.sample():
            app.show(card, "back")
            words = app.page.locator("#qa").inner_text()
            for field in ("Services", "Status"):
                assert unescape(card.fields[field]) in words, (card.id, field)
            assert f"as of {card.fields['AsOf']} · {card.id}" in words.replace("\n", " "), card.id
            links = app.page.locator(".source a").evaluate_all(
                "links => links.map(a => a.protocol)"
            )
            assert links == ["https:"] * card.fields["Source"].count("<a "), card.id
            assert app.page.locator("#answer").count() == 1
            if "MyNotes" in card.features:
                assert "page 12" in words


# --------------------------------------------------------------------------------------------------
# ---- the eyes used

BAD = {
    "overflow": '<div style="width: 500px">wide</div>',
    "cut without a shadow": '<div style="overflow-x: auto"><p style="width: 500px">w</p></div>',
    "scrolls sideways": '<div style="overflow-x: auto"><div style="width: 500px">wide</div></div>',
    "text under 12 px": '<div style="font-size: 11px">small</div>',
    "contrast": '<div style="background: #888; color: #999">pale</div>',
    "contrast: p.x": "<style>.x::before { content: 'pale'; color: #eee; }</style><p class='x'>text</p>",  # noqa: E501
    "no alt text": '<img src="one.svg">',
    "picture not shown": '<img src="none.svg" alt="a circle">',
    "small target": '<p><a href="https://docs.example.com">link</a></p>',
    "no header": "<table><tr><td>cell</td></tr></table>",
    "markup left": "one **bold** word",
    "math": r"\(\unknown\)",
    "id twice": '<p id="answer">a</p><p id="answer">b</p>',
    "class card": '<div class="card">a</div>',
    "empty": "<p></p>",
    "outside request": '<p>a<img alt="a" src="https://elsewhere.example/a.png"></p>',
    "console": "<p>a</p><script>throw new Error('broken')</script>",
}


def test_the_browser_sees_each_kind_of_fault(browser: Browser, tmp_path: Path) -> None:
    """On a side that has it, and none on a sound one."""
    style = f"<style>{(REPO / 'decks' / 'notetypes' / 'style.css').read_text('utf-8')}</style>"
    (tmp_path / "one.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>',
        "utf-8",
    )
    sound = r'<p>text \(x\)</p><img src="one.svg" alt="a circle">'
    with reviewer(browser, Deck((), tmp_path), DROID) as app:
        for diagnostic, bad in BAD.items():
            back = style + f'<div class="note">{bad}</div>'
            found: dict[str, list[str]] = {"front": [], "back": []}
            for row in app.look(Card("x", "concept", 1, style + sound, back, {})):
                found[row["side"]] += row["findings"]
            found["back"] += app.visit.heard()
            assert found["front"] == []
            assert [f for f in found["back"] if f.startswith(diagnostic)], (diagnostic, found)
