"""`preview --watch`: serve the site on this machine and update it at every saved file.

The server writes nothing. It answers only requests to names of this machine, and none
that a browser makes for a page of another site, so that no such page can read it. Pages
are made when they are requested. Every page gets a script that is notified of each save,
shows what is wrong, and reloads.
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
from urllib.parse import unquote, urlsplit

from deckwright.live.preview_state import PreviewState, next_state
from deckwright.live.watch import WatchResult, watch

HOST = "127.0.0.1"
_HEARTBEAT = 15  # seconds between messages to a waiting page, to notice when it is closed
_LIVE = "/live/"
_NOT_HERE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Page not found</title>
<body><p>There is no page at this address.</p></body></html>"""
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}


class PreviewServer(ThreadingHTTPServer):
    """A web server on 127.0.0.1, from the call of `watch` to the end of the process.

    It listens on `port`, or on a free port if that is 0. Raises OSError if the port
    cannot be used. `state` is what it shows.
    """

    daemon_threads = True
    allow_reuse_address = os.name == "posix"

    def __init__(self, port: int) -> None:
        self.state = PreviewState()
        self.changed = threading.Condition()
        super().__init__((HOST, port), _Handler)
        self.address = f"http://{HOST}:{self.server_address[1]}/"

    def watch(
        self, folder: Path, today: date, overlay: Path | None = None
    ) -> Iterator[WatchResult]:
        """Check the project now and after every save; show and yield each result."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        run = os.urandom(4).hex()  # so that pages of an earlier server reload
        for number, result in enumerate(watch(folder, today, overlay)):
            self.show(next_state(self.state, result, f"{run}-{number}", today))
            yield result

    def show(self, state: PreviewState) -> None:
        """Show another state, and wake the pages that wait for one."""
        with self.changed:
            self.state = state
            self.changed.notify_all()

    def after(self, version: str) -> PreviewState:
        """Wait for another version, at most for some seconds; return the state."""
        with self.changed:
            self.changed.wait_for(lambda: self.state.version != version, _HEARTBEAT)
            return self.state

    def handle_error(self, request: object, client_address: object) -> None:
        """Do nothing: browsers often end a connection before the answer is sent."""


class _Handler(BaseHTTPRequestHandler):
    """Answer the requests of one connection."""

    server: PreviewServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page, the script of every page, or the events it waits for."""
        port = self.server.server_address[1]
        if self.headers.get("Host", "") not in {f"{HOST}:{port}", f"localhost:{port}"}:
            self._answer(403, "text/plain", b"This server answers only requests to 127.0.0.1.\n")
            return
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            text = b"Another site requested this page. To open it, type or paste its address.\n"
            self._answer(403, "text/plain", text)
            return
        path = unquote(urlsplit(self.path).path)
        if path == f"{_LIVE}events" and self.command == "GET":
            self._events()
        elif path == f"{_LIVE}live.js":
            script = files("deckwright.live").joinpath("live.js").read_bytes()
            self._answer(200, "text/javascript", script)
        else:
            self._page(path.lstrip("/") or "index.html")

    do_HEAD = do_GET

    def _page(self, path: str) -> None:
        state = self.server.state
        try:
            body = state.body(path)
        except Exception as error:  # a bug in one page must not end the server
            text = f"This page couldn't be made: {error!r}. This is a bug in deckwright.\n"
            self._answer(500, "text/plain", text.encode())
            return
        status, media_type = 200, _media_type(path)
        if body is None:
            status, media_type, body = 404, "text/html", _NOT_HERE
        if media_type == "text/html":
            script = f'<script src="{_LIVE}live.js" data-version="{state.version}"></script></body>'
            body = body.replace(b"</body>", script.encode())
        self._answer(status, media_type, body)

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        charset = "; charset=utf-8" if media_type.startswith("text/") else ""
        self.send_response(status)
        self.send_header("Content-Type", media_type + charset)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "frame-ancestors 'self'")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _events(self) -> None:
        """Send the state now and each one after it (server-sent events, HTML, 9.2)."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        last = ""
        while True:
            state = self.server.after(last)
            line = f"data: {state.message()}\n\n" if state.version != last else ": still here\n\n"
            last = state.version
            self.wfile.write(line.encode())
            self.wfile.flush()

    def end_headers(self) -> None:
        """End the headers with those of every answer."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Do nothing: requests are not logged."""


def _media_type(path: str) -> str:
    suffix = os.path.splitext(path)[1]
    return _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
