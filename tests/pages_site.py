"""A web site on this machine that serves pages like docs.aws.amazon.com, and fails like any.

Requests for any host reach it, in plain HTTP, so that tests use the addresses of cards. It
answers conditional requests, redirects, and breaks its answers as it is told.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from typing import Any

import pytest
from urllib3 import HTTPConnectionPool
from urllib3.util import connection

from deckwright.exchange.pages import web

MODIFIED = "Mon, 02 Nov 2026 10:00:00 GMT"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/markdown\r\n"
# Ways to break an answer: what is sent before the connection is closed.
BROKEN = {
    "truncated": HEAD + b"Content-Length: 20\r\n\r\nhalf of it",
    "chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n40\r\nhalf of it",
    "unmeasured": HEAD + b"\r\nhalf of it",
    "nonsense": b"SSH-2.0-OpenSSH_9.9\r\n",
    "hang_up": b"",
    "reset": HEAD + b"Content-Length: 20\r\n\r\nhalf of it",  # closed out of order
    "silent": b"",  # never closed
    "slow": HEAD + b"Content-Length: 9999\r\n\r\n",  # never closed; a byte comes now and then
}


@dataclass
class Served:
    """What the site answers to a request for one address.

    `broken` names a way to break the answer, a key of BROKEN.
    """

    text: str | bytes = ""
    type: str = "text/markdown; charset=utf-8"
    etag: str = ""
    modified: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    broken: str = ""


@dataclass
class Site:
    """The site: its pages by address, and a log of the requests (method, address, headers)."""

    pages: dict[str, Served] = field(default_factory=dict)
    log: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def asked(self) -> list[str]:
        """The requests as `GET https://…`."""
        return [f"{method} {url}" for method, url, _ in self.log]


class Handler(BaseHTTPRequestHandler):
    """Answers for the site."""

    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        """Answer a request."""
        url = f"https://{self.headers['Host']}{self.path}"
        self.site.log.append((self.command, url, dict(self.headers)))
        page = self.site.pages.get(url, Served("<html>No.</html>", "text/html", status=404))
        if page.broken:
            self._break(page.broken)
        elif self._has(page):
            self._head(304, page, 0)
        else:
            data = page.text if isinstance(page.text, bytes) else page.text.encode()
            self._head(page.status, page, len(data))
            if self.command != "HEAD":
                self.wfile.write(data)

    do_HEAD = do_GET

    def _has(self, page: Served) -> bool:
        """Whether the client has the page already."""
        wanted = {page.etag: "If-None-Match", page.modified: "If-Modified-Since"}
        return any(value and self.headers.get(name) == value for value, name in wanted.items())

    def _break(self, way: str) -> None:
        """Send a broken answer."""
        self.close_connection = True
        self.wfile.write(BROKEN[way])
        if way == "reset":
            linger = struct.pack("ii", 1, 0)  # no orderly end
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        with contextlib.suppress(OSError):
            while way in ("silent", "slow") and not self.site.closing.wait(0.02):
                self.wfile.write(b"a" if way == "slow" else b"")

    def _head(self, status: int, page: Served, length: int) -> None:
        given = {"Content-Type": page.type, "ETag": page.etag, "Last-Modified": page.modified}
        self.send_response(status)
        for name, value in {**given, **page.headers, "Content-Length": str(length)}.items():
            if value:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def serving(certificate: tuple[str, str] | None = None) -> Iterator[tuple[Site, int]]:
    """The site and its port, for as long as the context lasts.

    With a `certificate` and its key, it speaks HTTPS.
    """
    site = Site()
    handler = type("SiteHandler", (Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that give up
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield site, server.server_port
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def reach(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fetcher reach the site on `port` instead of any other, without HTTPS."""
    monkeypatch.setattr(web, "pools", lambda host: [HTTPConnectionPool("127.0.0.1", port)])


def resolving(
    port: int, monkeypatch: pytest.MonkeyPatch, *addresses: str, dead: str = ""
) -> list[str]:
    """Let every name have some addresses when it is first resolved, and then 127.0.0.1.

    A connection to any of them reaches the site on `port`; one to `dead` is refused. Returns
    the list to which each connection adds its address.
    """
    opened: list[str] = []
    answers = chain([addresses], repeat(("127.0.0.1",)))

    def getaddrinfo(_: str, number: int, *__: Any, **___: Any) -> list[Any]:
        return [(None, socket.SOCK_STREAM, 6, "", (one, number)) for one in next(answers)]

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        opened.append(address[0])
        if address[0] == dead:
            raise ConnectionRefusedError
        made = socket.socket()
        made.settimeout(web.SILENCE)
        made.connect(("127.0.0.1", port))
        return made

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(connection, "create_connection", connect)
    return opened
