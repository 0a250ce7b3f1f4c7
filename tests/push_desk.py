"""A project, a learner, and AnkiConnect between them, for tests of `push`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from anki_connect import FakeAnkiConnect, serving
from anki_learner import CardState, Learner
from conftest import Run, make_project, run

from deckwright.core.identity import guid

# For no note: what a push asks for at its end, so that Anki's windows show what is new.
REDRAWN = "addTags"
PURPOSE, LENGTH, NAMES = (
    guid("mini", i) for i in ("polly-purpose", "polly-input-length", "polly-task-names")
)


class Desk:
    """A project, a learner, and the add-on between them."""

    def __init__(self, folder: Path) -> None:
        self.project = make_project(folder / "mini")
        self.learner = Learner(folder / "learner")
        self.addon = FakeAnkiConnect(self.learner.col)
        self.url = ""

    def push(self, *arguments: str) -> Run:
        return run(self.project, "push", "--url", self.url, *arguments)

    def edit(self, old: str, new: str, file: str = "4.2-services/polly.md") -> None:
        path = self.project / "cards" / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def fields(self, which: str) -> dict[str, str]:
        return dict(self.learner.note(which).items())

    def cards(self) -> dict[tuple[str, int], CardState]:
        return self.learner.state().cards

    def asked(self) -> list[str]:
        """What was asked of the add-on that changes a collection."""
        reading = ("requestPermission", "model", "find", "notesInfo", "getMedia", "multi")
        return [action for action in self.addon.log if not action.startswith(reading)]

    def is_up_to_date(self, *arguments: str) -> bool:
        """Whether a push finds nothing to do, and does nothing."""
        self.addon.log.clear()
        result = self.push("--yes", *arguments)
        counts = re.findall(r"^(?:new|changed): (\d+)", result.out, re.MULTILINE)
        return (result.code, counts, self.asked()) == (0, ["0", "0"], [])

    def package(self, *more: str) -> Path:
        assert run(self.project, "decks", *more).code == 0
        return self.project / "dist" / "all.apkg"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.delenv("ANKICONNECT_KEY", raising=False)
    made = Desk(tmp_path)
    with serving(made.addon) as made.url:
        yield made
    made.learner.close()


@pytest.fixture
def pushed(desk: Desk) -> Desk:
    """After a first push of everything, with a learner who studies."""
    result = desk.push("--yes")
    assert result.code == 0, result.out + result.err
    desk.addon.log.clear()
    desk.addon.writes = 0
    desk.learner.study(PURPOSE)
    desk.learner.study((LENGTH, 0))
    desk.learner.flag(LENGTH, 3)
    desk.learner.suspend((NAMES, 0))
    desk.learner.move(PURPOSE, "My own")
    return desk
