"""The add-on AnkiConnect (API version 6) in the Anki that runs on this machine.

The only file of `exchange` that opens a socket.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from deckwright.core.errors import UserError

URL = "http://127.0.0.1:8765"
_SECONDS = 120  # for one request: an import of thousands of notes takes a while
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
            "give the address of AnkiConnect with --url (see webBindPort in its configuration); "
            f"usually {URL}",
        )

    def _request(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        request = {"action": action, "version": 6, "params": dict(params)}
        return {**request, "key": self.key} if self.key else request

    def _result(self, answer: Any) -> Any:
        if not isinstance(answer, dict) or set(answer) != {"result", "error"}:
            raise self.stranger()
        if answer["error"] is not None:
            raise _failed(str(answer["error"]), bool(self.key))
        return answer["result"]

    def _send(self, body: Mapping[str, Any]) -> Any:
        """The answer to a request, which uses no proxy and so stays on this machine."""
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        try:
            with opener.open(request, timeout=_SECONDS) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 403:
                raise self.stranger() from error
            raise UserError(
                _NOT_ADMITTED, 'add "http://localhost" to webCorsOriginList in its configuration'
            ) from error
        except (http.client.HTTPException, ValueError) as error:
            raise self.stranger() from error
        except OSError as error:
            raise self._unreachable(getattr(error, "reason", error)) from error

    def _unreachable(self, cause: object) -> UserError:
        """The error for a connection that failed."""
        if isinstance(cause, TimeoutError):
            return UserError(
                "Anki does not answer",
                "check whether Anki shows a dialog, then push again; nothing is done twice",
            )
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return UserError(
                "Anki closed the connection",
                "open Anki if it was closed, then push again; nothing is done twice",
            )
        return UserError(
            f"nothing answers at {self.url}: Anki is closed, or AnkiConnect is not installed",
            "open Anki; if it is open, install the add-on AnkiConnect (Tools › Add-ons › "
            f"Get Add-ons, code {_ADDON}) and restart Anki",
        )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: AnkiConnect never gives one."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None, which makes a redirect an HTTPError."""


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
        f"Anki says: {error}", "fix this in Anki, then push again; nothing is done twice"
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
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
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
