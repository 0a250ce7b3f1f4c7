"""What the live preview shows after a save: pages, broken and edited cards."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from conftest import run

from deckwright import pipeline
from deckwright.cache.memo import Memo
from deckwright.live.preview_state import PreviewState, next_state
from deckwright.live.watch import WatchResult
from deckwright.output.file_result import cards_in

TODAY = date(2026, 11, 25)
POLLY = "cards/4.2-services/polly.md"
PURPOSE = "card/polly-purpose.html"


class Preview:
    """A project and its states, each after a save."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.memo = Memo()
        self.states = [PreviewState()]

    def check(self, *saved: str) -> PreviewState:
        outcome = pipeline.check(self.folder, TODAY, self.memo)
        sources = [source for checked in outcome.values for source in checked.files.sources]
        raws = tuple(r for s in sources for r in cards_in(s, self.memo).values)
        result = WatchResult(saved, outcome.diagnostics, outcome, raws)
        version = str(len(self.states))
        self.states.append(next_state(self.states[-1], result, version, TODAY))
        return self.states[-1]

    def save(self, path: str, old: str, new: str) -> PreviewState:
        text = (self.folder / path).read_text("utf-8")
        assert old in text
        (self.folder / path).write_text(text.replace(old, new), "utf-8")
        return self.check(path)


@pytest.fixture
def preview(mini: Path) -> Preview:
    return Preview(mini)


def page(state: PreviewState, path: str) -> str:
    body = state.body(path)
    assert body is not None
    return body.decode()


def test_at_first_every_card_has_its_page_and_none_is_edited(preview: Preview) -> None:
    state = preview.check()
    assert (state.broken, state.edited, state.version) == ({}, (), "1")
    assert "What does Polly make of text?" in page(state, PURPOSE)
    assert state.body("card/no-such-card.html") is None


def test_the_cards_that_a_save_changed_are_the_edited_ones(preview: Preview) -> None:
    preview.check()
    state = preview.save(POLLY, "Speech.", "Spoken words.")
    assert state.edited == (PURPOSE,)
    assert "Spoken words." in page(state, PURPOSE)
    assert preview.check().edited == ()
    assert preview.save(POLLY, "## polly-purpose", "## polly-new").edited == (
        "card/polly-new.html",
    )


def test_a_card_with_an_error_shows_it_above_the_last_good_note(preview: Preview) -> None:
    preview.check()
    state = preview.save(POLLY, "Speech.", "<b>Speech.")
    card = state.broken[PURPOSE]
    assert card.id == "polly-purpose"
    assert ["error P211" in problem for problem in card.problems] == [True]
    assert card.last_good is not None
    shown = page(state, PURPOSE)
    assert "P211" in shown
    assert "What does Polly make of text?" in shown
    again = preview.save(POLLY, "<b>Speech.", "<i>Speech.")
    assert again.broken[PURPOSE].last_good == card.last_good
    assert preview.save(POLLY, "<i>Speech.", "Speech.").broken == {}


def test_a_new_card_with_an_error_has_a_page_without_a_note(preview: Preview) -> None:
    preview.check()
    new = "\n## polly-wrong\n\n- kind: nonsense\n- topic: voices\n\nWhat?\n\n---\n\nThat.\n"
    state = preview.save(POLLY, "< 1\n$$\n", f"< 1\n$$\n{new}")
    assert state.broken["card/polly-wrong.html"].last_good is None
    assert state.edited == ("card/polly-wrong.html",)
    assert "polly-wrong" in page(state, "card/polly-wrong.html")


def test_a_card_with_a_warning_is_not_broken(preview: Preview) -> None:
    preview.check()
    state = preview.save(POLLY, "Speech.", "Words and more. " * 30)
    assert state.diagnostics
    assert state.broken == {}


def test_a_card_whose_heading_is_gone_is_broken_by_the_errors_of_its_file(
    preview: Preview,
) -> None:
    preview.check()
    state = preview.save(POLLY, "## polly-purpose", "##polly-purpose")
    assert state.broken[PURPOSE].id == "polly-purpose"
    assert state.broken[PURPOSE].last_good is not None


def test_a_card_that_is_deleted_has_no_page(preview: Preview) -> None:
    preview.check()
    text = (preview.folder / POLLY).read_text("utf-8")
    gone = text[text.index("## polly-purpose") :]
    state = preview.save(POLLY, gone, "")
    assert PURPOSE not in state.broken
    assert state.body(PURPOSE) is None


def test_while_the_project_cannot_be_read_its_last_pages_remain(preview: Preview) -> None:
    before = preview.check()
    settings = "decks/project.toml"
    state = preview.save(settings, "[", "[[[")
    assert state.checked is None
    assert (state.edition, state.edited) == (before.edition, ())
    assert page(state, PURPOSE) == page(before, PURPOSE)
    (preview.folder / settings).write_text(
        (preview.folder / settings).read_text("utf-8").replace("[[[", "["), "utf-8"
    )
    (preview.folder / POLLY).write_text(
        (preview.folder / POLLY).read_text("utf-8").replace("Speech.", "Words."), "utf-8"
    )
    assert preview.check(settings, POLLY).edited == (PURPOSE,)


def test_before_the_first_readable_project_pages_say_so(preview: Preview) -> None:
    reading = page(preview.states[0], "index.html")
    (preview.folder / "decks/project.toml").write_text("[[", "utf-8")
    state = preview.check()
    assert page(state, "any/page.html") != reading
    assert state.body("assets/site.css") is None


def test_packages_are_there_unless_there_are_errors(preview: Preview) -> None:
    state = preview.check()
    assert "all.apkg" in page(state, "index.html")
    assert (state.body("packages/all.apkg") or b"")[:2] == b"PK"
    state = preview.save(POLLY, "Speech.", "<b>Speech.")
    assert state.body("packages/all.apkg") is None
    assert state.body("index.html") is not None


def test_the_message_to_a_page_says_what_check_says(preview: Preview) -> None:
    assert json.loads(preview.check().message()) == {
        "version": "1",
        "edited": [],
        "errors": 0,
        "found": "no problems",
        "text": "",
    }
    message = json.loads(preview.save(POLLY, "Speech.", "<b>Speech.").message())
    assert (message["errors"], message["found"]) == (1, "1 error")
    assert message["text"].strip() == run(preview.folder, "check").out.strip()


def test_a_card_whose_topic_cannot_be_read_is_broken(preview: Preview) -> None:
    """It has no topic, and must not be taken for a card."""
    preview.check()
    state = preview.save(POLLY, "- topic: voices", "  - topic: voices")
    assert PURPOSE in state.broken
    assert "error P206" in page(state, PURPOSE)
