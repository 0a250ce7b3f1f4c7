"""The site of the mini project, built once for all tests that only look at it: as files, and
in a real browser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import ORIGIN, Visit, visit
from conftest import catalog, edit, make_project, run
from playwright.sync_api import Browser, FrameLocator, Page

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}

HOSTILE = """
## polly-hostile

- kind: concept
- topic: voices
- hint: </textarea><script>alert("hint")</script>
- source: https://docs.example.com/?a=1&quot;&lt;b=(2)
- checked: 2026-09

Does `</script><script>alert(1)</script>` or `"><img src=x onerror=alert(2)>` or `</iframe>`
or "]]>" do harm? And `{{ 7 * 7 }}` or `{% raw %}`?

---

No: `<!-- --><b onclick=alert(3)>`, $\\text{<script>alert(4)</script>}$ and
$\\text{javascript:alert(5)}$ neither.

---

`</style></textarea></title></noscript>` are words, and so are \\\\u2028 and `window.deckCards = 1`.
"""

# What would do harm if a card's text became markup. A click is needed where there is an id.
ACTIVE = (
    "<script>window.top.harmed = 1</script>",
    "<script>\n  window.top.harmed = 1\n</script>",
    '<img src="data:," onerror="window.top.harmed = 1">',
    '<img src="https://example.com/pixel.png">',
    '<div style="background: url(https://example.com/pixel.png)">x</div>',
    '<iframe srcdoc="&lt;script>window.top.harmed = 1&lt;/script>"></iframe>',
    '<object data="https://example.com/a.html"></object>',
    '<a id="click" href="javascript:window.top.harmed = 1">x</a>',
    '<form action="https://example.com/"><button id="click">x</button></form>',
    '<a id="click" href="https://example.com/" target="_top">x</a>',
)


class ParsedPage(HTMLParser):
    """The elements of a page as (tag, attributes), its ids, and the pages in its frames."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)
        self.ids = {names["id"] for _, names in self.elements if "id" in names}
        self.frames = [
            ParsedPage(names["srcdoc"]) for _, names in self.elements if "srcdoc" in names
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def words(self) -> str:
        """The text with single spaces."""
        return " ".join(self.text.split())

    def links(self) -> list[tuple[str, str, str]]:
        """Return (tag, attribute, address) of everything that the page refers to."""
        names = ("href", "src", "action", "data", "poster", "srcset")
        return [
            (tag, name, attributes[name])
            for tag, attributes in self.elements
            for name in names
            if name in attributes
        ]


def parsed(file: Path) -> ParsedPage:
    return ParsedPage(file.read_text("utf-8"))


def site(project: Path) -> Path:
    """The folder of a project's site, which is built."""
    result = run(project, "preview")
    assert result.code == 0, (result.out + result.err)[:2000]
    return project / "dist" / "site"


def made_up(first: int, end: int) -> str:
    """The text of cards with the numbers from `first` to `end`, without `end`."""
    return "\n".join(
        f"## polly-made-{n}\n\n- kind: concept\n- topic: voices\n- checked: 2026-10\n\n"
        f"What is the made-up name of the voice with the number {n}?\n\n---\n\nVoice {n}.\n"
        for n in range(first, end)
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the mini project with three more cards: one that would do harm if its text were
    taken for markup, and two of the first level, which have a package of their own.
    """
    project = make_project(tmp_path_factory.mktemp("site") / "mini")
    file = project / "cards" / "services" / "polly.md"
    essential = made_up(0, 2).replace("- kind: concept\n", "- kind: concept\n- level: essential\n")
    file.write_text(f"{file.read_text('utf-8')}{HOSTILE}\n{essential}", "utf-8")
    few = '[[package]]\npath = "few.apkg"\ntitle = "Few"\nlevel = ["essential"]\n\n[[package]]'
    edit(project, "[[package]]", few, "decks/project.toml")
    seen = "\nAs in a museum or café, replication"
    edit(project, "\nReplication", seen, "cards/reliability/s3.md")
    return site(project)


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    """The cards of a site by ID."""
    return catalog(folder.parent)


def stored(
    folder: Path, path: str, replaced: Mapping[str, bytes] = MappingProxyType({})
) -> bytes | None:
    """The content of a file of a site, or what replaces it."""
    if path in replaced:
        return replaced[path]
    file = folder / path.lstrip("/")
    return file.read_bytes() if file.is_file() else None


def dead_links(folder: Path) -> list[str]:
    """All links of a site that lead nowhere, and all outside addresses to load."""
    pages = {p.relative_to(folder).as_posix(): parsed(p) for p in folder.rglob("*.html")}
    return links_without_target(pages, pages.__getitem__, lambda path: (folder / path).is_file())


def links_without_target(
    pages: Mapping[str, ParsedPage],
    page_at: Callable[[str], ParsedPage],
    exists: Callable[[str], bool],
) -> list[str]:
    """The links of some pages of a site that lead nowhere, and the outside addresses to load."""
    dead = []
    for name, page in sorted(pages.items()):
        for part in (page, *page.frames):  # a frame's addresses begin where its page's do
            for tag, _, address in part.links():
                split = urlsplit(address)
                target = normpath(join(dirname(name), unquote(split.path))) if split.path else name
                if split.scheme or address.startswith("//"):
                    dead += [f"{name} loads {address}"] if tag != "a" else []
                elif not exists(target):
                    dead.append(f"{name}: {address}")
                elif (
                    (anchor := split.fragment)
                    and "=" not in anchor
                    and anchor not in page_at(target).ids
                ):
                    dead.append(f"{name}: {address} (no such id)")
    return dead


Show = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, built: Path) -> Iterator[Show]:
    """Opens a page of the site, from its file or from a host. axe-core needs a host, because it
    cannot look into styles and frames of a file. At the end of the test, nothing must have gone
    wrong in any page, and nothing must have been requested elsewhere.
    """
    tabs: list[Visit] = []
    with ExitStack() as stack:

        def shown(path: str, host: bool = False, folder: Path = built, **context: Any) -> Page:
            serve = partial(stored, folder) if host else None
            allowed = (folder.as_uri() + "/",)
            options = {"viewport": DESKTOP, **context}
            tabs.append(stack.enter_context(visit(browser, serve, allowed, **options)))
            tabs[-1].page.goto(f"{ORIGIN if host else folder.as_uri()}/{path}")
            return tabs[-1].page

        yield shown
        assert [problem for tab in tabs for problem in tab.heard()] == []


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than the window, once a change of its size is drawn."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(width))


def serious(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds serious or critical in the page and its frames, by all rules or some."""
    violations = Axe().run(page, options={"runOnly": rules} if rules else {}).response["violations"]
    return [
        f"{v['id']}: {n['target']} {n.get('failureSummary', '')}"
        for v in violations
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]


def results(page: Page) -> list[str]:
    """The ids of the cards in the list of results, in their order."""
    page.locator('.results[aria-busy="false"]').wait_for(state="attached")
    return list(page.locator(".results > li").evaluate_all("all => all.map(e => e.dataset.id)"))


def face(page: Page, side: str, number: int = 0) -> FrameLocator:
    return page.frame_locator(f"iframe.{side} >> nth={number}")


NIGHT = re.compile("nightMode")
