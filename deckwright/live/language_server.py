"""`lsp`: a language server for card files (LSP 3.17), on pygls.

It checks the project with the unsaved text of every open file, and answers from the
result. It writes no files and opens no socket.
"""

from __future__ import annotations

import asyncio
import logging
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from deckwright.cards.formatter import formatted
from deckwright.core import files
from deckwright.core.diagnostics import ERROR, NOTE, WARNING, Diagnostic, has_errors, in_order
from deckwright.core.source import Source, Span
from deckwright.core.wording import shortened
from deckwright.live.live_project import LiveCheck, LiveProject
from deckwright.live.metadata_at_cursor import MetadataWord, metadata_word
from deckwright.live.metadata_terms import definition, proposals, terms

PAUSE = 0.03  # seconds of silence after a change before the project is checked
_MOST = 200  # completions that are offered at once
_MAX_DETAIL = 120  # characters next to a completion
_LINE_END = re.compile(r"\r\n|\n|\r")
_SEVERITY = {
    ERROR: types.DiagnosticSeverity.Error,
    WARNING: types.DiagnosticSeverity.Warning,
    NOTE: types.DiagnosticSeverity.Information,
}


class CardServer(LanguageServer):
    """The project and the open files of an editor.

    `today` is called for every check: a server may run for days. `result` is that of the
    last check, or None if something has changed since; `changes` counts the changes.
    `documents` are the open files of the project, by path, and `lines` their lines.
    """

    def __init__(self, project: LiveProject, today: Callable[[], date]) -> None:
        super().__init__("deckwright", "", types.TextDocumentSyncKind.Full)
        self.project = project
        self.today = today
        self.documents: dict[str, TextDocument] = {}
        self.lines: dict[str, list[str]] = {}
        self.changes = 0
        self.result: LiveCheck | None = None
        self.exit_code = 1
        self._uris: set[str] = set()  # of the files that show diagnostics

    def check(self) -> LiveCheck:
        """Return the result of a check with all changes."""
        if self.result is None:
            opened = self.workspace.text_documents.values()
            open_files = [d for d in opened if d.uri.startswith("file:") and d.path]
            paths = ((self.project.path(Path(d.path)), d) for d in open_files)
            self.documents = {path: d for path, d in paths if path}
            self.lines = {path: _LINE_END.split(d.source) for path, d in self.documents.items()}
            unsaved = {p: d.source.encode("utf-8", "replace") for p, d in self.documents.items()}
            self.result = self.project.check(self.today(), unsaved)
        return self.result

    def publish(self) -> None:
        """Show the diagnostics of every open file in the editor."""
        check = self.check()
        shown = {d.uri: self._diagnostics(path, check) for path, d in self.documents.items()}
        versions = {d.uri: d.version for d in self.documents.values()}
        for uri in self._uris | shown.keys():
            params = types.PublishDiagnosticsParams(uri, shown.get(uri, []), versions.get(uri))
            self.text_document_publish_diagnostics(params)
        self._uris = set(shown)

    def _diagnostics(self, path: str, check: LiveCheck) -> list[types.Diagnostic]:
        """Return the diagnostics of a file: its own, and others that point into it.

        If the project cannot be read, that is the one diagnostic of a card file.
        """
        diagnostics = in_order(check.outcome.diagnostics)
        own = [self.diagnostic(d) for d in diagnostics if d.span.path == path]
        others = [d for d in diagnostics if d.span.path != path]
        if check.outcome.value:
            pointing = [(d, span) for d in others for _, span in d.related if span.path == path]
            return [*own, *(self._pointing(d, span, NOTE) for d, span in pointing)]
        folders = tuple(f"{folder}/" for folder in self.project.card_folders)
        first = next((d for d in others if has_errors([d])), None)
        if first and path.startswith(folders):
            own.append(self._pointing(first, files.nowhere(path), ERROR))
        return own

    def diagnostic(self, d: Diagnostic) -> types.Diagnostic:
        """Return a diagnostic as the protocol has it."""
        return types.Diagnostic(
            range=self.range(d.span),
            message=d.message + (f"\nhelp: {advice}" if (advice := d.advice) else ""),
            severity=_SEVERITY[d.severity],
            code=d.code,
            source="deckwright",
            related_information=[self._related(label, span) for label, span in d.related],
        )

    def _pointing(self, d: Diagnostic, span: Span, severity: str) -> types.Diagnostic:
        """Return a diagnostic about another file, to be shown at `span`."""
        shown = self.diagnostic(d)
        shown.range = self.range(span)
        shown.message = f"{d.span.path}:{d.span.line}: {shown.message}"
        shown.severity = _SEVERITY[severity]
        related = [self._related("the problem is here", d.span)]
        shown.related_information = [*related, *(shown.related_information or ())]
        return shown

    def _related(self, label: str, span: Span) -> types.DiagnosticRelatedInformation:
        return types.DiagnosticRelatedInformation(self.location(span), label)

    def location(self, span: Span) -> types.Location:
        """Return a span as a location."""
        document = self.documents.get(span.path)
        uri = document.uri if document else self.project.uri(span.path)
        return types.Location(uri, self.range(span))

    def range(self, span: Span) -> types.Range:
        """Return a span as a range."""
        start, end = (self._position(span.source, at) for at in (span.start, span.end))
        return types.Range(start, end)

    def _position(self, source: Source, offset: int) -> types.Position:
        """Return the position of an offset in the editor's text.

        Characters that are not composed there are composed (NFC) in the Source.
        """
        place = source.span(offset, offset)
        line = self._line(source, place.line - 1)
        lengths = range(len(line) + 1)
        count = bisect_right(lengths, place.column - 1, key=lambda n: len(_composed(line[:n]))) - 1
        units = self.workspace.position_codec.client_num_units(line[:count])
        return types.Position(place.line - 1, units)

    def offset(self, source: Source, position: types.Position) -> int:
        """Return the offset in a Source of a position in the editor's text."""
        line = self._line(source, position.line)
        place = types.Position(0, position.character)
        codec = self.workspace.position_codec
        count = codec.position_from_client_units([f"{line}\n"], place).character
        return source.offset(position.line) + len(_composed(line[:count]))

    def _line(self, source: Source, number: int) -> str:
        lines = self.lines.get(source.path, ())
        return lines[number] if number < len(lines) else source.line(number)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def serve(
    folder: Path,
    overlay: Path | None,
    today: Callable[[], date],
    incoming: BinaryIO,
    outgoing: BinaryIO,
) -> int:
    """Serve an editor until it sends `exit` or closes the stream.

    Returns the exit code of the protocol: 0 after `shutdown`, else 1.
    """
    logging.getLogger("pygls").setLevel(logging.ERROR)
    server = CardServer(LiveProject(folder, overlay), today)
    for method in (
        types.TEXT_DOCUMENT_DID_OPEN,
        types.TEXT_DOCUMENT_DID_CHANGE,
        types.TEXT_DOCUMENT_DID_CLOSE,
        types.TEXT_DOCUMENT_DID_SAVE,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
    ):
        server.feature(method)(_changed)
    server.feature(types.INITIALIZED)(_initialized)
    server.feature(types.SHUTDOWN)(_shutdown)
    triggers = types.CompletionOptions(trigger_characters=[" ", ":", "-"])
    server.feature(types.TEXT_DOCUMENT_COMPLETION, triggers)(_completion)
    server.feature(types.TEXT_DOCUMENT_HOVER)(_hover)
    server.feature(types.TEXT_DOCUMENT_DEFINITION)(_definition)
    server.feature(types.TEXT_DOCUMENT_FORMATTING)(_formatting)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION)(_code_actions)
    server.start_io(incoming, outgoing)
    return server.exit_code


