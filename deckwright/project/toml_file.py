"""Read TOML files that follow a schema, and find the places of their values."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from deckwright.core import files, shipped
from deckwright.core.diagnostics import Diagnostic, Outcome
from deckwright.core.source import Source, Span
from deckwright.core.suggest import nearest
from deckwright.project.schema import NotASchemaError, Schema, Violation

T = TypeVar("T")


@dataclass(frozen=True)
class Table:
    """A TOML file: its text, so that a diagnostic can point into it, and its values."""

    source: Source
    data: dict[str, Any]

    def key(self, *path: str | int) -> Span:
        """Span of the name at the end of `path`, as the file writes it."""
        value = self.place(*path)
        line = self.source.offset(value.line - 1)
        match = re.compile(r"\s*([\w-]+)\s*=").match(self.source.text, line)
        return self.source.span(match.start(1), match.end(1)) if match else value

    def entry(self, name: str) -> Span:
        """Span of `name = "<name>"` in an inline table; else of the first line."""
        match = re.search(rf'name = "{re.escape(name)}"', self.source.text)
        return self.source.span(match.start(), match.end()) if match else self.place()

    def place(self, *path: str | int) -> Span:
        """Span of the value at `path`, such as ("topic", 3, "slug").

        If the file has no such value, the span of the head of the table that it belongs
        to, or of the first line.
        """
        text = self.source.text
        start, end = self._table(*path[:2])
        for name in [str(step) for step in path if isinstance(step, str)][::-1]:
            value = re.compile(rf"(?m)^\s*{re.escape(name)}\s*=\s*(.*?)\s*$")
            if match := value.search(text, start, end):
                return self.source.span(match.start(1), max(match.end(1), match.start(1) + 1))
        head = re.search(rf"(?m)^\[+{re.escape(str(path[-1]))}\]", text) if len(path) == 1 else None
        start = head.start() if head else start
        line_end = text.find("\n", start)
        return self.source.span(start, line_end if line_end >= 0 else len(text))

    def _table(self, *path: str | int) -> tuple[int, int]:
        """Start and end of the table with a value such as ("topic", 3, "slug") or ("site", "home");
        else of the file.
        """
        text = self.source.text
        name = re.escape(str(path[0])) if len(path) > 1 else "(?!)"
        heads = [m.start() for m in re.finditer(rf"(?m)^\[\[?{name}\]", text)]
        number = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
        if number >= len(heads):
            return 0, len(text)
        start = heads[number]
        following = re.compile(r"(?m)^\[").search(text, start + 2)
        return start, following.start() if following else len(text)


class Reader:
    """Reads the files of one project and collects what is wrong with any of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diagnostics: list[Diagnostic] = []
        self._schemas: dict[str, Schema | None] = {}

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        help_line: str = "",
        related: tuple[tuple[str, Span], ...] = (),
    ) -> None:
        """Record a diagnostic."""
        self.diagnostics.append(Diagnostic(code, message, span, help_line, related))

    def unknown(
        self, kind: str, slug: str, known: Iterable[str], span: Span, entry: str = ""
    ) -> None:
        """Record that a name is not in the vocabulary. `entry` is the kind of what names it."""
        hint = nearest(slug, known)
        if not hint:
            hint = f"add it to schema/vocabulary/ as `[[{kind.split()[0]}]]`"
            hint += f", or delete this `[[{entry}]]`" if entry else ""
        self.error("V805", f"there is no {kind} `{slug}`", span, hint)

    def repeated(self, message: str, span: Span, first: Span, help_line: str) -> None:
        """Record that something was given before, at `first`."""
        self.error("V804", message, span, help_line, (("first used here", first),))

    def text(
        self, path: str, named: Span | None = None, folder: Path | None = None
    ) -> Source | None:
        """Return a text file, or None and record why it cannot be read.

        `named` is the place that names the file, if one does. `folder` is where it is, if
        not in the project.
        """
        outcome = files.read_source(folder or self.folder, path, "V801")
        for problem in outcome.diagnostics:
            if named:
                help_line = f"{problem.help}, or correct the line that names it"
                problem = replace(problem, help=help_line, related=(("named here", named),))
            self.diagnostics.append(problem)
        return outcome.value

    def optional(self, path: str, parse: Callable[[Source], Outcome[T]]) -> T | None:
        """Return what `parse` makes of a file that may be missing.

        None if it is missing, or if it has errors, which are recorded.
        """
        source = self.text(path) if (self.folder / path).exists() else None
        if source is None:
            return None
        outcome = parse(source)
        self.diagnostics.extend(outcome.diagnostics)
        return outcome.value

    def schema(self, path: str) -> Schema | None:
        """Return a JSON Schema, or None and record why, once, if it cannot be used.

        If the project does not have the file, the compiler's own is used.
        """
        if path not in self._schemas:
            own = os.path.lexists(self.folder / path)
            source = self.text(path, folder=self.folder if own else shipped.FOLDER)
            self._schemas[path] = self._parsed_schema(source) if source else None
        return self._schemas[path]

    def _parsed_schema(self, source: Source) -> Schema | None:
        try:
            return Schema(source.text)
        except NotASchemaError as error:
            at = min(error.offset, len(source.text))
            place = source.span(at, min(at + 1, len(source.text)))
            message = f"this isn't a usable JSON Schema: {error}"
            help_line = "fix the file; https://json-schema.org describes the format"
            if error.offset:
                help_line = "fix this line or the one above it; https://www.json.org describes JSON"
            self.error("V802", message, place, help_line)
            return None

    def table(self, path: str, schema_path: str) -> Table | None:
        """Return a TOML file that follows its schema, or None; record what is wrong.

        A wrong entry that may be missing is left out, and the rest of the file counts.
        """
        schema = self.schema(schema_path)
        source = self.text(path)
        if source is None or schema is None:
            return None
        try:
            table = Table(source, tomllib.loads(source.text))
            if _has_long_number(table.data):
                raise ValueError
        except tomllib.TOMLDecodeError as error:
            self.diagnostics.append(_toml_diagnostic(source, error))
            return None
        except ValueError:  # also Python's, for more than 4,300 digits
            longest = max(re.finditer(r"\b\d\w*", source.text), key=lambda found: len(found[0]))
            place = source.span(*longest.span())
            self.error("V802", "this number is too long", place, "write at most 18 digits")
            return None
        except RecursionError:
            place = source.lines_span(0, 1)
            self.error("V802", "this file is nested too deeply", place, "use fewer levels")
            return None
        violations = schema.violations(table.data)
        for violation in violations:
            if violation.rule == "unknown":
                place = table.key(*violation.path, violation.key)
            else:
                place = table.place(*violation.path)
            self.error("V803", violation.message, place, _advice(violation))
        _remove(table.data, violations)
        left = schema.violations(table.data) if violations else ()
        return None if any(one.rule != "uniqueItems" for one in left) else table


