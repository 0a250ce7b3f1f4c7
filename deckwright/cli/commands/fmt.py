"""`fmt`: card files into their one normal form, written only if they compile to the same."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deckwright.cards.discover import discover
from deckwright.cards.formatter import formatted
from deckwright.core import files
from deckwright.core.diagnostics import Diagnostic
from deckwright.core.files import replace_file
from deckwright.core.source import Source, Span
from deckwright.project import project


@dataclass(frozen=True, slots=True)
class Formatted:
    """`changed`: files that were not in normal form; `unknown`: paths that name no card file of the project."""

    diagnostics: tuple[Diagnostic, ...]
    changed: tuple[str, ...] = ()
    looked_at: int = 0
    unknown: tuple[str, ...] = ()


def fmt(
    folder: Path, paths: tuple[Path, ...], write: bool, overlay: Path | None = None
) -> Formatted:
    """Formats the card files at `paths` (all, if there are none). A file with complaints about its shape is left alone and
    they are returned; without `write`, F902 for each file that would change."""
    loaded = project.load(folder, overlay)
    if not loaded.values:
        return Formatted(loaded.diagnostics)
    found = discover(loaded.values[0])
    sources = {s.path: s for s in found.values[0].sources}
    wanted, unknown = _wanted(folder, paths, sources)
    keys = tuple(loaded.values[0].card_schema.properties)
    diagnostics: list[Diagnostic] = [
        d for d in found.diagnostics if not sources or d.span.path in wanted or not paths
    ]
    diagnostics += [
        Diagnostic(
            "D101",
            "this is no card file of the project",
            files.nowhere(p),
            "name a file below a card folder",
        )
        for p in unknown
    ]
    changed: list[str] = []
    for path in wanted:
        outcome = formatted(sources[path], keys)
        diagnostics.extend(outcome[1])
        if outcome[0] is None or outcome[0].encode() == (folder / path).read_bytes():
            continue
        if write:
            unwritten = _replace(folder / path, path, outcome[0])
            diagnostics.extend(unwritten)
            changed.extend(() if unwritten else (path,))
        else:
            changed.append(path)
            diagnostics.append(
                Diagnostic(
                    "F902",
                    "the file is not in normal form",
                    _difference(sources[path], outcome[0]),
                    f"run `python build.py fmt {path}`",
                )
            )
    return Formatted(tuple(diagnostics), tuple(changed), len(wanted), unknown)


def summary(result: Formatted, only_check: bool) -> str:
    verb = "not in normal form" if only_check else "written in normal form"
    files_word = "file" if result.looked_at == 1 else "files"
    return f"{result.looked_at} {files_word} looked at, {len(result.changed)} {verb}" + "".join(
        f"\n  {p}" for p in result.changed
    )


def _wanted(
    folder: Path, paths: Iterable[Path], sources: dict[str, Source]
) -> tuple[list[str], tuple[str, ...]]:
    given = [Path(os.path.relpath(p, folder)).as_posix() for p in paths]
    if not given:
        return list(sources), ()
    wanted = [s for s in sources for g in given if s == g or s.startswith(g.rstrip("/") + "/")]
    unknown = tuple(
        g for g in given if not any(s == g or s.startswith(g.rstrip("/") + "/") for s in sources)
    )
    return list(dict.fromkeys(wanted)), unknown


def _difference(source: Source, text: str) -> Span:
    """The first line that would change."""
    old, new = source.text.split("\n"), text.split("\n")
    number = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)) - 1,
    )
    return source.lines_span(number, number + 1)


def _replace(path: Path, shown: str, text: str) -> tuple[Diagnostic, ...]:
    """Writes the whole file or complains."""
    try:
        replace_file(path, text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return (
            Diagnostic(
                "K701",
                f"the file cannot be written: {reason}",
                files.nowhere(shown),
                "look at the permissions; the file is as it was",
            ),
        )
    return ()
