"""Makes the pictures in docs/img/ from the real deck. The cards are
rendered by Anki and shown in its apps' pages, as in the tests; what a picture shows
is in PICTURES.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browser import FLAGS, find_chromium
from conftest import REPO, run_process
from playwright.sync_api import Browser, sync_playwright
from reviewer import DROID, Deck, Platform, load, reviewer

PHONE = Platform("a phone", 360, 680, DROID.html, DROID.night)
SCALE = (
    1.5  # device pixels a CSS pixel: three phones fill a column of a code host at twice its pixels
)


@dataclass(frozen=True)
class View:
    """A side of a card on a phone; `picks` are numbers of options that were tapped on the front."""

    card: str
    side: str
    night: bool = False
    picks: tuple[int, ...] = ()


PICTURES = {
    "phone": (
        View("sagemaker-endpoint-scaling-cooldown", "back"),
        View("vpc-nat-bill-for-s3", "front", night=True, picks=(1,)),
        View("vpc-nat-bill-for-s3", "back", night=True, picks=(1,)),
    ),
    "notetypes": (
        View("vpc-s3-from-on-premises", "front"),
        View("cloudwatch-minute-data-retention", "front", night=True),
        View("sagemaker-scale-to-zero", "front", picks=(1, 4)),
        View("vpc-s3-from-on-premises", "back"),
        View("cloudwatch-minute-data-retention", "back", night=True),
        View("sagemaker-scale-to-zero", "back", picks=(1, 4)),
    ),
}

FRAME = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>pictures</title><style>
body { margin: 0; background: transparent; }
main { display: grid; grid-template-columns: repeat(3, max-content); gap: 24px; width: max-content; padding: 4px; }
img { display: block; width: 360px; height: 680px; border-radius: 26px; outline: 3px solid #8b8f96; }
</style><main>%s</main></html>"""  # noqa: E501


@contextmanager
def _browser() -> Iterator[Browser]:
    path = find_chromium()
    if not path:
        sys.exit("There is no Chromium on the PATH; on Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def shoot(browser: Browser, deck: Deck, view: View) -> bytes:
    """A PNG of what the learner sees, scrolled to where the app scrolls."""
    card = next((c for c in deck.cards if c.id == view.card), None)
    if card is None:
        sys.exit(f"There is no card {view.card}; name another in tests/screenshots.py.")
    with reviewer(browser, deck, PHONE, device_scale_factor=SCALE) as app:
        app.page.evaluate("Math.random = () => 0.4")  # the same order of options each time
        app.show(card, "front", view.night)
        for number in view.picks:
            app.page.locator(f'.options > [data-n="{number}"]').tap()
        if view.side == "back":
            app.show(card, "back", view.night)
        return app.page.screenshot()


def compose(browser: Browser, shots: list[bytes]) -> bytes:
    """The shots side by side, three in a row."""
    images = "".join(
        f'<img alt="" src="data:image/png;base64,{base64.b64encode(shot).decode()}">'
        for shot in shots
    )
    page = browser.new_page(device_scale_factor=SCALE)
    page.set_content(FRAME % images)
    picture = page.locator("main").screenshot(omit_background=True)
    page.close()
    return picture


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary, _browser() as browser:
        folder = Path(temporary)
        built = run_process(REPO, "decks", "--out", str(folder / "dist"))
        if built.returncode:
            sys.exit(built.stdout + built.stderr)
        deck = load(folder / "dist" / "all.apkg", folder / "learner")
        for name, views in PICTURES.items():
            file = REPO / "docs" / "img" / f"{name}.png"
            file.write_bytes(compose(browser, [shoot(browser, deck, view) for view in views]))
            print(f"{file.relative_to(REPO)}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
