"""`lsp`: a language server for card files (Language Server Protocol 3.17), over two streams. It looks at the project with the unsaved
text of every open file, once the editor is silent for a moment, and answers what `editing` knows. It opens no socket."""

from __future__ import annotations

import gc
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from deckwright.cards.formatter import formatted
from deckwright.core import files
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import ERROR, NOTE, WARNING, Diagnostic, has_errors, in_order
from deckwright.core.source import Source, Span
from deckwright.live import jsonrpc, language_features
from deckwright.live.jsonrpc import Id, Malformed, Message
from deckwright.live.language_features import Completion, Known
from deckwright.live.session import Desk, View, is_card_file
from deckwright.live.text_documents import UTF8, UTF16, UTF32, Document, Position, position

PAUSE = 0.1  # seconds of silence before the project is looked at with what was typed
MOST = 50  # messages that a look waits for where there is no silence

# Numbers of the protocol: DiagnosticSeverity, CompletionItemKind, SymbolKind, MessageType.
_SEVERITY = {ERROR: 1, WARNING: 2, NOTE: 3}
_INFORMATION = 3
_ITEM = {
    language_features.KEY: 10,
    language_features.TERM: 12,
    language_features.CARD: 18,
    language_features.TEXT: 1,
}
_SYMBOL = 5
_TO_LOG = {ERROR: 1, WARNING: 2, NOTE: 3}
_MENDING = "quickfix"
_WATCHED = "workspace/didChangeWatchedFiles"
_MARKDOWN, _PLAIN = "markdown", "plaintext"


class RequestError(Exception):
    """Why a request has no result, with the code of its answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the editor told of itself, as far as it makes a difference."""

    encoding: str = UTF16
    related: bool = False
    nested_symbols: bool = False
    markdown: bool = False
    watches: bool = False
    relative: bool = False
    actions: bool = False


def serve(
    folder: Path,
    today: Callable[[], date],
    overlay: Path | None,
    incoming: BinaryIO,
    outgoing: BinaryIO,
) -> int:
    """Answers an editor until it says `exit` or hangs up. Gives back the exit code that the protocol wants: 0 after `shutdown`, else 1.
    `today` is asked at every look, for a server may run for days."""
    inbox: queue.SimpleQueue[Message | Malformed | None] = queue.SimpleQueue()

    def listen() -> None:
        try:
            for message in jsonrpc.read(incoming):
                inbox.put(message)
        except (OSError, ValueError):  # the stream was closed under us
            pass
        except Exception as error:  # a fault of ours must not leave the server waiting
            inbox.put(
                Malformed(jsonrpc.INTERNAL_ERROR, f"{error!r}; that is a fault of the program")
            )
        finally:
            inbox.put(None)

    threading.Thread(target=listen, daemon=True).start()
    try:
        return _Server(folder, today, overlay, outgoing).run(inbox)
    except OSError:  # the editor is gone
        return 1