def _remove(data: Any, violations: Iterable[Violation]) -> None:
    """Remove the values that violate a schema, inner ones and last ones first."""
    paths = {
        (*one.path, one.key) if one.rule == "unknown" else one.path
        for one in violations
        if one.rule not in ("missing", "uniqueItems")
    }
    for *way, last in sorted(filter(None, paths), reverse=True):
        parent = data
        for step in way:
            parent = parent[step]
        del parent[last]


def _has_long_number(value: Any) -> bool:
    """Return whether a value of TOML contains an integer that no message could show."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return any(map(_has_long_number, value))
    return isinstance(value, int) and value.bit_length() > 10_000  # 3,000 digits


def _advice(violation: Violation) -> str:
    """Return what a key means, in a sentence, and what to write."""
    text = violation.help.replace("; permanent", "; it can't change after a release")
    key = violation.key
    if violation.rule in ("unknown", "empty") or not text:
        return text
    if violation.rule != "missing" and key.isdigit():
        return text
    is_noun = text.startswith(("the ", "a ", "an "))
    if violation.rule == "missing":
        return f"add `{key}`, {text}" if is_noun else f"add `{key}`: {text}"
    write = "write a number without quotes; " if "whole number" in violation.message else ""
    return f"{write}`{key}` is {text}" if is_noun else f"{write}`{key}`: {text}"


def _toml_diagnostic(source: Source, error: tomllib.TOMLDecodeError) -> Diagnostic:
    text = str(error)
    match = re.search(r"\(at line (\d+), column (\d+)\)", text)
    if match:
        at = min(source.offset(int(match[1]) - 1) + int(match[2]) - 1, len(source.text))
    else:
        at = len(source.text)
    message = re.sub(r"\s*\(at .*\)$", "", text)
    help_line = "fix this line or the one above it; https://toml.io describes the format"
    if message == "Invalid value":
        help_line = "if the value is text, put it in quotes; https://toml.io describes the format"
    return Diagnostic(
        "V802",
        f"this isn't valid TOML: {message[:1].lower()}{message[1:]}",
        source.span(at, at + 1),
        help_line,
    )
