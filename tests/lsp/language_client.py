"""A language client such as an editor has: it starts the server as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from conftest import REPO

# The capabilities that editors send, as far as a server could use them.
NEOVIM = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "tagSupport": {"valueSet": [1, 2]}},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "source"]}}
        },
        "completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}},
    },
    "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": False}},
}
CODE = {
    **NEOVIM,
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True}
    },
}
HELIX = {**NEOVIM, "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]}}
WAIT = 30  # seconds after which a test gives up

# Files of the mini project.
POLLY = "cards/4.2-services/polly.md"
CHOOSING = "cards/4.2-services/polly/choosing.md"
S3 = "cards/4.1-reliability/s3.md"
VOCABULARY = "schema/vocabulary/mini.toml"


def utf16(text: str) -> int:
    """The length of a text as editors count it by default."""
    return len(text.encode("utf-16-le")) // 2


def position_of(text: str, of: str, end: bool = False) -> dict[str, int]:
    """The position of the start or end of `of` in a text with LF line ends."""
    before = text[: text.index(of) + (len(of) if end else 0)]
    return {"line": before.count("\n"), "character": utf16(before.rpartition("\n")[2])}


def framed(message: dict[str, Any]) -> bytes:
    """A message as bytes to send."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def labels(items: list[dict[str, Any]]) -> list[str]:
    """The labels of completions in the order in which an editor shows them."""
    return [item["label"] for item in sorted(items, key=lambda item: item["sortText"])]


class Client:
    """One connection. Answers and notifications are kept in their order."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.number = 0
        self.answers: dict[Any, dict[str, Any]] = {}
        self.received: list[dict[str, Any]] = []
        self._inbox: Queue[dict[str, Any] | None] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        out = self.process.stdout
        assert out
        while header := out.readline():
            name, _, length = header.decode("ascii").strip().partition(": ")
            assert name == "Content-Length", header
            assert out.readline() == b"\r\n"
            message = json.loads(out.read(int(length)))
            assert message["jsonrpc"] == "2.0"
            self._inbox.put(message)
        self._inbox.put(None)

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, **message: Any) -> None:
        self.raw(framed(message))

    def notify(self, method: str, **params: Any) -> None:
        self.send(method=method, params=params)

    def start(self, method: str, **params: Any) -> int:
        """Send a request; return its id."""
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        return self.number

    def take(self) -> dict[str, Any]:
        """Receive the next message of the server."""
        try:
            message = self._inbox.get(timeout=WAIT)
        except Empty:
            raise AssertionError("the server sends nothing") from None
        if message is None:
            assert self.process.stderr
            raise AssertionError("the server is gone: " + self.process.stderr.read().decode())
        if "method" in message:
            self.received.append(message)
        else:
            self.answers[message["id"]] = message
        return message

    def answer(self, number: Any) -> dict[str, Any]:
        """Wait for the answer to a request."""
        while number not in self.answers:
            self.take()
        return self.answers.pop(number)

    def ask(self, method: str, **params: Any) -> Any:
        """Send a request; return its result."""
        answer = self.answer(self.start(method, **params))
        assert "error" not in answer, answer
        return answer["result"]

    def refused(self, method: str, **params: Any) -> int:
        """Send a request that fails; return the code of the error."""
        return self.answer(self.start(method, **params))["error"]["code"]

    def initialize(self, capabilities: dict[str, Any]) -> dict[str, Any]:
        found = self.ask(
            "initialize",
            processId=os.getpid(),
            rootUri=self.folder.as_uri(),
            capabilities=capabilities,
        )
        self.notify("initialized")
        return found

    def uri(self, path: str) -> str:
        return (self.folder / path).as_uri()

    def open(self, path: str, text: str | None = None, version: int = 1) -> None:
        text = (self.folder / path).read_bytes().decode("utf-8") if text is None else text
        item = {"uri": self.uri(path), "languageId": "markdown", "version": version, "text": text}
        self.notify("textDocument/didOpen", textDocument=item)

    def change(self, path: str, version: int, *changes: dict[str, Any]) -> None:
        self.notify(
            "textDocument/didChange",
            textDocument={"uri": self.uri(path), "version": version},
            contentChanges=list(changes),
        )

    def diagnostics(self, path: str, version: int | None = None) -> list[dict[str, Any]]:
        """Wait for the diagnostics of a file, or of one version of it."""
        return self.until(
            lambda m: m["params"]["uri"] == self.uri(path) and m["params"].get("version") == version
        )["params"]["diagnostics"]

    def until(self, fits: Any, method: str = "textDocument/publishDiagnostics") -> dict[str, Any]:
        """Wait for the first message of a method that fits and was not returned yet."""
        while True:
            for number, message in enumerate(self.received):
                if message["method"] == method and fits(message):
                    del self.received[number]
                    return message
            self.take()

    def at(self, method: str, path: str, line: int, character: int) -> Any:
        """Send a request about a position; return its result."""
        return self.ask(
            f"textDocument/{method}",
            textDocument={"uri": self.uri(path)},
            position={"line": line, "character": character},
        )

    def end(self) -> int:
        """End the server as an editor does; return its exit code."""
        self.ask("shutdown")
        self.notify("exit")
        return self.process.wait(WAIT)


@contextmanager
def client(
    folder: Path, *arguments: str, capabilities: dict[str, Any] | None = NEOVIM
) -> Iterator[Client]:
    """A client of a server on the project in `folder`.

    It is initialized, if `capabilities` are given. At the end nothing must be on the
    server's standard error.
    """
    command = [sys.executable, str(REPO / "build.py"), "--root", str(folder), *arguments, "lsp"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            one = Client(process, folder)
            if capabilities is not None:
                one.initialize(capabilities)
            yield one
        finally:
            process.kill()
        assert process.stderr
        assert process.stderr.read() == b""
