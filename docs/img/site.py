"""Photographs three pages of the site, made from the cards as they are, into this folder:
`.venv/bin/python docs/img/site.py`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPO / "tests"))

from browser import FLAGS, find_chromium  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

# File, page, window, colour scheme, what to do first (a script, run in the page).
PICTURES = (
    (
        "site-cards.png",
        "cards.html#q=endpoint",
        (960, 640),
        "light",
        "document.querySelector('.results summary').click()",
    ),
    ("site-card.png", "card/sagemaker-scale-to-zero.html", (960, 760), "dark", ""),
    ("site-outline.png", "outline.html", (960, 640), "light", ""),
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="deckwright-") as place:
        command = [
            sys.executable,
            str(REPO / "build.py"),
            "--root",
            str(REPO),
            "preview",
            "--out",
            f"{place}/dist",
        ]
        subprocess.run(command, check=True, capture_output=True)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            for name, page, (width, height), scheme, act in PICTURES:
                tab = chromium.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                tab.goto(f"{(Path(place) / 'dist' / 'site').as_uri()}/{page}")
                if act:
                    tab.evaluate(act)
                tab.wait_for_timeout(500)
                tab.screenshot(path=str(Path(__file__).parent / name))
                tab.close()
            chromium.close()


if __name__ == "__main__":
    main()
