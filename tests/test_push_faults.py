"""`push` when something goes wrong, in Anki or on the way there."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from typing import Any

import pytest
from conftest import run
from push_desk import LENGTH, PURPOSE, REDRAWN, Desk
from push_desk import desk as desk  # a fixture
from push_desk import pushed as pushed  # a fixture

from deckwright.core.identity import guid
from deckwright.exchange.push import ankiconnect


def work(desk: Desk) -> None:
    """Something for every step: a look, a card, a picture, fields, tags."""
    style = desk.project / "decks" / "notetypes" / "style.css"
    style.write_text(style.read_text("utf-8") + "\n.new { color: blue }\n", "utf-8")
    picture = desk.project / "cards" / "4.1-reliability" / "img" / "copies.svg"
    picture.write_text(picture.read_text("utf-8").replace("</svg>", "<!-- new --></svg>"), "utf-8")
    desk.edit("Speech.\n", "Lifelike speech.\n")
    desk.edit("- also: s3\n", "- status: legacy\n")
    path = desk.project / "cards" / "4.2-services" / "polly.md"
    new = "\n## polly-new\n\n- kind: concept\n- topic: voices\n\nWhat is new?\n\n---\n\nThis.\n"
    path.write_text(path.read_text("utf-8") + new, "utf-8")


# Writing requests of a push after `work`: three looks in two parts, package, picture,
# fields, tags in two parts, drawing.
STEPS = 12


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("step", range(STEPS))
def test_stopped_at_any_step_and_run_again(step: int, late: bool, pushed: Desk) -> None:
    before = pushed.learner.state()
    work(pushed)
    pushed.addon.fail_at, pushed.addon.late = step, late
    first = pushed.push("--types", "--yes")
    assert (first.code, "not pushed: " in first.err, pushed.addon.writes) == (2, True, step + 1)
    pushed.addon.fail_at = None
    pushed.edit(
        "Lifelike speech.", "Speech, like life."
    )  # who goes on writing in between is not taken for a stranger
    second = pushed.push("--types", "--yes")
    assert second.code == 0, second.out
    assert pushed.is_up_to_date("--types")
    after = pushed.learner.state()
    assert {k: c for k, c in after.cards.items() if k in before.cards} == before.cards
    assert (after.reviews, after.schema) == (before.reviews, before.schema)
    assert set(after.notes) == set(before.notes) | {guid("mini", "polly-new")}
    assert "Speech, like life." in pushed.fields(PURPOSE)["Answer"]
    assert pushed.learner.problems() == []


def test_the_steps_are_all(pushed: Desk) -> None:
    work(pushed)
    assert pushed.push("--types", "--yes").code == 0
    assert pushed.addon.writes == STEPS


def test_nothing_answers(desk: Desk) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = run(desk.project, "push", "--url", f"http://127.0.0.1:{port}")
    assert (result.code, "2055492159" in result.err) == (2, True)  # the add-on's number


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"<html>hello</html>", 200, "not AnkiConnect"),
        (b"\xff\xfe", 200, "not AnkiConnect"),
        (b"[]", 200, "not AnkiConnect"),
        (b'{"result": 1}', 200, "not AnkiConnect"),
        (b'{"result": "x", "error": null}', 200, "not AnkiConnect"),
        (b"", 200, "not AnkiConnect"),
        (b"not here", 404, "not AnkiConnect"),
        (b"", 302, "not AnkiConnect"),
        (b"", 403, "allow"),
        (b"[" * 200_000, 200, "not AnkiConnect"),
        (b'{"result": ' + b"1" * 10_000 + b', "error": null}', 200, "not AnkiConnect"),
        (b'{"result": null, "error": "unsupported action"}', 200, "too old"),
        (b'{"result": {"permission": "granted", "version": 5}, "error": null}', 200, "too old"),
    ],
)
def test_another_program_answers(body: bytes, status: int, words: str, desk: Desk) -> None:
    desk.addon.body, desk.addon.status = body, status
    result = desk.push("--yes")
    assert (result.code, words in result.err) == (2, True), result.err
    assert "  help: " in result.err


@pytest.mark.parametrize(
    ("action", "result"),
    [
        ("modelNamesAndIds", {"A": float("inf")}),
        ("modelNamesAndIds", {"A": float("nan")}),
        ("modelNamesAndIds", {"A": []}),
        ("modelStyling", {"css": 5}),
        ("modelFieldNames", [5]),
        ("modelTemplates", {"Card": {"Front": None, "Back": None}}),
        ("notesInfo", [{"noteId": 1, "tags": [[]], "fields": {}}]),
        ("notesInfo", [{"noteId": 1, "tags": [], "fields": {"ID": {"value": "\ud800"}}}]),
        ("notesInfo", [{"noteId": float("inf"), "tags": [], "fields": {}}]),
    ],
)
def test_an_answer_of_another_shape(
    action: str, result: Any, pushed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if request["action"] == action:
            return {"result": result, "error": None}
        return right(request)

    right = pushed.addon.answer
    monkeypatch.setattr(pushed.addon, "answer", answer)
    found = pushed.push("--yes")
    assert (found.code, "not AnkiConnect" in found.err) == (2, True), found.err


def test_pictures_of_another_shape(pushed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = pushed.project / "cards" / "4.1-reliability" / "img" / "copies.svg"
    picture.write_text(picture.read_text("utf-8").replace("</svg>", "<!-- new --></svg>"), "utf-8")
    right = pushed.addon.answer

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if request["action"] == "getMediaFilesNames":
            return {"result": [[]], "error": None}
        return right(request)

    monkeypatch.setattr(pushed.addon, "answer", answer)
    found = pushed.push("--yes")
    assert (found.code, "not AnkiConnect" in found.err) == (2, True), found.out + found.err


def test_an_answer_that_is_too_long(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ankiconnect, "_MAX_ANSWER", 1000)
    desk.addon.body = b'{"result": "' + b"x" * 1000 + b'", "error": null}'
    result = desk.push("--yes")
    assert (result.code, "not AnkiConnect" in result.err) == (2, True)


def test_a_long_message_of_anki_is_cut(desk: Desk) -> None:
    desk.addon.body = json.dumps({"result": None, "error": "x" * 100_000}).encode()
    result = desk.push("--yes")
    assert (result.code, len(result.err) < 1000) == (2, True)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_an_answer_that_drips_is_given_up(
    head: bytes, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ankiconnect, "_SECONDS", 0.5)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(head or b"HTTP/1.1 200 OK\r\n\r\n")
                for _ in range(100):
                    connection.sendall(b"x")
                    if over.wait(0.05):
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            result = run(desk.project, "push", "--url", url)
        finally:
            over.set()
            thread.join()
    assert (result.code, "not answer" in result.err) == (2, True), result.err


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1", "http://127.0.0.1:x", "http://127.0.0.1:99999", "http://127.0.0.1:0",
        "http://127.0.0.1 .example.com", "file:///etc/passwd", "127.0.0.1:8765",
        "http://example.com:8765", "https://127.0.0.1:8765",
    ],
)  # fmt: skip
def test_an_address_that_is_none(url: str, desk: Desk) -> None:
    result = run(desk.project, "push", "--url", url)
    assert (result.code, "this machine" in result.err) == (2, True)
    assert "  help: " in result.err


def test_permission_and_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.addon.permission = "denied"
    result = desk.push("--yes")
    assert (result.code, "allow" in result.err) == (2, True)
    desk.addon.permission, desk.addon.key = "granted", "secret"
    result = desk.push("--yes")
    assert (result.code, "requires" in result.err) == (2, True)
    monkeypatch.setenv("ANKICONNECT_KEY", "wrong")
    result = desk.push("--yes")
    assert (result.code, "accept" in result.err) == (2, True)
    monkeypatch.setenv("ANKICONNECT_KEY", "secret")
    assert desk.push("--yes").code == 0
    desk.edit("Speech.\n", "Lifelike speech.\n")
    assert desk.push("--yes").code == 0  # each action of a `multi` carries the key


def test_a_key_that_nobody_asks_for_stays_at_home(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "ANKICONNECT_KEY", "from another Anki"
    )  # the add-on refuses any key where it has none
    assert desk.push("--yes").code == 0


def test_no_profile_is_open(desk: Desk) -> None:
    desk.addon.open = False
    result = desk.push("--yes")
    assert (result.code, "no profile" in result.err) == (2, True)


def test_a_note_that_goes_while_the_plan_is_made_is_new(
    pushed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(query: str) -> list[int]:
        found = [int(number) for number in pushed.learner.col.find_notes(query)]
        if pushed.learner.note(PURPOSE).id in found:
            pushed.learner.delete(PURPOSE)
            monkeypatch.undo()
        return found

    monkeypatch.setattr(pushed.addon, "do_findNotes", find)
    result = pushed.push("--yes")
    assert (result.code, "  + polly-purpose" in result.out) == (0, True), result.err
    assert PURPOSE in pushed.learner.guids()


def test_a_note_that_goes_after_the_plan_costs_no_other_its_text(
    pushed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    pushed.edit("The whole input may have more", "A longer input is fine")
    keep = pushed.addon.do_updateNoteFields

    def update(note: dict[str, Any]) -> None:
        if note["id"] == pushed.learner.note(PURPOSE).id:
            pushed.learner.delete(PURPOSE)
            monkeypatch.undo()
        keep(note)

    monkeypatch.setattr(pushed.addon, "do_updateNoteFields", update)
    result = pushed.push("--yes")
    assert (result.code, "not found: " in result.err) == (2, True)  # Anki's own words
    assert "longer input" in pushed.fields(LENGTH)["Extra"]
    assert pushed.push("--yes").code == 0
    assert "Lifelike speech." in pushed.fields(PURPOSE)["Answer"]


def test_an_open_editor_does_not_put_its_old_text_back(pushed: Desk) -> None:
    pushed.addon.editor = note = pushed.learner.note(PURPOSE)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    assert pushed.push("--yes").code == 0
    note["MyNotes"] = "mine"
    pushed.learner.col.update_note(note)
    fields = pushed.fields(PURPOSE)
    assert (fields["MyNotes"], "Lifelike speech." in fields["Answer"]) == ("mine", True)
    assert pushed.is_up_to_date()


def test_windows_are_drawn_again_once_and_only_after_a_change(pushed: Desk) -> None:
    pushed.push("--yes")
    pushed.push("--dry-run")
    assert pushed.asked() == []
    style = pushed.project / "decks" / "notetypes" / "style.css"
    style.write_text(style.read_text("utf-8") + "\n.new { color: blue }\n", "utf-8")
    pushed.push("--yes", "--types")
    assert pushed.asked().count(REDRAWN) == 1
    assert pushed.asked()[-1] == REDRAWN


def test_a_package_that_anki_cannot_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str) -> None:
        raise RuntimeError("No such file or directory")

    monkeypatch.setattr(desk.addon, "do_importPackage", refused)
    result = desk.push("--yes")
    assert (result.code, "TMPDIR" in result.err) == (2, True)


def test_what_anki_did_not_take_is_said(pushed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when Anki's editor writes its own text back."""
    monkeypatch.setattr(pushed.addon, "do_updateNoteFields", lambda note: None)
    pushed.edit("Speech.\n", "Lifelike speech.\n")
    result = pushed.push("--yes")
    assert (result.code, "not pushed: polly-purpose: " in result.out) == (1, True)
