"""What the live preview shows after a save: pages, broken and edited cards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import POLLY, SETTINGS, TODAY, edit, run

from deckwright.live.live_project import LiveProject
from deckwright.live.preview_state import PreviewState, next_state
from deckwright.live.watch import WatchResult

PURPOSE = "card/polly-purpose.html"


class Preview:
    """A project and its state after each save."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = LiveProject(folder, None)
        self.state = PreviewState()
        self.number = 0

    def check(self, *saved: str) -> PreviewState:
        check = self.project.check(TODAY)
        result = WatchResult(saved, (), check.outcome, check.raw_cards)
        self.number += 1
        self.state = next_state(self.state, result, str(self.number), TODAY)
        return self.state

    def save(self, old: str, new: str, path: str = POLLY) -> PreviewState:
        edit(self.folder, old, new, path, count=-1)
        return self.check(path)


@pytest.fixture
def preview(mini: Path) -> Preview:
    return Preview(mini)


def page(state: PreviewState, path: str = PURPOSE) -> str:
    body = state.body(path)
    assert body is not None
    return body.decode()


def test_every_card_has_its_page_and_those_that_a_save_changed_are_edited(preview: Preview) -> None:
    state = preview.check()
    assert (state.broken, state.edited) == ({}, ())
    assert "What does Polly make of text?" in page(state)
    assert state.body("card/no-such-card.html") is None
    state = preview.save("Speech.", "Spoken words.")
    assert state.edited == (PURPOSE,)
    assert "Spoken words." in page(state)
    assert preview.check().edited == ()
    assert preview.save("## polly-purpose", "## polly-new").edited == ("card/polly-new.html",)
    assert preview.state.body(PURPOSE) is None


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Speech.", "<b>Speech.", "P211"),
        ("## polly-purpose", "##polly-purpose", "P"),
        ("- topic: voices", "  - topic: voices", "P206"),
    ],
)
def test_a_card_with_an_error_shows_it_above_the_last_version_without_one(
    preview: Preview, old: str, new: str, code: str
) -> None:
    preview.check()
    for state in (preview.save(old, new), preview.check()):
        assert f"error {code}" in page(state)
        assert "What does Polly make of text?" in page(state)
    assert preview.save(new, old).broken == {}


def test_while_the_project_cannot_be_read_its_last_pages_remain(preview: Preview) -> None:
    before = page(preview.check())
    state = preview.save("[", "[[[", SETTINGS)
    assert (state.checked, state.edited, page(state)) == (None, (), before)
    edit(preview.folder, "Speech.", "Words.")
    preview.save("[[[", "[", SETTINGS)
    assert "Words." in page(preview.state)


def test_the_message_to_a_page_says_what_check_says(preview: Preview) -> None:
    nothing = {"version": "1", "edited": [], "errors": 0, "found": "no problems", "text": ""}
    assert json.loads(preview.check().message()) == nothing
    message = json.loads(preview.save("Speech.", "<b>Speech.").message())
    assert (message["errors"], message["found"]) == (1, "1 error")
    assert message["text"].strip() == run(preview.folder, "check").out.strip()
