"""A project, a learner, and AnkiConnect between them, for tests of `push`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anki_connect import FakeAnkiConnect, serving
from anki_learner import Learner
from conftest import Run, edit, make_project, run, write_release

from deckwright.core.identity import guid

# For no note: what a push asks for at its end, so that Anki's windows show what is new.
REDRAWN = "addTags"
PURPOSE, LENGTH, NAMES, NEW, COPIES = (
    guid("mini", name)
    for name in (
        "polly-purpose", "polly-input-length", "polly-task-names", "polly-new", "s3-replication",
    )
)  # fmt: skip


class Desk:
    """A project, a learner, and the add-on between them."""

    def __init__(self, folder: Path) -> None:
        self.project = make_project(folder / "mini")
        self.learner = Learner(folder / "learner")
        self.addon = FakeAnkiConnect(self.learner.col)
        self.port = 0

    def push(self, *arguments: str) -> Run:
        """Push without being asked. `addon.log` begins anew."""
        self.addon.log.clear()
        return run(self.project, "push", "--port", str(self.port), "--yes", *arguments)

    def edit(self, old: str, new: str, file: str = "cards/services/polly.md") -> None:
        edit(self.project, old, new, file)

    def add_card(self) -> None:
        path = self.project / "cards" / "services" / "polly.md"
        new = "\n## polly-new\n\n- kind: concept\n- topic: voices\n\nWhat is new?\n\n---\n\nThis.\n"
        path.write_text(path.read_text("utf-8") + new, "utf-8")

    def redesign(self) -> None:
        """Change the styling of all three note types."""
        path = self.project / "decks" / "notetypes" / "style.css"
        path.write_text(path.read_text("utf-8") + "\n.new { color: blue }\n", "utf-8")

    def redraw_image(self) -> None:
        self.edit("</svg>", "<!-- new --></svg>", "cards/reliability/img/copies.svg")

    def fields(self, which: str) -> dict[str, str]:
        return dict(self.learner.note(which).items())

    def package(self) -> Path:
        assert run(self.project, "decks").code == 0
        return self.project / "dist" / "all.apkg"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.delenv("ANKICONNECT_KEY", raising=False)
    made = Desk(tmp_path)
    with serving(made.addon) as made.port:
        yield made
    made.learner.close()


@pytest.fixture
def pushed(desk: Desk) -> Desk:
    """After a push of a release, with a learner who studies."""
    write_release(desk.project)
    result = desk.push()
    assert result.code == 0, result.out + result.err
    desk.learner.study(PURPOSE)
    desk.learner.study((LENGTH, 0))
    desk.learner.flag(LENGTH, 3)
    desk.learner.suspend((NAMES, 0))
    desk.learner.move(PURPOSE, "My own")
    return desk
