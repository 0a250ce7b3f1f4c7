"""Values of the Language Server Protocol: reading what an editor sends, and ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deckwright.live import jsonrpc
from deckwright.live.text_documents import UTF8, UTF16, UTF32, Position

MARKDOWN, PLAIN_TEXT = "markdown", "plaintext"  # MarkupKind


class RequestError(Exception):
    """Why a message cannot be handled, with the code for the answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the editor can do, as far as it makes a difference."""

    encoding: str = UTF16
    related_information: bool = False
    nested_symbols: bool = False
    markdown: bool = False
    watches_files: bool = False
    relative_patterns: bool = False
    code_actions: bool = False


def capabilities(params: Any) -> Capabilities:
    """Read the capabilities from the parameters of `initialize`.

    What is malformed counts as absent.
    """
    sent = lookup(params, "capabilities")
    document, watching = lookup(sent, "textDocument"), ("workspace", "didChangeWatchedFiles")
    encodings = lookup(sent, "general", "positionEncodings")
    formats = lookup(document, "hover", "contentFormat")
    nested = lookup(document, "documentSymbol", "hierarchicalDocumentSymbolSupport")
    literals = lookup(document, "codeAction", "codeActionLiteralSupport")
    return Capabilities(
        encoding=_encoding(encodings if isinstance(encodings, list) else []),
        related_information=lookup(document, "publishDiagnostics", "relatedInformation") is True,
        nested_symbols=nested is True,
        markdown=isinstance(formats, list) and MARKDOWN in formats,
        watches_files=lookup(sent, *watching, "dynamicRegistration") is True,
        relative_patterns=lookup(sent, *watching, "relativePatternSupport") is True,
        code_actions=isinstance(literals, dict),
    )


def _encoding(offered: list[Any]) -> str:
    return next((one for one in offered if one in (UTF8, UTF16, UTF32)), UTF16)


def lookup(value: Any, *keys: str) -> Any:
    """Return the value under `keys` in nested objects; None if it is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def required(params: Any, kind: type, *keys: str) -> Any:
    """Return the value under `keys`; RequestError if it is missing or malformed."""
    value = lookup(params, *keys)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RequestError(jsonrpc.INVALID_PARAMS, f"`{'.'.join(keys)}` is missing or malformed")
    return value


def position_in(params: Any, *keys: str) -> Position:
    """Return the position under `keys`; raise RequestError if there is none."""
    line, character = (
        required(params, int, *keys, "line"),
        required(params, int, *keys, "character"),
    )
    if line < 0 or character < 0:
        raise RequestError(jsonrpc.INVALID_PARAMS, f"`{'.'.join(keys)}` is before the text")
    return Position(line, character)


def range_between(start: Position, end: Position) -> dict[str, Any]:
    """Return the range between two positions as the protocol writes it."""
    return {"start": start._asdict(), "end": end._asdict()}
