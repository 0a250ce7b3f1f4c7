"""Cards in the pages that Anki's apps put around them: rendered by Anki itself, shown in a
real browser.

Desktop, AnkiMobile and AnkiDroid's new study screen keep one page for all cards; its
web files are Anki's own (the package `aqt` has them, MathJax included). AnkiDroid's
classic study screen loads a fresh page per side. What each app puts on the page: html
classes, the class for night, its own body rules. Chromium stands in for the web view of
iOS.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from anki_learner import Learner
from browser import ORIGIN, Visit, visit
from conftest import FULL, REPO
from playwright.sync_api import Browser, Page

MEASURE = (REPO / "tests" / "measure.js").read_text("utf-8")


@dataclass(frozen=True)
class Platform:
    """An app on a device. `bars` is the height that the app itself takes, in CSS pixels;
    `fresh` means a new page per side.
    """

    name: str
    width: int
    height: int
    html: str
    night: str
    fresh: bool = False
    touch: bool = True
    bars: int = 144

    def body(self, number: int, night: bool) -> str:
        return f"card card{number}" + (f" {self.night}" if night else "")


CLASSIC = Platform(
    "AnkiDroid, classic", 360, 740, "mobile android linux js", "night_mode nightMode", fresh=True
)
DROID = Platform("AnkiDroid, new", 360, 740, "android mobile chrome", "nightMode night_mode")
IPHONE = Platform("AnkiMobile", 390, 844, "webkit safari mobile iphone ios js", "nightMode")
IPAD = Platform(
    "AnkiMobile on a tablet", 768, 1024, "webkit safari mobile ipad ios js", "nightMode"
)
DESKTOP = Platform("desktop", 1000, 700, "linux chrome", "nightMode night_mode", touch=False)
SMALL = Platform("a small phone", 320, 568, "android mobile chrome", "nightMode night_mode")
PLATFORMS = (CLASSIC, DROID, IPHONE, IPAD, DESKTOP, SMALL)


@dataclass(frozen=True)
class Card:
    """A card as Anki renders it: the markup of both sides, style included. `number` counts
    templates or gaps from 1.
    """

    id: str
    type: str
    number: int
    front: str = field(repr=False)
    back: str = field(repr=False)
    fields: dict[str, str] = field(repr=False)

    @property
    def sides(self) -> dict[str, str]:
        return {"front": self.front, "back": self.back}

    @property
    def features(self) -> frozenset[str]:
        """What is special about the card, so that a sample can have some of each."""
        found = [f for f in ("Hint", "Compare", "Status", "MyNotes") if self.fields.get(f)]
        signs = {
            "code": "<pre",
            "table": "<table",
            "picture": "<img",
            "math": r"\(",
            "block math": r"\[",
        }
        return frozenset(
            [
                self.type,
                *found,
                *(name for name, sign in signs.items() if sign in " ".join(self.fields.values())),
            ]
        )

    @property
    def is_drawn(self) -> bool:
        """Whether the card is among one in 16. A card that changes is drawn again."""
        digest = hashlib.sha256("\x1f".join(self.fields.values()).encode()).digest()
        return digest[0] % 16 == 0


@dataclass(frozen=True)
class Deck:
    cards: tuple[Card, ...]
    media: Path

    def sample(self) -> tuple[Card, ...]:
        """For every set of features the first card that has it."""
        return tuple({card.features: card for card in reversed(self.cards)}.values())[::-1]

    def drawn(self) -> tuple[Card, ...]:
        """The sample and the cards that are drawn; in `make test-full`, all cards."""
        sample = self.sample()
        return tuple(card for card in self.cards if FULL or card.is_drawn or card in sample)

    def choices(self) -> tuple[Card, ...]:
        return tuple(card for card in self.drawn() if card.type == "choice")


def load(package: Path, folder: Path, notes: str = "") -> Deck:
    """The cards of a package, imported into a new collection in `folder`. `notes` is what
    the learner wrote into MyNotes of the first card of each type.
    """
    learner = Learner(folder)
    learner.add(package)
    col = learner.col
    cards = []
    annotated = set()
    for number in sorted(col.find_cards("")):
        card = col.get_card(number)
        note = card.note()
        kind = card.note_type()["name"].split()[-1].lower()
        if notes and kind not in annotated:
            annotated.add(kind)
            note["MyNotes"] = notes
            col.update_note(note)
            card.load()
        front, back = (
            col.media.escape_media_filenames(markup) for markup in (card.question(), card.answer())
        )
        cards.append(Card(note["ID"], kind, card.ord + 1, front, back, dict(note.items())))
    media = Path(col.media.dir())
    learner.close()
    return Deck(tuple(cards), media)


@cache
def _web() -> Path:
    """Anki's own web files."""
    found = importlib.util.find_spec("_aqt")
    assert found, "tests/anki/pages.txt is not installed"
    return Path(next(iter(found.submodule_search_locations or ()))) / "data" / "web"