async def _changed(ls: CardServer, params: Any) -> None:
    """Check the project once there is no further change for a moment."""
    ls.result = None
    ls.changes += 1
    changes = ls.changes
    await asyncio.sleep(PAUSE)
    if changes == ls.changes:
        ls.publish()


def _initialized(ls: CardServer, params: types.InitializedParams) -> None:
    """Ask the editor to report changes of files, if it can."""
    workspace = ls.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if watching and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher("**/{cards,decks,schema}/**")]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registration = types.Registration("files", method, options)
        ls.client_register_capability(types.RegistrationParams([registration]))


def _shutdown(ls: CardServer, params: None) -> None:
    ls.exit_code = 0


def _source(ls: CardServer, document: types.TextDocumentIdentifier) -> Source | None:
    """Return the text of an open card file; None if it is none, or cannot be read."""
    checked = ls.check().outcome.value
    paths = {path for path, d in ls.documents.items() if d.uri == document.uri}
    sources = checked.files.sources if checked else ()
    return next((source for source in sources if source.path in paths), None)


def _word(
    ls: CardServer, document: types.TextDocumentIdentifier, position: types.Position
) -> MetadataWord | None:
    """Return the word at a position, if it is one of a card's metadata."""
    source = _source(ls, document)
    return metadata_word(source, ls.offset(source, position)) if source else None


