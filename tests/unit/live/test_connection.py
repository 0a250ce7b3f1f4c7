"""The connection with an editor: the order of messages, cancelled requests."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from deckwright.live import jsonrpc
from deckwright.live.connection import Connection
from deckwright.live.jsonrpc import InvalidMessage, Message


def connection(*messages: bytes) -> Connection:
    """A connection on which messages arrive, and then the end."""
    return Connection(BytesIO(b"".join(messages)), BytesIO())


def all_of(connection: Connection) -> list[Message | InvalidMessage | None]:
    out: list[Message | InvalidMessage | None] = []
    while not out or out[-1] is not None:
        assert connection.collect(10)
        out.append(connection.pop())
    return out


def cancel(number: Any) -> bytes:
    return jsonrpc.notification("$/cancelRequest", {"id": number})


def test_messages_come_in_their_order_and_then_the_end() -> None:
    messages = [jsonrpc.notification("one", None), jsonrpc.request(2, "two", None)]
    found = [m and isinstance(m, Message) and m.method for m in all_of(connection(*messages))]
    assert found == ["one", "two", None]


def test_only_a_request_that_still_waits_is_cancelled() -> None:
    ask = [jsonrpc.request(number, "ask", None) for number in (1, 2)]
    held = connection(cancel(1), *ask, cancel(2), cancel("3"), cancel(None))
    assert len(all_of(held)) == 3
    assert [held.take_cancelled(number) for number in (1, 2, "3")] == [False, True, False]
    assert not held.take_cancelled(2)  # another request may have the same id


def test_a_malformed_cancellation_does_nothing() -> None:
    broken = jsonrpc.notification("$/cancelRequest", 3)
    assert all_of(connection(broken)) == [None]


def test_without_messages_it_waits_for_the_given_time(monkeypatch: Any) -> None:
    monkeypatch.setattr("deckwright.live.connection.Connection._listen", lambda *_: None)
    assert not Connection(BytesIO(), BytesIO()).collect(0.01)


def test_requests_of_the_server_are_numbered() -> None:
    out = BytesIO()
    held = Connection(BytesIO(), out)
    held.request("one", None)
    held.request("two", None)
    out.seek(0)
    assert [m.id for m in jsonrpc.read(out)] == [1, 2]