def web_files(path: str) -> bytes | None:
    """What Anki serves at a path such as /_anki/js/mathjax.js."""
    file = _web() / path.removeprefix("/_anki/")
    return file.read_bytes() if path.startswith("/_anki/") and file.is_file() else None


@dataclass
class Reviewer:
    """A tab in the shape of an app."""

    visit: Visit
    platform: Platform
    pages: dict[str, str]

    @property
    def page(self) -> Page:
        return self.visit.page

    def show(self, card: Card, side: str, night: bool = False) -> None:
        """Shows a side as the app does, and waits until it stands."""
        body = self.platform.body(card.number, night)
        if self.platform.fresh:
            self.pages["/side.html"] = _fresh_page(self.platform, body, card.sides[side])
            self.page.goto(f"{ORIGIN}/side.html")
            self.page.wait_for_function("window.shown === true && !!window.settled")
            self.page.evaluate("settled()")
        else:
            self.page.evaluate("([s, m, c]) => show(s, m, c)", [side, card.sides[side], body])

    def look(self, card: Card) -> list[dict[str, Any]]:
        """Both sides by day and at night: findings, height and math of each."""
        bodies = [self.platform.body(card.number, night) for night in (False, True)]
        if not self.platform.fresh:
            return self.page.evaluate("([s, b]) => look(s, b)", [card.sides, bodies])  # type: ignore[no-any-return]
        out = []
        for side in card.sides:
            self.show(card, side)
            for body in bodies:
                self.page.evaluate("body => { document.body.className = body + ' chrome'; }", body)
                out.append({"side": side, "body": body, **self.measure()})
        return out

    def measure(self) -> dict[str, Any]:
        return self.page.evaluate("measure()")  # type: ignore[no-any-return]


@contextmanager
def reviewer(
    browser: Browser, deck: Deck, platform: Platform, **context: Any
) -> Iterator[Reviewer]:
    """A tab in the shape of an app, with the deck's media."""
    pages = {"/reviewer.html": _one_page(platform)}

    def serve(path: str) -> bytes | None:
        if path in pages:
            return pages[path].encode()
        file = deck.media / path[1:]
        return file.read_bytes() if file.is_file() else web_files(path)

    size = {"width": platform.width, "height": platform.height}
    with visit(browser, serve, viewport=size, has_touch=platform.touch, **context) as found:
        found.page.add_init_script(MEASURE)
        shown = Reviewer(found, platform, pages)
        if not platform.fresh:
            found.page.goto(f"{ORIGIN}/reviewer.html")
        yield shown


def _one_page(platform: Platform) -> str:
    return f"""<!DOCTYPE html><html class="{platform.html}" lang="en"><head><meta charset="utf-8"><title>Anki</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="stylesheet" href="/_anki/css/reviewer.css"></head>
<body><div id="qa" dir="auto"></div><script>globalThis.bridgeCommand = function () {{}};</script>
<script src="/_anki/js/vendor/jquery.min.js"></script><script src="/_anki/js/reviewer.js"></script></body></html>"""  # noqa: E501


def _fresh_page(platform: Platform, body: str, markup: str) -> str:
    """AnkiDroid's classic page: its own rules, the side in it, math drawn before it is shown."""
    math = re.search(r"\\\(.*?\\\)|\\\[.*?\\\]", markup, re.DOTALL)
    files = ("/_anki/js/mathjax.js", "/_anki/js/vendor/mathjax/tex-chtml-full.js") if math else ()
    draw = (
        "MathJax.startup.promise.then(function () { return MathJax.typesetPromise(); }).then(done)"
        if math
        else "done()"
    )
    return f"""<!DOCTYPE html><html class="{platform.html}" lang="en"><head><meta charset="utf-8"><title>AnkiDroid</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>body {{ margin: 0; padding: 0; overflow-wrap: break-word; }} #content {{ margin: .5em; }} pre {{ text-align: left; }}
body.night_mode {{ color: white; background-color: black; }} img {{ max-width: 100%; max-height: 90%; }}</style>
{"".join(f'<script src="{file}"></script>' for file in files)}</head>
<body class="{body} chrome"><div id="content" dir="auto"><div id="qa">{markup}</div></div>
<script>window.onload = function () {{ function done() {{ window.shown = true; }} {draw}; }};</script></body></html>"""  # noqa: E501
