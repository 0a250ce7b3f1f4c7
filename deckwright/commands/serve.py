"""`preview --watch`: the site on this machine, made anew from memory at every saved file. The one place that opens a socket.

The server writes nothing and answers only to names of this machine, so that no page of somebody else can read it. Pages are made
when they are asked for; every page also gets a small script that hears of each save, shows what is wrong, and reloads.
"""

from __future__ import annotations

import json
import mimetypes
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

from deckwright import pipeline, report
from deckwright.commands.preview import edition
from deckwright.commands.watch import Look, looks
from deckwright.diagnostic import ERROR, Diagnostic, has_errors
from deckwright.model import Note, RawCard
from deckwright.pipeline import Checked
from deckwright.site import Edition, broken_page, card_path, pages

HOST = "127.0.0.1"
_BEAT = 15  # seconds between two signs of life to a page that waits, so that one that has gone is noticed
_LIVE = "/live/"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Shown:
    """What the server shows after one look. `broken` is what is wrong with a card by the path of its page, `kept` the last good
    note of cards that have none now, `edited` the pages of the cards that the last save changed, in the order of the files.
    `checked` is None while decks/ or schema/ cannot be read; `shown` is then what was there before."""

    version: str
    checked: Checked | None
    shown: Edition | None
    complaints: tuple[Diagnostic, ...]
    broken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Note] = field(default_factory=dict)
    edited: tuple[str, ...] = ()

    @cached_property
    def whole(self) -> Edition | None:
        """The edition with its packages, which take a moment to make; without them while the deck has errors."""
        if self.checked is None or self.shown is None or has_errors(self.complaints):
            return self.shown
        packages = tuple(a for a in pipeline.build(self.checked).artifacts if a.path.endswith(".apkg"))
        return replace(self.shown, packages=packages)

    def body(self, path: str) -> bytes | None:
        """The file at `path`; None where there is none."""
        if self.shown is None:
            return _nothing_yet(self.complaints) if path.endswith(".html") else None
        if path in self.broken:
            return broken_page(path, self.ids[path], self.broken[path], self.kept.get(path), self.shown)
        full = path == "index.html" or path.startswith("packages/")
        found = pages(self.whole if full and self.whole else self.shown).get(path)
        return found() if found else None

    def message(self) -> str:
        """What a page is told, in JSON."""
        errors = sum(d.severity == ERROR for d in self.complaints)
        told = {
            "version": self.version,
            "edited": self.edited,
            "errors": errors,
            "found": report.found(self.complaints),
            "text": report.text(self.complaints),
        }
        return json.dumps(told)


def next_shown(before: Shown, look: Look, earlier: Mapping[tuple[str, str], RawCard], version: str, today: date) -> Shown:
    """What is shown after `look`; `earlier` are the cards as they were written before it."""
    complaints = look.outcome.diagnostics
    if not look.outcome.values:
        return replace(before, version=version, checked=None, complaints=complaints, edited=())
    checked = look.outcome.values[0]
    project = checked.project
    shown = edition(checked, pipeline.rendered(checked), (), today)
    good = dict(before.kept)  # the last good state of each card
    if before.shown:
        good |= {path: before.shown.notes[number] for path, number in before.shown.places.items() if path not in before.broken}
    broken: dict[str, tuple[str, ...]] = {}
    ids: dict[str, str] = {}
    edited = []
    for raw in look.raws:
        key = (raw.span.source.namespace, raw.id.value)
        path = card_path(*key, project)
        known = earlier.get(key)
        if earlier and raw.span.path in look.saved and (known is None or known.span.text != raw.span.text):
            edited.append(path)
        wrong = _wrong_with(raw, complaints)
        if wrong or path not in shown.places:
            broken[path], ids[path] = wrong or _wrong_in(raw.span.path, complaints), raw.id.value
    for path, note in good.items():
        if path not in shown.places and path not in broken and (wrong := _wrong_in(note.card.span.path, complaints)):
            broken[path], ids[path] = wrong, note.id  # its heading cannot be read any more
    return Shown(version, checked, shown, complaints, broken, ids, {path: good[path] for path in broken if path in good}, tuple(edited))


def _wrong_with(raw: RawCard, complaints: tuple[Diagnostic, ...]) -> tuple[str, ...]:
    """What is wrong with one card, in words: its errors, and the warnings beside them. Nothing where there are only warnings."""
    span = raw.span
    about = [d for d in complaints if d.span.path == span.path and span.start <= d.span.start <= span.end]
    return tuple(report.text([d]).rstrip() for d in about) if has_errors(about) else ()


def _wrong_in(path: str, complaints: tuple[Diagnostic, ...]) -> tuple[str, ...]:
    return tuple(report.text([d]).rstrip() for d in complaints if d.span.path == path)


def _nothing_yet(complaints: tuple[Diagnostic, ...]) -> bytes:
    """The page of a project that could never be read since the server began; the script of every page says what is wrong."""
    words = "This project cannot be shown yet." if complaints else "One moment."
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{words}</title><body><p>{words}</p></body></html>'.encode()


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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()

    def looks(self, folder: Path, today: date) -> Iterator[Look]:
        """Looks at the project now and after every saved file, for ever, and shows each; gives back what was seen."""
        run = os.urandom(4).hex()  # pages of an earlier server must not think that they are fresh
        earlier: dict[tuple[str, str], RawCard] = {}
        for number, look in enumerate(looks(folder, today)):
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
        if path == f"{_LIVE}events":
            self._events()
        elif path == f"{_LIVE}live.js":
            self._answer(200, "text/javascript", files("deckwright").joinpath("commands/live.js").read_bytes())
        else:
            self._page(path.lstrip("/") or "index.html")

    do_HEAD = do_GET

    def _page(self, path: str) -> None:
        shown = self.server.shown
        try:
            body = shown.body(path)
        except Exception as error:  # a fault of ours in one page must not end the server
            self._answer(500, "text/plain", f"This page could not be made: {error!r}. That is a fault of the program.\n".encode())
            return
        kind = _TYPES.get(os.path.splitext(path)[1]) or mimetypes.guess_type(path)[0] or "application/octet-stream"
        if body is None:
            body, kind = b'<!doctype html><html lang="en"><meta charset="utf-8"><title>Not here</title><body><p>There is no such page now.</p></body></html>', ""
        status = 200 if kind else 404
        if (kind or "text/html") == "text/html":
            script = f'<script src="{_LIVE}live.js" data-version="{shown.version}"></script></body>'
            body = body.replace(b"</body>", script.encode())
        self._answer(status, kind or "text/html", body)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
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
        last = None
        while True:
            with self.server.changed:
                self.server.changed.wait_for(lambda: self.server.shown.version != last, _BEAT)
                shown = self.server.shown
            line = f"data: {shown.message()}\n\n" if shown.version != last else ": still here\n\n"
            last = shown.version
            self.wfile.write(line.encode())
            self.wfile.flush()

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are not worth a line."""
