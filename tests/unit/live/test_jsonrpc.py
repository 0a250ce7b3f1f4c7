"""Messages of a stream: what is read, what is invalid, and where reading continues."""

from __future__ import annotations

from io import BytesIO

import pytest

from deckwright.live import jsonrpc
from deckwright.live.jsonrpc import InvalidMessage, Message


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def read(data: bytes) -> list[Message | InvalidMessage]:
    return list(jsonrpc.read(BytesIO(data)))


NEXT = framed(b'{"method": "next"}')


def test_requests_notifications_and_answers_are_told_apart() -> None:
    bodies = [
        b'{"id": 0, "method": "ask", "params": [1]}',
        b'{"method": "say"}',
        b'{"id": "x", "result": null}',
        b'{"id": null, "method": "ask"}',
    ]
    assert read(b"".join(map(framed, bodies))) == [
        Message("ask", [1], 0, True),
        Message("say", None),
        Message("", None, "x"),
        Message("ask", None, None, True),
    ]


@pytest.mark.parametrize(
    ("body", "code", "id"),
    [
        (b"{", jsonrpc.PARSE_ERROR, None),
        (b"\xff", jsonrpc.PARSE_ERROR, None),
        (b"[" * 100_000, jsonrpc.PARSE_ERROR, None),
        (b'{"id": ' + b"9" * 5000 + b"}", jsonrpc.PARSE_ERROR, None),
        (b"[]", jsonrpc.INVALID_REQUEST, None),
        (b'{"id": true, "method": "x"}', jsonrpc.INVALID_REQUEST, None),
        (b'{"id": 1.5, "method": "x"}', jsonrpc.INVALID_REQUEST, None),
        (b'{"id": 7}', jsonrpc.INVALID_REQUEST, 7),
        (b'{"id": 7, "method": ""}', jsonrpc.INVALID_REQUEST, 7),
    ],
)
def test_an_invalid_body_has_a_code_and_reading_goes_on(
    body: bytes, code: int, id: jsonrpc.Id
) -> None:
    first, second = read(framed(body) + NEXT)
    assert isinstance(first, InvalidMessage)
    assert (first.code, first.id) == (code, id)
    assert second == Message("next", None)


def test_names_of_headers_have_any_case_and_other_headers_are_read() -> None:
    header = b"content-type: application/vscode-jsonrpc\r\nCONTENT-LENGTH : 2\r\n"
    assert len(read(header + b"Content-Type: x\r\n\r\n{}" + NEXT)) == 2


def test_lines_that_are_no_header_are_reported_once() -> None:
    first, second = read(b"one\r\ntwo\r\n\r\n" + NEXT)
    assert isinstance(first, InvalidMessage)
    assert first.code == jsonrpc.PARSE_ERROR
    assert second == Message("next", None)
    assert len(read(b"one\r\n\r\n" + NEXT + b"two\r\n\r\n" + NEXT)) == 4


@pytest.mark.parametrize(
    "length", [b"64000001", b"9" * 26, b"0" * 20 + b"9" * 15, b"9" * 4000, b"-1", b"x"]
)
def test_a_message_whose_length_is_not_acceptable_is_not_awaited(length: bytes) -> None:
    first, second = read(b"Content-Length: %b\r\n\r\n" % length + NEXT)
    assert isinstance(first, InvalidMessage)
    assert second == Message("next", None)
    assert len(read(b"Content-Length: %b\r\n\r\n{}" % length + NEXT)) == 2


def test_a_stream_that_ends_in_a_body_ends_the_messages() -> None:
    assert read(NEXT + b"Content-Length: 9\r\n\r\n{}") == [Message("next", None)]


def test_what_is_written_can_be_read_again() -> None:
    sent = jsonrpc.request(3, "ask", {"text": "é🦜"}) + jsonrpc.notification("say", None)
    assert read(sent) == [Message("ask", {"text": "é🦜"}, 3, True), Message("say", None)]
    answers = jsonrpc.result("a", [1]) + jsonrpc.error(None, jsonrpc.PARSE_ERROR, "no")
    assert read(answers) == [Message("", None, "a"), Message("", None)]
    assert b'"jsonrpc": "2.0"' in answers
    assert b'"error": {"code": -32700, "message": "no"}' in answers
