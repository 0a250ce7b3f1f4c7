"""`push` when something goes wrong, in Anki or on the way there."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from conftest import run
from push_desk import LENGTH, NEW, PURPOSE, Desk
from push_desk import desk as desk  # a fixture
from push_desk import pushed as pushed  # a fixture

from deckwright.exchange.push import ankiconnect


def work(desk: Desk) -> None:
    """Something for every step: a design, a card, an image, fields, tags."""
    desk.redesign()
    desk.redraw_image()
    desk.edit("Speech.\n", "Lifelike speech.\n")
    desk.edit("- also: s3\n", "- status: legacy\n")
    desk.add_card()


# Writing actions of a push after `work`: three designs in two parts, package, image, fields of
# three notes, tags in two parts, drawing.
STEPS = 14


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("step", [*range(STEPS), None])
def test_stopped_at_any_step_and_run_again(step: int | None, late: bool, pushed: Desk) -> None:
    before = pushed.learner.state()
    work(pushed)
    pushed.addon.fail_at, pushed.addon.late = step, late
    first, steps = pushed.push("--types"), len(pushed.addon.written)
    assert (first.code, steps) == ((0, STEPS) if step is None else (2, step + 1)), first.err
    pushed.addon.fail_at = None
    second = pushed.push("--types")
    assert second.code == 0, second.out
    third = pushed.push("--types")
    assert (third.code, pushed.addon.written) == (0, [])
    after = pushed.learner.state()
    assert {k: c for k, c in after.cards.items() if k in before.cards} == before.cards
    assert (after.reviews, after.schema) == (before.reviews, before.schema)
    assert set(after.notes) == {*before.notes, NEW}
    assert "Lifelike speech." in pushed.fields(PURPOSE)["Answer"]
    assert pushed.learner.problems() == []


def test_nothing_answers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        result = run(desk.project, "push", "--port", str(free.getsockname()[1]))
    assert (result.code, "2055492159" in result.err) == (2, True)  # the add-on's number
    monkeypatch.setattr(ankiconnect, "_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = run(desk.project, "push", "--port", str(silent.getsockname()[1]))
    assert (result.code, "doesn't answer" in result.err) == (2, True), result.err


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>hello</html>", "isn't AnkiConnect"),
        (b"\xff\xfe", "isn't AnkiConnect"),
        (b'{"result": "x", "error": null}', "isn't AnkiConnect"),
        (b"", "isn't AnkiConnect"),
        (b"[" * 200_000, "isn't AnkiConnect"),
        (b'{"result": ' + b"1" * 10_000 + b', "error": null}', "isn't AnkiConnect"),
        (b'{"result": "' + b"x" * 200_000 + b'", "error": null}', "isn't AnkiConnect"),
        (b'{"result": null, "error": "unsupported action"}', "update AnkiConnect"),
        (b'{"result": null, "error": "' + b"x" * 90_000 + b'"}', "Anki says: x"),
    ],
)
def test_another_program_answers(
    body: bytes, words: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ankiconnect, "_MAX_ANSWER", 100_000)
    desk.addon.body = body
    result = desk.push()
    assert (result.code, words in result.err, len(result.err) < 1000) == (2, True, True)
    assert "  help: " in result.err


@pytest.mark.parametrize(
    ("action", "result"),
    [
        ("modelNamesAndIds", {"A": float("inf")}),
        ("modelStyling", {"css": 5}),
        ("modelTemplates", {"Card": {"Front": None, "Back": None}}),
        ("notesInfo", [{"noteId": 1, "tags": [[]], "fields": {}}]),
        ("notesInfo", [{"noteId": 1, "tags": [], "fields": {"ID": {"value": "\ud800"}}}]),
    ],
)
def test_an_answer_of_another_shape(
    action: str, result: Any, pushed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushed.addon, f"do_{action}", lambda **_: result)
    found = pushed.push()
    assert (found.code, "isn't AnkiConnect" in found.err) == (2, True), found.err


def test_permission_key_and_profile(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(word: str) -> bool:
        result = desk.push()
        return (result.code, word in result.err) == (2, True)

    desk.addon.permission = "denied"
    assert failing("allow")
    desk.addon.permission, desk.addon.key = "granted", "secret"
    assert failing("ANKICONNECT_KEY")
    monkeypatch.setenv("ANKICONNECT_KEY", "wrong")
    assert failing("ANKICONNECT_KEY")
    monkeypatch.setenv("ANKICONNECT_KEY", "secret")
    desk.addon.open = False
    assert failing("choose a profile")
    desk.addon.open = True
    assert desk.push("reliability").code == 0
    desk.redraw_image()
    # Each action of a `multi` carries the key.
    assert desk.push("reliability", "--overwrite").code == 0
    desk.addon.key = ""  # the add-on refuses any key where it has none
    assert desk.push().code == 0


def test_a_note_that_is_deleted_meanwhile(pushed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the plan is made, it is new. Later, it costs no other note its text."""

    def first(action: str) -> None:
        """Delete the note before this action."""

        def delete(**params: Any) -> Any:
            pushed.learner.delete(PURPOSE)
            monkeypatch.undo()
            return act(**params)

        act = getattr(pushed.addon, f"do_{action}")
        monkeypatch.setattr(pushed.addon, f"do_{action}", delete)

    first("notesInfo")
    result = pushed.push()
    assert (result.code, "  + polly-purpose" in result.out) == (0, True), result.err
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    pushed.edit("The whole input may have more", "A longer input is fine")
    first("updateNoteFields")
    result = pushed.push()
    assert (result.code, "not found: " in result.err) == (2, True)  # Anki's own words
    assert "longer input" in pushed.fields(LENGTH)["Extra"]
    assert pushed.push().code == 0
    assert "Lifelike speech." in pushed.fields(PURPOSE)["Answer"]


def test_an_open_editor_does_not_put_its_old_text_back(pushed: Desk) -> None:
    pushed.addon.editor = note = pushed.learner.note(PURPOSE)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    assert pushed.push().code == 0
    note["MyNotes"] = "mine"
    pushed.learner.col.update_note(note)
    fields = pushed.fields(PURPOSE)
    assert (fields["MyNotes"], "Lifelike speech." in fields["Answer"]) == ("mine", True)


def test_what_anki_does_not_take_is_reported(pushed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that Anki cannot read, and a text that its editor writes back."""

    def unreadable(path: str) -> None:
        raise RuntimeError(path)

    pushed.add_card()
    monkeypatch.setattr(pushed.addon, "do_importPackage", unreadable)
    result = pushed.push()
    assert (result.code, "TMPDIR" in result.err) == (2, True)
    monkeypatch.undo()
    monkeypatch.setattr(pushed.addon, "do_updateNoteFields", lambda note: None)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    result = pushed.push()
    assert (result.code, "sent: polly-purpose\n" in result.err) == (1, True)
