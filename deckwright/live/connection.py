"""The connection with an editor: arriving messages are queued, others sent at once."""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import Any, BinaryIO

from deckwright.core.diagnostics import ERROR, NOTE, WARNING
from deckwright.live import jsonrpc
from deckwright.live.jsonrpc import Id, InvalidMessage, Message
from deckwright.live.lsp_values import lookup

_MESSAGE_TYPE = {ERROR: 1, WARNING: 2, NOTE: 3}

Incoming = Message | InvalidMessage | None  # None: the editor closed the stream


class Connection:
    """Messages from and to an editor over two streams. A thread reads `incoming`.

    Sending raises OSError if the editor is gone.
    """

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._outgoing = outgoing
        self._arrived: queue.SimpleQueue[Incoming] = queue.SimpleQueue()
        self._waiting: deque[Incoming] = deque()
        self._cancelled: set[Id] = set()
        self._requests = 0  # that were sent
        threading.Thread(target=self._listen, args=(incoming,), daemon=True).start()

    def _listen(self, incoming: BinaryIO) -> None:
        try:
            for message in jsonrpc.read(incoming):
                self._arrived.put(message)
        except (OSError, ValueError):  # the stream was closed
            pass
        except Exception as error:  # a bug must not leave the server waiting
            self._arrived.put(InvalidMessage(jsonrpc.INTERNAL_ERROR, bug(error)))
        finally:
            self._arrived.put(None)

    def collect(self, timeout: float | None) -> bool:
        """Take in all messages that have arrived; return whether any are waiting.

        If none are, wait for one, at most for `timeout` seconds. Because everything is
        taken in before the next message is handled, a request can still be cancelled.
        """
        try:
            while True:
                message = self._arrived.get(block=not self._waiting, timeout=timeout)
                if isinstance(message, Message) and message.method == "$/cancelRequest":
                    self._cancel(lookup(message.params, "id"))
                else:
                    self._waiting.append(message)
        except queue.Empty:
            return bool(self._waiting)

    def _cancel(self, number: Any) -> None:
        for message in self._waiting:
            if isinstance(message, Message) and message.is_request and message.id == number:
                self._cancelled.add(message.id)

    def pop(self) -> Incoming:
        """Return the message that has been waiting longest."""
        return self._waiting.popleft()

    def take_cancelled(self, number: Id) -> bool:
        """Return whether a request was cancelled, and forget that it was."""
        cancelled = number in self._cancelled
        self._cancelled.discard(number)
        return cancelled

    def answer(self, number: Id, value: Any) -> None:
        """Answer a request with its result."""
        self._send(jsonrpc.result(number, value))

    def refuse(self, number: Id, code: int, reason: str) -> None:
        """Answer a request, or what is no message, with an error."""
        self._send(jsonrpc.error(number, code, reason))

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send(jsonrpc.notification(method, params))

    def request(self, method: str, params: Any) -> None:
        """Send a request whose answer is of no interest."""
        self._requests += 1
        self._send(jsonrpc.request(self._requests, method, params))

    def log(self, severity: str, text: str, show: bool = False) -> None:
        """Write to the editor's log, or show a message to the user."""
        method = f"window/{'showMessage' if show else 'logMessage'}"
        self.notify(method, {"type": _MESSAGE_TYPE[severity], "message": text})

    def _send(self, data: bytes) -> None:
        self._outgoing.write(data)
        self._outgoing.flush()


def bug(error: Exception) -> str:
    """Return the text that reports an exception that should not have happened."""
    return f"{error!r}; this is a bug in deckwright"
