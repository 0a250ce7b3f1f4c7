"""What the language server knows of the editor: its documents, and what it was sent."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import date
from typing import Any

from deckwright.core import files
from deckwright.core.diagnostics import ERROR, NOTE, WARNING, Diagnostic
from deckwright.core.source import Source, Span
from deckwright.live import jsonrpc
from deckwright.live.connection import Connection
from deckwright.live.lsp_values import Capabilities, RequestError, range_between, required
from deckwright.live.session import CheckResult, ProjectSession
from deckwright.live.text_documents import Document, Position, position

WATCHED_FILES = "workspace/didChangeWatchedFiles"

_SEVERITY = {ERROR: 1, WARNING: 2, NOTE: 3}  # DiagnosticSeverity
_INFORMATION = 3

Published = tuple[list[dict[str, Any]], int | None]  # diagnostics, version of the document


class EditorState:
    """The open documents of an editor, and the project as last checked with them.

    `outdated` is true if a document or a file has changed since the check whose result
    is `latest`. `today` is called for every check: a server may run for days.
    """

    def __init__(
        self, connection: Connection, session: ProjectSession, today: Callable[[], date]
    ) -> None:
        self.connection = connection
        self.session = session
        self.capabilities = Capabilities()
        self.documents: dict[str, Document] = {}  # by URI
        self.outdated = False
        self.latest: CheckResult | None = None
        self._today = today
        self._checks = 0
        self._published: dict[str, Published] = {}  # by URI, without empty ones
        self._watched: tuple[tuple[str, str], ...] = ()

    def document(self, params: Any) -> Document:
        """Return the document that `params` name; RequestError if it is not open."""
        uri = required(params, str, "textDocument", "uri")
        if uri not in self.documents:
            raise RequestError(jsonrpc.INVALID_PARAMS, f"{uri} is not open")
        return self.documents[uri]

    def current(self) -> CheckResult:
        """Return the latest result, after a check if it is missing or outdated."""
        return self.check() if self.outdated or self.latest is None else self.latest

    def check(self) -> CheckResult:
        """Check the project with the open documents; publish what has changed."""
        self.outdated = False
        unsaved = {d.path: d.data for d in self.documents.values() if d.path}
        result = self.session.check(self._today(), unsaved)
        current = self._diagnostics_by_uri(result)
        for uri in [uri for uri in self._published if uri not in current]:
            self.publish(uri, [])
        for uri, (diagnostics, version) in current.items():
            self.publish(uri, diagnostics, version)
        self._report_readability(result)
        self.latest = result
        self._watch_files()
        self._collect_garbage()
        return result

    def _diagnostics_by_uri(self, result: CheckResult) -> dict[str, Published]:
        """Return the diagnostics of the open card files and the project's own files."""
        out: dict[str, Published] = {}
        for document in self.documents.values():
            if document.path and result.is_card_file(document.path):
                found = result.diagnostics_in(document.path)
                values = [self.diagnostic(d, span, document) for d, span in found]
                out[document.uri] = (values, document.version)
        uris = {d.path: d.uri for d in self.documents.values()}
        for path, diagnostics in result.project_diagnostics().items():
            uri = uris.get(path) or self.session.uri(path)
            out.setdefault(uri, ([self.diagnostic(d, d.span, None) for d in diagnostics], None))
        return out

    def publish(
        self, uri: str, diagnostics: list[dict[str, Any]], version: int | None = None
    ) -> None:
        """Publish the diagnostics of a file, unless they are the same as before."""
        if self._published.get(uri, ([], None)) == (diagnostics, version):
            return
        params: dict[str, Any] = {"uri": uri, "diagnostics": diagnostics}
        if version is not None:
            params["version"] = version
        self.connection.notify("textDocument/publishDiagnostics", params)
        if diagnostics or version is not None:
            self._published[uri] = (diagnostics, version)
        else:
            self._published.pop(uri, None)

    def _report_readability(self, result: CheckResult) -> None:
        """Report once that the project cannot be read, once that it can again."""
        problem, before = result.problem, self.latest.problem if self.latest else ""
        if problem and problem != before:
            text = f"{problem}; cards are not checked until this is fixed"
            self.connection.log(ERROR, text, show=True)
        elif before and not problem:
            self.connection.log(NOTE, "the project can be read again")

    def _watch_files(self) -> None:
        """Ask the editor to report changes of files; again if the folders changed."""
        folders = self.session.watched_folders()
        if not self.capabilities.watches_files or folders == self._watched:
            return
        registration: dict[str, Any] = {"id": "files", "method": WATCHED_FILES}
        if self._watched:  # the protocol's spelling
            params = {"unregisterations": [registration]}
            self.connection.request("client/unregisterCapability", params)
        watchers = [{"globPattern": self._pattern(base, path)} for base, path in folders]
        registration = {**registration, "registerOptions": {"watchers": watchers}}
        params = {"registrations": [registration]}
        self.connection.request("client/registerCapability", params)
        self._watched = folders

    def _pattern(self, base: str, path: str) -> Any:
        """Return the pattern of all files in a folder, relative if the editor can."""
        if not self.capabilities.relative_patterns:
            return f"**/{path}/**"
        return {"baseUri": self.session.uri(base), "pattern": f"{path}/**"}

    def _collect_garbage(self) -> None:
        """Collect now, not in a request; what the first check read is never garbage."""
        self._checks += 1
        if self._checks == 1:
            gc.freeze()
        elif self._checks % 10 == 0:
            gc.collect()

    def diagnostic(self, d: Diagnostic, span: Span, document: Document | None) -> dict[str, Any]:
        """Return a diagnostic as the protocol writes it, to be shown at `span`."""
        out: dict[str, Any] = {
            "range": self.range(span, document),
            "severity": _SEVERITY[d.severity],
            "code": d.code,
            "source": "deckwright",
            "message": d.message + (f"\nhelp: {advice}" if (advice := d.advice) else ""),
        }
        related = list(d.related)
        if span is not d.span:  # it is about another place, which points here
            out["severity"] = _INFORMATION
            out["message"] = f"{d.span.path}:{d.span.line}: {out['message']}"
            related.insert(0, ("the problem is here", d.span))
        if related and self.capabilities.related_information:
            out["relatedInformation"] = [
                {"location": self.location(place), "message": label} for label, place in related
            ]
        return out

    def range(self, span: Span, document: Document | None) -> dict[str, Any]:
        """Return a span as a range of the protocol."""
        return range_between(*self.ends(span, document))

    def ends(self, span: Span, document: Document | None) -> tuple[Position, Position]:
        """Return the positions of a span's ends.

        In `document`, if the span is of its text; else in a file that no editor
        changed.
        """
        if document and span.source.text:
            start, end = (document.position(span.source, at) for at in (span.start, span.end))
        else:
            encoding = self.capabilities.encoding
            start, end = (position(span.source, at, encoding) for at in (span.start, span.end))
        return start, end

    def location(self, span: Span) -> dict[str, Any]:
        """Return a span as a location of the protocol."""
        document = next((d for d in self.documents.values() if d.path == span.path), None)
        if document is None:
            return {"uri": self.session.uri(span.path), "range": self.range(span, None)}
        source = source_of(document)
        is_same = source is not None and source.text == span.source.text
        return {"uri": document.uri, "range": self.range(span, document if is_same else None)}


def source_of(document: Document) -> Source | None:
    """Return a document's text as the compiler reads it; None if it is not readable."""
    return next(iter(files.as_source(document.data, document.path).values), None)
