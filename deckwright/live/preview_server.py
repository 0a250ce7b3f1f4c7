"""`preview --watch`: the site on this machine, made anew from memory at every saved file. The one place that opens a socket.

The server writes nothing and answers only to names of this machine, so that no page of somebody else can read it. Pages are made
when they are asked for; every page also gets a small script that hears of each save, shows what is wrong, and reloads.
"""

from __future__ import annotations

import mimetypes
import os
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

from deckwright.core.card import RawCard
from deckwright.live.preview_state import Shown, next_shown
from deckwright.live.watch import Look, looks

HOST = "127.0.0.1"
_BEAT = 15  # seconds between two signs of life to a page that waits, so that one that has gone is noticed
_LIVE = "/live/"
_NOT_HERE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Not here</title>
<body><p>There is no such page now.</p></body></html>"""
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}


class Server:
    """A web server on 127.0.0.1, at `port` or, if that is 0, at one that is free. As a context it stops at the end."""

    def __init__(self, port: int) -> None:
        self._http = _Http((HOST, port), _Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self.port = int(self._http.server_address[1])
        self.address = f"http://{HOST}:{self.port}/"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def looks(self, folder: Path, today: date, overlay: Path | None = None) -> Iterator[Look]:
        """Looks at the project now and after every saved file, for ever, and shows each; gives back what was seen."""
        run = os.urandom(4).hex()  # pages of an earlier server must not think that they are fresh
        earlier: dict[tuple[str, str], RawCard] = {}
        for number, look in enumerate(looks(folder, today, overlay)):
            self._http.show(next_shown(self._http.shown, look, earlier, f"{run}-{number}", today))
            if look.outcome.values:
                earlier = {(raw.span.source.namespace, raw.id.value): raw for raw in look.raws}
            yield look


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name == "posix"

    def __init__(self, *arguments: object) -> None:
        self.shown = Shown("", None, None, ())
        self.changed = threading.Condition()
        super().__init__(*arguments)  # type: ignore[arg-type]

    def show(self, shown: Shown) -> None:
        with self.changed:
            self.shown = shown
            self.changed.notify_all()

    def after(self, version: str) -> Shown:
        """What is shown once it is another version, or after a while the same."""
        with self.changed:
            self.changed.wait_for(lambda: self.shown.version != version, _BEAT)
            return self.shown

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle of an answer is nothing to talk about; a fault of ours is told to that browser."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        if self.headers.get("Host", "") not in {f"{HOST}:{port}", f"localhost:{port}"}:
            self._answer(403, "text/plain", b"This server answers to 127.0.0.1 only.\n")
            return
        path = unquote(urlsplit(self.path).path)
        if path == f"{_LIVE}events" and self.command == "GET":
            self._events()
        elif path == f"{_LIVE}live.js":
            self._answer(
                200, "text/javascript", files("deckwright.live").joinpath("live.js").read_bytes()
            )
        else:
            self._page(path.lstrip("/") or "index.html")

    do_HEAD = do_GET

    def _page(self, path: str) -> None:
        shown = self.server.shown
        try:
            body = shown.body(path)
        except Exception as error:  # a fault of ours in one page must not end the server
            self._answer(
                500,
                "text/plain",
                f"This page could not be made: {error!r}. That is a fault of the program.\n".encode(),
            )
            return
        kind = (
            _TYPES.get(os.path.splitext(path)[1])
            or mimetypes.guess_type(path)[0]
            or "application/octet-stream"
        )
        if body is None:
            body, kind = _NOT_HERE, ""
        status = 200 if kind else 404
        if (kind or "text/html") == "text/html":
            script = f'<script src="{_LIVE}live.js" data-version="{shown.version}"></script></body>'
            body = body.replace(b"</body>", script.encode())
        self._answer(status, kind or "text/html", body)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header(
            "Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        )
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _events(self) -> None:
        """Server-sent events (HTML Living Standard, 9.2): the state now, and each one after it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        last = ""
        while True:
            shown = self.server.after(last)
            line = f"data: {shown.message()}\n\n" if shown.version != last else ": still here\n\n"
            last = shown.version
            self.wfile.write(line.encode())
            self.wfile.flush()

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are not worth a line."""
