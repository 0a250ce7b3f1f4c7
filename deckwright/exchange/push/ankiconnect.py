"""The add-on AnkiConnect (API version 6) in the Anki that runs on this machine.

The only file of `exchange` that opens a socket to it.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from deckwright.core.errors import UserError

PORT = 8765
_SECONDS = 120  # without a byte of an answer: to import thousands of notes takes a while
_MAX_ANSWER = 64_000_000  # bytes; 500 notes with all that this program writes have a hundredth
_MAX_MESSAGE = 500  # characters of a message of Anki
_OPEN_ANKI = (
    "open Anki; if it is open, install the AnkiConnect add-on (Tools › Add-ons › Get Add-ons, "
    "code 2055492159) and restart Anki"
)
# What to do about a message of AnkiConnect that contains a phrase.
_HELP = {
    "api key": "set the environment variable ANKICONNECT_KEY to the apiKey in its configuration",
    "collection is not available": "choose a profile in Anki, then push again",
    "unsupported action": "update AnkiConnect: Tools › Add-ons › Check for Updates",
    "": "fix the problem in Anki, then push again; nothing is done twice",
}


@dataclass(frozen=True, slots=True)
class Anki:
    """AnkiConnect at a port of this machine, with its API key if it has one."""

    port: int
    key: str = field(default="", repr=False)

    def ask(self, action: str, **params: Any) -> Any:
        """The result of one action. Raises UserError if it failed or Anki was not reached."""
        return self._result(self._send(self._request(action, params)))

    def each(self, actions: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Do several actions in one request.

        Raises UserError for the first that failed, after all were tried.
        """
        requests = [self._request(action, params) for action, params in actions]
        answers = self.ask("multi", actions=requests)
        if not isinstance(answers, list) or len(answers) != len(requests):
            raise self.not_ankiconnect()
        for answer in answers:
            self._result(answer)

    def not_ankiconnect(self) -> UserError:
        """The error for answers that AnkiConnect never gives."""
        return UserError(
            f"the program at port {self.port} isn't AnkiConnect",
            f"write --port and the webBindPort in AnkiConnect's configuration, usually {PORT}",
        )

    def _request(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        request = {"action": action, "version": 6, "params": dict(params)}
        return {**request, "key": self.key} if self.key else request

    def _result(self, answer: Any) -> Any:
        if not isinstance(answer, dict) or set(answer) != {"result", "error"}:
            raise self.not_ankiconnect()
        if answer["error"] is None:
            return answer["result"]
        message = str(answer["error"])[:_MAX_MESSAGE]
        help_line = next(text for phrase, text in _HELP.items() if phrase in message)
        raise UserError(f"Anki says: {message}", help_line)

    def _send(self, body: Mapping[str, Any]) -> Any:
        """The answer to a request. Uses no proxy and follows no redirect."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        headers = {"Content-Type": "application/json"}
        try:
            with closing(connection):
                connection.request("POST", "/", json.dumps(body), headers)
                with connection.getresponse() as response:
                    return json.loads(response.read(_MAX_ANSWER))
        except TimeoutError as error:
            help_line = "close any dialog that is open in Anki, then push again"
            raise UserError("Anki doesn't answer", help_line) from error
        except OSError as error:
            raise UserError(f"Anki can't be reached at port {self.port}", _OPEN_ANKI) from error
        except (http.client.HTTPException, ValueError, RecursionError) as error:
            raise self.not_ankiconnect() from error


def connect(port: int, key: str) -> Anki:
    """AnkiConnect, after it has allowed this program to connect. Raises UserError."""
    anki = Anki(port, key)
    answer = anki.ask("requestPermission")
    if not isinstance(answer, dict) or "permission" not in answer:
        raise anki.not_ankiconnect()
    if answer["permission"] != "granted":
        raise UserError(
            "AnkiConnect doesn't allow this program to connect",
            "push again, and choose Yes when Anki asks",
        )
    # An add-on without a key refuses every key, so it gets none.
    return anki if answer.get("requireApikey", True) else Anki(port)
