"""The protocol: from `initialize` to `exit`, cancelled requests, invalid messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from conftest import FULL, TODAY, make_project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_client import NEOVIM, POLLY, WAIT, Client, client, framed

from deckwright.live.jsonrpc import Message
from deckwright.live.language_server import serve


def test_life_from_initialize_to_exit(mini: Path) -> None:
    with client(mini, capabilities=None) as editor:
        assert editor.refused("textDocument/hover") == -32002
        editor.notify("textDocument/didOpen")  # before `initialize` a notification is dropped
        editor.initialize(NEOVIM)
        assert editor.refused("initialize", capabilities={}) == -32600
        assert editor.refused("textDocument/rename") == -32601
        editor.notify("$/setTrace", value="verbose")
        editor.notify("nobody/knowsThis")
        not_open = {"uri": editor.uri(POLLY)}
        assert editor.refused("textDocument/hover", textDocument=not_open) == -32602
        assert editor.ask("shutdown") is None
        assert editor.refused("textDocument/hover") == -32600
        editor.notify("exit")
        assert editor.process.wait(30) == 0
    with client(mini) as editor:
        editor.notify("exit")
        assert editor.process.wait(30) == 1
    with client(mini) as editor:
        assert editor.process.stdin
        editor.process.stdin.close()
        assert editor.process.wait(30) == 1


def test_a_request_can_be_cancelled(mini: Path) -> None:
    """While the first check runs, the other requests wait."""
    with client(mini) as editor:
        uri, text = editor.uri(POLLY), (mini / POLLY).read_text("utf-8")
        opened = {"textDocument": {"uri": uri, "version": 1, "text": text}}
        place = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 3}}
        messages = [
            {"method": "textDocument/didOpen", "params": opened},
            {"id": "first", "method": "textDocument/hover", "params": place},
            {"id": "second", "method": "textDocument/hover", "params": place},
            {"method": "$/cancelRequest", "params": {"id": "no such request"}},
            {"method": "$/cancelRequest", "params": {"id": "second"}},
            {"id": "last", "method": "textDocument/hover", "params": place},
        ]
        editor.raw(b"".join(map(framed, messages)))
        assert "**kind**" in editor.answer("first")["result"]["contents"]["value"]
        assert editor.answer("second")["error"]["code"] == -32800
        assert "result" in editor.answer("last")
        assert editor.end() == 0


def test_invalid_messages_are_answered(mini: Path) -> None:
    with client(mini) as editor:
        for body, code in {
            b"{": -32700,
            b"[]": -32600,
            b'{"id": [1], "method": "x"}': -32600,
        }.items():
            editor.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            assert editor.answer(None)["error"]["code"] == code, body
        for header in (b"hello\r\n\r\n", b"Content-Length: %b\r\n\r\n{}" % (b"9" * 26)):
            editor.raw(header)
            assert editor.answer(None)["error"]["code"] == -32700
            assert editor.refused("nobody/knowsThis") == -32601
        assert editor.end() == 0


def test_a_bug_while_reading_is_reported_and_ends_the_server(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Iterator[Message]:
        yield Message("initialize", {}, 1, True)
        raise MemoryError("no room")

    monkeypatch.setattr("deckwright.live.jsonrpc.read", broken)
    out = BytesIO()
    ended: list[int] = []
    server = threading.Thread(
        target=lambda: ended.append(serve(mini, lambda: TODAY, None, BytesIO(), out)), daemon=True
    )
    server.start()
    server.join(WAIT)
    assert ended == [1]
    assert b"no room" in out.getvalue()


def test_notifications_that_make_no_sense_are_logged(mini: Path) -> None:
    with client(mini) as editor:
        editor.open(POLLY)
        editor.diagnostics(POLLY, 1)
        nowhere = {"uri": "file:///nowhere", "version": 1}
        second = {"uri": editor.uri(POLLY), "version": 2}
        start, end = {"line": -1, "character": 0}, {"line": 0, "character": 0}
        before_text = {"start": start, "end": end}
        earlier = {"text": "", "range": before_text}
        for method, params, word in [
            ("didOpen", {}, "malformed"),
            ("didOpen", {"textDocument": {"uri": 3}}, "malformed"),
            ("didChange", {"textDocument": nowhere, "contentChanges": []}, "not open"),
            ("didChange", {"textDocument": second, "contentChanges": [3]}, "malformed"),
            ("didChange", {"textDocument": second, "contentChanges": [earlier]}, "before the"),
            ("didClose", [], "malformed"),
        ]:
            editor.send(method=f"textDocument/{method}", params=params)
            said = editor.until(lambda m: True, "window/logMessage")["params"]["message"]
            assert word in said
        editor.change(POLLY, 3, {"text": (mini / POLLY).read_text("utf-8")})
        assert editor.diagnostics(POLLY, 3) == []


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One server for many examples."""
    with client(make_project(tmp_path_factory.mktemp("lsp") / "p")) as editor:
        yield editor
        assert editor.end() == 0


@settings(max_examples=500 if FULL else 40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [b"Content-Length: 3\r\n", b"\r\n", b"{}\n", b"Content-Length: 2\r\n\r\n{}"]
            ),
        ),
        max_size=6,
    )
)
def test_no_garbage_ends_it(editor: Client, garbage: list[bytes]) -> None:
    """The next whole request is answered; `client` looks at standard error."""
    data = b"".join(garbage)
    editor.raw(data + b"\r\n")
    editor.raw(b"\r\n" + b" " * 200 + b"\r\n")  # in case the garbage announced a body
    assert editor.answer(editor.start("nobody/knowsThis"))["error"]["code"] == -32601