def _completion(ls: CardServer, params: types.CompletionParams) -> types.CompletionList | None:
    word = _word(ls, params.text_document, params.position)
    if word is None:
        return None
    every = proposals(word, ls.check())
    fitting = every if len(every) <= _MOST else [t for t in every if word.span.text in t.name]
    text = word.span.source.text
    blank = " " if text[word.span.start - 1] == ":" else ""
    colon = ": " if word.is_key and text[word.span.end :][:1] != ":" else ""
    items = [
        types.CompletionItem(
            label=term.name,
            kind=types.CompletionItemKind.Value,
            detail=shortened(term.title, _MAX_DETAIL),
            documentation=types.MarkupContent(types.MarkupKind.Markdown, term.about),
            sort_text=f"{number:05}",
            filter_text=term.name,
            text_edit=types.TextEdit(ls.range(word.span), f"{blank}{term.name}{colon}"),
        )
        for number, term in enumerate(fitting[:_MOST])
    ]
    return types.CompletionList(is_incomplete=len(every) > _MOST, items=items)


def _hover(ls: CardServer, params: types.HoverParams) -> types.Hover | None:
    word = _word(ls, params.text_document, params.position)
    if word is None:
        return None
    known = {term.name: term for term in terms(word, ls.check())}
    if word.span.text not in known:
        return None
    explanation = known[word.span.text].explanation
    contents = types.MarkupContent(types.MarkupKind.Markdown, explanation)
    return types.Hover(contents, ls.range(word.span))


def _definition(ls: CardServer, params: types.DefinitionParams) -> types.Location | None:
    word = _word(ls, params.text_document, params.position)
    span = definition(word, ls.check(), ls.project) if word and not word.is_key else None
    return ls.location(span) if span else None


def _formatting(
    ls: CardServer, params: types.DocumentFormattingParams
) -> list[types.TextEdit] | None:
    """Return one edit that replaces the text, if the file has no errors."""
    source, checked = _source(ls, params.text_document), ls.check().outcome.value
    if source is None or checked is None:
        return None
    project = checked.project
    text, diagnostics = formatted(source, tuple(project.card_schema.properties))
    if text is None:
        first = next(d for d in in_order(diagnostics) if has_errors([d]))
        place = f"{first.span.path}:{first.span.line}"
        message = f"{place}: the file wasn't formatted: {first.message}"
        ls.window_log_message(types.LogMessageParams(types.MessageType.Warning, message))
        return None
    if text == source.text:
        return []
    line_end = _LINE_END.search(ls.documents[source.path].source)
    whole = ls.range(source.span(0, len(source.text)))
    return [types.TextEdit(whole, text.replace("\n", line_end[0] if line_end else "\n"))]


def _code_actions(ls: CardServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return the fixes for diagnostics in a range, as far as these have one."""
    source = _source(ls, params.text_document)
    only = params.context.only
    if source is None or (only and types.CodeActionKind.QuickFix not in only):
        return []
    actions = []
    for d in in_order(ls.check().outcome.diagnostics):
        if d.span.path != source.path or d.replacement is None:
            continue
        place = ls.range(d.span)
        if place.start <= params.range.end and params.range.start <= place.end:
            edits = {params.text_document.uri: [types.TextEdit(place, d.replacement)]}
            title = f"Replace with `{d.replacement}`" if d.replacement else "Delete this"
            actions.append(
                types.CodeAction(
                    title,
                    types.CodeActionKind.QuickFix,
                    diagnostics=[ls.diagnostic(d)],
                    is_preferred=True,
                    edit=types.WorkspaceEdit(changes=edits),
                )
            )
    return actions
