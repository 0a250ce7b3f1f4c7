"""TOML files that keep to a schema, with the place of every value: the ground under vocabulary, note types and project."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Source, Span
from deckwright.core.suggest import nearest
from deckwright.project.schema import NotASchemaError, Schema


@dataclass(frozen=True)
class Table:
    """A TOML file with its text, so that a complaint can point into it."""

    source: Source
    data: dict[str, Any]

    def key(self, *path: str | int) -> Span:
        """Span of the name at the end of `path`, as the file writes it."""
        value = self.place(*path)
        line = self.source.offset(value.line - 1)
        match = re.compile(r"\s*([\w-]+)\s*=").match(self.source.text, line)
        return self.source.span(match.start(1), match.end(1)) if match else value

    def entry(self, name: str) -> Span:
        """Span of the text `name = "<name>"`, for entries of inline tables; the first line where there is none."""
        match = re.search(rf'name = "{re.escape(name)}"', self.source.text)
        return self.source.span(match.start(), match.end()) if match else self.place()

    def place(self, *path: str | int) -> Span:
        """Span of the line that gives `path`, as ("topic", 3, "slug"); as near as it can be found."""
        text = self.source.text
        at, end = 0, len(text)
        if len(path) > 1 and isinstance(path[1], int):
            heads = [
                m.start() for m in re.finditer(rf"(?m)^\[\[{re.escape(str(path[0]))}\]\]", text)
            ]
            if path[1] < len(heads):
                at = heads[path[1]]
                following = re.compile(r"(?m)^\[").search(text, at + 2)
                end = following.start() if following else end
        for name in [str(p) for p in path if isinstance(p, str)][::-1]:
            if match := re.compile(rf"(?m)^\s*{re.escape(name)}\s*=\s*(.*?)\s*$").search(
                text, at, end
            ):
                return self.source.span(match.start(1), max(match.end(1), match.start(1) + 1))
        line_end = text.find("\n", at)
        return self.source.span(at, line_end if line_end >= 0 else len(text))


class Reader:
    """Reads files of one project and gathers the complaints on the way, so that all of them come in one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diagnostics: list[Diagnostic] = []
        self._contracts: dict[str, Schema | None] = {}

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        help_line: str = "",
        related: tuple[tuple[str, Span], ...] = (),
    ) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, help_line, related))

    def unknown(self, kind: str, slug: str, known: Iterable[str], span: Span) -> None:
        """Complains of a name that stands for nothing."""
        hint = nearest(slug, known) or f"add it to schema/vocabulary/ as a [[{kind.split()[0]}]]"
        self.error("V805", f"there is no {kind} `{slug}`", span, hint)

    def text(self, path: str) -> Source | None:
        """A text file, or None with a complaint."""
        outcome = files.read_source(self.folder, path, "V801")
        self.diagnostics.extend(outcome.diagnostics)
        return outcome.values[0] if outcome.values else None

    def contract(self, path: str) -> Schema | None:
        """A JSON Schema, read once."""
        if path not in self._contracts:
            self._contracts[path] = None
            if source := self.text(path):
                try:
                    self._contracts[path] = Schema(source.text)
                except NotASchemaError as error:
                    at = min(error.offset, len(source.text))
                    place = source.span(at, min(at + 1, len(source.text)))
                    self.error(
                        "V802",
                        f"this is no usable JSON Schema: {error}",
                        place,
                        "mend the line; see https://json-schema.org",
                    )
        return self._contracts[path]

    def table(self, path: str, schema: str) -> Table | None:
        """A TOML file that keeps to its schema, or None with complaints."""
        contract = self.contract(schema)
        source = self.text(path)
        if source is None or contract is None:
            return None
        try:
            table = Table(source, tomllib.loads(source.text))
        except tomllib.TOMLDecodeError as error:
            self.diagnostics.append(_toml_diagnostic(source, error))
            return None
        except RecursionError:
            self.error(
                "V802", "this is nested too deeply", source.lines_span(0, 1), "write it flat"
            )
            return None
        diagnostics = contract.violations(table.data)
        for diagnostic in diagnostics:
            place = (
                table.key(*diagnostic.path, diagnostic.key)
                if diagnostic.rule == "unknown"
                else table.place(*diagnostic.path)
            )
            self.error("V803", diagnostic.message, place, diagnostic.help)
        return None if diagnostics else table


def _toml_diagnostic(source: Source, error: tomllib.TOMLDecodeError) -> Diagnostic:
    text = str(error)
    match = re.search(r"\(at line (\d+), column (\d+)\)", text)
    if match:
        at = min(source.offset(int(match[1]) - 1) + int(match[2]) - 1, len(source.text))
    else:
        at = len(source.text)
    message = re.sub(r"\s*\(at .*\)$", "", text)
    return Diagnostic(
        "V802",
        f"this is not TOML: {message[:1].lower()}{message[1:]}",
        source.span(at, at + 1),
        "mend the line; https://toml.io shows the form",
    )
