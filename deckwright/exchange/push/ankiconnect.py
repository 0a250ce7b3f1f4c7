"""The add-on AnkiConnect (API version 6) in the Anki that runs on this machine.

The only file of `exchange` that opens a socket.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from deckwright.core.errors import UserError

URL = "http://127.0.0.1:8765"
_SECONDS = 120  # for one request and its answer: to import thousands of notes takes a while
_MAX_ANSWER = 64_000_000  # bytes; 500 notes with all that this program writes have a hundredth
_MAX_MESSAGE = 500  # characters of a message of Anki
_OK, _FORBIDDEN = 200, 403
_ADDON = "2055492159"
_NOT_ADMITTED = "AnkiConnect does not allow this program to connect"


class AnkiRefusedError(UserError):
    """What Anki or the add-on answered instead of doing what was asked."""


@dataclass(frozen=True, slots=True)
class Anki:
    """AnkiConnect at an address of this machine, with its API key if it has one."""

    url: str
    key: str = field(default="", repr=False)

    def ask(self, action: str, **params: Any) -> Any:
        """The result of one action.

        Raises AnkiRefusedError if the action failed, and UserError if Anki cannot be
        reached.
        """
        return self._result(self._send(self._request(action, params)))

    def each(self, action: str, params: Sequence[Mapping[str, Any]]) -> None:
        """Do one action several times, in one request.

        Raises AnkiRefusedError for the first that failed, after all were tried.
        """
        if not params:
            return
        answers = self.ask("multi", actions=[self._request(action, one) for one in params])
        if not isinstance(answers, list) or len(answers) != len(params):
            raise self.stranger()
        for answer in answers:
            self._result(answer)

    def stranger(self) -> UserError:
        """The error for answers that AnkiConnect never gives."""
        return UserError(
            f"the program at {self.url} is not AnkiConnect",
            f"write --url and the address of AnkiConnect, usually {URL}; "
            "the port is webBindPort in its configuration",
        )

    def _request(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        request = {"action": action, "version": 6, "params": dict(params)}
        return {**request, "key": self.key} if self.key else request

    def _result(self, answer: Any) -> Any:
        if not isinstance(answer, dict) or set(answer) != {"result", "error"}:
            raise self.stranger()
        if answer["error"] is not None:
            raise _failed(str(answer["error"])[:_MAX_MESSAGE], bool(self.key))
        return answer["result"]

    def _send(self, body: Mapping[str, Any]) -> Any:
        """The answer to a request. Raises UserError if it is none that AnkiConnect gives."""
        try:
            status, data = _post(self.url, json.dumps(body).encode())
            if status == _FORBIDDEN:
                raise UserError(
                    _NOT_ADMITTED,
                    'add "http://localhost" to webCorsOriginList in its configuration',
                )
            if status != _OK or len(data) > _MAX_ANSWER:
                raise self.stranger()
            return json.loads(data)
        except (http.client.HTTPException, ValueError, RecursionError) as error:
            raise self.stranger() from error
        except OSError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, cause: object) -> UserError:
        """The error for a connection that failed."""
        if isinstance(cause, TimeoutError):
            return UserError(
                "Anki does not answer",
                "close any dialog that is open in Anki, then push again; nothing is done twice",
            )
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return UserError(
                "Anki closed the connection",
                "open Anki if it was closed, then push again; nothing is done twice",
            )
        return UserError(
            f"nothing answers at {self.url}: Anki is closed, or AnkiConnect is not installed",
            "open Anki; if it is open, install the AnkiConnect add-on (Tools › Add-ons › "
            f"Get Add-ons, code {_ADDON}) and restart Anki",
        )


class _Socket(socket.socket):
    """A socket that gives up at a point in time, however slowly bytes come."""

    gives_up = 0.0  # seconds, as `time.monotonic` counts

    def recv_into(self, *arguments: Any) -> int:
        """As in the class above, but raises TimeoutError when the time is over."""
        left = self.gives_up - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)
        return super().recv_into(*arguments)


class _Connection(http.client.HTTPConnection):
    """A connection for one request, whose answer must be complete in time."""

    def connect(self) -> None:
        """Connect. Raises OSError."""
        gives_up = time.monotonic() + _SECONDS
        super().connect()
        self.sock = _Socket(fileno=self.sock.detach())
        self.sock.gives_up = gives_up
        self.sock.settimeout(_SECONDS)


def _post(url: str, data: bytes) -> tuple[int, bytes]:
    """The status of an answer and at most one byte more of it than there may be.

    Uses no proxy and follows no redirect, and so stays on this machine. Raises OSError,
    HTTPException or ValueError.
    """
    parts = urlsplit(url)
    connection = _Connection(parts.hostname or "", parts.port, timeout=_SECONDS)
    with closing(connection):
        headers = {"Content-Type": "application/json", "Connection": "close"}
        connection.request("POST", parts.path or "/", data, headers)
        with connection.getresponse() as response:
            return response.status, response.read(_MAX_ANSWER + 1)


def _is_here(url: str) -> bool:
    """Whether an address is one of this machine, with a port that can exist."""
    try:
        parts = urlsplit(url)
        port = parts.port  # reading it checks it
    except ValueError:
        return False
    here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "http" and here and port != 0


def _failed(error: str, has_key: bool) -> UserError:
    """The error for an action that failed, from AnkiConnect's message."""
    if "api key" in error.lower():
        return UserError(
            "AnkiConnect does not accept this API key"
            if has_key
            else "AnkiConnect requires an API key",
            "set the environment variable ANKICONNECT_KEY to the apiKey in its configuration",
        )
    if "collection is not available" in error:
        return UserError("no profile is open in Anki", "choose a profile in Anki, then push again")
    if "unsupported action" in error:
        return _too_old(f": {error}")
    return AnkiRefusedError(
        f"Anki says: {error}", "fix the problem in Anki, then push again; nothing is done twice"
    )


def _too_old(detail: str = "") -> UserError:
    return UserError(
        f"this version of AnkiConnect is too old{detail}",
        "update it: Tools › Add-ons › Check for Updates",
    )


def connect(url: str, key: str) -> Anki:
    """AnkiConnect, after it has allowed this program to connect.

    Raises UserError if it does not, or if `url` is of another machine.
    """
    if not _is_here(url):
        raise UserError(
            f"{url} is not an address of this machine",
            f"push can only reach Anki on this machine, such as {URL}",
        )
    anki = Anki(url, key)
    answer = anki.ask("requestPermission")
    if not isinstance(answer, dict) or "permission" not in answer:
        raise anki.stranger()
    if answer["permission"] != "granted":
        raise UserError(_NOT_ADMITTED, "push again, and choose Yes when Anki asks")
    version = answer.get("version", 0)
    if not isinstance(version, int) or version < 6:
        raise _too_old()
    # An add-on without a key refuses every key, so it gets none. If the answer leaves
    # open whether there is one, the first action shows it.
    return anki if answer.get("requireApikey", True) else Anki(url)
