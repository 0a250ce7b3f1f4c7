"""A language client such as an editor has: it starts the server as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from conftest import REPO

WAIT = 30  # seconds after which a test gives up

# Files of the mini project.
CHOOSING = "cards/services/polly/choosing.md"
S3 = "cards/reliability/s3.md"
VOCABULARY = "schema/vocabulary/mini.toml"


def utf16(text: str) -> int:
    """The length of a text as editors count it by default."""
    return len(text.encode("utf-16-le")) // 2


def position_of(text: str, of: str, end: bool = False) -> dict[str, int]:
    """The position of the start or end of `of` in a text with LF line ends."""
    before = text[: text.index(of) + (len(of) if end else 0)]
    return {"line": before.count("\n"), "character": utf16(before.rpartition("\n")[2])}


def labels(completions: dict[str, Any]) -> list[str]:
    """The labels of completions in the order in which an editor shows them."""
    items = sorted(completions["items"], key=lambda item: item["sortText"])
    return [item["label"] for item in items]


class Client:
    """One connection. Notifications and requests of the server are kept in their order."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.number = 0
        self.received: list[dict[str, Any]] = []
        self._inbox: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        out = self.process.stdout
        assert out
        while header := out.readline():
            length = int(header.decode("ascii").removeprefix("Content-Length: "))
            while out.readline().strip():
                pass  # another header
            self._inbox.put(json.loads(out.read(length)))

    def send(self, **message: Any) -> None:
        """Send a message."""
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self.send(method=method, params=params)

    def ask(self, method: str, **params: Any) -> Any:
        """Send a request; return its result."""
        self.number += 1
        self.send(id=self.number, method=method, params=params or None)
        answer = self._next(lambda message: message.get("id") == self.number)
        assert "error" not in answer, answer
        return answer.get("result")

    def _next(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for the first message that fits and was not returned yet."""
        for number, message in enumerate(self.received):
            if fits(message):
                return self.received.pop(number)
        while True:
            try:
                message = self._inbox.get(timeout=WAIT)
            except Empty:
                raise AssertionError("the server sends nothing") from None
            if fits(message):
                return message
            self.received.append(message)

    def until(self, method: str) -> Any:
        """Wait for a notification or request of the server; return its parameters."""
        return self._next(lambda message: message.get("method") == method)["params"]

    def diagnostics(self, path: str, version: int | None = None) -> list[dict[str, Any]]:
        """Wait for the diagnostics of a file, or of one version of it."""

        def fits(message: dict[str, Any]) -> bool:
            params = message.get("params", {})
            return (params.get("uri"), params.get("version")) == (self.uri(path), version)

        return self._next(fits)["params"]["diagnostics"]

    def initialize(self, capabilities: dict[str, Any]) -> dict[str, Any]:
        """Begin; return what the server can do."""
        root = self.folder.as_uri()
        result = self.ask(
            "initialize", processId=os.getpid(), rootUri=root, capabilities=capabilities
        )
        self.notify("initialized")
        return result["capabilities"]

    def uri(self, path: str) -> str:
        """The address of a file of the project."""
        return Path(os.path.normpath(self.folder / path)).as_uri()

    def document(self, path: str) -> dict[str, str]:
        """How requests name a file of the project."""
        return {"uri": self.uri(path)}

    def open(self, path: str, text: str | None = None, version: int = 1) -> None:
        """Open a file with the text that it has, or with another."""
        text = (self.folder / path).read_bytes().decode("utf-8") if text is None else text
        item = {"uri": self.uri(path), "languageId": "markdown", "version": version, "text": text}
        self.notify("textDocument/didOpen", textDocument=item)

    def change(self, path: str, version: int, text: str) -> None:
        """Replace the text of an open file."""
        document = {**self.document(path), "version": version}
        self.notify(
            "textDocument/didChange", textDocument=document, contentChanges=[{"text": text}]
        )

    def at(self, method: str, path: str, line: int, character: int) -> Any:
        """Send a request about a position; return its result."""
        return self.ask(
            f"textDocument/{method}",
            textDocument=self.document(path),
            position={"line": line, "character": character},
        )

    def end(self) -> int:
        """End the server as an editor does; return its exit code."""
        self.ask("shutdown")
        self.notify("exit")
        return self.process.wait(WAIT)


@contextmanager
def client(
    folder: Path, *arguments: str, capabilities: dict[str, Any] | None = None
) -> Iterator[Client]:
    """A client of a server on the project in `folder`, initialized.

    At the end nothing must be on the server's standard error.
    """
    command = [sys.executable, str(REPO / "build.py"), "--root", str(folder), *arguments, "lsp"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            one = Client(process, folder)
            one.initialize(capabilities or {})
            yield one
        finally:
            process.kill()
        assert process.stderr
        assert process.stderr.read() == b""
