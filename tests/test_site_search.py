"""The search of the site, in a real browser: how it reads what is typed, and that every page
leads to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import visit
from conftest import make_project, run
from playwright.sync_api import Browser, Page, expect
from test_site import edit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini project's site."""
    project = make_project(tmp_path_factory.mktemp("search") / "mini")
    edit(project, "\nSpeech.\n", "\nSpeech, as in a café.\n")
    assert run(project, "preview").code == 0
    return project / "dist" / "site"


@contextmanager
def opened(browser: Browser, folder: Path, path: str) -> Iterator[Page]:
    """A page of the site from its file, in which nothing goes wrong."""
    with visit(browser, allowed=(folder.as_uri() + "/",)) as tab:
        tab.page.goto(f"{folder.as_uri()}/{path}")
        yield tab.page
        assert tab.heard() == []


def found(page: Page, query: str) -> list[str]:
    """The ids of the cards that the search lists for a query, the best first."""
    page.locator("#q").fill(query)
    return list(page.locator(".results > li").evaluate_all("all => all.map(e => e.dataset.id)"))


def test_endings_fillers_accents_and_quotation_marks(browser: Browser, folder: Path) -> None:
    with opened(browser, folder, "cards.html") as page:
        for query, ids in (
            ("the price of Polly", ["polly-input-length"]),
            ("replicate", ["s3-replication"]),
            ("billing characters", ["polly-input-length"]),
            ("cafe", ["polly-purpose"]),
            ('"billed characters"', ["polly-input-length"]),
            ("“billed characters", ["polly-input-length"]),
            ('"characters billed"', []),
            ("zebra", []),
        ):
            assert found(page, query)[:1] == ids, query
        page.locator("#q").fill("billing")
        expect(page.locator(".results mark").first).to_have_text("billed")


def test_the_slash_opens_the_search_on_every_page(browser: Browser, folder: Path) -> None:
    for path in (
        "index.html",
        "cards.html",
        "practice.html",
        "outline.html",
        "ages.html",
        "card/polly-purpose.html",
    ):
        with opened(browser, folder, path) as page:
            page.keyboard.press("/")
            expect(page.locator("#q")).to_be_focused()
            page.keyboard.type("museum/")
            expect(page.locator("#q")).to_have_value("museum/")
            page.goto(f"{folder.as_uri()}/{path}")
            page.get_by_role("link", name="Search", exact=True).click()
            expect(page.locator("#q")).to_be_focused()


def test_the_first_page_searches_and_shows_the_answer_of_its_card(
    browser: Browser, folder: Path
) -> None:
    with opened(browser, folder, "index.html") as page:
        front, back = page.locator("iframe.front"), page.locator("iframe.back")
        expect(back).not_to_be_visible()
        page.get_by_text("Show answer").click()
        expect(front).not_to_be_visible()
        expect(page.frame_locator("iframe.back").locator("#answer")).to_be_visible()
        page.locator("#q").fill("billed characters")
        page.keyboard.press("Enter")
        expect(page.locator(".results > li").first).to_have_attribute(
            "data-id", "polly-input-length"
        )
        expect(page).to_have_url(f"{folder.as_uri()}/cards.html#q=billed+characters")
