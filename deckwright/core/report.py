"""Diagnostics as text with carets, as JSON, or as annotations for a code host.

Returns strings and prints nothing.
"""

from __future__ import annotations

import json
import posixpath
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from deckwright.core.diagnostics import ERROR, NOTE, WARNING, Diagnostic, in_order
from deckwright.core.source import Span
from deckwright.core.wording import count

WIDTH = 160  # characters of a line of text that are shown around a problem
_LEAD = 30  # of these, characters before the problem
_NEARBY = 20  # characters at either end in which a long line is cut between words


SHOWN = 3  # warnings and notes of one code in a shortened report


def text(diagnostics: Iterable[Diagnostic], prefix: str = "") -> str:
    """`file:line:col: error CODE: message`, the line with carets, the help, and more.

    `prefix` is the path from the current folder to the project's, or empty.
    """
    return "\n".join(_paragraph(d, prefix) for d in in_order(diagnostics))


def shortened(diagnostics: Iterable[Diagnostic]) -> tuple[tuple[Diagnostic, ...], dict[str, int]]:
    """All errors and the first SHOWN warnings and notes of each code, in order of place.

    Also returns how many are left out, by code.
    """
    kept: list[Diagnostic] = []
    seen: Counter[str] = Counter()
    for d in in_order(diagnostics):
        seen[d.code] += d.severity != ERROR
        if seen[d.code] <= SHOWN:
            kept.append(d)
    return tuple(kept), {code: n - SHOWN for code, n in sorted(seen.items()) if n > SHOWN}


def as_json(diagnostics: Iterable[Diagnostic], prefix: str = "") -> str:
    """A JSON object with the number of its format and a list of diagnostics."""
    objects = [_object(d, prefix) for d in in_order(diagnostics)]
    body = {"format": 1, "diagnostics": objects}
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def github(diagnostics: Iterable[Diagnostic], prefix: str = "") -> str:
    """Workflow commands of GitHub Actions, which a code host shows next to the line."""
    return "".join(_annotation(d, prefix) for d in in_order(diagnostics))


FORMATS: dict[str, Callable[..., str]] = {"text": text, "json": as_json, "github": github}


def summary(diagnostics: Iterable[Diagnostic], cards: int, files: int, effect: str = "") -> str:
    """One line: how much was checked, what an overlay does, and how many problems there are."""
    read = f"{count(cards, 'card')} in {count(files, 'file')}{effect and f' ({effect})'}"
    return f"{read}: {problems(diagnostics)}"


def problems(diagnostics: Iterable[Diagnostic]) -> str:
    """How many errors, warnings, and notes there are, in words."""
    every = in_order(diagnostics)
    numbers = {word: sum(d.severity == word for d in every) for word in (ERROR, WARNING, NOTE)}
    parts = [count(number, word) for word, number in numbers.items() if number]
    return " and ".join(parts) or "no problems"


def _paragraph(d: Diagnostic, prefix: str) -> str:
    head = f"{_place(d.span, prefix)}: {d.severity} {d.code}: {printable(d.message)}"
    out = [head, *_excerpt(d.span)]
    if advice := d.advice:
        out.append(f"  help: {printable(advice)}")
    for label, span in d.related:
        out += [f"  {_place(span, prefix)}: {label}", *_excerpt(span)]
    return "\n".join(out) + "\n"


def _place(span: Span, prefix: str) -> str:
    return f"{_path(span, prefix)}:{span.line}:{span.column}"


def _path(span: Span, prefix: str) -> str:
    return printable(posixpath.normpath(posixpath.join(prefix, span.path)))


def printable(text: str) -> str:
    """Text in which a character that cannot be printed is shown by its number."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _excerpt(span: Span) -> list[str]:
    """The first line of the span with carets; nothing if the text is unknown."""
    if not span.source.text:
        return []
    line = span.source.line(span.line - 1)
    start = span.column - 1
    length = min(span.end - span.start, len(line) - start)
    shown, lead = _window(line, start, length)
    before = "".join("\t" if c == "\t" else " " * _columns(c) for c in shown[:lead])
    carets = "^" * max(1, sum(_columns(c) for c in shown[lead : lead + length]))
    visible = "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in shown)
    return [f"{span.line:>5} | {visible}", f"      | {before}{carets}"]


def _window(line: str, start: int, length: int) -> tuple[str, int]:
    """The part of a long line around a problem, and where the problem begins in it.

    An ellipsis is where the line was cut: between two words if there is a space nearby,
    and not in the problem if all of it is visible.
    """
    if len(line) <= WIDTH:
        return line, start
    begin = max(0, min(start - _LEAD, len(line) - WIDTH))
    end = begin + WIDTH
    before = after = ""
    if begin > 0:
        space = line.find(" ", begin + 1, begin + _NEARBY)
        before, begin = ("… ", space + 1) if space > 0 else ("…", begin + 1)
    if end < len(line):
        earliest = max(end - _NEARBY, start + 1)
        if start + length < end:
            earliest = max(earliest, start + length)
        space = line.rfind(" ", earliest, end - 1)
        after, end = (" …", space) if space > 0 else ("…", end - 1)
    return before + line[begin:end] + after, len(before) + start - begin


def _columns(char: str) -> int:
    """How many columns of a terminal a character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _object(d: Diagnostic, prefix: str) -> dict[str, Any]:
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "help": d.advice,
        **_range(d.span, prefix),
        "related": [{"label": label, **_range(span, prefix)} for label, span in d.related],
    }


def _range(span: Span, prefix: str) -> dict[str, Any]:
    return {
        "path": _path(span, prefix),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _annotation(d: Diagnostic, prefix: str) -> str:
    level = "notice" if d.severity == NOTE else d.severity
    lines = f"line={d.span.line},endLine={d.span.end_line}"
    columns = f"col={d.span.column},endColumn={d.span.end_column}"
    place = f"file={_property(_path(d.span, prefix))},{lines},{columns}"
    body = d.message + (f"\nhelp: {advice}" if (advice := d.advice) else "")
    return f"::{level} {place},title={_property(d.code)}::{_data(body)}\n"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
