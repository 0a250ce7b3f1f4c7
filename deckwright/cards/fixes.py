"""Card files with the replacements that diagnostics name, as `check --fix` writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from deckwright.core.diagnostics import Diagnostic
from deckwright.core.source import Source


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A card file, its new text, and the diagnostics whose replacements are in it."""

    source: Source
    text: str
    fixed: tuple[Diagnostic, ...]


def fixed_files(diagnostics: Iterable[Diagnostic]) -> tuple[FixedFile, ...]:
    """Replace the spans of all diagnostics that have a replacement, and nothing else.

    If two spans of a file overlap, only the first one is replaced. The files are sorted
    by path.
    """
    by_path: dict[str, list[Diagnostic]] = {}
    for diagnostic in dict.fromkeys(diagnostics):
        if diagnostic.replacement is not None and diagnostic.span.source.text:
            by_path.setdefault(diagnostic.span.path, []).append(diagnostic)
    return tuple(_fixed(by_path[path]) for path in sorted(by_path))


def _fixed(diagnostics: list[Diagnostic]) -> FixedFile:
    source = diagnostics[0].span.source
    parts: list[str] = []
    applied: list[Diagnostic] = []
    at = 0
    for one in sorted(diagnostics, key=lambda d: d.order):
        if one.span.start >= at:
            parts += [source.text[at : one.span.start], one.replacement or ""]
            at = one.span.end
            applied.append(one)
    return FixedFile(source, "".join(parts) + source.text[at:], tuple(applied))
