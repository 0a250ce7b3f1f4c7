"""A real browser for tests: Debian's Chromium, or any other that stands on the PATH,
driven by Playwright. Nothing that is shown in it may reach beyond what the test serves:
every other request is refused and written down.
"""

from __future__ import annotations

import mimetypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

# Without a browser, its tests then fail.
REQUIRED = os.environ.get("DECKWRIGHT_BROWSER") == "required"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
ORIGIN = "http://deck.test"  # where `serve` answers; no name of any network

Serve = Callable[[str], bytes | None]


def find_chromium() -> str:
    """Path of a Chromium: the one that CHROMIUM names, else the first on the PATH; empty
    where there is none.
    """
    return os.environ.get("CHROMIUM") or next(
        (path for name in NAMES if (path := shutil.which(name))), ""
    )


MISSING = (
    "no Chromium on the PATH (on Debian: apt install chromium; CHROMIUM=/path/to/it names another)"
)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what needs a browser where there is none; from here, so that the summary says
    it once and not for each test.
    """
    if "browser" in getattr(item, "fixturenames", ()) and not REQUIRED and not find_chromium():
        pytest.skip(MISSING)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a process. Where it is required and there is none, its
    tests fail.
    """
    path = find_chromium()
    if not path:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        fonts = {"FONTCONFIG_FILE": str(Path(__file__).with_name("fonts.conf"))}
        chromium = playwright.chromium.launch(
            executable_path=path, args=list(FLAGS), env={**os.environ, **fonts}
        )
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """A tab, and what went wrong in it: `errors` are words of the console, `outside` are
    addresses that were asked for in vain.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def heard(self) -> list[str]:
        """What went wrong since the last call."""
        out = [f"console: {error}" for error in self.errors] + [
            f"outside request: {address}" for address in self.outside
        ]
        self.errors.clear()
        self.outside.clear()
        return out


@contextmanager
def visit(
    browser: Browser, serve: Serve | None = None, allowed: tuple[str, ...] = (), **context: Any
) -> Iterator[Visit]:
    """A tab of its own. Addresses below ORIGIN are answered by `serve` (a path such as
    `/x.svg` → bytes, None where there is nothing); those that begin with one of
    `allowed` (as `file:///…/site/` or `http://127.0.0.1:8000/`) go through. `context`
    is Playwright's: viewport, has_touch, java_script_enabled, color_scheme and the
    like.
    """
    tab = browser.new_context(**context)
    page = tab.new_page()
    page.set_default_timeout(20_000)
    found = Visit(page)

    def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith(ORIGIN + "/") and serve:
            path = unquote(urlsplit(url).path)
            body = b"" if path == "/favicon.ico" else serve(path)
            kind = mimetypes.guess_type(path)[0] or "text/html"
            route.fulfill(
                status=200 if body is not None else 404,
                body=body or b"",
                content_type=f"{kind}; charset=utf-8",
            )
        elif url.startswith((*allowed, "data:", "blob:", "about:")):
            route.continue_()
        else:
            found.outside.append(url)
            route.abort()

    def listen(message: ConsoleMessage) -> None:
        refused = message.location.get("url", "") in found.outside
        if message.type in ("error", "assert") and not refused:
            found.errors.append(message.text)

    tab.route("**/*", answer)
    page.on("console", listen)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on(
        "websocket",
        lambda socket: (
            None if socket.url.startswith(allowed or "-") else found.outside.append(socket.url)
        ),
    )
    try:
        yield found
    finally:
        tab.close()
