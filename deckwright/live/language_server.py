"""`lsp`: a language server for card files, over two streams (LSP 3.17).

It checks the project with the unsaved text of every open file once the editor is silent
for a moment, and answers requests from the result. It opens no socket.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from deckwright.core.diagnostics import ERROR, WARNING
from deckwright.live import jsonrpc
from deckwright.live.connection import Connection, bug
from deckwright.live.editor_state import WATCHED_FILES, EditorState
from deckwright.live.jsonrpc import InvalidMessage, Message
from deckwright.live.language_requests import QUICK_FIX, Requests
from deckwright.live.lsp_values import RequestError, capabilities, lookup, position_in, required
from deckwright.live.session import ProjectSession
from deckwright.live.text_documents import Document

PAUSE = 0.03  # seconds of silence after a change before the project is checked
MOST = 50  # messages that are handled before a check if there is no silence


def serve(
    folder: Path,
    today: Callable[[], date],
    overlay: Path | None,
    incoming: BinaryIO,
    outgoing: BinaryIO,
) -> int:
    """Serve an editor until it sends `exit` or closes the stream.

    `today` is called for every check: a server may run for days. Returns the exit code
    of the protocol: 0 after `shutdown`, else 1.
    """
    connection = Connection(incoming, outgoing)
    try:
        return _Server(EditorState(connection, ProjectSession(folder, overlay), today)).run()
    except OSError:  # the editor is gone
        return 1


class _Server:
    """The life of a server from `initialize` to `exit`, and notifications."""

    def __init__(self, state: EditorState) -> None:
        self._state = state
        self._connection = state.connection
        self._phase = "new"  # then: ready, shut
        self._requests = {**Requests(state).handlers, "shutdown": self._shutdown}
        self._notifications: dict[str, Callable[[Any], None]] = {
            "textDocument/didOpen": self._opened,
            "textDocument/didChange": self._changed,
            "textDocument/didClose": self._closed,
            "textDocument/didSave": self._files_changed,
            WATCHED_FILES: self._files_changed,
        }

    def run(self) -> int:
        """Handle messages until the end; return the exit code."""
        handled = 0  # since the last check
        while True:
            outdated = self._state.outdated
            waiting = self._connection.collect(PAUSE if outdated else None)
            if not waiting or (outdated and handled >= MOST):
                handled = 0
                self._guarded(lambda _: self._state.check(), None)
                continue
            handled += 1
            message = self._connection.pop()
            if message is None:
                return 1
            if isinstance(message, InvalidMessage):
                self._connection.refuse(message.id, message.code, message.reason)
            elif message.method == "exit":
                return 0 if self._phase == "shut" else 1
            elif message.is_request:
                self._answer(message)
            elif message.method in self._notifications and self._phase == "ready":
                self._guarded(self._notifications[message.method], message.params)

    def _answer(self, message: Message) -> None:
        try:
            value = self._result(message)
        except RequestError as error:
            self._connection.refuse(message.id, error.code, str(error))
        except OSError as error:
            reason = f"a file cannot be read: {error.strerror or error}"
            self._connection.refuse(message.id, jsonrpc.REQUEST_FAILED, reason)
        except Exception as error:  # a bug must not end the server
            self._connection.refuse(message.id, jsonrpc.INTERNAL_ERROR, bug(error))
        else:
            self._connection.answer(message.id, value)

    def _result(self, message: Message) -> Any:
        if self._connection.take_cancelled(message.id):
            raise RequestError(jsonrpc.REQUEST_CANCELLED, "cancelled")
        if self._phase == "shut":
            raise RequestError(jsonrpc.INVALID_REQUEST, "the server is shutting down")
        if message.method == "initialize":
            if self._phase != "new":
                raise RequestError(jsonrpc.INVALID_REQUEST, "the server is already initialized")
            return self._initialize(message.params)
        if self._phase == "new":
            raise RequestError(jsonrpc.NOT_INITIALIZED, "the server is waiting for `initialize`")
        if message.method not in self._requests:
            raise RequestError(jsonrpc.METHOD_NOT_FOUND, f"there is no method `{message.method}`")
        return self._requests[message.method](message.params)

    def _guarded(self, handle: Callable[[Any], object], params: Any) -> None:
        """Run a handler that has no answer; log what it raises in the editor."""
        try:
            handle(params)
        except RequestError as error:
            self._connection.log(WARNING, str(error))
        except BrokenPipeError:
            raise
        except Exception as error:  # a bug must not end the server
            self._connection.log(ERROR, bug(error))

    def _initialize(self, params: Any) -> dict[str, Any]:
        self._state.capabilities = capabilities(params)
        self._phase = "ready"
        provided: dict[str, Any] = {
            "positionEncoding": self._state.capabilities.encoding,
            "textDocumentSync": {"openClose": True, "change": 2, "save": True},
            "completionProvider": {"triggerCharacters": [" ", ":", "-"]},
            "hoverProvider": True,
            "definitionProvider": True,
            "documentSymbolProvider": True,
            "documentFormattingProvider": True,
        }
        if self._state.capabilities.code_actions:
            provided["codeActionProvider"] = {"codeActionKinds": [QUICK_FIX]}
        return {"capabilities": provided, "serverInfo": {"name": "deckwright"}}

    def _shutdown(self, params: Any) -> None:
        self._phase = "shut"
        self._state.outdated = False

    def _opened(self, params: Any) -> None:
        uri = required(params, str, "textDocument", "uri")
        text = required(params, str, "textDocument", "text")
        version = required(params, int, "textDocument", "version")
        path, encoding = self._state.session.path(uri), self._state.capabilities.encoding
        document = Document(uri, path, version, "", encoding)
        self._state.documents[uri] = document.replaced(version, text)
        self._state.outdated = True

    def _changed(self, params: Any) -> None:
        document = self._state.document(params)
        version = required(params, int, "textDocument", "version")
        for change in required(params, list, "contentChanges"):
            text = required(change, str, "text")
            if lookup(change, "range") is None:
                document = document.replaced(version, text)
            else:
                start = position_in(change, "range", "start")
                end = position_in(change, "range", "end")
                document = document.changed(version, start, end, text)
        self._state.documents[document.uri] = document
        self._state.outdated = True

    def _closed(self, params: Any) -> None:
        document = self._state.documents.pop(required(params, str, "textDocument", "uri"), None)
        if document:
            self._state.publish(document.uri, [])
            self._state.outdated = True

    def _files_changed(self, params: Any) -> None:
        self._state.outdated = True
