"""Stage 7: Diagnostics → text with carets, JSON, or annotations for a code host. Returns strings; prints nothing."""

from __future__ import annotations

import json
import posixpath
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from deckwright.core.diagnostics import ERROR, NOTE, WARNING, Diagnostic, in_order
from deckwright.core.source import Span


def text(diagnostics: Iterable[Diagnostic], prefix: str = "") -> str:
    """`file:line:col: error CODE: message`, the line with a caret under the range, what to type, related places."""
    return "\n".join(_paragraph(d, prefix) for d in in_order(diagnostics))


def as_json(diagnostics: Iterable[Diagnostic], prefix: str = "") -> str:
    """A JSON array with one object per complaint."""
    return (
        json.dumps(
            [_object(d, prefix) for d in in_order(diagnostics)], ensure_ascii=False, indent=2
        )
        + "\n"
    )


def github(diagnostics: Iterable[Diagnostic], prefix: str = "") -> str:
    """Workflow commands that a code host shows beside the line (GitHub Actions, "workflow commands")."""
    return "".join(_annotation(d, prefix) for d in in_order(diagnostics))


FORMATS: dict[str, Callable[..., str]] = {"text": text, "json": as_json, "github": github}


def summary(diagnostics: Iterable[Diagnostic], cards: int, files: int) -> str:
    """One line: what was looked at and what was found."""
    return f"{_count(cards, 'card')} in {_count(files, 'file')}: {found(diagnostics)}"


def found(diagnostics: Iterable[Diagnostic]) -> str:
    """How many errors and warnings, in words."""
    every = in_order(diagnostics)
    parts = [
        _count(n, word)
        for word in (ERROR, WARNING, NOTE)
        if (n := sum(d.severity == word for d in every))
    ]
    return " and ".join(parts) or "nothing to complain about"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _paragraph(d: Diagnostic, prefix: str) -> str:
    out = [
        f"{_place(d.span, prefix)}: {d.severity} {d.code}: {printable(d.message)}",
        *_excerpt(d.span),
    ]
    if d.help:
        out.append(f"  help: {printable(d.help)}")
    for label, span in d.related:
        out += [f"  {_place(span, prefix)}: {label}", *_excerpt(span)]
    return "\n".join(out) + "\n"


def _place(span: Span, prefix: str) -> str:
    return f"{_path(span, prefix)}:{span.line}:{span.column}"


def _path(span: Span, prefix: str) -> str:
    return printable(posixpath.normpath(posixpath.join(prefix, span.path)))


def printable(text: str) -> str:
    """Text that no terminal takes for a command: what cannot be printed is shown by its number."""
    return (
        text
        if text.isprintable()
        else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    )


def _excerpt(span: Span) -> list[str]:
    """The first line of the span and a caret line under it; nothing where the text is not known."""
    line = span.source.line(span.line - 1)
    if not span.source.text:
        return []
    start = span.column - 1
    length = min(span.end - span.start, len(line) - start)
    shown, lead = _window(line, start, length)
    before = "".join("\t" if c == "\t" else " " * _width(c) for c in shown[:lead])
    carets = "^" * max(1, sum(_width(c) for c in shown[lead : lead + length]))
    margin = f"{span.line:>5} | "
    return [
        margin + "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in shown),
        " " * 6 + "| " + before + carets,
    ]


def _window(line: str, start: int, length: int, width: int = 160) -> tuple[str, int]:
    """A long line is shown around the place that matters."""
    if len(line) <= width:
        return line, start
    begin = max(0, min(start - 20, len(line) - width))
    return line[begin : begin + width], start - begin


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _object(d: Diagnostic, prefix: str) -> dict[str, Any]:
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "help": d.help,
        **_where(d.span, prefix),
        "related": [{"label": label, **_where(span, prefix)} for label, span in d.related],
    }


def _where(span: Span, prefix: str) -> dict[str, Any]:
    return {
        "path": _path(span, prefix),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _annotation(d: Diagnostic, prefix: str) -> str:
    level = "notice" if d.severity == NOTE else d.severity
    place = f"file={_property(_path(d.span, prefix))},line={d.span.line},endLine={d.span.end_line},col={d.span.column},endColumn={d.span.end_column}"
    body = d.message + (f"\nhelp: {d.help}" if d.help else "")
    return f"::{level} {place},title={_property(d.code)}::{_data(body)}\n"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
