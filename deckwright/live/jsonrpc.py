"""JSON-RPC 2.0 over two streams, with headers as in LSP 3.17 ("Base Protocol").

An invalid message is returned as such, and reading continues at the next message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
REQUEST_FAILED = -32803

MAX_BYTES = 64_000_000  # of one message; a header that announces more is invalid
_MAX_LINE = 4096
_LENGTH = re.compile(rb"(?i)content-length\s*:\s*([0-9]+)\s*$")

Id = str | int | None


@dataclass(frozen=True, slots=True)
class Message:
    """A request (it has an id), a notification (none), or an answer (no method)."""

    method: str
    params: Any
    id: Id = None
    is_request: bool = False


@dataclass(frozen=True, slots=True)
class InvalidMessage:
    """Something that is no message, with code and reason for the answer to it."""

    code: int
    reason: str
    id: Id = None


def read(stream: BinaryIO) -> Iterator[Message | InvalidMessage]:
    """Yield the messages of a stream until it ends.

    Lines that are no header are skipped and reported once. The next header may follow
    directly after a body that no header announced.
    """
    reported = False
    length: int | None = None
    while line := stream.readline(_MAX_LINE):
        found = _LENGTH.search(line)
        if not line.strip():
            if length is None:
                continue
            body = stream.read(length)
            if len(body) < length:
                return
            length, reported = None, False
            yield _message(body)
        elif found and int(found[1]) <= MAX_BYTES:
            length = int(found[1])
        elif not line.strip().lower().startswith(b"content-type"):
            length = None
            if not reported:
                yield InvalidMessage(PARSE_ERROR, "a header `Content-Length: N` is required")
            reported = True


def _message(body: bytes) -> Message | InvalidMessage:
    try:
        data = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return InvalidMessage(PARSE_ERROR, "the message is not JSON in UTF-8")
    if not isinstance(data, dict):
        return InvalidMessage(INVALID_REQUEST, "a message must be an object")
    number = data.get("id")
    if not (number is None or (isinstance(number, str | int) and not isinstance(number, bool))):
        return InvalidMessage(INVALID_REQUEST, "an id must be a string or an integer")
    method = data.get("method")
    if method is None and ("result" in data or "error" in data):
        return Message("", None, number)
    if not isinstance(method, str) or not method:
        return InvalidMessage(INVALID_REQUEST, "a message must have a method", number)
    return Message(method, data.get("params"), number, "id" in data)


def request(number: int, method: str, params: Any) -> bytes:
    """Return a request as bytes to send."""
    return _framed({"id": number, "method": method, "params": params})


def notification(method: str, params: Any) -> bytes:
    """Return a notification as bytes to send."""
    return _framed({"method": method, "params": params})


def result(number: Id, value: Any) -> bytes:
    """Return the answer to request `number` as bytes to send."""
    return _framed({"id": number, "result": value})


def error(number: Id, code: int, message: str) -> bytes:
    """Return the answer to request `number` that it failed, as bytes to send."""
    return _framed({"id": number, "error": {"code": code, "message": message}})


def _framed(message: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
