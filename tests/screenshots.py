"""Makes the pictures in docs/img/ from the real deck. The cards are
rendered by Anki and shown in its apps' pages, as in the tests; what a picture shows
is in PICTURES.
"""

from __future__ import annotations

import base64
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browser import FLAGS, find_chromium
from conftest import REPO, run_process
from playwright.sync_api import Browser, sync_playwright
from reviewer import DROID, Deck, Platform, load, reviewer

PHONE = Platform("a phone", 360, 680, DROID.html, DROID.night)
SCALE = 1.5  # device pixels per CSS pixel: three phones fill a code host's column at twice its own


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

# What code hosts and messengers show for a link to the repository: 1280 by 640 pixels.
SOCIAL = (
    View("sagemaker-endpoint-scaling-cooldown", "back"),
    View("vpc-nat-bill-for-s3", "back", night=True, picks=(1,)),
)

FRAME = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>pictures</title><style>
body { margin: 0; background: transparent; }
main { display: grid; grid-template-columns: repeat(3, max-content); gap: 24px; width: max-content; padding: 4px; }
img { display: block; width: 360px; height: 680px; border-radius: 26px; outline: 3px solid #8b8f96; }
</style><main>%s</main></html>"""  # noqa: E501

POSTER = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>social preview</title><style>
body { margin: 0; background: #1b1d20; color: #dddad3; font: 28px/1.45 system-ui, "Noto Sans", sans-serif; }
main { position: relative; width: 1280px; height: 640px; overflow: hidden; }
section { position: absolute; left: 72px; top: 0; width: 500px; height: 640px; display: flex; flex-direction: column; justify-content: center; }
h1 { margin: 0; font-size: 68px; line-height: 1.1; font-weight: 700; letter-spacing: -.02em; color: #fff; }
p { margin: 22px 0 0; font-size: 29px; color: #8fbcf2; }
ul { margin: 36px 0 0; padding: 0; list-style: none; color: #bfbdb7; }
li { margin-top: 8px; }
img { position: absolute; width: 306px; height: 578px; border-radius: 24px; outline: 3px solid #74777c; }
img:nth-of-type(1) { left: 604px; top: 31px; }
img:nth-of-type(2) { left: 934px; top: 31px; }
</style><main>%s<section><h1>%s</h1><p>%s</p><ul>%s</ul></section></main></html>"""  # noqa: E501


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


def images(shots: list[bytes]) -> str:
    return "".join(
        f'<img alt="" src="data:image/png;base64,{base64.b64encode(shot).decode()}">'
        for shot in shots
    )


def compose(browser: Browser, html: str, scale: float = SCALE) -> bytes:
    """A PNG of a page's `main`."""
    page = browser.new_page(device_scale_factor=scale)
    page.set_viewport_size({"width": 1280, "height": 640})
    page.set_content(html)
    picture = page.locator("main").screenshot(omit_background=True)
    page.close()
    return picture


def poster(shots: list[bytes], cards: int) -> str:
    """The page of the social preview, for a deck with so many cards."""
    deck = tomllib.loads((REPO / "decks" / "project.toml").read_text("utf-8"))["deck"]
    claims = (
        "A source on every card",
        "A reason under every option",
        "Updates that keep your reviews",
    )
    items = "".join(f"<li>{claim}</li>" for claim in claims)
    about = f"More than {cards // 100 * 100:,} flashcards for Anki"
    return POSTER % (images(shots), deck, about, items)


def main() -> None:
    path = find_chromium()
    if not path:
        sys.exit("There is no Chromium on the PATH; on Debian: apt install chromium")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        built = run_process(REPO, "decks", "--out", str(folder / "dist"))
        if built.returncode:
            sys.exit(built.stdout + built.stderr)
        deck = load(folder / "dist" / "ml-on-aws-all.apkg", folder / "learner")
        for name, views in {**PICTURES, "social": SOCIAL}.items():
            file = REPO / "docs" / "img" / f"{name}.png"
            shots = [shoot(browser, deck, view) for view in views]
            if name == "social":
                cards = len({card.id for card in deck.cards})
                file.write_bytes(compose(browser, poster(shots, cards), scale=1))
            else:
                file.write_bytes(compose(browser, FRAME % images(shots)))
            print(f"{file.relative_to(REPO)}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