class _Server:
    def __init__(
        self, folder: Path, today: Callable[[], date], overlay: Path | None, outgoing: BinaryIO
    ) -> None:
        self._folder = folder
        self._today = today
        self._outgoing = outgoing
        self._desk = Desk(folder, overlay)
        self._can = Abilities()
        self._state = "new"  # then: ready, shut
        self._documents: dict[str, Document] = {}
        self._dirty = False
        self._said: dict[str, Any] = {}  # what was published, by URI
        self._watched: tuple[tuple[str, str], ...] = ()
        self._asked_for = 0  # requests of ours
        self._view: View | None = None
        self._looks = 0
        self._requests: dict[str, Callable[[Any], Any]] = {
            "textDocument/completion": self._completion,
            "textDocument/hover": self._hover,
            "textDocument/definition": self._definition,
            "textDocument/documentSymbol": self._symbols,
            "textDocument/formatting": self._formatting,
            "textDocument/codeAction": self._actions,
            "shutdown": self._shutdown,
        }
        self._notifications: dict[str, Callable[[Any], None]] = {
            "textDocument/didOpen": self._opened,
            "textDocument/didChange": self._changed,
            "textDocument/didClose": self._closed,
            "textDocument/didSave": self._touched,
            _WATCHED: self._touched,
        }

    def run(self, inbox: queue.SimpleQueue[Message | Malformed | None]) -> int:
        waiting: deque[Message | Malformed | None] = deque()
        cancelled: set[Id] = set()
        since = 0
        while True:
            try:
                # Everything that has come is taken in first, so that a request can be called back.
                while True:
                    message = inbox.get(block=not waiting, timeout=PAUSE if self._dirty else None)
                    if isinstance(message, Message) and message.method == "$/cancelRequest":
                        number = (
                            message.params.get("id") if isinstance(message.params, dict) else None
                        )
                        cancelled.update(
                            w.id
                            for w in waiting
                            if isinstance(w, Message) and w.is_request and w.id == number
                        )
                    else:
                        waiting.append(message)
            except queue.Empty:
                pass
            if not waiting or (self._dirty and since >= MOST):
                since = 0
                self._guarded(self._look)
                continue
            since += 1
            message = waiting.popleft()
            if message is None:
                return 1
            if isinstance(message, Malformed):
                self._send(jsonrpc.error(message.id, message.code, message.reason))
            elif message.method == "exit":
                return 0 if self._state == "shut" else 1
            elif message.is_request:
                self._answer(message, message.id in cancelled)
                cancelled.discard(message.id)
            elif message.method in self._notifications and self._state == "ready":
                self._guarded(partial(self._notifications[message.method], message.params))

    def _answer(self, message: Message, cancelled: bool) -> None:
        try:
            value = self._result(message, cancelled)
        except RequestError as error:
            self._send(jsonrpc.error(message.id, error.code, str(error)))
        except OSError as error:
            self._send(
                jsonrpc.error(
                    message.id,
                    jsonrpc.REQUEST_FAILED,
                    f"a file cannot be read: {error.strerror or error}",
                )
            )
        except Exception as error:  # a fault of ours must not end the server
            self._send(
                jsonrpc.error(
                    message.id, jsonrpc.INTERNAL_ERROR, f"{error!r}; that is a fault of the program"
                )
            )
        else:
            self._send(jsonrpc.result(message.id, value))

    def _result(self, message: Message, cancelled: bool) -> Any:
        if cancelled:
            raise RequestError(jsonrpc.REQUEST_CANCELLED, "cancelled")
        if self._state == "shut":
            raise RequestError(jsonrpc.INVALID_REQUEST, "the server was told to shut down")
        if message.method == "initialize":
            if self._state != "new":
                raise RequestError(jsonrpc.INVALID_REQUEST, "the server is initialized already")
            return self._initialize(message.params)
        if self._state == "new":
            raise RequestError(jsonrpc.NOT_INITIALIZED, "the server waits for `initialize`")
        if message.method not in self._requests:
            raise RequestError(jsonrpc.METHOD_NOT_FOUND, f"there is no method {message.method}")
        return self._requests[message.method](message.params)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Does what nobody waits for; what goes wrong is told in the editor's log."""
        try:
            act()
        except RequestError as error:
            self._log(WARNING, str(error))
        except BrokenPipeError:
            raise
        except Exception as error:  # a fault of ours must not end the server
            self._log(ERROR, f"{error!r}; that is a fault of the program")

    def _send(self, data: bytes) -> None:
        self._outgoing.write(data)
        self._outgoing.flush()

    def _log(self, severity: str, text: str, show: bool = False) -> None:
        self._send(
            jsonrpc.notification(
                f"window/{'showMessage' if show else 'logMessage'}",
                {"type": _TO_LOG[severity], "message": text},
            )
        )

    # ------------------------------------------------------------------------------------------------------ from start to end

    def _initialize(self, params: Any) -> dict[str, Any]:
        told = params.get("capabilities") if isinstance(params, dict) else None
        encodings = _told(told, "general", "positionEncodings")
        formats = _told(told, "textDocument", "hover", "contentFormat")
        self._can = Abilities(
            encoding=next((e for e in encodings if e in (UTF8, UTF16, UTF32)), UTF16)
            if isinstance(encodings, list)
            else UTF16,
            related=_told(told, "textDocument", "publishDiagnostics", "relatedInformation") is True,
            nested_symbols=_told(
                told, "textDocument", "documentSymbol", "hierarchicalDocumentSymbolSupport"
            )
            is True,
            markdown=isinstance(formats, list) and _MARKDOWN in formats,
            watches=_told(told, "workspace", "didChangeWatchedFiles", "dynamicRegistration")
            is True,
            relative=_told(told, "workspace", "didChangeWatchedFiles", "relativePatternSupport")
            is True,
            actions=isinstance(
                _told(told, "textDocument", "codeAction", "codeActionLiteralSupport"), dict
            ),
        )
        self._state = "ready"
        return {
            "capabilities": {
                "positionEncoding": self._can.encoding,
                "textDocumentSync": {"openClose": True, "change": 2, "save": True},
                "completionProvider": {"triggerCharacters": [" ", ":", "-"]},
                "hoverProvider": True,
                "definitionProvider": True,
                "documentSymbolProvider": True,
                "documentFormattingProvider": True,
                **(
                    {"codeActionProvider": {"codeActionKinds": [_MENDING]}}
                    if self._can.actions
                    else {}
                ),
            },
            "serverInfo": {"name": "deckwright"},
        }

    def _watch(self) -> None:
        """Has the editor tell what becomes of the files of the project; again when they lie elsewhere than before."""
        folders = self._desk.watched()
        if not self._can.watches or folders == self._watched:
            return
        if self._watched:
            self._ask(
                "client/unregisterCapability",
                {"unregisterations": [{"id": "files", "method": _WATCHED}]},
            )  # so spelled there
        options = {"watchers": [{"globPattern": self._glob(base, path)} for base, path in folders]}
        self._ask(
            "client/registerCapability",
            {"registrations": [{"id": "files", "method": _WATCHED, "registerOptions": options}]},
        )
        self._watched = folders

    def _glob(self, base: str, path: str) -> Any:
        """All files below a folder; without a word of where that lies for editors that know none."""
        return (
            {"baseUri": self._desk.uri(base), "pattern": f"{path}/**"}
            if self._can.relative
            else f"**/{path}/**"
        )

    def _ask(self, method: str, params: Any) -> None:
        """A request to the editor whose answer says nothing."""
        self._asked_for += 1
        self._send(jsonrpc.request(self._asked_for, method, params))

    def _shutdown(self, params: Any) -> None:
        self._state = "shut"
        self._dirty = False

    # ------------------------------------------------------------------------------------------------------ documents

    def _opened(self, params: Any) -> None:
        uri, text = (
            _given(params, str, "textDocument", "uri"),
            _given(params, str, "textDocument", "text"),
        )
        version = _given(params, int, "textDocument", "version")
        self._documents[uri] = Document(
            uri, self._desk.path(uri), version, "", self._can.encoding
        ).replaced(version, text)
        self._dirty = True

    def _changed(self, params: Any) -> None:
        document = self._document(params)
        version = _given(params, int, "textDocument", "version")
        for change in _given(params, list, "contentChanges"):
            text = _given(change, str, "text")
            if isinstance(change, dict) and change.get("range") is not None:
                start, end = _position(change, "range", "start"), _position(change, "range", "end")
                document = document.changed(version, start, end, text)
            else:
                document = document.replaced(version, text)
        self._documents[document.uri] = document
        self._dirty = True

    def _closed(self, params: Any) -> None:
        document = self._documents.pop(_given(params, str, "textDocument", "uri"), None)
        if document:
            self._publish(document.uri, [])
            self._dirty = True

    def _touched(self, params: Any) -> None:
        self._dirty = True

    def _document(self, params: Any) -> Document:
        uri = _given(params, str, "textDocument", "uri")
        if uri not in self._documents:
            raise RequestError(jsonrpc.INVALID_PARAMS, f"{uri} is not open")
        return self._documents[uri]

    # ------------------------------------------------------------------------------------------------------ looking

    def _look(self) -> None:
        """Looks at the project and publishes what is to be said of every open card file, and of the project's own files."""
        self._dirty = False
        view = self._desk.look(
            self._today(), {d.path: d.data for d in self._documents.values() if d.path}
        )
        wanted: dict[str, tuple[list[dict[str, Any]], int | None]] = {}
        for document in self._documents.values():
            if document.path and view.is_card_file(document.path):
                wanted[document.uri] = (
                    [self._diagnostic(d, s, document) for d, s in view.about(document.path)],
                    document.version,
                )
        open_paths = {d.path: d.uri for d in self._documents.values()}
        for path, found in view.about_the_project().items():
            uri = open_paths.get(path) or self._desk.uri(path)
            wanted.setdefault(uri, ([self._diagnostic(d, d.span, None) for d in found], None))
        for uri in [uri for uri in self._said if uri not in wanted]:
            self._publish(uri, [])
        for uri, (diagnostics, version) in wanted.items():
            self._publish(uri, diagnostics, version)
        self._tell(view)
        self._view = view
        self._watch()
        self._looks += 1
        if self._looks == 1:
            gc.freeze()  # what was read stays; only what comes after it is looked through
        elif self._looks % 10 == 0:
            gc.collect()

    def _publish(
        self, uri: str, diagnostics: list[dict[str, Any]], version: int | None = None
    ) -> None:
        if self._said.get(uri, ([], None)) == (diagnostics, version):
            return
        params = {"uri": uri, "diagnostics": diagnostics} | (
            {} if version is None else {"version": version}
        )
        self._send(jsonrpc.notification("textDocument/publishDiagnostics", params))
        if diagnostics or version is not None:
            self._said[uri] = (diagnostics, version)
        else:
            self._said.pop(uri, None)

    def _tell(self, view: View) -> None:
        """Says once that the project cannot be read, and once that it can be again."""
        trouble, before = view.trouble, self._view.trouble if self._view else ""
        if trouble != before:
            if trouble:
                self._log(ERROR, f"{trouble}; cards are not checked until it is mended", show=True)
            else:
                self._log(NOTE, "the project can be read again")

    def _diagnostic(self, d: Diagnostic, span: Span, document: Document | None) -> dict[str, Any]:
        """A complaint in the protocol's terms, shown at `span`."""
        out: dict[str, Any] = {
            "range": self._range(span, document),
            "severity": _SEVERITY[d.severity],
            "code": d.code,
            "source": "deckwright",
            "message": d.message + (f"\nhelp: {d.help}" if d.help else ""),
        }
        if span is not d.span:
            out["severity"] = _INFORMATION
            out["message"] = f"{d.span.path}:{d.span.line}: {out['message']}"
        related = ([("this is said of", d.span)] if span is not d.span else []) + list(d.related)
        if related and self._can.related:
            out["relatedInformation"] = [
                {"location": self._location(s), "message": label} for label, s in related
            ]
        return out

    def _range(self, span: Span, document: Document | None) -> dict[str, Any]:
        return _range(*self._ends(span, document))

    def _ends(self, span: Span, document: Document | None) -> tuple[Position, Position]:
        """Where a span begins and ends: in a document whose text it is of, or in a text that no editor has changed."""
        if document and span.source.text:
            return document.position(span.source, span.start), document.position(
                span.source, span.end
            )
        return position(span.source, span.start, self._can.encoding), position(
            span.source, span.end, self._can.encoding
        )

    def _location(self, span: Span) -> dict[str, Any]:
        document = next((d for d in self._documents.values() if d.path == span.path), None)
        uri = document.uri if document else self._desk.uri(span.path)
        same = (
            document is not None
            and (now := _source(document)) is not None
            and now.text == span.source.text
        )
        return {"uri": uri, "range": self._range(span, document if same else None)}

    # ------------------------------------------------------------------------------------------------------ questions

    def _asked(self, params: Any) -> tuple[Document, Source, int, Known] | None:
        """The place that a request is about, and what is known; None where the place is in no card file of the project."""
        document = self._document(params)
        known = self._known()
        source = _source(document)
        if known is None or source is None or not is_card_file(document.path, known.project):
            return None
        root = max(
            (r for r in known.project.roots if document.path.startswith(f"{r.path}/")),
            key=lambda r: len(r.path),
        )
        source = Source(source.path, source.text, root.path, root.namespace)
        at = _position(params, "position") if "position" in params else Position(0, 0)
        return document, source, document.source_offset(source, at), known

    def _known(self) -> Known | None:
        """What the last look knew; the first one is had now."""
        if self._view is None:
            self._look()
        return self._desk.known

    def _completion(self, params: Any) -> Any:
        asked = self._asked(params)
        if asked is None:
            return []
        offer = language_features.completions(*asked[1:])
        items = [self._item(one, number, asked[0]) for number, one in enumerate(offer.items)]
        return items if offer.whole else {"isIncomplete": True, "items": items}

    def _item(self, one: Completion, number: int, document: Document) -> dict[str, Any]:
        return {
            "label": one.label,
            "kind": _ITEM[one.kind],
            "sortText": f"{number:05}",
            "filterText": one.label,
            "textEdit": {"range": self._range(one.span, document), "newText": one.text},
            **({"detail": one.detail} if one.detail else {}),
            **({"documentation": one.about} if one.about else {}),
        }

    def _hover(self, params: Any) -> Any:
        asked = self._asked(params)
        found = language_features.hover(*asked[1:]) if asked else None
        if asked is None or found is None:
            return None
        kind = _MARKDOWN if self._can.markdown else _PLAIN
        text = found.text if self._can.markdown else found.text.replace("**", "")
        return {
            "contents": {"kind": kind, "value": text},
            "range": self._range(found.span, asked[0]),
        }

    def _definition(self, params: Any) -> Any:
        if self._dirty:
            self._look()  # places of an older text would lead astray
        asked = self._asked(params)
        found = language_features.defined(*asked[1:], self._desk.tables()) if asked else None
        return self._location(found) if found else None

    def _actions(self, params: Any) -> Any:
        """What mends the complaints in a range, where a complaint says what."""
        document = self._document(params)
        first, last = _position(params, "range", "start"), _position(params, "range", "end")
        only = _told(params, "context", "only")
        if isinstance(only, list) and not any(
            isinstance(kind, str) and _MENDING.startswith(kind) for kind in only
        ):
            return []
        if self._dirty or self._view is None:
            self._look()
        out = []
        for d, span in self._view.about(document.path) if self._view else ():
            start, end = self._ends(span, document)
            if span is d.span and d.instead is not None and start <= last and first <= end:
                edit = {
                    "changes": {document.uri: [{"range": _range(start, end), "newText": d.instead}]}
                }
                said = [self._diagnostic(d, span, document)]
                title = f"Write `{d.instead}`" if d.instead else "Delete it"
                out.append(
                    {
                        "title": title,
                        "kind": _MENDING,
                        "diagnostics": said,
                        "isPreferred": True,
                        "edit": edit,
                    }
                )
        return out

    def _symbols(self, params: Any) -> Any:
        asked = self._asked(params)
        if asked is None:
            return []
        document, source, _, _ = asked
        return [self._symbol(card, document) for card in self._desk.cards(source)]

    def _symbol(self, card: RawCard, document: Document) -> dict[str, Any]:
        kind = next((f.value for f in card.metadata if f.name == "kind"), "")
        whole, name = self._range(card.span, document), self._range(card.id.value_span, document)
        if self._can.nested_symbols:
            return {
                "name": card.id.value,
                "detail": kind,
                "kind": _SYMBOL,
                "range": whole,
                "selectionRange": name,
            }
        return {
            "name": card.id.value,
            "kind": _SYMBOL,
            "location": {"uri": document.uri, "range": whole},
        }

    def _formatting(self, params: Any) -> Any:
        asked = self._asked(params)
        if asked is None:
            return None
        document, source, _, known = asked
        text, diagnostics = formatted(source, tuple(known.project.card_schema.properties))
        if text is None:
            diagnostic = next(d for d in in_order(diagnostics) if has_errors([d]))
            self._log(
                WARNING,
                f"{diagnostic.span.path}:{diagnostic.span.line}: not brought to its normal form: {diagnostic.message}",
            )
            return None
        edit = document.edit_to(text)
        return [{"range": _range(*edit[:2]), "newText": edit[2]}] if edit else []


def _source(document: Document) -> Source | None:
    """The text of a document in the form that the compiler reads."""
    return next(iter(files.as_source(document.data, document.path).values), None)


def _range(start: Position, end: Position) -> dict[str, Any]:
    return {
        place: {"line": p.line, "character": p.character}
        for place, p in (("start", start), ("end", end))
    }


def _told(value: Any, *keys: str) -> Any:
    """What stands in nested objects under `keys`; None where it does not."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _given(params: Any, kind: type, *keys: str) -> Any:
    """The same, which has to be there and of a kind."""
    value = _told(params, *keys)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RequestError(jsonrpc.INVALID_PARAMS, f"`{'.'.join(keys)}` is missing or malformed")
    return value


def _position(params: Any, *keys: str) -> Position:
    line, character = _given(params, int, *keys, "line"), _given(params, int, *keys, "character")
    if line < 0 or character < 0:
        raise RequestError(jsonrpc.INVALID_PARAMS, f"`{'.'.join(keys)}` lies before the text")
    return Position(line, character)
