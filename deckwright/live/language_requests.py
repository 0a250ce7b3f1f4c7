"""The requests of the language server: what an editor asks about an open card file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from deckwright.cards.formatter import formatted
from deckwright.core.card import RawCard
from deckwright.core.diagnostics import WARNING, Diagnostic, has_errors, in_order
from deckwright.core.source import Source
from deckwright.live import key_completion, language_features
from deckwright.live.editor_state import EditorState, source_of
from deckwright.live.key_completion import Completion, Snapshot
from deckwright.live.lsp_values import (
    MARKDOWN,
    PLAIN_TEXT,
    lookup,
    position_in,
    range_between,
)
from deckwright.live.session import root_of
from deckwright.live.text_documents import Document, Position

QUICK_FIX = "quickfix"  # a CodeActionKind

_COMPLETION_KIND = {  # CompletionItemKind: Property, Value, Reference, Text
    key_completion.KEY: 10,
    key_completion.TERM: 12,
    key_completion.CARD: 18,
    key_completion.TEXT: 1,
}
_SYMBOL_KIND = 5  # SymbolKind: Class


class _Place(NamedTuple):
    """A place in an open card file, and the project as it was last checked."""

    document: Document
    source: Source
    offset: int
    snapshot: Snapshot


class Requests:
    """The handlers of requests. Each takes the parameters and returns the result.

    A handler raises RequestError if the parameters are malformed.
    """

    def __init__(self, state: EditorState) -> None:
        self._state = state
        self.handlers: dict[str, Callable[[Any], Any]] = {
            "textDocument/completion": self._completion,
            "textDocument/hover": self._hover,
            "textDocument/definition": self._definition,
            "textDocument/documentSymbol": self._symbols,
            "textDocument/formatting": self._formatting,
            "textDocument/codeAction": self._code_actions,
        }

    def _place(self, params: Any) -> _Place | None:
        """Return the place that `params` name; None if it is in no card file."""
        document = self._state.document(params)
        if self._state.latest is None:
            self._state.check()
        snapshot, source = self._state.session.snapshot, source_of(document)
        root = root_of(document.path, snapshot.project) if snapshot else None
        if snapshot is None or source is None or root is None:
            return None
        source = replace(source, root=root.path, namespace=root.namespace)
        at = position_in(params, "position") if "position" in params else Position(0, 0)
        return _Place(document, source, document.source_offset(source, at), snapshot)

    def _completion(self, params: Any) -> Any:
        place = self._place(params)
        if place is None:
            return []
        offer = language_features.completions(place.source, place.offset, place.snapshot)
        items = [self._item(one, n, place.document) for n, one in enumerate(offer.items)]
        return items if offer.complete else {"isIncomplete": True, "items": items}

    def _item(self, one: Completion, number: int, document: Document) -> dict[str, Any]:
        return {
            "label": one.label,
            "kind": _COMPLETION_KIND[one.kind],
            "sortText": f"{number:05}",
            "filterText": one.label,
            "textEdit": {"range": self._state.range(one.span, document), "newText": one.text},
            **({"detail": one.detail} if one.detail else {}),
            **({"documentation": one.about} if one.about else {}),
        }

    def _hover(self, params: Any) -> Any:
        place = self._place(params)
        if place is None:
            return None
        found = language_features.hover(place.source, place.offset, place.snapshot)
        if found is None:
            return None
        contents = {"kind": MARKDOWN, "value": found.text}
        if not self._state.capabilities.markdown:
            contents = {"kind": PLAIN_TEXT, "value": found.text.replace("**", "")}
        return {"contents": contents, "range": self._state.range(found.span, place.document)}

    def _definition(self, params: Any) -> Any:
        self._state.current()  # places in an older text would be wrong
        place = self._place(params)
        if place is None:
            return None
        tables = self._state.session.vocabulary_tables()
        found = language_features.definition(place.source, place.offset, place.snapshot, tables)
        return self._state.location(found) if found else None

    def _symbols(self, params: Any) -> Any:
        place = self._place(params)
        if place is None:
            return []
        cards = self._state.session.cards(place.source)
        return [self._symbol(card, place.document) for card in cards]

    def _symbol(self, card: RawCard, document: Document) -> dict[str, Any]:
        symbol: dict[str, Any] = {"name": card.id.value, "kind": _SYMBOL_KIND}
        whole = self._state.range(card.span, document)
        if not self._state.capabilities.nested_symbols:
            return {**symbol, "location": {"uri": document.uri, "range": whole}}
        kind = next((f.value for f in card.metadata if f.name == "kind"), "")
        name = self._state.range(card.id.value_span, document)
        return {**symbol, "detail": kind, "range": whole, "selectionRange": name}

    def _formatting(self, params: Any) -> Any:
        place = self._place(params)
        if place is None:
            return None
        keys = tuple(place.snapshot.project.card_schema.properties)
        text, diagnostics = formatted(place.source, keys)
        if text is None:
            first = next(d for d in in_order(diagnostics) if has_errors([d]))
            where = f"{first.span.path}:{first.span.line}"
            message = f"{where}: the file was not formatted: {first.message}"
            self._state.connection.log(WARNING, message)
            return None
        edit = place.document.edit_to(text)
        return [{"range": range_between(*edit[:2]), "newText": edit[2]}] if edit else []

    def _code_actions(self, params: Any) -> Any:
        """Return the fixes for diagnostics in a range, as far as these have one."""
        document = self._state.document(params)
        first, last = position_in(params, "range", "start"), position_in(params, "range", "end")
        only = lookup(params, "context", "only")
        if isinstance(only, list) and not any(map(_includes_quick_fixes, only)):
            return []
        out = []
        for d, span in self._state.current().diagnostics_in(document.path):
            start, end = self._state.ends(span, document)
            if span is d.span and d.replacement is not None and start <= last and first <= end:
                out.append(self._fix(d, d.replacement, document))
        return out

    def _fix(self, d: Diagnostic, text: str, document: Document) -> dict[str, Any]:
        edit = {"range": self._state.range(d.span, document), "newText": text}
        return {
            "title": f"Replace with `{text}`" if text else "Delete this",
            "kind": QUICK_FIX,
            "diagnostics": [self._state.diagnostic(d, d.span, document)],
            "isPreferred": True,
            "edit": {"changes": {document.uri: [edit]}},
        }


def _includes_quick_fixes(kind: Any) -> bool:
    """Return whether a CodeActionKind is that of quick fixes or a more general one."""
    return isinstance(kind, str) and QUICK_FIX.startswith(kind)
