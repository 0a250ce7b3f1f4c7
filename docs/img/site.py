"""Photographs pages of the site, made from the cards as they are, into this folder:
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

NEXT = "document.querySelector('.next').click()"

# File, page, window, color scheme, what to do first (scripts that are run in the page).
PICTURES: tuple[tuple[str, str, tuple[int, int], str, tuple[str, ...]], ...] = (
    ("site-home.png", "index.html", (1200, 900), "light", ()),
    (
        "site-cards.png",
        "cards.html#q=cost+of+endpoints",
        (1100, 720),
        "light",
        ("document.querySelector('.results summary').click()",),
    ),
    (
        "site-practice.png",
        "practice.html#level=essential",
        (860, 900),
        "light",
        (
            "document.querySelector('.start').click()",
            "frames[0].document.querySelector('.options > li:nth-child(2)').click()",
            "document.querySelector('.show-answer').click()",
        ),
    ),
    (
        "site-exam.png",
        "exam.html",
        (1100, 690),
        "light",
        (
            "document.querySelector('.start').click()",
            *("document.querySelectorAll('.option')[1].click()", NEXT) * 3,
            "document.querySelector('.flag').click()",
            NEXT,
            *("document.querySelectorAll('.option')[2].click()", NEXT) * 5,
            "document.querySelectorAll('.option')[0].click()",
        ),
    ),
    (
        "site-card.png",
        "card/sagemaker-scale-to-zero.html",
        (1200, 900),
        "dark",
        ("document.querySelector('.reveal').open = true",),
    ),
    (
        "site-outline.png",
        "outline.html",
        (1100, 800),
        "light",
        ("document.querySelectorAll('.part').forEach((one, place) => { one.open = place === 1 })",),
    ),
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
            for name, page, (width, height), scheme, acts in PICTURES:
                tab = chromium.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                tab.add_init_script("Math.random = () => 0.12")  # the same cards each time
                tab.goto(f"{(Path(place) / 'dist' / 'site').as_uri()}/{page}")
                for act in acts:
                    tab.wait_for_timeout(500)
                    tab.evaluate(act)
                tab.wait_for_timeout(500)
                tab.screenshot(path=str(Path(__file__).parent / name))
                tab.close()
            chromium.close()


if __name__ == "__main__":
    main()
