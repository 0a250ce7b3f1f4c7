"""Every card as a learner sees it: rendered by Anki, in the pages of its apps, looked at by a real browser."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from anki_learner import Learner
from conftest import FULL, REPO, make_project, run_process
from playwright.sync_api import Browser
from reviewer import CLASSIC, DESKTOP, DROID, IPAD, IPHONE, PLATFORMS, Card, Deck, Platform, load, reviewer

PHONES = (CLASSIC, DROID, IPHONE)
WIDTH = 596  # placeholder


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Deck:
    """All cards of the real deck."""
    return _deck(REPO, tmp_path_factory.mktemp("real"))


def _deck(project: Path, folder: Path) -> Deck:
    result = run_process(project, "decks", "--out", str(folder / "dist"))
    assert result.returncode == 0, result.stdout + result.stderr
    return load(folder / "dist" / "all.apkg", folder / "learner", notes="See <b>page 12</b> of my notes.")


def test_time(browser: Browser, real: Deck) -> None:
    import time
    t=time.time()
    with reviewer(browser, real, DROID) as app:
        worst=[]
        for card in real.cards:
            for row in app.look(card):
                if row['findings']: print(card.id, row)
                if row['side']=='front': worst.append((row['height'],card.id))
            h=app.visit.heard()
            if h: print(card.id,h)
        print(sorted(worst)[-8:])
    print(time.time()-t, len(real.sample()))
    assert 0
